"""Which requests are long, and their way to a worker: the web process answers all others itself.

A view that may take long is wrapped: for a large set its request goes to a worker process, which runs the same view.
A browser waits for three seconds, then gets a page that asks again; a program waits until it is done.
"""

import logging
import re
import secrets
import time
from collections.abc import Mapping
from functools import wraps
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wsgi import get_input_stream

from webapp.config import SETTINGS
from webapp.jobs import Answer, Call, Failure, Job, JobLimits, Pool, QueueAway, Workers
from webapp.storage import is_in_memory
from webapp.views.api import operations
from webapp.views.api.jobs import under_way
from webapp.views.api.responses import DELETE_TOKEN as API_TOKEN
from webapp.views.page.client import CLIENT, client
from webapp.views.page.query import SHARED
from webapp.views.page.rendering import wants_fragment
from webapp.views.page.shared import shared_view
from webapp.views.page.stages import plan
from webapp.views.page.work import is_simulating_page, sets_asked, work_of
from webapp.views.site.errors import ErrorPage, wants_json
from webapp.views.site.errors import answer as error_answer
from webapp.views.site.storing import DELETE_TOKEN, TOPOLOGY_ID, hand_token
from webapp.views.waiting import Jobs, id_set_aside, jobs, shown, stopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from flask.typing import RouteCallable

AT_ONCE = 3.0
"""Seconds in which an answer comes without a page that says how far it is: such a page would flash by."""
# Bytes, as they come, from which a worker reads them: compressed, these may be a megabyte of YAML.
LARGE_UPLOAD = 32 * 1024
_SIMULATING = 10
"""How many times smaller a set must be for the web process to make a page of it that simulates without a server."""
_OTHERS = frozenset({"uploads.upload", "comparison_upload.upload", "comparison_upload.ask"})
"""What is about sets though its path names none."""
_QUICK = frozenset({"delete.ask", "delete.delete", "sharing.create"})
"""What reads nothing of the set that its path names."""
_API_UPLOAD = "api.upload"
_API_SHARE = "api.share"
_API_STORES = frozenset({_API_UPLOAD, _API_SHARE})
_TAKE_NO_SETS = frozenset(its.endpoint for its in operations() if not its.sides)
# What is fetched as a file, even by a browser: a page in its place would be saved under its name.
_FILES = frozenset(
    {
        "comparison.download",
        "comparison.file",
        "downloads.diagram",
        "downloads.document",
        "downloads.simulation",
        "exercises.qr",
        "findings.download",
        "resilience.download",
        "services.download",
        "sharing.preview",
        "sharing.qr",
    }
)
SHARED_VIEW = "nodefall.shared_view"
# What of a request a response depends on, besides what `_call` adds. Cookies are not among it: one response may be
# handed to all who ask the same.
_ENVIRON = (
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "HTTP_HOST",
    "CONTENT_TYPE",
    "HTTP_CONTENT_ENCODING",
    "wsgi.url_scheme",
)


def init_app(app: Flask, factory: "Callable[[Mapping[str, object]], WSGIApplication]") -> None:
    """Have workers, which `factory` gives an app, answer what may take long."""
    pool = _workers(app.config, factory)
    app.extensions["nodefall-jobs"] = Jobs(pool)
    app.register_error_handler(QueueAway, _no_queue)
    if pool is not None:
        for endpoint in _may_be_long(app):
            app.view_functions[endpoint] = _isolated(app.view_functions[endpoint])


def _workers(config: Mapping[str, Any], factory: "Callable[[Mapping[str, object]], WSGIApplication]") -> Workers | None:
    """Return who does what is long; None where the web process does it itself."""
    if url := config["QUEUE_URL"]:
        return shared_pool(url, config)
    if not config["WORKERS"] or is_in_memory(config["DATABASE_URL"]):
        return None
    return Pool(factory, worker_settings(config), job_limits(config), opened_by)


def shared_pool(url: str, config: Mapping[str, Any]) -> Workers:
    """Return the workers of the queue at a URL.

    Raises:
        ValueError: what it needs isn't installed, or no worker could see the database.

    """
    need_queue(config)
    from webapp.jobs.shared_pool import SharedPool  # noqa: PLC0415 - what only an extra has

    return SharedPool(url, job_limits(config))


