"""The picture as a Mermaid flowchart, for READMEs, wikis and chats that draw it themselves."""

from collections.abc import Iterator

from webapp.diagram.drawn import outline_of
from webapp.diagram.outline import TONE_COLOURS, Arrow, Outline, OutlineBox
from webapp.diagram.palette import TOKENS
from webapp.topology.attributes import Graph


def render(graph: Graph) -> bytes:
    """Return the flowchart, from left to right, one subgraph for each lane."""
    return ("\n".join(_lines(outline_of(graph))) + "\n").encode()


def _lines(its: Outline) -> Iterator[str]:
    yield "flowchart LR"
    yield f"  accTitle: {_one_line(its.title)}"
    yield f"  {_box(its.client)}"
    yield from (f"  {_box(service)}" for service in its.services)
    if its.notes:
        yield f"  {_box(its.notes)}"
    for cluster in its.clusters:
        yield f'  subgraph {cluster.id}["{_escaped(cluster.title)}"]'
        yield from (f"    {_box(node)}" for node in cluster.boxes)
        yield "  end"
    yield from (f"  {_arrow(arrow)}" for arrow in its.arrows)
    yield from _styles(its)


def _box(node: OutlineBox) -> str:
    name = f'{node.id}["{"<br/>".join(map(_escaped, node.lines))}"]'
    return f"{name}:::{TONE_COLOURS[node.tone]}" if node.tone in TONE_COLOURS else name


def _arrow(arrow: Arrow) -> str:
    # Mermaid has no dashed arrow that ends in a cross but this dotted one.
    line, tip = ("-.", ".-x") if arrow.lost else ("--", "-->")
    return f'{arrow.tail} {line} "{_escaped(arrow.label)}" {tip} {arrow.head}'


def _styles(its: Outline) -> Iterator[str]:
    for name in ("ok", "warn", "bad"):
        dash = ",stroke-dasharray:4 3" if name == "bad" else ""
        yield _class(name, f"{name}-soft", name) + dash
    down = ",".join(cluster.id for cluster in its.clusters if cluster.down)
    if down:
        yield _class("down", "down-bg", "edge")
        yield f"  class {down} down"


def _class(name: str, fill: str, stroke: str) -> str:
    return f"  classDef {name} fill:{TOKENS[fill][0]},stroke:{TOKENS[stroke][0]},color:{TOKENS['text'][0]}"


def _escaped(text: str) -> str:
    """Return the text with everything that Mermaid or the HTML it makes would read as markup as entity codes."""
    return "".join(c if c.isalnum() or c in " -./:,()·%→_\N{NARROW NO-BREAK SPACE}" else f"#{ord(c)};" for c in text)


def _one_line(text: str) -> str:
    # A title has no quotes around it: what Mermaid might take for its end or for markup becomes a space.
    return "".join(c if c not in "#;{}\"'`<>" else " " for c in text)
