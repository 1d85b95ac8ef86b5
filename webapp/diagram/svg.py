"""Layout -> SVG, by one drawing code for the page and for exported files.

Every element has a class and, as presentation attributes, the literal light colours: it looks right without any style
sheet, and a page's style sheet can still repaint it by class. On the page the boxes are links, with ids that stay the
same from state to state so that a morph moves what moved. An exported file carries its title, what is down, its key
and one rule for dark readers; it has no link, no script, no font and no address in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from webapp.diagram import legend, wording
from webapp.diagram.add_lane import add_lane
from webapp.diagram.arrange import ROOM_FOR_PERSON
from webapp.diagram.lane_actions import lane_actions
from webapp.diagram.lanes import EntryBox, Lane, PodBox, Tone, Zone
from webapp.diagram.layout import Bar, Box, Layout, PlacedEntry, PlacedLane, PlacedPod, PlacedZone, Run, TextLine
from webapp.diagram.links import Links
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import painted
from webapp.diagram.picture_options import PLAIN, PictureOptions
from webapp.diagram.signs import definitions, sign
from webapp.diagram.state_signs import lane_ground, pod_outline, pod_sign
from webapp.diagram.strokes import EDGE_DASHES, LOST_WIDTH, SANS, changed, edge, rectangle, text, toned
from webapp.diagram.svg_file import svg_file
from webapp.topology.attributes import NodeState


def export(layout: Layout, options: PictureOptions = PLAIN) -> str:
    """Return a file of its own: title, situation, picture, key."""
    return svg_file(layout, "".join(_SvgDrawing(layout, None, "").parts()), options)


def draw(layout: Layout, links: Links | None, selected: str = "", label: str = "") -> str:
    """Return the picture for a page; without links it is an image, which `label` says in words.

    `selected` is the scenario word of what the page's panel is about.
    """
    added, height = add_lane(layout, links) if links else ("", layout.height)
    parts = "".join(_SvgDrawing(layout, links, selected).parts()) + added
    # One pixel around: outlines are drawn half outside of their boxes.
    wide, high = number(layout.width + 2), number(height + 2)
    return element(
        "svg",
        definitions(parts, *(item.sample for item in legend.items(layout))),
        parts,
        class_="dg",
        id="diagram",
        width=wide,
        height=high,
        viewBox=f"-1 -1 {wide} {high}",
        role="group" if links else "img",
        aria_label=label
        or f"{wording.headline(layout.diagram.question)}: {wording.situation(layout.diagram.question)}",
        font_family=SANS,
    )


class _SvgDrawing:
    """Draws one layout, back to front; inside a lane in the order in which one reads."""

    def __init__(self, layout: Layout, links: Links | None, selected: str) -> None:
        self.layout = layout
        self.links = links
        self.selected = selected

    def parts(self) -> Iterator[str]:
        yield element("g", "".join(self._ground()), class_="ground")
        yield self._client()
        yield self._header()
        yield from (self._zone(zone) for zone in self.layout.zones)
        yield element("g", "".join(map(_trunk, self.layout.bars)), class_="trunk", aria_hidden="true")

    # --- what lies under everything -------------------------------------------------------------------------------

    def _ground(self) -> Iterator[str]:
        yield from (rectangle(zone.box, 12, "zone") for zone in self.layout.zones if zone.box)
        yield from map(self._lane_ground, self.layout.lanes)
        yield from (rectangle(bar.box, 8, "bar") for bar in self.layout.bars)

    def _lane_ground(self, lane: PlacedLane) -> str:
        content = lane.content
        ground = lane_ground(lane.box, content.state, assumed=content.assumed)
        if content.takes and str(content.takes) == self.selected:
            ground += rectangle(lane.box, 8, "selected", fill="none", stroke_width=2)
        return ground

    # --- clients and service --------------------------------------------------------------------------------------

    def _client(self) -> str:
        box = self.layout.client
        lines = "".join(map(text, self.layout.client_lines))
        tall = box.height >= ROOM_FOR_PERSON
        person = sign("person", box.x + box.width / 2 - 12, box.middle - 46, 24) if tall else ""
        drawn = rectangle(box, 12, "box") + person + lines
        if not self.links:
            return drawn
        return element("g", drawn, class_="client", id="client", **_stop("External clients"))

    def _header(self) -> str:
        refused = not self.layout.diagram.service["accepted"]
        paint = {"stroke_dasharray": "2 3"} if refused else {}
        box = rectangle(self.layout.header, 12, "box-refused" if refused else "bar", **paint)
        # The bar begins under it.
        ground = rectangle(self.layout.header, 12, "plate")
        whole = _hover(self.layout.diagram.service["refusal"] or self.layout.diagram.service["label"])
        # Texts side by side run together in what a browser makes of them.
        drawn = (whole, ground, box, " ".join(map(text, self.layout.header_lines)))
        if not self.links or not self.links.service:
            return element("g", *drawn, class_="service", id="service")
        label = f"{seen(*self.layout.header_lines)}. {wording.service_label(self.layout.diagram)}. Select it"
        return _link({**self.links.on(self.links.service), "class_": "service"}, "service", label, *drawn)

    # --- zones and lanes ------------------------------------------------------------------------------------------

    def _zone(self, zone: PlacedZone) -> str:
        title = self._zone_title(zone.content, zone.title, zone.box) if zone.title and zone.box else ""
        lanes = "".join(map(self._lane, zone.lanes))
        label = zone.content.name or None
        takes = str(zone.content.takes) if zone.content.takes and self.links else None
        role = "group" if label else None
        return element("g", title, lanes, id=zone.content.id, role=role, aria_label=label, data_takes=takes)

    def _zone_title(self, zone: Zone, title: TextLine, box: Box) -> str:
        drawn = text(title)
        down = TextLine(box.right - 40, title.y, (Run("Down", "text-bad", 12, bold=True),), "end")
        drawn += f" {text(down)}" if zone.down else ""
        if zone.down or (self.links and zone.takes):
            drawn += sign("down" if zone.down else "power", box.right - 34, box.y + 8, 14)
        if not self.links or not zone.takes:
            return drawn
        label = wording.zone_label(zone, seen(title, *((down,) if zone.down else ())))
        url = self.links.on(self.links.toggle(zone.takes))
        return _link(url, f"a-{zone.id}", label, hit(replace(box, height=28)), drawn)

    def _lane(self, lane: PlacedLane) -> str:
        content = lane.content
        down = content.state is NodeState.DOWN
        pods = "".join(self._pod(pod, content) for pod in lane.pods)
        entry = self._entry(lane.entry, content) if lane.entry else ""
        # Hidden from screen readers: the links of boxes say the same shares in words. Clicks go through to the lane.
        shares = element("g", *_shares(lane, halo=down), class_="edge-shares at-90", aria_hidden="true")
        notes = "".join(text(line, halo=down) for line in lane.notes)
        # A page's script finds the lane of a node by this, wherever in it somebody clicks.
        takes = str(content.takes) if content.takes and self.links else None
        actions = lane_actions(self.links, content.takes, content.title, lane.box.right - 12, lane.box.y + 5)
        # The edge of what arrives begins outside of the lane, and would make its link reach to the clients.
        parts = (self._node(lane), self._entry_edges(lane), self._unfold(lane), entry, pods, shares, notes, actions)
        return element("g", *parts, id=content.id, class_="node", data_takes=takes)

    def _node(self, lane: PlacedLane) -> str:
        content = lane.content
        # A page's script keeps it in view while the lane is panned away.
        title = element("g", _title(lane), class_="title") if self.links else _title(lane)
        drawn = "".join((title, *map(self._pod_edges, lane.pods)))
        if not self.links or not content.takes:
            return drawn
        label = wording.node_label(content, seen(lane.title.line))
        url = self.links.on(self.links.toggle(content.takes))
        return _link(url, f"a-{content.id}", label, hit(lane.box), drawn)

    def _entry_edges(self, lane: PlacedLane) -> str:
        of = lane.entry.content.id if lane.entry and self.links else None
        drawn = "".join(_entry_edges(lane))
        return element("g", drawn, class_="edges", data_of=of, aria_hidden="true") if drawn else ""

    def _pod_edges(self, pod: PlacedPod) -> str:
        of = pod.content.id if self.links else None
        return element("g", edge(pod.edge), class_="edges", data_of=of, aria_hidden="true") if pod.edge else ""

    def _unfold(self, lane: PlacedLane) -> str:
        if not lane.unfold or not self.links or not self.links.unfold:
            return ""
        box = lane.unfold
        words = TextLine(box.right - 32, box.y + 17, (Run("Unfold", "text-accent", 14),), "end")
        drawn = rectangle(box, 6, "plate") + text(words) + sign("unfold", box.right - 24, box.y + 4)
        label = f"Unfold {lane.content.title} {lane.content.quiet}"
        # As with a single node the whole lane is the target.
        area = hit(lane.box)
        return _link(self.links.on(self.links.unfold(lane.content.unfold)), f"u-{lane.content.id}", label, area, drawn)

    def _entry(self, entry: PlacedEntry, lane: Lane) -> str:
        content, box = entry.content, entry.box
        name = f"{content.name}{content.port}"
        whole = _hover(f"{name}. {content.reason}" if content.reason else name)
        mark = sign(content.tone, *entry.sign_at, 14)
        ground = toned(box, content, self._tone(content), several=lane.count > 1)
        drawn = whole + ground + mark + " ".join(map(text, entry.lines))
        path = {"class_": "entry", **self._path(content)}
        if not self.links or not self.links.connect or not content.port:
            return element("g", drawn, id=content.id, **path)
        label = wording.entry_label(content, seen(*entry.lines), chosen=self.links.connected == content.name)
        return _link({**self.links.on(self.links.connect(content.name)), **path}, content.id, label, drawn)

    def _tone(self, content: EntryBox | PodBox) -> Tone:
        """Return how a box is painted: where all is well a tick says so, and no colour."""
        return Tone.QUIET if self.layout.diagram.calm and content.tone is Tone.OK else content.tone

    def _path(self, content: EntryBox | PodBox) -> dict[str, str]:
        """Return what tells a page's script which entry points and pods lie on one path."""
        if not self.links:
            return {}
        came_from = content.came_from if isinstance(content, PodBox) else ""
        return {name: value for name, value in (("data_pool", content.pool), ("data_from", came_from)) if value}

    # --- pods -----------------------------------------------------------------------------------------------------

    def _pod(self, pod: PlacedPod, lane: Lane) -> str:
        drawn = _pod(pod, self._tone(pod.content))
        url = self._pod_url(pod.content)
        box = {"class_": "pod", **self._path(pod.content)}
        if not self.links or url is None:
            return element("g", drawn, id=pod.content.id, **box)
        label = wording.pod_label(pod.content, lane, seen(*pod.lines))
        return _link({**self.links.on(url), **box}, pod.content.id, label, drawn)

    def _pod_url(self, pod: PodBox) -> str | None:
        if not self.links:
            return None
        if pod.takes:
            return self.links.toggle(pod.takes)
        return self.links.unfold(pod.unfold) if pod.unfold and self.links.unfold else None


