"""The records of a placed picture: all coordinates in pixels, y growing downwards, nothing about how it is painted.

Edges run level: clients -> entry point -> the service's bar, and from the middle of the bar to the pods. Up and down
traffic moves along the bar only, so no two edges ever cross.
"""

from webapp.diagram.lanes import Diagram, EntryBox, Lane, PodBox, Zone
from webapp.diagram.text import Face, width
from webapp.records import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Half its height, from the top."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style."""

    text: str
    paint: str
    """The class of :data:`webapp.diagram.palette.PAINT`."""
    size: float = 12
    face: Face = Face.REGULAR
    bold: bool = False
    gap: float = 0
    """Blank pixels before it."""
    closer: str = ""
    """The class by which a page leaves it out when the picture is small: ``at-50`` or ``at-90``."""

    @property
    def width(self) -> float:
        """How wide its text is, without the gap."""
        return width(self.text, self.size, Face.BOLD if self.bold and self.face is Face.REGULAR else self.face)


@dataclass(frozen=True, slots=True)
class TextLine:
    """Runs one after the other on one base line."""

    x: float
    y: float
    runs: tuple[Run, ...]
    anchor: str = "start"
    """``start``, ``middle`` or ``end``: which point of the text `x` is."""

    @property
    def said(self) -> str:
        """What is read in it."""
        return "".join(f"{' ' if i and run.gap else ''}{run.text}" for i, run in enumerate(self.runs))

    @property
    def width(self) -> float:
        """How wide its runs are together, gaps included."""
        return sum(run.gap + run.width for run in self.runs)


@dataclass(frozen=True, slots=True)
class Edge:
    """A level stretch of traffic from `x1` to `x2`, tip included."""

    x1: float
    x2: float
    y: float
    width: float
    kind: str
    """``ok``, ``lost`` or ``refused``, which end here; ``doomed``, which is lost further on, and ``dropped`` there."""
    label: TextLine | None
    note: TextLine | None = None
    """Below the edge: what becomes of it."""


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry point's box with the edges before and behind it."""

    content: EntryBox
    box: Box
    sign_at: tuple[float, float]
    lines: tuple[TextLine, ...]
    arriving: Edge | None
    onward: Edge | None
    """Up to the bar's outline; from there the traffic goes on to its middle."""
    dropped: Edge | None
    """To the middle of the bar, where policy Local drops what arrives."""
    aside: TextLine | None
    """In place of an arriving edge: why there is none."""


@dataclass(frozen=True, slots=True)
class PlacedPod:
    """A pod's box with the edge that leads to it."""

    content: PodBox
    box: Box
    lines: tuple[TextLine, ...]
    edge: Edge | None


@dataclass(frozen=True, slots=True)
class Title:
    """A lane's title row; `plate` is the ground it needs on a hatched lane."""

    line: TextLine
    plate: Box | None
    sign: str
    """The sign before it, or none."""
    sign_at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PlacedLane:
    """A lane with all that is in it."""

    content: Lane
    box: Box
    title: Title
    unfold: Box | None
    """Where a click opens a folded lane."""
    entry: PlacedEntry | None
    pods: tuple[PlacedPod, ...]
    notes: tuple[TextLine, ...]


@dataclass(frozen=True, slots=True)
class PlacedZone:
    """A zone's band; no box where the cluster has no zones."""

    content: Zone
    box: Box | None
    title: TextLine | None
    lanes: tuple[PlacedLane, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """The service's bar, or a piece of it where policy Local or hints cut it."""

    box: Box
    centre: float
    trunk: tuple[float, float] | None
    """From where to where traffic runs along it."""
    lost: bool
    """Nothing of what runs along it is answered."""
    junctions: tuple[float, ...]
    crosses: bool
    """Traffic comes and goes in different lanes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole picture."""

    diagram: Diagram
    width: float
    height: float
    client: Box
    client_lines: tuple[TextLine, ...]
    zones: tuple[PlacedZone, ...]
    bars: tuple[Bar, ...]
    header: Box
    header_lines: tuple[TextLine, ...]

    @property
    def lanes(self) -> tuple[PlacedLane, ...]:
        """All lanes, from top to bottom."""
        return tuple(lane for zone in self.zones for lane in zone.lanes)
