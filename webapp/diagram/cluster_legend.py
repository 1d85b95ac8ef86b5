"""The legend of a whole cluster's picture: what the signs of this very picture mean, and no others."""

from collections.abc import Callable, Iterator

from webapp.diagram.cluster_layout import ClusterLayout
from webapp.diagram.layout import Box
from webapp.diagram.legend import Item
from webapp.diagram.markup import element
from webapp.diagram.palette import painted
from webapp.diagram.signs import sign
from webapp.diagram.strokes import ASSUMED, EDGE_DASHES, rectangle
from webapp.topology.attributes import NodeState


def map_legend(layout: ClusterLayout) -> tuple[Item, ...]:
    """Return what the picture needs explained."""
    return tuple(make() for applies, make in _rules(layout) if applies)


def _rules(layout: ClusterLayout) -> Iterator[tuple[bool, Callable[[], Item]]]:
    lanes = layout.map.lanes
    cells = [cell for lane in layout.lanes for cell in lane.cells]
    pods = [pod for cell in cells for pod in cell.cell.pods]
    yield any(lane.arrives for lane in lanes), lambda: _line("rail", 2, "to a node IP")
    yield any(cell.cell.passes for cell in cells), _ring
    yield any(pod.share for pod in pods), lambda: _line("edge-ok", 5, "to a pod, thicker is more")
    yield any(pod.dead for pod in pods) or any(lane.lost and lane.arrives for lane in lanes), _lost
    yield any(cell.dots for cell in cells), _dots
    yield any(lane.state is NodeState.DOWN for lane in lanes), _down
    yield (
        layout.map.folded,
        lambda: Item(element("path", d="M0 1h6v14h-6zM8 1h6v14h-6z", **painted("dot-quiet")), 16, "node of a lane"),
    )
    yield any(lane.assumed for lane in lanes), _assumed


def _line(paint: str, thick: float, words: str) -> Item:
    return Item(element("path", d="M0 8H36", fill="none", stroke_width=thick, **painted(paint)), 36, words)


def _ring() -> Item:
    ring = element("circle", cx=16, cy=8, r=5, stroke_width=2, **painted("junction"))
    return Item(element("path", d="M0 8H32", fill="none", stroke_width=2, **painted("rail")) + ring, 32, "entry point")


def _lost() -> Item:
    line = element(
        "path", d="M0 8H24", fill="none", stroke_width=3, stroke_dasharray=EDGE_DASHES["lost"], **painted("edge-lost")
    )
    return Item(line + sign("bad", 24, 0), 40, "lost")


def _dots() -> Item:
    dead = element("path", d="M16 3h10v10h-10zm2.5 2.5l5 5m0 -5l-5 5", **painted("dot-bad"))
    return Item(element("path", d="M0 3h10v10h-10z", **painted("dot")) + dead, 26, "pod answers, does not")


def _down() -> Item:
    return Item(rectangle(Box(0.5, 0.5, 31, 15), 4, "lane-down", fill="url(#hatch)"), 32, "down")


def _assumed() -> Item:
    return Item(
        rectangle(Box(0.5, 0.5, 31, 15), 4, "lane-assumed", stroke_dasharray=ASSUMED), 32, "assumed by nodefall"
    )
