"""The buttons at a node's title, Take down and Drain: each is one click. A page shows them while one is at the lane."""

from webapp.diagram.layout import Box, Run, TextLine
from webapp.diagram.links import Links
from webapp.diagram.markup import element
from webapp.diagram.strokes import rectangle, text
from webapp.diagram.text import width
from webapp.failure.scenario import Target

HEIGHT = 22
_PADDING = 10
_GAP = 6


def lane_actions(links: Links | None, takes: Target | None, title: str, right: float, top: float) -> str:
    """Return what can be done with a lane's node as a row of buttons that ends at `right`; nothing in a file."""
    if not links or not links.actions or not takes:
        return ""
    actions = links.actions(takes)
    widths = [width(words, 12) + 2 * _PADDING for words, _ in actions]
    x, drawn = right - sum(widths) - _GAP * (len(widths) - 1), []
    for (words, url), wide in zip(actions, widths, strict=True):
        line = TextLine(x + wide / 2, top + 15, (Run(words, "text", 12),), "middle")
        box = rectangle(Box(x, top, wide, HEIGHT), 6, "box")
        drawn.append(element("a", box, text(line), aria_label=f"{words} {title}", **links.on(url)))
        x += wide + _GAP
    return element("g", *drawn, class_="actions") if drawn else ""
