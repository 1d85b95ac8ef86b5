"""What a program may ask by the OpenAPI document, tried at random: no failure, and each answer as the document says.

The same requests on each run: what is found once is found again.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings

from tests.views.uploading import SETTINGS, WEB
from webapp.views import create_app
from webapp.views.api import operations

with warnings.catch_warnings():
    # Their own, of what they import.
    warnings.simplefilter("ignore")
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    from schemathesis import checks
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
        status_code_conformance,
        unsupported_method,
    )

CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
OPERATIONS = [(its.template, method) for its in operations() for method in its.methods]
# Enough for each word to be said in several ways; the whole takes half a minute.
EXAMPLES = 30


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """Make an app that a failure doesn't end."""
    made = create_app(SETTINGS)
    made.config["PROPAGATE_EXCEPTIONS"] = False
    yield made
    made.extensions["nodefall"].store.close()


@pytest.fixture(scope="module")
def schema(app: Flask) -> Any:
    """Read the document as a program does."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


def tried(operation: Any, change: Any = lambda case: case) -> None:
    """Send what is made for an operation, and hold the answers against the document."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        # Its client without a network unpacks nothing.
        change(case).call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})

    run()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_asked_is_answered_as_the_document_says(schema: Any, path: str, method: str) -> None:
    """Words and bodies as they are made up: mostly refused, each in its way."""
    tried(schema[path][method])


ABOUT_SETS = [
    (its, method) for its in operations() for method in its.methods if its.name != "delete" and not its.page.path
]
SETS = {"topology": "sample-shop", "old": "sample-shop", "new": "sample-webapp-service"}


@pytest.mark.parametrize(("its", "method"), ABOUT_SETS, ids=[f"{its.name}-{method}" for its, method in ABOUT_SETS])
def test_what_is_asked_of_a_set_is_answered_as_the_document_says(schema: Any, its: Any, method: str) -> None:
    """Stored by GET, sent by POST; a word or two at a time, as few of them make sense together."""
    is_sent = method == "POST" and its.sides == ("",)
    named = {} if is_sent else {name: value for name, value in SETS.items() if name in its.page.known}

    def about_a_set(case: Any) -> Any:
        words = [(name, value) for name, value in (case.query or {}).items() if name not in SETS]
        case.query = dict(words[:2]) | named
        if is_sent:
            case.media_type, case.body = "application/yaml", WEB
        return case

    tried(schema[its.url][method], about_a_set)
