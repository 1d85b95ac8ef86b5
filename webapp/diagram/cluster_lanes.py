"""The left part of a lane in the picture of a whole cluster: its name, state, address, and a stroke for each node."""

from collections.abc import Iterator, Sequence

from webapp.diagram import wording
from webapp.diagram.cluster_layout import PlacedMapLane, Sizes
from webapp.diagram.cluster_map import MapLane, MapNode
from webapp.diagram.layout import Run, TextLine
from webapp.diagram.links import Links
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import painted
from webapp.diagram.signs import sign
from webapp.diagram.state_signs import lane_sign
from webapp.diagram.strokes import text
from webapp.diagram.text import ELLIPSIS, Face, elide, width

_STROKE = 7.5
"""From one node's stroke to the next."""


def lane_label(lane: MapLane) -> str:
    """Return what a screen reader says of a lane's link: first what one sees, in the same order."""
    came = f"{lane.arrives} of new connections" if lane.arrives else ""
    words = (lane.title, lane.word.lower(), lane.address, lane.quiet, came)
    if lane.takes:
        return wording.spoken(words, down=lane.lost)
    return f"{', '.join(filter(None, words))}. Unfold"


def lane_title(placed: PlacedMapLane, sizes: Sizes, mark: str) -> Iterator[str]:
    """Yield the name with the sign of its state, and the rest below the rail; `mark`: the sign of a node that is up."""
    lane, x, y = placed.lane, placed.box.x + 12, placed.box.y
    mark = lane_sign(lane.state, assumed=lane.assumed) or ("pending" if not lane.members else mark)
    right = placed.box.x + sizes.title - 12
    if mark:
        yield sign(mark, x, y + 9, 14)
    left = x + (20 if mark else 0)
    said = width(lane.word, 12, Face.BOLD)
    # The state stands beside the name, or below the address where the name needs the room.
    beside = bool(lane.word) and left + width(lane.short, 14, Face.BOLD) + 8 + said <= right
    room = right - left - (said + 8 if beside else 0)
    halo = lane.lost
    name = lane.short
    if width(name, 14, Face.BOLD) > room:
        # What says that a domain was cut takes room, and cutting the rest says so as well.
        name = elide(name.removesuffix(ELLIPSIS), room, 14, Face.BOLD)
    yield text(TextLine(left, y + 21, (Run(name, "text", 14, bold=True),)), halo=halo)
    if lane.word:
        word = Run(lane.word, "text-bad" if halo else "text-quiet", 12, bold=True)
        # Below the address of one node; of several, below their strokes.
        below = TextLine(x, y + 81, (word,)) if lane.nodes == 1 else TextLine(right, y + 105, (word,), "end")
        yield text(TextLine(right, y + 21, (word,), "end") if beside else below, halo=halo)
    yield from _second_line(placed, x, right, halo=halo)


def _second_line(placed: PlacedMapLane, x: float, right: float, *, halo: bool) -> Iterator[str]:
    lane, y = placed.lane, placed.box.y + (63 if placed.lane.members else 40)
    if not lane.address:
        yield text(TextLine(x, y, (Run(elide(lane.quiet, right - x, 12), "text-quiet", 12),)), halo=halo)
        return
    room = right - x - width(lane.quiet, 12) - 8
    address = Run(elide(lane.address, room, 12, Face.MONO), "text-quiet", 12, Face.MONO)
    yield text(TextLine(x, y, (address,)), halo=halo)
    yield text(TextLine(right, y, (Run(lane.quiet, "text-quiet", 12),), "end"), halo=halo)


def node_strokes(placed: PlacedMapLane, sizes: Sizes, links: Links | None) -> str:
    """Return a stroke for each node, as many as fit: how large a lane is, at a glance.

    Where each node has one, a click on it takes that node down.
    """
    x, y, most = placed.box.x + 12, placed.box.y + 72, int((sizes.title - 24) // _STROKE)
    members = placed.lane.members
    if links and len(members) <= most:
        return "".join(_node(member, links, placed, x + _STROKE * i, y) for i, member in enumerate(members))
    return _strokes(members[:most], x, y)


def _node(member: MapNode, links: Links, placed: PlacedMapLane, x: float, y: float) -> str:
    return element(
        "a",
        element("title", written(member.name)),
        _strokes([member], x, y),
        aria_label=wording.spoken([member.name], down=placed.lane.lost),
        # The menu of nodes and Unfold do the same with the keyboard, without a stop for each node.
        tabindex="-1",
        **links.on(links.toggle(member.takes)),
    )


def _strokes(members: Sequence[MapNode], x: float, y: float) -> str:
    # A node of the control plane has a bar inside.
    drawn = (
        f"M{number(x + _STROKE * i)} {number(y)}h6v16h-6z" + ("m3 5v6" if member.control_plane else "")
        for i, member in enumerate(members)
    )
    return element("path", d="".join(drawn), **painted("dot-quiet"))
