"""The page of resilience: what each service answers if one node or one zone fails, with grades."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.cluster.assumed_pods import assumed_behind
from webapp.documents.resilience import matrix_csv
from webapp.failure import Moment, Scenario, Target
from webapp.failure.kinds import FailureKind
from webapp.jobs import counted_stage
from webapp.numbers import counted, everything, figure, nothing
from webapp.resilience import (
    RULES,
    Matrix,
    MatrixColumn,
    MatrixRow,
    PortVerdict,
    Voluntary,
    tally,
    voluntary_loss,
)
from webapp.views.lists.undrainable_nodes import UndrainableNode, undrainable_nodes, unlisted_nodes
from webapp.views.page import query
from webapp.views.page.cache import keep_latest
from webapp.views.page.listing import Choice, Paging, namespace_choices, paged
from webapp.views.page.matrix import matrix_of
from webapp.views.page.names import telling
from webapp.views.page.query import QueryForm
from webapp.views.page.rendering import document_response, render_page
from webapp.views.page.stages import DRAINING_EACH
from webapp.views.page.state import PageState, open_page, port_word

blueprint = Blueprint("resilience", __name__)

PAGE_SIZE = 100
# Letters of a head: its column is hardly wider than the figures below it.
SHORT = 14
# So many columns fit in a window beside the verdict.
MANY = 10
# A page of the matrix ends where it would have more than so many; browsers stay quick up to about 2,500.
MAX_ELEMENTS = 2_000
_ELEMENTS = {"row": 10, "quiet": 2, "loud": 8}
"""How many a row takes without its cells, a cell that says 100, and any other."""


@dataclass(frozen=True, slots=True)
class LossColumn:
    """The head of a column."""

    name: str
    short: str
    """What tells it apart from the others."""
    detail: str
    short_detail: str
    worst: bool
    divided: bool
    """A line stands before it."""
    stopped: int


@dataclass(frozen=True, slots=True)
class LossCell:
    """What one service port answers without one node or zone."""

    text: str
    kind: str
    """``all``, ``some``, ``none`` or ``broken``."""
    url: str
    label: str
    of: str
    """The node or zone, where no head of a column says it."""
    share: float
    divided: bool
    """A line stands before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRow:
    """One service port."""

    id: str
    name: str
    detail: str
    url: str
    cells: tuple[LossCell, ...]
    grade: str
    headline: str
    reason: str


@dataclass(frozen=True, slots=True)
class FigureTile:
    """One figure above the matrix."""

    title: str
    value: str
    detail: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class GradeCount:
    """A grade, its rule and how many have it."""

    grade: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResiliencePage:
    """What the page shows."""

    sentence: str
    grade: str
    tiles: tuple[FigureTile, ...]
    moments: tuple[Choice, ...]
    access_paths: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    namespaces: tuple[Choice, ...]
    csv_url: str
    form: QueryForm
    moment: str
    way: str
    heads: tuple[LossColumn, ...]
    many: bool
    """More columns than fit."""
    folded: str
    paging: Paging[LossRow]
    ports: int
    grades: tuple[GradeCount, ...]
    undrainable: tuple[UndrainableNode, ...]
    unlisted: str


@dataclass(frozen=True, slots=True)
class _MatrixView:
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

    def url(self, **others: Any) -> str:
        """Return the address of this view, with other words."""
        return self.page.url("resilience.show", **self.words() | others)


