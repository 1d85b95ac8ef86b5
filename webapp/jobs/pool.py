"""The pool: workers that keep sets open, jobs that are asked for once, and the limits that end them.

Each worker has a thread that hands it one job after another and watches it. A job goes to the worker that holds its
topology; another one takes it only if that one is busy for long.
"""

import atexit
import time
from collections.abc import Callable, Mapping
from threading import Condition, Thread
from typing import Unpack

from cachetools import LRUCache, TTLCache

from webapp.jobs.job import Answer, Call, Circumstances, Failure, Job
from webapp.jobs.limits import KEEP_SECONDS, RECORD_BYTES, JobLimits
from webapp.jobs.process import WorkerDied, WorkerProcess
from webapp.jobs.stages import Sketch, Stage
from webapp.jobs.worker import Factory

TICK = 0.1
"""How often a worker is looked after, in seconds."""
LOOK_AROUND = 20
"""Ticks between two looks at the memory of what it has started, which go through all processes of the machine."""
PATIENCE = 5.0
"""How long a job waits for the worker that holds its topology: opening a large one elsewhere takes about as long."""
IDLE_SECONDS = 900.0
"""How long a worker without a job keeps its memory."""


class Pool:
    """Workers started when they are first needed."""

    def __init__(
        self,
        factory: Factory,
        settings: Mapping[str, object],
        limits: JobLimits,
        opened: Callable[[Answer], str] = lambda _: "",
    ) -> None:
        """Make the pool; `opened` returns the topology that an answer says the worker now holds, such as a new one."""
        self._opened = opened
        self._start: Callable[[], WorkerProcess] = lambda: WorkerProcess(factory, settings)
        self._limits = limits
        self._changed = Condition()
        self._queue: list[Job] = []
        self._open: dict[str, Job] = {}
        """By key, the jobs that wait or run."""
        self._ended: TTLCache[str, Job] = TTLCache(limits.results, KEEP_SECONDS, getsizeof=_size)
        self._served: LRUCache[str, float] = LRUCache(1000)
        """By client, when it was last given a worker."""
        self._sketches: LRUCache[str, Sketch] = LRUCache(1000)
        """By topology, what was known of it last."""
        self._slots: list[_Slot] = []
        self._closed = False

    # --- for those who ask

    def ask(self, call: Call, *, key: str = "", **about: Unpack[Circumstances]) -> Job:
        """Return the job that answers the call: the one that does so already, else a new one."""
        key = key or call.key
        with self._changed:
            job = self._known(key)
            # Who has been told of a failure and asks once more wants another try; others still hear of the first one.
            if job is None or (job.told and job.has_failed) or job.cancelled:
                job = Job(key=key, call=call, **about)
                job.sketch = self._sketches.get(job.topology)
                self._take(job)
            job.asked = time.monotonic()
        return job

    def find(self, key: str) -> Job | None:
        """Return a job that was asked for not too long ago."""
        with self._changed:
            job = self._known(key)
            if job is not None:
                job.asked = time.monotonic()
            return job

    def wait(self, job: Job, seconds: float | None = None, is_gone: Callable[[], bool] = lambda: False) -> bool:
        """Wait until the job is done, or so many seconds, or until the one who asks is gone; return whether it is."""
        deadline = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            job.waiting += 1
        try:
            while not job.done.is_set() and not is_gone():
                left = 0.5 if deadline is None else min(0.5, deadline - time.monotonic())
                if left <= 0:
                    break
                job.done.wait(left)
        finally:
            with self._changed:
                job.waiting -= 1
                # Whoever hung up does not come back; whoever got a page does.
                job.asked = 0.0 if not job.waiting and is_gone() else time.monotonic()
        return job.done.is_set()

    def told(self, job: Job) -> None:
        """Note that somebody was given the outcome: who asks once more wants another try."""
        job.told = True

    def cancel(self, job: Job) -> None:
        """Stop the job and wait until it has stopped; what it had answered already is forgotten."""
        with self._changed:
            job.cancelled = True
            if job in self._queue:
                self._end(job, Failure.CANCELLED)
        job.done.wait()
        job.outcome = Failure.CANCELLED

    def place(self, job: Job) -> int:
        """Return how many jobs come before this one, those at work included; 0 once a worker has it."""
        with self._changed:
            at_work = sum(slot.job is not None for slot in self._slots)
            return self._queue.index(job) + at_work if job in self._queue else 0

    def load(self) -> dict[str, int]:
        """Return how many jobs wait and how many run."""
        with self._changed:
            running = sum(slot.job is not None for slot in self._slots)
            return {"waiting": len(self._queue), "running": running}

    def close(self) -> None:
        """Kill all workers; whoever waits for a job is told that it was cancelled."""
        atexit.unregister(self.close)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for slot in self._slots:
            slot.join()

    # --- the queue

    def _known(self, key: str) -> Job | None:
        return self._open.get(key) or self._ended.get(key)

    def _take(self, job: Job) -> None:
        if len(self._queue) >= self._limits.waiting or self._closed:
            job.outcome = Failure.CROWDED
            job.done.set()
            return
        self._ended.pop(job.key, None)
        self._open[job.key] = job
        self._queue.append(job)
        if not self._slots:
            atexit.register(self.close)
            self._slots = [_Slot(self) for _ in range(self._limits.workers)]
        self._changed.notify_all()

    def next_for(self, slot: "_Slot") -> Job | None:
        """Wait for a job that suits the slot and return it; None when the pool is closed."""
        with self._changed:
            while not self._closed:
                for job in [job for job in self._queue if not job.is_wanted]:
                    self._end(job, Failure.CANCELLED)
                if suiting := [job for job in self._queue if self._suits(job, slot)]:
                    slot.job = min(suiting, key=self._turn)
                    self._served[slot.job.client] = time.monotonic()
                    self._queue.remove(slot.job)
                    return slot.job
                slot.rest()
                # Nobody gives notice when a job has waited long enough for another worker, or is not wanted any more.
                self._changed.wait(1.0 if self._queue else IDLE_SECONDS)
            for job in self._queue[:]:
                self._end(job, Failure.CANCELLED)
        return None

    def _turn(self, job: Job) -> tuple[int, float, float]:
        """Return what comes first: a client with few jobs at work, then the one that was served longest ago."""
        running = sum(slot.job is not None and slot.job.client == job.client for slot in self._slots)
        return running, self._served.get(job.client, 0.0), job.created

    def _suits(self, job: Job, slot: "_Slot") -> bool:
        holders = [each for each in self._slots if job.topology in each.topologies]
        if not holders or slot in holders:
            return True
        return all(each.job for each in holders) and time.monotonic() - job.created > PATIENCE

    def end(self, slot: "_Slot", outcome: Answer | Failure) -> None:
        """Hand the outcome of the slot's job to those who wait for it."""
        with self._changed:
            if slot.job is not None:
                if isinstance(outcome, Answer):
                    of = {slot.job.topology, self._opened(outcome)} - {""}
                    slot.topologies |= of
                    if slot.job.sketch:
                        self._sketches.update(dict.fromkeys(of, slot.job.sketch))
                self._end(slot.job, outcome)
            slot.job = None
            self._changed.notify_all()

    def _end(self, job: Job, outcome: Answer | Failure) -> None:
        if job in self._queue:
            self._queue.remove(job)
        self._open.pop(job.key, None)
        job.outcome, job.ended = outcome, time.monotonic()
        job.call = Call(job.call.environ)  # an upload's bytes are not needed any more
        if _size(job) <= self._limits.results:
            self._ended[job.key] = job
        job.done.set()

    # --- for the slots

    def started(self) -> WorkerProcess:
        """Start a worker."""
        return self._start()

    def overrun(self, job: Job, worker: WorkerProcess, ticks: int) -> Failure | None:
        """Return the limit that a running job has hit, if it has, or that it is to stop."""
        if self._closed or not job.is_wanted:
            return Failure.CANCELLED
        if job.began is not None and time.monotonic() - job.began > self._limits.seconds:
            return Failure.TIME
        too_much = worker.memory(of_all=ticks % LOOK_AROUND == 0) > self._limits.memory
        return Failure.MEMORY if too_much else None