def need_queue(config: Mapping[str, Any]) -> None:
    """Refuse a queue that can't work.

    Raises:
        ValueError: what it needs isn't installed, or no worker could see the database.

    """
    if any(find_spec(name) is None for name in ("dramatiq", "redis")):
        raise ValueError("NODEFALL_QUEUE_URL needs pip install 'nodefall[queue]'")
    from webapp.jobs.job_store import server_url  # noqa: PLC0415 - what only an extra has

    try:
        server_url(config["QUEUE_URL"])
    except ValueError as error:
        raise ValueError(f"NODEFALL_QUEUE_URL: {error}") from error
    if is_in_memory(config["DATABASE_URL"]):
        raise ValueError("NODEFALL_QUEUE_URL needs a database that workers can reach: set NODEFALL_DATABASE_URL")


def worker_settings(config: Mapping[str, Any]) -> dict[str, object]:
    """Return the settings of the app in a worker process."""
    settings: dict[str, object] = {setting.name: config[setting.name] for setting in SETTINGS}
    settings["FOLLOWS"] = config.get("FOLLOWS", "")  # what this web process alone watches
    # The web process limits rates and believes proxies; a worker gets what has passed.
    settings |= {"WORKERS": 0, "QUEUE_URL": "", "RATE_LIMIT": "", "TRUSTED_PROXIES": 0, "ACCESS": "", "LOG": ""}
    settings["DATABASE_CONNECTIONS"] = 1  # a worker does one thing at a time
    return settings


def job_limits(config: Mapping[str, Any]) -> JobLimits:
    """Return what jobs may take."""
    return JobLimits(
        workers=config["WORKERS"],
        seconds=config["JOB_SECONDS"],
        memory=config["JOB_MEGABYTES"] << 20,
        results=config["RESULT_MEGABYTES"] << 20,
        # Room for a few of the largest uploads.
        waiting_bytes=4 * config["MAX_UPLOAD_BYTES"],
    )


def _no_queue(error: QueueAway) -> ResponseReturnValue:
    """Answer 503: what is large waits until the queue is back."""
    logging.getLogger("nodefall").error("The queue failed: %s", error)
    return error_answer(
        ErrorPage(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Large sets have to wait a moment",
            "The queue to the workers doesn’t answer. Small sets and samples work meanwhile. Try again in a few "
            "seconds: what was already stored is still there.",
            retry_after=5,
        )
    )


def opened_by(answer: Answer) -> str:
    """Return the topology that an upload leads to: the worker that read it still has it."""
    found = _MAP.fullmatch(dict(answer.headers).get("Location", ""))
    return found[1] if found else ""


_MAP = re.compile(r".*/t/([\w-]+)(?:\?.*)?")


def _may_be_long(app: Flask) -> set[str]:
    """Return the endpoints that are about a set, or bring one in; deleting or sharing one reads nothing."""
    about = {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments & {"topology_id", "new_id"}}
    api = {its.endpoint for its in operations() if not its.is_quick}
    return (about | api | _OTHERS) - _QUICK


# --- what is long


def _isolated(view: "RouteCallable") -> "RouteCallable":
    @wraps(view)
    def answer(**values: Any) -> ResponseReturnValue:
        pool = jobs().pool
        asked = sets_asked()
        most = int(current_app.config["LARGE_SET"]) // (_SIMULATING if is_simulating_page() else 1)
        if pool is None or not (_brings_much() or any(work_of(each) > most for each in asked)):
            return cast("ResponseReturnValue", view(**values))
        return _handed_over(pool, asked[-1] if asked else "")

    return answer


def _brings_much() -> bool:
    """Return whether the body takes long to read, or is also built: a few lines may stand for any number of Pods."""
    if request.method != "POST":
        return False
    if request.blueprint == "api" or request.endpoint == "uploads.correct":
        return request.endpoint not in _TAKE_NO_SETS
    # Without a length it comes in chunks, and may become of any size.
    return request.content_length is None or request.content_length > LARGE_UPLOAD


# --- handing over


def _reads_page() -> bool:
    """Return whether somebody looks at the response: a page about progress would do until it is there."""
    if request.method == "HEAD" or request.endpoint in _FILES:
        return False
    # htmx also fetches parts of a page, where such a page has no place; for Back it puts a whole one into the body.
    is_whole = request.headers.get("HX-Target", "body") in ("body", "div#page")
    return is_whole and "text/html" in request.headers.get("Accept", "")