@blueprint.get("/t/<topology_id>/resilience")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the matrix."""
    page = open_page(topology_id)
    view = _asked(page)
    return render_page("resilience.html", page, view=resilience(view))


@blueprint.get("/t/<topology_id>/matrix.csv")
def download(topology_id: str) -> ResponseReturnValue:
    """Send the matrix as a spreadsheet reads it, all rows that the page has."""
    view = _asked(open_page(topology_id))
    found = matrix_of(view.page, view.moment, view.via)
    return document_response("matrix.csv", matrix_csv(found, _rows(view, found)))


def _asked(page: PageState) -> _MatrixView:
    return _MatrixView(
        page,
        Moment(query.MOMENT.asked()),
        query.THROUGH.asked(),
        query.MATRIX_ORDER.asked(),
        query.NAMESPACE.asked(),
        query.PAGE_NUMBER.asked(),
    )


def _rows(view: _MatrixView, found: Matrix) -> list[MatrixRow]:
    wanted = [row for row in found.rows if view.namespace in ("", row.verdict.reach.service.namespace)]
    return sorted(wanted, key=lambda row: row.harm) if view.order == "worst" else wanted


@keep_latest(8, key=lambda page: (page.topology.id, page.options))
def _voluntary_loss(page: PageState) -> Voluntary:
    with counted_stage(DRAINING_EACH):
        return voluntary_loss(page.cluster)


def resilience(view: _MatrixView) -> ResiliencePage:
    """Return what the page shows in one view."""
    page = view.page
    found, losses = matrix_of(page, view.moment, view.via), _voluntary_loss(page)
    # The size is that of the page with the worst rows in either order, so that changing the order keeps the page count.
    rows, size = _rows(view, found), _page_size(_rows(replace(view, order="worst"), found))
    # Of all ports: a filter narrows the table, and the cluster keeps its grade.
    counts = tally(found.rows)
    return ResiliencePage(
        sentence=found.sentence,
        grade=found.grade or "",
        tiles=tuple(_tiles(view, found)),
        moments=_choices(view, "moment", {"failed": "Just failed", "detected": "Detected"}),
        access_paths=_choices(view, "through", {"lb": "Load balancer", "dns": "DNS"}),
        orders=_choices(view, "order", {"worst": "Worst first", "name": "By name"}, page=1),
        namespaces=namespace_choices((row.verdict.reach.service.namespace for row in found.rows), view.namespace),
        csv_url=page.url("resilience.download", **{word: it for word, it in view.words().items() if word != "page"}),
        form=page.form("resilience", **view.words() | {"page": 1}),
        moment="Just after the failure" if view.moment is Moment.FAILED else "Once it is detected",
        way="via a load balancer" if view.via == "lb" else "via DNS round robin",
        heads=tuple(_columns(found.columns)),
        many=len(found.columns) > MANY,
        folded=_folded(found),
        paging=paged(rows, size, view.number, lambda at: view.url(page=at)).each(
            lambda row: _row(view, row, found.columns)
        ),
        ports=len(rows),
        grades=tuple(GradeCount(grade, rule, counts[grade]) for grade, rule in RULES.items()),
        undrainable=tuple(undrainable_nodes(page, losses)),
        unlisted=unlisted_nodes(losses),
    )


def _choices(view: _MatrixView, word: str, titles: Mapping[str, str], **others: Any) -> tuple[Choice, ...]:
    """Return one choice for each value of a word of the address."""
    current = view.words()[word]
    return tuple(Choice(titles[each], view.url(**{word: each}, **others), each == current) for each in titles)


def _page_size(worst: Sequence[MatrixRow]) -> int:
    """Return how many rows a page has: the first has the most cells that say more than 100."""
    elements = 0
    for at, row in enumerate(worst[:PAGE_SIZE]):
        quiet = sum(map(everything, row.cells))
        elements += _ELEMENTS["row"] + quiet * _ELEMENTS["quiet"] + (len(row.cells) - quiet) * _ELEMENTS["loud"]
        if elements > MAX_ELEMENTS:
            return max(at, 10)
    return PAGE_SIZE


def _tiles(view: _MatrixView, found: Matrix) -> Iterator[FigureTile]:
    ports = f"of {len(found.rows):,}"
    yield FigureTile("Survive any node with the current placement", f"{found.surviving:,}", ports)
    yield FigureTile("… guaranteed by the manifests", f"{found.guaranteed:,}", ports)
    for what, critical in (("node", found.node), ("zone", found.zone)):
        title = f"Most critical {what}"
        if critical is None:
            known = what == "node" or any(column.what == "zone" for column in found.columns)
            yield FigureTile(title, "none", "no loss stops a service" if known else "no zone is known")
        else:
            named = f": {', '.join(critical.stopped)}" if 0 < len(critical.stopped) < 3 else ""
            url = _failure(view, Target(kind=FailureKind(what), name=critical.name)).url("services.show")
            yield FigureTile(title, critical.name, critical.reason + named, url)


def _columns(columns: Sequence[MatrixColumn]) -> Iterator[LossColumn]:
    worst = max((column.stopped for column in columns if column.what == "node"), default=0)
    worst_zone = max((column.stopped for column in columns if column.what == "zone"), default=0)
    short = telling((column.name for column in columns if column.what == "node"), SHORT)
    zones = telling((column.zone or "" for column in columns if column.what == "node"), SHORT)
    for at in _in_order(columns):
        column = columns[at]
        most = worst if column.what == "node" else worst_zone
        name, detail = column.name, f"zone, {counted(len(column.nodes), 'node')}"
        head = (name, zones.get(name, name), detail, detail)
        if column.what == "node":
            detail = column.zone or ""
            head = (name, short[name], detail, zones[detail])
        yield LossColumn(*head, 0 < most == column.stopped, _divided(columns, at), column.stopped)


def _in_order(columns: Sequence[MatrixColumn]) -> list[int]:
    """Return the places of the columns: nodes, then zones; zones first where both don't fit beside each other."""
    return sorted(range(len(columns)), key=lambda at: len(columns) > MANY and columns[at].what == "node")


