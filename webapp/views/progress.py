"""What the pages about long work say of a job: its stages, what is known by now, and how far it is."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from flask import url_for

from webapp.jobs import Job
from webapp.numbers import counted
from webapp.views.forming_map import FormingMap, forming_map
from webapp.views.page.rendering import wants_fragment
from webapp.views.page.topologies import SAMPLE_PREFIX, topologies
from webapp.views.page.wording import megabytes


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
        return _stage(self.lines)


def progress_of(job: Job, ahead: int) -> Progress:
    """Return what is shown of a running job; so many jobs come before it."""
    lines = tuple(lines_of(job))
    return Progress(
        heading=_heading(job),
        lines=lines,
        known=known_of(job, lines),
        ahead=ahead,
        poll_url=url_for("waiting.show", key=job.key) if job.lasting else address_of(job),
        is_part=wants_fragment(),
        cancel_url=url_for("waiting.cancel", key=job.key),
        is_upload=job.lasting,
    )


def stage_of(job: Job) -> str:
    """Return the stage that a job is in."""
    return _stage(lines_of(job))


def _stage(lines: Iterable[StageLine]) -> str:
    return next((line.title for line in lines if not line.is_done), "")


def _heading(job: Job) -> str:
    if job.lasting:
        return f"Reading {job.sketch.name if job.sketch else 'what you sent'}"
    return f"Working on {_name(job.topology)}"


def _name(topology_id: str) -> str:
    stored = topologies().describe(topology_id)
    sample = topologies().samples.get(topology_id.removeprefix(SAMPLE_PREFIX))
    return stored.name if stored else sample.title if sample else "it"


def known_of(job: Job, lines: Sequence[StageLine]) -> Known | None:
    """Return what is known of the job's set, if anything is."""
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


def lines_of(job: Job) -> Iterator[StageLine]:
    """Yield the stages: those that are done, the one that it is in, and those still to come."""
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


def address_of(job: Job) -> str:
    """Return the address that was asked for."""
    query = job.call.environ.get("QUERY_STRING")
    path = job.call.environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return f"{job.call.environ.get('SCRIPT_NAME', '')}{path}" + (f"?{query}" if query else "")
