"""Every error has a page that says what to do, and no traceback."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.uploading import SETTINGS, Uploads
from tests.views.uploading import WEB as MANIFESTS
from webapp.views import create_app
from webapp.views.page.topologies import topologies


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


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("/t/gone", "A shared one is gone once it has expired", id="a topology"),
        pytest.param("/nowhere", "No page has this address.", id="an address"),
        pytest.param("/t/sample-shop/diagram.gif", "A picture is available as svg, png", id="a picture's format"),
        pytest.param("/compare/sample-shop/sample-shop/comparison.pdf", "as md and json", id="a comparison's format"),
        pytest.param("/t/sample-shop/delete", "A sample can’t be deleted", id="the end of a sample"),
    ],
)
def test_what_is_not_there_is_named(client: FlaskClient, path: str, said: str) -> None:
    """Only a topology is gone because it expired."""
    response = client.get(path)
    assert response.status_code == 404
    assert said in response.text
    assert ("expired" in response.text) == ("expired" in said)


def test_a_service_without_ports_has_no_picture_and_offers_none(uploads: Uploads, client: FlaskClient) -> None:
    """It is named, and the page has no link that leads nowhere."""
    path = uploads.stored("apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {clusterIP: None}\n")
    response = client.get(f"{path}/diagram.svg")
    assert response.status_code == 404
    assert "Service default/db has no port, so there is nothing to draw." in response.text
    assert f"{path}/diagram." not in client.get(path).text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param(
            "/t/sample-shop/simulation.json?dwon=node/worker-1", "Did you mean down? There is: add-node,", id="JSON"
        ),
        pytest.param("/t/sample-shop/diagram.svg?utm_source=x", "no parameter &#34;utm_source&#34;", id="a picture"),
        pytest.param("/compare/sample-shop/sample-shop/comparison.md?down=x", "There is: add-node,", id="a comparison"),
        pytest.param("/t/sample-shop/simulation.json?entries=sumary", "entries is full or summary", id="a value"),
    ],
)
def test_a_program_is_told_of_a_word_that_means_nothing(client: FlaskClient, address: str, said: str) -> None:
    """With status 400: left out in silence it would have got the answer to another question."""
    response = client.get(address)
    assert response.status_code == 400
    assert said in (response.json["error"] if response.is_json else response.text)


def test_the_api_is_as_strict(client: FlaskClient) -> None:
    """About the query, whatever the body."""
    response = client.post("/api/v1/simulate?dwon=node/worker-1", data=MANIFESTS, content_type="application/yaml")
    assert response.status_code == 400
    assert response.json["error"].startswith('This URL has no parameter "dwon". Did you mean down?')


@pytest.mark.parametrize(
    ("page", "query", "meant"),
    [
        pytest.param("", "dwon=node/worker-1", "down", id="letters swapped"),
        pytest.param("/services", "servcie=default/web", "service", id="on another page"),
        pytest.param("", "Proxy_Mode=nftables", "proxy-mode", id="spelled differently"),
        pytest.param("", "utm_source=mail&fbclid=1&ref=x&_=2", None, id="what other sites add"),
        pytest.param("/findings", "order=name", None, id="a word of another page"),
    ],
)
def test_a_page_points_out_a_slip_and_is_shown_all_the_same(
    client: FlaskClient, page: str, query: str, meant: str | None
) -> None:
    """A link that another site has added words to must go on working."""
    response = client.get(f"/t/sample-shop{page}?{query}")
    assert response.status_code == 200
    assert ("is unknown in this URL" in response.text) == (meant is not None)
    assert f"Did you mean <code>{meant}</code>?" in response.text or meant is None


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
    client = create_app(SETTINGS | {"RATE_LIMIT": "20 per minute"}).test_client()
    statuses = [client.post("/upload", data={"text": "x"}).status_code for _ in range(3)]
    assert statuses == [422, 422, 429]


def test_an_error_of_ours_says_so_and_shows_no_insides(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback goes to the log."""
    app.testing = False
    with app.app_context():
        monkeypatch.setattr(topologies(), "open", lambda _: 1 / 0)
    response = app.test_client().get("/t/x")
    assert response.status_code == 500
    assert "nodefall failed" in response.text
    assert "ZeroDivisionError" not in response.text