# --- parts ------------------------------------------------------------------------------------------------------------


def _link(attributes: Mapping[str, str], id_: str, label: str, *children: str) -> str:
    return element("a", *children, id=id_, aria_label=label, **attributes)


def hit(box: Box) -> str:
    """Return an area that shows nothing and takes clicks."""
    values = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    return element("rect", fill="none", pointer_events="all", rx=8, class_="hit", **values)


def seen(*lines: TextLine) -> str:
    """Return what is read in these lines: a link's name begins with it, for those who speak to their computer."""
    return " ".join(line.said for line in lines)


def _hover(words: str) -> str:
    return element("title", written(words)) if words else ""


def _title(lane: PlacedLane) -> str:
    title, content = lane.title, lane.content
    plate = rectangle(title.plate, 6, "plate") if title.plate else ""
    mark = sign(title.sign, *title.sign_at) if title.sign else ""
    return plate + mark + _hover(content.title) + text(title.line)


def _stop(label: str) -> dict[str, str]:
    """Return what makes a box that is no link a stop of the arrow keys, which follow the traffic."""
    return {"tabindex": "-1", "role": "group", "aria_label": label}


def _entry_edges(lane: PlacedLane) -> Iterator[str]:
    if lane.entry is None:
        return
    if lane.entry.arriving:
        yield edge(lane.entry.arriving)
    if lane.entry.onward:
        # 52 is half the bar: up to its middle, where the rings are.
        yield edge(lane.entry.onward, lane.entry.onward.x2 + 52)
    if lane.entry.dropped:
        yield edge(lane.entry.dropped)


