"""What a change of manifests does to clients: two sets side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from flask import Blueprint, abort, make_response, request
from flask.typing import ResponseReturnValue

from webapp.check.compare import Change, Comparison, Effect, compare
from webapp.check.comparison_formats import as_json, as_markdown
from webapp.diagram.arrange import arrange
from webapp.diagram.frame import framed_size
from webapp.failure import Moment, Scenario, words
from webapp.failure.scenario import CRASH_MOMENTS
from webapp.numbers import counted
from webapp.views.page import query
from webapp.views.page.cache import keep_latest
from webapp.views.page.picture import drawn_contents
from webapp.views.page.query import QueryForm, address, form
from webapp.views.page.rendering import render
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import PageState, exposed, fitting
from webapp.views.page.topologies import Topology, open_or_404
from webapp.views.page.wording import MOMENTS, Standing, standing

blueprint = Blueprint("compare", __name__)

PAGE_SIZE = 50
"""Services a page."""
MAX_CHOICES = 50
_EFFECTS = {
    Effect.WORSE: ("lost", "bad", "Worse"),
    Effect.BETTER: ("ok", "ok", "Better"),
    Effect.OTHER: ("info", "quiet", "Differs"),
}
_ORDER = (Effect.WORSE, Effect.OTHER, Effect.BETTER)
_FORMATS = {"md": ("text/markdown", as_markdown), "json": ("application/json", as_json)}
_Fitted = tuple[PageState, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One difference."""

    sign: str
    tone: str
    word: str
    port: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Group:
    """The differences of one service."""

    service: str
    url: str
    """The same page with both pictures of this service."""
    current: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two sets, with the service that is looked at."""

    title: str
    name: str
    map_url: str
    picture_url: str
    """Empty where the service isn't there."""
    width: int
    height: int
    answered: tuple[tuple[str, float, Standing], ...]
    """Access path, share, how that stands."""
    missing: tuple[str, ...]
    """What was asked and isn't there on this side."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a form's list."""

    value: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What the page shows."""

    heading: str
    tone: str
    sign: str
    service: str
    sides: tuple[Side, Side]
    groups: tuple[Group, ...]
    targets: tuple[Choice, ...]
    moments: tuple[Choice, ...]
    form: QueryForm
    markdown_url: str
    json_url: str
    page: int
    pages: int
    previous_url: str
    next_url: str


@blueprint.get("/compare/<old_id>/<new_id>")
def show(old_id: str, new_id: str) -> ResponseReturnValue:
    """Show what differs between two sets."""
    old, new = open_or_404(old_id), open_or_404(new_id)
    return render("compare.html", view=compared(old, new, query.PAGE_NUMBER.asked()))


@blueprint.get("/compare/<old_id>/<new_id>/comparison.<extension>")
def download(old_id: str, new_id: str, extension: str) -> ResponseReturnValue:
    """Send what differs as Markdown or JSON, as ``nodefall diff`` prints it."""
    if extension not in _FORMATS:
        abort(404, f"A comparison is available as {' and '.join(_FORMATS)}.")
    mimetype, write = _FORMATS[extension]
    response = make_response(write(_comparison(open_or_404(old_id), open_or_404(new_id))))
    response.mimetype = mimetype
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)


def _comparison(old: Topology, new: Topology) -> Comparison:
    return _compare(_looking(old)[0], _looking(new)[0])


@keep_latest(8, key=lambda old, new: (old.topology.id, old.options, new.topology.id, new.options))
def _compare(old: PageState, new: PageState) -> Comparison:
    return compare(old.cluster, new.cluster)


def compared(old: Topology, new: Topology, number: int = 1) -> Compared:
    """Return the page's content for the state that the request names."""
    found = _comparison(old, new)
    groups = _by_service(found.changes)
    looks = _looking(old), _looking(new)
    options = list(dict.fromkeys(pair for page, _ in looks for pair in words.encode_options(page.options, words.PAGE)))
    service = _service(groups, looks)
    pages = max(-(-len(groups) // PAGE_SIZE), 1)
    number = min(number, pages)
    here = groups[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    url = _Urls(old.id, new.id, looks[1][0].scenario, options)
    sign, tone, _ = _EFFECTS[Effect.WORSE if found.worse else Effect.BETTER]
    return Compared(
        heading=_heading(groups),
        tone=tone,
        sign=sign,
        service=service,
        sides=(_side("Before", *looks[0], service), _side("After", *looks[1], service)),
        groups=tuple(_group(key, its, url, service) for key, its in here),
        targets=tuple(_targets(looks)),
        moments=tuple(_moments(looks[1][0].scenario)),
        form=url.form(service),
        markdown_url=url.download("md"),
        json_url=url.download("json"),
        page=number,
        pages=pages,
        previous_url=url.to(service, number - 1) if number > 1 else "",
        next_url=url.to(service, number + 1) if number < pages else "",
    )


def _looking(topology: Topology) -> tuple[PageState, tuple[str, ...]]:
    """Return one side in the state that the request names, and what of it isn't there."""
    return fitting(topology, query.asked_pairs())


# --- what differs -----------------------------------------------------------------------------------------------------


def _by_service(changes: Sequence[Change]) -> list[tuple[str, tuple[Change, ...]]]:
    """Return the changes of each service, the worst service first, the worst change first."""
    ordered = sorted(changes, key=lambda change: (change.service, _ORDER.index(change.effect)))
    groups = [(key, tuple(its)) for key, its in groupby(ordered, key=lambda change: change.service)]
    return sorted(groups, key=lambda group: (_ORDER.index(group[1][0].effect), -len(group[1])))


def _heading(groups: Sequence[tuple[str, tuple[Change, ...]]]) -> str:
    if not groups:
        return "Clients from outside get the same as before"
    by_effect = {effect: [key for key, its in groups if its[0].effect is effect] for effect in _ORDER}
    named = {Effect.WORSE: "get worse", Effect.OTHER: "differ", Effect.BETTER: "get better"}
    one = {Effect.WORSE: "gets worse", Effect.OTHER: "differs", Effect.BETTER: "gets better"}
    told = [
        f"{keys[0]} {one[effect]}" if len(keys) == 1 else f"{counted(len(keys), 'service')} {named[effect]}"
        for effect, keys in by_effect.items()
        if keys
    ]
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]


def _service(groups: Sequence[tuple[str, tuple[Change, ...]]], looks: Sequence[_Fitted]) -> str:
    """Return the service to draw: the one asked for, else the one that differs most, else the first."""
    asked = next((page.scenario.service for page, _ in looks if page.scenario.service), None)
    if asked or groups:
        return asked or groups[0][0]
    return next((services[0].key for page, _ in looks if (services := exposed(page.cluster))), "")


@dataclass(frozen=True, slots=True)
class _Urls:
    old_id: str
    new_id: str
    scenario: Scenario
    options: list[tuple[str, str]]

    def to(self, service: str, number: int = 1) -> str:
        return address("compare.show", self._pairs(service), old_id=self.old_id, new_id=self.new_id, page=number)

    def form(self, service: str) -> QueryForm:
        return form("compare", self._pairs(service), old_id=self.old_id, new_id=self.new_id)

    def _pairs(self, service: str) -> query.Pairs:
        return words.encode(replace(self.scenario, service=service or None)) + self.options

    def download(self, extension: str) -> str:
        return address("compare.download", self.options, old_id=self.old_id, new_id=self.new_id, extension=extension)


def _group(key: str, its: Sequence[Change], url: _Urls, service: str) -> Group:
    return Group(key, url.to(key), key == service, tuple(map(_row, its)))


def _row(change: Change) -> Row:
    before, after = change.before or "–", change.after or "–"
    return Row(*_EFFECTS[change.effect], change.port, change.what, before, after)


# --- both sides -------------------------------------------------------------------------------------------------------


def _side(title: str, page: PageState, missing: tuple[str, ...], key: str) -> Side:
    service = page.cluster.services.get(key)
    page = page.focused(key) if service else page
    there = service is not None and bool(service.ports)
    simulation = PortSimulation(page) if there else None
    width, height = framed_size(arrange(drawn_contents(simulation))) if simulation else (0.0, 0.0)
    ways = (("DNS", simulation.now.dns), ("load balancer", simulation.now.lb)) if simulation else ()
    return Side(
        title=title,
        name=page.topology.name,
        map_url=page.url(),
        picture_url=page.url("downloads.diagram", extension="svg") if there else "",
        width=round(width),
        height=round(height),
        answered=tuple((way, share, standing(share)) for way, share in ways if share is not None),
        missing=tuple(word for word in missing if not word.startswith("service=")),
    )


# --- the state to compare in ------------------------------------------------------------------------------------------


def _targets(looks: Sequence[_Fitted]) -> Iterator[Choice]:
    """Yield the nodes and zones of either side, and nothing at all."""
    down = {str(target): target.name for page, _ in looks for target in page.scenario.down}
    nodes = dict.fromkeys(name for page, _ in looks for name in page.cluster.nodes)
    zones = dict.fromkeys(node.zone for page, _ in looks for node in page.cluster.nodes.values() if node.zone)
    offered = {f"zone/{zone}": f"zone {zone}" for zone in zones} | {f"node/{name}": name for name in nodes}
    yield Choice("", "nothing", not down)
    for word, label in (dict(islice(offered.items(), MAX_CHOICES)) | down).items():
        yield Choice(word, label, word in down)


def _moments(scenario: Scenario) -> Iterator[Choice]:
    for moment in CRASH_MOMENTS:
        if moment is not Moment.BEFORE:
            yield Choice(moment.value, MOMENTS[moment].title, moment is scenario.at)
