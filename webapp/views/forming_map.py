"""The map while it forms: lanes and bars in the places that they will have, before anything is known of the traffic."""

from dataclasses import dataclass

from webapp.diagram.text import Face, elide
from webapp.jobs import Sketch
from webapp.numbers import counted

WIDTH = 800
_TOP = 96
"""Above the lanes, for the slanting names of the services."""
_LANE_X = 96
_LABEL = 148
_FONT = 13
_SMALL = 12
_MOST_STROKES = 24


@dataclass(frozen=True, slots=True)
class FormingLane:
    """A node, or the nodes of a zone."""

    y: float
    height: float
    title: str
    whole: str
    """The name uncut."""
    detail: str
    """How many nodes; empty for one, and where there is no room."""
    strokes: str
    """The path of a stroke for each node or for some of them; empty where there is no room."""

    @property
    def rail(self) -> float:
        """Where connections to its node IPs run."""
        return self.y + min(28, self.height / 2)


@dataclass(frozen=True, slots=True)
class FormingBar:
    """A service; without a name while its place is still to be worked out."""

    x: float
    title: str
    whole: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormingMap:
    """What is drawn."""

    height: float
    lanes: tuple[FormingLane, ...]
    bars: tuple[FormingBar, ...]
    lane_x: float = _LANE_X
    width: float = WIDTH
    top: float = _TOP
    first_bar: float = _LANE_X + _LABEL


def forming_map(sketch: Sketch) -> FormingMap | None:
    """Return the map of what is known; None before any lane is."""
    if not sketch.lanes:
        return None
    pitch = min(156.0, max(34.0, 480 / len(sketch.lanes)))
    step = min(64.0, (WIDTH - 40 - _LANE_X - _LABEL) / max(sketch.columns, 1))
    names = sketch.bars or [""] * sketch.columns
    return FormingMap(
        height=_TOP + pitch * len(sketch.lanes) + 8,
        lanes=tuple(_lane(name, nodes, _TOP + pitch * at, pitch - 8) for at, (name, nodes) in enumerate(sketch.lanes)),
        bars=tuple(_bar(name, _LANE_X + _LABEL + step * (at + 0.5)) for at, name in enumerate(names)),
    )


def _lane(name: str, nodes: int, y: float, height: float) -> FormingLane:
    detail = counted(nodes, "node") if nodes > 1 and height > 40 else ""
    title = name or counted(nodes, "node")
    return FormingLane(
        y=y,
        height=height,
        title=elide(title, _LABEL - 24, _FONT, Face.BOLD),
        whole=title,
        detail=detail if name else "",
        strokes=_strokes(nodes, y + 56) if nodes > 1 and height > 80 else "",
    )


def _strokes(nodes: int, y: float) -> str:
    return "".join(f"M{_LANE_X + 14 + 5 * at} {y:g}v14" for at in range(min(nodes, _MOST_STROKES)))


def _bar(name: str, x: float) -> FormingBar:
    # Written at 40 degrees, they end at the upper edge.
    return FormingBar(x, elide(name, 116, _SMALL, Face.BOLD), name)
