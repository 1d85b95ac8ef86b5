"""The API about itself: the OpenAPI document, a page that shows it, and what its errors mean."""

from functools import partial

from flask import json, make_response, request
from flask.typing import ResponseReturnValue

from webapp.views.api.blueprint import blueprint, curl_line, operations
from webapp.views.api.openapi import openapi
from webapp.views.api.words import SHARED, parameters, shared
from webapp.views.page.links import base
from webapp.views.page.rendering import render, revalidated
from webapp.views.site.problem_documents import ERROR_TYPES


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Show what the API has: each operation with its words, and lines to copy."""
    return render(
        "api/operations.html",
        operations=[(its, tuple(parameters(its))) for its in operations()],
        shared={title: tuple(map(shared, names)) for title, names in SHARED.items()},
        example_line=partial(curl_line, server=base() + request.script_root),
    )


@blueprint.get("/openapi.json")
def document() -> ResponseReturnValue:
    """Send the OpenAPI document."""
    response = make_response(json.dumps(openapi(request.script_root), sort_keys=False))
    response.mimetype = "application/json"
    return revalidated(response)


@blueprint.get("/problems")
def problems() -> ResponseReturnValue:
    """Show what each type of problem means."""
    return render("api/problems.html", types=ERROR_TYPES)
