"""What is for operators: liveness, readiness, figures, lines of a log, who may use it, a database that is away."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.views.uploading import SETTINGS, WEB, Uploads
from webapp.views import create_app

CANARY = "hunter2"


def test_figures_count_what_was_asked(client: FlaskClient, uploads: Uploads) -> None:
    """By endpoint and status; nothing of what was uploaded is in them."""
    path = uploads.stored()
    client.get(path)
    client.get("/t/nowhere")
    text = client.get("/metrics").text
    assert 'nodefall_requests_total{endpoint="explorer.show",method="GET",status="200"} 1.0' in text
    assert 'nodefall_requests_total{endpoint="explorer.show",method="GET",status="404"} 1.0' in text
    assert 'nodefall_request_seconds_count{endpoint="explorer.show"} 2.0' in text
    assert "nodefall_stored_topologies 1.0" in text
    assert 'nodefall_jobs{state="running"} 0.0' in text
    assert path.rpartition("/")[2] not in text


def test_each_app_has_figures_of_its_own() -> None:
    """Two in one process don't count for each other."""
    for _ in range(2):
        app = create_app(SETTINGS)
        app.test_client().get("/help")
        text = app.test_client().get("/metrics").text
        assert 'nodefall_requests_total{endpoint="landing.help_page",method="GET",status="200"} 1.0' in text
        app.extensions["nodefall"].store.close()


def test_a_log_line_tells_the_route_and_not_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    """Ids are keys, and queries have names."""
    app = create_app(SETTINGS | {"LOG": "json"})
    response = app.test_client().get("/t/sample-shop?down=node/worker-2", headers={"X-Request-ID": "abc-1"})
    app.extensions["nodefall"].store.close()
    line = json.loads(capsys.readouterr().err)
    assert line["route"] == "/t/<topology_id>"
    assert (line["method"], line["status"], line["request"]) == ("GET", 200, "abc-1")
    assert response.headers["X-Request-ID"] == "abc-1"
    assert "worker-2" not in json.dumps(line)


def test_a_request_id_that_could_forge_a_line_is_replaced(client: FlaskClient) -> None:
    """Only letters, digits and a few signs are taken over."""
    assert client.get("/help", headers={"X-Request-ID": 'x", "status": 200'}).headers["X-Request-ID"].isalnum()


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return an app whose database went away."""

    def fail(*_: object, **__: object) -> None:
        raise OperationalError(f"INSERT {CANARY}", {"document": CANARY}, Exception(CANARY))

    monkeypatch.setattr(app.extensions["nodefall"].store.engine, "connect", fail)
    monkeypatch.setattr(app.extensions["nodefall"].store.engine, "begin", fail)
    return app


def test_without_its_database_it_says_when_to_try_again(broken: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A page, or JSON for a program; what was to be stored is in no log."""
    client = broken.test_client()
    for response in (client.get("/t/abcdefghijklmnopqrstuv"), client.post("/upload", data={"text": WEB})):
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        assert "Try again in a few seconds" in response.text
    assert CANARY not in caplog.text


def test_without_its_database_samples_still_work(broken: Flask) -> None:
    """As do the first page and the help: they need none."""
    client = broken.test_client()
    for path in ("/", "/help", "/t/sample-shop?down=node/worker-2", "/healthz"):
        assert client.get(path).status_code == 200
    assert client.get("/readyz").status_code == 503


def test_figures_go_on_without_the_database(broken: Flask) -> None:
    """They say that it is away, and what it does to requests."""
    client = broken.test_client()
    client.get("/t/abcdefghijklmnopqrstuv")
    text = client.get("/metrics").text
    assert "nodefall_database_up 0.0" in text
    assert 'nodefall_requests_total{endpoint="explorer.show",method="GET",status="503"} 1.0' in text


def test_a_process_that_ends_says_so(app: Flask, client: FlaskClient) -> None:
    """At the address that is looked at for that."""
    assert client.get("/readyz").status_code == 200
    app.extensions["nodefall-operation"].ending = True
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def basic(password: str, name: str = "anybody") -> dict[str, str]:
    """Return the header of a browser that was asked."""
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def test_a_password_is_asked_of_everybody(tmp_path: Path) -> None:
    """But not of monitors; its name doesn't matter."""
    app = create_app(SETTINGS | {"ACCESS": "password:correct horse", "DATABASE_URL": f"sqlite:///{tmp_path}/x"})
    client = app.test_client()
    for headers in ({}, basic("wrong"), basic(""), {"Authorization": "Bearer correct horse"}):
        response = client.get("/", headers=headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert client.post("/upload", data={"text": WEB}).status_code == 401
    assert client.get("/", headers=basic("correct horse")).status_code == 200
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
    app.extensions["nodefall"].store.close()


@pytest.fixture
def guarded() -> Iterator[Flask]:
    """Return an app behind a password that may be guessed three times an hour."""
    app = create_app(SETTINGS | {"ACCESS": "password:correct horse", "PASSWORD_GUESSES": "3 per hour"})
    yield app
    app.extensions["nodefall"].store.close()


def test_a_password_can_be_guessed_a_few_times_only(guarded: Flask) -> None:
    """Then the right one tells nothing either; another address, and a monitor, are not kept out."""
    client, right, wrong = guarded.test_client(), basic("correct horse"), basic("wrong horse")
    assert [client.get("/", headers=wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = client.get("/", headers=right)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3601
    assert "WWW-Authenticate" not in refused.headers
    assert "Too many wrong passwords" in refused.text
    problem = client.get("/t/sample-shop/simulation.json", headers=right)
    assert (problem.status_code, problem.mimetype) == (429, "application/problem+json")
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
    assert client.get("/", headers=right, environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_only_wrong_passwords_are_guesses(guarded: Flask) -> None:
    """A browser asks without one first, and sends the right one with each request."""
    client = guarded.test_client()
    for headers in ({}, {"Authorization": "Bearer correct horse"}, basic("correct horse")):
        statuses = {client.get("/", headers=headers).status_code for _ in range(5)}
        assert statuses == {200 if "Basic" in headers.get("Authorization", "") else 401}
    assert client.get("/", headers=basic("wrong horse")).status_code == 401


def test_a_proxy_names_who_may_use_it() -> None:
    """Its header has to be there; without a trusted proxy anybody could send it, so that is no setting."""
    with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
        create_app(SETTINGS | {"ACCESS": "header:X-Forwarded-User"})
    app = create_app(SETTINGS | {"ACCESS": "header:X-Forwarded-User", "TRUSTED_PROXIES": 1})
    client = app.test_client()
    assert client.get("/").status_code == 403
    assert client.get("/", headers={"X-Forwarded-User": " "}).status_code == 403
    assert client.get("/", headers={"X-Forwarded-User": "jane"}).status_code == 200
    app.extensions["nodefall"].store.close()
