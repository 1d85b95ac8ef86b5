"""Two server processes on one database, SQLite and PostgreSQL, and one that is killed: all is in the database."""

import contextlib
import http.client
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from tests.databases import FILE, POSTGRES, empty_database
from tests.servers import PATIENCE, serving
from tests.views.uploading import WEB
from webapp.storage import Store

pytestmark = pytest.mark.servers


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


OPENER = build_opener(_Stay)


def ask(url: str, body: str | None = None, **headers: str) -> tuple[int, Any, str]:
    """Return status, headers and text of a response; redirects aren't followed."""
    request = Request(url, data=body.encode() if body is not None else None, headers=headers)  # noqa: S310
    try:
        with OPENER.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def upload(address: str, text: str = WEB, to: str = "upload") -> dict[str, str]:
    """Upload as a program does and return what it is told."""
    status, _, said = ask(f"{address}{to}", text, Accept="application/json")
    assert status == 201, said
    told: dict[str, str] = json.loads(said)
    return told


@pytest.fixture(params=[FILE, POSTGRES])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database."""
    with empty_database(request.param, tmp_path) as url:
        yield url


def test_what_one_process_stored_the_other_opens_changes_shares_and_deletes(database: str) -> None:
    """Neither asks the other: all is in the database."""
    with contextlib.ExitStack() as stack:
        (_, one), (_, two) = (stack.enter_context(serving("--port", "0", "--database", database)) for _ in range(2))
        first = upload(one)
        path = first["url"].lstrip("/")
        assert ask(two + path)[0] == 200
        changed = upload(two, WEB.replace("30080", "30081"), to=f"{path}/upload")
        assert ":30081" in ask(one + changed["url"].lstrip("/"))[2]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        _, headers, _ = ask(f"{two}{path}/share", "title=Before+the+change", **form)
        view, cookie = headers["Location"].rpartition("shared=")[2], headers["Set-Cookie"].partition(";")[0]
        assert ask(f"{one}s/{view}")[0] == 302
        status, _, _ = ask(f"{one}s/{view}/edit", "title=After+it", **form, Cookie=cookie)
        assert status == 303
        assert "After it" in ask(f"{two}s/{view}/edit", Cookie=cookie)[2]
        assert ask(f"{two}{path}/delete", "token=another", **form)[0] == 403
        assert ask(f"{two}{path}/delete", f"token={first['deleteToken']}", **form)[0] == 303
        # The first process has it in its cache, and doesn't show it any more.
        assert [ask(one + each)[0] for each in (path, f"s/{view}", changed["url"].lstrip("/"))] == [404, 404, 200]


@pytest.mark.skipif(os.name != "posix", reason="signals between processes are POSIX's")
def test_a_server_that_is_killed_has_every_upload_whose_address_it_gave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL while several upload, some of it by a worker; a server that is started again has all of it."""
    monkeypatch.setenv("NODEFALL_RATE_LIMIT", "")
    database = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    given: list[str] = []
    large = WEB + "".join(f"# {line}\n" for line in range(6000))

    def keep_uploading(address: str, text: str) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                given.append(upload(address, text)["url"])

    for _ in range(2):
        before = len(given)
        with serving("--port", "0", "--database", database) as (server, address):
            uploaders = [threading.Thread(target=keep_uploading, args=(address, text)) for text in (WEB, WEB, large)]
            for each in uploaders:
                each.start()
            while len(given) < before + 20 and any(each.is_alive() for each in uploaders):
                uploaders[0].join(0.05)
            server.kill()
            for each in uploaders:
                each.join()
        assert len(given) >= before + 20
    store = Store(database)
    ids = [url.rpartition("/")[2] for url in given]
    assert [each for each in ids if not store.load(each, datetime.now(UTC))] == []
    store.close()
