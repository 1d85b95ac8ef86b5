"""Who may use it at all: everybody, who knows one password, or whom a trusted proxy names; and under which host."""

import hmac
from typing import cast

from flask import Flask, Response, abort, current_app, make_response, request
from werkzeug.sansio.utils import host_is_trusted

from webapp.numbers import counted
from webapp.views.limiter import Limiter, storage_url
from webapp.views.page.client import client
from webapp.views.site.errors import wants_json
from webapp.views.site.problem_documents import problem_response

# A monitor has no password, and learns nothing here.
_OPEN = frozenset({"operation.health", "operation.ready"})
# What asks a process by its address, as Prometheus does with each pod; there are no links in the answers.
_BY_ADDRESS = _OPEN | {"operation.metrics"}
_GUESSES = "nodefall-password-guesses"


def init_app(app: Flask) -> None:
    """Ask before each request, if the setting says so.

    Raises:
        ValueError: a header is to be believed, but no proxy is trusted: anybody could send it.

    """
    if app.config["ALLOWED_HOSTS"]:
        app.before_request(_refuse_host)
    access = str(app.config["ACCESS"])
    if not access:
        return
    if access.startswith("header:") and not app.config["TRUSTED_PROXIES"]:
        raise ValueError("NODEFALL_ACCESS: a header needs NODEFALL_TRUSTED_PROXIES, or anybody could send it")
    if access.startswith("password:") and (rate := str(app.config["PASSWORD_GUESSES"])):
        app.extensions[_GUESSES] = Limiter(rate, storage_url(app))
    app.before_request(_refuse)


def _refuse_host() -> None:
    """Abort with 400 if the request names another host: its links would lead there, and caches would keep them."""
    if request.endpoint in _BY_ADDRESS:
        return
    if not host_is_trusted(request.host.lower(), str(current_app.config["ALLOWED_HOSTS"]).lower().split()):
        abort(400, "This nodefall does not answer for that host.")


def _refuse() -> Response | None:
    if request.endpoint in _OPEN:
        return None
    kind, _, wanted = str(current_app.config["ACCESS"]).partition(":")
    if kind == "header":
        if not request.headers.get(wanted, "").strip():
            abort(403, "Only who comes through the proxy of this server may use it.")
        return None
    return _refuse_password(wanted)


def _refuse_password(wanted: str) -> Response | None:
    given = request.authorization
    # A browser that has not been asked yet guesses nothing, and is not counted.
    if given is None or given.type != "basic":
        return _asked()
    guesses = cast("Limiter | None", current_app.extensions.get(_GUESSES))
    if guesses is not None and (seconds := guesses.wait_now(_who())) is not None:
        # Before the password is looked at: else the answer would still tell whether it is the right one.
        response = _said(429, f"Too many wrong passwords from your address. Try again in {counted(seconds, 'second')}.")
        response.headers["Retry-After"] = str(seconds)
        return response
    # Any name will do: there is one password.
    if hmac.compare_digest((given.password or "").encode(), wanted.encode()):
        return None
    if guesses is not None:
        guesses.wait(1, _who())
    return _asked()


def _who() -> str:
    return f"password:{client()}"


def _asked() -> Response:
    response = _said(401, "This nodefall asks for a password.")
    response.headers["WWW-Authenticate"] = 'Basic realm="nodefall", charset="UTF-8"'
    return response


def _said(status: int, message: str) -> Response:
    """Answer without a page of the usual frame: its style is not for those who are not let in."""
    if wants_json():
        return problem_response(status, message)
    response = make_response(f"{message}\n", status)
    response.mimetype = "text/plain"
    response.cache_control.no_store = True
    return response
