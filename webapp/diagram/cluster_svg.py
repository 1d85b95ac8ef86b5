"""The placed picture of a whole cluster -> SVG, in the grammar of a single service's picture.

A rail for each node: connections to its IP. A ring where a rail meets a bar: an entry point. In the bar runs only what
a service passes on, with stubs to its pods. Losses are printed where they happen.
"""

from collections.abc import Iterator

from webapp.diagram import wording
from webapp.diagram.cluster_cells import dots, entry, stubs
from webapp.diagram.cluster_headers import narrow_header, others_header, wide_header
from webapp.diagram.cluster_layout import (
    TITLE,
    ClusterLayout,
    PlacedBar,
    PlacedCell,
    PlacedMapLane,
    PlacedMapPod,
    PlacedMapZone,
)
from webapp.diagram.cluster_legend import map_legend
from webapp.diagram.layout import Box, Run, TextLine
from webapp.diagram.links import Links
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import painted
from webapp.diagram.signs import definitions, sign
from webapp.diagram.strokes import ASSUMED, EDGE_DASHES, LOST_WIDTH, SANS, rectangle, stroke, text
from webapp.diagram.svg import hit
from webapp.diagram.svg_file import framed
from webapp.diagram.text import Face, elide, width, wrap
from webapp.numbers import nothing, percent, whole_percent
from webapp.topology.attributes import NodeState


def export_map(layout: ClusterLayout) -> str:
    """Return a file of its own: title, situation, picture, legend."""
    its = layout.map
    return framed(
        "".join(_MapDrawing(layout, None, "").parts()),
        (layout.width, layout.height),
        (wording.cluster_headline(its), wording.situation(its.question)),
        wording.notes(its.question),
        map_legend(layout),
    )


def draw_map(layout: ClusterLayout, links: Links, selected: str = "") -> str:
    """Return the picture for a page; `selected` is the scenario word of what its panel is about."""
    wide, high = number(layout.width + 2), number(layout.height + 2)
    question = layout.map.question
    headline = wording.cluster_headline(layout.map)
    return element(
        "svg",
        definitions(),
        *_MapDrawing(layout, links, selected).parts(),
        class_="dg whole",
        id="diagram",
        width=wide,
        height=high,
        viewBox=f"-1 -1 {wide} {high}",
        role="group",
        aria_label=f"{headline}: {wording.situation(question)}",
        font_family=SANS,
    )


