"""What an exported SVG has around the picture: title, situation, what was assumed, the key, and dark colours."""

from collections.abc import Sequence

from webapp.diagram import legend, wording
from webapp.diagram.layout import Box, Layout, Run, TextLine
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import dark_rules, darkened, painted
from webapp.diagram.picture_options import PLAIN, PictureOptions
from webapp.diagram.signs import definitions
from webapp.diagram.strokes import SANS, rectangle, text
from webapp.diagram.text import Face, elide, wrap

_MARGIN = 32
_HEAD = 96
_NAMESPACE = "http://www.w3.org/2000/svg"
# Lines; a picture is not the place for more, and the JSON has all notes.
_MOST_NOTES = 6


def svg_file(layout: Layout, picture: str, options: PictureOptions = PLAIN) -> str:
    """Return the whole file of one service port's picture."""
    question = layout.diagram.question
    return framed(
        picture,
        (layout.width, layout.height),
        (wording.headline(question), wording.situation(question)),
        wording.notes(question),
        legend.items(layout),
        options,
    )


def framed(
    picture: str,
    size: tuple[float, float],
    words: tuple[str, str],
    notes: Sequence[str],
    items: Sequence[legend.Item],
    options: PictureOptions = PLAIN,
) -> str:
    """Return a picture with its headline and situation above it, notes and legend below."""
    (headline, situation), (wide, high) = words, size
    lines = _lines(notes, wide)
    has_headline, has_legend = options.headline == "shown", options.legend == "shown"
    head = _HEAD if has_headline else _MARGIN
    notes_top = head + high + 28
    key_top = notes_top + 18 * len(lines)
    body, key_height = legend.drawn(items, _MARGIN, key_top, wide) if has_legend else ("", 0)
    width, height = wide + 2 * _MARGIN, key_top + key_height + (24 if has_legend or lines else 4)
    sheet = _sheet(width, height, options)
    sides = {"width": number(sheet.width), "height": number(sheet.height)}
    made = element(
        "svg",
        element("title", written(headline), id="title"),
        element("desc", written(situation), id="desc"),
        # A ground that was chosen stays, whatever the reader prefers.
        element("style", dark_rules()) if options.ground == PLAIN.ground else "",
        definitions(picture, body),
        "" if options.is_transparent else rectangle(sheet, 0, "sheet"),
        *(_headline(headline, situation, wide) if has_headline else ()),
        element("g", picture, transform=f"translate({_MARGIN} {head})"),
        *(text(TextLine(_MARGIN, notes_top + 18 * i, (run,))) for i, run in enumerate(lines)),
        element("path", d=f"M{_MARGIN} {number(key_top - 6)}h{number(wide)}", **painted("rule")) if has_legend else "",
        body,
        xmlns=_NAMESPACE,
        # Inkscape takes no other reference to a sign.
        **{"xmlns:xlink": "http://www.w3.org/1999/xlink"},
        class_="dg",
        viewBox=f"{number(sheet.x)} {number(sheet.y)} {sides['width']} {sides['height']}",
        role="img",
        lang="en",
        aria_labelledby="title desc",
        font_family=SANS,
        **sides,
    )
    made = made.replace(' href="#', ' xlink:href="#')
    return darkened(made) if options.ground == "dark" else made


def _headline(headline: str, situation: str, wide: float) -> tuple[str, str]:
    return (
        text(TextLine(_MARGIN, 52, (Run(elide(headline, wide, 16, Face.BOLD), "text", 16, bold=True),))),
        text(TextLine(_MARGIN, 74, (Run(elide(situation, wide, 12), "text-quiet", 12),))),
    )


def _sheet(width: float, height: float, options: PictureOptions) -> Box:
    """Return the ground of the file: as large as what is on it, or so much larger that it has the chosen shape."""
    if options.ratio is None:
        return Box(0, 0, width, height)
    wide, high = max(width, height * options.ratio), max(height, width / options.ratio)
    return Box((width - wide) / 2, (height - high) / 2, wide, high)


def svg_file_size(layout: Layout) -> tuple[float, float]:
    """Return the width and height of the whole file."""
    key_top = _HEAD + layout.height + 28 + 18 * len(_lines(wording.notes(layout.diagram.question), layout.width))
    _, key_height = legend.drawn(legend.items(layout), _MARGIN, key_top, layout.width)
    return layout.width + 2 * _MARGIN, key_top + key_height + 24


def _lines(notes: Sequence[str], room: float) -> list[Run]:
    lines = [line for note in notes for line in wrap(note, room, 12)]
    return [Run(line, "text-quiet", 12) for line in lines[:_MOST_NOTES]]
