"""What the picture of a whole cluster says -> where it stands: rails run level, and only services cross them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from webapp.diagram.cluster_bars import FoldedBars, ServiceBar
from webapp.diagram.cluster_map import ClusterMap, MapCell, MapLane, MapZone
from webapp.diagram.cluster_pods import MapPod
from webapp.diagram.lanes import LaneKind
from webapp.diagram.layout import Box
from webapp.records import dataclass

NAMED_PODS = 4
"""More pods of a service than this in one lane are dots,"""
MOST_DOTS = 8
"""and more than so many a number."""
# More pods than this in the picture are dots in any case: a box with its name is four SVG elements, and 240 of them are
# a thousand of the 2,500 that a picture may have.
MANY_NAMED = 240
DOT, PITCH, IN_ROW = 10, 13, 2
RAIL = 40
"""How far below the top of its lane a node's rail runs; the pods are below it."""
_GAP = 8
_ZONE_TITLE = 28
_POD = 26
_GROUP_GAP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large the parts are: the more bars, the smaller."""

    bars: int
    """For so many at most."""
    client: float
    labels: float
    """Between the clients and the lanes: the share that comes in at each."""
    title: float
    """The left part of a lane: name, address, what else is to be said."""
    header: float
    column: float
    bar: float
    bar_at: float
    """From the left of a column to its bar."""
    stub: float
    """From a bar to its pods."""
    pod: float
    """How wide the box of a pod is; 0 where all are dots."""
    trunk: float

    @property
    def wide(self) -> bool:
        """Whether headers and cells have room for words."""
        return self.pod > 0


BESIDE_PANEL = 4
"""So many bars fit beside a page's panel in a window of 1,440 px; the others take its whole width."""
_SIZES = (
    Sizes(bars=2, client=76, labels=56, title=188, header=88, column=332, bar=40, bar_at=92, stub=20, pod=170, trunk=5),
    Sizes(bars=3, client=76, labels=56, title=188, header=88, column=228, bar=40, bar_at=74, stub=20, pod=92, trunk=5),
    Sizes(bars=6, client=72, labels=56, title=176, header=88, column=172, bar=26, bar_at=48, stub=18, pod=80, trunk=5),
    Sizes(bars=99, client=70, labels=54, title=152, header=124, column=70, bar=20, bar_at=8, stub=10, pod=0, trunk=4),
)


@dataclass(frozen=True, slots=True)
class PlacedMapPod:
    """A pod's box with its name."""

    pod: MapPod
    box: Box


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """Where a lane meets a bar."""

    cell: MapCell
    centre: float
    """The middle of the bar."""
    rail: float
    pods: tuple[PlacedMapPod, ...]
    """Each with its name; else all are dots,"""
    dots: Box | None
    """which begin here."""

    @property
    def stubs(self) -> tuple[float, ...]:
        """Where connections leave the bar for the pods."""
        if self.dots:
            return (self.dots.y + DOT,)
        return tuple(pod.box.middle for pod in self.pods)


@dataclass(frozen=True, slots=True)
class PlacedMapLane:
    """A lane with its cells."""

    lane: MapLane
    box: Box
    rail: float
    cells: tuple[PlacedCell, ...]


@dataclass(frozen=True, slots=True)
class PlacedMapZone:
    """A zone's band; no box where the cluster has no zones."""

    zone: MapZone
    box: Box | None
    lanes: tuple[PlacedMapLane, ...]


@dataclass(frozen=True, slots=True)
class Trunk:
    """Where connections run along a bar: from entry points to the pods they select from."""

    top: float
    bottom: float
    lost: bool
    """None of what runs here is answered."""


