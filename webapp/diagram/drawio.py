"""The picture for draw.io (diagrams.net): the placed boxes as cells that can be moved, arrows bound to them."""

from collections.abc import Iterable, Iterator

from webapp.diagram.arrange import arrange
from webapp.diagram.describe import describe
from webapp.diagram.layout import Box, Layout
from webapp.diagram.markup import element
from webapp.diagram.outline import CLIENT, SERVICE, TONE_COLOURS, Arrow, Outline, OutlineBox, OutlineGroup, outline
from webapp.diagram.palette import TOKENS
from webapp.topology.attributes import Graph


def render(graph: Graph) -> bytes:
    """Return an uncompressed .drawio file."""
    its, layout = outline(graph), arrange(describe(graph))
    cells = (*_frame(its, layout), *_lanes(its, layout), *map(_arrow, its.arrows, range(len(its.arrows))))
    root = element("root", element("mxCell", id="0"), element("mxCell", id="1", parent="0"), *cells)
    model = element("mxGraphModel", root, page="0")
    page = element("diagram", model, id="topology", name=its.title)
    return (element("mxfile", page, host="nodefall") + "\n").encode()


def _frame(its: Outline, layout: Layout) -> Iterator[str]:
    bars = layout.bars or ()
    lower = max((bar.box.bottom for bar in bars), default=layout.header.bottom)
    yield _cell(its.client, layout.client)
    yield _cell(its.service, Box(layout.header.x, 0, layout.header.width, layout.header.height))
    if its.notes:
        yield _cell(its.notes, Box(0, layout.height + 32, layout.width, 20 * len(its.notes.lines) + 16))
    if bars:
        first = bars[0].box
        spine = Box(first.x, layout.header.bottom, first.width, lower - layout.header.bottom)
        yield _shape("bar", "", spine, "accent-soft", "accent")


def _lanes(its: Outline, layout: Layout) -> Iterator[str]:
    for cluster, lane in zip(its.clusters, layout.lanes, strict=True):
        placed = [lane.entry.box] if lane.entry else []
        yield _lane(cluster, lane.box)
        yield from map(_cell, cluster.boxes, [*placed, *(pod.box for pod in lane.pods)])


def _lane(cluster: OutlineGroup, box: Box) -> str:
    fill = "down-bg" if cluster.down else "surface"
    return _shape(cluster.id, cluster.title, box, fill, "edge", "verticalAlign=top;align=left;spacingLeft=12")


def _cell(node: OutlineBox, box: Box) -> str:
    name = TONE_COLOURS.get(node.tone)
    if name is None:
        soft = "accent-soft" if node.id == SERVICE else "surface"
        return _shape(node.id, _html(node.lines), box, soft, "accent" if node.id == SERVICE else "edge")
    return _shape(node.id, _html(node.lines), box, f"{name}-soft", name, "dashed=1" if name == "bad" else "")


def _html(lines: Iterable[str]) -> str:
    """Return lines as the HTML of a label; the attribute that it stands in is escaped once more."""
    return element("div", *(element("div", _text(line)) for line in lines))


def _text(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shape(id_: str, value: str, box: Box, fill: str, stroke: str, more: str = "") -> str:
    colours = f"fillColor={TOKENS[fill][0]};strokeColor={TOKENS[stroke][0]};fontColor={TOKENS['text'][0]}"
    # draw.io reads labels as HTML: what is not ours is escaped for it, and once more for the attribute.
    text = value if value.startswith("<div>") else _text(value)
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    geometry = element("mxGeometry", as_="geometry", **place)
    style = f"rounded=1;arcSize=8;html=1;whiteSpace=wrap;{colours};{more}"
    return element("mxCell", geometry, id=id_, value=text, style=style, vertex="1", parent="1")


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
