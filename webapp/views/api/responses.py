"""What the API answers with: documents as JSON, and the same as text or tables."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, make_response, request

from webapp.views.page.rendering import revalidated

EXIT_STATUS = "Nodefall-Exit-Status"
"""The header with the status that the command of the same name would exit with."""
DELETE_TOKEN = "Nodefall-Delete-Token"  # noqa: S105 - the name of a header
"""The header with the token that deletes a stored set: an upload answers with it, a deletion asks for it."""

EDIT_TOKEN = "Nodefall-Edit-Token"  # noqa: S105 - the name of a header
"""The header with the token that changes a shared view, and stops sharing it."""

_MIMETYPES = {
    "yaml": "application/yaml",
    "json": "application/json",
    "text": "text/plain",
    "csv": "text/csv",
    "markdown": "text/markdown",
    "sarif": "application/sarif+json",
    "junit": "application/xml",
    "baseline": "application/json",
    "fix": "text/x-diff",
    "html": "text/html",
    "before.svg": "image/svg+xml",
    "after.svg": "image/svg+xml",
}
"""By the value of ``output``."""


def mimetype_of(output: str) -> str:
    """Return the media type of an output."""
    return _MIMETYPES[output]


def as_json(document: dict[str, Any], *, status: int | None = None) -> Response:
    """Answer with a document."""
    return as_text(json.dumps(document) + "\n", "json", status=status)


def created(url: str, document: dict[str, Any], headers: Mapping[str, str]) -> Response:
    """Answer that something was stored: with its link alone, or with all there is to say where JSON is asked for."""
    accepted = request.accept_mimetypes
    # curl takes anything, and its user wants to see the link.
    is_program = accepted["application/json"] > accepted["text/plain"]
    response = make_response(json.dumps(document) + "\n" if is_program else f"{url}\n", HTTPStatus.CREATED)
    response.mimetype = mimetype_of("json" if is_program else "text")
    response.vary.add("Accept")
    response.headers.update({"Location": url, **headers})
    response.cache_control.no_store = True
    return response


def as_text(text: str, output: str, *, status: int | None = None) -> Response:
    """Answer with an output as it is; `status` is that of the command line, where that says something."""
    # Names may hold lone surrogates, which UTF-8 has no bytes for.
    response = make_response(text.encode(errors="replace"))
    response.mimetype = mimetype_of(output)
    if status is not None:
        response.headers[EXIT_STATUS] = str(status)
    return revalidated(response)