class _MapDrawing:
    """Draws one layout, back to front; what takes clicks lies under what only shows."""

    def __init__(self, layout: ClusterLayout, links: Links | None, selected: str) -> None:
        self.layout = layout
        self.links = links
        self.selected = selected

    def parts(self) -> Iterator[str]:
        yield from map(self._zone, self.layout.zones)
        yield from map(self._bar, self.layout.bars)
        yield from map(others_header, self.layout.others)
        yield self._client()
        yield from (self._flows(lane) for lane in self.layout.lanes)
        yield element("g", *map(_trunks, self.layout.bars), class_="trunk", aria_hidden="true", pointer_events="none")
        yield from (self._cells(lane) for lane in self.layout.lanes)

    def _on(self, url: str | None, id_: str, label: str, *children: str) -> str:
        if not self.links or url is None:
            return element("g", *children, id=id_)
        return element("a", *children, id=id_, aria_label=label, **self.links.on(url))

    # --- zones and lanes ------------------------------------------------------------------------------------------

    def _zone(self, placed: PlacedMapZone) -> str:
        zone, lanes = placed.zone, map(self._lane, placed.lanes)
        if not placed.box:
            return element("g", *lanes, id=zone.id)
        title = TextLine(
            placed.box.x + 16,
            placed.box.y + 19,
            (Run(zone.name, "text", 13, bold=True), Run(wording.nodes(zone.nodes), "text-quiet", 12, gap=8)),
        )
        link = self.links.toggle(zone.takes) if self.links and zone.takes else None
        label = wording.spoken([zone.name, wording.nodes(zone.nodes), "down" if zone.down else ""], down=zone.down)
        ground = rectangle(placed.box, 12, "zone")
        return element(
            "g",
            self._on(link, f"a-{zone.id}", label, ground, text(title)),
            *lanes,
            id=zone.id,
            role="group",
            aria_label=zone.name,
        )

    def _lane(self, placed: PlacedMapLane) -> str:
        lane = placed.lane
        down = lane.state is NodeState.DOWN
        dashes = ASSUMED if lane.assumed else None
        paint = "lane-down" if down else "lane-assumed" if lane.assumed else "lane"
        grounds = [
            rectangle(placed.box, 8, paint, stroke_dasharray=dashes, fill="url(#hatch)")
            if down
            else rectangle(placed.box, 8, paint, stroke_dasharray=dashes)
        ]
        if lane.nodes > 1:
            behind = Box(placed.box.x + 6, placed.box.y - 4, placed.box.width - 12, 12)
            grounds.insert(0, rectangle(behind, 8, paint, fill="url(#hatch)") if down else rectangle(behind, 8, paint))
        if lane.takes and str(lane.takes) == self.selected:
            grounds.append(rectangle(placed.box, 8, "selected", fill="none", stroke_width=2))
        link = None
        if self.links:
            link = (
                self.links.toggle(lane.takes)
                if lane.takes
                else self.links.unfold(lane.unfold)
                if self.links.unfold
                else None
            )
        words = [
            lane.title,
            lane.quiet,
            lane.word.lower(),
            f"{lane.arrives} of new connections" if lane.arrives else "",
        ]
        label = wording.spoken(words, down=down) if lane.takes else f"{', '.join(filter(None, words))}. Unfold"
        takes = str(lane.takes) if lane.takes and self.links else None
        target = self._on(link, f"a-{lane.id}", label, *grounds, *_title(placed, halo=down), hit(placed.box))
        return element("g", target, self._unfold(placed), id=lane.id, class_="node", data_takes=takes)

    def _unfold(self, placed: PlacedMapLane) -> str:
        lane = placed.lane
        if not lane.unfold or not lane.takes or not self.links or not self.links.unfold:
            return ""
        # Just above the rail, which would strike it through.
        words = TextLine(placed.box.x + TITLE - 16, placed.rail - 4, (Run("Unfold", "text-accent", 12),), "end")
        return self._on(self.links.unfold(lane.unfold), f"u-{lane.id}", f"Unfold {lane.title}", text(words))

    # --- bars -----------------------------------------------------------------------------------------------------

    def _bar(self, placed: PlacedBar) -> str:
        bar = placed.bar
        link = (
            self.links.focus(f"{bar.namespace}/{bar.service}", str(bar.port))
            if self.links and self.links.focus
            else None
        )
        draw = wide_header if self.layout.wide else narrow_header
        whole = element("title", written(f"{bar.namespace}/{bar.service} {bar.ports}"))
        return self._on(
            link, bar.id, bar.label, whole, *(rectangle(piece, 4, "bar") for piece in placed.pieces), *draw(placed)
        )

    # --- what arrives ---------------------------------------------------------------------------------------------

    def _client(self) -> str:
        box = self.layout.client
        how = wrap(wording.via(self.layout.map.question["via"]), box.width - 12, 12)
        x, y = box.x + box.width / 2, box.middle + 6
        lines = [
            TextLine(x, y + 17 * i, (Run(words, "text", 13, bold=True),), "middle")
            for i, words in enumerate(("External", "clients"))
        ]
        lines += [
            TextLine(x, y + 36 + 16 * i, (Run(words, "text-quiet", 12),), "middle") for i, words in enumerate(how)
        ]
        return element(
            "g",
            rectangle(box, 12, "box"),
            sign("person", x - 12, box.middle - 40, 24),
            *map(text, lines),
            id="client",
            class_="client",
        )

    def _flows(self, placed: PlacedMapLane) -> str:
        lane, y = placed.lane, placed.rail
        start = self.layout.client.right
        if not lane.arrives:
            parts = (text(TextLine((start + placed.box.x) / 2, y + 4, (Run("not used", "text-quiet", 12),), "middle")),)
            return element("g", *parts, pointer_events="none")
        middle = (start + placed.box.x - 8) / 2
        paint = "text-bad" if lane.lost else "text"
        label = text(TextLine(middle, y - 7, (Run(lane.arrives, paint, 12, bold=True),), "middle"))
        if lane.lost:
            dashed = stroke(
                f"M{number(start)} {number(y)}H{number(placed.box.x - 8)}", LOST_WIDTH, "edge-lost", EDGE_DASHES["lost"]
            )
            word = text(TextLine(middle, y + 17, (Run("lost", "text-bad", 12),), "middle"))
            ring = element("circle", cx=placed.box.x, cy=y, r=8, **painted("ring"))
            return element(
                "g",
                dashed,
                label,
                word,
                ring,
                sign("bad", placed.box.x - 8, y - 8),
                aria_hidden="true",
                pointer_events="none",
            )
        # Beyond its last ring a rail would say that connections go on.
        ends = [cell.centre for cell in placed.cells if cell.cell.tone]
        rail = stroke(f"M{number(start)} {number(y)}H{number(max(ends, default=placed.box.x))}", 2, "rail")
        return element("g", rail, label, aria_hidden="true", pointer_events="none")

    def _cells(self, placed: PlacedMapLane) -> str:
        cells = "".join(part for cell in placed.cells for part in self._cell(cell))
        return element("g", cells, class_="cells", pointer_events="none")

    def _cell(self, placed: PlacedCell) -> Iterator[str]:
        yield from entry(placed, wide=self.layout.wide)
        yield from stubs(placed)
        if placed.dots:
            yield dots(placed.cell.pods, placed.dots)
        yield from map(self._pod, placed.pods)
        if not nothing(placed.cell.lost):
            lost = placed.cell.lost
            # A narrow column has no room for the word.
            words = f"{percent(lost)} lost" if self.layout.wide else f"−{whole_percent(lost)}"
            x = placed.centre + (40 if self.layout.wide else 14)
            yield text(TextLine(x, placed.rail - 7, (Run(words, "text-bad", 12, bold=True),)), halo=True)

    def _pod(self, placed: PlacedMapPod) -> str:
        pod, box = placed.pod, placed.box
        dash = "4 3" if pod.dead else None
        name = Run(short_name(pod.name, box.width - 34), "text-bad" if pod.dead else "text", 12, Face.MONO)
        parts = (
            element("title", written(f"{pod.name}. {pod.words}")),
            rectangle(box, 6, f"box-{pod.tone}", stroke_dasharray=dash),
            sign(pod.tone, box.x + 7, box.y + 6, 14),
            text(TextLine(box.x + 26, box.y + 17, (name,))),
        )
        if not self.links or not pod.takes:
            return element("g", *parts)
        label = wording.spoken([pod.name, pod.words], down=pod.down)
        return element(
            "a",
            *parts,
            aria_label=label,
            class_="pod",
            # All around it lets clicks through to the lane.
            pointer_events="auto",
            **self.links.on(self.links.toggle(pod.takes)),
        )


