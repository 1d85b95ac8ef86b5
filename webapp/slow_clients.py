"""Connections of clients that send or read slowly, or not at all: none of them keeps others out.

waitress reads requests and sends answers in one loop for all connections, so a slow one takes no thread; but it has no
deadline for a request that never ends or an answer that nobody reads, and accepts nobody once it has as many
connections as it may. The rules are those of Apache's mod_reqtimeout.
"""

import socket
import time
from contextlib import suppress

from waitress.channel import HTTPChannel

HEADER_SECONDS = 20
"""From the first byte of a request to the end of its header."""
PATIENCE_SECONDS = 30
"""For a body to arrive, or for an answer to be taken, beside what MIN_RATE adds for each byte."""
MIN_RATE = 500
"""Bytes per second, on average, that extend a deadline: a phone in a train has more."""

SPARE = 8
"""How far below waitress's limit room is made: its map has the listening sockets too, and those just given up."""
_FILES = 256
"""Open files beside connections: the program's own, the database's, the workers'."""


class TimedChannel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """A connection with deadlines, and one that makes room for a new one when there are too many."""

    def __init__(self, *arguments: object, **options: object) -> None:
        self.phase: object = None
        self.since = time.monotonic()
        self.moved = 0
        super().__init__(*arguments, **options)
        if len(self._map) > self.adj.connection_limit - SPARE:
            make_room(list(self.server.active_channels.values()), newest=self)

    def readable(self) -> bool:
        """Tell the loop whether to read; as it asks once a round, this is also where deadlines are looked at."""
        if not self.will_close and self.is_overdue(time.monotonic()):
            self.give_up()
        return bool(super().readable())

    def received(self, data: bytes) -> bool:
        """Count what comes."""
        self.moved += len(data)
        return bool(super().received(data))

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Count what goes."""
        sent = int(super().send(data, do_close))
        self.moved += sent
        return sent

    def is_overdue(self, now: float) -> bool:
        """Return whether what this connection is at has taken too long; a request that is being answered never has.

        One without a request is closed by waitress itself, after its channel_timeout.
        """
        sending = bool(self.total_outbufs_len)
        # The request itself: between two rounds of the loop one may end and the next begin.
        phase: object = "sending" if sending else self.request
        if phase is not self.phase:
            self.phase, self.since, self.moved = phase, now, 0
        if phase is None:
            return False
        if not sending and not self.request.headers_finished:
            return now - self.since > HEADER_SECONDS
        return now - self.since > PATIENCE_SECONDS + self.moved / MIN_RATE

    def give_up(self) -> None:
        """End it: waitress closes what is to be closed only once it can be written to, which a full one never can."""
        self.will_close = True
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


def make_room(channels: list[TimedChannel], *, newest: TimedChannel) -> None:
    """Give up the connection that has waited longest for its client; one that is being answered waits for nothing.

    Whatever it waits for: of any order among them, somebody could fill all places that come last.
    """
    waiting = [each for each in channels if each is not newest and not each.requests and not each.will_close]
    if waiting:
        min(waiting, key=lambda each: each.since).give_up()


def allow_files(connections: int) -> int:
    """Let this process open what so many connections need, each perhaps with a body on disk; return how many it can.

    Many systems give a process 1,024 open files unless it asks for more.
    """
    try:
        import resource  # noqa: PLC0415 - not on Windows, where sockets are no files
    except ImportError:  # pragma: no cover
        return connections
    wanted = 2 * connections + _FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    allowed = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
    return min(connections, max(16, (allowed - _FILES) // 2))