def _divided(columns: Sequence[MatrixColumn], at: int) -> bool:
    """Return whether a line stands before this column, between nodes and zones."""
    order = _in_order(columns)
    place = order.index(at)
    return place > 0 and columns[order[place - 1]].what != columns[at].what


def _folded(found: Matrix) -> str:
    if not found.folded:
        return ""
    have = "has" if found.folded == 1 else "have"
    return f"{counted(found.folded, 'more node')}, whose loss does less harm, {have} no column."


def _failure(view: _MatrixView, target: Target) -> PageState:
    """Return the state in which just this is down."""
    # The matrix weighs one failure at a time, whatever is down on the other pages.
    scenario = Scenario(down=frozenset({target}), at=view.moment, via=view.via, service=view.page.scenario.service)
    return replace(view.page, scenario=scenario, select=None, drawer="", unfold=frozenset())


def _row(view: _MatrixView, row: MatrixRow, columns: Sequence[MatrixColumn]) -> LossRow:
    found = row.verdict
    service, port = found.reach.service, found.reach.port
    word = port_word(port) if len(service.ports) > 1 else ""
    name = service.name + (f":{word}" if word else "")
    made_up = assumed_behind(view.page.cluster)[service.key]
    pods = counted(len({endpoint.key for endpoint in port.endpoints}), "assumed pod" if made_up else "pod")
    return LossRow(
        id=".".join((service.namespace, service.name, port.protocol, str(port.port))),
        name=name,
        detail=f"{service.namespace} · {service.external_traffic_policy or 'Cluster'} · {pods}",
        url=view.page.reset().focused(service.key, word).url(),
        cells=tuple(_cell(view, found, (name, word), columns, (at, row)) for at in _in_order(columns)),
        grade=found.grade,
        headline=found.headline,
        reason=found.detail,
    )


def _cell(
    view: _MatrixView,
    found: PortVerdict,
    name: tuple[str, str],
    columns: Sequence[MatrixColumn],
    at_row: tuple[int, MatrixRow],
) -> LossCell:
    at, row = at_row
    column, share = columns[at], row.cells[at]
    lost = Target(kind=FailureKind(column.what), name=column.name)
    url = _failure(view, lost).focused(found.reach.service.key, name[1]).url()
    # What answered nothing before is not stopped by this loss.
    kind = "all" if everything(share) else "some" if not nothing(share) else "broken" if nothing(row.before) else "none"
    what = column.name if column.what == "node" else f"zone {column.name}"
    label = f"{figure(share)} % of {name[0]} without {what}" + _load(found.reach.load(column.nodes))
    return LossCell(figure(share), kind, url, label, what, share, _divided(columns, at))


def _load(load: float | None) -> str:
    """Return how much more load each remaining pod gets, where that is more at all."""
    return f"; {load:.3g} times the load on each remaining pod" if load is not None and load > 1 else ""
