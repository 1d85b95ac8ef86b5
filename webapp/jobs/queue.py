"""The task queue: Dramatiq carries the keys of jobs to workers on any machine, and brings those of the dead back.

Why Dramatiq: its messages are JSON, what a dead worker had goes to another one within seconds, and a worker of it lives
in a program of ours. RQ looks after its dead every ten minutes, and pickles; Celery waits for an hour; Huey forgets.
"""

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

from webapp.jobs.job_store import PREFIX, JobStore, reached

QUEUE = "jobs"
ACTOR = "answer"
DEAD_MS = 10_000
"""After how long without a word a worker is dead: its lease of a job has ended by then."""


def broker_of(store: JobStore) -> RedisBroker:
    """Return the queue on the server that has the jobs."""
    # Each look at the queue also looks for the dead, which costs little with as few workers as this has.
    return RedisBroker(  # type: ignore[no-untyped-call]
        client=store.client,
        namespace=f"{PREFIX}queue",
        middleware=[],
        heartbeat_timeout=DEAD_MS,
        maintenance_chance=1_000_000,
    )


def enqueue(broker: RedisBroker, store: JobStore, key: str) -> None:
    """Have a worker do the job.

    Raises:
        QueueAway: the server can't be asked.

    """
    with reached():
        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=QUEUE, actor_name=ACTOR, args=(key,), kwargs={}, options={}
        )
        try:
            broker.enqueue(message)
        except dramatiq.BrokerConnectionError as error:
            raise redis.ConnectionError from error
    store.note(key, "queued")
