"""Every error of the API is a problem document (RFC 9457), of a type that a page explains."""

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from tests.views.uploading import SETTINGS, WEB
from webapp.views import create_app
from webapp.views.api.openapi import openapi
from webapp.views.site.problem_documents import ERROR_TYPES

SIMULATE = "/api/v1/simulate"


def held(response: TestResponse, status: int) -> dict[str, Any]:
    """Return the document, held against what every one of them has."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    document = response.json
    assert document["status"] == status
    # Older than the document, and promised.
    assert document["error"] == document["detail"]
    assert {"type", "title", "instance"} <= document.keys()
    return document


CASES = {
    "a mistyped word": (400, "POST", f"{SIMULATE}?dwon=node/node-1", WEB),
    "a name that isn't there": (400, "POST", f"{SIMULATE}?down=node/nope", WEB),
    "nothing sent": (422, "POST", SIMULATE, b""),
    "nothing that can be read": (422, "POST", SIMULATE, b"a: ["),
    "no such set": (404, "GET", f"{SIMULATE}?topology=nope", None),
    "no such address": (404, "GET", "/api/v1/nope", None),
    "no such method": (405, "PUT", SIMULATE, None),
    "too large": (413, "POST", SIMULATE, b"#" * 20_000),
}


@pytest.mark.parametrize(("status", "method", "path", "body"), CASES.values(), ids=CASES.keys())
def test_an_error_is_a_problem_document(status: int, method: str, path: str, body: Any) -> None:
    """Its type is that of its status, and it says what was asked."""
    client = made(MAX_UPLOAD_BYTES=10_000).test_client()
    document = held(client.open(path, method=method, data=body), status)
    assert ERROR_TYPES[document["type"].rpartition("#")[2]].status == status
    assert document["instance"] == path
    assert document["detail"].endswith((".", "…"))


def made(**settings: object) -> Flask:
    """Return an app with these settings."""
    app = create_app(SETTINGS | settings)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def test_the_methods_that_there_are_stand_in_a_header(client: FlaskClient) -> None:
    """RFC 9110 asks for that, of pages also."""
    assert set(client.put(SIMULATE).headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert "GET" in client.put("/help").headers["Allow"]


def test_a_type_leads_to_a_section_that_explains_it(client: FlaskClient) -> None:
    """By its fragment."""
    page = client.get("/api/v1/problems")
    assert page.status_code == 200
    assert set(re.findall(r'<section class="card" id="([\w-]+)"', page.text)) == set(ERROR_TYPES)
    document = held(client.get(f"{SIMULATE}?topology=nope"), 404)
    assert client.get(document["type"].partition("#")[0]).text == page.text


def test_what_is_wrong_with_the_files_is_listed_with_its_place(client: FlaskClient) -> None:
    """As in the simulation document; the messages alone stay where they were."""
    data = {"files": [(BytesIO(b"kind: Service\nspec: ["), "a.yaml"), (BytesIO(b"a: 1\na: 2"), "c.yaml")]}
    document = held(client.post(SIMULATE, data=data, content_type="multipart/form-data"), 422)
    # What is wrong with the whole set stands in no file.
    assert {each["file"] for each in document["errors"]} - {None} == {"a.yaml", "c.yaml"}
    assert all(each["line"] for each in document["errors"] if each["file"])
    assert document["problems"] == [each["message"] for each in document["errors"]]


@pytest.mark.parametrize("path", ["/upload", "/compare"])
def test_the_page_answers_a_program_with_the_same(client: FlaskClient, path: str) -> None:
    """Who asks for JSON."""
    fields = {"files": (BytesIO(b"- ]"), "a.yaml")} if path == "/upload" else {"old-text": "- ]", "new-text": "- ]"}
    response = client.post(path, data=fields, headers={"Accept": "application/json"})
    assert held(response, 422)["errors"]


def test_a_password_is_asked_for() -> None:
    """By a problem document; with it the answer comes."""
    guarded = made(ACCESS="password:correct horse").test_client()
    response = guarded.get(f"{SIMULATE}?topology=sample-shop")
    held(response, 401)
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert guarded.get(f"{SIMULATE}?topology=sample-shop", auth=("", "correct horse")).status_code == 200
    assert guarded.post("/api/v1/upload", data=WEB).status_code == 401
    assert guarded.post("/api/v1/upload", data=WEB, auth=("", "correct horse")).status_code == 201


def test_too_many_requests_are_told_so() -> None:
    """By a problem document."""
    client = made(RATE_LIMIT="20/minute").test_client()
    answers = [client.post(SIMULATE, data=WEB) for _ in range(3)]
    assert [response.status_code for response in answers] == [200, 200, 429]
    held(answers[-1], 429)


def test_a_failure_of_nodefall_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which may have in it what was sent."""

    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("webapp.views.api.simulations.simulated", fail)
    document = held(made().test_client().post(SIMULATE, data=WEB), 500)
    assert "secret" not in str(document)


@pytest.mark.parametrize("path", ["/api/v1/\ud800", "/api/v1/ü?x=%FF", "/api/v1/x?a=%0D%0A<b>"])
def test_whatever_is_asked_is_named_in_ascii(client: FlaskClient, path: str) -> None:
    """So that the reference to it can stand anywhere."""
    response = client.get(path.encode("utf-8", "surrogatepass").decode("latin-1"))
    assert held(response, 404)["instance"].isascii()


def test_a_problem_document_is_as_the_openapi_document_says(app: Flask, client: FlaskClient) -> None:
    """With and without problems of files."""
    with app.test_request_context():
        document = openapi("")
    schema = document["components"]["responses"]["422"]["content"]["application/problem+json"]["schema"]
    validator = Draft202012Validator({**schema, "components": document["components"]})
    for body in (b"", b"a: ["):
        validator.validate(client.post(SIMULATE, data=body).json)
