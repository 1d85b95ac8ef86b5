"""The columns of a picture: how wide its boxes must be for what stands in them, and the runs of text inside."""

from collections.abc import Mapping
from dataclasses import replace

from webapp.diagram import wording
from webapp.diagram.lanes import Diagram, EntryBox, Lane, LaneKind, PodBox, Tone
from webapp.diagram.layout import Run
from webapp.diagram.names import domain_end, hosts, shortened
from webapp.diagram.state_signs import PodShape
from webapp.diagram.state_signs import lane_sign as state_sign
from webapp.diagram.text import Face, clean, elide, width
from webapp.numbers import percent
from webapp.records import dataclass

CLIENT_WIDTH = 84
BAND_X = 112
LANE_PADDING = 16
_ZONE_PADDING = 8
_ENTRY_AT = 216
_BEFORE_BAR = 60
BAR_WIDTH = 104
_BEHIND_BAR = 136
_ENTRY_WIDTH, _POD_WIDTH = 208, 276
_HEADER_WIDTHS = (360, 640)
BOX_PADDING = 12
SIGN = 16
TITLE_SIGN = 22
"""What the sign of a lane takes of its title, with the gap behind it."""
_GAP = 8

_TEXT = {Tone.OK: "text-ok", Tone.WARN: "text-warn", Tone.BAD: "text-bad", Tone.REFUSED: "text-bad"}


@dataclass(frozen=True, slots=True)
class BoxWidths:
    """How wide boxes may become for the names in them."""

    entry: float
    pod: float


ON_SCREEN = BoxWidths(entry=_ENTRY_WIDTH, pod=_POD_WIDTH)
"""1,024 px in all, which fits beside a page's panel; a name that is cut is whole in tooltip, panel and table."""
IN_FILE = BoxWidths(entry=480, pod=600)
"""Names are whole, as nothing else in a file would tell them; only far longer ones than clouds give are cut."""


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


def columns(diagram: Diagram, limits: BoxWidths) -> Columns:
    """Return the columns: as narrow as on the page where that suffices, wider up to the limits."""
    banded = any(zone.name for zone in diagram.zones)
    inset = _ZONE_PADDING if banded else 0
    lane = BAND_X + inset
    entries = max(_entries_need(diagram), _titles_need(diagram, lane))
    pods = max((_pod_needs(pod, diagram) for its in diagram.lanes for pod in its.pods), default=0)
    entry_width = _clamped(entries, (_ENTRY_WIDTH, limits.entry))
    pod_width = _clamped(pods, (_POD_WIDTH, limits.pod))
    bar = _ENTRY_AT + entry_width + _BEFORE_BAR
    at = bar + BAR_WIDTH + _BEHIND_BAR
    lane_right = at + pod_width + LANE_PADDING
    return Columns(
        lane=lane,
        lane_right=lane_right,
        right=lane_right + inset,
        entry=_ENTRY_AT,
        entry_width=entry_width,
        bar=bar,
        pods=at,
        pod_width=pod_width,
        header_width=_clamped(_header_needs(diagram), _HEADER_WIDTHS),
    )


