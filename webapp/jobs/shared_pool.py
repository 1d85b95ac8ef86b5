"""A pool whose workers are elsewhere: the same questions as to the pool of this process, answered from the server."""

import time
from collections.abc import Callable
from typing import Unpack

from webapp.jobs.job import Answer, Call, Circumstances, Failure, Job
from webapp.jobs.job_store import JobStore, KnownJob
from webapp.jobs.limits import JobLimits
from webapp.jobs.queue import broker_of, enqueue

_SHORTEST, _LONGEST = 0.02, 0.25
"""Seconds between two looks at a job that is waited for."""
NO_WORKER_SECONDS = 15
"""How long a job waits before it is said that no worker is there: one that is started anew takes a few seconds."""
_STOPPING = 15
"""Seconds in which a job that is cancelled has stopped: its worker looks four times a second, or its lease ends."""


class SharedPool:
    """The workers of any number of machines."""

    def __init__(self, url: str, limits: JobLimits) -> None:
        """Take the server at a URL.

        Raises:
            ValueError: the URL can't be read.

        """
        self._store = JobStore(url, limits)
        self._broker = broker_of(self._store)

    def ask(self, call: Call, *, key: str = "", **about: Unpack[Circumstances]) -> Job:
        """Return the job that answers the call: the one that does so already, else a new one.

        Raises:
            QueueAway: the server can't be asked; so do all others here.

        """
        job = Job(key=key or call.key, call=call, **about)
        said = self._store.ask(job)
        if said == "crowded":
            job.outcome = Failure.CROWDED
            job.done.set()
            return job
        if said == "new":
            enqueue(self._broker, self._store, job.key)
            job.sketch = self._store.sketch_of(job.topology)
        self._refresh(job)
        return job

    def find(self, key: str) -> Job | None:
        """Return a job that was asked for not too long ago."""
        known = self._store.look(key)
        if known is None:
            return None
        self._take_over(known, known.job)
        # What was answered has made room for others in the meantime.
        return None if known.is_answered and not isinstance(known.job.outcome, Answer) else known.job

    def wait(self, job: Job, seconds: float | None = None, is_gone: Callable[[], bool] = lambda: False) -> bool:
        """Wait until the job is done, or so many seconds, or until the one who asks is gone; return whether it is."""
        deadline = None if seconds is None else time.monotonic() + seconds
        pause = _SHORTEST
        while not job.done.is_set() and not is_gone():
            left = pause if deadline is None else min(pause, deadline - time.monotonic())
            if left <= 0:
                break
            time.sleep(left)
            pause = min(pause * 1.5, _LONGEST)
            self._refresh(job)
        if not job.done.is_set() and is_gone():
            self._store.leave(job.key)
        return job.done.is_set()

    def told(self, job: Job) -> None:
        """Note that somebody was given the outcome: who asks once more wants another try."""
        self._store.note(job.key, "told")

    def cancel(self, job: Job) -> None:
        """Stop the job and wait until it has stopped; what it had answered already is forgotten."""
        deadline = time.monotonic() + _STOPPING
        while not self._store.cancel(job.key) and time.monotonic() < deadline:
            time.sleep(_SHORTEST)
        job.outcome = Failure.CANCELLED
        job.done.set()

    def place(self, job: Job) -> int:
        """Return how many jobs come before this one, those at work included; 0 once a worker has it."""
        known = self._store.look(job.key, asks=False)
        return known.ahead if known else 0

    def load(self) -> dict[str, int]:
        """Return how many jobs wait, how many run, and how many workers are there to do them."""
        load = self._store.load()
        return {"waiting": load.waiting, "running": load.running, "workers": load.workers}

    def close(self) -> None:
        """Close the connections; the workers go on."""
        self._store.close()

    def _refresh(self, job: Job) -> None:
        """Look at what has become of a job."""
        known = self._store.look(job.key)
        if known is None:  # the server has lost it
            job.outcome = Failure.DIED
            job.done.set()
        else:
            self._take_over(known, job)

    def _take_over(self, known: KnownJob, job: Job) -> None:
        now = known.job
        job.call, job.created, job.began, job.ended = now.call, now.created, now.began, now.ended
        job.steps, job.sketch, job.cancelled = now.steps, now.sketch or job.sketch, now.cancelled
        job.outcome = now.outcome
        if known.is_answered:
            job.outcome = self._store.answer(job.key) or Failure.DIED
        elif job.outcome is None and not known.has_worker and time.monotonic() - job.created > NO_WORKER_SECONDS:
            # It stays where it is: the first worker that comes does it.
            job.outcome = Failure.NO_WORKER
        if job.outcome is not None:
            job.done.set()
