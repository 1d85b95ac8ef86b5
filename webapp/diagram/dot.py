"""The picture for Graphviz."""

from collections.abc import Iterator

from webapp.diagram.drawn import outline_of
from webapp.diagram.outline import TONE_COLOURS, Arrow, Outline, OutlineBox, OutlineLane, OutlineZone
from webapp.diagram.palette import TOKENS
from webapp.topology.attributes import Graph


def render(graph: Graph) -> bytes:
    """Return a digraph, from left to right, one cluster for each lane."""
    return ("\n".join(_lines(outline_of(graph))) + "\n").encode()


def _lines(its: Outline) -> Iterator[str]:
    # One id for all: Graphviz shows it nowhere, and a name from a manifest would need quoting.
    yield "digraph nodefall {"
    # newrank: one order for all, from clients to pods; by default each lane is put in order by itself.
    title = _quoted(its.headline, its.situation)
    yield f"  graph [rankdir=LR, newrank=true, labelloc=t, label={title}, fontname=sans];"
    yield '  node [shape=box, style="rounded,filled", fillcolor=white, fontname=sans];'
    yield "  edge [fontname=sans];"
    yield f"  {_box(its.client)}"
    yield from (f"  {_box(service)}" for service in its.services)
    if its.notes:
        yield f"  {its.notes.id} [shape=note, label={_quoted(*its.notes.lines)}];"
    yield from (f"  {line}" for zone in its.zones for line in _zone(zone))
    yield from (f"  {_arrow(arrow)}" for arrow in its.arrows)
    yield "}"


def _zone(zone: OutlineZone) -> Iterator[str]:
    lanes = (line for lane in zone.lanes for line in _lane(lane))
    if not zone.title:
        yield from lanes
        return
    yield f"subgraph cluster_{zone.id} {{"
    yield f'  graph [style=filled, color="{TOKENS["sunk"][0]}", label={_quoted(zone.title)}];'
    yield from (f"  {line}" for line in lanes)
    yield "}"


def _lane(lane: OutlineLane) -> Iterator[str]:
    fill = TOKENS["down-bg" if lane.down else "surface"][0]
    yield f"subgraph cluster_{lane.id} {{"
    yield f'  graph [style=filled, fillcolor="{fill}", color="{TOKENS["edge"][0]}", label={_quoted(lane.title)}];'
    yield from (f"  {_box(node)}" for node in lane.boxes)
    yield "}"


def _box(node: OutlineBox) -> str:
    style = ""
    if node.tone in TONE_COLOURS:
        name = TONE_COLOURS[node.tone]
        dashed = ', style="rounded,filled,dashed"' if name == "bad" else ""
        style = f', fillcolor="{TOKENS[f"{name}-soft"][0]}", color="{TOKENS[name][0]}"{dashed}'
    return f"{node.id} [label={_quoted(*node.lines)}{style}];"


def _arrow(arrow: Arrow) -> str:
    kind = "bad" if arrow.lost else "ok"
    style = ", style=dashed, arrowhead=tee" if arrow.lost else ""
    return f'{arrow.tail} -> {arrow.head} [label={_quoted(arrow.label)}, color="{TOKENS[kind][0]}"{style}];'


def _quoted(*lines: str) -> str:
    """Return a string of the DOT language; a backslash would start an escape, so it is doubled."""
    return '"' + r"\n".join(line.replace("\\", "\\\\").replace('"', r"\"") for line in lines) + '"'
