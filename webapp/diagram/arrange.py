"""What stands in each lane -> where it stands."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from webapp.diagram import wording
from webapp.diagram.columns import (
    BAND_X,
    BAR_WIDTH,
    BOX_PADDING,
    CLIENT_WIDTH,
    IN_FILE,
    LANE_PADDING,
    SIGN,
    BoxWidths,
    Columns,
    ShownNames,
    columns,
    divider_room,
    entry_name,
    entry_words,
    lane_sign,
    pod_detail,
    pod_name,
    pod_room,
    shown_names,
    text_paint,
    title_runs,
)
from webapp.diagram.lanes import Diagram, EntryBox, Lane, LaneKind, PodBox, Tone, Zone
from webapp.diagram.layout import (
    Bar,
    Box,
    Edge,
    Layout,
    PlacedEntry,
    PlacedLane,
    PlacedPod,
    PlacedZone,
    Run,
    TextLine,
    Title,
)
from webapp.diagram.text import Face, elide, width, wrap
from webapp.numbers import percent
from webapp.records import dataclass

_HEADER_HEIGHT = 60
_TOP = 72
_ZONE_TITLE = 28
_BETWEEN = 8
_LANE_TITLE = 32
_LANE_FOOT = 12
BOX_HEIGHT = 46
ROOM_FOR_PERSON = 140
"""A bar of clients lower than this has no room for their sign."""


def edge_width(share: float) -> float:
    """Return how thick an edge is: 20 px for everything, from 2 to 12.

    >>> edge_width(0.5), edge_width(0.01)
    (10.0, 2.0)
    """
    # In proportion, so that widths add up as shares do; an edge thicker than 12 px would run into the figure above it.
    return min(max(20 * share, 2.0), 12.0)


@dataclass(frozen=True, slots=True)
class _Placing:
    """What the place of everything in a lane depends on."""

    at: Columns
    names: ShownNames
    calm: bool


def arrange(diagram: Diagram, limits: BoxWidths = IN_FILE) -> Layout:
    """Return the placed picture, its boxes as wide as their names need, up to the limits."""
    at = columns(diagram, limits)
    placing = _Placing(at, shown_names(diagram, at), diagram.calm)
    zones = tuple(_zones(diagram, placing))
    bottom = zones[-1].lanes[-1].box.bottom + (0 if zones[-1].box is None else _BETWEEN) if zones else _TOP + 96
    header = Box(at.centre - at.header_width / 2, 0, at.header_width, _HEADER_HEIGHT)
    # The bar of the clients ends with the lanes that have entry points: pods on no node are below, out of its reach.
    reach = max((lane.box.bottom for zone in zones for lane in zone.lanes if lane.entry), default=bottom)
    reach = reach if zones and reach < zones[-1].lanes[-1].box.y else bottom
    client = Box(0, _TOP, CLIENT_WIDTH, reach - _TOP)
    return Layout(
        diagram=diagram,
        width=max(at.right, header.right),
        height=bottom,
        client=client,
        client_lines=tuple(_client_lines(diagram, client)),
        zones=zones,
        bars=tuple(_bars(diagram, zones, at, bottom)),
        header=header,
        header_lines=tuple(_header_lines(diagram, header)),
    )


# --- zones and lanes --------------------------------------------------------------------------------------------------


def _zones(diagram: Diagram, placing: _Placing) -> Iterator[PlacedZone]:
    y: float = _TOP
    for zone in diagram.zones:
        placed = _zone(zone, placing, y)
        yield placed
        y = (placed.box.bottom if placed.box else placed.lanes[-1].box.bottom) + _BETWEEN


def _zone(zone: Zone, placing: _Placing, top: float) -> PlacedZone:
    at = placing.at
    lanes: list[PlacedLane] = []
    y = top + (_ZONE_TITLE if zone.name else 0)
    for lane in zone.lanes:
        lanes.append(_lane(lane, placing, y))
        y = lanes[-1].box.bottom + _BETWEEN
    if not zone.name:
        return PlacedZone(zone, None, None, tuple(lanes))
    quiet = Run(zone.quiet, "text-quiet", 12, gap=8)
    name = elide(zone.name, at.title_room - quiet.width - quiet.gap, 12, Face.BOLD)
    title = TextLine(BAND_X + LANE_PADDING, top + 20, (Run(name, "text", 12, bold=True), quiet))
    return PlacedZone(zone, Box(BAND_X, top, at.right - BAND_X, y - top), title, tuple(lanes))


def _lane(lane: Lane, placing: _Placing, top: float) -> PlacedLane:
    at = placing.at
    rows = max(len(lane.pods), 1)
    content = rows * BOX_HEIGHT + (rows - 1) * _BETWEEN
    box = Box(at.lane, top, at.lane_right - at.lane, _LANE_TITLE + content + _LANE_FOOT)
    first = top + _LANE_TITLE
    middle = first + content / 2
    return PlacedLane(
        content=lane,
        box=box,
        title=_title(lane, placing, top),
        unfold=Box(box.right - LANE_PADDING - 88, top + 4, 88, 24) if lane.unfold else None,
        entry=_entry(lane.entry, placing, middle) if lane.entry else None,
        pods=tuple(_pod(pod, placing, first + i * (BOX_HEIGHT + _BETWEEN)) for i, pod in enumerate(lane.pods)),
        notes=tuple(
            TextLine(at.pods, middle - 3 + 17 * i, (Run(text, "text-quiet", 12, closer="at-50"),))
            for i, text in enumerate(lane.note)
        )
        if not lane.pods
        else (),
    )


def _title(lane: Lane, placing: _Placing, top: float) -> Title:
    at = placing.at
    x = at.lane + LANE_PADDING
    line = TextLine(x, top + 23, title_runs(lane, placing.names.titles.get(lane.title, lane.title), at.title_room))
    # Text straight on the hatch of a lane that is down could hardly be read.
    plate = Box(x - 8, top + 6, line.width + 16, 24) if lane.word == "Down" else None
    return Title(line, plate, lane_sign(lane), (x, top + 10))


# --- entry points -----------------------------------------------------------------------------------------------------


def _entry(entry: EntryBox, placing: _Placing, middle: float) -> PlacedEntry:
    at = placing.at
    box = Box(at.entry, middle - BOX_HEIGHT / 2, at.entry_width, BOX_HEIGHT)
    ticked = placing.calm and entry.tone is Tone.OK
    name = entry_name(entry, placing.names.entries.get(entry.name, entry.name))
    words = entry_words(entry, box.width - 2 * BOX_PADDING - SIGN - 4)
    # An entry point that nobody comes to still hands on what comes; drawn, it would look like traffic.
    passes = entry.passes and entry.share > 0
    # Not quite the middle: the arrow head takes some of the right half.
    label_x = (at.lane + at.entry) / 2 - 4
    below = TextLine(box.x + BOX_PADDING + SIGN + 4, box.y + 37.5, words)
    return PlacedEntry(
        content=entry,
        box=box,
        sign_at=(box.right - 26, box.middle - 7) if ticked else (box.x + BOX_PADDING, box.y + 26),
        lines=(
            TextLine(box.x + BOX_PADDING, box.y + (28 if ticked else 19), name),
            *(() if ticked else (below,)),
        ),
        arriving=_arriving(entry, box, label_x, calm=placing.calm) if entry.share > 0 else None,
        onward=Edge(box.right, at.bar, middle, edge_width(entry.share), "ok", None) if passes else None,
        dropped=Edge(box.right, at.centre, middle, edge_width(entry.share), "dropped", None)
        if entry.share > 0 and entry.result == "dropped"
        else None,
        aside=None
        if entry.share > 0 or entry.target
        else TextLine(label_x, middle + 4, (Run("not used", "text-quiet", 12),), "middle"),
    )


def _arriving(entry: EntryBox, box: Box, label_x: float, *, calm: bool) -> Edge:
    kind = {"timeout": "lost", "refused": "refused", "dropped": "doomed"}.get(entry.result, "ok")
    paint = "text" if kind == "ok" else "text-bad"
    word = {"lost": "lost", "refused": "refused", "doomed": "dropped"}.get(kind)
    share = Run(percent(entry.share), paint, 14, bold=True)
    # The ring at the end of what is lost is higher than an arrow.
    label = TextLine(label_x, box.middle - (12 if word else 10), (share,), "middle")
    note = TextLine(label_x, box.middle + 22, (Run(word, paint, 12),), "middle") if word else None
    return Edge(CLIENT_WIDTH, box.x, box.middle, edge_width(entry.share), kind, None if calm else label, note)


# --- pods -------------------------------------------------------------------------------------------------------------


def _pod(pod: PodBox, placing: _Placing, top: float) -> PlacedPod:
    at = placing.at
    box = Box(at.pods, top, at.pod_width, BOX_HEIGHT)
    words_right = box.right - BOX_PADDING - SIGN - 8 - divider_room(pod)
    # The state keeps its room; name and address are shortened for it, since they are whole in the tooltip.
    detail = pod_detail(pod, pod_room(pod, at, calm=placing.calm))
    said = "" if placing.calm and pod.tone is Tone.OK else pod.words
    words = Run(said, text_paint(pod.tone), 14, closer="at-90")
    return PlacedPod(
        content=pod,
        box=box,
        lines=(
            TextLine(box.x + BOX_PADDING, box.y + 19, (pod_name(pod, placing.names.pods.get(pod.name, pod.name)),)),
            TextLine(box.x + BOX_PADDING, box.y + 37.5, (detail,)),
            *((TextLine(words_right, box.y + 28, (words,), "end"),) if said else ()),
        ),
        edge=_to_pod(pod, box, at, calm=placing.calm) if pod.picked and pod.share > 0 else None,
    )


def _to_pod(pod: PodBox, box: Box, at: Columns, *, calm: bool) -> Edge:
    label_x = (at.bar + BAR_WIDTH + box.x) / 2 - 4
    run = Run(percent(pod.share), "text-bad" if pod.lost else "text", 14, bold=True)
    label = None if calm else TextLine(label_x, box.middle - 10, (run,), "middle")
    return Edge(at.centre, box.x, box.middle, edge_width(pod.share), "lost" if pod.lost else "ok", label)


# --- the bar ----------------------------------------------------------------------------------------------------------


def _bars(diagram: Diagram, zones: Sequence[PlacedZone], at: Columns, bottom: float) -> Iterator[Bar]:
    lanes = [lane for zone in zones for lane in zone.lanes if lane.content.sort is not LaneKind.PENDING]
    if not diagram.service["accepted"]:
        return
    # Policy Local: kube-proxy never sends along the bar, so each lane has a piece that ends in it.
    if diagram.local:
        for lane in lanes:
            yield _bar([lane], at, lane.box.y + _BETWEEN, lane.box.bottom - _BETWEEN)
        return
    pieces = _pieces(lanes)
    for i, piece in enumerate(pieces):
        last = i == len(pieces) - 1
        # The first piece goes under the header, so that both look like one shape.
        top = _HEADER_HEIGHT - 8 if i == 0 else piece[0].box.y
        end = bottom if last and lanes[-1] is zones[-1].lanes[-1] else piece[-1].box.bottom
        yield _bar(piece, at, top, end)


def _pieces(lanes: Sequence[PlacedLane]) -> list[list[PlacedLane]]:
    """Return the lanes cut where traffic never goes from one to the next; whole if that would tear a pool apart."""
    pools: list[str] = []
    for lane in lanes:
        pools.append(lane.content.pool or (pools[-1] if pools else ""))
    first = next((pool for pool in pools if pool), "")
    runs = [(pool, list(its)) for pool, its in groupby(range(len(lanes)), key=lambda i: pools[i] or first)]
    # A pool on both sides of another needs the bar that leads through the other: better whole than a wrong cut.
    if len({pool for pool, _ in runs}) != len(runs):
        return [list(lanes)]
    return [[lanes[i] for i in its] for _, its in runs]


def _bar(lanes: Iterable[PlacedLane], at: Columns, top: float, bottom: float) -> Bar:
    joined = [lane for lane in lanes if (lane.entry and lane.entry.onward) or any(pod.edge for pod in lane.pods)]
    arriving = [lane.entry.box.middle for lane in joined if lane.entry and lane.entry.onward]
    edges = [pod.edge for lane in joined for pod in lane.pods if pod.edge]
    junctions = sorted({*arriving, *(edge.y for edge in edges)})
    return Bar(
        box=Box(at.bar, top, BAR_WIDTH, bottom - top),
        centre=at.centre,
        trunk=(junctions[0], junctions[-1]) if len(junctions) > 1 else None,
        lost=bool(edges) and all(edge.kind == "lost" for edge in edges),
        junctions=tuple(junctions),
        crosses=len(joined) > 1,
    )


# --- around the lanes -------------------------------------------------------------------------------------------------


def _header_lines(diagram: Diagram, header: Box) -> Iterator[TextLine]:
    service, centre, room = diagram.service, header.x + header.width / 2, header.width - 2 * BOX_PADDING
    # The name tells services apart, so it is the namespace that is shortened first, down to a third.
    name_width = width(service["name"], 16, Face.BOLD)
    namespace = elide(service["namespace"], max(room - name_width - 8, room / 3), 16) + "/"
    left = Run(namespace, "text-quiet", 16)
    name = Run(elide(service["name"], room - left.width, 16, Face.BOLD), "text", 16, bold=True)
    yield TextLine(centre, 26, (left, name), "middle")
    paint = "text-quiet" if service["accepted"] else "text-bad"
    line = elide(wording.header_line(service, diagram.service_line), room, 12)
    yield TextLine(centre, 46, (Run(line, paint, 12),), "middle")


def _client_lines(diagram: Diagram, client: Box) -> Iterator[TextLine]:
    """Yield the lines, the whole with the sign of a person above it about the middle of the bar."""
    entries = sum(lane.count for lane in diagram.lanes if lane.entry and lane.entry.target)
    how = wrap(wording.client_line(diagram.question["via"], entries), client.width - 8, 12)
    centre = client.x + client.width / 2
    y = client.middle + (4 if client.height >= ROOM_FOR_PERSON else 14 - 9 * (1 + len(how)))
    for i, text in enumerate(("External", "clients")):
        yield TextLine(centre, y + 18 * i, (Run(text, "text", 14, bold=True),), "middle")
    for i, text in enumerate(how):
        yield TextLine(centre, y + 36 + 18 * i, (Run(text, "text-quiet", 12, closer="at-50"),), "middle")
