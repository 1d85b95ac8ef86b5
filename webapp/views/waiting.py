"""The pages about long work: how far it is, with a way to cancel it, and why it was stopped."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from itertools import zip_longest
from threading import BoundedSemaphore
from typing import cast

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.jobs import Answer, Failure, Job, Pool
from webapp.numbers import counted
from webapp.views.forming_map import FormingMap, forming_map
from webapp.views.page.rendering import render, wants_fragment
from webapp.views.page.topologies import SAMPLE_PREFIX, topologies
from webapp.views.page.wording import megabytes
from webapp.views.site.errors import wants_json
from webapp.views.site.uploads import DELETE_TOKEN

blueprint = Blueprint("waiting", __name__)

# How many programs may wait at once, each in a web thread: half of those that `nodefall serve` has.
WAITERS = 16
# How many pages may wait a few seconds for what comes soon: as many again are left for ordinary clicks.
PAGE_WAITERS = 8


class Jobs:
    """The pool of an app, and the places for those who wait for it in a web thread."""

    def __init__(self, pool: Pool | None) -> None:
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
    seconds: float | None
    """How long it took or takes; None where nobody measured it."""
    share: float | None
    """How much of it is done, where that is known."""
    is_done: bool
    is_coming: bool = False

    @property
    def seconds_left(self) -> float | None:
        """About how long it will take from here, once enough is done to say so."""
        if self.seconds is None or self.share is None or self.share <= _TELLING:
            return None
        return self.seconds * (1 - self.share) / self.share


# With less of it done, what is left could be anything.
_TELLING = 0.1


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of what is known."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the set by now."""

    tiles: tuple[Tile, ...]
    map: FormingMap | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the page about a running job shows."""

    heading: str
    lines: tuple[StageLine, ...]
    known: Known | None
    ahead: int
    """How many jobs come first."""
    poll_url: str
    is_part: bool
    """htmx asked for a part of the page, and must ask for a part again: the whole page is another job."""
    cancel_url: str
    is_upload: bool

    @property
    def stage(self) -> str:
        """The stage that it is in."""
        return next((line.title for line in self.lines if not line.is_done), "")


def _progress(pool: Pool, job: Job) -> Progress:
    lines = tuple(_lines(job))
    return Progress(
        heading=_heading(job),
        lines=lines,
        known=_known(job, lines),
        ahead=pool.place(job),
        poll_url=url_for("waiting.show", key=job.key) if job.lasting else _address(job),
        is_part=wants_fragment(),
        cancel_url=url_for("waiting.cancel", key=job.key),
        is_upload=job.lasting,
    )


def _heading(job: Job) -> str:
    if job.lasting:
        return f"Reading {job.sketch.name if job.sketch else 'what you sent'}"
    return f"Working on {_name(job.topology)}"


def _name(topology_id: str) -> str:
    stored = topologies().describe(topology_id)
    sample = topologies().samples.get(topology_id.removeprefix(SAMPLE_PREFIX))
    return stored.name if stored else sample.title if sample else "it"


def _known(job: Job, lines: Sequence[StageLine]) -> Known | None:
    sketch = job.sketch
    if sketch is None:
        return None
    zones = f" in {sketch.zones} zones" if sketch.zones > 1 else ""
    local = f", {sketch.local:,} Local" if sketch.local else ""
    done = sum(line.is_done for line in lines)
    return Known(
        tiles=(
            _tile(sketch.nodes, "node", zones) if sketch.nodes else Tile("No", "nodes in the manifests"),
            _tile(sketch.services, "NodePort service", local),
            _tile(sketch.pods, "pod", "" if sketch.is_placed else ", not placed yet"),
            Tile(f"{done} of {len(lines)}", "stages done"),
        ),
        map=forming_map(sketch),
    )


def _tile(number: int, what: str, more: str) -> Tile:
    value, _, label = counted(number, what).partition(" ")
    return Tile(value, label + more)


def _lines(job: Job) -> Iterator[StageLine]:
    now = job.ended or time.monotonic()
    if job.lasting:
        size = megabytes(int(job.call.environ["CONTENT_LENGTH"]))
        yield StageLine("Received", f"{size} as sent", None, None, is_done=True)
    steps = job.steps[:]
    for step, following in zip_longest(steps, steps[1:]):
        end = following.began if following else now
        is_done = following is not None
        share = None if is_done else step.stage.share
        yield StageLine(step.stage.title, step.stage.detail, end - step.began, share, is_done=is_done)
    if not steps:
        title = "Starting" if job.began else "Waiting for a worker"
        yield StageLine(title, "", now - (job.began or job.created), None, is_done=False)
    yield from (StageLine(title, "", None, None, is_done=False, is_coming=True) for title in job.coming)


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
    known: Known | None = None
    """What it had read before."""
    again_url: str = ""
    stored_url: str = ""
    """Where an upload can be looked at all the same: it was stored before it was stopped."""


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
    if failure is Failure.CANCELLED:
        return Stopped(status=status, title=title, message=message, again_url=again)
    lines = tuple(_lines(job))
    return Stopped(
        status=status,
        title=title,
        message=message,
        setting=setting,
        lines=tuple(line for line in lines if not line.is_coming),
        known=_known(job, lines),
        again_url=again,
        stored_url=_stored_url(job.key),
    )


def _stored_url(key: str) -> str:
    """Return the address of what an upload has stored; empty where it has stored nothing, or it was none."""
    topology_id = id_set_aside(key)
    return url_for("explorer.show", topology_id=topology_id) if topologies().describe(topology_id) else ""
