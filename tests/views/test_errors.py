"""Every error has a page that says what to do, and no traceback."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.uploading import SETTINGS
from webapp.views import create_app
from webapp.views.opened import library


@pytest.mark.parametrize(
    "path", ["/t/x", "/t/x/services", "/t/x/problems", "/t/x/delete", "/t/x/diagram.svg", "/t/x/simulation.json"]
)
def test_an_unknown_topology_is_not_found(client: FlaskClient, path: str) -> None:
    """Under each of its addresses."""
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("down=node/worker-9", "worker-1", id="a node that isn't there: the nodes that are"),
        pytest.param("service=default/nope", "default/web", id="a service that isn't there"),
        pytest.param("at=yesterday", "detected", id="a moment that isn't one"),
        pytest.param("via=train", "dns", id="a way in that isn't one"),
        pytest.param("down=node/worker-1&drain=node/worker-2", "drain", id="down and drain together"),
        pytest.param("select=node/nope", "nope", id="something to show that isn't there"),
        pytest.param("nodes=0", "nodes", id="no nodes at all"),
    ],
)
def test_a_wrong_word_is_answered_with_what_exists(client: FlaskClient, query: str, said: str) -> None:
    """With status 400, and a link to the same topology without the question."""
    response = client.get(f"/t/sample-shop?{query}")
    assert response.status_code == 400
    assert said in response.text
    assert 'href="/t/sample-shop"' in response.text


@pytest.mark.parametrize("page", ["", "/services", "/problems", "/diagram.svg", "/simulation.json"])
@pytest.mark.parametrize(
    "query",
    [
        "port=nope&unfold=x&unfold=y&view=zzz",
        "page=-1&q=%00%ff&state=zzz&severity=zzz",
        "page=abc&service=&down=&at=&via=",
        "select=pod/x/y",
        "nodes=99999999999999999999",
        "nodes=%C2%B2",
        "node-names=a,b,,%20,a&down=node/a",
        "kubernetes=1.x",
        "nodeport-addresses=10.0.0.0/99",
        "down=" + "node/" * 1000,
        "dropped=%3Cb%3E",
    ],
)
def test_odd_words_are_answered_and_never_fail(client: FlaskClient, page: str, query: str) -> None:
    """With a page, or with what is wrong about them."""
    response = client.get(f"/t/sample-webapp-service{page}?{query}")
    assert response.status_code in (200, 400)


def test_a_program_gets_the_error_as_json(client: FlaskClient) -> None:
    """Where the address ends in .json or JSON is preferred."""
    response = client.get("/t/sample-shop/simulation.json?down=node/nope")
    assert response.status_code == 400
    assert response.json is not None
    assert "nope" in response.json["error"]


def test_htmx_gets_the_part_of_the_page_that_it_swaps(client: FlaskClient) -> None:
    """An error inside the page is shown inside the page."""
    text = client.get("/t/x", headers={"HX-Request-Type": "partial"}).text
    assert text.startswith("<title>")
    assert "<html" not in text


def test_too_large_an_upload_is_told_the_limit(app: Flask) -> None:
    """413 names the limits, which one setting drives."""
    small = create_app(SETTINGS | {"MAX_UPLOAD_BYTES": 1024 * 1024})
    body = b"#" * 2_000_000
    response = small.test_client().post("/upload", data=body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 413
    assert "1 MB" in response.text
    assert app.config["MAX_FORM_MEMORY_SIZE"] == app.config["MAX_CONTENT_LENGTH"]


def test_a_paste_of_a_megabyte_is_no_problem(client: FlaskClient) -> None:
    """Flask's own default for form fields would refuse it at 500 kB."""
    text = "# comment\r\n" * 100_000 + "kind: Namespace"
    body = f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n--x--\r\n'.encode()
    assert client.post("/upload", data=body, content_type="multipart/form-data; boundary=x").status_code == 422


def test_too_many_uploads_have_to_wait() -> None:
    """The limit is per client and says so."""
    client = create_app(SETTINGS | {"RATE_LIMIT": "2 per minute"}).test_client()
    statuses = [client.post("/upload", data={"text": "x"}).status_code for _ in range(3)]
    assert statuses == [422, 422, 429]


def test_an_error_of_ours_says_so_and_shows_no_insides(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback goes to the log."""
    app.testing = False
    with app.app_context():
        monkeypatch.setattr(library(), "open", lambda _: 1 / 0)
    response = app.test_client().get("/t/x")
    assert response.status_code == 500
    assert "nodefall failed" in response.text
    assert "ZeroDivisionError" not in response.text
