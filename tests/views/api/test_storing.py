"""The API stores a set and answers with a link that works; whoever has the token deletes it."""

from io import BytesIO
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import WEB

UPLOAD = "/api/v1/upload"
JSON = {"Accept": "application/json"}


def form(name: str = "file") -> dict[str, object]:
    """Return what ``curl -F file=@web.yaml`` sends."""
    return {"data": {name: (BytesIO(WEB.encode()), "web.yaml")}, "content_type": "multipart/form-data"}


def count(client: FlaskClient) -> int:
    """Return how many sets are stored."""
    return client.application.extensions["nodefall"].store.usage()[0]


@pytest.mark.parametrize("name", ["file", "files"])
def test_an_upload_by_curl_is_answered_with_a_link_that_works(client: FlaskClient, name: str) -> None:
    """The link is all there is in the body, so that a script can take it as it is."""
    response = client.post(UPLOAD, headers={"Accept": "*/*"}, **form(name))
    assert (response.status_code, response.mimetype) == (201, "text/plain")
    link = response.text.removesuffix("\n")
    assert link == response.headers["Location"]
    assert link.startswith("http://localhost/t/")
    assert "web.yaml" in client.get(urlsplit(link).path).text


def test_a_program_gets_all_there_is_to_say(client: FlaskClient) -> None:
    """As JSON, where it asks for that: the id for the other addresses, and the token that deletes."""
    response = client.post(UPLOAD, headers=JSON, data=WEB)
    document = response.json
    assert set(document) == {"id", "url", "deleteToken", "expires", "problems", "notUsed"}
    assert document["url"].endswith(f"/t/{document['id']}")
    assert document["notUsed"] == {}
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n"
    assert client.post(UPLOAD, headers=JSON, data=other + WEB).json["notUsed"] == {"ConfigMap": 1}
    assert document["deleteToken"] == response.headers["Nodefall-Delete-Token"]
    simulated = client.get(f"/api/v1/simulate?topology={document['id']}").json
    assert [service["name"] for service in simulated["services"]] == ["web"]


def test_the_link_opens_the_state_of_the_query(client: FlaskClient) -> None:
    """The page shows the failure at once."""
    link = client.post(f"{UPLOAD}?down=node/node-1&at=failed&service=default/web", **form()).text.strip()
    assert urlsplit(link).query == "service=default/web&down=node/node-1&at=failed"
    assert client.get(link).status_code == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("down=node/nope", "There is: node-1, node-2, node-3."),
        ("dwon=node/node-1", "Did you mean down?"),
        ("keep=1000", "keep is a number from 1 to"),
        ("nodes=x", "nodes is a number from 1 to 5000"),
    ],
)
def test_a_wrong_word_stores_nothing(client: FlaskClient, query: str, said: str) -> None:
    """It is refused before, with what there is."""
    response = client.post(f"{UPLOAD}?{query}", **form())
    assert response.status_code == 400
    assert said in response.json["detail"]
    assert count(client) == 0


def test_a_picture_that_carries_its_state_is_opened_in_it(client: FlaskClient) -> None:
    """As on the first page."""
    picture = client.get("/t/sample-shop/diagram.svg?down=node/worker-2").data
    data = {"file": (BytesIO(picture), "picture.svg")}
    link = client.post(UPLOAD, data=data, content_type="multipart/form-data").text.strip()
    assert urlsplit(link).query == "down=node/worker-2"


def test_it_is_kept_as_long_as_was_asked(client: FlaskClient) -> None:
    """In days."""
    one, most = (client.post(UPLOAD + query, headers=JSON, data=WEB).json["expires"] for query in ("?keep=1", ""))
    assert one < most


def test_what_cannot_be_read_is_said_file_by_file(client: FlaskClient) -> None:
    """With the line, and nothing is stored."""
    data = {"file": (BytesIO(b"kind: Service\nspec: ["), "broken.yaml")}
    response = client.post(UPLOAD, data=data, content_type="multipart/form-data")
    assert (response.status_code, response.mimetype) == (422, "application/problem+json")
    assert [(each["file"], each["line"] is not None) for each in response.json["errors"]] == [("broken.yaml", True)]
    assert count(client) == 0


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_the_token_deletes_it(client: FlaskClient, method: str) -> None:
    """In the header that the upload answered with."""
    document = client.post(UPLOAD, headers=JSON, data=WEB).json
    path = f"/api/v1/delete?topology={document['id']}"
    assert client.open(path, method=method, headers={"Nodefall-Delete-Token": "wrong"}).status_code == 403
    assert client.open(path, method=method).status_code == 403
    assert count(client) == 1
    response = client.open(path, method=method, headers={"Nodefall-Delete-Token": document["deleteToken"]})
    assert (response.status_code, response.data) == (204, b"")
    assert count(client) == 0
    assert client.open(path, method=method).status_code == 404


def test_the_token_may_come_in_a_form(client: FlaskClient) -> None:
    """``curl -F token=TOKEN``."""
    document = client.post(UPLOAD, headers=JSON, data=WEB).json
    response = client.post(f"/api/v1/delete?topology={document['id']}", data={"token": document["deleteToken"]})
    assert response.status_code == 204


def test_no_cookie_deletes(client: FlaskClient) -> None:
    """A browser that uploaded it has one, and another site could have it send a request."""
    path = client.post("/upload", data=WEB).headers["Location"]
    assert client.delete(f"/api/v1/delete?topology={path.removeprefix('/t/')}").status_code == 403


@pytest.mark.parametrize("path", [UPLOAD, "/api/v1/delete?topology=x", "/api/v1/simulate"])
def test_another_site_cannot_have_a_browser_ask(client: FlaskClient, path: str) -> None:
    """The browser says where the form is from."""
    response = client.post(path, headers={"Sec-Fetch-Site": "cross-site"}, data=WEB)
    assert response.status_code == 403
    assert response.json["type"] == "/api/v1/problems#not-allowed"
    assert count(client) == 0


def test_a_sample_cannot_be_deleted(client: FlaskClient) -> None:
    """Nobody uploaded it."""
    response = client.delete("/api/v1/delete?topology=sample-shop")
    assert (response.status_code, response.json["detail"]) == (404, "A sample can’t be deleted.")


def test_a_field_that_nothing_is_done_with_is_refused(client: FlaskClient) -> None:
    """Whoever sends ``-F down=node/node-1`` would get another answer than they think."""
    response = client.post(UPLOAD, data={"text": WEB, "down": "node/node-1"})
    assert response.status_code == 400
    assert 'no field "down"' in response.json["detail"]
    assert count(client) == 0
