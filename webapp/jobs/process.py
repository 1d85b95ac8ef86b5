"""The pool's end of a worker process: start it, ask it, see how much memory it takes, kill it.

`multiprocessing` itself is the library here. Pools on top of it (Pebble, loky, concurrent.futures) hand a task to any
of their processes, where a large cluster must be asked in the one that holds it, and let no task tell its stage.
"""

import contextlib
import multiprocessing
import sys
from collections.abc import Mapping

import psutil

from webapp.jobs.job import Answer, Call
from webapp.jobs.stages import Stage
from webapp.jobs.worker import Factory, serve

# The web process has threads, so it must not fork. A fork server has none: a worker starts in a few milliseconds, where
# it would import everything, and shares what was imported. Windows has none, and macOS' own libraries forbid it.
CONTEXT = multiprocessing.get_context("forkserver") if sys.platform == "linux" else multiprocessing.get_context("spawn")


class WorkerDied(Exception):  # noqa: N818 (what happened, not an error of ours)
    """The process is gone."""


class WorkerProcess:
    """One worker."""

    def __init__(self, factory: Factory, settings: Mapping[str, object]) -> None:
        """Start the process; it builds the app while the first call is on its way.

        Raises:
            WorkerDied: it was gone at once.
            OSError: the system starts no more processes.

        """
        if CONTEXT.get_start_method() == "forkserver":
            CONTEXT.set_forkserver_preload(["webapp.jobs.fork_server", factory.__module__])
        self._pipe, theirs = CONTEXT.Pipe()
        # No daemon: those may start no processes of their own, as reading on all cores does.
        self._process = CONTEXT.Process(target=serve, args=(theirs, factory, settings), name="nodefall worker")
        self._process.start()
        theirs.close()
        try:
            self._meter = psutil.Process(self._process.pid)
        except psutil.Error as error:
            raise WorkerDied from error
        self.has_answered = False
        """It holds things from earlier calls."""

    def send(self, call: Call) -> None:
        """Send a call.

        Raises:
            WorkerDied: it can't take one.

        """
        try:
            self._pipe.send(call)
        except OSError as error:
            raise WorkerDied from error

    def receive(self, seconds: float) -> Stage | Answer | None:
        """Return what it says within so many seconds; None if it says nothing.

        Raises:
            WorkerDied: it will say nothing more.

        """
        try:
            said: Stage | Answer | None = self._pipe.recv() if self._pipe.poll(seconds) else None
        except (EOFError, OSError) as error:
            raise WorkerDied from error
        self.has_answered |= isinstance(said, Answer)
        return said

    def memory(self, *, of_all: bool) -> int:
        """Return the resident bytes of the process, or also of those it has started; 0 once it is gone."""
        with contextlib.suppress(psutil.Error):
            started = self._meter.children(recursive=True) if of_all else []
            return sum(int(each.memory_info().rss) for each in (self._meter, *started))
        return 0

    def kill(self) -> None:
        """End it at once, with all it has started."""
        with contextlib.suppress(psutil.Error):
            for child in self._meter.children(recursive=True):
                child.kill()
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()
