"""The page of a comparison: what a change of manifests does to clients, two sets side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, islice

from flask import Blueprint, abort, make_response
from flask.typing import ResponseReturnValue

from webapp.check.compare import Change, Comparison, Effect, compare
from webapp.check.comparison_formats import as_json, as_markdown
from webapp.check.shown import ShownDifference
from webapp.diagram import DiagramError
from webapp.diagram.arrange import arrange
from webapp.diagram.svg_file import svg_file_size
from webapp.documents.comparison_page import comparison_page
from webapp.failure import Moment, Scenario, words
from webapp.failure.scenario import CRASH_MOMENTS
from webapp.jobs import stage
from webapp.numbers import counted
from webapp.views.page import query
from webapp.views.page.cache import keep_latest
from webapp.views.page.listing import Choice, Paging, Sign, enumerated, paged
from webapp.views.page.picture import drawn_contents
from webapp.views.page.query import QueryForm, address, form
from webapp.views.page.rendering import file_response, render, revalidated
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.stages import COMPARING
from webapp.views.page.state import PageState, exposed, fitting
from webapp.views.page.topologies import Topology, open_or_404
from webapp.views.page.wording import MOMENTS, Standing, standing

blueprint = Blueprint("comparison", __name__)

PAGE_SIZE = 50
"""Services a page."""
MAX_CHOICES = 50
_SIGNS = {
    Effect.WORSE: Sign("lost", "bad", "Worse"),
    Effect.OTHER: Sign("info", "quiet", "Differs"),
    Effect.BETTER: Sign("ok", "ok", "Better"),
}
_ORDER = tuple(_SIGNS)
_FORMATS = {"md": ("text/markdown", as_markdown), "json": ("application/json", as_json)}
_Fitted = tuple[PageState, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One difference."""

    sign: Sign
    port: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ServiceChanges:
    """The differences of one service."""

    service: str
    url: str
    """The same page with both pictures of this service."""
    current: bool
    rows: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSet:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage:
    """What the page shows."""

    heading: str
    sign: Sign
    service: str
    sides: tuple[ComparedSet, ComparedSet]
    paging: Paging[ServiceChanges]
    targets: tuple[Choice, ...]
    moments: tuple[Choice, ...]
    form: QueryForm
    downloads: tuple[tuple[str, str], ...]
    """Label and address of each file."""


@blueprint.get("/compare/<old_id>/<new_id>")
def show(old_id: str, new_id: str) -> ResponseReturnValue:
    """Show what differs between two sets."""
    old, new = open_or_404(old_id), open_or_404(new_id)
    return render("comparison.html", view=compared(old, new, query.PAGE_NUMBER.asked()))


@blueprint.get("/compare/<old_id>/<new_id>/comparison.<extension>")
def download(old_id: str, new_id: str, extension: str) -> ResponseReturnValue:
    """Send what differs as Markdown or JSON, as ``nodefall diff`` prints it."""
    if extension not in _FORMATS:
        abort(404, f"A comparison is available as {' and '.join(_FORMATS)}.")
    mimetype, write = _FORMATS[extension]
    response = make_response(write(_comparison(open_or_404(old_id), open_or_404(new_id))))
    response.mimetype = mimetype
    return revalidated(response)


@blueprint.get("/compare/<old_id>/<new_id>/comparison.html")
def file(old_id: str, new_id: str) -> ResponseReturnValue:
    """Send what differs as one file, with both sides in the state of the address, each of which still simulates."""
    both = _fitted(open_or_404(old_id)), _fitted(open_or_404(new_id))
    (old, _), (new, _) = both
    found = _compare(old, new)
    try:
        text = comparison_page(found, old.cluster, new.cluster, _looked_at(found, both))
    except DiagramError as error:
        abort(422, str(error))
    return file_response("comparison.html", "text/html", text.encode(errors="replace"))


def _looked_at(found: Comparison, both: tuple[_Fitted, _Fitted]) -> ShownDifference | None:
    """Return what was chosen to be looked at; None where nothing was: the file chooses where the change shows most."""
    (old, _), (new, _) = both
    down, drain = old.scenario.down | new.scenario.down, new.scenario.drain or old.scenario.drain
    if not (down or drain or _chosen_service(both)):
        return None
    service = _service(_by_service(found.changes), both)
    return ShownDifference(replace(new.scenario, down=down, drain=drain, service=service or None), None)


def _comparison(old: Topology, new: Topology) -> Comparison:
    return _compare(_fitted(old)[0], _fitted(new)[0])


@keep_latest(8, key=lambda old, new: (old.topology.id, old.options, new.topology.id, new.options))
def _compare(old: PageState, new: PageState) -> Comparison:
    stage(COMPARING)
    return compare(old.cluster, new.cluster)


