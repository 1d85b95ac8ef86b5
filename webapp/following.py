"""What `nodefall serve --watch` does: read files or a cluster again and again, and keep each reading that differs.

Each reading is a set of its own: an address means the same for good, whoever has it open goes on to the next one, and
any two of them can be compared.
"""

import operator
import time
from collections.abc import Callable
from datetime import datetime
from threading import Condition, Thread

from webapp.manifests.changes import ObjectChanges, object_changes
from webapp.manifests.manifests import Manifests
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedSource:
    """What is followed."""

    name: str
    """What pages call it: ``deploy/``, ``cluster prod``."""
    read: Callable[[], Manifests]
    """Raises ValueError, with a line that says why, where there is nothing to show."""
    trace: Callable[[], object] = object
    """What differs whenever reading again may give something else; cheap. By default it always does."""
    differ: Callable[[Manifests, Manifests], bool] = operator.ne
    every: float = 1
    """Seconds between two looks."""
    settle: float = 0
    """Seconds for which it must not change before it is read: somebody may be in the middle of writing it."""


PAUSE = 10
"""How many times longer than a look takes the pause after it is: a large cluster is not read all the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading that was kept."""

    id: str
    """Of the set that it is."""
    at: datetime
    changes: ObjectChanges = ObjectChanges()
    """Against the reading before."""
    before: str = ""
    """The id of that one; empty for the first."""


class Following:
    """The readings of a source, the last one with what is in it."""

    def __init__(
        self, source: FollowedSource, keep: Callable[[Manifests], str], clock: Callable[[], datetime], first: Manifests
    ) -> None:
        """Keep what was read first; `keep` stores a reading and returns its id."""
        self.name = source.name
        self._source, self._keep, self._clock = source, keep, clock
        self._pause = source.every
        self._last = first
        self._trace: object = None
        self._changed = Condition()
        self._readings = {first_id: Reading(id=first_id, at=clock()) for first_id in [keep(first)]}
        self.newest = next(reversed(self._readings.values()))
        self.problem = ""
        """Why the last look found nothing to show, if so."""

    def start(self) -> None:
        """Look again and again, for as long as the process lives."""
        Thread(target=self._go_on, daemon=True).start()

    def _go_on(self) -> None:
        while True:
            self._rest(self._pause)
            began = time.monotonic()
            self.look()
            self._pause = self.pause_after(time.monotonic() - began)

    def pause_after(self, seconds: float) -> float:
        """Return how long to wait after a look that took so many seconds."""
        return max(self._source.every, PAUSE * seconds)

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: False, seconds)

    def look(self) -> None:
        """Read again if something may have changed, and keep what differs."""
        try:
            trace = self._source.trace()
            if trace == self._trace:
                # It may have been away in between, and is back as it was.
                self._note("")
                return
            if self._source.settle:
                self._rest(self._source.settle)
                if self._source.trace() != trace:
                    return
            read = self._source.read()
            differs = self._source.differ(self._last, read)
            changes = object_changes(self._last, read) if differs else ObjectChanges()
            kept = self._keep(read) if differs else ""
        except (ValueError, OSError) as error:
            # In the middle of being written, or a cluster that is away: the last reading stays, and the next look asks.
            self._note(str(error))
            return
        self._trace = trace
        if kept:
            self._last = read
            self._readings[kept] = Reading(id=kept, at=self._clock(), changes=changes, before=self.newest.id)
        self._note("")

    def _note(self, problem: str) -> None:
        with self._changed:
            newest = next(reversed(self._readings.values()))
            news = problem != self.problem or newest is not self.newest
            self.problem, self.newest = problem, newest
            if news:
                self._changed.notify_all()

    def reading(self, set_id: str) -> Reading | None:
        """Return the reading that is this set; None for any other set."""
        return self._readings.get(set_id)

    def wait(self, seconds: float) -> None:
        """Wait until there is news, but no longer than this."""
        with self._changed:
            self._changed.wait(seconds)
