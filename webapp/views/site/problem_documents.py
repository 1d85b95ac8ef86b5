"""Errors for programs: problem documents (RFC 9457), each of a type that a page explains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from flask import Response, json, make_response, request, url_for

from webapp.manifests.problems import Problem
from webapp.simulation.document import problem_document

MIMETYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ErrorType:
    """One kind of error, the same for every request that ends in it."""

    status: HTTPStatus
    title: str
    meaning: str
    """What happened, and what to do."""


ERROR_TYPES: Mapping[str, ErrorType] = MappingProxyType(
    {
        "bad-request": ErrorType(
            HTTPStatus.BAD_REQUEST,
            "That address asks for something that isn’t there",
            "A word of the query is not one that this address takes, has a value that can’t be, or names a node, "
            "Service or Pod that is not in the manifests. `detail` says what there is, and what may have been meant.",
        ),
        "password-required": ErrorType(
            HTTPStatus.UNAUTHORIZED,
            "This nodefall asks for a password",
            "Send it as HTTP Basic authentication, with any user name: `curl -u :PASSWORD`.",
        ),
        "not-allowed": ErrorType(
            HTTPStatus.FORBIDDEN,
            "Not allowed",
            "A form came from another site, the token that deletes a set is a wrong one, or this server lets in only "
            "whom its proxy names.",
        ),
        "not-found": ErrorType(
            HTTPStatus.NOT_FOUND,
            "Nothing here",
            "No page has this address, or the stored set is not there any more: it has expired or was deleted.",
        ),
        "method-not-allowed": ErrorType(
            HTTPStatus.METHOD_NOT_ALLOWED, "Not that way", "The header `Allow` lists the methods of this address."
        ),
        "too-large": ErrorType(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "That upload is too large",
            "Counted is what it is unpacked. `detail` has the limits of this server; `nodefall` on your own machine "
            "has higher ones.",
        ),
        "unsupported-encoding": ErrorType(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "That encoding can’t be read",
            "A body may be compressed with gzip, with `Content-Encoding: gzip` or without; with nothing else.",
        ),
        "not-usable": ErrorType(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "Nothing to work with",
            "Nothing was sent, nothing in it could be read, or what is asked for can’t be made of it. `errors` lists "
            "what is wrong with the files, each with file and line where they are known.",
        ),
        "too-many-requests": ErrorType(
            HTTPStatus.TOO_MANY_REQUESTS,
            "A little slower, please",
            "This address has asked for, or stored, more than its share of the server, or has sent too many wrong "
            "passwords. The header `Retry-After` says in how many seconds to ask again.",
        ),
        "internal-error": ErrorType(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "nodefall failed, not your cluster",
            "An error in nodefall. It is in the server’s log under the request’s `X-Request-ID`; what you sent is not.",
        ),
        "unavailable": ErrorType(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Not just now",
            "The work has hit a limit of time or memory, too many others wait, or the database doesn’t answer. "
            "`detail` says which; the header `Retry-After` says in how many seconds to ask again.",
        ),
        "no-room": ErrorType(
            HTTPStatus.INSUFFICIENT_STORAGE,
            "This server stores no more",
            "It is full of what others uploaded. The header `Retry-After` says in how many seconds something expires.",
        ),
    }
)
"""By the fragment of their address."""

_BY_STATUS = {its.status: slug for slug, its in ERROR_TYPES.items()}


def problem_response(
    status: int, detail: str, *, title: str = "", problems: Iterable[Problem] = (), headers: Mapping[str, str] = {}
) -> Response:
    """Answer with a problem document; `problems` are those of the files that were sent."""
    slug = _BY_STATUS.get(HTTPStatus(status))
    told = tuple(problems)
    document: dict[str, Any] = {
        # RFC 9457 takes about:blank for "nothing but the status is known".
        "type": url_for("api.problems", _anchor=slug) if slug else "about:blank",
        "title": title or (ERROR_TYPES[slug].title if slug else HTTPStatus(status).phrase),
        "status": int(status),
        "detail": detail,
        "instance": _instance(),
        # Older than the members above: scripts read the sentence here.
        "error": detail,
    }
    if told:
        document["errors"] = [problem_document(problem) for problem in told]
        document["problems"] = [problem.message for problem in told]
    response = make_response(json.dumps(document, sort_keys=False) + "\n", int(status))
    response.mimetype = MIMETYPE
    response.headers.update(headers)
    return response


def _instance() -> str:
    """Return what was asked, as a reference that has nothing but ASCII in it."""
    query = quote(request.query_string, safe="/:,=&%+?@!$'()*;~-._[]")
    return quote(request.path, errors="replace") + (f"?{query}" if query else "")