def _shares(lane: PlacedLane, *, halo: bool) -> Iterator[str]:
    """Yield the figures above the edges of a lane, and what becomes of what is lost below them."""
    edges = [lane.entry.arriving] if lane.entry else []
    edges += [pod.edge for pod in lane.pods]
    lines = [line for its in edges if its for line in (its.label, its.note)]
    lines += [lane.entry.aside] if lane.entry else []
    yield from (text(line, halo=halo) for line in lines if line)


def _pod(pod: PlacedPod, tone: Tone) -> str:
    content, box = pod.content, pod.box
    behind = Box(box.x + 6, box.y - 4, box.width - 12, box.height)
    drawn = pod_outline(behind, content.shape, tone, assumed=content.assumed) if content.count > 1 else ""
    divider = box.width - 36
    drawn += pod_outline(box, content.shape, tone, content.badge, assumed=content.assumed, divider=divider)
    drawn += changed(box) if content.changed else ""
    mark = sign(pod_sign(content.shape, content.tone), box.right - 28, box.middle - 8)
    whole = _hover(f"{content.name}. {content.reason}" if content.reason else content.name)
    return whole + drawn + mark + " ".join(map(text, pod.lines))


def _trunk(bar: Bar) -> str:
    kind, ring = ("lost", "junction-lost") if bar.lost else ("ok", "junction")
    line = ""
    if bar.trunk:
        path = f"M{number(bar.centre)} {number(bar.trunk[0])}V{number(bar.trunk[1])}"
        # Lost traffic is told by its dashes, which look like boxes when they are thick.
        width = LOST_WIDTH if bar.lost else 6
        dash = {"stroke_dasharray": EDGE_DASHES["lost"]} if bar.lost else {"stroke_linecap": "round"}
        line = element("path", d=path, fill="none", stroke_width=width, **painted(f"edge-{kind}"), **dash)
    rings = (element("circle", cx=bar.centre, cy=y, r=5, stroke_width=2, **painted(ring)) for y in bar.junctions)
    return line + "".join(rings)
