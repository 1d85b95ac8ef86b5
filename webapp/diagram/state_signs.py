"""The states of nodes and pods, told apart without colour: grounds, outlines, signs and badges of every picture."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from webapp.diagram.lanes import Tone
from webapp.diagram.layout import Box
from webapp.diagram.markup import element, number
from webapp.diagram.palette import painted
from webapp.diagram.signs import sign
from webapp.diagram.strokes import ASSUMED, rectangle, stroke
from webapp.failure.state import PodFate
from webapp.topology.attributes import EndpointState, EndpointVertex, NodeState

_TAPE = 6
_TAPED = frozenset({NodeState.CORDONED, NodeState.EVICTING, NodeState.DRAINED})
_LANE_SIGNS: Mapping[NodeState, str] = MappingProxyType(
    {
        NodeState.DOWN: "down",
        NodeState.PARTITIONED: "partitioned",
        NodeState.NOT_READY: "not-ready",
        NodeState.EVICTING: "draining",
        NodeState.DRAINED: "draining",
        NodeState.CORDONED: "cordoned",
        NodeState.UP: "",
    }
)


class PodShape(StrEnum):
    """What the outline of a pod's box says of it."""

    READY = "ready"
    TERMINATING = "terminating"
    """A pointed end."""
    NOT_READY = "not-ready"
    """A divided box."""
    PENDING = "pending"
    """Dotted."""
    DEAD = "dead"
    """Dashed."""


class PodBadge(StrEnum):
    """What befell a pod, at the corner of its box."""

    RECREATED = "recreated"
    BLOCKED = "blocked"
    """A PodDisruptionBudget keeps it from being evicted."""
    CUT_OFF = "cut-off"
    """Its node is partitioned: it runs on, and only kube-proxies that have heard of nothing send to it."""


_POD_SIGNS: Mapping[PodShape, str] = MappingProxyType(
    {PodShape.TERMINATING: "terminating", PodShape.NOT_READY: "paused", PodShape.PENDING: "pending"}
)
_POD_DASHES: Mapping[PodShape, str] = MappingProxyType({PodShape.DEAD: "4 3", PodShape.PENDING: "1 4"})
_CUT_OFF_DASHES = "14 5 2 5"
BADGE_SIGNS: Mapping[PodBadge, str] = MappingProxyType(
    {PodBadge.RECREATED: "recreated", PodBadge.BLOCKED: "blocked", PodBadge.CUT_OFF: "partitioned"}
)
"""The name of the sign in a badge."""


# --- nodes ------------------------------------------------------------------------------------------------------------


def lane_ground(box: Box, state: NodeState, *, assumed: bool = False, radius: float = 8) -> str:
    """Return the ground of a node's lane: hatched, taped, dotted or with an inner line, dashed where it is assumed."""
    dashes = ASSUMED if assumed else None
    if state is NodeState.DOWN:
        return rectangle(box, radius, "lane-down", fill="url(#hatch)", stroke_dasharray=dashes)
    ground = rectangle(box, radius, "lane-assumed" if assumed else "lane", stroke_dasharray=dashes)
    if state in _TAPED:
        return ground + _patterned(Box(box.x + radius, box.y, box.width - 2 * radius, _TAPE), 0, "tape")
    if state is NodeState.PARTITIONED:
        inner = Box(box.x + 3, box.y + 3, box.width - 6, box.height - 6)
        return ground + rectangle(
            inner, radius - 2, "rail", fill="none", stroke_width=2, stroke_dasharray=_CUT_OFF_DASHES
        )
    return ground + (_patterned(box, radius, "dots") if state is NodeState.NOT_READY else "")


def _patterned(box: Box, radius: float, pattern: str) -> str:
    # Without a class: a page's style sheet would paint over the pattern.
    sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    return element("rect", rx=radius or None, fill=f"url(#{pattern})", **sides)


def lane_sign(state: NodeState, *, assumed: bool = False) -> str:
    """Return the name of the sign at a lane's title; empty for a node that is simply up."""
    return _LANE_SIGNS[state] or ("assumed" if assumed else "")


# --- pods -------------------------------------------------------------------------------------------------------------


def pod_shape(endpoint: EndpointVertex) -> PodShape:
    """Return the outline of an endpoint's box."""
    if not endpoint["live"]:
        return PodShape.DEAD
    if endpoint["terminating"] or endpoint["fate"] in (PodFate.EVICTED, PodFate.STUCK):
        return PodShape.TERMINATING
    return PodShape.NOT_READY if endpoint["state"] is EndpointState.NOT_READY else PodShape.READY


def pod_badge(endpoint: EndpointVertex) -> PodBadge | None:
    """Return what stands at the corner of an endpoint's box."""
    if endpoint["cut_off"]:
        return PodBadge.CUT_OFF
    if endpoint["blocked"]:
        return PodBadge.BLOCKED
    return PodBadge.RECREATED if endpoint["fate"] == PodFate.MOVED else None


def pod_sign(shape: PodShape, tone: Tone) -> str:
    """Return the name of the sign inside of a pod's box."""
    return _POD_SIGNS.get(shape, str(tone))


def pod_outline(
    box: Box,
    shape: PodShape,
    tone: Tone,
    badge: PodBadge | None = None,
    *,
    assumed: bool = False,
    divider: float = 24,
) -> str:
    """Return the outline of a pod's box with its badge; a divided one has its divider so far from its left."""
    dashes = ASSUMED if assumed else _POD_DASHES.get(shape)
    if badge is PodBadge.CUT_OFF and not dashes:
        dashes = _CUT_OFF_DASHES
    # It still answers, and soon will not.
    paint = f"box-{Tone.WARN if shape is PodShape.TERMINATING and tone is Tone.OK else tone}"
    if shape is PodShape.TERMINATING:
        outline = element("path", d=_pointed(box), stroke_width=1.5, **painted(paint))
    else:
        outline = rectangle(box, 6, paint, stroke_dasharray=dashes)
    if shape is PodShape.NOT_READY:
        outline += stroke(f"M{number(box.x + divider)} {number(box.y)}V{number(box.bottom)}", 1, "rail")
    return outline + (_badge(box, badge) if badge else "")


def _pointed(box: Box) -> str:
    left, right = number(box.x + 6), number(box.right - 9)
    point = f"H{right}L{number(box.right)} {number(box.middle)}L{right} {number(box.bottom)}"
    corners = f"a6 6 0 0 1-6-6V{number(box.y + 6)}a6 6 0 0 1 6-6z"
    return f"M{left} {number(box.y)}{point}H{left}{corners}"


def _badge(box: Box, badge: PodBadge) -> str:
    # Half over the corner, so that it takes no room from the name; inside of the box by a little, as rows are tight.
    x, y = box.right - 2, box.y + 1
    return element("circle", cx=x, cy=y, r=8.5, **painted("box")) + sign(BADGE_SIGNS[badge], x - 5.5, y - 5.5, 11)
