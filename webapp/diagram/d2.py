"""The picture in the D2 language."""

from collections.abc import Iterator

from webapp.diagram.drawn import outline_of
from webapp.diagram.outline import TONE_COLOURS, Arrow, Outline, OutlineBox, OutlineLane, OutlineZone
from webapp.diagram.palette import TOKENS
from webapp.topology.attributes import Graph


def render(graph: Graph) -> bytes:
    """Return a D2 script, from left to right, one container for each lane."""
    return ("\n".join(_lines(outline_of(graph))) + "\n").encode()


def _lines(its: Outline) -> Iterator[str]:
    # The title has no line break any more (`clean`), so no name ends the comment.
    yield f"# {its.title}"
    yield "direction: right"
    yield f"title: {_quoted(its.headline, its.situation)} {{near: top-center; shape: text; style.font-size: 20}}"
    yield _box(its.client)
    yield from map(_box, its.services)
    if its.notes:
        yield f"{_box(its.notes)} {{shape: page}}"
    for zone in its.zones:
        yield from _zone(zone)
    # D2 names a box by its path through the containers.
    inside = {
        box.id: ".".join(filter(None, (zone.title and zone.id, lane.id, box.id)))
        for zone in its.zones
        for lane in zone.lanes
        for box in lane.boxes
    }
    for arrow in its.arrows:
        yield _arrow(arrow, inside.get(arrow.tail, arrow.tail), inside.get(arrow.head, arrow.head))


def _zone(zone: OutlineZone) -> Iterator[str]:
    lanes = (line for lane in zone.lanes for line in _container(lane))
    if not zone.title:
        yield from lanes
        return
    yield f"{zone.id}: {_quoted(zone.title)} {{"
    yield from (f"  {line}" for line in lanes)
    yield "}"


def _container(lane: OutlineLane) -> Iterator[str]:
    yield f"{lane.id}: {_quoted(lane.title)} {{"
    if lane.down:
        yield f'  style.fill: "{TOKENS["down-bg"][0]}"'
    yield from (f"  {_box(node)}" for node in lane.boxes)
    yield "}"


def _box(node: OutlineBox) -> str:
    label = f"{node.id}: {_quoted(*node.lines)}"
    if node.tone not in TONE_COLOURS:
        return label
    name = TONE_COLOURS[node.tone]
    dash = "; style.stroke-dash: 4" if name == "bad" else ""
    return f'{label} {{style.fill: "{TOKENS[f"{name}-soft"][0]}"; style.stroke: "{TOKENS[name][0]}"{dash}}}'


def _arrow(arrow: Arrow, tail: str, head: str) -> str:
    colour = TOKENS["bad" if arrow.lost else "ok"][0]
    dash = "; style.stroke-dash: 4" if arrow.lost else ""
    return f'{tail} -> {head}: {_quoted(arrow.label)} {{style.stroke: "{colour}"{dash}}}'


def _quoted(*lines: str) -> str:
    r"""Return a double-quoted string; ``${`` would start a substitution."""
    escaped = (line.replace("\\", "\\\\").replace('"', r"\"").replace("$", r"\$") for line in lines)
    return '"' + r"\n".join(escaped) + '"'