def _clamped(needed: float, between: tuple[float, float]) -> float:
    low, high = between
    # In steps of 8 pixels, so that a name one letter longer does not move every box.
    return min(max(8 * -(-needed // 8), low), high)


def _header_needs(diagram: Diagram) -> float:
    line = wording.header_line(diagram.service, diagram.service_line)
    return max(width(diagram.service["label"], 16, Face.BOLD), width(line, 12)) + 2 * BOX_PADDING


# --- what a box needs -------------------------------------------------------------------------------------------------


def _entries_need(diagram: Diagram) -> float:
    entries = [lane.entry for lane in diagram.lanes if lane.entry]
    return max((_entry_needs(entry) for entry in entries), default=0)


def _entry_needs(entry: EntryBox) -> float:
    name = sum(run.width for run in entry_name(entry, entry.name))
    return max(name, SIGN + 4 + sum(run.width for run in entry_words(entry, None))) + 2 * BOX_PADDING


def _titles_need(diagram: Diagram, lane: float) -> float:
    longest = max((_width(title_runs(its, its.title, None)) for its in diagram.lanes), default=0)
    return lane + LANE_PADDING + longest + _GAP - _ENTRY_AT - _BEFORE_BAR


def _pod_needs(pod: PodBox, diagram: Diagram) -> float:
    left = max(pod_name(pod, clean(pod.name)).width, pod_detail(pod, None).width)
    return left + 2 * BOX_PADDING + _GAP + words_room(pod, calm=diagram.calm)


def words_room(pod: PodBox, *, calm: bool) -> float:
    """Return what the state of a pod takes at the right end of its box: a sign, and a word where that is no tick."""
    if calm and pod.tone is Tone.OK:
        return SIGN
    return width(pod.words, 14) + _GAP + SIGN + divider_room(pod)


def divider_room(pod: PodBox) -> float:
    """Return how far the word keeps from the sign for the line between them, where a divided box has one."""
    return 6 if pod.shape is PodShape.NOT_READY else 0


def _width(runs: tuple[Run, ...]) -> float:
    return sum(run.gap + run.width for run in runs)


# --- names in the room there is ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownNames:
    """How each name is written, by the whole name."""

    titles: Mapping[str, str]
    entries: Mapping[str, str]
    pods: Mapping[str, str]


def shown_names(diagram: Diagram, at: Columns) -> ShownNames:
    """Return how names are written in this picture: cut where they must be, and never so that two look alike."""
    nodes = [lane for lane in diagram.lanes if lane.sort is LaneKind.NODE]
    fit = {lane.title: _width(title_runs(lane, lane.title, None)) <= at.title_room for lane in nodes}
    titles = hosts(fit, fit.__getitem__)
    rooms = {lane.title: _name_room(lane, titles[lane.title], at.title_room) for lane in nodes}
    cut = shortened({titles[name]: room for name, room in rooms.items()}, 14, Face.BOLD)
    return ShownNames(
        titles={name: cut[short] for name, short in titles.items()},
        entries=_entry_names([lane.entry for lane in nodes if lane.entry and lane.entry.port], at),
        pods=shortened(_pod_rooms(diagram, at), 13, Face.MONO),
    )


def _name_room(lane: Lane, shown: str, room: float) -> float:
    _, *rest = title_runs(lane, shown, None)
    # A name may take the place of its address, which is in the panel as well, but not that of the node's state.
    return room - TITLE_SIGN - _width(tuple(run for run in rest if run.face is not Face.MONO))


def _entry_names(entries: list[EntryBox], at: Columns) -> dict[str, str]:
    rooms = {entry.name: at.entry_width - 2 * BOX_PADDING - width(entry.port, 13, Face.MONO) for entry in entries}
    short = hosts(rooms, lambda name: width(name, 13, Face.MONO) <= rooms[name])
    cut = shortened({short[name]: room for name, room in rooms.items()}, 13, Face.MONO)
    return {name: cut[each] for name, each in short.items()}


def _pod_rooms(diagram: Diagram, at: Columns) -> dict[str, float]:
    pods = [pod for lane in diagram.lanes for pod in lane.pods if pod.count == 1]
    return {pod.name: pod_room(pod, at, calm=diagram.calm) for pod in pods}


def pod_room(pod: PodBox, at: Columns, *, calm: bool) -> float:
    """Return how wide a pod's name and address may be."""
    return at.pod_width - 2 * BOX_PADDING - _GAP - words_room(pod, calm=calm)


# --- the runs of text; no room given means as long as it is -----------------------------------------------------------


def entry_name(entry: EntryBox, shown: str) -> tuple[Run, ...]:
    """Return ``worker-1:30080``: the port is a run of its own, as letters from right to left would draw it in."""
    if not entry.port:
        return (Run(entry.name, "text", 14, bold=True),)
    name = Run(shown, "text", 13, Face.MONO, bold=True, closer="at-50")
    return (name, replace(name, text=entry.port))


def entry_words(entry: EntryBox, room: float | None) -> tuple[Run, ...]:
    """Return ``Degraded 50 %`` and, apart from it, ``(was 100 %)``."""
    now, was, before = entry.words.partition(" (")
    if entry.tone is Tone.OK:  # a tick says so
        now = now.removesuffix(percent(1)).rstrip().removesuffix(", each")
    runs = [Run(now, text_paint(entry.tone), 12, closer="at-50")]
    if was:
        runs.append(Run(f"({before}", text_paint(entry.tone), 12, gap=width(" ", 12), closer="at-90"))
    if room is not None and _width(tuple(runs)) > room:
        # Half of what was before says nothing; the title and the table have it.
        return (replace(runs[0], text=elide(now, room, 12)),)
    return tuple(runs)


def pod_name(pod: PodBox, shown: str) -> Run:
    """Return the first line of a pod's box."""
    if pod.count > 1:
        return Run(pod.name, "text", 14, bold=True, closer="at-50")
    return Run(shown, "text", 13, Face.MONO, bold=True, closer="at-50")


def pod_detail(pod: PodBox, room: float | None) -> Run:
    """Return the second line of a pod's box."""
    detail = clean(pod.detail)
    if room is not None and width(detail, 12, Face.MONO) > room:
        # What befell it is said nowhere else in the box; its address is in the panel and the tooltip as well.
        detail = elide(detail.partition(" · ")[2] or detail, room, 12, Face.MONO)
    return Run(detail, "text-quiet", 12, Face.MONO, closer="at-90")


def title_runs(lane: Lane, shown: str, room: float | None) -> tuple[Run, ...]:
    """Return a lane's title: name, address, what else is to be said, and its state; the name is shortened already."""
    rest = [Run(lane.code, "text-quiet", 12, Face.MONO, gap=8, closer="at-90")] if lane.code else []
    if lane.assumed and lane.sort is not LaneKind.PENDING:
        rest.append(Run("assumed", "text-quiet", 12, gap=8))
    if lane.quiet:
        rest.append(Run(lane.quiet, "text-quiet", 12, gap=8))
    if lane.word:
        paint = "text-bad" if lane.word == "Down" else "text-quiet"
        rest.append(Run(lane.word, paint, 12, bold=True, gap=12))
    first = Run(clean(shown), "text", 14, bold=True, gap=TITLE_SIGN if lane_sign(lane) else 0)
    if lane.sort is LaneKind.NODE and shown != lane.title and (end := domain_end(lane.title)):
        rest.insert(0, Run(end, "text-quiet", 12))
    if room is not None and lane.sort is LaneKind.FOLDED:
        # What like nodes are called is long; how many they are, and that they are down, must stay.
        spare = room - _width((first, *(run for run in rest if run.text != lane.quiet)))
        rest = [
            replace(run, text=elide(run.text, spare - run.gap, run.size)) if run.text == lane.quiet else run
            for run in rest
        ]
    return (first, *_within(rest, room, _width((first,))))


def _within(rest: list[Run], room: float | None, used: float) -> list[Run]:
    """Return the runs without the widest ones, as far as needed: the state is the shortest, so it stays."""
    kept = list(rest)
    while room is not None and kept and used + _width(tuple(kept)) > room:
        # The widest gives most room; the state is the shortest and what one must see, so it goes last.
        kept.remove(max(kept, key=lambda run: run.gap + run.width))
    return kept


def lane_sign(lane: Lane) -> str:
    """Return the sign before a lane's title: that of its state, else of a switch where a click takes the node down."""
    if lane.sort is LaneKind.PENDING:
        return "pending"
    return state_sign(lane.state, assumed=lane.assumed) or ("power" if lane.takes else "")
