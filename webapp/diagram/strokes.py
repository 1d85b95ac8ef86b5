"""The strokes that all drawings share: boxes, lines of text, edges with their arrows and endings."""

from webapp.diagram.lanes import EntryBox, Tone
from webapp.diagram.layout import Box, Edge, Run, TextLine
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import painted
from webapp.diagram.signs import sign
from webapp.diagram.text import Face, known

# No font is embedded, which would add 60 kB to every file. Pages bring the first of each stack along; in a file that
# is opened where it is missing, the others are drawn as wide as it was measured (:func:`text`).
SANS = "Inter,'Inter Variable',system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif"
MONO = "'JetBrains Mono',ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace"

_DASHES = {Tone.BAD: "4 3", Tone.REFUSED: "2 3"}
ASSUMED = "4 4"
"""The dashes around what nodefall made up."""
EDGE_DASHES = {"lost": "7 5", "refused": "2 3", "doomed": "7 5", "dropped": "7 5"}
_ENDINGS = {"lost": "bad", "refused": "refused"}
_DROPPED_WIDTH = 4
# Dashes are what marks lost traffic: thicker than this they would look like boxes.
LOST_WIDTH = 3.5
_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""The part of a line that lies before its anchor."""


def rectangle(box: Box, radius: float, *classes: str, **more: str | float | None) -> str:
    """Return a rounded rectangle painted as its classes say; `more` overrides."""
    values: dict[str, str | float | None] = {**painted(*classes), **more}
    return element("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=radius, **values)


def toned(box: Box, content: EntryBox, tone: Tone, *, several: bool = False) -> str:
    """Return the box of an entry point; several folded into one have a second outline behind it."""
    paint = f"box-{tone}"
    dash = _DASHES.get(tone)
    behind = Box(box.x + 6, box.y - 4, box.width - 12, box.height)
    back = rectangle(behind, 8, paint, stroke_dasharray=dash) if several else ""
    return back + rectangle(box, 8, paint, stroke_dasharray=dash) + (changed(box) if content.changed else "")


def changed(box: Box) -> str:
    """Return the mark of what the failure changed: a filled corner."""
    corner = f"M{number(box.x)} {number(box.y + 14)}v-6a8 8 0 0 1 8-8h6z"
    return element("path", d=corner, **painted("mark"))


def text(line: TextLine, *, halo: bool = False) -> str:
    """Return a line of text; with a halo it stays readable on hatched ground and across strokes."""
    ground = _halo(line) if halo else ""
    anchor = line.anchor if line.anchor != "start" else None
    if len(line.runs) == 1:
        run = line.runs[0]
        style = {**painted(run.paint, *_closer(run)), **_style(run)}
        return ground + element("text", written(run.text), x=line.x + run.gap, y=line.y, text_anchor=anchor, **style)
    # Each run has its place: it is as wide as it was measured, so in no font does it reach the next.
    drawn: list[str] = []
    x = line.x - line.width * _BEFORE[line.anchor]
    for run in line.runs:
        # Apart as words are, for who reads the markup.
        drawn.append(" " if run.gap and drawn else "")
        x += run.gap
        style = {**painted(run.paint, *_closer(run)), **_style(run)}
        drawn.append(element("text", written(run.text), x=x, y=line.y, **style))
        x += run.width
    return ground + "".join(drawn)


def _halo(line: TextLine) -> str:
    """Return the ground of a line: LibreOffice, CairoSVG and Inkscape know no strokes behind letters."""
    shown = [run for run in line.runs if run.text]
    if not shown:
        return ""
    size = max(run.size for run in shown)
    gap = shown[0].gap if line.anchor == "start" else 0
    left = line.x - line.width * _BEFORE[line.anchor] + gap - 2
    # From above the capitals to below the descenders.
    box = Box(left, line.y - 0.83 * size, line.width - gap + 4, 1.12 * size)
    closers = {run.closer for run in shown}
    # A page that leaves all of the text out of a small picture leaves its ground out also.
    left_out = filter(None, closers) if len(closers) == 1 else ()
    return rectangle(box, 3, "plate", *left_out)


def _closer(run: Run) -> tuple[str, ...]:
    return (run.closer,) if run.closer else ()


def _style(run: Run) -> dict[str, str | float | None]:
    # A guess at the width of letters that no bundled font has must not stretch them.
    exact = known(run.text, run.face)
    return {
        "font_size": run.size,
        "font_weight": "600" if run.bold else None,
        "font_family": MONO if run.face is Face.MONO else None,
        "textLength": run.width if exact else None,
        "lengthAdjust": "spacingAndGlyphs" if exact else None,
    }


def stroke(d: str, thick: float, paint: str, dashes: str | None = None) -> str:
    """Return a path that is not filled."""
    return element("path", d=d, fill="none", stroke_width=thick, stroke_dasharray=dashes, **painted(paint))


def dropped(x: float, y: float) -> str:
    """Return the stroke at which policy Local drops what arrives."""
    return stroke(f"M{number(x)} {number(y - 8)}V{number(y + 8)}", _DROPPED_WIDTH, "edge-lost")


def edge(drawn: Edge, centre: float | None = None) -> str:
    """Return an edge with its arrow or ending; `centre` takes it on to the middle of the bar."""
    return _arriving(drawn, centre) if drawn.kind == "ok" else _ending(drawn)


def _arriving(drawn: Edge, centre: float | None) -> str:
    tip, y = drawn.x2, drawn.y
    # The head outgrows thick edges by 3 pixels on each side, or it would vanish in them.
    half = drawn.width / 2 + 3
    back = tip - half - 3.5
    stretch = f"M{number(drawn.x1)} {number(y)}H{number(back + 1)}"
    if centre is not None:
        stretch += f"M{number(tip)} {number(y)}H{number(centre)}"
    head = f"M{number(back)} {number(y - half)}L{number(tip)} {number(y)}L{number(back)} {number(y + half)}z"
    return element("path", d=stretch, fill="none", stroke_width=drawn.width, **painted("edge-ok")) + element(
        "path", d=head, **painted("arrow")
    )


def _ending(drawn: Edge) -> str:
    """Return dashes that end in a ring: with a cross where a client waits in vain, with a bar where it is refused.

    What policy Local drops ends at a stroke in the service's bar.
    """
    if drawn.kind in ("doomed", "dropped"):
        path = f"M{number(drawn.x1)} {number(drawn.y)}H{number(drawn.x2)}"
        line = stroke(path, min(drawn.width, LOST_WIDTH), "edge-lost", EDGE_DASHES[drawn.kind])
        return line + (dropped(drawn.x2, drawn.y) if drawn.kind == "dropped" else "")
    # The ring stands before the box that was not reached, so that it is not read as part of it.
    at = drawn.x2 - 10
    line = element(
        "path",
        d=f"M{number(drawn.x1)} {number(drawn.y)}H{number(at - 8)}",
        fill="none",
        stroke_width=min(drawn.width, LOST_WIDTH),
        stroke_dasharray=EDGE_DASHES[drawn.kind],
        **painted(f"edge-{drawn.kind}"),
    )
    ground = element("circle", cx=at, cy=drawn.y, r=8, **painted("ring"))
    return line + ground + sign(_ENDINGS[drawn.kind], at - 8, drawn.y - 8)