def _handed_over(pool: Workers, topology: str) -> ResponseReturnValue:
    reads_page = _reads_page()
    is_upload = request.method == "POST" and (request.blueprint != "api" or request.endpoint in _API_STORES)
    # Equal requests share a job, but the same files uploaded twice are two sets.
    key = secrets.token_urlsafe(16) if is_upload else ""
    call = _call(key, follows=is_upload and reads_page)
    is_later = request.blueprint == "api" and _prefers_async()
    job = pool.ask(
        call,
        # A job that goes on without anybody who waits is another one than that of those who do.
        key=f"later-{call.key}" if is_later and not key else key,
        topology=topology,
        client=request.remote_addr or "",
        plan=plan(request.endpoint),
        lasting=is_later or (is_upload and reads_page),
    )
    if is_later and job.outcome is None:
        return _accepted_later(pool, job)
    if not reads_page:
        return _waited(pool, job)
    _wait_a_while(pool, job)
    return _page_to_wait_on(job) if is_upload and not job.done.is_set() else shown(pool, job)


def _prefers_async() -> bool:
    """Return whether a program would rather ask again than wait (RFC 7240)."""
    said = request.headers.get("Prefer", "").lower()
    return "respond-async" in {each.partition(";")[0].strip() for each in said.split(",")}


def _accepted_later(pool: Workers, job: Job) -> ResponseReturnValue:
    response = make_response(under_way(pool, job))
    response.headers["Preference-Applied"] = "respond-async"
    if token := job.call.environ.get(DELETE_TOKEN):
        response.headers[API_TOKEN] = token
    return response


def _page_to_wait_on(job: Job) -> ResponseReturnValue:
    response = make_response(redirect(url_for("waiting.show", key=job.key), HTTPStatus.SEE_OTHER))
    if topology_id := job.call.environ.get(TOPOLOGY_ID):
        # Now, as whoever closes the page would never be handed it. How long it is kept only the worker has read.
        days = int(current_app.config["KEEP_DAYS"])
        hand_token(response, topology_id, job.call.environ[DELETE_TOKEN], days)
    return response


def _call(upload_key: str, *, follows: bool) -> Call:
    environ = {name: request.environ[name] for name in _ENVIRON if name in request.environ}
    if "HTTP_HOST" in environ:
        # Which of several web processes was asked makes no other job: no view looks at where it listens.
        environ |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    body = get_input_stream(request.environ, max_content_length=request.max_content_length).read()
    # HEAD is worked out as GET, so that both share one job and one kept response.
    environ["REQUEST_METHOD"] = "POST" if request.method == "POST" else "GET"
    environ["CONTENT_LENGTH"] = str(len(body))
    # What is said of a shared view stands on its pages: changed or stopped since, a kept one is another page.
    if view_id := (request.view_args or {}).get("view_id") or SHARED.asked():
        environ[SHARED_VIEW] = repr(shared_view(view_id))
    # Only what views tell apart: each browser words this header in its own way, and would have a job alone.
    environ["HTTP_ACCEPT"] = _accepted()
    if wants_fragment():
        environ["HTTP_HX_REQUEST_TYPE"] = "partial"
    if upload_key:
        environ[CLIENT] = client()
    if upload_key and request.endpoint != _API_SHARE:
        environ[DELETE_TOKEN] = secrets.token_urlsafe(16)
        # A comparison stores two sets, so there is no one id for it.
        if request.blueprint == "uploads" or request.endpoint == _API_UPLOAD:
            environ[TOPOLOGY_ID] = id_set_aside(upload_key)
    return Call(environ, body, follows)


def _accepted() -> str:
    if request.endpoint in _API_STORES:
        # It answers with the link alone where nobody asks for more.
        accepted = request.accept_mimetypes
        return "application/json" if accepted["application/json"] > accepted["text/plain"] else "text/plain"
    return "application/json" if wants_json() else "text/html"


def _wait_a_while(pool: Workers, job: Job) -> None:
    """Wait for what a page asked for, but not if it asks again, nor if too many threads wait already."""
    seconds = AT_ONCE - (time.monotonic() - job.created)
    places = jobs().page_places
    if seconds > 0 and places.acquire(blocking=False):
        try:
            pool.wait(job, seconds)
        finally:
            places.release()


def _waited(pool: Workers, job: Job) -> ResponseReturnValue:
    """Answer a program, once the job is done."""
    places = jobs().places
    if not places.acquire(blocking=False):
        return stopped(job, Failure.CROWDED)
    try:
        pool.wait(job, is_gone=request.environ.get("waitress.client_disconnected", lambda: False))
    finally:
        places.release()
    return shown(pool, job)
