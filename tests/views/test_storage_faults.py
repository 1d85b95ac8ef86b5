"""What somebody reads when something can't be stored or fetched: why, when to try again, and nothing half-done."""

import errno
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from tests.views.uploading import SETTINGS, WEB
from webapp.jobs import Answer, Call, Job
from webapp.storage import Quota
from webapp.storage.tables import topologies
from webapp.views import create_app
from webapp.views.site import storage_faults, uploads
from webapp.views.waiting import shown

CANARY = "hunter2"
NEEDS_NO_DATABASE = (
    "/",
    "/help",
    "/t/sample-shop?down=node/worker-2",
    "/t/sample-shop/findings",
    "/t/sample-shop/resilience",
    "/t/sample-shop/diagram.svg",
    "/compare/sample-shop/sample-clashing-ports",
    "/api/v1/simulate?topology=sample-shop",
    "/healthz",
)
Make = Callable[..., Flask]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the database is."""
    return tmp_path / "x.sqlite3"


@pytest.fixture
def make(file: Path, compiled: FileSystemBytecodeCache) -> Iterator[Make]:
    """Make apps on one database; each takes settings."""
    apps: list[Flask] = []

    def made(**settings: object) -> Flask:
        here = {"DATABASE_URL": f"sqlite:///{file}", "WORKERS": 0, "DATABASE_SECONDS": 1}
        app = create_app(SETTINGS | here | settings)
        app.jinja_env.bytecode_cache = compiled
        apps.append(app)
        return app

    yield made
    for each in apps:
        each.extensions["nodefall"].store.close()


@pytest.fixture
def client(make: Make) -> FlaskClient:
    """Return a client of an app whose database is a file."""
    return make().test_client()


def upload(client: FlaskClient, text: str = WEB, address: str = "192.0.2.1", **headers: str) -> str:
    """Upload a set and return the path of its map."""
    response = client.post("/upload", data={"text": text}, headers=headers, environ_base={"REMOTE_ADDR": address})
    assert response.status_code == 303, response.text
    return response.headers["Location"]


def stored(client: FlaskClient) -> int:
    """Return how many sets are stored."""
    count: int = client.application.extensions["nodefall"].store.usage()[0]
    return count


def readiness(client: FlaskClient) -> tuple[int, str]:
    """Return what `/readyz` says just now."""
    client.application.extensions["nodefall-operation"].database._due = 0.0
    response = client.get("/readyz")
    return response.status_code, response.json["status"]


def lock(file: Path) -> Callable[[], object]:
    """Begin to write; return what ends that."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def remove(file: Path) -> Callable[[], object]:
    """Put the file elsewhere; return what puts it back."""
    away = file.rename(file.with_name("away"))
    return lambda: away.rename(file)


def replace(file: Path) -> Callable[[], object]:
    """Put something else in its place; return what puts it back."""
    away = file.rename(file.with_name("away"))
    file.write_text("apiVersion: v1\n")
    return lambda: away.replace(file)


@pytest.mark.parametrize(
    ("fault", "ready"),
    [
        pytest.param(lock, "database can't be written", id="locked"),
        pytest.param(remove, "no database", id="removed"),
        pytest.param(replace, "no database", id="replaced by something else"),
    ],
)
def test_an_upload_that_cannot_be_stored_says_so(
    client: FlaskClient, file: Path, fault: Callable[[Path], Callable[[], object]], ready: str
) -> None:
    """As a page and as JSON; whoever tries again when the fault is over finds all that was stored before."""
    before = upload(client)
    assert readiness(client) == (200, "ok")
    end = fault(file)
    try:
        for accept in ("text/html", "application/json"):
            response = client.post("/upload", data={"text": WEB}, headers={"Accept": accept})
            assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
            assert "Nothing half-done was kept. Try again in a few seconds" in response.text
            assert response.headers["Cache-Control"] == "no-store"
        assert readiness(client) == (503, ready)
        assert {path: client.get(path).status_code for path in NEEDS_NO_DATABASE} == dict.fromkeys(
            NEEDS_NO_DATABASE, 200
        )
    finally:
        end()
    assert readiness(client) == (200, "ok")
    assert client.get(before).status_code == 200
    assert stored(client) == 1


