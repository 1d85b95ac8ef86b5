"""Workers are real processes here: they answer, are shared, hit limits, die, and leave nothing behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.jobs import apps
from tests.jobs.apps import pids
from webapp.jobs import Answer, Call, Failure, Job, JobLimits, Pool, Stage, process
from webapp.jobs import job as jobs
from webapp.jobs import pool as pools

PATIENCE = 30
Make = Callable[..., Pool]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make pools of a small app, and close them."""
    made: list[Pool] = []

    def pool(factory: Callable[..., object] = apps.create, **limits: float) -> Pool:
        made.append(Pool(factory, {"word": "hello"}, JobLimits(**{"workers": 1, **limits})))
        return made[-1]

    yield pool
    for each in made:
        each.close()


def call(path: str, body: bytes = b"") -> Call:
    """Return a call of the small app."""
    return Call({"REQUEST_METHOD": "POST" if body else "GET", "PATH_INFO": path, "SERVER_NAME": "x"}, body)


def outcome(pool: Pool, job: Job) -> Answer | Failure:
    """Wait for the outcome of a job."""
    assert pool.wait(job, PATIENCE)
    assert job.outcome is not None
    return job.outcome


def text(pool: Pool, path: str, body: bytes = b"", **options: str) -> str:
    """Return the body of the answer."""
    answer = outcome(pool, pool.ask(call(path, body), **options))
    assert isinstance(answer, Answer), answer
    return answer.body.decode()


def until(condition: Callable[[], object]) -> None:
    """Wait for something that takes a moment."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_a_worker_answers_with_status_headers_and_body(make: Make) -> None:
    """The whole request goes there, the whole response comes back, and the settings are the worker's."""
    pool = make()
    answer = outcome(pool, pool.ask(call("/echo", b"manifests")))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (200, b"manifests")
    assert ("X-Word", "echo") in answer.headers
    pid, word = text(pool, "/").split()
    assert (int(pid), word) == (pids(pool)[0], "hello")
    assert int(pid) != os.getpid()


