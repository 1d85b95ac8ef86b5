"""The headers of the bars in the picture of a whole cluster, with a gauge of how new connections end."""

from collections.abc import Iterator

from webapp.diagram.cluster_bars import ServiceBar
from webapp.diagram.cluster_layout import PlacedBar, PlacedFolded, PlacedNamespace
from webapp.diagram.columns import text_paint
from webapp.diagram.layout import Box, Run, TextLine
from webapp.diagram.markup import element, number, written
from webapp.diagram.signs import sign
from webapp.diagram.strokes import rectangle, stroke, text
from webapp.diagram.text import Face, elide, width
from webapp.numbers import everything, percent
from webapp.topology.reading import Ending

# The kinds of loss have one colour, so the stripes alone tell them apart.
_STRIPES = {
    Ending.NODE_DOWN: (4, 8.0),
    Ending.DEAD_ENDPOINT: (9, -8.0),
    Ending.DROPPED: (3, 0.0),
}
"""In a gauge: how far the stripes of a loss are apart, and how far they lean. Refused is one level line."""


def _share(bar: ServiceBar) -> str:
    """Return what is answered; nothing where all of it is, as before: there the tick says it."""
    calm = everything(bar.share) and everything(bar.before)
    return "" if calm else percent(bar.share)


def wide_header(placed: PlacedBar) -> Iterator[str]:
    """Yield the header of a bar that has room for words."""
    bar, box = placed.bar, placed.header
    yield rectangle(box, 12, "bar")
    share = Run(_share(bar), "text", 18, bold=True)
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


# Of less nobody can guess the name.
_LEAST_NAMESPACE = 36


def medium_header(placed: PlacedBar) -> Iterator[str]:
    """Yield the header of one of a few bars: the whole first line is for the name."""
    bar, box = placed.bar, placed.header
    left, right, room = box.x + 12, box.right - 12, box.width - 24
    yield rectangle(box, 12, "bar")
    yield text(TextLine(left, box.y + 22, (Run(elide(bar.service, room, 14, Face.BOLD), "text", 14, bold=True),)))
    share = Run(_share(bar), "text", 15, bold=True)
    yield text(TextLine(left, box.y + 43, (share,)))
    word = Run(bar.word.lower(), text_paint(bar.tone), 12, bold=True)
    # Beside two decimals there is room for the sign alone.
    has_word = width(share.text, 15, Face.BOLD) + width(word.text, 12, Face.BOLD) + 24 <= room
    yield sign(bar.tone, right - (width(word.text, 12, Face.BOLD) + 20 if has_word else 14), box.y + 32, 14)
    if has_word:
        yield text(TextLine(right, box.y + 43, (word,), "end"))
    ports = Run(elide(bar.ports, room, 12, Face.MONO), "text-quiet", 12, Face.MONO)
    left_over = room - width(ports.text, 12, Face.MONO) - 8
    namespace = elide(bar.namespace, left_over, 12) if left_over > _LEAST_NAMESPACE else ""
    yield text(TextLine(left, box.y + 62, (ports,)))
    yield text(TextLine(right, box.y + 62, (Run(namespace, "text-quiet", 12),), "end"))
    yield from _gauge(bar, Box(left, box.y + 72, room, 8))


def narrow_header(placed: PlacedBar) -> Iterator[str]:
    """Yield the header of one of many bars, inside of its namespace's frame."""
    bar, box = placed.bar, placed.header
    x, room = box.x + 6, box.width - 7
    lines = _two_lines(bar.service, room)
    for i, words in enumerate(lines):
        yield text(TextLine(x, box.y + 30 - 14 * (len(lines) - 1 - i), (Run(words, "text", 12, bold=True),)))
    yield text(TextLine(x, box.y + 50, (Run(_share(bar) or bar.word.lower(), text_paint(bar.tone), 13, bold=True),)))
    yield sign(bar.tone, x, box.y + 58, 12)
    # Of the two ports the nodePort, which clients use.
    port = elide(f":{bar.ports.rpartition(' ')[2]}", room - 14, 12, Face.MONO)
    yield text(TextLine(x + 15, box.y + 68, (Run(port, "text-quiet", 12, Face.MONO),)))
    yield from _gauge(bar, Box(x, box.y + 79, box.width - 14, 6))


def namespace_frame(placed: PlacedNamespace) -> str:
    """Return the frame around the headers of a namespace: its name and how many service ports it has."""
    box, room = placed.box, placed.box.width - 12
    count = f"{placed.count:,}"
    # A name in full says more than how many there are, which one sees.
    if placed.count == 1 or width(placed.name, 12) + 8 + width(count, 12) > room:
        count = ""
    name = elide(placed.name, room, 12)
    line = f"M{number(box.x)} {number(box.y + 26)}H{number(box.right)}"
    parts = [
        element("title", written(placed.name)),
        rectangle(box, 10, "bar"),
        text(TextLine(box.x + 6, box.y + 18, (Run(name, "text-quiet", 12),))),
        stroke(line, 1, "rule"),
    ]
    if count:
        parts.append(text(TextLine(box.right - 8, box.y + 18, (Run(count, "text-quiet", 12),), "end")))
    return element("g", *parts)


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
        piece = Box(x, box.y, wide, box.height)
        if ending is Ending.ANSWERED:
            yield rectangle(piece, 3, "dot")
        elif ending is Ending.REFUSED:
            level = f"M{number(piece.x + 3)} {number(piece.middle)}H{number(piece.right - 3)}"
            yield rectangle(piece, 2, "dot-bad") + stroke(level, 2, "gauge-line")
        else:
            yield rectangle(piece, 2, "dot-bad") + _stripes(piece, *_STRIPES[ending])
        x += wide


def _stripes(box: Box, apart: int, lean: float) -> str:
    count = int(max(box.width - abs(lean), 0) // apart)
    left = box.x + max(-lean, 0.0)
    marks = "".join(
        f"M{number(left + apart * i)} {number(box.bottom)}l{number(lean)} {number(-box.height)}"
        for i in range(1, count + 1)
    )
    return stroke(marks, 1, "gauge-line") if marks else ""


def folded_header(placed: PlacedFolded, *, opens: bool) -> Iterator[str]:
    """Yield the service ports without a bar, as a number; `opens`: a click gives them one."""
    folded, box = placed.folded, placed.box
    x, top = box.x + 6, box.y + (0 if box.height < 92 else 6)
    words = ("more", folded.share) if folded.affected else (folded.worst.word.lower(), "as before")
    yield rectangle(box, 8, "box", stroke_dasharray="4 4")
    yield text(TextLine(x, top + 24, (Run(f"{folded.count:,}", "text", 18 if folded.count < 1000 else 14, bold=True),)))
    if folded.count < 1000:
        yield sign(folded.tone, x + 6 + width(f"{folded.count:,}", 18, Face.BOLD), top + 10, 14)
    for i, said in enumerate(words):
        paint = text_paint(folded.tone) if i == (1 if folded.affected else 0) else "text-quiet"
        yield text(TextLine(x, top + 42 + 15 * i, (Run(elide(said, box.width - 8, 12), paint, 12, bold=not i),)))
    if opens:
        yield text(TextLine(x, top + 74, (Run("Unfold", "text-accent", 12),)))


def folded_line(placed: PlacedFolded) -> str:
    """Return the dotted bar below the number."""
    return rectangle(placed.line, 4, "box", stroke_dasharray="1 4")