def compared(old: Topology, new: Topology, number: int = 1) -> ComparisonPage:
    """Return the page's content for the state that the request names."""
    found = _comparison(old, new)
    groups = _by_service(found.changes)
    # A node that is down and that only one side has is not an error here: it may be what changed.
    both = _fitted(old), _fitted(new)
    options = list(dict.fromkeys(pair for page, _ in both for pair in words.encode_options(page.options, words.PAGE)))
    service = _service(groups, both)
    url = _ComparisonUrls(old.id, new.id, both[1][0].scenario, options)
    return ComparisonPage(
        heading=_heading(groups),
        sign=_SIGNS[Effect.WORSE if found.worse else Effect.BETTER],
        service=service,
        sides=(_side("Before", *both[0], service), _side("After", *both[1], service)),
        paging=paged(groups, PAGE_SIZE, number, lambda at: url.to(service, at)).each(
            lambda group: ServiceChanges(group[0], url.to(group[0]), group[0] == service, tuple(map(_row, group[1])))
        ),
        targets=tuple(_targets(both)),
        moments=tuple(_moments(both[1][0].scenario)),
        form=url.form(service),
        downloads=tuple(url.downloads(_chosen_service(both))),
    )


def _fitted(topology: Topology) -> tuple[PageState, tuple[str, ...]]:
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
    return enumerated(told)


def _chosen_service(both: Sequence[_Fitted]) -> str:
    return next((page.scenario.service for page, _ in both if page.scenario.service), "")


def _service(groups: Sequence[tuple[str, tuple[Change, ...]]], both: Sequence[_Fitted]) -> str:
    """Return the service to draw: the one asked for, else the one that differs most, else the first."""
    asked = _chosen_service(both)
    if asked or groups:
        return asked or groups[0][0]
    return next((services[0].key for page, _ in both if (services := exposed(page.cluster))), "")


@dataclass(frozen=True, slots=True)
class _ComparisonUrls:
    old_id: str
    new_id: str
    scenario: Scenario
    options: list[tuple[str, str]]

    def to(self, service: str, number: int = 1) -> str:
        return address("comparison.show", self._pairs(service), old_id=self.old_id, new_id=self.new_id, page=number)

    def form(self, service: str) -> QueryForm:
        return form("comparison", self._pairs(service), old_id=self.old_id, new_id=self.new_id)

    def _pairs(self, service: str) -> query.Pairs:
        return words.encode(replace(self.scenario, service=service or None)) + self.options

    def downloads(self, service: str) -> Iterator[tuple[str, str]]:
        at = partial(address, old_id=self.old_id, new_id=self.new_id)
        yield "HTML", at("comparison.file", self._pairs(service))
        yield "Markdown", at("comparison.download", self.options, extension="md")
        yield "JSON", at("comparison.download", self.options, extension="json")


def _row(change: Change) -> ChangeRow:
    before, after = change.before or "–", change.after or "–"
    return ChangeRow(_SIGNS[change.effect], change.port, change.what, before, after)


# --- both sides -------------------------------------------------------------------------------------------------------


def _side(title: str, page: PageState, missing: tuple[str, ...], key: str) -> ComparedSet:
    service = page.cluster.services.get(key)
    page = page.focused(key) if service else page
    there = service is not None and bool(service.ports)
    simulation = PortSimulation(page) if there else None
    # The page keeps the room free, so that nothing jumps when the pictures come.
    width, height = svg_file_size(arrange(drawn_contents(simulation))) if simulation else (0.0, 0.0)
    paths = (("DNS", simulation.now.dns), ("load balancer", simulation.now.lb)) if simulation else ()
    return ComparedSet(
        title=title,
        name=page.topology.name,
        map_url=page.url(),
        picture_url=page.url("downloads.diagram", extension="svg") if there else "",
        width=round(width),
        height=round(height),
        answered=tuple((via, share, standing(share)) for via, share in paths if share is not None),
        missing=tuple(word for word in missing if not word.startswith("service=")),
    )


# --- the state to compare in ------------------------------------------------------------------------------------------


def _targets(both: Sequence[_Fitted]) -> Iterator[Choice]:
    """Yield the nodes and zones of either side, and nothing at all."""
    down = {str(target): target.name for page, _ in both for target in page.scenario.down}
    nodes = dict.fromkeys(name for page, _ in both for name in page.cluster.nodes)
    zones = dict.fromkeys(node.zone for page, _ in both for node in page.cluster.nodes.values() if node.zone)
    offered = {f"zone/{zone}": f"zone {zone}" for zone in zones} | {f"node/{name}": name for name in nodes}
    yield Choice("nothing", "", not down)
    for word, label in (dict(islice(offered.items(), MAX_CHOICES)) | down).items():
        yield Choice(label, word, word in down)


def _moments(scenario: Scenario) -> Iterator[Choice]:
    for moment in CRASH_MOMENTS:
        if moment is not Moment.BEFORE:
            yield Choice(MOMENTS[moment].title, moment.value, moment is scenario.at)