@dataclass(frozen=True, slots=True)
class PlacedBar:
    """A service port: its header, its bar and what runs along it."""

    bar: ServiceBar
    header: Box
    pieces: tuple[Box, ...]
    """The bar; under policy Local a piece for each lane."""
    trunks: tuple[Trunk, ...]

    @property
    def spine(self) -> Box:
        """From the first piece to the last."""
        first, last = self.pieces[0], self.pieces[-1]
        return Box(first.x, first.y, first.width, last.bottom - first.y)

    @property
    def centre(self) -> float:
        """The middle of the bar."""
        return self.pieces[0].x + self.pieces[0].width / 2


@dataclass(frozen=True, slots=True)
class PlacedFolded:
    """Service ports without a bar."""

    folded: FoldedBars
    box: Box
    line: Box


@dataclass(frozen=True, slots=True)
class PlacedNamespace:
    """The frame around the headers of a namespace."""

    name: str
    count: int
    """How many service ports are in it, those without a bar among them."""
    box: Box


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """A whole picture."""

    map: ClusterMap
    sizes: Sizes
    width: float
    height: float
    client: Box
    zones: tuple[PlacedMapZone, ...]
    bars: tuple[PlacedBar, ...]
    namespaces: tuple[PlacedNamespace, ...]
    """Where headers are narrow; wide ones say theirs."""
    folded: tuple[PlacedFolded, ...]

    @property
    def lanes(self) -> tuple[PlacedMapLane, ...]:
        """All lanes, from top to bottom."""
        return tuple(lane for zone in self.zones for lane in zone.lanes)


NARROW = _SIZES[2]
"""For three services in a frame of 850 px."""
MANY = _SIZES[-1]
"""For so many services as there are."""
HALF = Sizes(
    bars=3, client=56, labels=44, title=134, header=88, column=138, bar=24, bar_at=38, stub=14, pod=68, trunk=5
)
"""For three services in half a window of 1,440 px."""


def arrange_pair(left: ClusterMap, right: ClusterMap) -> tuple[ClusterLayout, ClusterLayout]:
    """Return two placed pictures with everything in the same places, as far as both have it."""
    sizes = HALF if max(len(left.bars), len(right.bars)) <= HALF.bars else None
    heights: dict[str, float] = {}
    for its in (left, right):
        for placed in arrange_map(its, sizes).lanes:
            heights[placed.lane.id] = max(placed.box.height, heights.get(placed.lane.id, 0))
    return arrange_map(left, sizes, heights), arrange_map(right, sizes, heights)


def arrange_map(
    its: ClusterMap, sizes: Sizes | None = None, heights: Mapping[str, float] = MappingProxyType({})
) -> ClusterLayout:
    """Return the placed picture: columns with names for few services, narrow ones for many.

    `heights` are the least heights of lanes, by their ids.
    """
    sizes = sizes or next(each for each in _SIZES if len(its.bars) <= each.bars)
    pods = sum(len(cell.pods) for lane in its.lanes for cell in lane.cells)
    banded = any(zone.name for zone in its.zones)
    left = sizes.client + sizes.labels + (_GAP if banded else 0)
    columns = _Columns.of(its, left + sizes.title, sizes)
    right = columns.right + _GAP
    grid = _Grid(left, right, columns.bars, sizes, heights, named=sizes.wide and pods <= MANY_NAMED)
    zones = tuple(_zones(its.zones, grid))
    bottom = (zones[-1].box.bottom if zones[-1].box else zones[-1].lanes[-1].box.bottom) if zones else sizes.header
    foot = _foot(zones, sizes)
    lanes = [lane for zone in zones for lane in zone.lanes if lane.lane.kind is not LaneKind.PENDING]
    return ClusterLayout(
        map=its,
        sizes=sizes,
        width=right + (_GAP if banded else 0),
        height=bottom,
        client=Box(0, sizes.header + _GAP, sizes.client, foot - sizes.header - _GAP),
        zones=zones,
        bars=tuple(_bar(bar, i, grid, lanes, foot) for i, bar in enumerate(its.bars)),
        namespaces=columns.namespaces,
        folded=tuple(_folded(folded, x, sizes, foot) for folded, x in columns.folded),
    )


