"""The API: manifests in, the simulation document or an explanation out, nothing kept."""

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import WEB


def test_what_is_sent_is_simulated(client: FlaskClient) -> None:
    """As the body itself; the query holds the Scenario's words."""
    response = client.post("/api/v1/simulate?down=node/node-1&at=failed", data=WEB, content_type="application/yaml")
    assert response.json is not None
    assert response.json["down"] == ["node/node-1"]
    assert response.json["services"][0]["ports"][0]["nodePort"] == 30080


def test_a_form_with_files_works_as_well(client: FlaskClient) -> None:
    """The same fields as the page's."""
    response = client.post("/api/v1/simulate", data={"text": WEB})
    assert response.json is not None
    assert [service["name"] for service in response.json["services"]] == ["web"]


KINDS = {
    "what curl says": "application/x-www-form-urlencoded",
    "YAML": "application/yaml",
    "JSON, although it isn't": "application/json",
    "plain text": "text/plain; charset=latin-1",
    "a form without its boundary": "multipart/form-data",
    "nothing": None,
}
LARGE = WEB + "".join(f"---\n{{kind: ConfigMap, apiVersion: v1, metadata: {{name: c{i}}}}}\n" for i in range(9000))
COMPACT = b'{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}'


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize("body", [WEB.encode(), LARGE.encode(), COMPACT], ids=["small", "700 kB", "one line"])
def test_the_body_is_read_whatever_its_content_type_says(client: FlaskClient, kind: str | None, body: bytes) -> None:
    """``curl --data-binary`` calls every body a form, which Flask would consume."""
    response = client.post("/api/v1/simulate", data=body, headers={"Content-Type": kind} if kind else {})
    assert response.status_code == 200, response.text
    assert response.json is not None
    assert [service["name"] for service in response.json["services"]] == ["web"]


@pytest.mark.parametrize("field", ["files", "text"])
def test_a_form_of_several_parts_is_read_as_one(client: FlaskClient, field: str) -> None:
    """``curl -F files=@web.yaml``."""
    value = (BytesIO(WEB.encode()), "web.yaml") if field == "files" else WEB
    response = client.post("/api/v1/simulate", data={field: value}, content_type="multipart/form-data")
    assert response.json is not None
    assert [service["name"] for service in response.json["services"]] == ["web"]


@pytest.mark.parametrize("data", [b"", {"other": "x"}], ids=["no body", "a form without our fields"])
def test_nothing_sent_is_answered_with_what_to_send(client: FlaskClient, data: Any) -> None:
    """As JSON, with status 422."""
    response = client.post("/api/v1/simulate", data=data)
    assert response.status_code == 422
    assert response.json is not None
    assert "`files` or `text`" in response.json["error"]


@pytest.mark.parametrize("path", ["/api/v1/simulate", "/upload", "/compare", "/t/sample-shop/delete"])
def test_a_large_urlencoded_form_is_refused_before_it_is_decoded(client: FlaskClient, path: str) -> None:
    """Decoding takes ten seconds for 16 MB; the answer says what may be sent instead."""
    body = b"text=" + b"%41" * 400_000
    response = client.post(path, data=body, content_type=KINDS["what curl says"])
    assert response.status_code == 413
    assert "may have 1 MB" in response.text


def test_the_page_takes_a_plain_body_too(client: FlaskClient) -> None:
    """``curl --data-binary @web.yaml http://.../upload``."""
    response = client.post("/upload", data=WEB, content_type=KINDS["what curl says"])
    assert response.status_code == 303


def test_nothing_is_stored(client: FlaskClient) -> None:
    """The database stays empty."""
    client.post("/api/v1/simulate", data=WEB, content_type="application/yaml")
    store = client.application.extensions["nodefall"].store
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM topologies").scalar() == 0


def test_a_wrong_word_is_a_400_with_what_exists(client: FlaskClient) -> None:
    """As JSON."""
    response = client.post("/api/v1/simulate?down=node/nope", data=WEB, content_type="application/yaml")
    assert response.status_code == 400
    assert response.json is not None
    assert "node-1" in response.json["error"]


def test_what_cannot_be_read_is_a_422_with_its_problems(client: FlaskClient) -> None:
    """As JSON."""
    response = client.post("/api/v1/simulate", data="a: [", content_type="application/yaml")
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["problems"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_why_explains_an_address_of_what_is_sent(client: FlaskClient, method: str) -> None:
    """In the Scenario of the query."""
    url = "/api/v1/why?address=http://node-1:30080/&down=node/node-1"
    told = client.open(url, method=method, data=WEB, content_type="application/yaml").json
    assert (told["schema"], told["answered"], told["node"]) == ("nodefall/why/v1", 0.0, "node-1")
    assert told["headline"] == "node-1:30080 does not answer"


def test_why_explains_an_address_of_a_stored_topology(client: FlaskClient) -> None:
    """By its id; a sample has one as well."""
    told = client.get("/api/v1/why?topology=sample-shop&address=worker-1:30080").json
    assert (told["service"], told["answered"]) == ("default/web", 1.0)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("address=30080&topology=sample-shop", 400),
        ("topology=sample-shop", 400),
        ("address=a:1&protocol=ICMP&topology=sample-shop", 400),
        ("address=a:1&topology=nope", 404),
        ("adress=a:1&topology=sample-shop", 400),
        ("address=a:1", 422),
        ("address=a:1&topology=sample-shop&down=node/nope", 400),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_wrong(client: FlaskClient, query: str, status: int) -> None:
    """As JSON."""
    response = client.get(f"/api/v1/why?{query}", headers={"Accept": "application/json"})
    assert response.status_code == status
    assert response.json["error"]
