"""The headers of the bars in the picture of a whole cluster, with a gauge of how new connections end."""

from collections.abc import Iterator

from webapp.diagram.cluster_layout import (
    PlacedBar,
    PlacedOthers,
)
from webapp.diagram.cluster_map import ServiceBar
from webapp.diagram.columns import text_paint
from webapp.diagram.layout import Box, Run, TextLine
from webapp.diagram.markup import element, number, written
from webapp.diagram.signs import sign
from webapp.diagram.strokes import rectangle, stroke, text
from webapp.diagram.text import Face, elide, width
from webapp.numbers import percent
from webapp.topology.reading import Ending

# The kinds of loss have one colour, so the stripes alone tell them apart.
_STRIPES = {
    Ending.NODE_DOWN: (4, 8.0),
    Ending.DEAD_ENDPOINT: (8, 8.0),
    Ending.DROPPED: (5, 0.0),
    Ending.REFUSED: (3, 0.0),
}
"""In a gauge: how far the stripes of a loss are apart, and how far they lean."""


def wide_header(placed: PlacedBar) -> Iterator[str]:
    """Yield the header of a bar that has room for words."""
    bar, box = placed.bar, placed.header
    yield rectangle(box, 12, "bar")
    share = Run(percent(bar.share), "text", 18, bold=True)
    room = box.width - 36 - width(share.text, 18, Face.BOLD)
    # The name tells services apart, so it is the namespace that is shortened first, down to a fifth.
    left_over = max(room - width(bar.service, 14, Face.BOLD), room / 5)
    namespace = Run(elide(f"{bar.namespace}/", left_over, 14), "text-quiet", 14)
    name = Run(elide(bar.service, room - width(namespace.text, 14), 14, Face.BOLD), "text", 14, bold=True)
    yield text(TextLine(box.x + 12, box.y + 26, (namespace, name)))
    yield text(TextLine(box.right - 12, box.y + 26, (share,), "end"))
    word = Run(bar.word.lower(), text_paint(bar.tone), 12, bold=True)
    left = box.right - 12 - width(word.text, 12, Face.BOLD)
    yield text(
        TextLine(
            box.x + 12,
            box.y + 50,
            (Run(elide(bar.ports, left - box.x - 40, 12, Face.MONO), "text-quiet", 12, Face.MONO),),
        )
    )
    yield sign(bar.tone, left - 20, box.y + 39, 14)
    yield text(TextLine(box.right - 12, box.y + 50, (word,), "end"))
    yield from _gauge(bar, Box(box.x + 12, box.y + 66, box.width - 24, 8))


def narrow_header(placed: PlacedBar) -> Iterator[str]:
    """Yield the header of one of many bars."""
    bar, box = placed.bar, placed.header
    x, room = box.x + 4, box.width - 8
    yield rectangle(box, 8, "bar")
    yield text(TextLine(x, box.y + 16, (Run(elide(bar.namespace, room, 12), "text-quiet", 12),)))
    for i, words in enumerate(_two_lines(bar.service, room)):
        yield text(TextLine(x, box.y + 32 + 14 * i, (Run(words, "text", 12, bold=True),)))
    yield text(TextLine(x, box.y + 63, (Run(percent(bar.share), text_paint(bar.tone), 12, bold=True),)))
    yield sign(bar.tone, x, box.y + 69, 12)
    # Of the two ports the nodePort, which clients use.
    port = elide(f":{bar.ports.rpartition(' ')[2]}", room - 14, 12, Face.MONO)
    yield text(TextLine(x + 14, box.y + 79, (Run(port, "text-quiet", 12, Face.MONO),)))
    yield from _gauge(bar, Box(x, box.y + 88, room, 6))


def _two_lines(name: str, room: float) -> tuple[str, ...]:
    """Return a name on one line, or broken at its last hyphen that fits, and shortened where it is too long."""
    if width(name, 12, Face.BOLD) <= room or "-" not in name:
        return (elide(name, room, 12, Face.BOLD),)
    breaks = [
        i + 1 for i, character in enumerate(name) if character == "-" and width(name[: i + 1], 12, Face.BOLD) <= room
    ]
    at = max(breaks, default=name.index("-") + 1)
    # Names of Services are words joined by hyphens: broken there, both lines can be read.
    return elide(name[:at], room, 12, Face.BOLD), elide(name[at:], room, 12, Face.BOLD)


def _gauge(bar: ServiceBar, box: Box) -> Iterator[str]:
    """Yield how new connections end: filled for what is answered, stripes of a kind for each kind of loss."""
    yield rectangle(box, 3, "gauge")
    x = box.x
    for ending, part in bar.endings.items():
        wide = box.width * part
        if ending is Ending.ANSWERED:
            yield rectangle(Box(x, box.y, wide, box.height), 3, "dot")
        else:
            yield rectangle(Box(x, box.y, wide, box.height), 2, "dot-bad") + _stripes(
                Box(x, box.y, wide, box.height), *_STRIPES[ending]
            )
        x += wide


def _stripes(box: Box, apart: int, lean: float) -> str:
    count = int(max(box.width - lean, 0) // apart)
    marks = "".join(
        f"M{number(box.x + apart * i)} {number(box.bottom)}l{number(lean)} {number(-box.height)}"
        for i in range(1, count + 1)
    )
    return stroke(marks, 1, "gauge-line") if marks else ""


def others_header(placed: PlacedOthers) -> str:
    """Return the services without a bar, as a number."""
    others, box = placed.others, placed.box
    x = box.x + 8
    return element(
        "g",
        element("title", written(others.words)),
        rectangle(box, 8, "box", stroke_dasharray="4 4"),
        text(TextLine(x, box.y + 26, (Run(f"{others.count:,}", "text", 18, bold=True),))),
        sign(others.tone, box.right - 24, box.y + 12, 14),
        text(
            TextLine(
                x,
                box.y + 48,
                (
                    Run(
                        elide(others.word.lower(), box.width - 12, 12, Face.BOLD),
                        text_paint(others.tone),
                        12,
                        bold=True,
                    ),
                ),
            )
        ),
        text(TextLine(x, box.y + 64, (Run("affected" if others.affected else "as before", "text-quiet", 12),))),
        rectangle(placed.line, 4, "box", stroke_dasharray="1 4"),
    )
