"""The picture for Graphviz."""

from collections.abc import Iterator

from webapp.diagram.drawn import outline_of
from webapp.diagram.outline import TONE_COLOURS, Arrow, Outline, OutlineBox
from webapp.diagram.palette import TOKENS
from webapp.topology.attributes import Graph


def render(graph: Graph) -> bytes:
    """Return a digraph, from left to right, one cluster for each lane."""
    return ("\n".join(_lines(outline_of(graph))) + "\n").encode()


def _lines(its: Outline) -> Iterator[str]:
    # One id for all: Graphviz shows it nowhere, and a name from a manifest would need quoting.
    yield "digraph nodefall {"
    yield f"  graph [rankdir=LR, labelloc=t, label={_quoted(its.title)}, fontname=sans];"
    yield '  node [shape=box, style="rounded,filled", fillcolor=white, fontname=sans];'
    yield "  edge [fontname=sans];"
    yield f"  {_box(its.client)}"
    yield from (f"  {_box(service)}" for service in its.services)
    if its.notes:
        yield f"  {its.notes.id} [shape=note, label={_quoted(*its.notes.lines)}];"
    for cluster in its.clusters:
        ground = f'style=filled, color="{TOKENS["down-bg"][0]}", ' if cluster.down else ""
        yield f"  subgraph cluster_{cluster.id} {{"
        yield f"    graph [{ground}label={_quoted(cluster.title)}];"
        yield from (f"    {_box(node)}" for node in cluster.boxes)
        yield "  }"
    yield from (f"  {_arrow(arrow)}" for arrow in its.arrows)
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
