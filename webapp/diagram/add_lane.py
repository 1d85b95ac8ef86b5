"""The lane below the last one that adds a node, where nodes are assumed and counted: a link, and in no file."""

from webapp.diagram.layout import Box, Layout, Run, TextLine
from webapp.diagram.links import Links
from webapp.diagram.markup import element
from webapp.diagram.signs import sign
from webapp.diagram.strokes import ASSUMED, rectangle, text

_HEIGHT, _GAP = 42, 8
WORDS = "Add a node"


def add_lane(layout: Layout, links: Links) -> tuple[str, float]:
    """Return the lane, and how high the picture is with it."""
    if not links.add_node or not layout.lanes:
        return "", layout.height
    last = layout.lanes[-1].box
    bottom = max([last.bottom, *(zone.box.bottom for zone in layout.zones if zone.box)])
    box = Box(last.x, bottom + _GAP, last.width, _HEIGHT)
    line = TextLine(box.x + 40, box.middle + 5, (Run(WORDS, "text-accent", 14),))
    ground = rectangle(box, 8, "lane-assumed", stroke_dasharray=ASSUMED)
    drawn = ground + sign("plus", box.x + 16, box.middle - 8, 16) + text(line)
    link = element("a", drawn, id="add-node", class_="add-node", aria_label=WORDS, **links.on(links.add_node))
    return link, max(layout.height, box.bottom)
