"""The OpenAPI document is valid, complete, and what the API answers is as it says."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from webapp.views.api import operations
from webapp.views.page.query import PAGES
from webapp.word_help import WORD_HELP

NEEDED = {"why": {"address": "worker-1:30080"}, "find": {"q": "worker"}}
"""What an operation can't do without."""
READ_ONLY = [its for its in operations() if "GET" in its.methods and not its.page.path]


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """Fetch the document as a program does."""
    response = client.get("/api/v1/openapi.json")
    assert response.mimetype == "application/json"
    return json.loads(response.text)


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    """As the specification's own schema has it, every reference included."""
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_each_route_of_the_api_is_an_operation(client: FlaskClient, document: dict[str, Any]) -> None:
    """With its methods; the pages about the API are none."""
    rules = [rule for rule in client.application.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    pages = {"/api/v1/", "/api/v1/openapi.json", "/api/v1/problems"}
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in rules
        if rule.rule not in pages
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == routes


@pytest.mark.parametrize("operation", operations(), ids=lambda its: its.name)
def test_each_word_of_an_operation_is_described(document: dict[str, Any], operation: Any) -> None:
    """And no other; its values are those that are taken."""
    methods = document["paths"][operation.template]
    for its in (methods[method.lower()] for method in operation.methods):
        said = [dict(_resolved(document, each)) for each in its["parameters"]]
        assert {each["name"] for each in said if each["in"] == "query"} == PAGES[operation.endpoint].known
        assert all(each["description"] for each in said)


def _resolved(document: dict[str, Any], each: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in each:
        return each
    return document["components"]["parameters"][each["$ref"].rpartition("/")[2]]


def test_each_word_of_the_command_line_has_a_row() -> None:
    """Those of the URL, of which the help of both is made."""
    assert set(WORD_HELP) == PAGES["api.simulate"].keeps


@pytest.mark.parametrize("operation", READ_ONLY, ids=lambda its: its.name)
def test_what_is_answered_is_as_the_document_says(
    client: FlaskClient, document: dict[str, Any], operation: Any
) -> None:
    """Of a sample, in a failure where it may have one."""
    known = PAGES[operation.endpoint].known
    asked = {"topology": "sample-shop", "old": "sample-shop", "new": "sample-webapp-service", "drain": "node/worker-2"}
    query = {name: value for name, value in asked.items() if name in known}
    response = client.get(operation.url, query_string=query | NEEDED.get(operation.name, {}))
    told = document["paths"][operation.template]["get"]["responses"][str(response.status_code)]
    assert response.status_code == 200
    schema = told["content"][response.mimetype].get("schema")
    if response.mimetype == "application/json":
        Draft202012Validator({**schema, "components": document["components"]}).validate(response.json)


def test_the_answer_to_an_upload_is_as_the_document_says(client: FlaskClient, document: dict[str, Any]) -> None:
    """With its link."""
    body = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80}]}\n"
    response = client.post("/api/v1/upload", data=body, headers={"Accept": "application/json"})
    told = document["paths"]["/api/v1/upload"]["post"]["responses"]["201"]
    schema = told["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(response.json)
    assert set(told["headers"]) <= set(response.headers.keys())


@pytest.mark.parametrize(("word", "example"), [(word, its.example) for word, its in WORD_HELP.items()])
def test_the_example_of_a_word_is_taken(client: FlaskClient, word: str, example: str) -> None:
    """By the sample that the other examples are about."""
    assert client.get("/api/v1/simulate", query_string={"topology": "sample-shop", word: example}).status_code == 200
