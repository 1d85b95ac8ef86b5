"""The picture for draw.io (diagrams.net): the placed boxes as cells, arrows bound to them.

Boxes are children of their lanes and lanes of their zones, so that each moves with what is in it.
"""

from collections.abc import Iterable, Iterator, Mapping

from webapp.diagram.arrange import arrange
from webapp.diagram.cluster_layout import arrange_map
from webapp.diagram.cluster_map import cluster_map
from webapp.diagram.describe import describe
from webapp.diagram.drawn import outline_of
from webapp.diagram.layout import Box
from webapp.diagram.markup import element
from webapp.diagram.outline import CLIENT, SERVICE, TONE_COLOURS, Arrow, Outline, OutlineBox, OutlineLane, OutlineZone
from webapp.diagram.palette import TOKENS
from webapp.records import dataclass
from webapp.topology.attributes import Graph
from webapp.topology.reading import is_cluster


def render(graph: Graph) -> bytes:
    """Return an uncompressed .drawio file."""
    its = outline_of(graph)
    places = _cluster_places(graph) if is_cluster(graph) else _port_places(graph)
    cells = (*_zones(its, places), *_frame(its, places), *map(_arrow, its.arrows, range(len(its.arrows))))
    root = element("root", element("mxCell", id="0"), element("mxCell", id="1", parent="0"), *cells)
    # Not compressed, which draw.io reads as well: in git one sees what changed.
    model = element("mxGraphModel", root, page="0")
    page = element("diagram", model, id="topology", name=its.title)
    return (element("mxfile", page, host="nodefall") + "\n").encode()


def _port_places(graph: Graph) -> dict[str, Box]:
    """Return where each box of the outline is in the picture, by its id; bars have the ids of services with a dash."""
    layout = arrange(describe(graph))
    header = layout.header
    places = {CLIENT: layout.client, SERVICE: Box(header.x, 0, header.width, header.height)}
    if layout.bars:
        bar, lower = layout.bars[0].box, max(bar.box.bottom for bar in layout.bars)
        places[f"{SERVICE}-"] = Box(bar.x, header.bottom, bar.width, lower - header.bottom)
    places |= {f"z{i}": zone.box for i, zone in enumerate(layout.zones, 1) if zone.box}
    for i, lane in enumerate(layout.lanes, 1):
        places[f"n{i}"] = lane.box
        if lane.entry:
            places[f"e{i}"] = lane.entry.box
        places |= {f"p{i}_{j}": pod.box for j, pod in enumerate(lane.pods, 1)}
    return places | {"": Box(0, 0, layout.width, layout.height)}


def _cluster_places(graph: Graph) -> dict[str, Box]:
    layout = arrange_map(cluster_map(graph))
    places = {CLIENT: layout.client, "": Box(0, 0, layout.width, layout.height)}
    for i, bar in enumerate(layout.bars, 1):
        places |= {f"s{i}": bar.header, f"s{i}-": bar.spine}
    places |= {f"z{i}": zone.box for i, zone in enumerate(layout.zones, 1) if zone.box}
    for i, lane in enumerate(layout.lanes, 1):
        places |= {f"n{i}": lane.box, f"e{i}": Box(lane.box.x + 12, lane.rail - 14, 100, 40)}
        for j, _ in enumerate(lane.cells, 1):
            right = layout.bars[j - 1].spine.right
            places[f"p{i}_{j}"] = Box(right + 4, lane.rail + 10, layout.bars[j - 1].header.right - right - 4, 36)
    return places


def _zones(its: Outline, places: Mapping[str, Box]) -> Iterator[str]:
    for zone in its.zones:
        around = places.get(zone.id) if zone.title else None
        if around:
            yield _container(zone, around, _PAGE, "down-bg" if zone.down else "sunk")
        parent = _Parent(zone.id, around) if around else _PAGE
        for lane in zone.lanes:
            yield _container(lane, places[lane.id], parent, "down-bg" if lane.down else "surface")
            inside = _Parent(lane.id, places[lane.id])
            yield from (_cell(box, places[box.id], parent=inside) for box in lane.boxes)


