"""Resilience: what each service answers if one node or one zone fails, with grades, and drains that never end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.cluster.assumed_pods import assumed_behind
from webapp.cluster.order import natural
from webapp.failure import Moment, Scenario, Target
from webapp.failure.kinds import FailureKind
from webapp.numbers import counted, everything, figure, nothing
from webapp.resilience import RULES, Matrix, MatrixColumn, PortVerdict, Voluntary, matrix, tally, voluntary_loss
from webapp.resilience import MatrixRow as Answers
from webapp.views.lists.drains import Drain, drained, more_drains
from webapp.views.page import query
from webapp.views.page.cache import keep_latest
from webapp.views.page.query import QueryForm
from webapp.views.page.rendering import render_page
from webapp.views.page.state import PageState, open_page, port_word

blueprint = Blueprint("resilience", __name__)

PAGE_SIZE = 100
MAX_ELEMENTS = 2_000
"""A page of the matrix ends where it would have more than so many; browsers stay quick up to about 2,500."""
_ELEMENTS = {"row": 10, "quiet": 2, "loud": 8}
"""How many a row takes without its cells, a cell that says 100, and any other."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to look at the matrix."""

    title: str
    url: str
    """Or the value, in a form's list."""
    current: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column."""

    name: str
    detail: str
    worst: bool
    first_zone: bool
    stopped: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What one service port answers without one node or zone."""

    text: str
    kind: str
    """``all``, ``some``, ``none`` or ``broken``."""
    url: str
    label: str
    of: str
    """The node or zone, where no head of a column says it."""
    share: float
    first_zone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One service port."""

    id: str
    name: str
    detail: str
    url: str
    cells: tuple[Cell, ...]
    grade: str
    headline: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure above the matrix."""

    title: str
    value: str
    detail: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class GradeKey:
    """A grade, its rule and how many have it."""

    grade: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    """What the page shows."""

    sentence: str
    grade: str
    tiles: tuple[Tile, ...]
    moments: tuple[Choice, ...]
    ways: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    namespaces: tuple[Choice, ...]
    form: QueryForm
    moment: str
    way: str
    heads: tuple[Head, ...]
    folded: str
    rows: tuple[Row, ...]
    ports: int
    key: tuple[GradeKey, ...]
    drains: tuple[Drain, ...]
    more_drains: str
    page: int
    pages: int
    previous_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class _View:
    """The page's own words in the address; the Scenario's stay beside them for the other tabs."""

    page: PageState
    moment: Moment
    via: str
    order: str
    namespace: str
    number: int

    def words(self) -> dict[str, Any]:
        """Return its words."""
        return {
            "moment": self.moment.value,
            "through": self.via,
            "order": self.order,
            "namespace": self.namespace,
            "page": self.number,
        }

    def url(self) -> str:
        """Return the address of this view."""
        return self.page.url("resilience.show", **self.words())


