"""Who may use it at all: everybody, who knows one password, or whom a trusted proxy names; and under which host."""

import hmac

from flask import Flask, Response, abort, current_app, make_response, request
from werkzeug.sansio.utils import host_is_trusted

from webapp.views.site.errors import wants_json
from webapp.views.site.problem_documents import problem_response

# A monitor has no password, and learns nothing here.
_OPEN = frozenset({"operation.health", "operation.ready"})
# What asks a process by its address, as Prometheus does with each pod; there are no links in the answers.
_BY_ADDRESS = _OPEN | {"operation.metrics"}
_ASKS = "This nodefall asks for a password."


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
    given = request.authorization
    # Any name will do: there is one password.
    password = (given.password or "") if given is not None and given.type == "basic" else ""
    if hmac.compare_digest(password.encode(), wanted.encode()):
        return None
    if wants_json():
        response = problem_response(401, _ASKS)
    else:
        response = make_response(f"{_ASKS}\n", 401)
        response.mimetype = "text/plain"
    response.headers["WWW-Authenticate"] = 'Basic realm="nodefall", charset="UTF-8"'
    return response