def _frame(its: Outline, places: Mapping[str, Box]) -> Iterator[str]:
    whole = places[""]
    title = _html((its.headline, its.situation))
    yield _shape("title", title, Box(0, -72, whole.width, 44), "surface", "surface", more="align=left;fontSize=14")
    yield _cell(its.client, places[CLIENT])
    # After the lanes: in the picture also a bar runs in front of them.
    for service in its.services:
        if bar := places.get(f"{service.id}-"):
            yield _shape("bar" if service.id == SERVICE else f"{service.id}-", "", bar, "accent-soft", "accent")
    for service in its.services:
        yield _cell(service, places[service.id], accent=True)
    if its.notes:
        yield _cell(its.notes, Box(0, whole.height + 32, whole.width, 20 * len(its.notes.lines) + 16))


@dataclass(frozen=True, slots=True)
class _Parent:
    """What a cell moves with: its place is written relative to that."""

    id: str
    box: Box


_PAGE = _Parent("1", Box(0, 0, 0, 0))


def _container(its: OutlineLane | OutlineZone, box: Box, parent: _Parent, fill: str) -> str:
    more = "container=1;collapsible=0;verticalAlign=top;align=left;spacingLeft=12"
    return _shape(its.id, _text(its.title), box, fill, "edge", more=more, parent=parent)


def _cell(node: OutlineBox, box: Box, *, accent: bool = False, parent: _Parent = _PAGE) -> str:
    name = TONE_COLOURS.get(node.tone)
    if name is None:
        colours = ("accent-soft", "accent") if accent else ("surface", "edge")
        return _shape(node.id, _html(node.lines), box, *colours, parent=parent)
    dashes = "dashed=1" if name == "bad" else ""
    return _shape(node.id, _html(node.lines), box, f"{name}-soft", name, more=dashes, parent=parent)


def _html(lines: Iterable[str]) -> str:
    """Return lines as the HTML of a label; the attribute that it stands in is escaped once more."""
    return element("div", *(element("div", _text(line)) for line in lines))


def _text(line: str) -> str:
    """Return what isn't ours as draw.io's labels have it, which are HTML; `element` escapes it for the attribute."""
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shape(id_: str, html: str, box: Box, fill: str, stroke: str, *, more: str = "", parent: _Parent = _PAGE) -> str:
    colours = f"fillColor={TOKENS[fill][0]};strokeColor={TOKENS[stroke][0]};fontColor={TOKENS['text'][0]}"
    place = {"x": box.x - parent.box.x, "y": box.y - parent.box.y, "width": box.width, "height": box.height}
    geometry = element("mxGeometry", as_="geometry", **place)
    style = f"rounded=1;arcSize=8;html=1;whiteSpace=wrap;{colours};{more}"
    return element("mxCell", geometry, id=id_, value=html, style=style, vertex="1", parent=parent.id)


def _arrow(arrow: Arrow, number: int) -> str:
    colour = TOKENS["bad" if arrow.lost else "ok"][0]
    dash = "dashed=1;endArrow=cross;" if arrow.lost else "endArrow=block;"
    # Fixed sides keep the arrows level, as in the picture; draw.io would otherwise take the nearest ones.
    sides = "exitX=1;exitY=0.5;entryX=0;entryY=0.5;" if arrow.tail != CLIENT else "entryX=0;entryY=0.5;"
    return element(
        "mxCell",
        element("mxGeometry", relative="1", as_="geometry"),
        id=f"a{number}",
        value=arrow.label,
        style=f"edgeStyle=orthogonalEdgeStyle;html=0;strokeColor={colour};{dash}{sides}",
        edge="1",
        parent="1",
        source=arrow.tail,
        target=arrow.head,
    )
