"""For whoever runs it: whether it lives, whether it can answer, what it does, in figures and as a line a request."""

import json
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Lock

from flask import Blueprint, Flask, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from webapp.jobs import QueueAway
from webapp.storage import Store
from webapp.views.page.topologies import topologies
from webapp.views.waiting import jobs

blueprint = Blueprint("operation", __name__)

_UNCACHED = {"Cache-Control": "no-store"}
# What a proxy may hand over as the id of a request: anything else could forge lines of a log.
_REQUEST_ID = re.compile(r"[\w.:-]{1,64}")
# Seconds: a click takes 0.05, and a worker's answer up to two minutes.
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 120)


OK = "ok"
CHECKED_SECONDS = 2.0
"""Between two looks at the database: whoever asks more often gets the last answer."""


class DatabaseCheck:
    """Whether the database can be asked and written."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._status, self._due = OK, 0.0

    def status(self, store: Store) -> str:
        """Return ``ok``, or what is wrong."""
        # One at a time: looking may take as long as a request waits for the database, and holds a web thread.
        if time.monotonic() >= self._due and self._lock.acquire(blocking=False):
            try:
                self._status = _status(store)
                self._due = time.monotonic() + CHECKED_SECONDS
            finally:
                self._lock.release()
        return self._status


def _status(store: Store) -> str:
    try:
        store.ping()
    except SQLAlchemyError:
        return "no database"
    try:
        store.try_writing(datetime.now(UTC))
    except SQLAlchemyError:
        return "database can't be written"
    return OK


class Operation:
    """What is known of a running app."""

    def __init__(self) -> None:
        self.ending = False
        """It has been told to end, and finishes what it has begun."""
        self.database = DatabaseCheck()
        self.registry = CollectorRegistry()
        labels = ["endpoint", "method", "status"]
        self.requests = Counter("nodefall_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "nodefall_request_seconds",
            "Seconds until the answer.",
            ["endpoint"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        # These are looked up when somebody asks for them.
        self.jobs = Gauge("nodefall_jobs", "Jobs of workers, by what they do.", ["state"], registry=self.registry)
        self.answers = Gauge("nodefall_database_up", "Whether the database answers.", registry=self.registry)
        self.stored = Gauge("nodefall_stored_topologies", "Uploads that are kept.", registry=self.registry)
        self.stored_bytes = Gauge("nodefall_stored_bytes", "Bytes of all that is stored.", registry=self.registry)


def init_app(app: Flask) -> None:
    """Count and, where that is set, log each request."""
    app.extensions["nodefall-operation"] = Operation()
    app.before_request(_begin)
    app.after_request(_answered)


def operation() -> Operation:
    """Return what is known of this app."""
    return current_app.extensions["nodefall-operation"]  # type: ignore[no-any-return]


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """Answer whether the process lives: a database that is away is no reason to start it anew."""
    return {"status": "ok"}, _UNCACHED


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answer whether to send requests here: the database can be asked and written, and this process isn't ending."""
    if operation().ending:
        return {"status": "ending"}, HTTPStatus.SERVICE_UNAVAILABLE, _UNCACHED
    status = operation().database.status(topologies().store)
    return {"status": status}, HTTPStatus.OK if status == OK else HTTPStatus.SERVICE_UNAVAILABLE, _UNCACHED


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Answer with figures for Prometheus; there is nothing in them of what was uploaded."""
    its = operation()
    its.jobs.clear()
    for state, count in _job_counts().items():
        its.jobs.labels(state).set(count)
    try:
        count, size = topologies().store.usage()
    except SQLAlchemyError:
        its.answers.set(0)  # the other figures matter most just then
    else:
        its.answers.set(1)
        its.stored.set(count)
        its.stored_bytes.set(size)
    response = make_response(generate_latest(its.registry))
    response.headers["Content-Type"] = CONTENT_TYPE_LATEST
    response.cache_control.no_store = True
    return response


def _job_counts() -> dict[str, int]:
    pool = jobs().pool
    if pool is None:
        return {"waiting": 0, "running": 0}
    try:
        return pool.load()
    except QueueAway:  # nobody knows; all the rest is known
        return {}


def _begin() -> None:
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _answered(response: Response) -> Response:
    its, endpoint = operation(), request.endpoint or "none"
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    its.requests.labels(endpoint, request.method, str(response.status_code)).inc()
    its.seconds.labels(endpoint).observe(seconds)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if current_app.config["LOG"] == "json":
        _log(response.status_code, endpoint, seconds)
    return response


def _log(status: int, endpoint: str, seconds: float) -> None:
    # The route and not the address: ids are keys, and queries have names of what was uploaded.
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request": g.get("request_id", ""),
        "client": request.remote_addr,
        "method": request.method,
        "route": str(request.url_rule) if request.url_rule else None,
        "endpoint": endpoint,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
    }
    sys.stderr.write(json.dumps(line) + "\n")