@blueprint.get("/t/<topology_id>/resilience")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the matrix."""
    page = open_page(topology_id)
    view = _View(
        page,
        Moment(query.MOMENT.asked()),
        query.THROUGH.asked(),
        query.MATRIX_ORDER.asked(),
        query.NAMESPACE.asked(),
        query.PAGE_NUMBER.asked(),
    )
    return render_page("resilience.html", page, view=resilience(view))


@keep_latest(8, key=lambda page, moment, via: (page.topology.id, page.options, moment, via))
def _matrix(page: PageState, moment: Moment, via: str) -> Matrix:
    return matrix(page.cluster, moment, via)


@keep_latest(8, key=lambda page: (page.topology.id, page.options))
def _voluntary_loss(page: PageState) -> Voluntary:
    return voluntary_loss(page.cluster)


def resilience(view: _View) -> Resilience:
    """Return what the page shows in one view."""
    page = view.page
    found, undrainable = _matrix(page, view.moment, view.via), _voluntary_loss(page)
    wanted = [row for row in found.rows if view.namespace in ("", row.verdict.reach.service.namespace)]
    worst = sorted(wanted, key=lambda row: row.harm)
    rows, size = worst if view.order == "worst" else wanted, _page_size(worst)
    pages = max(-(-len(rows) // size), 1)
    view = replace(view, number=min(view.number, pages))
    here = rows[(view.number - 1) * size : view.number * size]
    counts = tally(found.rows)
    return Resilience(
        sentence=found.sentence,
        grade=found.grade or "",
        tiles=tuple(_tiles(view, found)),
        moments=_moments(view),
        ways=_ways(view),
        orders=_orders(view),
        namespaces=tuple(_namespaces(view, found)),
        form=page.form("resilience", **replace(view, number=1).words()),
        moment="Just after the failure" if view.moment is Moment.FAILED else "Once it is detected",
        way="via a load balancer" if view.via == "lb" else "via DNS round robin",
        heads=tuple(_heads(found.columns)),
        folded=_folded(found),
        rows=tuple(_row(view, row, found.columns) for row in here),
        ports=len(rows),
        key=tuple(GradeKey(grade, rule, counts[grade]) for grade, rule in RULES.items()),
        drains=tuple(drained(page, undrainable)),
        more_drains=more_drains(undrainable),
        page=view.number,
        pages=pages,
        previous_url=replace(view, number=view.number - 1).url() if view.number > 1 else "",
        next_url=replace(view, number=view.number + 1).url() if view.number < pages else "",
    )


def _moments(view: _View) -> tuple[Choice, ...]:
    return tuple(
        Choice(title, replace(view, moment=moment).url(), moment is view.moment)
        for moment, title in ((Moment.FAILED, "Just failed"), (Moment.DETECTED, "Detected"))
    )


def _ways(view: _View) -> tuple[Choice, ...]:
    return tuple(
        Choice(title, replace(view, via=via).url(), via == view.via)
        for via, title in (("lb", "Load balancer"), ("dns", "DNS"))
    )


def _orders(view: _View) -> tuple[Choice, ...]:
    return tuple(
        Choice(title, replace(view, order=order, number=1).url(), order == view.order)
        for order, title in (("worst", "Worst first"), ("name", "By name"))
    )


def _namespaces(view: _View, found: Matrix) -> Iterator[Choice]:
    names = sorted({row.verdict.reach.service.namespace for row in found.rows}, key=natural)
    if len(names) > 1:
        yield Choice("All namespaces", "", not view.namespace)
        yield from (Choice(name, name, name == view.namespace) for name in names)


def _page_size(worst: Sequence[Answers]) -> int:
    """Return how many rows a page has: the first has the most cells that say more than 100."""
    elements = 0
    for at, row in enumerate(worst[:PAGE_SIZE]):
        quiet = sum(map(everything, row.cells))
        elements += _ELEMENTS["row"] + quiet * _ELEMENTS["quiet"] + (len(row.cells) - quiet) * _ELEMENTS["loud"]
        if elements > MAX_ELEMENTS:
            return max(at, 10)
    return PAGE_SIZE


def _tiles(view: _View, found: Matrix) -> Iterator[Tile]:
    ports = f"of {len(found.rows):,}"
    yield Tile("Survive any node with the current placement", f"{found.surviving:,}", ports)
    yield Tile("… guaranteed by the manifests", f"{found.guaranteed:,}", ports)
    for what, critical in (("node", found.node), ("zone", found.zone)):
        title = f"Most critical {what}"
        if critical is None:
            known = what == "node" or any(column.what == "zone" for column in found.columns)
            yield Tile(title, "none", "no loss stops a service" if known else "no zone is known")
        else:
            named = f": {', '.join(critical.stopped)}" if 0 < len(critical.stopped) < 3 else ""
            url = _failure(view, Target(kind=FailureKind(what), name=critical.name)).url("services.show")
            yield Tile(title, critical.name, critical.reason + named, url)


def _heads(columns: Sequence[MatrixColumn]) -> Iterator[Head]:
    worst = max((column.stopped for column in columns if column.what == "node"), default=0)
    worst_zone = max((column.stopped for column in columns if column.what == "zone"), default=0)
    for at, column in enumerate(columns):
        most = worst if column.what == "node" else worst_zone
        detail = column.zone or "" if column.what == "node" else f"zone, {counted(len(column.nodes), 'node')}"
        yield Head(column.name, detail, 0 < most == column.stopped, _first_zone(columns, at), column.stopped)


def _first_zone(columns: Sequence[MatrixColumn], at: int) -> bool:
    return columns[at].what == "zone" and at > 0 and columns[at - 1].what == "node"


def _folded(found: Matrix) -> str:
    if not found.folded:
        return ""
    have = "has" if found.folded == 1 else "have"
    return f"{counted(found.folded, 'more node')}, whose loss does less harm, {have} no column."


def _failure(view: _View, target: Target) -> PageState:
    """Return the look at the state in which just this is down."""
    scenario = Scenario(down=frozenset({target}), at=view.moment, via=view.via, service=view.page.scenario.service)
    return replace(view.page, scenario=scenario, select=None, table=False, unfold=frozenset())


def _row(view: _View, row: Answers, columns: Sequence[MatrixColumn]) -> Row:
    found = row.verdict
    service, port = found.reach.service, found.reach.port
    word = port_word(port) if len(service.ports) > 1 else ""
    name = service.name + (f":{word}" if word else "")
    made_up = assumed_behind(view.page.cluster)[service.key]
    pods = counted(len({endpoint.key for endpoint in port.endpoints}), "assumed pod" if made_up else "pod")
    return Row(
        id=".".join((service.namespace, service.name, port.protocol, str(port.port))),
        name=name,
        detail=f"{service.namespace} · {service.external_traffic_policy or 'Cluster'} · {pods}",
        url=view.page.reset().focused(service.key, word).url(),
        cells=tuple(_cell(view, found, (name, word), columns, (at, row)) for at in range(len(columns))),
        grade=found.grade,
        headline=found.headline,
        reason=found.detail,
    )


def _cell(
    view: _View, found: PortVerdict, name: tuple[str, str], columns: Sequence[MatrixColumn], at_row: tuple[int, Answers]
) -> Cell:
    at, row = at_row
    column, share = columns[at], row.cells[at]
    lost = Target(kind=FailureKind(column.what), name=column.name)
    url = _failure(view, lost).focused(found.reach.service.key, name[1]).url()
    kind = "all" if everything(share) else "some" if not nothing(share) else "broken" if nothing(row.before) else "none"
    what = column.name if column.what == "node" else f"zone {column.name}"
    label = f"{figure(share)} % of {name[0]} without {what}" + _load(found.reach.load(column.nodes))
    return Cell(figure(share), kind, url, label, what, share, _first_zone(columns, at))


def _load(load: float | None) -> str:
    """Return how much more load each remaining pod gets, where that is more at all."""
    return f"; {load:.3g} times the load on each remaining pod" if load is not None and load > 1 else ""
