"""Error pages: what happened, what to do, in the same frame as every other page."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound, UnprocessableEntity

from webapp.failure.word_values import ScenarioError
from webapp.limits import TooLargeError
from webapp.manifests.problems import Problem
from webapp.views.page.rendering import render
from webapp.views.site.problem_documents import ERROR_TYPES, problem_response
from webapp.views.site.request_body import BodyTooLarge, EncodedFormTooLarge
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
    retry_after: int | None = None
    """Seconds after which to try again."""


_TITLES = {its.status: its.title for its in ERROR_TYPES.values()}

_MESSAGES = {
    HTTPStatus.NOT_FOUND: "No page has this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that kind of request.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An error in nodefall. It is in the server’s log; what you uploaded is not.",
}


class Unusable(UnprocessableEntity):
    """Nothing of what was sent can be worked with; the problems of the files say why."""

    def __init__(self, description: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(description)
        self.problems = tuple(problems)


def init_app(app: Flask) -> None:
    """Answer every error with a page of the usual frame, or with JSON where that was asked for."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ScenarioError, _scenario_error)
    app.register_error_handler(TooLargeError, _too_large)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    # `abort` with a response has said all itself; redirects are exceptions of the same class.
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    status = HTTPStatus(error.code)
    message = _MESSAGES.get(status, error.description or status.phrase)
    if isinstance(error, EncodedFormTooLarge | BodyTooLarge):
        message = error.description
    elif status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        if not wants_json():
            return upload_limit()
        message = limit_message()
    # Werkzeug's own sentence asks for the spelling of a URL that nobody has typed; a view's says what is gone.
    elif status is HTTPStatus.NOT_FOUND and error.description != NotFound.description:
        message = error.description or message
    page = ErrorPage(status, _TITLES.get(status, status.phrase), message)
    response = answer(page, error.problems if isinstance(error, Unusable) else ())
    # Which methods there are, and when to come back: what an error has to say in its headers.
    response.headers.extend((name, value) for name, value in error.get_headers() if name in _OWN_HEADERS)
    return response


_OWN_HEADERS = frozenset({"Allow", "Retry-After"})


def _scenario_error(error: ScenarioError) -> ResponseReturnValue:
    """Answer 400 with what exists, and lead to the same topology with nothing asked."""
    link = request.script_root + request.path if request.method == "GET" else ""
    return answer(
        ErrorPage(
            HTTPStatus.BAD_REQUEST, _TITLES[HTTPStatus.BAD_REQUEST], str(error), link, "Open it with nothing down"
        )
    )


def _too_large(error: TooLargeError) -> ResponseReturnValue:
    """Answer that the manifests sent, or what the address makes of them, are beyond a limit."""
    sent = request.method == "POST"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if sent else HTTPStatus.BAD_REQUEST
    link, text = ("", "") if sent or not request.query_string else (request.path, "Open it as it was uploaded")
    return answer(ErrorPage(status, _TOO_LARGE, str(error), link and request.script_root + link, text))


_TOO_LARGE = "That is too large to draw"


def answer(error: ErrorPage, problems: Iterable[Problem] = ()) -> Response:
    """Answer with a page, or with a problem document where a program asks; `problems` are those of its files."""
    if wants_json():
        response = problem_response(error.status, error.message, title=error.title, problems=problems)
    else:
        response = render("error.html", status=error.status, error=error)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
        response.cache_control.no_store = True
    return response


def wants_json() -> bool:
    """Return whether a program asks: by the address, or because it prefers JSON to HTML."""
    if request.path.endswith(".json") or "/api/" in request.path:
        return True
    # curl takes anything, a browser prefers HTML: only who prefers JSON is a program.
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
