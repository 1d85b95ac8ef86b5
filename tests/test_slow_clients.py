"""Slow and silent clients: each waits for itself only."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from waitress.adjustments import Adjustments

from tests.servers import fetch, serving
from webapp import slow_clients
from webapp.slow_clients import TimedChannel, allow_files, make_room

pytestmark = pytest.mark.servers


def silent(stack: contextlib.ExitStack, address: str, count: int) -> list[socket.socket]:
    """Open connections that say nothing, or half a line."""
    opened = []
    for number in range(count):
        one = stack.enter_context(socket.create_connection(("127.0.0.1", urlsplit(address).port)))
        if number % 2:
            one.sendall(b"GET / HT")
        one.setblocking(False)
        opened.append(one)
    return opened


def is_open(connection: socket.socket) -> bool:
    """Tell whether the server has left a connection alone."""
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


@pytest.mark.parametrize("count", [99, 500])
def test_silent_clients_keep_nobody_out(count: int):
    """An answer comes while all of them are still connected: not because the server has given them up."""
    with serving("--port", "0") as (_, address), contextlib.ExitStack() as stack:
        others = silent(stack, address, count)
        assert '"ok"' in fetch(f"{address}healthz")
        assert all(map(is_open, others))


def test_beyond_the_most_connections_those_that_wait_longest_make_room():
    """So there is always room for one more, however many are silent."""
    few = {"NODEFALL_MAX_CONNECTIONS": "40"}
    with serving("--port", "0", environ=few) as (_, address), contextlib.ExitStack() as stack:
        others = silent(stack, address, 200)
        assert '"ok"' in fetch(f"{address}healthz")
        assert not any(map(is_open, others[:150]))
        assert is_open(others[-1])


@dataclass
class Loop:
    """What a channel needs of waitress's server."""

    active_channels: dict[int, TimedChannel]

    def pull_trigger(self) -> None:
        """Wake nobody: there is no loop."""

    def add_task(self, _task: object) -> None:
        """Start nothing."""


@dataclass
class Clock:
    """A time that passes only when told so."""

    now: float = 0.0


@dataclass(frozen=True)
class Line:
    """A connection without a loop: its two ends, and the time."""

    client: socket.socket
    channel: TimedChannel
    clock: Clock

    def say(self, data: bytes) -> None:
        """Send, and let the server read and look at its deadlines."""
        self.client.sendall(data)
        self.channel.handle_read()
        assert not self.gone_after(0)

    def gone_after(self, seconds: float) -> bool:
        """Let time pass, and a round of the loop; return whether the connection has been given up."""
        self.clock.now += seconds
        self.channel.readable()
        return bool(self.channel.will_close)


@pytest.fixture(name="connect")
def _connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Line]]:
    """Give connections that all have one server and one clock."""
    clock, loop = Clock(), Loop({})
    monkeypatch.setattr(slow_clients.time, "monotonic", lambda: clock.now)
    with contextlib.ExitStack() as stack:

        def connect() -> Line:
            ours, theirs = (stack.enter_context(one) for one in socket.socketpair())
            channel = TimedChannel(loop, theirs, ("", 0), Adjustments(), map={})
            stack.callback(channel.handle_close)
            return Line(ours, channel, clock)

        yield connect


def test_a_header_has_twenty_seconds_however_it_drips(connect: Callable[[], Line]):
    """One byte a second for ever is the cheapest way to hold a connection."""
    line = connect()
    line.say(b"GET / HTTP/1.1\r\n")
    for _ in range(slow_clients.HEADER_SECONDS):
        line.say(b"X")
        line.clock.now += 1
    assert line.gone_after(1)
    assert line.client.recv(1) == b""


@pytest.mark.parametrize(("rate", "gone"), [(100, True), (1000, False)])
def test_a_body_may_be_slow_but_not_endless(connect: Callable[[], Line], rate: int, gone: bool):
    """A phone in a train gets its upload through; who sends a hundred bytes a second does not mean to."""
    line = connect()
    line.say(b"POST /upload HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")
    over = 0
    while over < 100 and not line.gone_after(10):
        line.client.sendall(b"#" * rate * 10)
        line.channel.handle_read()
        over += 10
    assert (over < 100) is gone


def test_an_answer_that_nobody_reads_is_dropped(connect: Callable[[], Line]):
    """Also while the app still writes it: the thread that waits for room in it is free again."""
    line = connect()
    line.channel.requests = [object()]  # it is being answered
    line.channel.adj.outbuf_high_watermark = 1000
    wrote = []

    def write() -> None:
        with contextlib.suppress(Exception):
            for _ in range(3):
                line.channel.write_soon(b"#" * 4_000_000)
        wrote.append(True)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        writer.join(0.2)
        assert writer.is_alive()
        assert not line.gone_after(slow_clients.PATIENCE_SECONDS)
        assert line.gone_after(30 + 8_000_000 / slow_clients.MIN_RATE)
    finally:
        line.channel.handle_close()  # as the loop does with whoever has been given up
        writer.join(30)
    assert wrote


def test_a_request_that_is_being_answered_is_never_given_up(connect: Callable[[], Line]):
    """How long that may take is for the app to say: JOB_SECONDS."""
    line = connect()
    line.say(b"GET / HTTP/1.1\r\n\r\n")
    assert line.channel.requests
    assert not line.gone_after(3600)


def test_a_connection_that_is_kept_for_later_begins_again_with_each_request(connect: Callable[[], Line]):
    """The deadline of one request is not that of the next."""
    line = connect()
    for _ in range(5):
        line.say(b"GET / HTTP/1.1\r\n")
        line.clock.now += 15
        line.say(b"\r\n")
        line.channel.requests.clear()
    assert not line.gone_after(1)


def test_room_is_made_by_whoever_waits_longest(connect: Callable[[], Line]):
    """Whatever they wait for, so that nobody can fill all places; never one that is being answered."""
    answered, body, header, silent_one = lines = [connect() for _ in range(4)]
    answered.say(b"GET / HTTP/1.1\r\n\r\n")
    body.clock.now += 1
    body.say(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
    header.clock.now += 1
    header.say(b"POST / HT")
    gone = []
    for _ in lines:
        make_room([each.channel for each in lines], newest=connect().channel)
        gone += [each for each in lines if each.channel.will_close and each not in gone]
    assert gone == [silent_one, body, header]


@pytest.mark.skipif(os.name != "posix", reason="open files are counted on POSIX systems")
@pytest.mark.parametrize(
    ("limits", "asked", "most"),
    [((256, 100_000), (2256, 100_000), 1000), ((100_000, 100_000), None, 1000), ((256, 1024), (1024, 1024), 384)],
)
def test_open_files_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], asked: tuple[int, int] | None, most: int
):
    """As many as the connections need, where the system allows them; else there are fewer connections."""
    import resource  # noqa: PLC0415 - not on Windows

    given: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, now: given.append(now))
    assert allow_files(1000) == most
    assert given == ([asked] if asked else [])
