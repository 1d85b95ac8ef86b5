"""What is drawn where a lane meets a bar in the picture of a whole cluster: entry points, stubs and pods as dots."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from webapp.diagram.cluster_layout import (
    DOT,
    IN_ROW,
    MOST_DOTS,
    PITCH,
    PlacedCell,
)
from webapp.diagram.cluster_map import ClusterMap
from webapp.diagram.cluster_pods import MapPod
from webapp.diagram.columns import text_paint
from webapp.diagram.lanes import Tone
from webapp.diagram.layout import Box, Run, TextLine
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import painted
from webapp.diagram.signs import sign
from webapp.diagram.state_signs import PodShape
from webapp.diagram.strokes import EDGE_DASHES, LOST_WIDTH, dropped, rectangle, stroke, text
from webapp.diagram.text import Face, width
from webapp.numbers import everything, nothing, percent


def entry(placed: PlacedCell, *, wide: bool, said: bool, link: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the entry points of a lane: a ring where they hand connections on, else how those end.

    `said`: the header has the number that all live entry points share, so none repeats it. `link`: the attributes of
    a link to clients that connect via this node's IP only.
    """
    cell, x, y = placed.cell, placed.centre, placed.rail
    if cell.tone is None:
        return
    if cell.passes:
        # Green would promise an answer.
        yield element(
            "circle", cx=x, cy=y, r=5, stroke_width=2, **painted("junction" if cell.answered else "dot-quiet")
        )
    elif cell.dropped:
        yield dropped(x, y)
    elif not cell.down:
        yield element("circle", cx=x, cy=y, r=8, **painted("ring")) + sign(cell.tone, x - 8, y - 8)
    if wide:
        if not cell.down:
            head = f"M{number(x - 14)} {number(y - 4.5)}l8 4.5l-8 4.5z"
            yield element("path", d=head, **painted("rail-head"))
        chip = "".join(_chip(placed, said=said))
        if link:
            # What is read in it comes first, for those who speak to their computer.
            label = ", ".join(filter(None, (_chip_words(placed, said=said), link["aria_label"])))
            chip = element("a", chip, class_="entry", pointer_events="auto", **{**link, "aria_label": label})
        yield chip


def chip_box(placed: PlacedCell, *, said: bool) -> Box:
    """Return where the chip of a lane's entry points is."""
    words = _chip_words(placed, said=said)
    wide = 26 + (width(words, 12, Face.BOLD) + 6 if words else 0)
    return Box(placed.centre - 32 - wide, placed.rail - 11, wide, 22)


def _chip_words(placed: PlacedCell, *, said: bool) -> str:
    cell = placed.cell
    plain = said or cell.answered is None or everything(cell.answered) or not cell.passes
    return "" if plain else percent(cell.answered or 0.0)


def _chip(placed: PlacedCell, *, said: bool) -> Iterator[str]:
    tone = placed.cell.tone or Tone.QUIET
    words, box = _chip_words(placed, said=said), chip_box(placed, said=said)
    yield rectangle(box, 11, f"box-{tone}", stroke_dasharray="4 3" if tone is Tone.BAD else None)
    yield sign(tone, box.x + 6, box.y + 4, 14)
    if words:
        yield text(TextLine(box.x + 24, box.y + 15, (Run(words, text_paint(tone), 12, bold=True),)))


def is_said(its: ClusterMap, column: int) -> bool:
    """Return whether all live entry points of a service answer what its header says."""
    cells = [lane.cells[column] for lane in its.lanes]
    answered = [cell.answered for cell in cells if cell.answered is not None and not cell.down]
    return all(nothing(abs(share - its.bars[column].share)) for share in answered)


def stubs(placed: PlacedCell) -> Iterator[str]:
    """Yield what leaves the bar for the pods of a lane."""
    cell, x = placed.cell, placed.centre
    pods = [(pod.pod.share, pod.pod.dead, pod.box.middle, pod.box.x) for pod in placed.pods]
    if placed.dots and cell.share:
        live = _live_share(cell.pods)
        pods = [(live or cell.share, not live, placed.stubs[0], placed.dots.x - 2)]
    heads = ""
    for share, dead, y, to in pods:
        if not share:
            continue
        # 8 px at most: a dot is 10, and should not look like the end of its stub.
        thick = LOST_WIDTH if dead else min(max(20 * share, 2.0), 8.0)
        headed = placed.pods and not dead
        end = number(to - 7 if headed else to)
        yield stroke(
            f"M{number(x)} {number(y)}H{end}",
            thick,
            "edge-lost" if dead else "edge-ok",
            EDGE_DASHES["lost"] if dead else None,
        )
        if headed:
            half = thick / 2 + 3
            heads += (
                f"M{number(to - 8)} {number(y - half)}L{number(to)} {number(y)}L{number(to - 8)} {number(y + half)}z"
            )
    if heads:
        yield element("path", d=heads, **painted("arrow"))


def _live_share(pods: Iterable[MapPod]) -> float:
    """Return what reaches pods that answer."""
    return sum(pod.share for pod in pods if not pod.dead)


_DOT_SHAPES = {
    PodShape.READY: f"h{DOT}v{DOT}h-{DOT}z",
    # A cross as well, for who cannot tell the colours apart, and for print.
    PodShape.DEAD: f"h{DOT}v{DOT}h-{DOT}zm2.5 2.5l5 5m0 -5l-5 5",
    PodShape.TERMINATING: "h6l4 5l-4 5h-6z",
    PodShape.NOT_READY: f"h{DOT}v{DOT}h-{DOT}zm4 0v{DOT}",
    PodShape.PENDING: f"h{DOT}v{DOT}h-{DOT}z",
}


def dots(pods: Sequence[MapPod], box: Box) -> str:
    """Return a dot for each pod, live ones first; where there are too many, how many there are."""
    if len(pods) > MOST_DOTS:
        dead = sum(pod.dead for pod in pods)
        lines = [Run(f"{len(pods) - dead:,}", "text-ok", 12, bold=True)] if len(pods) > dead else []
        lines += [Run(f"{dead:,} ×", "text-bad", 12, bold=True)] if dead else []
        return "".join(text(TextLine(box.x + 2, box.y + 14 + 16 * i, (run,)), halo=True) for i, run in enumerate(lines))
    order = list(_DOT_SHAPES)
    ordered = sorted(pods, key=lambda pod: (pod.dead, order.index(pod.shape), _dot_paint(pod)))
    places = [(box.x + PITCH * (i % IN_ROW), box.y + PITCH * (i // IN_ROW)) for i in range(len(ordered))]
    drawn = []
    # One path for all dots of a look: an element for each pod would use up what a picture may have.
    for (shape, paint), its in groupby(
        zip(ordered, places, strict=True), key=lambda pair: (pair[0].shape, _dot_paint(pair[0]))
    ):
        d = "".join(f"M{number(x)} {number(y)}{_DOT_SHAPES[shape]}" for _, (x, y) in its)
        dashes = "1 2" if shape is PodShape.PENDING else None
        drawn.append(element("path", d=d, stroke_dasharray=dashes, **painted(paint)))
    names = ", ".join(pod.name if pod.shape is PodShape.READY else f"{pod.name}: {pod.words}" for pod in ordered)
    return element("g", element("title", written(names)), *drawn)


def _dot_paint(pod: MapPod) -> str:
    if pod.dead:
        return "dot-bad"
    return "dot" if pod.tone is Tone.OK else "dot-quiet"
