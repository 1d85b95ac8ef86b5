"""The problems of an upload, with their places."""

import re

from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import WEB, Uploads

CLASH = "/t/sample-clashing-ports/problems"


def test_a_problem_names_its_place_and_what_to_do(client: FlaskClient) -> None:
    """File and line, id, object, message and hint."""
    text = words(client.get(CLASH).text)
    assert "clashing-ports.yaml:68" in text
    assert "Service staging/web:" in text
    assert "NP101" in text


def test_what_is_not_drawn_is_listed(client: FlaskClient, uploads: Uploads) -> None:
    """Refused services, services without a nodePort, and kinds that are not used."""
    more = "---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\n---\nkind: Service\napiVersion: v1\n"
    path = uploads.stored(WEB + more + "metadata: {name: inside}\nspec: {ports: [{port: 1}]}\n")
    text = words(client.get(f"{path}/problems").text)
    assert "1 service without a nodePort" in text
    assert "1 ConfigMap: contents not kept" in text
    assert "rejected by the API server" in words(client.get(CLASH).text)


def test_one_severity_can_be_shown_alone(client: FlaskClient) -> None:
    """The chip's link leads there."""
    text = client.get(f"{CLASH}?severity=info").text
    assert "NP301" in text
    assert "NP101" not in text


def test_a_broken_part_does_not_lose_the_rest(client: FlaskClient, uploads: Uploads) -> None:
    """The map works and points to the problem."""
    path = uploads.stored(WEB + "---\nkind: Service\n  bad: [\n")
    assert re.search(r"1 error in what was uploaded.*pasted\.yaml:\d+", words(client.get(path).text))
    assert "pasted.yaml:" in client.get(f"{path}/problems").text


def test_markup_in_names_stays_text(client: FlaskClient, uploads: Uploads) -> None:
    """Everything from an upload is escaped, in pages and in pictures."""
    evil = "<script>alert(1)</script>"
    path = uploads.stored(WEB.replace("name: web, namespace", f"name: '{evil}', namespace"))
    for page in ("", "/services", "/problems", "/diagram.svg"):
        assert evil not in client.get(path + page).text