def test_what_was_pasted_is_given_back(client: FlaskClient, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To be sent again in a few seconds; a file is chosen again, and a large text is not read for a refusal."""
    file.unlink()
    pasted = client.post("/upload", data={"text": f"# mine & yours\n{WEB}", "keep": "7"})
    assert pasted.status_code == 503
    assert "# mine &amp; yours\napiVersion: v1" in pasted.text
    assert 'role="alert"' in pasted.text
    chosen = client.post("/upload", data={"files": (BytesIO(WEB.encode()), "web.yaml")})
    monkeypatch.setattr(storage_faults, "_PASTED_BYTES", 10_000)
    large = client.post("/upload", data={"text": WEB + "#" * 10_000})
    assert [each.status_code for each in (chosen, large)] == [503, 503]
    assert "</textarea>" not in chosen.text + large.text


def test_what_cannot_be_fetched_says_so(client: FlaskClient, file: Path) -> None:
    """A page that only reads does not speak of storing."""
    path = upload(client)
    file.unlink()
    response = client.get(path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "What was uploaded can’t be reached just now" in response.text
    assert "Nothing half-done" not in response.text


def test_a_disk_without_room_for_an_upload_on_its_way_in_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large ones are put into a temporary file first; other errors of the system stay errors."""

    def fail(number: int) -> Callable[..., None]:
        def raising(*_: object) -> None:
            raise OSError(number, CANARY)

        return raising

    monkeypatch.setattr(uploads, "read_sent", fail(errno.ENOSPC))
    response = client.post("/upload", data={"text": WEB})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "disk is full" in response.text
    assert CANARY not in response.text
    monkeypatch.setattr(uploads, "read_sent", fail(errno.EIO))
    assert client.post("/upload", data={"text": WEB}).status_code == 500


def test_both_sides_of_a_comparison_are_stored_or_none(client: FlaskClient) -> None:
    """One alone would be a set that nobody asked for."""
    upload(client)
    store = client.application.extensions["nodefall"].store
    store.quota = Quota(total=store.usage()[1] * 5 // 2)
    assert client.post("/compare", data={"old-text": WEB, "new-text": WEB}).status_code == 507
    assert stored(client) == 1
    upload(client)


@pytest.mark.parametrize(("accept", "marker"), [("text/html", "</textarea>"), ("application/json", '"status":')])
def test_a_client_that_has_stored_enough_is_told_until_when(make: Make, accept: str, marker: str) -> None:
    """Status 429 with the seconds to wait; others store on, and what was stored stays."""
    client = make(STORED_MEGABYTES_PER_CLIENT=1).test_client()
    path = upload(client)
    store = client.application.extensions["nodefall"].store
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE stored_sizes SET size = 1048576"))
    response = client.post(
        "/upload", data={"text": WEB}, headers={"Accept": accept}, environ_base={"REMOTE_ADDR": "192.0.2.1"}
    )
    assert response.status_code == 429
    assert 3500 < int(response.headers["Retry-After"]) <= 3600
    assert "room again in an hour" in response.text
    assert marker in response.text
    for address in ("/t/sample-shop/share", "/compare", f"{path}/compare", f"{path}/upload"):
        refused = client.post(address, data={"text": WEB}, environ_base={"REMOTE_ADDR": "192.0.2.1"})
        assert (address, refused.status_code) == (address, 429)
    assert client.get(path).status_code == 200
    upload(client, address="192.0.2.2")


def test_a_full_server_says_so_and_shows_what_it_has(make: Make) -> None:
    """Status 507 for whoever uploads or shares, page and JSON."""
    client = make(STORED_MEGABYTES=1).test_client()
    path = upload(client)
    store = client.application.extensions["nodefall"].store
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE stored_sizes SET size = 1048576"))
    for accept in ("text/html", "application/json"):
        response = client.post("/upload", data={"text": WEB}, headers={"Accept": accept})
        assert response.status_code == 507
        assert response.headers["Retry-After"] == "3600"
        assert "try again in an hour" in response.text
    assert client.get(path).status_code == 200
    # A quota is no fault: it takes requests.
    assert readiness(client) == (200, "ok")


def test_a_worker_counts_for_the_client_that_sent_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told no address, but the key of it."""
    monkeypatch.setattr("webapp.views.isolation.LARGE_UPLOAD", 0)
    app = make(WORKERS=1, STORED_MEGABYTES_PER_CLIENT=1)
    client = app.test_client()
    sent = {"data": {"text": WEB}, "headers": {"Accept": "application/json"}}
    assert client.post("/upload", **sent, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 201
    with app.extensions["nodefall"].store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE stored_sizes SET size = 1048576"))
    for address, status in (("192.0.2.1", 429), ("192.0.2.2", 201)):
        response = client.post("/upload", **sent, environ_base={"REMOTE_ADDR": address})
        assert (response.status_code, app.extensions["nodefall-jobs"].pool is None) == (status, False)
    app.extensions["nodefall-jobs"].close()


def test_a_worker_shows_samples_without_the_database(make: Make, file: Path) -> None:
    """It may be started while the database is away."""
    app = make(WORKERS=1, LARGE_SET=0)
    file.unlink()
    response = app.test_client().get("/t/sample-shop?down=node/worker-2", headers={"Accept": "application/json"})
    app.extensions["nodefall-jobs"].close()
    assert response.status_code == 200


@pytest.mark.parametrize(("status", "again"), [(200, False), (404, False), (503, True)])
def test_a_worker_that_failed_is_asked_again(make: Make, status: int, *, again: bool) -> None:
    """Its database may be back: its response is not kept as one that is right would be."""
    app, told = make(), []
    job = Job(key="key", call=Call({}), outcome=Answer(status, (), b""))
    with app.test_request_context():
        assert shown(SimpleNamespace(told=told.append), job).status_code == status
    assert told == [job] * again


def test_a_document_that_is_damaged_is_told_apart(client: FlaskClient) -> None:
    """The database answers, but what is in it can't be read."""
    path = upload(client)
    store = client.application.extensions["nodefall"].store
    with store.engine.begin() as connection:
        connection.execute(topologies.update().values(document=zlib.compress(b'{"nodes": "hunter2"}')))
    client.application.extensions["nodefall"]._load.cache.clear()
    response = client.get(path)
    assert response.status_code == 503
    assert "A newer nodefall stored it, or it was damaged" in response.text
    assert CANARY not in response.text


def test_nothing_of_an_upload_is_logged_when_it_cannot_be_stored(
    client: FlaskClient, file: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither its names nor its file's, whatever fails: SQLAlchemy's own text would have all parameters in it."""
    text = WEB.replace("web", CANARY)
    with closing(sqlite3.connect(file)) as other:
        other.execute("DROP TABLE stored_sizes")
    assert client.post("/upload", data={"text": text}).status_code == 503
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE stored_sizes (id, client, created, expires, size, other NOT NULL)")
    response = client.post("/upload", data={"text": text})
    assert response.status_code == 503
    # An error that nobody expects goes to the log with its traceback.
    store = client.application.extensions["nodefall"].store
    with pytest.raises(sa.exc.IntegrityError) as error, store.database.writing() as connection:
        connection.execute(
            topologies.insert(), {"id": CANARY, "name": CANARY, "created": 1, "expires": 2, "version": 1}
        )
    said = capfd.readouterr()
    assert CANARY not in str(error.value) + caplog.text + said.out + said.err
    assert "The database failed: OperationalError" in caplog.text
