"""A worker of the queue: takes jobs off it and has the pool of this process do them, under that pool's limits."""

import logging
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import dramatiq

from webapp.jobs import job_store
from webapp.jobs.job import Answer, Failure, Job, QueueAway
from webapp.jobs.job_store import Claimed, JobStore
from webapp.jobs.limits import KEEP_SECONDS, JobLimits
from webapp.jobs.pool import Pool
from webapp.jobs.queue import ACTOR, QUEUE, broker_of, enqueue
from webapp.jobs.worker import Factory

Result = TypeVar("Result")

BEAT = 0.25
"""Seconds between two words to the server about a job."""
GREETING = 3.0
"""Seconds between two words that this worker is there."""
FINISHING = 25
"""Seconds that jobs have to be finished after SIGTERM; the others go back to the queue. Kubernetes kills after 30."""
_log = logging.getLogger("nodefall")


class Consumer:
    """Takes jobs while it runs."""

    def __init__(
        self,
        url: str,
        factory: Factory,
        settings: Mapping[str, object],
        limits: JobLimits,
        opened: Callable[[Answer], str],
    ) -> None:
        """Take jobs from the server at a URL; see :class:`~webapp.jobs.pool.Pool` for the others.

        Raises:
            ValueError: the URL can't be read.

        """
        self.name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self._store = JobStore(url, limits)
        self._opened = opened
        # What is answered is kept where all find it, and not here as well.
        self._pool = Pool(
            factory,
            settings,
            JobLimits(workers=limits.workers, seconds=limits.seconds, memory=limits.memory, results=0),
            opened,
        )
        self._ending, self._hand_back = threading.Event(), threading.Event()
        self._broker = broker_of(self._store)
        dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=self._broker)(self._answer)
        self._takers = dramatiq.Worker(self._broker, worker_threads=limits.workers, worker_timeout=100)
        # No more than it works on: others may be idle.
        self._takers.queue_prefetch = limits.workers

    def run(self) -> None:
        """Do jobs until SIGTERM or Ctrl-C; the second one hands back at once what isn't done."""
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        self._takers.start()
        was_away = False
        while not self._ending.is_set():
            try:
                self._store.greet(self.name, seconds=3 * GREETING)
                was_away = False
            except QueueAway as error:
                if not was_away:
                    _log.warning("The queue can't be reached (%s); trying on.", error)
                was_away = True
            self._ending.wait(GREETING)
        # As a daemon, so that it does not keep the process.
        timer = threading.Timer(FINISHING, self._hand_back.set)
        timer.daemon = True
        timer.start()
        self._takers.stop(timeout=(FINISHING + 3) * 1000)
        try:
            self._store.greet(self.name, seconds=0)
        except QueueAway:
            _log.warning("The queue can't be reached; what this worker had goes to others once it can.")
        self._pool.close()
        self._store.close()

    def _end(self, *_: object) -> None:
        if self._ending.is_set():
            self._hand_back.set()
        self._ending.set()

    # --- one job

    def _answer(self, key: str) -> None:
        """Do the job with this key, if it is still to be done."""
        if (claimed := self._claimed(key)) is None:
            return
        about = claimed.about
        # Whether anybody waits is known to the server.
        job = self._pool.ask(
            claimed.call, key=key, topology=about.topology, client=about.client, plan=about.plan, lasting=True
        )
        said, was_said = "on", time.monotonic()
        while not self._pool.wait(job, BEAT):
            try:
                said = self._store.renew(key, self.name, claimed.clock, job.steps[:], job.sketch)
                was_said = time.monotonic()
            except QueueAway:
                # Others may have it by now; what it stores is stored once all the same, under the id set aside for it.
                said = "lost" if time.monotonic() - was_said > KEEP_SECONDS else "on"
            if self._hand_back.is_set():
                self._pool.cancel(job)
                if _patiently(lambda: self._store.release(key, self.name)):
                    _patiently(lambda: enqueue(self._broker, self._store, key))
                return
            if said != "on":
                self._pool.cancel(job)
                break
        self._hand_over(key, job, claimed)

    def _hand_over(self, key: str, job: Job, claimed: Claimed) -> None:
        outcome = job.outcome or Failure.DIED
        if isinstance(outcome, Answer) and job.sketch is not None:
            sketch, of = job.sketch, {claimed.about.topology, self._opened(outcome)} - {""}
            _patiently(lambda: self._store.remember(of, sketch))
        _patiently(lambda: self._store.finish(key, self.name, outcome))

    def _claimed(self, key: str) -> Claimed | None:
        """Take a job; if another worker has it, wait until that one has said that it lives, or has died."""
        deadline = time.monotonic() + job_store.LEASE_MS / 1000 + 2
        while isinstance(said := _patiently(lambda: self._store.claim(key, self.name)), str):
            if said == "gone" or time.monotonic() > deadline:
                return None
            if self._ending.wait(BEAT):
                _patiently(lambda: enqueue(self._broker, self._store, key))
                return None
        return said


def _patiently(do: Callable[[], Result]) -> Result | None:
    """Do something, however long the server is away, but for no longer than anybody would still ask for it."""
    deadline = time.monotonic() + KEEP_SECONDS
    while True:
        try:
            return do()
        except QueueAway:
            if time.monotonic() > deadline:
                return None
            time.sleep(1)