def _foot(zones: Sequence[PlacedMapZone], sizes: Sizes) -> float:
    """Return where clients and bars end: pods that have no node yet are below both."""
    served = ((zone, lane) for zone in zones for lane in zone.lanes if lane.lane.kind is not LaneKind.PENDING)
    return max((zone.box.bottom if zone.box else lane.box.bottom for zone, lane in served), default=sizes.header)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns begin."""

    bars: tuple[float, ...]
    folded: tuple[tuple[FoldedBars, float], ...]
    namespaces: tuple[PlacedNamespace, ...]
    right: float

    @classmethod
    def of(cls, its: ClusterMap, x: float, sizes: Sizes) -> "_Columns":
        bars: list[float] = []
        folded: list[tuple[FoldedBars, float]] = []
        frames: list[PlacedNamespace] = []
        more = {each.namespace: each for each in its.folded if each.namespace}
        wide = sizes.column
        names = [(name, len(list(group))) for name, group in groupby(its.bars, lambda bar: bar.namespace)]
        shown = {name for name, _ in names}
        for name, count in (*names, *((name, 0) for name in more if name not in shown)):
            start = x
            bars += [x + wide * i for i in range(count)]
            x += wide * count
            if name in more:
                folded.append((more[name], x))
                x += _FOLDED if sizes.wide else wide
            if not sizes.wide:
                total = count + (more[name].count if name in more else 0)
                frames.append(PlacedNamespace(name, total, Box(start, 0, x - start, sizes.header)))
                x += _GROUP_GAP
        for each in its.folded:
            if not each.namespace:
                folded.append((each, x + _GAP / 2))
                x += _FOLDED
        return cls(tuple(bars), tuple(folded), tuple(frames), x)


_FOLDED = 70


@dataclass(frozen=True, slots=True)
class _Grid:
    left: float
    right: float
    columns: tuple[float, ...]
    sizes: Sizes
    heights: Mapping[str, float]
    named: bool

    def centre(self, column: int) -> float:
        return self.columns[column] + self.sizes.bar_at + self.sizes.bar / 2


# --- lanes ------------------------------------------------------------------------------------------------------------


def _zones(zones: Sequence[MapZone], grid: _Grid) -> Iterator[PlacedMapZone]:
    y = float(grid.sizes.header + _GAP)
    for zone in zones:
        top, lanes = y, []
        y += _ZONE_TITLE if zone.name else 0
        for lane in zone.lanes:
            lanes.append(_lane(lane, y, grid))
            y = lanes[-1].box.bottom + _GAP
        band = Box(grid.left - _GAP, top, grid.right - grid.left + 2 * _GAP, y - top) if zone.name else None
        yield PlacedMapZone(zone, band, tuple(lanes))
        y += _GAP if zone.name else 0


def _lane(lane: MapLane, top: float, grid: _Grid) -> PlacedMapLane:
    # Without a rail, pods begin at the top.
    rail = RAIL if lane.members else 0
    height = max(
        [_least_height(lane), grid.heights.get(lane.id, 0), *(rail + _cell_height(cell, grid) for cell in lane.cells)]
    )
    cells = tuple(_cell(cell, i, top + rail, grid) for i, cell in enumerate(lane.cells))
    return PlacedMapLane(lane, Box(grid.left, top, grid.right - grid.left, height), top + rail, cells)


def _least_height(lane: MapLane) -> float:
    """Return what the title of a lane needs: name, rail, address; of a folded one also its nodes and Unfold."""
    return {LaneKind.NODE: 92, LaneKind.FOLDED: 116}.get(lane.kind, 52)


def _has_names(cell: MapCell, grid: _Grid) -> bool:
    return grid.named and len(cell.pods) <= NAMED_PODS


def _cell_height(cell: MapCell, grid: _Grid) -> float:
    """Return how far below the rail the pods end, and what is left below them."""
    if _has_names(cell, grid):
        return 52 + 30 * max(len(cell.pods) - 1, 0)
    rows = -(-min(len(cell.pods), MOST_DOTS) // IN_ROW)
    return 16 + PITCH * rows + 12


def _cell(cell: MapCell, column: int, rail: float, grid: _Grid) -> PlacedCell:
    centre, sizes = grid.centre(column), grid.sizes
    x, y = centre + sizes.bar / 2 + sizes.stub, rail + 14
    if _has_names(cell, grid):
        pods = tuple(PlacedMapPod(pod, Box(x, y + 30 * i, sizes.pod, _POD)) for i, pod in enumerate(cell.pods))
        return PlacedCell(cell, centre, rail, pods, None)
    rows = -(-min(len(cell.pods), MOST_DOTS) // IN_ROW)
    return PlacedCell(cell, centre, rail, (), Box(x, y, IN_ROW * PITCH, rows * PITCH) if cell.pods else None)


# --- bars -------------------------------------------------------------------------------------------------------------


def _bar(bar: ServiceBar, column: int, grid: _Grid, lanes: Sequence[PlacedMapLane], foot: float) -> PlacedBar:
    sizes, x = grid.sizes, grid.columns[column]
    left, height = x + sizes.bar_at, sizes.header
    pieces = tuple(Box(left, lane.box.y + 4, sizes.bar, lane.box.height - 8) for lane in lanes)
    header = Box(x + 1, 0, sizes.column - 8, height) if sizes.wide else Box(x, 28, sizes.column, height - 28)
    return PlacedBar(
        bar=bar,
        header=header,
        pieces=pieces if bar.local and pieces else (Box(left, height, sizes.bar, foot - height),),
        trunks=tuple(_trunks([lane.cells[column] for lane in lanes])),
    )


def _trunks(cells: Sequence[PlacedCell]) -> Iterator[Trunk]:
    """Yield the trunks of each pool: policy Local and hints cut the bar where nothing runs from lane to lane."""
    reach: dict[str, list[float]] = {}
    live: dict[str, list[float]] = {}
    for placed in cells:
        for pool in placed.cell.pools:
            reach.setdefault(pool, []).append(placed.rail)
        for pod, y in zip(placed.cell.pods, _stub_of_each(placed), strict=True):
            if pod.pool and pod.share:
                (reach if pod.dead else live).setdefault(pod.pool, []).append(y)
    rails = {pool: [placed.rail for placed in cells if pool in placed.cell.pools] for pool in live}
    spans = [(min(ys), max(ys), True) for pool, ys in reach.items() if pool not in live]
    for pool, ys in live.items():
        top, bottom = min(ys + rails[pool]), max(ys + rails[pool])
        # Beyond the last pod that answers, all that runs on is lost.
        ends = (min(reach.get(pool, [top])), max(reach.get(pool, [bottom])))
        spans += [(ends[0], top, True), (top, bottom, False), (bottom, ends[1], True)]
    joined: list[Trunk] = []
    for top, bottom, lost in sorted(span for span in spans if span[0] < span[1]):
        # Pools whose lanes lie between each other cannot be told apart along one line.
        if joined and top < joined[-1].bottom:
            last = joined.pop()
            joined.append(Trunk(last.top, max(bottom, last.bottom), last.lost and lost))
        else:
            joined.append(Trunk(top, bottom, lost))
    yield from joined


def _stub_of_each(placed: PlacedCell) -> Sequence[float]:
    return placed.stubs if placed.pods else placed.stubs * len(placed.cell.pods)


def _folded(folded: FoldedBars, x: float, sizes: Sizes, foot: float) -> PlacedFolded:
    top = 28 if folded.namespace and not sizes.wide else 0
    box = Box(x + 2, top + 2, _FOLDED - 4, sizes.header - top - 4)
    return PlacedFolded(folded, box, Box(x + _FOLDED / 2 - 4, sizes.header, 8, foot - sizes.header))
