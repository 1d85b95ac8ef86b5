"""The picture as a Mermaid flowchart, for READMEs, wikis and chats that draw it themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from webapp.diagram.drawn import outline_of
from webapp.diagram.lanes import Tone
from webapp.diagram.outline import TONE_COLOURS, Arrow, Outline, OutlineBox, OutlineLane, OutlineZone
from webapp.diagram.palette import TOKENS
from webapp.topology.attributes import Graph

# Of a longer text, or one with more arrows, Mermaid shows an error instead, as it is set up where people read it.
# https://mermaid.js.org/config/schema-docs/config.html: maxTextSize and maxEdges; GitHub has these defaults.
MAX_TEXT = 50_000
MAX_ARROWS = 500


def render(graph: Graph) -> bytes:
    """Return the flowchart, from left to right, one subgraph for each lane; within the limits of Mermaid."""
    its = outline_of(graph)
    # Fewer arrows until it fits: what is lost is shown first. Boxes alone always fit (24 lanes of 15 columns).
    arrows = (its.arrows, *(_first(its.arrows, most) for most in (MAX_ARROWS, MAX_ARROWS // 2, MAX_ARROWS // 5, 0)))
    texts = ("\n".join(_lines(_with_arrows(its, some))) + "\n" for some in arrows if len(some) <= MAX_ARROWS)
    return next((text for text in texts if len(text) <= MAX_TEXT), "").encode()


def _first(arrows: Sequence[Arrow], most: int) -> tuple[Arrow, ...]:
    """Return that many arrows in their order: those that say a loss, then those that say a share, then the others."""
    kept = {id(arrow) for arrow in sorted(arrows, key=lambda arrow: (not arrow.lost, not arrow.label))[:most]}
    return tuple(arrow for arrow in arrows if id(arrow) in kept)


def _with_arrows(its: Outline, arrows: tuple[Arrow, ...]) -> Outline:
    if len(arrows) == len(its.arrows):
        return its
    missing = f"{len(its.arrows) - len(arrows):,} arrows are omitted: Mermaid draws no more. Other formats have them."
    said = its.notes.lines if its.notes else ()
    return replace(its, arrows=arrows, notes=OutlineBox("notes", (*said, missing), Tone.QUIET))


def _lines(its: Outline) -> Iterator[str]:
    yield "---"
    yield f'title: "{_one_line(its.title)}"'
    yield "---"
    yield "flowchart LR"
    yield f"  accTitle: {_one_line(its.headline)}"
    yield f"  accDescr: {_one_line(its.situation)}"
    yield f"  {_box(its.client)}"
    yield from (f"  {_box(service)}" for service in its.services)
    if its.notes:
        yield f"  {_box(its.notes)}"
    yield from (f"  {line}" for zone in its.zones for line in _zone(zone))
    yield from (f"  {_arrow(arrow)}" for arrow in its.arrows)
    yield from _styles(its)


def _zone(zone: OutlineZone) -> Iterator[str]:
    lanes = (line for lane in zone.lanes for line in _lane(lane))
    if not zone.title:
        yield from lanes
        return
    yield f'subgraph {zone.id}["{_escaped(zone.title)}"]'
    yield from (f"  {line}" for line in lanes)
    yield "end"


def _lane(lane: OutlineLane) -> Iterator[str]:
    yield f'subgraph {lane.id}["{_escaped(lane.title)}"]'
    yield from (f"  {_box(box)}" for box in lane.boxes)
    yield "end"


def _box(node: OutlineBox) -> str:
    name = f'{node.id}["{"<br/>".join(map(_escaped, node.lines))}"]'
    return f"{name}:::{TONE_COLOURS[node.tone]}" if node.tone in TONE_COLOURS else name


def _arrow(arrow: Arrow) -> str:
    if not arrow.label:
        return f"{arrow.tail} {'-.-x' if arrow.lost else '-->'} {arrow.head}"
    # Mermaid has no dashed arrow that ends in a cross but this dotted one.
    line, tip = ("-.", ".-x") if arrow.lost else ("--", "-->")
    return f'{arrow.tail} {line} "{_escaped(arrow.label)}" {tip} {arrow.head}'


def _styles(its: Outline) -> Iterator[str]:
    for name in ("ok", "warn", "bad"):
        dash = ",stroke-dasharray:4 3" if name == "bad" else ""
        yield _class(name, f"{name}-soft", name) + dash
    zones = [zone.id for zone in its.zones if zone.title]
    lanes = [lane.id for lane in its.lanes if not lane.down]
    # Without a class Mermaid paints them yellow, which looks like a warning.
    grounds = {"zone": ("sunk", "line", zones), "lane": ("surface", "edge", lanes)}
    grounds |= {"down": ("down-bg", "edge", [lane.id for lane in its.lanes if lane.down])}
    for name, (fill, edge, ids) in grounds.items():
        if ids:
            yield _class(name, fill, edge)
            yield f"  class {','.join(ids)} {name}"


def _class(name: str, fill: str, stroke: str) -> str:
    return f"  classDef {name} fill:{TOKENS[fill][0]},stroke:{TOKENS[stroke][0]},color:{TOKENS['text'][0]}"


def _escaped(text: str) -> str:
    """Return the text with everything that Mermaid or the HTML it makes would read as markup as entity codes."""
    return "".join(c if c.isalnum() or c in " -./:,()·%→_\N{NARROW NO-BREAK SPACE}" else f"#{ord(c)};" for c in text)


def _one_line(text: str) -> str:
    # A title has no quotes around it: what Mermaid might take for its end or for markup becomes a space.
    return "".join(c if c not in "#;{}\"'`<>" else " " for c in text)