def test_a_worker_can_be_started_without_a_fork_server(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS and Windows, which have none."""
    monkeypatch.setattr(process, "CONTEXT", multiprocessing.get_context("spawn"))
    assert text(make(), "/").endswith("hello")


@pytest.mark.skipif(not hasattr(os, "nice"), reason="priorities of processes are POSIX's")
def test_workers_let_clicks_go_first(make: Make) -> None:
    """Their priority is below the web process's."""
    text(pool := make(), "/")
    assert psutil.Process(pids(pool)[0]).nice() > psutil.Process().nice()


def test_who_asks_the_same_joins_the_job_that_runs(make: Make) -> None:
    """Two tabs, one job; when it is done its outcome is still there."""
    pool = make()
    first, second, other = (pool.ask(call(path)) for path in ("/sleep/0.3", "/sleep/0.3", "/sleep/0.2"))
    assert first is second
    assert first is not other
    outcome(pool, first)
    assert pool.ask(call("/sleep/0.3")) is first


def test_a_job_says_its_stage(make: Make) -> None:
    """While it runs, not afterwards."""
    pool = make()
    job = pool.ask(call("/sleep/20"))
    until(lambda: job.steps)
    assert job.steps[0].stage == Stage("Asleep", share=0.5)
    assert job.outcome is None


def test_a_topology_stays_with_its_worker(make: Make) -> None:
    """That worker holds it open; others take what nobody holds."""
    pool = make(workers=2)
    first = text(pool, "/?1", topology="a")
    assert {text(pool, f"/{n}", topology="a") for n in range(6)} == {first}


def test_a_busy_worker_gives_its_topology_up_after_a_while(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening it once more is better than waiting for a long job to end."""
    monkeypatch.setattr(pools, "PATIENCE", 0.2)
    pool = make(workers=2)
    first = text(pool, "/", topology="a")
    busy = pool.ask(call("/sleep/20"), topology="a")
    until(lambda: busy.steps)
    assert text(pool, "/other", topology="a") != first
    assert busy.outcome is None


def test_a_second_client_does_not_queue_behind_all_tabs_of_the_first(make: Make) -> None:
    """Workers are shared out among clients."""
    pool = make()
    first, second = (pool.ask(call(f"/sleep/0.{n}"), client="one") for n in (3, 4))
    other = pool.ask(call("/"), client="two")
    outcome(pool, other)
    assert first.done.is_set()
    assert not second.done.is_set()


def test_what_takes_too_long_is_stopped(make: Make) -> None:
    """And the next call gets a new worker."""
    pool = make(seconds=0.5)
    before = text(pool, "/")
    assert outcome(pool, pool.ask(call("/sleep/20"))) is Failure.TIME
    assert text(pool, "/after") != before


def test_what_takes_too_much_memory_is_stopped(make: Make) -> None:
    """In a worker that has nothing else to hold; one that has is replaced first."""
    pool = make(memory=400 << 20)
    assert text(pool, f"/eat/{200 << 20}").endswith("hello")
    assert text(pool, f"/eat/{201 << 20}").endswith("hello")
    assert outcome(pool, pool.ask(call(f"/eat/{600 << 20}"))) is Failure.MEMORY


def test_a_worker_that_dies_fails_its_job_alone(make: Make) -> None:
    """Also one that was killed while it had nothing to do: nobody notices that."""
    pool = make()
    assert outcome(pool, pool.ask(call("/die"))) is Failure.DIED
    text(pool, "/")
    psutil.Process(pids(pool)[0]).kill()
    assert text(pool, "/again").endswith("hello")


def test_an_app_that_cannot_be_made_is_a_failure(make: Make) -> None:
    """And not a wait without an end."""
    pool = make(apps.broken)
    assert outcome(pool, pool.ask(call("/"))) is Failure.DIED


def test_cancelling_kills_the_worker(make: Make) -> None:
    """At once, whatever it is doing; who asks again starts again."""
    pool = make()
    job = pool.ask(call("/sleep/20"))
    until(lambda: job.steps)
    (pid,) = pids(pool)
    pool.cancel(job)
    assert job.outcome is Failure.CANCELLED
    until(lambda: not psutil.pid_exists(pid))
    assert pool.ask(call("/sleep/20")) is not job


def test_a_job_that_still_waits_can_be_cancelled(make: Make) -> None:
    """It never begins."""
    pool = make()
    running, waiting = pool.ask(call("/sleep/20")), pool.ask(call("/sleep/21"))
    until(lambda: running.steps)
    assert (pool.place(running), pool.place(waiting)) == (0, 1)
    pool.cancel(waiting)
    assert waiting.began is None
    assert running.outcome is None


def test_a_job_that_nobody_waits_for_stops(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload goes on: its page may be closed."""
    monkeypatch.setattr(jobs, "UNATTENDED_SECONDS", 0.3)
    pool = make(workers=2)
    left, upload = pool.ask(call("/sleep/20")), pool.ask(call("/sleep/1.5"), lasting=True)
    until(left.done.is_set)
    assert left.outcome is Failure.CANCELLED
    assert isinstance(outcome(pool, upload), Answer)


def test_a_job_whose_only_reader_hung_up_stops(make: Make) -> None:
    """Where the server can see that the connection is gone."""
    pool = make()
    job = pool.ask(call("/sleep/20"))
    assert not pool.wait(job, PATIENCE, is_gone=lambda: bool(job.steps))
    until(job.done.is_set)
    assert job.outcome is Failure.CANCELLED


def test_a_worker_without_work_gives_its_memory_back(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """And another one starts when there is work again."""
    monkeypatch.setattr(pools, "IDLE_SECONDS", 0.2)
    pool = make()
    text(pool, "/", topology="a")
    until(lambda: not pids(pool))
    assert text(pool, "/again", topology="a").endswith("hello")


def test_too_many_waiting_jobs_are_turned_away(make: Make) -> None:
    """At once, not after a while."""
    pool = make(waiting=1)
    running = pool.ask(call("/sleep/20"))
    until(lambda: running.steps)
    pool.ask(call("/sleep/21"))
    assert pool.ask(call("/sleep/22")).outcome is Failure.CROWDED


def test_outcomes_are_kept_within_their_limit(make: Make) -> None:
    """The oldest one goes; a larger one than all may have is handed out and not kept."""
    pool = make(results=10_000)
    small, large = pool.ask(call("/a", b"x" * 4_000)), pool.ask(call("/b", b"x" * 20_000))
    assert isinstance(outcome(pool, small), Answer)
    assert isinstance(outcome(pool, large), Answer)
    assert (pool.find(small.key), pool.find(large.key)) == (small, None)


def test_closing_leaves_no_process_and_no_waiter(make: Make) -> None:
    """Even with a job at work."""
    pool = make()
    job = pool.ask(call("/sleep/20"))
    until(lambda: job.steps)
    started = pids(pool)
    waiter = threading.Thread(target=lambda: pool.wait(job))
    waiter.start()
    pool.close()
    waiter.join(PATIENCE)
    assert job.outcome is Failure.CANCELLED
    assert [pid for pid in started if psutil.pid_exists(pid)] == []


KILLED = """
import time
from tests.jobs import apps
from tests.jobs.apps import pids
from tests.jobs.test_pool import call
from webapp.jobs import JobLimits, Pool
if __name__ == "__main__":
    pool = Pool(apps.create, {"word": "x"}, JobLimits(workers=1))
    job = pool.ask(call("/sleep/60"))
    while not job.steps:
        time.sleep(0.02)
    print(*pids(pool), flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX's")
def test_a_server_that_is_killed_takes_its_workers_along() -> None:
    """However busy they are."""
    server = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    server.send_signal(signal.SIGKILL)
    server.communicate()
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_who_was_told_that_the_server_failed_gets_another_try(make: Make, tmp_path: Path) -> None:
    """As without its database: once that is back, the same address is no longer answered with the old response."""
    pool, database = make(), tmp_path / "database"
    asked = Call({"REQUEST_METHOD": "GET", "PATH_INFO": "/away", "SERVER_NAME": "x", "QUERY_STRING": str(database)})
    statuses = []
    for _ in range(3):
        job = pool.ask(asked)
        answer = outcome(pool, job)
        pool.told(job)
        assert isinstance(answer, Answer)
        statuses.append(answer.status)
        database.touch()
    assert statuses == [503, 200, 200]
