"""What the picture of a whole cluster says -> where it stands: rails run level, and only services cross them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.diagram.cluster_map import ClusterMap, MapCell, MapLane, MapPod, MapZone, OtherPorts, ServiceBar
from webapp.diagram.layout import Box

WIDE_BARS = 6
"""Up to so many bars have room for the names of their pods."""
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
CLIENT = 76
LABELS = 56
"""Between the clients and the lanes: the share that comes in at each."""
TITLE = 188
"""The left part of a lane: name, address, what else is to be said."""
# By whether the bars are wide.
_HEADER = {True: 88, False: 104}
_COLUMN = {True: 228, False: 76}
_BAR = {True: 40, False: 20}
_BAR_AT = {True: 74, False: 6}
_POD, _POD_WIDTH = 26, 92
_GAP = 8
_ZONE_TITLE = 28
_OTHER = 66


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
class PlacedOthers:
    """Service ports without a bar."""

    others: OtherPorts
    box: Box
    line: Box


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """A whole picture."""

    map: ClusterMap
    wide: bool
    width: float
    height: float
    client: Box
    zones: tuple[PlacedMapZone, ...]
    bars: tuple[PlacedBar, ...]
    others: tuple[PlacedOthers, ...]

    @property
    def lanes(self) -> tuple[PlacedMapLane, ...]:
        """All lanes, from top to bottom."""
        return tuple(lane for zone in self.zones for lane in zone.lanes)


def arrange_map(its: ClusterMap) -> ClusterLayout:
    """Return the placed picture: columns with names for few services, narrow ones for many."""
    wide = len(its.bars) <= WIDE_BARS
    pods = sum(len(cell.pods) for lane in its.lanes for cell in lane.cells)
    banded = any(zone.name for zone in its.zones)
    left = CLIENT + LABELS + (_GAP if banded else 0)
    columns = left + TITLE
    others = columns + _COLUMN[wide] * len(its.bars) + _GAP
    right = others + (_OTHER + _GAP) * len(its.others)
    named = wide and pods <= MANY_NAMED
    zones = tuple(_zones(its.zones, _Grid(left, columns, right, wide=wide, named=named)))
    bottom = (zones[-1].box.bottom if zones[-1].box else zones[-1].lanes[-1].box.bottom) if zones else _HEADER[wide]
    lanes = [lane for zone in zones for lane in zone.lanes]
    return ClusterLayout(
        map=its,
        wide=wide,
        width=right + (_GAP if banded else 0),
        height=bottom,
        client=Box(0, _HEADER[wide] + _GAP, CLIENT, bottom - _HEADER[wide] - _GAP),
        zones=zones,
        bars=tuple(_bar(bar, i, columns, lanes, wide=wide, bottom=bottom) for i, bar in enumerate(its.bars)),
        others=tuple(_other(each, others + (_OTHER + _GAP) * i, bottom) for i, each in enumerate(its.others)),
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    left: float
    columns: float
    right: float
    wide: bool
    named: bool

    def centre(self, column: int) -> float:
        return self.columns + _COLUMN[self.wide] * column + _BAR_AT[self.wide] + _BAR[self.wide] / 2


# --- lanes ------------------------------------------------------------------------------------------------------------


def _zones(zones: Sequence[MapZone], grid: _Grid) -> Iterator[PlacedMapZone]:
    y = float(_HEADER[grid.wide] + _GAP)
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
    box = Box(grid.left, top, grid.right - grid.left, max(_cell_height(cell, grid) for cell in lane.cells or (_NONE,)))
    cells = tuple(_cell(cell, i, top, grid) for i, cell in enumerate(lane.cells))
    return PlacedMapLane(lane, box, top + RAIL, cells)


_NONE = MapCell(tone=None, answered=None, word="", passes=False, pools=frozenset(), pods=(), lost=0.0)


def _has_names(cell: MapCell, grid: _Grid) -> bool:
    return grid.named and len(cell.pods) <= NAMED_PODS


def _cell_height(cell: MapCell, grid: _Grid) -> float:
    if _has_names(cell, grid):
        return 92 + 30 * max(len(cell.pods) - 1, 0)
    rows = -(-min(len(cell.pods), MOST_DOTS) // IN_ROW)
    # 92 is what a lane's own title needs: name, rail, address, and a stroke for each of its nodes.
    return max(92, RAIL + 16 + PITCH * rows + 12)


def _cell(cell: MapCell, column: int, top: float, grid: _Grid) -> PlacedCell:
    centre = grid.centre(column)
    x, y = centre + _BAR[grid.wide] / 2 + (20 if grid.wide else 10), top + RAIL + 14
    if _has_names(cell, grid):
        pods = tuple(PlacedMapPod(pod, Box(x, y + 30 * i, _POD_WIDTH, _POD)) for i, pod in enumerate(cell.pods))
        return PlacedCell(cell, centre, top + RAIL, pods, None)
    rows = -(-min(len(cell.pods), MOST_DOTS) // IN_ROW)
    return PlacedCell(cell, centre, top + RAIL, (), Box(x, y, IN_ROW * PITCH, rows * PITCH) if cell.pods else None)


# --- bars -------------------------------------------------------------------------------------------------------------


def _bar(
    bar: ServiceBar, column: int, columns: float, lanes: Sequence[PlacedMapLane], *, wide: bool, bottom: float
) -> PlacedBar:
    x = columns + _COLUMN[wide] * column
    height = _HEADER[wide]
    pieces = tuple(Box(x + _BAR_AT[wide], lane.box.y + 4, _BAR[wide], lane.box.height - 8) for lane in lanes)
    return PlacedBar(
        bar=bar,
        header=Box(x + 1, 0, _COLUMN[wide] - (8 if wide else 2), height),
        pieces=pieces if bar.local and pieces else (Box(x + _BAR_AT[wide], height, _BAR[wide], bottom - height),),
        trunks=tuple(_trunks([lane.cells[column] for lane in lanes])),
    )


def _trunks(cells: Sequence[PlacedCell]) -> Iterator[Trunk]:
    """Yield one trunk for each pool: policy Local and hints cut the bar where nothing runs from lane to lane."""
    reach: dict[str, list[float]] = {}
    live: set[str] = set()
    for placed in cells:
        for pool in placed.cell.pools:
            reach.setdefault(pool, []).append(placed.rail)
        for pod, y in zip(placed.cell.pods, _stub_of_each(placed), strict=True):
            if pod.pool and pod.share:
                reach.setdefault(pod.pool, []).append(y)
                live |= set() if pod.dead else {pod.pool}
    spans = sorted((min(ys), max(ys), pool not in live) for pool, ys in reach.items())
    joined: list[Trunk] = []
    for top, bottom, lost in spans:
        # Pools whose lanes lie between each other cannot be told apart along one line.
        if joined and top < joined[-1].bottom:
            last = joined.pop()
            joined.append(Trunk(last.top, max(bottom, last.bottom), last.lost and lost))
        else:
            joined.append(Trunk(top, bottom, lost))
    yield from joined


def _stub_of_each(placed: PlacedCell) -> Sequence[float]:
    return placed.stubs if placed.pods else placed.stubs * len(placed.cell.pods)


def _other(others: OtherPorts, x: float, bottom: float) -> PlacedOthers:
    return PlacedOthers(others, Box(x, 0, _OTHER, 88), Box(x + _OTHER / 2 - 4, 88, 8, bottom - 88))
