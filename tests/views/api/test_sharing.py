"""The API shares a state under a short link; whoever has the token changes what is said of it, or stops sharing."""

from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.views.uploading import WEB

JSON = {"Accept": "application/json"}
STATE = "down=node/worker-2&at=failed"


def share(client: FlaskClient, words: str = "", **form: str) -> dict[str, str]:
    """Share a state of a sample, and return what is said of it."""
    response = client.post(f"/api/v1/share?topology=sample-shop&{STATE}{words}", data=form, headers=JSON)
    assert response.status_code == 201
    return response.json


def change(client: FlaskClient, shared: dict[str, str], words: str = "", **form: str) -> TestResponse:
    """Change what is said of it."""
    headers = {"Nodefall-Edit-Token": shared["editToken"]}
    return client.patch(f"/api/v1/shared/{shared['id']}?{words}", data=form, headers=headers)


def test_the_link_alone_is_printed_and_opens_the_state(client: FlaskClient) -> None:
    """So that a script can post it as it is."""
    response = client.post(f"/api/v1/share?topology=sample-shop&{STATE}&name=zone+a+lost", data={"title": "Friday"})
    link = response.text.removesuffix("\n")
    assert (response.status_code, response.headers["Location"]) == (201, link)
    assert response.headers["Nodefall-Edit-Token"]
    assert "Set-Cookie" not in response.headers
    opened = client.get(urlsplit(link).path, follow_redirects=True)
    assert opened.request.args["down"] == "node/worker-2"
    assert opened.request.args["name"] == "zone a lost"
    assert "Friday" in opened.text


def test_a_program_gets_all_addresses_of_it(client: FlaskClient) -> None:
    """Of a private one none for a frame."""
    private = share(client)
    assert private["mapUrl"] == f"http://localhost/t/sample-shop?{STATE}"
    assert (private["embedUrl"], private["public"], private["title"]) == (None, False, "")
    public = share(client, "&findable=public&service=default/web", title="Friday", note="Spread\nthem.")
    assert client.get(public["embedUrl"]).status_code == 200
    assert "Friday" in client.get(public["embedUrl"]).text
    told = client.get(f"/api/v1/shared/{public['id']}").json
    assert told == {name: value for name, value in public.items() if name != "editToken"}
    assert told["note"] == "Spread\nthem."


def test_it_is_kept_as_long_as_was_asked_and_no_longer_than_its_set(client: FlaskClient) -> None:
    """In days."""
    stored = client.post("/api/v1/upload?keep=2", data=WEB, headers=JSON).json
    url = f"/api/v1/share?topology={stored['id']}"
    one, most = (client.post(url + words, headers=JSON).json["expires"] for words in ("&keep=1", "&keep=30"))
    assert one < most == stored["expires"]


def test_what_is_said_of_it_is_changed_by_whoever_has_the_token(client: FlaskClient) -> None:
    """What is not named stays."""
    shared = share(client, title="Friday", note="Spread them.")
    assert change(client, shared | {"editToken": "wrong"}, title="x").status_code == 403
    assert client.patch(f"/api/v1/shared/{shared['id']}", data={"title": "x"}).status_code == 403
    told = change(client, shared, "findable=public", title="Monday").json
    assert (told["title"], told["note"], told["public"]) == ("Monday", "Spread them.", True)
    assert told["expires"] == shared["expires"]
    assert change(client, shared, "keep=1", note="").json["expires"] < shared["expires"]
    last = client.get(f"/api/v1/shared/{shared['id']}").json
    assert (last["title"], last["note"], last["public"]) == ("Monday", "", True)


def test_sharing_is_stopped_by_whoever_has_the_token(client: FlaskClient) -> None:
    """The short link leads nowhere then; the set stays."""
    shared = share(client)
    url = f"/api/v1/shared/{shared['id']}"
    assert client.delete(url).status_code == 403
    response = client.delete(url, headers={"Nodefall-Edit-Token": shared["editToken"]})
    assert (response.status_code, response.data) == (204, b"")
    assert client.get(url).status_code == client.get(urlsplit(shared["url"]).path).status_code == 404


@pytest.mark.parametrize(
    ("query", "form", "said"),
    [
        ("", {}, "Say topology=ID"),
        ("topology=sample-shop&down=node/worker-9", {}, "There is no node"),
        ("topology=sample-shop&keep=91", {}, "keep is a number from 1 to 90"),
        ("topology=sample-shop", {"title": "x" * 81}, "A title has at most 80 characters, not 81."),
        ("topology=sample-shop", {"note": "x" * 1_401}, "A note has at most 400 characters, not 1,401."),
        ("topology=sample-shop", {"down": "node/worker-2"}, 'no field "down"'),
    ],
)
def test_what_is_wrong_is_refused(client: FlaskClient, query: str, form: dict[str, str], said: str) -> None:
    """Before anything is stored."""
    response = client.post(f"/api/v1/share?{query}", data=form)
    assert response.status_code == 400
    assert said in response.json["detail"]


def test_another_site_cannot_have_a_browser_share(client: FlaskClient) -> None:
    """Nor change or stop anything."""
    shared = share(client)
    for method, url in (("POST", "/api/v1/share?topology=sample-shop"), ("DELETE", f"/api/v1/shared/{shared['id']}")):
        assert client.open(url, method=method, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
