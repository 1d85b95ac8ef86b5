"""The pages about long work: how far it is, with a way to cancel it, and why it was stopped."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import zip_longest
from threading import BoundedSemaphore
from typing import cast

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.jobs import Answer, Failure, Job, Pool
from webapp.views.page.rendering import render, wants_fragment
from webapp.views.page.topologies import SAMPLE_PREFIX, topologies
from webapp.views.page.wording import megabytes
from webapp.views.site.errors import wants_json
from webapp.views.site.uploads import DELETE_TOKEN

blueprint = Blueprint("waiting", __name__)

# How many programs may wait at once, each in a web thread: half of those that `nodefall serve` has.
WAITERS = 16


class Jobs:
    """The pool of an app, and the places for those who wait for it in a web thread."""

    def __init__(self, pool: Pool | None) -> None:
        self.pool = pool
        self.places = BoundedSemaphore(WAITERS)

    def close(self) -> None:
        """End the workers."""
        if self.pool is not None:
            self.pool.close()


def jobs() -> Jobs:
    """Return the jobs of this app."""
    return cast("Jobs", current_app.extensions["nodefall-jobs"])


def shown(pool: Pool, job: Job) -> ResponseReturnValue:
    """Answer with the outcome, or with how far it is."""
    if isinstance(job.outcome, Answer):
        return _response(job.outcome)
    if isinstance(job.outcome, Failure):
        return stopped(job, job.outcome)
    response = render("jobs/progress.html", status=HTTPStatus.ACCEPTED, progress=_progress(pool, job))
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
    pool, job = _job_or_404(key)
    # An upload has no address before it is stored; its outcome leads there.
    if job.lasting or isinstance(job.outcome, Failure):
        return shown(pool, job)
    return redirect(_address(job))


@blueprint.post("/jobs/<key>/cancel")
def cancel(key: str) -> ResponseReturnValue:
    """Stop a job; of an upload nothing stays."""
    pool, job = _job_or_404(key)
    pool.cancel(job)
    # It may have been stored in the instant before it was stopped.
    if token := job.call.environ.get(DELETE_TOKEN):
        topologies().store.withdraw(token)
    return redirect(url_for("waiting.show", key=key), HTTPStatus.SEE_OTHER)


def _job_or_404(key: str) -> tuple[Pool, Job]:
    pool = jobs().pool
    job = pool.find(key) if pool is not None else None
    if pool is None or job is None:
        abort(404, "Nothing is known of this any more: it ended some time ago, or the server was restarted.")
    return pool, job


def _address(job: Job) -> str:
    """Return the address that was asked for."""
    query = job.call.environ.get("QUERY_STRING")
    path = job.call.environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return f"{job.call.environ.get('SCRIPT_NAME', '')}{path}" + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage in the list."""

    title: str
    detail: str
    seconds: float
    share: float | None
    """How much of it is done, where that is known."""
    is_done: bool

    @property
    def seconds_left(self) -> float | None:
        """About how long it will take from here, once enough is done to say so."""
        return self.seconds * (1 - self.share) / self.share if self.share and self.share > _TELLING else None


# With less of it done, what is left could be anything.
_TELLING = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the page about a running job shows."""

    heading: str
    lines: tuple[StageLine, ...]
    ahead: int
    """How many jobs come first."""
    poll_url: str
    is_part: bool
    """htmx asked for a part of the page, and must ask for a part again: the whole page is another job."""
    cancel_url: str
    is_upload: bool


def _progress(pool: Pool, job: Job) -> Progress:
    return Progress(
        heading="Reading what you sent" if job.lasting else f"Working on {_name(job.topology)}",
        lines=tuple(_lines(job)),
        ahead=pool.place(job),
        poll_url=url_for("waiting.show", key=job.key) if job.lasting else _address(job),
        is_part=wants_fragment(),
        cancel_url=url_for("waiting.cancel", key=job.key),
        is_upload=job.lasting,
    )


def _name(topology_id: str) -> str:
    stored = topologies().describe(topology_id)
    sample = topologies().samples.get(topology_id.removeprefix(SAMPLE_PREFIX))
    return stored.name if stored else sample.title if sample else "it"


def _lines(job: Job) -> Iterator[StageLine]:
    now = job.ended or time.monotonic()
    if job.lasting:
        yield StageLine("Received", megabytes(int(job.call.environ["CONTENT_LENGTH"])), 0, None, is_done=True)
    steps = job.steps[:]
    for step, following in zip_longest(steps, steps[1:]):
        end = following.began if following else now
        is_done = following is not None
        share = None if is_done else step.stage.share
        yield StageLine(step.stage.title, step.stage.detail, end - step.began, share, is_done=is_done)
    if not steps:
        title = "Starting" if job.began else "Waiting for a worker"
        yield StageLine(title, "", now - (job.began or job.created), None, is_done=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What the page about a job without an answer shows."""

    status: int
    title: str
    message: str
    setting: str = ""
    """What lets a server do more."""
    lines: tuple[StageLine, ...] = ()
    """How far it had come."""
    again_url: str = ""


def stopped(job: Job, failure: Failure) -> ResponseReturnValue:
    """Answer with why there is no outcome, and what to do instead."""
    explained = _explained(job, failure)
    if wants_json():
        hint = f" {explained.setting} lets a server do more; nodefall serve runs on your own machine."
        error = f"{explained.title}. {explained.message}" + (hint if explained.setting else "")
        return {"error": error, "status": explained.status}, explained.status, {"Retry-After": "60"}
    return render("jobs/stopped.html", status=explained.status, stopped=explained)


def _explained(job: Job, failure: Failure) -> Stopped:
    seconds, memory = current_app.config["JOB_SECONDS"], current_app.config["JOB_MEGABYTES"]
    title, message, setting = {
        Failure.TIME: (
            "That takes too long for this server",
            f"It was stopped after {seconds} seconds.",
            f"NODEFALL_JOB_SECONDS={4 * seconds}",
        ),
        Failure.MEMORY: (
            "That needs too much memory for this server",
            f"It was stopped at {memory:,} MB.",
            f"NODEFALL_JOB_MEGABYTES={2 * memory}",
        ),
        Failure.DIED: (
            "That ended before it was done",
            "The process that worked on it is gone, as happens when a machine runs out of memory.",
            "NODEFALL_WORKERS=1",
        ),
        Failure.CROWDED: ("Too many others are waiting", "Try again in a minute.", ""),
        Failure.CANCELLED: (
            "Cancelled",
            "What you sent has been deleted, and nothing of it is stored." if job.lasting else "It was stopped.",
            "",
        ),
    }[failure]
    # Whoever cancelled has what they asked for: that is no error.
    status = HTTPStatus.OK if failure is Failure.CANCELLED else HTTPStatus.SERVICE_UNAVAILABLE
    again = "" if job.call.environ["REQUEST_METHOD"] == "POST" else _address(job)
    lines = tuple(_lines(job)) if failure is not Failure.CANCELLED else ()
    return Stopped(status=status, title=title, message=message, setting=setting, lines=lines, again_url=again)
