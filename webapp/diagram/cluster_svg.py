"""The placed picture of a whole cluster -> SVG, in the grammar of a single service's picture.

A rail for each node: connections to its IP. A ring where a rail meets a bar: an entry point. In the bar runs only what
a service passes on, with stubs to its pods. Losses are printed where they happen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from webapp.diagram import wording
from webapp.diagram.cluster_cells import dots, entry, is_said, stubs
from webapp.diagram.cluster_differences import PictureMark, numbered
from webapp.diagram.cluster_headers import (
    folded_header,
    folded_line,
    medium_header,
    namespace_frame,
    narrow_header,
    wide_header,
)
from webapp.diagram.cluster_lanes import lane_label, lane_title, node_strokes
from webapp.diagram.cluster_layout import (
    ClusterLayout,
    PlacedBar,
    PlacedCell,
    PlacedFolded,
    PlacedMapLane,
    PlacedMapPod,
    PlacedMapZone,
)
from webapp.diagram.cluster_legend import map_legend
from webapp.diagram.cluster_map import MapLane
from webapp.diagram.lane_actions import lane_actions
from webapp.diagram.lanes import LaneKind
from webapp.diagram.layout import Box, Run, TextLine
from webapp.diagram.links import Links
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import painted
from webapp.diagram.picture_options import PLAIN, PictureOptions
from webapp.diagram.signs import definitions, sign
from webapp.diagram.state_signs import PodShape, lane_ground, pod_outline, pod_sign
from webapp.diagram.strokes import EDGE_DASHES, LOST_WIDTH, SANS, rectangle, stroke, text
from webapp.diagram.svg import hit
from webapp.diagram.svg_file import framed
from webapp.diagram.text import Face, elide, width, wrap
from webapp.failure.kinds import FailureKind
from webapp.numbers import counted, nothing, percent, whole_percent


def export_map(layout: ClusterLayout, options: PictureOptions = PLAIN) -> str:
    """Return a file of its own: title, situation, picture, legend."""
    its = layout.map
    return framed(
        "".join(_MapDrawing(layout, None, "").parts()),
        (layout.width, layout.height),
        (wording.cluster_headline(its), wording.situation(its.question)),
        wording.notes(its.question),
        map_legend(layout),
        options,
    )


def draw_map(layout: ClusterLayout, links: Links, selected: str = "", marks: Sequence[PictureMark] = ()) -> str:
    """Return the picture for a page; `selected` is the scenario word of what its panel is about."""
    wide, high = number(layout.width + 2), number(layout.height + 2)
    question = layout.map.question
    headline = wording.cluster_headline(layout.map)
    drawn = "".join(_MapDrawing(layout, links, selected).parts()) + "".join(_mark(*each) for each in numbered(marks))
    return element(
        "svg",
        definitions(drawn, *(item.sample for item in map_legend(layout))),
        drawn,
        class_="dg whole",
        id="diagram",
        width=wide,
        height=high,
        viewBox=f"-1 -1 {wide} {high}",
        role="group",
        aria_label=f"{headline}: {wording.situation(question)}",
        font_family=SANS,
    )


# Beside it is the chip of the next column.
_ROOM_FOR_LOST = 150


class _MapDrawing:
    """Draws one layout, back to front; what takes clicks lies under what only shows."""

    def __init__(self, layout: ClusterLayout, links: Links | None, selected: str) -> None:
        self.layout = layout
        self.links = links
        self.selected = selected

    def parts(self) -> Iterator[str]:
        layout = self.layout
        yield from map(self._zone, layout.zones)
        yield from map(namespace_frame, layout.namespaces)
        yield from map(self._bar, layout.bars)
        yield from map(self._folded, layout.folded)
        yield self._client()
        yield from (self._flows(lane) for lane in layout.lanes if lane.lane.members)
        yield element(
            "g",
            *(_trunks(bar, layout.sizes.trunk) for bar in layout.bars),
            class_="trunk",
            aria_hidden="true",
            pointer_events="none",
        )
        said = [is_said(layout.map, i) for i, _ in enumerate(layout.bars)]
        yield from (self._cells(lane, said) for lane in layout.lanes)

    def _on(self, url: str | None, id_: str, label: str, *children: str, shown: str = "") -> str:
        """Return a link with what it looks like; its label says what is `shown` over it, with names in full."""
        if not self.links or url is None:
            return element("g", *children, shown, id=id_)
        # Beside the link, as texts side by side run together in the name that a browser makes of its contents.
        over = element("g", shown, aria_hidden="true", pointer_events="none")
        return element("a", *children, id=id_, aria_label=label, **self.links.on(url)) + over

    def _unfolds(self, word: str) -> str | None:
        return self.links.unfold(word) if self.links and self.links.unfold and word else None

    # --- zones and lanes ------------------------------------------------------------------------------------------

    def _zone(self, placed: PlacedMapZone) -> str:
        zone, lanes = placed.zone, map(self._lane, placed.lanes)
        if not placed.box:
            return element("g", *lanes, id=zone.id)
        box, y = placed.box, placed.box.y + 19
        # Bars begin behind the titles of the lanes, and a zone's is drawn below them.
        room = self.layout.sizes.title - 16
        name = Run(elide(zone.name, room, 13, Face.BOLD), "text", 13, bold=True)
        left = room - width(name.text, 13, Face.BOLD)
        runs = [name]
        for run in (
            Run("Down" if zone.down else "", "text-bad", 12, bold=True),
            Run(wording.nodes(zone.nodes), "text-quiet", 12),
        ):
            left -= 8 + width(run.text, 12, Face.BOLD if run.bold else Face.REGULAR)
            if run.text and left >= 0:
                runs.append(replace(run, gap=8))
        drawn = text(TextLine(box.x + 16, y, tuple(runs)))
        if zone.down or (self.links and zone.takes):
            drawn += sign("down" if zone.down else "power", box.right - 30, box.y + 6)
        link = self.links.toggle(zone.takes) if self.links and zone.takes else None
        label = wording.spoken([zone.name, wording.nodes(zone.nodes), "down" if zone.down else ""], down=zone.down)
        area = hit(Box(box.x, box.y, box.width, 28))
        return element(
            "g",
            rectangle(box, 12, "zone"),
            self._on(link, f"a-{zone.id}", label, area, shown=drawn),
            *lanes,
            id=zone.id,
            role="group",
            aria_label=zone.name,
            data_takes=str(zone.takes) if link else None,
        )

    def _lane(self, placed: PlacedMapLane) -> str:
        lane, box = placed.lane, placed.box
        if not lane.members:
            ground = rectangle(box, 8, "dot-quiet", fill="none", stroke_dasharray="1 4")
            return element("g", ground, *lane_title(placed, self.layout.sizes, ""), id=lane.id)
        ground = lane_ground(box, lane.state, assumed=lane.assumed)
        if lane.kind is LaneKind.FOLDED:
            ground = lane_ground(Box(box.x + 6, box.y - 4, box.width - 12, 12), lane.state) + ground
        if lane.takes and str(lane.takes) == self.selected:
            ground += rectangle(box, 8, "selected", fill="none", stroke_width=2)
        link = self.links.toggle(lane.takes) if self.links and lane.takes else self._unfolds(lane.unfold)
        title = lane_title(placed, self.layout.sizes, "power" if self.links and lane.takes else "")
        whole = element("title", written(lane.title))
        # A page's script finds the lane of a node by this, wherever in it somebody clicks.
        takes = str(lane.takes) if lane.takes and self.links else None
        target = self._on(link, f"a-{lane.id}", lane_label(lane), whole, ground, hit(box), shown="".join(title))
        actions = lane_actions(self.links, lane.takes, lane.title, box.x + self.layout.sizes.title - 12, box.y + 67)
        parts = (target, self._nodes(placed), self._unfold(placed), actions)
        return element("g", *parts, id=lane.id, class_="node", data_takes=takes)

    def _nodes(self, placed: PlacedMapLane) -> str:
        """Return a stroke for each node of a folded lane; a click takes that node down."""
        if placed.lane.kind is not LaneKind.FOLDED:
            return ""
        return node_strokes(placed, self.layout.sizes, self.links)

    def _unfold(self, placed: PlacedMapLane) -> str:
        lane, url = placed.lane, self._unfolds(placed.lane.unfold)
        if url is None:
            return ""
        words = TextLine(placed.box.x + 12, placed.box.y + 105, (Run("Unfold", "text-accent", 12),))
        plate = hit(Box(placed.box.x + 6, placed.box.y + 90, 56, 22))
        return self._on(url, f"u-{lane.id}", f"Unfold {lane.title}", plate, shown=text(words, halo=lane.lost))

    # --- bars -----------------------------------------------------------------------------------------------------

    def _bar(self, placed: PlacedBar) -> str:
        bar = placed.bar
        link = (
            self.links.focus(f"{bar.namespace}/{bar.service}", str(bar.port))
            if self.links and self.links.focus
            else None
        )
        pieces = [rectangle(piece, 4, "bar") for piece in placed.pieces]
        if bar.local:
            # The header belongs to all pieces, and nothing runs from one to the next.
            path = f"M{number(placed.centre)} {number(placed.header.bottom)}V{number(placed.pieces[0].y)}"
            pieces.append(stroke(path, 1.5, "rail", "2 3"))
        whole = element("title", written(f"{bar.namespace}/{bar.service} {bar.ports}"))
        return self._on(
            link, bar.id, bar.label, whole, *pieces, hit(placed.header), shown="".join(self._header(placed))
        )

    def _header(self, placed: PlacedBar) -> Iterator[str]:
        sizes = self.layout.sizes
        if not sizes.wide:
            return narrow_header(placed)
        return wide_header(placed) if sizes.column > 200 else medium_header(placed)

    def _folded(self, placed: PlacedFolded) -> str:
        folded, url = placed.folded, self._unfolds(placed.folded.unfold)
        header, whole = folded_header(placed, opens=url is not None), element("title", written(folded.words))
        return folded_line(placed) + self._on(
            url, folded.id, f"{folded.words}. Unfold", whole, hit(placed.box), shown="".join(header)
        )

    # --- what arrives ---------------------------------------------------------------------------------------------

    def _client(self) -> str:
        box = self.layout.client
        via, nodes = self.layout.map.question["via"], sum(zone.zone.nodes for zone in self.layout.zones)
        said = f"DNS, {counted(nodes, 'node IP')}" if via == "dns" else wording.via(via)
        how = wrap(said, box.width - 8, 12)
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
        start, end = self.layout.client.right, placed.box.x
        middle = (start + end) / 2
        if not lane.arrives:
            # A load balancer that checks its targets sends nothing to a node that is down; others choose an address.
            words = ("not a", "target") if self.layout.map.question["via"] == "lb" else ("not", "used")
            line = stroke(f"M{number(start)} {number(y)}H{number(end)}", 2, "rail", "1 4")
            said = (
                TextLine(middle, y - 7 + 24 * i, (Run(word, "text-quiet", 12),), "middle")
                for i, word in enumerate(words)
            )
            return element("g", line, *map(text, said), aria_hidden="true", pointer_events="none")
        paint = "text-bad" if lane.lost else "text"
        share = lane.arrives.removeprefix("up to ")
        label = text(TextLine(middle, y - 7, (Run(share, paint, 12, bold=True),), "middle"))
        if share != lane.arrives:
            label += text(TextLine(middle, y - 21, (Run("up to", paint, 12),), "middle"))
        if not lane.lost:
            # Beyond its last ring a rail would say that connections go on.
            ends = [cell.centre for cell in placed.cells if cell.cell.tone]
            rail = stroke(f"M{number(start)} {number(y)}H{number(max(ends, default=end))}", 2, "rail")
            return element("g", rail, label, aria_hidden="true", pointer_events="none")
        dashed = stroke(f"M{number(start)} {number(y)}H{number(end - 8)}", LOST_WIDTH, "edge-lost", EDGE_DASHES["lost"])
        word = text(TextLine(middle, y + 17, (Run("lost", "text-bad", 12),), "middle"))
        ring = element("circle", cx=end, cy=y, r=8, **painted("ring")) + sign("bad", end - 8, y - 8)
        return element("g", dashed, label, word, ring, aria_hidden="true", pointer_events="none")

    def _cells(self, placed: PlacedMapLane, said: Sequence[bool]) -> str:
        links = [self._via(placed.lane, cell) for cell in placed.cells]
        cells = "".join(
            part for i, cell in enumerate(placed.cells) for part in self._cell(cell, links[i], said=said[i])
        )
        return element("g", cells, class_="cells", pointer_events="none")

    def _via(self, lane: MapLane, placed: PlacedCell) -> dict[str, str] | None:
        """Return the attributes of the link of an entry point, for clients that connect via its node's IP only."""
        if not self.links or not self.links.connect or not placed.cell.tone:
            return None
        if not lane.takes or lane.takes.kind is not FailureKind.NODE:
            return None
        # The access paths above do the same with the keyboard, without a stop for each service of each node.
        is_connected = self.links.connected == lane.takes.name
        label = f"{lane.title}: connect via {'DNS' if is_connected else 'this node IP'}"
        return {**self.links.on(self.links.connect(lane.takes.name)), "aria_label": label, "tabindex": "-1"}

    def _cell(self, placed: PlacedCell, link: dict[str, str] | None, *, said: bool) -> Iterator[str]:
        wide = self.layout.sizes.wide
        yield from entry(placed, wide=wide, said=said, link=link)
        yield from stubs(placed)
        if placed.dots:
            yield dots(placed.cell.pods, placed.dots)
        yield from map(self._pod, placed.pods)
        if not nothing(placed.cell.lost):
            lost = placed.cell.lost
            # A narrow column has no room for the word.
            words = f"−{whole_percent(lost)}"
            if wide:
                words = f"{percent(lost)} lost" if self.layout.sizes.column >= _ROOM_FOR_LOST else f"−{percent(lost)}"
            x = placed.centre + self.layout.sizes.bar / 2 + (self.layout.sizes.stub if wide else 4)
            yield text(TextLine(x, placed.rail + 4, (Run(words, "text-bad", 12, bold=True),)), halo=True)

    def _pod(self, placed: PlacedMapPod) -> str:
        pod, box = placed.pod, placed.box
        # Beside the sign; of a divided box in the other part.
        left = 28 if pod.shape is PodShape.NOT_READY else 23
        name = Run(short_name(pod.name, box.width - left - 3), "text-bad" if pod.dead else "text", 12, Face.MONO)
        parts = (
            element("title", written(f"{pod.name}. {pod.words}")),
            pod_outline(box, pod.shape, pod.tone, pod.badge, assumed=pod.assumed),
            sign(pod_sign(pod.shape, pod.tone), box.x + 5, box.y + 6, 14),
            text(TextLine(box.x + left, box.y + 17, (name,))),
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
    end = name.rpartition("-")[2]
    whole = (each for each in (name, f"…-{end}", end) if width(each, 12, Face.MONO) <= room)
    return next(whole, "") or elide(end, room, 12, Face.MONO)


# --- parts ------------------------------------------------------------------------------------------------------------


def _mark(mark: PictureMark, shows_number: bool) -> str:
    # At the very top there is nothing above.
    x, y = mark.box.right - 2, max(mark.box.y + 2, 9)
    parts = [rectangle(mark.box, 10, "selected", fill="none", stroke_width=2)]
    if shows_number:
        parts.append(element("circle", cx=x, cy=y, r=9, **painted("bar")))
        parts.append(text(TextLine(x, y + 4, (Run(str(mark.number), "text-accent", 12, bold=True),), "middle")))
    return element("g", *parts, aria_hidden="true", pointer_events="none")


def _trunks(placed: PlacedBar, thick: float) -> str:
    x = placed.centre
    return "".join(
        stroke(
            f"M{number(x)} {number(trunk.top)}V{number(trunk.bottom)}",
            LOST_WIDTH if trunk.lost else thick,
            "edge-lost" if trunk.lost else "edge-ok",
            EDGE_DASHES["lost"] if trunk.lost else None,
        )
        for trunk in placed.trunks
        if trunk.bottom > trunk.top
    )
