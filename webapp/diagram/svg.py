"""Layout -> SVG, by one drawing code for the page and for exported files.

Every element has a class and, as presentation attributes, the literal light colours: it looks right without any style
sheet, and a page's style sheet can still repaint it by class. On the page the boxes are links, with ids that stay the
same from state to state so that a morph moves what moved. An exported file carries its title, what is down, its key
and one rule for dark readers; it has no link, no script, no font and no address in it.
"""

from collections.abc import Iterator, Mapping

from webapp.diagram import legend, wording
from webapp.diagram.arrange import ROOM_FOR_PERSON
from webapp.diagram.lane_actions import lane_actions
from webapp.diagram.lanes import EntryBox, Lane, PodBox, Tone, Zone
from webapp.diagram.layout import Bar, Box, Layout, PlacedEntry, PlacedLane, PlacedPod, PlacedZone, Run, TextLine
from webapp.diagram.links import Links
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import painted
from webapp.diagram.signs import definitions, sign
from webapp.diagram.state_signs import lane_ground
from webapp.diagram.strokes import EDGE_DASHES, LOST_WIDTH, SANS, edge, rectangle, text, toned
from webapp.diagram.svg_file import svg_file
from webapp.topology.attributes import NodeState


def export(layout: Layout) -> str:
    """Return a file of its own: title, situation, picture, key."""
    return svg_file(layout, "".join(_SvgDrawing(layout, None, "").parts()))


def draw(layout: Layout, links: Links, selected: str = "") -> str:
    """Return the picture for a page; `selected` is the scenario word of what its panel is about."""
    parts = "".join(_SvgDrawing(layout, links, selected).parts())
    # One pixel around: outlines are drawn half outside of their boxes.
    wide, high = number(layout.width + 2), number(layout.height + 2)
    return element(
        "svg",
        definitions(parts, *(item.sample for item in legend.items(layout))),
        parts,
        class_="dg",
        id="diagram",
        width=wide,
        height=high,
        viewBox=f"-1 -1 {wide} {high}",
        role="group",
        aria_label=f"{wording.headline(layout.diagram.question)}: {wording.situation(layout.diagram.question)}",
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
        yield from (text(line) for line in self.layout.captions)
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
        whole = _hover(self.layout.diagram.service["refusal"] or self.layout.diagram.service["label"])
        stop = _stop(wording.service_label(self.layout.diagram)) if self.links else {}
        return element("g", whole, box, *map(text, self.layout.header_lines), class_="service", id="service", **stop)

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
        if zone.down:
            right = box.right - 16
            down = TextLine(right, title.y, (Run("Down", "text-quiet", 12, bold=True),), "end")
            drawn += sign("down", right - 58, title.y - 13) + text(down)
        if not self.links or not zone.takes:
            return drawn
        area = Box(box.x, box.y, self.layout.lanes[0].hit.right - box.x, 32)
        label = wording.zone_label(zone)
        return _link(self.links.on(self.links.toggle(zone.takes)), f"a-{zone.id}", label, hit(area), drawn)

    def _lane(self, lane: PlacedLane) -> str:
        content = lane.content
        down = content.state is NodeState.DOWN
        node = self._node(lane)
        of = lane.entry.content.id if lane.entry and self.links else None
        # Hidden from screen readers: the links of boxes say the same shares in words.
        edges = element("g", "".join(_entry_edges(lane, halo=down)), class_="edges", data_of=of, aria_hidden="true")
        pods = "".join(self._pod(pod, content, halo=down) for pod in lane.pods)
        notes = "".join(text(line, halo=down) for line in lane.notes)
        # A page's script finds the lane of a node by this, wherever in it somebody clicks.
        takes = str(content.takes) if content.takes and self.links else None
        actions = lane_actions(self.links, content.takes, content.title, lane.box.right - 12, lane.box.y + 5)
        parts = (node, edges, self._unfold(lane), pods, notes, actions)
        return element("g", *parts, id=content.id, class_="node", data_takes=takes)

    def _node(self, lane: PlacedLane) -> str:
        content = lane.content
        drawn = _title(lane) + (self._entry(lane.entry, content) if lane.entry else "")
        if not self.links or not content.takes:
            return drawn
        label = wording.node_label(content)
        return _link(self.links.on(self.links.toggle(content.takes)), f"a-{content.id}", label, hit(lane.hit), drawn)

    def _unfold(self, lane: PlacedLane) -> str:
        if not lane.unfold or not self.links or not self.links.unfold:
            return ""
        box = lane.unfold
        words = TextLine(box.right - 32, box.y + 17, (Run("Unfold", "text-accent", 14),), "end")
        drawn = rectangle(box, 6, "plate") + text(words) + sign("unfold", box.right - 24, box.y + 4)
        label = f"Unfold {lane.content.title} {lane.content.quiet}"
        return _link(self.links.on(self.links.unfold(lane.content.unfold)), f"u-{lane.content.id}", label, drawn)

    def _entry(self, entry: PlacedEntry, lane: Lane) -> str:
        content, box = entry.content, entry.box
        name = f"{content.name}{content.port}"
        whole = _hover(f"{name}. {content.reason}" if content.reason else name)
        mark = sign(content.tone, box.x + 12, box.y + 27, 14)
        drawn = whole + toned(box, content, several=lane.count > 1) + mark + "".join(map(text, entry.lines))
        return element("g", drawn, id=content.id, class_="entry", **self._path(content))

    def _path(self, content: EntryBox | PodBox) -> dict[str, str]:
        """Return what tells a page's script which entry points and pods lie on one path."""
        if not self.links:
            return {}
        came_from = content.came_from if isinstance(content, PodBox) else ""
        return {name: value for name, value in (("data_pool", content.pool), ("data_from", came_from)) if value}

    # --- pods -----------------------------------------------------------------------------------------------------

    def _pod(self, pod: PlacedPod, lane: Lane, *, halo: bool) -> str:
        leads = edge(pod.edge, halo=halo) if pod.edge else ""
        of = pod.content.id if self.links else None
        hidden = element("g", leads, class_="edges", data_of=of, aria_hidden="true") if leads else ""
        drawn = _pod(pod)
        url = self._pod_url(pod.content)
        if not self.links or url is None:
            return hidden + element("g", drawn, id=pod.content.id, class_="pod", **self._path(pod.content))
        label = wording.pod_label(pod.content, lane)
        box = {**self.links.on(url), "class_": "pod", **self._path(pod.content)}
        return hidden + _link(box, pod.content.id, label, drawn)

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


def _entry_edges(lane: PlacedLane, *, halo: bool) -> Iterator[str]:
    if lane.entry is None:
        return
    if lane.entry.arriving:
        yield edge(lane.entry.arriving, halo=halo)
    if lane.entry.onward:
        # 52 is half the bar: up to its middle, where the rings are.
        yield edge(lane.entry.onward, lane.entry.onward.x2 + 52)
    if lane.entry.aside:
        yield text(lane.entry.aside, halo=halo)


def _pod(pod: PlacedPod) -> str:
    content, box = pod.content, pod.box
    drawn = toned(box, content, several=content.count > 1)
    if content.moved:
        drawn += sign("recreated", box.x + 11, box.y + 28, 14)
    mark = sign(_pod_sign(content), box.right - 28, box.middle - 8)
    whole = _hover(f"{content.name}. {content.reason}" if content.reason else content.name)
    return whole + drawn + mark + "".join(map(text, pod.lines))


def _pod_sign(pod: PodBox) -> str:
    if pod.words == "Pending":
        return "pending"
    return "terminating" if pod.leaving and pod.tone is Tone.QUIET else str(pod.tone)


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
