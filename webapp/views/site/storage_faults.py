"""What is said when something can't be stored or fetched: why, that nothing half-done stays, when to try again."""

import errno
import logging
import sys
from dataclasses import replace
from http import HTTPStatus

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from webapp.storage import ClientQuotaError, QuotaError, UnreadableDocumentError
from webapp.views.page.rendering import render
from webapp.views.site.errors import ErrorPage, answer, wants_json
from webapp.views.site.landing import landing
from webapp.views.site.storing import keep_days

RETRY_SECONDS = 5
"""A database that is restarted is back by then, and a lock gone."""
# What somebody pastes is far below it; a large upload is not read for a refusal.
_PASTED_BYTES = 1 << 20
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The errors of a disk that takes no more."""
NO_ROOM = "NODEFALL_NO_ROOM"
"""The header by which the server says that it could not take in the body; whoever else sends it harms nobody."""

_UNREACHABLE = "What was uploaded can’t be reached just now"
_UNSTORED = "That can’t be stored just now"
_WHY = "The database doesn’t answer, is locked, or has no room."
_WAIT = "Try again in a few seconds; samples work meanwhile."


def init_app(app: Flask) -> None:
    """Answer what the database and its limits raise."""
    app.register_error_handler(SQLAlchemyError, _no_database)
    app.register_error_handler(OSError, _no_room_on_disk)
    app.register_error_handler(UnreadableDocumentError, _unreadable)
    app.register_error_handler(QuotaError, _over_quota)
    app.before_request(_refuse_without_body)


def _refuse_without_body() -> None:
    if f"HTTP_{NO_ROOM}" in request.environ:
        raise OSError(errno.ENOSPC, "The body could not be taken in")


def _no_database(error: SQLAlchemyError) -> ResponseReturnValue:
    # Its own text has the statement and what was to be stored in it.
    logging.getLogger("nodefall").error("The database failed: %s", type(error).__name__)
    if request.method == "POST":
        return _unavailable(_UNSTORED, f"{_WHY} Nothing half-done was kept. {_WAIT}")
    return _unavailable(_UNREACHABLE, f"{_WHY} {_WAIT}")


def _no_room_on_disk(error: OSError) -> ResponseReturnValue:
    # Large uploads are put into a temporary file while they come in.
    if error.errno not in DISK_FULL:
        raise error
    logging.getLogger("nodefall").error("No room on the disk: %s", errno.errorcode[error.errno])
    message = f"The server’s disk is full. Nothing half-done was kept. {_WAIT}"
    return answer(ErrorPage(HTTPStatus.SERVICE_UNAVAILABLE, _UNSTORED, message, retry_after=RETRY_SECONDS))


def _unreadable(error: UnreadableDocumentError) -> ResponseReturnValue:
    logging.getLogger("nodefall").error("A stored set can't be read: %s", error)
    why = "A newer nodefall stored it, or it was damaged."
    return _unavailable("This upload can’t be read", f"{why} Ask whoever runs this server, or upload it again.")


def _over_quota(error: QuotaError) -> ResponseReturnValue:
    again = _in_words(error.retry_after)
    if isinstance(error, ClientQuotaError):
        # 429 as for requests: it is this client's share that is used up.
        title, status = "Your address has stored as much as it may in an hour", HTTPStatus.TOO_MANY_REQUESTS
        message = f"Nothing was stored. There is room again in {again}; what you have stored before stays as it is."
    else:
        title, status = "This server stores no more", HTTPStatus.INSUFFICIENT_STORAGE
        message = (
            "It is full of what others uploaded. Nothing was stored; what was stored before can still be opened. Some "
            f"room is free once something expires or is deleted: try again in {again}."
        )
    message += " `nodefall serve FILE` on your own machine shares its room with nobody."
    return _answered(ErrorPage(status, title, message, retry_after=error.retry_after))


def _unavailable(title: str, message: str) -> ResponseReturnValue:
    return _answered(ErrorPage(HTTPStatus.SERVICE_UNAVAILABLE, title, message, retry_after=RETRY_SECONDS))


def _answered(error: ErrorPage) -> Response:
    """Answer with the first page that has what was pasted into it, to be sent again; else with a page of its own."""
    is_short = (request.content_length or sys.maxsize) <= _PASTED_BYTES
    if wants_json() or request.endpoint != "uploads.upload" or not is_short or not (text := request.form.get("text")):
        return answer(error)
    first_page = replace(landing(text, error.title, keep=keep_days()), detail=error.message)
    response = render("landing.html", status=error.status, landing=first_page)
    response.headers["Retry-After"] = str(error.retry_after)
    response.cache_control.no_store = True
    return response


def _in_words(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return {1: "a minute", 60: "an hour"}.get(minutes, f"{minutes} minutes")
