"""What stands in each lane -> where it stands."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from webapp.diagram import wording
from webapp.diagram.columns import (
    BAND_X,
    BAR_WIDTH,
    BOX_PADDING,
    CLIENT_WIDTH,
    LANE_PADDING,
    SIGN,
    Columns,
    columns,
    entry_name,
    pod_detail,
    pod_name,
    text_paint,
    title_runs,
)
from webapp.diagram.columns import lane_sign as sign_of
from webapp.diagram.lanes import Diagram, EntryBox, Lane, LaneKind, PodBox, Zone
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

# A grid of 8 pixels, as on the page, so that boxes of pages and pictures line up.
_HEADER_HEIGHT = 80
_CAPTION_Y = 96
_TOP = 104
_ZONE_TITLE = 32
_BETWEEN = 8
_LANE_TITLE = 40
BOX_HEIGHT = 48
ROOM_FOR_PERSON = 140
"""A bar of clients lower than this has no room for their sign."""
_CAPTION = Run("", "text-quiet", 12, bold=True)


def edge_width(share: float) -> float:
    """Return how thick an edge is: 20 px for everything, from 2 to 12.

    >>> edge_width(0.5), edge_width(0.01)
    (10.0, 2.0)
    """
    # In proportion, so that widths add up as shares do; an edge thicker than 12 px would run into the figure above it.
    return min(max(20 * share, 2.0), 12.0)


def arrange(diagram: Diagram) -> Layout:
    """Return the placed picture."""
    at = columns(diagram)
    zones = tuple(_zones(diagram, at))
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
        captions=tuple(_captions(diagram, at)),
    )


# --- zones and lanes --------------------------------------------------------------------------------------------------


def _zones(diagram: Diagram, at: Columns) -> Iterator[PlacedZone]:
    y: float = _TOP
    for zone in diagram.zones:
        placed = _zone(zone, at, y)
        yield placed
        y = (placed.box.bottom if placed.box else placed.lanes[-1].box.bottom) + _BETWEEN


def _zone(zone: Zone, at: Columns, top: float) -> PlacedZone:
    lanes: list[PlacedLane] = []
    y = top + (_ZONE_TITLE if zone.name else 0)
    for lane in zone.lanes:
        lanes.append(_lane(lane, at, y))
        y = lanes[-1].box.bottom + _BETWEEN
    if not zone.name:
        return PlacedZone(zone, None, None, tuple(lanes))
    quiet = (Run(zone.quiet, "text-quiet", 12, gap=8),) if zone.quiet else ()
    name = elide(zone.name, at.title_room - sum(width(run.text, 12) + 8 for run in quiet), 14, Face.BOLD)
    title = TextLine(BAND_X + LANE_PADDING, top + 21, (Run(name, "text", 14, bold=True), *quiet))
    return PlacedZone(zone, Box(BAND_X, top, at.right - BAND_X, y - top), title, tuple(lanes))


def _lane(lane: Lane, at: Columns, top: float) -> PlacedLane:
    rows = max(len(lane.pods), 1)
    content = rows * BOX_HEIGHT + (rows - 1) * _BETWEEN
    box = Box(at.lane, top, at.lane_right - at.lane, _LANE_TITLE + content + LANE_PADDING)
    middle = top + _LANE_TITLE + content / 2
    first = top + _LANE_TITLE
    return PlacedLane(
        content=lane,
        box=box,
        # Only up to the bar: behind it are the pods, which are links themselves.
        hit=Box(box.x, box.y, at.bar - box.x, box.height),
        title=_title(lane, at, top),
        unfold=Box(at.lane_right - 96, top + 8, 88, 26) if lane.unfold else None,
        entry=_entry(lane.entry, at, middle) if lane.entry else None,
        pods=tuple(_pod(pod, at, first + i * (BOX_HEIGHT + _BETWEEN)) for i, pod in enumerate(lane.pods)),
        notes=tuple(
            TextLine(at.pods, middle - 4 + 18 * i, (Run(text, "text-quiet", 12),)) for i, text in enumerate(lane.note)
        )
        if not lane.pods
        else (),
    )


def _title(lane: Lane, at: Columns, top: float) -> Title:
    runs = title_runs(lane, at.title_room)
    x = at.lane + LANE_PADDING
    sign = sign_of(lane)
    line = TextLine(x, top + 26, runs)
    # Text straight on the hatch of a lane that is down could hardly be read.
    plate = Box(x - 8, top + 8, line.width + 16, 26) if lane.word == "Down" else None
    return Title(line, plate, sign, (x - 2, top + 13))


# --- entry points -----------------------------------------------------------------------------------------------------


def _entry(entry: EntryBox, at: Columns, middle: float) -> PlacedEntry:
    box = Box(at.entry, middle - BOX_HEIGHT / 2, at.entry_width, BOX_HEIGHT)
    room = box.width - 2 * BOX_PADDING
    words = Run(elide(entry.words, room - SIGN - 4, 12), text_paint(entry.tone), 12)
    # An entry point that nobody comes to still hands on what comes; drawn, it would look like traffic.
    passes = entry.passes and entry.share > 0
    # Not quite the middle: the arrow head takes some of the right half.
    label_x = (at.lane + at.entry) / 2 - 4
    return PlacedEntry(
        content=entry,
        box=box,
        lines=(
            TextLine(box.x + BOX_PADDING, box.y + 20, (entry_name(entry, room),)),
            TextLine(box.x + BOX_PADDING + SIGN + 4, box.y + 39, (words,)),
        ),
        arriving=_arriving(entry, box, label_x) if entry.share > 0 else None,
        onward=Edge(box.right, at.bar, middle, edge_width(entry.share), "ok", None) if passes else None,
        aside=None
        if entry.share > 0 or entry.target
        else TextLine(label_x, middle + 4, (Run("not used", "text-quiet", 12),), "middle"),
    )


def _arriving(entry: EntryBox, box: Box, label_x: float) -> Edge:
    kind = {"timeout": "lost", "refused": "refused"}.get(entry.result, "ok")
    paint = "text" if kind == "ok" else "text-bad"
    word = {"lost": "lost", "refused": "refused"}.get(kind)
    label = TextLine(label_x, box.middle - 12, (Run(percent(entry.share), paint, 14, bold=True),), "middle")
    note = TextLine(label_x, box.middle + 23, (Run(word, paint, 12),), "middle") if word else None
    return Edge(CLIENT_WIDTH, box.x, box.middle, edge_width(entry.share), kind, label, note)


# --- pods -------------------------------------------------------------------------------------------------------------


def _pod(pod: PodBox, at: Columns, top: float) -> PlacedPod:
    box = Box(at.pods, top, at.pod_width, BOX_HEIGHT)
    words = Run(pod.words, text_paint(pod.tone), 14)
    # The state keeps its room; name and address are shortened for it, since they are whole in the tooltip.
    words_right = box.right - BOX_PADDING - SIGN - 8
    room = words_right - width(words.text, 14) - 8 - box.x - BOX_PADDING
    indent = SIGN if pod.moved else 0
    return PlacedPod(
        content=pod,
        box=box,
        lines=(
            TextLine(box.x + BOX_PADDING, box.y + 20, (pod_name(pod, room),)),
            TextLine(box.x + BOX_PADDING + indent, box.y + 39, (pod_detail(pod, room - indent),)),
            TextLine(words_right, box.y + 29, (words,), "end"),
        ),
        edge=_to_pod(pod, box, at) if pod.picked and pod.share > 0 else None,
    )


def _to_pod(pod: PodBox, box: Box, at: Columns) -> Edge:
    label_x = (at.bar + BAR_WIDTH + box.x) / 2 - 6
    run = Run(percent(pod.share), "text-bad" if pod.lost else "text", 14, bold=True)
    label = TextLine(label_x, box.middle - 10, (run,), "middle")
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
    refused = not service["accepted"]
    name = Run(elide(service["label"], room, 16, Face.BOLD), "text", 16, bold=True)
    yield TextLine(centre, 26, (name,), "middle")
    yield TextLine(centre, 46, (Run(elide(wording.port_line(service), room, 12), "text-quiet", 12),), "middle")
    paint = "text-bad" if refused else "text-quiet"
    yield TextLine(centre, 66, (Run(elide(diagram.service_line, room, 12), paint, 12),), "middle")


def _captions(diagram: Diagram, at: Columns) -> Iterator[TextLine]:
    entries = sum(lane.count for lane in diagram.lanes if lane.entry)
    words = wording.entries_caption(diagram.service, entries, folded=diagram.folded)
    for x, text, anchor in (
        (0.0, "External clients", "start"),
        (at.entry, elide(words, at.bar - at.entry, 12, Face.BOLD), "start"),
        (at.pods + at.pod_width, wording.pods_caption(diagram.service), "end"),
    ):
        yield TextLine(x, _CAPTION_Y, (Run(text, _CAPTION.paint, _CAPTION.size, bold=True),), anchor)


def _client_lines(diagram: Diagram, client: Box) -> Iterator[TextLine]:
    """Yield the lines, the whole with the sign of a person above it about the middle of the bar."""
    how = wrap(wording.via(diagram.question["via"]), client.width - 12, 12)
    centre = client.x + client.width / 2
    y = client.middle + (4 if client.height >= ROOM_FOR_PERSON else 14 - 9 * (1 + len(how)))
    for i, text in enumerate(("External", "clients")):
        yield TextLine(centre, y + 18 * i, (Run(text, "text", 14, bold=True),), "middle")
    for i, text in enumerate(how):
        yield TextLine(centre, y + 36 + 18 * i, (Run(text, "text-quiet", 12),), "middle")
