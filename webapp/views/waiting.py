"""The pages about long work: how far it is, with a way to cancel it, and why it was stopped."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import cast

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.jobs import Answer, Failure, Job, Workers
from webapp.views.page.rendering import render
from webapp.views.page.topologies import topologies
from webapp.views.progress import Known, StageLine, address_of, known_of, lines_of, progress_of
from webapp.views.site.errors import wants_json
from webapp.views.site.problem_documents import problem_response
from webapp.views.site.storing import DELETE_TOKEN
from webapp.views.site.ways_round import OWN_MACHINE, WayRound, more

blueprint = Blueprint("waiting", __name__)

# How many programs may wait at once, each in a web thread: half of those that `nodefall serve` has.
WAITERS = 16
# How many pages may wait a few seconds for what comes soon: as many again are left for ordinary clicks.
PAGE_WAITERS = 8


class Jobs:
    """The pool of an app, and the places for those who wait for it in a web thread."""

    def __init__(self, pool: Workers | None) -> None:
        self.pool = pool
        self.places = BoundedSemaphore(WAITERS)
        self.page_places = BoundedSemaphore(PAGE_WAITERS)

    def close(self) -> None:
        """End the workers."""
        if self.pool is not None:
            self.pool.close()


def jobs() -> Jobs:
    """Return the jobs of this app."""
    return cast("Jobs", current_app.extensions["nodefall-jobs"])


def shown(pool: Workers, job: Job) -> ResponseReturnValue:
    """Answer with the outcome, or with how far it is."""
    if job.has_failed and job.outcome not in (Failure.CROWDED, Failure.NO_WORKER):
        pool.told(job)
    if isinstance(job.outcome, Answer):
        return _response(job.outcome)
    if isinstance(job.outcome, Failure):
        return stopped(job, job.outcome)
    response = render("jobs/progress.html", status=HTTPStatus.ACCEPTED, progress=progress_of(job, pool.place(job)))
    # In a moment the same address has the answer.
    response.cache_control.no_store = True
    return response


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, answer.headers)
    response.headers.pop("Date", None)  # that of the job; the answer may have been kept
    if request.headers.get("HX-Request") and response.location:
        # A fetch would follow by itself, and leave the address of the progress page in the address bar.
        response.status_code = HTTPStatus.OK
        response.set_data(b"")
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        return response
    if request.method in ("GET", "HEAD") and answer.status == HTTPStatus.OK:
        response.make_conditional(request)
    return response


@blueprint.get("/jobs/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show how far a job is; where it leads, once it is done."""
    pool, job = job_or_404(key)
    # An upload has no address before it is stored; its outcome leads there.
    if job.lasting or isinstance(job.outcome, Failure):
        return shown(pool, job)
    return redirect(address_of(job))


@blueprint.post("/jobs/<key>/cancel")
def cancel(key: str) -> ResponseReturnValue:
    """Stop a job; of an upload nothing stays."""
    stop(*job_or_404(key))
    return redirect(url_for("waiting.show", key=key), HTTPStatus.SEE_OTHER)


def stop(pool: Workers, job: Job) -> None:
    """Stop a job; of an upload nothing stays."""
    pool.cancel(job)
    # It may have been stored in the instant before it was stopped.
    if token := job.call.environ.get(DELETE_TOKEN):
        topologies().store.withdraw(token)


def job_or_404(key: str) -> tuple[Workers, Job]:
    """Return a job by its key; lead to what it stored, or answer 404, if it is forgotten."""
    pool = jobs().pool
    job = pool.find(key) if pool is not None else None
    if pool is not None and job is not None:
        return pool, job
    # Long after, or when the server was restarted, or another process had the job: what was stored is there.
    if stored := _stored_url(key):
        abort(redirect(stored))
    return abort(404, "Nothing is known of this any more: it ended some time ago, or the server was restarted.")


