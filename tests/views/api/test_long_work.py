"""What takes long: a program waits for it, or is given a job to ask about."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.jobs import dawdling
from tests.views.uploading import SETTINGS, WEB
from webapp.jobs import Pool
from webapp.views import create_app, isolation

LATER = {"Prefer": "respond-async"}
DAWDLING = f"{WEB}# dawdle\n"
PATIENCE = 60


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """Make a client of an app whose sets are all large, and end its worker."""
    monkeypatch.setattr(isolation, "Pool", lambda _, *rest: Pool(dawdling.create, *rest))
    url = f"sqlite:///{tmp_path}/nodefall.sqlite3"
    app = create_app(SETTINGS | {"DATABASE_URL": url, "WORKERS": 1, "LARGE_SET": 0})
    yield app.test_client()
    app.extensions["nodefall-jobs"].close()
    app.extensions["nodefall"].store.close()


def until(ask: Callable[[], TestResponse], status: int) -> TestResponse:
    """Ask again and again, as Retry-After says but faster."""
    end = time.monotonic() + PATIENCE
    while (response := ask()).status_code != status and time.monotonic() < end:
        time.sleep(0.05)
    assert response.status_code == status, response.text
    return response


def test_a_program_waits_for_its_answer(client: FlaskClient) -> None:
    """It is the same as of a small set."""
    response = client.post("/api/v1/simulate?at=failed&down=node/node-1", data=WEB)
    assert (response.status_code, response.json["at"]) == (200, "failed")


def test_a_program_may_ask_again_instead(client: FlaskClient) -> None:
    """The job is answered with how far it is, then with what was asked for."""
    accepted = client.post("/api/v1/services?output=csv", data=WEB, headers=LATER)
    assert (accepted.status_code, accepted.headers["Preference-Applied"]) == (202, "respond-async")
    assert int(accepted.headers["Retry-After"]) > 0
    assert accepted.json["state"] in ("waiting", "running")
    job = accepted.headers["Location"]
    assert job.startswith("/api/v1/jobs/")
    done = until(lambda: client.get(job), 200)
    assert done.mimetype == "text/csv"
    assert done.text.splitlines()[1].startswith("default,web,")


def test_an_upload_may_be_asked_about_later(client: FlaskClient) -> None:
    """Its link comes when it is stored, and the token that deletes it at once; equal uploads are two sets."""
    accepted, other = (client.post("/api/v1/upload", data=WEB, headers=LATER) for _ in range(2))
    assert accepted.headers["Location"] != other.headers["Location"]
    done = until(lambda: client.get(accepted.headers["Location"]), 201)
    link, token = done.text.strip(), accepted.headers["Nodefall-Delete-Token"]
    assert link.startswith("http://localhost/t/")
    topology = link.rpartition("/")[2]
    assert (
        client.delete(f"/api/v1/delete?topology={topology}", headers={"Nodefall-Delete-Token": token}).status_code
        == 204
    )


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_an_upload_that_a_worker_reads_is_answered_as_was_asked(client: FlaskClient, accept: str) -> None:
    """With the link alone, or as JSON."""
    response = client.post("/api/v1/upload", data=WEB, headers={"Accept": accept})
    assert response.status_code == 201
    assert response.is_json == (accept == "application/json")


def test_a_state_that_a_worker_opens_is_shared(client: FlaskClient) -> None:
    """A wrong one is refused; the same one shared twice is two links, each with a token that works."""
    topology = client.post("/api/v1/upload", data=WEB, headers={"Accept": "application/json"}).json["id"]
    url = f"/api/v1/share?topology={topology}&down=node/node-"
    assert client.post(f"{url}9").status_code == 400
    first, second = (client.post(f"{url}1", headers={"Accept": "application/json"}).json for _ in range(2))
    assert first["id"] != second["id"]
    token = {"Nodefall-Edit-Token": first["editToken"]}
    assert client.patch(f"/api/v1/shared/{second['id']}", headers=token).status_code == 403
    assert client.patch(f"/api/v1/shared/{first['id']}", headers=token, data={"title": "x"}).json["title"] == "x"
    later = client.post(f"{url}1", headers=LATER)
    assert (later.status_code, later.headers.get("Nodefall-Delete-Token")) == (202, None)
    assert until(lambda: client.get(later.headers["Location"]), 201).text.startswith("http://localhost/s/")


def test_a_job_is_stopped(client: FlaskClient) -> None:
    """It has no answer then; of an upload nothing stays."""
    accepted = client.post("/api/v1/simulate", data=DAWDLING, headers=LATER)
    assert accepted.status_code == 202
    job = accepted.headers["Location"]
    assert client.delete(job).status_code == 204
    stopped = client.get(job)
    assert (stopped.status_code, stopped.mimetype) == (503, "application/problem+json")
    assert stopped.json["title"] == "Cancelled"


def test_a_job_that_nobody_knows_is_not_found(client: FlaskClient) -> None:
    """By a problem document."""
    response = client.get("/api/v1/jobs/nope")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