class _Slot(Thread):
    """The thread of one worker."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(daemon=True, name="nodefall jobs")
        self._pool = pool
        self.worker: WorkerProcess | None = None
        self.job: Job | None = None
        self.topologies: set[str] = set()
        """What its worker holds open."""
        self.idle_since = 0.0
        self.start()

    def run(self) -> None:
        """Do jobs until the pool is closed."""
        while (job := self._pool.next_for(self)) is not None:
            was_used = self.worker is not None and self.worker.has_answered
            outcome = self._done(job)
            # It may be earlier jobs' sets that fill the memory: only a worker that has nothing else can tell.
            if was_used and outcome in (Failure.MEMORY, Failure.DIED):
                outcome = self._done(job)
            self.idle_since = time.monotonic()
            self._pool.end(self, outcome)
        self._kill()

    def rest(self) -> None:
        """Give memory back that nobody has used for long."""
        if time.monotonic() - self.idle_since > IDLE_SECONDS:
            self._kill()

    def _done(self, job: Job) -> Answer | Failure:
        job.began = time.monotonic()
        job.steps.clear()
        try:
            outcome = self._watched(job)
        except (WorkerDied, OSError):  # the latter where the system starts no more processes
            outcome = Failure.DIED
        if isinstance(outcome, Failure):
            self._kill()
        return outcome

    def _watched(self, job: Job) -> Answer | Failure:
        worker = self.worker = self.worker or self._pool.started()
        worker.send(job.call)
        tick = 0
        while True:
            due = time.monotonic() + TICK
            while (left := due - time.monotonic()) > 0:
                said = worker.receive(left)
                if isinstance(said, Answer):
                    return said
                if isinstance(said, Stage):
                    job.enter(said)
            tick += 1
            if (overrun := self._pool.overrun(job, worker, tick)) is not None:
                return overrun

    def _kill(self) -> None:
        if self.worker is not None:
            self.worker.kill()
        self.worker, self.topologies = None, set()


def _size(job: Job) -> int:
    return RECORD_BYTES + (len(job.outcome.body) if isinstance(job.outcome, Answer) else 0)