def short_name(name: str, room: float) -> str:
    """Return a pod's name, or its telling end: what comes after the workload's name and the ReplicaSet's hash."""
    if width(name, 12, Face.MONO) <= room:
        return name
    return elide(f"…-{name.rpartition('-')[2]}", room, 12, Face.MONO)


# --- parts ------------------------------------------------------------------------------------------------------------


def _title(placed: PlacedMapLane, *, halo: bool) -> Iterator[str]:
    lane, x, y = placed.lane, placed.box.x + 12, placed.box.y
    mark = "down" if halo else "assumed" if lane.assumed else ""
    if mark:
        yield sign(mark, x, y + 9, 14)
    room = TITLE - 28 - (20 if mark else 0) - (width(lane.word, 12, Face.BOLD) + 8 if lane.word else 0)
    yield element("title", written(lane.title))
    yield text(
        TextLine(
            x + (20 if mark else 0), y + 21, (Run(elide(lane.short, room, 14, Face.BOLD), "text", 14, bold=True),)
        ),
        halo=halo,
    )
    if lane.word:
        paint = "text-bad" if halo else "text-quiet"
        yield text(
            TextLine(placed.box.x + TITLE - 16, y + 21, (Run(lane.word, paint, 12, bold=True),), "end"), halo=halo
        )
    address = Run(elide(lane.address, TITLE - 84, 12, Face.MONO), "text-quiet", 12, Face.MONO)
    quiet = Run(
        elide(lane.quiet, TITLE - 28 - (width(address.text, 12, Face.MONO) + 8 if lane.address else 0), 12),
        "text-quiet",
        12,
        gap=8 if lane.address else 0,
    )
    yield text(TextLine(x, y + 63, (address, quiet) if lane.address else (quiet,)), halo=halo)
    if lane.nodes > 1:
        yield _node_strokes(lane.nodes, x, y + 71)


def _node_strokes(nodes: int, x: float, y: float) -> str:
    """Return a stroke for each node, as many as fit: how large a lane is, at a glance."""
    shown = min(nodes, (TITLE - 28) // 8)
    return element(
        "path",
        d="".join(f"M{number(x + 8 * i)} {number(y)}h6v14h-6z" for i in range(int(shown))),
        **painted("dot-quiet"),
    )


def _trunks(placed: PlacedBar) -> str:
    x = placed.centre
    return "".join(
        stroke(
            f"M{number(x)} {number(trunk.top)}V{number(trunk.bottom)}",
            LOST_WIDTH if trunk.lost else 5,
            "edge-lost" if trunk.lost else "edge-ok",
            EDGE_DASHES["lost"] if trunk.lost else None,
        )
        for trunk in placed.trunks
        if trunk.bottom > trunk.top
    )
