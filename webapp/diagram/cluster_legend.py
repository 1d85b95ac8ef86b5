"""The legend of a whole cluster's picture: what the signs of this very picture mean, and no others."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from webapp.diagram.cluster_layout import ClusterLayout
from webapp.diagram.lanes import Tone
from webapp.diagram.layout import Box
from webapp.diagram.legend import Item, assumed_item, dropped_item
from webapp.diagram.markup import element
from webapp.diagram.palette import painted
from webapp.diagram.signs import sign
from webapp.diagram.state_signs import (
    BADGE_SIGNS,
    PodBadge,
    PodShape,
    lane_ground,
    lane_sign,
    pod_outline,
    pod_sign,
)
from webapp.diagram.strokes import EDGE_DASHES
from webapp.topology.attributes import NodeState


def map_legend(layout: ClusterLayout) -> tuple[Item, ...]:
    """Return what the picture needs explained."""
    return tuple(MAP_ITEMS[name]() for applies, name in _rules(layout) if applies)


def _rules(layout: ClusterLayout) -> Iterator[tuple[bool, str]]:
    lanes = layout.map.lanes
    cells = [cell for lane in layout.lanes for cell in lane.cells]
    pods = [pod for cell in cells for pod in cell.cell.pods]
    yield any(lane.arrives for lane in lanes), "rail"
    yield any(cell.cell.passes for cell in cells), "entry"
    yield any(pod.share for pod in pods), "pod"
    yield any(pod.dead for pod in pods) or any(lane.lost and lane.arrives for lane in lanes), "lost"
    yield any(cell.cell.dropped for cell in cells), "dropped"
    yield any(cell.dots for cell in cells), "dots"
    states = {lane.state for lane in lanes}
    yield from ((state in states, f"node-{state}") for state in _STATES)
    yield any(lane.assumed for lane in lanes), "assumed"
    shapes = {pod.shape for pod in pods}
    yield from ((shape in shapes, f"pod-{shape}") for shape in _SHAPES)
    badges = {pod.badge for pod in pods}
    yield from ((badge in badges, f"badge-{badge}") for badge in _BADGES)
    planes = any(lane.members.control_planes for lane in lanes)
    yield layout.map.has_folded_lanes, "control-planes" if planes else "nodes"


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


def _state(state: NodeState) -> Item:
    ground = lane_ground(Box(0.5, 0.5, 31, 15), state, radius=4)
    sample = ground if state is NodeState.DOWN else ground + sign(lane_sign(state), 10, 3, 11)
    return Item(sample, 32, _STATES[state])


_STATES = {
    NodeState.DOWN: "down",
    NodeState.PARTITIONED: "partitioned: runs, without API server",
    NodeState.NOT_READY: "NotReady in the manifests or detected",
    NodeState.EVICTING: "draining: pods are evicted",
    NodeState.DRAINED: "drained",
    NodeState.CORDONED: "cordoned: takes no new pods",
}


def _pod(shape: PodShape) -> Item:
    box = Box(0.5, 0.5, 31, 15)
    return Item(pod_outline(box, shape, Tone.QUIET) + sign(pod_sign(shape, Tone.QUIET), 6, 2, 12), 32, _SHAPES[shape])


_SHAPES = {
    PodShape.NOT_READY: "pod not ready",
    PodShape.PENDING: "pod pending",
    PodShape.TERMINATING: "pod terminating",
}


def _badge(badge: PodBadge) -> Item:
    return Item(sign(BADGE_SIGNS[badge], 0, 0), 16, _BADGES[badge])


_BADGES = {
    PodBadge.BLOCKED: "eviction blocked by a PodDisruptionBudget",
    PodBadge.CUT_OFF: "pod on a partitioned node",
    PodBadge.RECREATED: "pod recreated",
}


def _nodes(*, planes: bool) -> Item:
    plane = "m3 5v6" if planes else ""
    path = element("path", d=f"M1 0h6v16h-6zM9 0h6v16h-6z{plane}", **painted("dot-quiet"))
    return Item(path, 17, "node, control-plane node" if planes else "node of a lane")


MAP_ITEMS: Mapping[str, Callable[[], Item]] = MappingProxyType(
    {
        "rail": partial(_line, "rail", 2, "to a node IP"),
        "entry": _ring,
        "pod": partial(_line, "edge-ok", 5, "to a pod, thicker is more"),
        "lost": _lost,
        "dropped": dropped_item,
        "dots": _dots,
        **{f"node-{state}": partial(_state, state) for state in _STATES},
        "assumed": assumed_item,
        **{f"pod-{shape}": partial(_pod, shape) for shape in _SHAPES},
        **{f"badge-{badge}": partial(_badge, badge) for badge in _BADGES},
        "nodes": partial(_nodes, planes=False),
        "control-planes": partial(_nodes, planes=True),
    }
)
"""All that the picture of a whole cluster can need explained, in the order of the legend."""
