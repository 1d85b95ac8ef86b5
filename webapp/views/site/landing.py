"""The first page: bring manifests or open a sample; and the pages that only have to be read."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, abort, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.manifests.problems import Problem
from webapp.samples import Sample
from webapp.views.page.rendering import render
from webapp.views.page.thumbnail import Thumbnail, thumbnail
from webapp.views.page.topologies import SAMPLE_PREFIX, open_or_404, topologies
from webapp.views.page.wording import megabytes
from webapp.views.site.live_sample import LiveSample, SampleResult, live_sample, result_of
from webapp.views.site.ways_round import upload_limit

blueprint = Blueprint("landing", __name__)


@dataclass(frozen=True, slots=True)
class Card:
    """One sample in the gallery."""

    sample: Sample
    thumbnail: Thumbnail
    url: str
    try_url: str
    result: SampleResult | None
    """What the first thing to try comes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What the first page shows."""

    cards: tuple[Card, ...]
    live: LiveSample
    """A sample to break in place."""
    keep_choices: tuple[tuple[int, str], ...]
    keep: int
    most: str
    text: str = ""
    """What was pasted, given back where something was wrong with it."""
    problems: tuple[Problem, ...] = ()
    heading: str = ""
    """What was wrong."""
    detail: str = ""
    """More about that, and what to do."""


def landing(text: str = "", heading: str = "", problems: tuple[Problem, ...] = (), keep: int | None = None) -> Landing:
    """Return the first page, with what was typed and what was wrong with it."""
    default = int(current_app.config["KEEP_DAYS"])
    return Landing(
        cards=tuple(_card(sample) for sample in topologies().samples.values()),
        live=live_sample(),
        keep_choices=keep_choices(default),
        keep=keep or default,
        most=megabytes(current_app.config["MAX_UPLOAD_BYTES"]),
        text=text,
        problems=problems,
        heading=heading,
    )


def keep_choices(default: int) -> tuple[tuple[int, str], ...]:
    """Return the days that an uploader may choose from; none is longer than the setting."""
    days = sorted({1, 7, 30, default})
    return tuple((day, "1 day" if day == 1 else f"{day} days") for day in days if day <= default)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show the first page."""
    return render("landing.html", landing=landing())


@blueprint.get("/samples/<slug>")
def sample(slug: str) -> ResponseReturnValue:
    """Open a sample: a topology that is always there."""
    topology = open_or_404(SAMPLE_PREFIX + slug)
    return redirect(url_for("explorer.show", topology_id=topology.id))


@blueprint.get("/help")
def help_page() -> ResponseReturnValue:
    """Explain the signs and the words."""
    first = next(iter(topologies().samples.values()))
    return render("help.html", example=_card(first).try_url)


@blueprint.get("/too-large")
def too_large() -> ResponseReturnValue:
    """Say that an upload is too large, for a proxy that takes no upload of that size itself."""
    abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@blueprint.get("/limit")
def limit() -> ResponseReturnValue:
    """Say so for a browser that finds it out itself, before anything is sent."""
    return upload_limit(HTTPStatus.OK)


def _card(sample: Sample) -> Card:
    url = url_for("explorer.show", topology_id=SAMPLE_PREFIX + sample.slug)
    topology_id = SAMPLE_PREFIX + sample.slug
    result = result_of(topology_id, sample.try_query)
    return Card(sample, thumbnail(topology_id, sample.try_query), url, f"{url}?{sample.try_query}", result)
