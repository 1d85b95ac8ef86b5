"""Pages of what `serve --watch` reads: they hear of a new reading, and lead to it in the state that is looked at."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.command_input import followed
from webapp.following import Following
from webapp.manifests.manifests import Manifests
from webapp.paths import resource_directory
from webapp.views import following as views
from webapp.views.following import follow

SHOP = (resource_directory("samples") / "shop.yaml").read_text()
NOW = datetime(2126, 5, 1, 12, 30, 5, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file that is followed."""
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    return path


@pytest.fixture
def its(app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch) -> Following:
    """Let the app follow a file, and its streams end after what they say first."""
    monkeypatch.setattr(views, "STREAM_SECONDS", 0.001)
    source = followed([str(file)], None, render=False)
    app.config["FOLLOWS"] = source.name
    store = app.extensions["nodefall"].store

    def keep(manifests: Manifests) -> str:
        return str(store.save(manifests, name=source.name, keep=timedelta(days=1), now=NOW))

    made = Following(source, keep, lambda: NOW, source.read())
    follow(app, made)
    return made


def write(its: Following, file: Path, old: str, new: str) -> None:
    """Write something else into the file, and let it be noticed."""
    file.write_text(file.read_text().replace(old, new, 1))
    its.look()


def told(client: FlaskClient, reading: str) -> Any:
    """Return what a page of a reading hears first."""
    response = client.get(f"/t/{reading}/following")
    assert response.mimetype == "text/event-stream"
    return json.loads(next(line for line in response.text.splitlines() if line.startswith("data: "))[6:])


def test_a_page_hears_what_it_follows(client: FlaskClient, its: Following, file: Path) -> None:
    """And that there is nothing newer."""
    assert told(client, its.newest.id) == {
        "newest": True,
        "said": f"Follows {file}, read at 12:30:05.",
        "problem": "",
        "compare": "",
    }


def test_a_page_hears_of_a_new_reading_and_what_is_different(client: FlaskClient, its: Following, file: Path) -> None:
    """Whoever has the reading before open; the new one can be compared with it."""
    first = its.newest.id
    write(its, file, "replicas: 3", "replicas: 4")
    second = its.newest.id
    assert not told(client, first)["newest"]
    assert told(client, second) == {
        "newest": True,
        "said": f"Follows {file}, read at 12:30:05: Deployment default/admin changed.",
        "problem": "",
        "compare": f"/compare/{first}/{second}",
    }
    assert client.get(f"/compare/{first}/{second}").status_code == 200


def test_a_page_of_an_earlier_server_process_goes_on(
    app: Flask, client: FlaskClient, its: Following, file: Path
) -> None:
    """It was restarted, and has read everything once more: what it stored before was of the same source."""
    earlier = its.newest.id
    again = Following(followed([str(file)], None, render=False), its._keep, lambda: NOW, Manifests())
    follow(app, again)
    heard = told(client, earlier)
    assert (heard["newest"], heard["compare"]) == (False, "")
    assert heard["said"].startswith(f"Follows {file}, read at ")
    upload = client.post("/upload", data={"text": SHOP}).headers["Location"]
    assert client.get(f"{upload}/following").status_code == 404


def test_many_changes_are_counted(client: FlaskClient, its: Following, file: Path) -> None:
    """A sentence names three of each sort."""
    file.write_text(SHOP.replace("replicas: ", "replicas: 1"))
    its.look()
    assert its.newest.changes.changed
    nodes = "".join(f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: more-{n}}}\n" for n in range(5))
    file.write_text(f"{file.read_text()}\n{nodes}")
    its.look()
    assert told(client, its.newest.id)["said"].endswith(": Node more-0, Node more-1, Node more-2 and 2 more added.")


def test_what_can_not_be_read_is_said_on_the_page(client: FlaskClient, its: Following, file: Path) -> None:
    """With its file and line; the last reading stays."""
    file.write_text("a: [")
    its.look()
    problem = told(client, its.newest.id)["problem"]
    assert problem.startswith("Can’t be read now: ")
    assert "shop.yaml:1" in problem


def test_other_sets_follow_nothing(client: FlaskClient, its: Following) -> None:
    """Neither samples nor uploads; nor does a server without --watch."""
    assert client.get("/t/sample-shop/following").status_code == 404
    assert 'id="following"' not in client.get("/t/sample-shop").text
    assert 'id="following"' in client.get(f"/t/{its.newest.id}").text


@pytest.mark.parametrize("page", ["", "/services", "/resilience", "/findings", "/problems"])
def test_the_newest_reading_opens_in_the_state_that_is_looked_at(
    client: FlaskClient, its: Following, file: Path, page: str
) -> None:
    """On the same page, by the link that is there without a script too."""
    first = its.newest.id
    text = client.get(f"/t/{first}{page}?down=node/worker-2&at=failed").text
    link = next(part for part in text.split('"') if f"/t/{first}/newest" in part).replace("&amp;", "&")
    write(its, file, "replicas: 3", "replicas: 4")
    response = client.get(link, follow_redirects=True)
    assert response.status_code == 200
    assert response.request.path == f"/t/{its.newest.id}{page}"
    assert response.request.args["down"] == "node/worker-2"


def test_a_failure_of_what_is_gone_is_left_out_and_said(client: FlaskClient, its: Following, file: Path) -> None:
    """The rest of the state stays."""
    first = its.newest.id
    file.write_text(SHOP.replace("worker-4", "worker-5"))
    its.look()
    asked = f"/t/{first}/newest?down=node/worker-4&down=node/worker-1&at=failed"
    response = client.get(asked, follow_redirects=True)
    assert response.status_code == 200
    assert "Not in this set, so skipped:" in response.text
    assert response.request.args.getlist("down") == ["node/worker-1"]


def test_more_pages_than_may_wait_are_told_and_ask_again(
    client: FlaskClient, its: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream holds a thread of the server, and others want to click."""
    monkeypatch.setattr(views, "STREAM_SECONDS", 3600)
    streams = [client.get(f"/t/{its.newest.id}/following", buffered=False) for _ in range(views.OPEN_STREAMS)]
    for stream in streams:
        list(itertools.islice(stream.response, 2))
    assert told(client, its.newest.id)["newest"]
    for stream in streams:
        stream.close()
    monkeypatch.setattr(views, "STREAM_SECONDS", 0.001)
    assert told(client, its.newest.id)["newest"]


def test_streams_end_when_the_server_does(app: Flask, client: FlaskClient, its: Following) -> None:
    """Else it would wait for them."""
    app.extensions["nodefall-operation"].ending = True
    assert "data: " not in client.get(f"/t/{its.newest.id}/following").text
