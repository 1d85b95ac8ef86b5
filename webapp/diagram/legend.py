"""The key: what the signs of this very picture mean, and no others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from webapp.diagram.lanes import Lane, LaneKind, Tone
from webapp.diagram.layout import Box, Layout, Run, TextLine
from webapp.diagram.markup import element
from webapp.diagram.palette import painted
from webapp.diagram.signs import sign
from webapp.diagram.state_signs import PodBadge, PodShape, lane_ground
from webapp.diagram.strokes import ASSUMED, EDGE_DASHES, changed, rectangle, text
from webapp.diagram.text import width
from webapp.records import dataclass
from webapp.topology.attributes import NodeState

_HEIGHT = 24
_GAP = 24


@dataclass(frozen=True, slots=True)
class Item:
    """One sign and what it means."""

    sample: str
    """Markup, 16 px high."""
    width: float
    words: str

    def svg(self) -> str:
        """Return the sample as an element of its own, for the key of a page."""
        view = f"0 0 {self.width:g} 16"
        return element("svg", self.sample, class_="dg", width=self.width, height=16, viewBox=view, aria_hidden="true")


def items(layout: Layout) -> tuple[Item, ...]:
    """Return what the picture needs explained."""
    return tuple(ITEMS[name]() for applies, name in _rules(layout) if applies)


def drawn(its: Iterable[Item], x: float, y: float, room: float) -> tuple[str, float]:
    """Return the legend in as many rows as it needs, and their height."""
    parts: list[str] = []
    left, top = 0.0, 8.0
    for item in its:
        needed = item.width + 8 + width(item.words, 12)
        if left and left + needed > room:
            left, top = 0.0, top + _HEIGHT
        parts += (
            element("g", item.sample, transform=f"translate({x + left:g} {y + top:g})"),
            text(TextLine(x + left + item.width + 8, y + top + 12, (Run(item.words, "text-quiet", 12),))),
        )
        left += needed + _GAP
    return "".join(parts), top + _HEIGHT


def _rules(layout: Layout) -> Iterator[tuple[bool, str]]:
    diagram = layout.diagram
    lanes = diagram.lanes
    dropped = [lane.entry for lane in lanes if lane.entry and lane.entry.result == "dropped"]
    entries = [lane.entry for lane in lanes if lane.entry and lane.entry not in dropped]
    tones = {pod.tone for lane in lanes for pod in lane.pods} | {entry.tone for entry in entries}
    lost = any(pod.lost for lane in lanes for pod in lane.pods) or Tone.BAD in tones
    one = "lane" if diagram.folded else "node"
    yield any(lane.entry and lane.entry.passes for lane in lanes), "arrives"
    yield lost, "lost"
    yield bool(dropped), "dropped"
    yield Tone.REFUSED in tones, "refused"
    yield Tone.WARN in tones, "degraded"
    yield any(lane.state is NodeState.DOWN for lane in lanes), "down"
    yield any(lane.word in ("Cordoned", "Draining", "Drained") for lane in lanes), "cordoned"
    shapes = {pod.shape for lane in lanes for pod in lane.pods}
    badges = {pod.badge for lane in lanes for pod in lane.pods}
    yield PodShape.TERMINATING in shapes, "terminating"
    yield PodShape.NOT_READY in shapes, "not-ready"
    yield PodBadge.RECREATED in badges, "recreated"
    yield PodBadge.BLOCKED in badges, "blocked"
    yield PodBadge.CUT_OFF in badges, "cut-off"
    yield any(_is_changed(lane) for lane in lanes), "changed"
    yield diagram.folded, "folded"
    made_up = any(pod.assumed for lane in lanes for pod in lane.pods)
    yield made_up or any(lane.assumed and lane.sort is not LaneKind.PENDING for lane in lanes), "assumed"
    yield any(bar.junctions for bar in layout.bars), f"straight-{one}"
    yield any(bar.crosses for bar in layout.bars), f"along-{one}"


def _is_changed(lane: Lane) -> bool:
    return any(pod.changed for pod in lane.pods) or (lane.entry is not None and lane.entry.changed)


def _stroke(path: str, width_: float, class_: str, **more: str) -> str:
    return element("path", d=path, fill="none", stroke_width=width_, **painted(class_), **more)


def _arrives() -> Item:
    head = element("path", d="M31 3L40 8L31 13z", **painted("arrow"))
    return Item(_stroke("M0 8H32", 4, "edge-ok") + head, 40, "traffic, thicker is more")


def _lost() -> Item:
    line = _stroke("M0 8H24", 3, "edge-lost", stroke_dasharray=EDGE_DASHES["lost"])
    return Item(line + sign("bad", 24, 0), 40, "lost")


def dropped_item() -> Item:
    """Return what a dropped connection looks like, the same in both pictures."""
    piece = rectangle(Box(4, 0.5, 14, 15), 4, "bar")
    return Item(piece + _stroke("M11 3V13", 4, "edge-lost"), 22, "dropped: Local, no pod")


def _down() -> Item:
    return Item(rectangle(Box(0.5, 0.5, 31, 15), 4, "lane-down", fill="url(#hatch)"), 32, "down")


def _cordoned() -> Item:
    return Item(lane_ground(Box(0.5, 0.5, 31, 15), NodeState.CORDONED, radius=4), 32, "takes no new pods")


def _changed() -> Item:
    box = Box(0.5, 0.5, 31, 15)
    return Item(rectangle(box, 8, "box") + changed(box), 32, "changed by the failure")


def _folded() -> Item:
    back = rectangle(Box(4, 0.5, 24, 13), 4, "box")
    return Item(back + rectangle(Box(0.5, 3.5, 31, 12), 4, "box"), 32, "several, folded")


def assumed_item() -> Item:
    """Return what nodes and pods look like that nobody uploaded, the same in both pictures."""
    return Item(
        rectangle(Box(0.5, 0.5, 31, 15), 4, "lane-assumed", stroke_dasharray=ASSUMED), 32, "assumed by nodefall"
    )


def _straight(words: str) -> Item:
    ring = element("circle", cx=20, cy=8, r=4, stroke_width=2, **painted("junction"))
    return Item(_stroke("M0 8H40", 3, "edge-ok") + ring, 40, words)


def _along(words: str) -> Item:
    return Item(_stroke("M0 3H12V13H24", 3, "edge-ok"), 24, words)


def _signed(name: str, words: str) -> Item:
    return Item(sign(name, 0, 0), 16, words)


ITEMS: Mapping[str, Callable[[], Item]] = MappingProxyType(
    {
        "arrives": _arrives,
        "lost": _lost,
        "dropped": dropped_item,
        "refused": partial(_signed, "refused", "refused"),
        "degraded": partial(_signed, "warn", "degraded"),
        "down": _down,
        "cordoned": _cordoned,
        "terminating": partial(_signed, "terminating", "terminating"),
        "not-ready": partial(_signed, "paused", "not ready"),
        "recreated": partial(_signed, "recreated", "recreated here"),
        "blocked": partial(_signed, "blocked", "blocked by a PodDisruptionBudget"),
        "cut-off": partial(_signed, "partitioned", "keeps running, unreachable for the control plane"),
        "changed": _changed,
        "folded": _folded,
        "assumed": assumed_item,
        "straight-node": partial(_straight, "straight on: same node"),
        "straight-lane": partial(_straight, "straight on: same lane"),
        "along-node": partial(_along, "along the bar: to another node"),
        "along-lane": partial(_along, "along the bar: to another lane"),
    }
)
"""All that the picture of a service port can need explained, in the order of the legend."""
