"""Two web processes and two workers with a real Redis between: whoever is asked answers the same, whoever dies."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dramatiq")
pytest.importorskip("redis")

from tests.databases import empty_database
from tests.fronts import make_certificate, program
from tests.jobs.redis_server import Server, end, started
from tests.servers import serving
from tests.test_two_servers import ask
from tests.views.uploading import WEB

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(os.name != "posix", reason="signals between processes are POSIX's"),
]

PATIENCE = 60
PAGE = {"Accept": "text/html", "Host": "nodefall.example"}
"""What a browser sends by way of one proxy in front of both."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LARGE = WEB + "# a comment\n" * 4_000
SLOW = """
from tests.jobs import dawdling
from webapp.workercommand import run
if __name__ == "__main__":
    run(dawdling.create)
"""


class Servers:
    """What is started with one Redis and one database."""

    def __init__(
        self, directory: Path, stack: contextlib.ExitStack, database: str = "", certificate: Path | None = None
    ) -> None:
        self.redis = Server(directory, certificate)
        stack.callback(self.redis.stop)
        self._stack, self._script = stack, directory / "worker.py"
        self._script.write_text(SLOW)
        self._database = database or f"sqlite:///{directory / 'x.sqlite3'}"
        self._environ = {
            "NODEFALL_QUEUE_URL": self.redis.url,
            "NODEFALL_DATABASE_URL": self._database,
            "NODEFALL_RATE_LIMIT": "",
            "NODEFALL_LARGE_SET": "2000",
            "NODEFALL_WORKERS": "1",
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }

    def web(self) -> "tuple[subprocess.Popen[str], str]":
        """Start a web process."""
        arguments = ("--port", "0", "--database", self._database)
        return self._stack.enter_context(serving(*arguments, environ=self._environ))

    def work(self, *, slowly: bool = False) -> "subprocess.Popen[str]":
        """Start a worker, or one which takes a minute for what has a certain word in it."""
        command = (str(self._script),) if slowly else ("-m", "webapp.cli", "worker")
        return self._stack.enter_context(started(*command, environ=self._environ))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Return a Redis with nothing but itself."""
    with contextlib.ExitStack() as stack:
        yield Servers(tmp_path_factory.mktemp("queue"), stack)


@pytest.fixture(scope="module")
def webs(servers: Servers) -> tuple[str, str]:
    """Return the addresses of two web processes."""
    return servers.web()[1], servers.web()[1]


@pytest.fixture
def worker(servers: Servers) -> Iterator["subprocess.Popen[str]"]:
    """Return a worker, which ends with the test."""
    worker = servers.work(slowly=True)
    yield worker
    worker.kill()
    worker.wait()


def until(answered: Callable[[], tuple[int, Any, str]], wanted: Callable[[tuple[int, Any, str]], object]) -> Any:
    """Ask again and again until an answer is as wanted, and return it."""
    deadline = time.monotonic() + PATIENCE
    while not wanted(answer := answered()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer


def upload(address: str, text: str) -> str:
    """Upload as a browser does; return the path that it is led to."""
    status, headers, said = ask(f"{address}upload", text, **PAGE, **{"Content-Type": "text/yaml"})
    assert status == 303, said
    return str(headers["Location"]).lstrip("/")


@pytest.mark.usefixtures("worker")
def test_what_one_web_process_was_sent_the_other_shows_and_cancels(webs: tuple[str, str]) -> None:
    """No proxy has to send anybody to the same process; of what is cancelled nothing stays."""
    one, two = webs
    path = upload(one, LARGE + "# dawdle\n")
    assert path.startswith("jobs/")
    shown = until(
        lambda: ask(two + path, **PAGE), lambda answer: "Weighing Services" in answer[2] and "3 of 5" in answer[2]
    )
    assert shown[0] == 202
    assert ask(f"{two}{path}/cancel", "", **PAGE, **FORM)[0] == 303
    for address in webs:
        status, _, said = ask(address + path, **PAGE)
        assert (status, "Cancelled" in said) == (200, True)


def test_a_job_outlives_its_worker_and_a_web_process_that_starts_later_finds_its_result(
    servers: Servers, webs: tuple[str, str]
) -> None:
    """The worker is killed after it has stored the upload and before it has said so: it is stored once all the same."""
    one, two = webs
    victim = servers.work(slowly=True)
    path = upload(one, LARGE + "# procrastinate\n")
    until(partial(ask, two + path, **PAGE), lambda answer: "Storing" in answer[2])
    stored = until(lambda: ask(f"{two}metrics"), lambda answer: stored_sets(answer[2]) > 0)
    other = servers.work()
    end(victim, signal.SIGKILL)
    _, three = servers.web()
    status, headers, _ = until(lambda: ask(three + path, **PAGE), lambda answer: answer[0] != 202)
    assert status == 303
    assert ask(three + str(headers["Location"]).lstrip("/"), **PAGE)[0] == 200
    assert stored_sets(ask(f"{three}metrics")[2]) == stored_sets(stored[2])
    end(other)


def stored_sets(metrics: str) -> float:
    """Return how many uploads are kept."""
    found = re.search(r"^nodefall_stored_topologies (\S+)$", metrics, re.MULTILINE)
    assert found, metrics
    return float(found[1])


def test_equal_questions_are_worked_out_once(
    servers: Servers, webs: tuple[str, str], worker: "subprocess.Popen[str]"
) -> None:
    """By whichever process they come, and later ones are answered from what is kept, with no worker there."""
    question = "t/sample-shop?replicas=Deployment/default/web:3000"
    answers = [
        until(lambda address=address: ask(address + question, **PAGE), lambda answer: answer[0] != 202)
        for address in webs
    ]
    assert [status for status, _, _ in answers] == [200, 200]
    assert answers[0][2] == answers[1][2]
    worker.kill()
    _, three = servers.web()
    assert ask(three + question, **PAGE)[::2] == answers[0][::2]


def test_without_its_redis_small_sets_are_answered_and_large_ones_say_when_to_come_back(tmp_path: Path) -> None:
    """It starts as well, and goes on when Redis is there again."""
    with contextlib.ExitStack() as stack:
        servers = Servers(tmp_path, stack)
        servers.redis.stop()
        _, one = servers.web()
        question = f"{one}t/sample-shop?replicas=Deployment/default/web:3000"
        for path in ("", "t/sample-shop", "healthz", "readyz", "metrics"):
            assert ask(one + path, **PAGE)[0] == 200, path
        status, headers, page = ask(question, **PAGE)
        assert (status, headers["Retry-After"]) == (503, "5")
        assert "Large sets have to wait a moment" in page
        status, headers, _ = ask(f"{one}api/v1/simulate?topology=sample-shop&replicas=Deployment/default/web:3000")
        assert (status, headers.get_content_type()) == (503, "application/problem+json")
        servers.redis.start()
        servers.work()
        assert until(lambda: ask(question, **PAGE), lambda answer: answer[0] not in (202, 503))[0] == 200


@pytest.mark.postgres
def test_a_queue_by_tls_and_postgresql_work_together(tmp_path: Path) -> None:
    """As several machines are set up that trust nobody between them."""
    openssl = program("openssl")
    if openssl is None:
        pytest.skip("needs openssl")
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(empty_database("postgres", tmp_path))
        servers = Servers(tmp_path, stack, database, make_certificate(openssl, tmp_path))
        _, web = servers.web()
        servers.work()
        path = upload(web, LARGE)
        # Who is quick enough leads to the map at once, else to the page of the job, which leads there in the end.
        if path.startswith("jobs/"):
            status, headers, said = until(lambda: ask(web + path, **PAGE), lambda answer: answer[0] != 202)
            assert status == 303, said
            path = str(headers["Location"]).lstrip("/")
        assert ask(web + path, **PAGE)[0] == 200
        status, _, made = ask(f"{web}api/v1/matrix", LARGE)
        assert (status, json.loads(made)["schema"]) == (200, "nodefall/matrix/v1")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "NODEFALL_QUEUE_URL: say where the queue is"),
        ({"NODEFALL_QUEUE_URL": "amqp://a"}, "NODEFALL_QUEUE_URL: 'amqp://a' is out of range"),
        ({"NODEFALL_QUEUE_URL": "redis://127.0.0.1", "NODEFALL_WORKERS": "0"}, "NODEFALL_WORKERS"),
        ({"NODEFALL_QUEUE_URL": "redis://127.0.0.1", "NODEFALL_DATABASE_URL": "sqlite://"}, "NODEFALL_QUEUE_URL needs"),
    ],
)
def test_a_worker_that_can_do_nothing_does_not_start(environ: dict[str, str], said: str) -> None:
    """One line says why."""
    done = subprocess.run(
        [sys.executable, "-m", "webapp.cli", "worker"],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert done.returncode == 2
    assert re.fullmatch(rf"nodefall: {re.escape(said)}[^\n]*\n", done.stderr), done.stderr