def id_set_aside(key: str) -> str:
    """Return the id under which an upload will be stored.

    Whoever knows the key of the job, which cancels and deletes, knows the id; whoever is given the id, to look at the
    set, can't tell the key.
    """
    return urlsafe_b64encode(sha256(key.encode()).digest()[:16]).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What the page about a job without an answer shows."""

    status: int
    title: str
    message: str
    ways: tuple[WayRound, ...] = ()
    """What to do instead; the last is a setting that lets a server do more."""
    lines: tuple[StageLine, ...] = ()
    """How far it had come."""
    known: Known | None = None
    """What it had read before."""
    again_url: str = ""
    stored_url: str = ""
    """Where an upload can be looked at all the same: it was stored before it was stopped."""


def stopped(job: Job, failure: Failure) -> ResponseReturnValue:
    """Answer with why there is no outcome, and what to do instead."""
    explained = _explained(job, failure)
    if wants_json():
        error = f"{explained.title}. {explained.message}"
        if explained.ways:
            error += f" {explained.ways[-1].line} lets a server do more; nodefall serve runs on your own machine."
        # It has no answer, also where somebody wanted that.
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return problem_response(status, error, title=explained.title, headers={"Retry-After": "60"})
    response = render("jobs/stopped.html", status=explained.status, stopped=explained)
    if explained.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "60"
    return response


_LESS = WayRound("less", "file", "Ask for less", "Fewer namespaces beside all nodes; a node instead of a zone.")


def _explained(job: Job, failure: Failure) -> Stopped:
    seconds, memory = current_app.config["JOB_SECONDS"], current_app.config["JOB_MEGABYTES"]
    title, message, setting = {
        Failure.TIME: (
            "That takes too long for this server",
            f"It was stopped after {seconds} seconds.",
            more("Let a request take longer.", "JOB_SECONDS", 4),
        ),
        Failure.MEMORY: (
            "That needs too much memory for this server",
            f"It was stopped at {memory:,} MB.",
            more("Let a request take more.", "JOB_MEGABYTES", 2),
        ),
        Failure.DIED: (
            "That ended before it was done",
            "The process that worked on it is gone, as happens when a machine runs out of memory.",
            more("Let fewer requests share its memory.", "WORKERS", 0.5),
        ),
        Failure.SIZE: (
            "That answer is too large for this server",
            f"It has more than {current_app.config['RESULT_MEGABYTES']:,} MB.",
            more("Let answers be larger.", "RESULT_MEGABYTES", 4),
        ),
        Failure.NO_WORKER: (
            "Nobody is there to work on this just now",
            "This server has workers for large sets, and none answers. It is done once one is back: reload this page.",
            None,
        ),
        Failure.CROWDED: ("Too many others are waiting", "Try again in a minute.", None),
        Failure.CANCELLED: (
            "Cancelled",
            "What you sent has been deleted, and nothing of it is stored." if job.lasting else "It was stopped.",
            None,
        ),
    }[failure]
    # Whoever cancelled has what they asked for: that is no error.
    status = HTTPStatus.OK if failure is Failure.CANCELLED else HTTPStatus.SERVICE_UNAVAILABLE
    again = "" if job.call.environ["REQUEST_METHOD"] == "POST" else address_of(job)
    if failure is Failure.CANCELLED:
        return Stopped(status=status, title=title, message=message, again_url=again)
    lines = tuple(lines_of(job))
    return Stopped(
        status=status,
        title=title,
        message=message,
        ways=(OWN_MACHINE, _LESS, setting) if setting else (),
        lines=tuple(line for line in lines if not line.is_coming),
        known=known_of(job, lines),
        again_url=again,
        stored_url=_stored_url(job.key),
    )


def _stored_url(key: str) -> str:
    """Return the address of what an upload has stored; empty where it has stored nothing, or it was none."""
    topology_id = id_set_aside(key)
    return url_for("explorer.show", topology_id=topology_id) if topologies().describe(topology_id) else ""
