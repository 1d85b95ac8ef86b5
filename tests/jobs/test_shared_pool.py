"""Jobs on workers of other processes, with a real Redis between: shared, done once, and outliving who had them."""

import pickle
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

pytest.importorskip("dramatiq")
pytest.importorskip("redis")

from tests.jobs.redis_server import Server, end, started
from webapp.jobs import Answer, Call, Failure, Job, JobLimits, QueueAway, job_store, shared_pool
from webapp.jobs.job_store import PREFIX, Claimed, JobStore, server_url
from webapp.jobs.shared_pool import SharedPool

if TYPE_CHECKING:
    import subprocess

PATIENCE = 60
WORKER = """
import sys
from tests.jobs import apps
from webapp.jobs import JobLimits, job_store, queue
from webapp.jobs.consumer import Consumer
# Shorter than in earnest, so that the tests are.
job_store.LEASE_MS, queue.DEAD_MS = 2_000, 3_000
if __name__ == "__main__":
    consumer = Consumer(sys.argv[1], apps.create, {"word": "hello"}, JobLimits(workers=1), lambda answer: "")
    print(consumer.name, flush=True)
    consumer.run()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server."""
    server = Server(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def pool(server: Server) -> Iterator[SharedPool]:
    """Return the workers as a web process sees them; the server is empty."""
    pool = SharedPool(server.url, JobLimits())
    pool._store.client.flushall()
    yield pool
    pool.close()


@pytest.fixture
def store(pool: SharedPool) -> JobStore:
    """Return what that web process and workers have in common."""
    return pool._store


@pytest.fixture
def other(server: Server, pool: SharedPool) -> Iterator[SharedPool]:
    """Return the same as another web process sees it."""
    del pool  # it empties the server first
    other = SharedPool(server.url, JobLimits())
    yield other
    other.close()


@pytest.fixture
def work(server: Server, tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Start workers, and end them."""
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    workers = []

    def start() -> "subprocess.Popen[str]":
        entered = started(str(script), server.url, environ={"PYTHONPATH": str(Path(__file__).parent.parent.parent)})
        workers.append(entered)
        return entered.__enter__()

    yield start
    for each in workers:
        each.__exit__(None, None, None)


def call(path: str, body: bytes = b"", query: str = "") -> Call:
    """Return a call of the small app."""
    return Call({"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "x", "QUERY_STRING": query}, body)


def until(condition: Callable[[], object]) -> None:
    """Wait for something that takes a moment."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def outcome(pool: SharedPool, job: Job) -> Answer | Failure | None:
    """Wait for the outcome of a job."""
    assert pool.wait(job, PATIENCE)
    return job.outcome


def claimed(store: JobStore, key: str, worker: str = "one") -> Claimed:
    """Take a job, as a worker does."""
    taken = store.claim(key, worker)
    assert isinstance(taken, Claimed), taken
    return taken


def test_jobs_are_answered_elsewhere_once_and_all_find_it(
    server: Server, pool: SharedPool, other: SharedPool, work: Callable[[], "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    """Two web processes that ask the same get one job; one that starts later finds what came of it."""
    work()
    notes = tmp_path / "notes"
    asked = call("/write/0.5", b"manifests", str(notes))
    first, second = pool.ask(asked), other.ask(asked)
    assert first.key == second.key
    until(lambda: (found := other.find(first.key)) and found.steps)
    assert [step.stage.title for step in (other.find(first.key) or first).steps] == ["Written"]
    answers = [outcome(each, job) for each, job in ((pool, first), (other, second))]
    assert answers[0] == answers[1]
    assert isinstance(answers[0], Answer)
    assert (answers[0].status, answers[0].body) == (200, b"manifests")
    assert ("X-Word", "write") in answers[0].headers
    late = SharedPool(server.url, JobLimits())
    try:
        assert outcome(late, late.ask(asked)) == answers[0]
    finally:
        late.close()
    assert len(notes.read_text().split()) == 1


def test_a_job_survives_the_death_of_its_worker(
    pool: SharedPool, work: Callable[[], "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    """Killed at once and with all it had started: another worker gets its job within seconds."""
    notes = tmp_path / "notes"
    victim = work()
    job = pool.ask(call("/write/3", query=str(notes)))
    until(notes.exists)
    work()
    end(victim, signal.SIGKILL)
    answer = outcome(pool, job)
    assert isinstance(answer, Answer)
    begun = notes.read_text().split()
    assert len(begun) == 2
    assert answer.body.split()[0].decode() == begun[1]
    assert not psutil.pid_exists(int(begun[0]))


def test_a_worker_that_is_told_to_end_hands_back_what_it_has(
    pool: SharedPool, work: Callable[[], "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    """At the second signal; its job does not count as tried, and begins again elsewhere at once."""
    notes = tmp_path / "notes"
    worker = work()
    job = pool.ask(call("/write/1", query=str(notes)))
    until(notes.exists)
    worker.send_signal(signal.SIGTERM)
    assert end(worker) == 0
    work()
    assert isinstance(outcome(pool, job), Answer)
    assert pool._store.client.hget(f"{PREFIX}job:{job.key}", "tries") == b"1"


def test_any_web_process_cancels(
    pool: SharedPool, other: SharedPool, work: Callable[[], "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    """One that runs has stopped by then; one that waits is never begun."""
    work()
    notes = tmp_path / "notes"
    job = pool.ask(call("/write/60", query=str(notes)))
    until(notes.exists)
    waiting = pool.ask(call("/sleep/1"))
    for each in (waiting, job):
        found = other.find(each.key)
        assert found
        other.cancel(found)
        assert outcome(pool, each) is Failure.CANCELLED
    until(lambda: not psutil.pid_exists(int(notes.read_text())))
    assert pool.load() == {"waiting": 0, "running": 0, "workers": 1}


def test_places_are_counted_over_all(pool: SharedPool, other: SharedPool, store: JobStore) -> None:
    """Those at work as well; jobs of one millisecond come in the order they were asked for."""
    jobs = [each.ask(call(f"/{number}")) for number, each in enumerate((pool, other) * 10)]
    assert [pool.place(job) for job in jobs] == list(range(20))
    claimed(store, jobs[0].key)
    assert [other.place(job) for job in jobs] == list(range(20))
    assert pool.load() == {"waiting": 19, "running": 1, "workers": 0}


def test_a_job_that_is_handed_back_gets_its_place_again(pool: SharedPool, store: JobStore) -> None:
    """Before those that were asked for later, be it in the same millisecond."""
    jobs = [pool.ask(call(f"/{number}")) for number in range(10)]
    claimed(store, jobs[4].key)
    assert store.release(jobs[4].key, "one")
    assert [pool.place(job) for job in jobs] == list(range(10))


def test_one_worker_has_a_job_and_only_it_ends_it(pool: SharedPool, store: JobStore) -> None:
    """A worker that was taken for dead can't overwrite what another one does."""
    job = pool.ask(call("/"))
    clock = claimed(store, job.key).clock
    assert store.claim(job.key, "two") == "held"
    assert store.renew(job.key, "two", clock, [], None) == "lost"
    store.client.delete(f"{PREFIX}lease:{job.key}")  # as it ends by itself
    claimed(store, job.key, "two")
    store.finish(job.key, "one", Answer(200, (), b"late"))
    assert not pool.wait(job, 0.05)
    store.finish(job.key, "two", Answer(200, (), b"in time"))
    assert outcome(pool, job) == Answer(200, (), b"in time")
    assert store.claim(job.key, "three") == "gone"


def test_what_ends_two_workers_is_not_tried_again(pool: SharedPool, store: JobStore) -> None:
    """Else it would end one after the other."""
    job = pool.ask(call("/die"))
    for worker in ("one", "two"):
        claimed(store, job.key, worker)
        store.client.delete(f"{PREFIX}lease:{job.key}")
    assert store.claim(job.key, "three") == "gone"
    assert outcome(pool, job) is Failure.DIED


def test_who_was_told_of_a_failure_gets_another_try(pool: SharedPool, store: JobStore) -> None:
    """Others still hear of the first one."""
    job = pool.ask(call("/"))
    claimed(store, job.key)
    store.finish(job.key, "one", Failure.TIME)
    assert outcome(pool, pool.ask(call("/"))) is Failure.TIME
    pool.told(job)
    assert pool.ask(call("/")).outcome is None


def test_a_job_that_nobody_asks_for_is_stopped_or_never_begun(
    pool: SharedPool, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it is an upload, whose page may be closed."""
    running, waiting = pool.ask(call("/1")), pool.ask(call("/2"))
    upload = pool.ask(call("/3"), key="upload", lasting=True)
    clocks = {job.key: claimed(store, job.key).clock for job in (running, upload)}
    monkeypatch.setattr(job_store, "UNATTENDED_SECONDS", -1)
    said = {key: store.renew(key, "one", clock, [], None) for key, clock in clocks.items()}
    assert said == {running.key: "cancelled", "upload": "on"}
    assert store.claim(waiting.key, "one") == "gone"
    assert outcome(pool, waiting) is Failure.CANCELLED


def test_who_hangs_up_does_not_stop_others(pool: SharedPool, store: JobStore) -> None:
    """But is not waited for any more."""
    job = pool.ask(call("/"))
    before = int(store.client.hget(f"{PREFIX}job:{job.key}", "asked") or 0)
    assert not pool.wait(job, is_gone=lambda: True)
    after = int(store.client.hget(f"{PREFIX}job:{job.key}", "asked") or 0)
    assert before - after > 20_000
    pool.find(job.key)
    assert int(store.client.hget(f"{PREFIX}job:{job.key}", "asked") or 0) >= before


def test_answers_are_bounded_in_bytes(server: Server, pool: SharedPool) -> None:
    """The oldest ones make room; one that is too large for all of it is said to be."""
    small = JobStore(server.url, JobLimits(results=10_000))
    jobs = [pool.ask(call(f"/{number}")) for number in range(4)]
    for job, size in zip(jobs, (2_500, 2_500, 2_500, 9_000), strict=True):
        claimed(small, job.key)
        small.finish(job.key, "one", Answer(200, (), b"x" * size))
        time.sleep(0.002)  # so that it is known which one is older
    assert [pool.find(job.key) is not None for job in jobs] == [False, True, True, True]
    assert outcome(pool, jobs[3]) is Failure.SIZE
    assert int(small.client.get(f"{PREFIX}kept:total") or 0) <= 10_000
    small.close()


def test_waiting_uploads_are_bounded_in_number_and_bytes(server: Server, pool: SharedPool) -> None:
    """Whoever comes then is told that too many others wait."""
    few = SharedPool(server.url, JobLimits(waiting=2, waiting_bytes=1000))
    assert few.ask(call("/", b"x" * 900)).outcome is None
    assert few.ask(call("/", b"x" * 200)).outcome is Failure.CROWDED
    assert few.ask(call("/", b"x" * 50)).outcome is None
    assert few.ask(call("/")).outcome is Failure.CROWDED
    assert pool.load()["waiting"] == 2
    few.close()


def test_everything_expires(pool: SharedPool, store: JobStore) -> None:
    """But for the queue's own two keys, and sums of what is there."""
    job = pool.ask(call("/", b"manifests"), topology="t")
    names = {f"{PREFIX}{kind}:{job.key}" for kind in ("job", "body")}
    assert all(0 < store.client.ttl(name) <= job_store.OPEN_SECONDS for name in names)
    claimed(store, job.key)
    store.finish(job.key, "one", Answer(200, (), b""))
    assert not store.client.exists(f"{PREFIX}body:{job.key}")
    assert all(0 < store.client.ttl(f"{PREFIX}{kind}:{job.key}") <= 600 for kind in ("job", "answer"))


def test_it_is_said_that_no_worker_is_there(pool: SharedPool, store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """But the job stays, and is begun when one comes."""
    monkeypatch.setattr(shared_pool, "NO_WORKER_SECONDS", 0)
    job = pool.ask(call("/"))
    assert outcome(pool, job) is Failure.NO_WORKER
    store.greet("one", seconds=9)
    found = pool.find(job.key)
    assert found
    assert found.outcome is None
    claimed(store, job.key)


def test_nothing_is_unpickled(pool: SharedPool, store: JobStore, tmp_path: Path) -> None:
    """Whoever can write to the server can't have anything run."""
    trap = tmp_path / "trap"

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (trap,)

    job = pool.ask(call("/"))
    claimed(store, job.key)
    store.finish(job.key, "one", Answer(200, (), b""))
    store.client.set(f"{PREFIX}answer:{job.key}", pickle.dumps(Trap()))
    with pytest.raises(QueueAway):
        pool.find(job.key)
    assert not trap.exists()


def test_a_server_that_is_away_is_said_to_be() -> None:
    """Without its address, which may hold a password."""
    pool = SharedPool("redis://:secret@127.0.0.1:1/0", JobLimits())
    with pytest.raises(QueueAway) as raised:
        pool.ask(call("/"))
    assert str(raised.value) == "ConnectionError"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://a:6379/0", "redis://a:6379/0"),
        ("valkey://a", "redis://a"),
        ("valkeys://:word@a:1/2", "rediss://:word@a:1/2"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
    ],
)
def test_valkey_is_spoken_to_like_redis(url: str, expected: str) -> None:
    """It is one protocol."""
    assert server_url(url) == expected


@pytest.mark.parametrize("url", ["amqp://a", "memory://", "redis://a:port", "redis://a/0?nonsense=1"])
def test_other_servers_are_refused(url: str) -> None:
    """In words."""
    with pytest.raises(ValueError, match=r"redis://|[Pp]ort|nonsense"):
        server_url(url)


@pytest.mark.parametrize(("status", "kept"), [(200, job_store.KEEP_SECONDS), (503, job_store.ERROR_SECONDS)])
def test_that_the_server_failed_is_not_kept_for_long(pool: SharedPool, store: JobStore, status: int, kept: int) -> None:
    """As without its database: once that is back, the same address is answered."""
    job = pool.ask(call("/"))
    claimed(store, job.key)
    store.finish(job.key, "one", Answer(status, (), b"x"))
    assert outcome(pool, job) == Answer(status, (), b"x")
    left = store.client.ttl(f"{PREFIX}answer:{job.key}")
    assert 0 < left <= kept
    assert (left > job_store.ERROR_SECONDS) is (status == 200)
    store.client.delete(f"{PREFIX}answer:{job.key}")
    assert pool.ask(call("/")).outcome is None
