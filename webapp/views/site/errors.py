"""Error pages: what happened, what to do, in the same frame as every other page."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound

from webapp.failure.word_values import ScenarioError
from webapp.views.page.rendering import render
from webapp.views.site.request_body import EncodedFormTooLarge
from webapp.views.site.ways_round import limit_message, upload_limit


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What an error page says."""

    status: int
    title: str
    message: str
    link: str = ""
    """Where to go on from here."""
    link_text: str = ""


_TITLES = {
    HTTPStatus.BAD_REQUEST: "That address asks for something that isn’t there",
    HTTPStatus.FORBIDDEN: "Not allowed",
    HTTPStatus.NOT_FOUND: "Nothing here",
    HTTPStatus.METHOD_NOT_ALLOWED: "Not that way",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That upload is too large",
    HTTPStatus.TOO_MANY_REQUESTS: "A little slower, please",
    HTTPStatus.INTERNAL_SERVER_ERROR: "nodefall failed, not your cluster",
}

_MESSAGES = {
    HTTPStatus.NOT_FOUND: "No page has this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that kind of request.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many uploads or pictures in a short time. Wait a minute and try again.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An error in nodefall. It is in the server’s log; what you uploaded is not.",
}


def init_app(app: Flask) -> None:
    """Answer every error with a page of the usual frame, or with JSON where that was asked for."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ScenarioError, _scenario_error)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    # `abort` with a response has said all itself; redirects are exceptions of the same class.
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    status = HTTPStatus(error.code)
    message = _MESSAGES.get(status, error.description or status.phrase)
    if isinstance(error, EncodedFormTooLarge):
        message = error.description
    elif status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        if not wants_json():
            return upload_limit()
        message = limit_message()
    # Werkzeug's own sentence asks for the spelling of a URL that nobody has typed; a view's says what is gone.
    elif status is HTTPStatus.NOT_FOUND and error.description != NotFound.description:
        message = error.description or message
    return answer(ErrorPage(status, _TITLES.get(status, status.phrase), message))


def _scenario_error(error: ScenarioError) -> ResponseReturnValue:
    """Answer 400 with what exists, and lead to the same topology with nothing asked."""
    link = request.script_root + request.path if request.method == "GET" else ""
    return answer(
        ErrorPage(
            HTTPStatus.BAD_REQUEST, _TITLES[HTTPStatus.BAD_REQUEST], str(error), link, "Open it with nothing down"
        )
    )


def answer(error: ErrorPage) -> ResponseReturnValue:
    """Answer with a page, or with JSON where that was asked for."""
    if wants_json():
        return {"error": error.message, "status": error.status}, error.status
    return render("error.html", status=error.status, error=error)


def wants_json() -> bool:
    """Return whether a program asks: by the address, or because it prefers JSON to HTML."""
    if request.path.endswith(".json") or "/api/" in request.path:
        return True
    # curl takes anything, a browser prefers HTML: only who prefers JSON is a program.
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
