"""Two sets, brought in and compared."""

import io
import json
from html import unescape
from re import findall

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.views.test_explorer import words
from tests.views.uploading import WEB

FEWER = WEB.replace("replicas: 3", "replicas: 1")
MOVED = WEB.replace("30080", "30090")


def send(client: FlaskClient, path: str = "/compare", **texts: str) -> TestResponse:
    """Send pasted text for one side or both."""
    return client.post(path, data={name.replace("_", "-"): text for name, text in texts.items()})


def compared(client: FlaskClient, old: str, new: str) -> str:
    """Return the address of the comparison of two texts."""
    response = send(client, old_text=old, new_text=new)
    assert response.status_code == 303
    return response.location


def test_two_sets_lead_to_what_differs(client: FlaskClient) -> None:
    """The worse first, with both sides."""
    text = words(client.get(compared(client, WEB, FEWER)).text)
    assert "default/web gets worse" in text
    assert "left after losing any one node 100% 0%" in text
    assert "endpoints 3 1" in text


def test_files_can_be_compared_as_well(client: FlaskClient) -> None:
    """Each side takes several."""
    data = {f"{side}-files": [(io.BytesIO(text.encode()), "web.yaml")] for side, text in (("old", WEB), ("new", MOVED))}
    response = client.post("/compare", data=data, content_type="multipart/form-data")
    assert "nodePort 30080 30090" in words(client.get(response.location).text)


def test_a_set_that_is_open_is_the_side_before(client: FlaskClient) -> None:
    """A sample, too; the form asks for the other side only."""
    form = client.get("/compare?old=sample-webapp-service").text
    assert "The course example" in form
    assert 'name="old-text"' not in form
    response = send(client, "/t/sample-webapp-service/compare", new_text=WEB)
    assert response.location.startswith("/compare/sample-webapp-service/")
    text = words(client.get(response.location).text)
    assert "default/webapp-service gets worse and default/web gets better" in text


def test_the_same_set_twice_differs_in_nothing(client: FlaskClient) -> None:
    """And says so."""
    text = words(client.get("/compare/sample-shop/sample-shop").text)
    assert "Clients from outside get the same as before" in text


def test_both_sides_are_shown_in_the_same_state(client: FlaskClient) -> None:
    """Their pictures and maps carry it, and the shares are those of it."""
    text = client.get(f"{compared(client, WEB, FEWER)}?down=node/node-1&at=failed").text
    asked = "service=default/web&amp;down=node/node-1&amp;at=failed"
    assert text.count('<img src="/t/') == text.count("<img") == 2
    assert len(findall(f'<img src="[^"]*/diagram.svg[?]{asked}"', text)) == 2
    assert '<option value="node/node-1" selected>' in text


def test_a_node_that_is_on_one_side_only_is_said(client: FlaskClient) -> None:
    """It is down where it is."""
    text = words(client.get("/compare/sample-webapp-service/sample-shop?down=node/node-1").text)
    assert "Not in this set: down=node/node-1." in text


def test_a_service_that_is_gone_has_one_picture(client: FlaskClient) -> None:
    """The other side says that it isn't there."""
    text = client.get("/compare/sample-shop/sample-webapp-service?service=default/api").text
    assert text.count("<img") == 1
    assert "default/api isn’t in this set." in text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(WEB, "", "Choose a file or paste something.", id="a side is missing"),
        pytest.param(WEB, "kind: [", "Nothing in there could be drawn.", id="a side is broken"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_typed_is_lost(
    client: FlaskClient, old: str, new: str, told: str
) -> None:
    """Neither side is stored."""
    response = send(client, old_text=old, new_text=new)
    assert response.status_code == 422
    assert told in response.text
    assert "replicas: 3" in response.text


@pytest.mark.parametrize(
    "path", ["/compare/nothing/sample-shop", "/compare/sample-shop/nothing", "/compare?old=nothing"]
)
def test_a_set_that_is_gone_is_not_found(client: FlaskClient, path: str) -> None:
    """With the usual page."""
    assert client.get(path).status_code == 404


def test_the_comparison_can_be_taken_away(client: FlaskClient) -> None:
    """As ``nodefall diff`` prints it."""
    path = compared(client, WEB, MOVED)
    document = json.loads(client.get(f"{path}/comparison.json").text)
    assert document["schema"] == "nodefall/diff/v1"
    assert document["changes"][0]["before"] == "30080"
    markdown = client.get(f"{path}/comparison.md")
    assert markdown.mimetype == "text/markdown"
    assert "| nodePort | 30080 | 30090 |" in markdown.text
    assert client.get(f"{path}/comparison.exe").status_code == 404


def test_each_picture_can_be_taken_away(client: FlaskClient) -> None:
    """As a file of its side's name."""
    text = client.get(f"{compared(client, WEB, FEWER)}?down=node/node-1").text
    for side in ("before", "after"):
        (path,) = findall(f'href="([^"]*)" download="{side}.svg"', text)
        picture = client.get(unescape(path))
        assert picture.mimetype == "image/svg+xml"
        assert "node-1 down" in picture.text


def test_the_file_shows_where_the_change_shows_most(client: FlaskClient) -> None:
    """As ``nodefall diff --output html`` writes it, if nothing was chosen on the page."""
    page = compared(client, WEB, FEWER)
    (path,) = findall(r'href="([^"]*/comparison.html[^"]*)"', client.get(page).text)
    file = client.get(path)
    assert file.headers["Content-Disposition"] == 'attachment; filename="comparison.html"'
    printed = client.post("/api/v1/diff?output=html&pods=3", data={"old-text": WEB, "new-text": FEWER})
    assert file.text == printed.text
    assert "Where it shows most" in file.text


def test_the_file_shows_what_the_page_shows(client: FlaskClient) -> None:
    """The failure that was chosen, on the side that has it."""
    page = f"{compared(client, WEB, FEWER)}?down=node/node-3&at=failed&service=default/web"
    (path,) = findall(r'href="([^"]*/comparison.html[^"]*)"', client.get(page).text)
    text = client.get(unescape(path)).text
    assert "default/web: node-3 down · " in text
    assert text.count("<iframe") == 2
    other = "/compare/sample-webapp-service/sample-shop/comparison.html?down=node/node-1"
    assert client.get(other).status_code == 200


def test_a_program_gets_the_address_and_the_tokens(client: FlaskClient) -> None:
    """As for a single upload."""
    data = {"old-text": WEB, "new-text": FEWER}
    answer = client.post("/compare", data=data, headers={"Accept": "application/json"})
    assert answer.status_code == 201
    assert len(answer.json["deleteTokens"]) == 2  # type: ignore[index]
    data["new-text"] = ""
    assert client.post("/compare", data=data, headers={"Accept": "application/json"}).status_code == 422


def test_many_services_come_in_pages(client: FlaskClient) -> None:
    """Fifty at a time."""
    one = "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%d}\nspec: {type: NodePort, ports: [{port: 80}]}\n"
    path = compared(client, WEB, WEB + "".join(one % i for i in range(70)))
    assert "Page 1 of 2" in client.get(path).text
    assert "Page 2 of 2" in client.get(f"{path}?page=9").text


def test_markup_in_names_stays_text(client: FlaskClient) -> None:
    """Whatever the manifests hold."""
    evil = "<script>alert(1)</script>"
    path = compared(client, WEB, WEB.replace("name: web, namespace", f"name: '{evil}', namespace"))
    assert evil not in client.get(path).text
