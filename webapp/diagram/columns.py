"""The columns of a picture: how wide its boxes must be for what stands in them, in the widest face of the stack."""

from dataclasses import dataclass, replace

from webapp.diagram.lanes import Diagram, EntryBox, Lane, LaneKind, PodBox, Tone
from webapp.diagram.layout import Run
from webapp.diagram.text import Face, clean, elide, width

CLIENT_WIDTH = 96
BAND_X = 120
LANE_PADDING = 16
_ZONE_PADDING = 8
_ENTRY_AT = 224
# Least and most. The least make a picture of about 960 px, which fits beside a page's panel; a longer name is cut
# before it pushes the pods out of a window.
_ENTRY_WIDTHS = (208, 300)
_BEFORE_BAR = 52
BAR_WIDTH = 104
_BEHIND_BAR = 92
_POD_WIDTHS = (256, 400)
_HEADER_WIDTHS = (272, 640)
BOX_PADDING = 12
SIGN = 16
_GAP = 8

_TEXT = {Tone.OK: "text-ok", Tone.WARN: "text-warn", Tone.BAD: "text-bad", Tone.REFUSED: "text-bad"}


def text_paint(tone: Tone) -> str:
    """Return how words of this tone are painted."""
    return _TEXT.get(tone, "text-quiet")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of one picture are."""

    lane: float
    lane_right: float
    right: float
    entry: float
    entry_width: float
    bar: float
    pods: float
    pod_width: float
    header_width: float

    @property
    def centre(self) -> float:
        """The middle of the bar."""
        return self.bar + BAR_WIDTH / 2

    @property
    def title_room(self) -> float:
        """How wide a lane's title may be."""
        return self.bar - _GAP - self.lane - LANE_PADDING


def columns(diagram: Diagram) -> Columns:
    """Return the columns: as narrow as the reference picture where that suffices, wider up to a limit."""
    banded = any(zone.name for zone in diagram.zones)
    inset = _ZONE_PADDING if banded else 0
    lane = BAND_X + inset
    entry_width = _clamped(max(_entries_need(diagram), _titles_need(diagram, lane)), _ENTRY_WIDTHS)
    pod_width = _clamped(max((_pod_needs(pod) for its in diagram.lanes for pod in its.pods), default=0), _POD_WIDTHS)
    bar = _ENTRY_AT + entry_width + _BEFORE_BAR
    pods = bar + BAR_WIDTH + _BEHIND_BAR
    lane_right = pods + pod_width + LANE_PADDING
    return Columns(
        lane=lane,
        lane_right=lane_right,
        right=lane_right + inset,
        entry=_ENTRY_AT,
        entry_width=entry_width,
        bar=bar,
        pods=pods,
        pod_width=pod_width,
        header_width=_clamped(_header_needs(diagram), _HEADER_WIDTHS),
    )


def _clamped(needed: float, between: tuple[float, float]) -> float:
    low, high = between
    # In steps of 8 pixels, so that a name one letter longer does not move every box.
    return min(max(8 * -(-needed // 8), low), high)


def _header_needs(diagram: Diagram) -> float:
    lines = (width(diagram.service["label"], 16, Face.BOLD), width(diagram.service_line, 12))
    return max(lines) + 2 * BOX_PADDING


# --- what a box needs -------------------------------------------------------------------------------------------------


def _entries_need(diagram: Diagram) -> float:
    entries = [lane.entry for lane in diagram.lanes if lane.entry]
    return max((_entry_needs(entry) for entry in entries), default=0)


def _entry_needs(entry: EntryBox) -> float:
    name = _width(entry_name(entry, None))
    return max(name, SIGN + 4 + width(entry.words, 12)) + 2 * BOX_PADDING


def _titles_need(diagram: Diagram, lane: float) -> float:
    longest = max((sum(map(_width, title_runs(its, None))) for its in diagram.lanes), default=0)
    return lane + LANE_PADDING + longest + _GAP - _ENTRY_AT - _BEFORE_BAR


def _pod_needs(pod: PodBox) -> float:
    left = max(_width(pod_name(pod, None)), _width(pod_detail(pod, None)) + (SIGN if pod.moved else 0))
    return left + 2 * BOX_PADDING + 2 * _GAP + width(pod.words, 14) + _GAP + SIGN


def _width(run: Run) -> float:
    return run.gap + run.width


# --- the runs of text, shortened to the room there is; no room given means as long as it is ---------------------------


def _fitted(text: str, room: float | None, size: float, face: Face, keep_end: str = "") -> str:
    return clean(text) + keep_end if room is None else elide(text, room, size, face, keep_end)


def entry_name(entry: EntryBox, room: float | None) -> Run:
    """Return ``worker-1:30080``, shortened before the port."""
    if not entry.port:
        return Run(entry.name, "text", 14, bold=True)
    return Run(_fitted(entry.name, room, 13, Face.MONO, entry.port), "text", 13, Face.MONO, bold=True)


def pod_name(pod: PodBox, room: float | None) -> Run:
    """Return the first line of a pod's box."""
    if pod.count > 1:
        return Run(pod.name, "text", 14, bold=True)
    return Run(_fitted(pod.name, room, 13, Face.MONO), "text", 13, Face.MONO, bold=True)


def pod_detail(pod: PodBox, room: float | None) -> Run:
    """Return the second line of a pod's box."""
    return Run(_fitted(pod.detail, room, 12, Face.MONO), "text-quiet", 12, Face.MONO)


def title_runs(lane: Lane, room: float | None) -> tuple[Run, ...]:
    """Return a lane's title: name, address, what else is to be said, and its state; the name is shortened first."""
    rest = [Run(lane.code, "text-quiet", 12, Face.MONO, gap=8)] if lane.code else []
    if lane.assumed and lane.sort is not LaneKind.PENDING:
        rest.append(Run("assumed", "text-quiet", 12, gap=8))
    if lane.quiet:
        rest.append(Run(lane.quiet, "text-quiet", 12, gap=8))
    if lane.word:
        paint = "text-bad" if lane.word == "Down" else "text-quiet"
        rest.append(Run(lane.word, paint, 14, bold=True, gap=16))
    sign = 20 if lane_sign(lane) else 0
    if room is not None and lane.sort is LaneKind.FOLDED:
        # What like nodes are called is long; how many they are, and that they are down, must stay.
        title = sign + width(clean(lane.title), 14, Face.BOLD)
        spare = room - title - sum(_width(run) for run in rest if run.text != lane.quiet)
        rest = [
            replace(run, text=elide(run.text, spare - run.gap, run.size)) if run.text == lane.quiet else run
            for run in rest
        ]
    left = None if room is None else room - sign - sum(map(_width, rest))
    first = Run(_fitted(lane.title, left, 14, Face.BOLD), "text", 14, bold=True, gap=sign)
    return (first, *_within(rest, room, _width(first)))


def _within(rest: list[Run], room: float | None, used: float) -> list[Run]:
    """Return the runs without the widest ones, as far as needed: the state is the shortest, so it stays."""
    kept = list(rest)
    while room is not None and kept and used + sum(map(_width, kept)) > room:
        # The widest gives most room; the state is the shortest and what one must see, so it goes last.
        kept.remove(max(kept, key=_width))
    return kept


def lane_sign(lane: Lane) -> str:
    """Return the sign before a lane's title."""
    if lane.word == "Down":
        return "down"
    return "assumed" if lane.assumed and lane.sort is not LaneKind.PENDING else ""
