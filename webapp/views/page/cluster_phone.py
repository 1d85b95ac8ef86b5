"""The map of a whole cluster on a phone: few services as cards of nodes, many turned, a row for each service.

In HTML beside the picture, and not as a second SVG: that takes an eighth of its bytes (0.7 of 11 kB of a click), its
text wraps and grows with the reader's own size, and it is a table that a screen reader walks through.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.diagram.cluster_bars import ServiceBar
from webapp.diagram.cluster_map import ClusterMap, MapCell, MapLane
from webapp.diagram.state_signs import PodShape
from webapp.failure.kinds import FailureKind
from webapp.views.page.lane_heads import lane_heads
from webapp.views.page.picture import focused
from webapp.views.page.state import PageState


@dataclass(frozen=True, slots=True)
class PhoneLane:
    """A lane: a card, or a column of the turned map."""

    lane: MapLane
    head: str
    url: str
    """Takes it down, brings it back, or unfolds it; empty where nothing can be done."""
    verb: str
    drain_url: str
    """Drains it; empty for what is down, drained already, or no single node."""


@dataclass(frozen=True, slots=True)
class PhoneCell:
    """Where a row of the turned map meets a column."""

    live: int
    dead: int
    waiting: int
    """Pods that are not ready, terminating or pending."""
    ring: bool
    """An entry point hands connections on."""
    trunk: str
    """What runs along the row: ``start``, ``through``, ``end``, or nothing."""


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """A service port with its cells."""

    bar: ServiceBar
    url: str
    begins: bool
    """It is the first of its namespace."""
    cells: tuple[PhoneCell, ...]


@dataclass(frozen=True, slots=True)
class PhoneMap:
    """The whole."""

    lanes: tuple[PhoneLane, ...]
    rows: tuple[PhoneRow, ...]


def phone_map(page: PageState, its: ClusterMap, endpoint: str = "explorer.show") -> PhoneMap:
    """Return what a phone shows of the map; its lanes lead to other states on the page of `endpoint`."""
    heads = lane_heads([_name(lane) for lane in its.lanes])
    lanes = tuple(
        PhoneLane(lane, head, *_click(page, lane, endpoint), _drain_url(page, lane, endpoint))
        for lane, head in zip(its.lanes, heads, strict=True)
    )
    return PhoneMap(lanes, tuple(_rows(page, its)))


def _name(lane: MapLane) -> str:
    # The word that unfolds a lane begins with its zone.
    return lane.unfold.partition(".")[0] if lane.unfold and not lane.takes else lane.title


def _click(page: PageState, lane: MapLane, endpoint: str) -> tuple[str, str]:
    if lane.takes:
        return page.toggled(lane.takes).url(endpoint), "Bring up" if lane.lost else "Take down"
    return (page.unfolding(lane.unfold).url(endpoint), "Unfold") if lane.unfold else ("", "")


def _drain_url(page: PageState, lane: MapLane, endpoint: str) -> str:
    node = lane.takes
    # The sample of the first page knows no drains.
    if endpoint != "explorer.show" or node is None or node.kind is not FailureKind.NODE:
        return ""
    return "" if lane.lost or node.name in page.scenario.drain else page.draining(node.name).url()


def _rows(page: PageState, its: ClusterMap) -> Iterator[PhoneRow]:
    before = ""
    for i, bar in enumerate(its.bars):
        cells = [lane.cells[i] for lane in its.lanes]
        url = focused(page, f"{bar.namespace}/{bar.service}", str(bar.port))
        yield PhoneRow(bar, url, bar.namespace != before, tuple(_cells(cells, local=bar.local)))
        before = bar.namespace


def _cells(cells: list[MapCell], *, local: bool) -> Iterator[PhoneCell]:
    joined = [i for i, cell in enumerate(cells) if cell.passes or cell.share]
    # Under policy Local nothing runs from lane to lane.
    first, last = (joined[0], joined[-1]) if joined and not local else (0, 0)
    for i, cell in enumerate(cells):
        shapes = [pod.shape for pod in cell.pods]
        live, dead = shapes.count(PodShape.READY), shapes.count(PodShape.DEAD)
        trunk = "" if not first <= i <= last or first == last else _TRUNKS.get((i == first, i == last), "")
        yield PhoneCell(live, dead, len(shapes) - live - dead, cell.passes, trunk)


_TRUNKS = {(True, False): "start", (False, False): "through", (False, True): "end"}
