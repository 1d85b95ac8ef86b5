"""Which nodes share a lane: alike ones do, as soon as there are too many to draw each."""

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from webapp.cluster.order import natural
from webapp.diagram.markup import slug
from webapp.records import dataclass
from webapp.topology import CLIENT
from webapp.topology.attributes import EndpointVertex, EntryVertex, Flow, Graph, NodeVertex, VertexKind
from webapp.topology.reading import Arrival, arrival, of_kind

MOST_ALONE = 24
"""Up to so many nodes each one has a lane of its own; an unfolded lane opens so many at a time."""
# With a pod each that is about 2,000 SVG elements, which a phone still scrolls and morphs smoothly.
MOST_LANES = 64

EndpointInLane = tuple[EndpointVertex, Arrival | None]
"""An endpoint with what reaches it, where some entry point may select it."""


@dataclass(frozen=True, slots=True)
class NodeInLane:
    """A node with all that belongs in its lane."""

    node: NodeVertex
    entry: EntryVertex | None
    flow: Flow | None
    """The edge from the clients to the entry point, where some come to it."""
    endpoints: tuple[EndpointInLane, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The node, and those that it stands for."""
        return (self.node["label"], *self.node.get("also", ()))


@dataclass(frozen=True, slots=True)
class LaneNodes:
    """The nodes of one lane."""

    members: tuple[NodeInLane, ...]
    unfold: str
    """What opens it; empty for a single node."""
    closed: bool = False
    """It cannot be opened any further: there are too many lanes already."""

    @property
    def size(self) -> int:
        """How many nodes these are."""
        return sum(1 + len(member.node.get("also", ())) for member in self.members)

    @property
    def mixed(self) -> bool:
        """Whether the members are in different zones."""
        return len({member.node["zone"] for member in self.members}) > 1

    @property
    def zone(self) -> str | None:
        """The zone of the first member."""
        return self.members[0].node["zone"]


Likeness = Callable[[NodeInLane], tuple[object, ...]]


def members(graph: Graph, found: Iterable[EndpointInLane]) -> list[NodeInLane]:
    """Return all nodes with what belongs to them, in the graph's order."""
    on_node: dict[str | None, list[EndpointInLane]] = {}
    for bundle in found:
        on_node.setdefault(bundle[0]["node"], []).append(bundle)
    entries = {its["node"]: (vertex, its) for vertex, its in of_kind(graph, VertexKind.ENTRY)}
    flows = {head: flow for _, head, flow in graph.out_edges(CLIENT, data=True)}
    made = []
    for _, node in of_kind(graph, VertexKind.NODE):
        vertex, entry = entries.get(node["label"], ("", None))
        made.append(
            NodeInLane(
                cast("NodeVertex", node),
                cast("EntryVertex | None", entry),
                cast("Flow | None", flows.get(vertex)),
                tuple(on_node.get(node["label"], ())),
            )
        )
    return made


def bundles(graph: Graph) -> list[EndpointInLane]:
    """Return all endpoints with what reaches them, in the graph's order."""
    return [
        (cast("EndpointVertex", data), arrival(graph, vertex)) for vertex, data in of_kind(graph, VertexKind.ENDPOINT)
    ]


def groups(every: Sequence[NodeInLane], unfold: frozenset[str]) -> list[LaneNodes]:
    """Return the lanes: by zone, and inside a zone in the order of their first nodes.

    Few nodes stay alone. More are put together where they are alike: same zone, same state, same number of pods in
    the same states, same answer. Where that still leaves too many lanes, a coarser likeness is taken.
    """
    zones = sorted({member.node["zone"] for member in every}, key=_zone_order)
    rank = {zone: i for i, zone in enumerate(zones)}
    # Stable: inside a zone the order stays that of the graph.
    ordered = sorted(every, key=lambda member: rank[member.node["zone"]])
    # Up to here a picture fits on two screens, and what one sees needs no click.
    if len(ordered) <= MOST_ALONE:
        return [LaneNodes((member,), "") for member in ordered]
    folded = _alike([member for member in ordered if not _is_apart(member, unfold)])
    folded += [[member] for member in ordered if _is_apart(member, unfold)]
    folded.sort(key=lambda its: rank[its[0].node["zone"]])
    room = MOST_LANES - len(folded)
    lanes: list[LaneNodes] = []
    for alike in folded:
        opened = _opened(alike, unfold, room)
        room -= len(opened) - 1
        lanes += opened
    return lanes


def alone(node: str) -> str:
    """Return what keeps a node in a lane of its own, among the words that unfold lanes."""
    return f"node/{node}"


def _is_apart(member: NodeInLane, unfold: frozenset[str]) -> bool:
    return not member.node.get("also") and alone(member.node["label"]) in unfold


def _zone_order(zone: str | None) -> tuple[object, ...]:
    return (zone is None, natural(zone or ""))


def _alike(ordered: Sequence[NodeInLane]) -> list[list[NodeInLane]]:
    # The finest likeness that leaves room for opened lanes: half of all that may be drawn.
    for likeness in (_same, _same_kind_of_pods):
        if len(found := _together(ordered, likeness)) <= MOST_LANES // 2:
            return found
    return _together(ordered, _same_state)


def _together(ordered: Sequence[NodeInLane], likeness: Likeness) -> list[list[NodeInLane]]:
    found: dict[tuple[object, ...], list[NodeInLane]] = {}
    for member in ordered:
        found.setdefault(likeness(member), []).append(member)
    # In the order of first members (dicts keep it), so that a lane stays where its first node was.
    return list(found.values())


def _opened(alike: list[NodeInLane], unfold: frozenset[str], room: int) -> list[LaneNodes]:
    """Return the group, or if it is to be opened its first nodes alone and the rest, which opens in turn."""
    page = name = _unfold_id(alike)
    lanes: list[LaneNodes] = []
    while len(alike) > 1 and page in unfold and room > 0:
        taken = min(MOST_ALONE, room)
        lanes += [LaneNodes((member,), "") for member in alike[:taken]]
        alike, room = alike[taken:], room - taken
        page = f"{name}~{len(lanes)}"
    if alike:
        rest = LaneNodes(tuple(alike), page, closed=room <= 0)
        lanes.append(rest if rest.size > 1 else LaneNodes(rest.members, ""))
    return lanes


def _unfold_id(alike: Sequence[NodeInLane]) -> str:
    """Return a name that outlives clicks: it leaves out the shares, which any failure elsewhere changes."""
    first = alike[0]
    return f"{slug(first.node['zone'] or 'nowhere')}.{first.node['state']}.{len(first.endpoints)}"


# --- likenesses, from fine to coarse ----------------------------------------------------------------------------------


def _looks(member: NodeInLane) -> tuple[object, ...]:
    node, entry = member.node, member.entry
    # Shares that anybody would call equal may differ in their last digit.
    reached = (entry["result"], entry["lb_target"], round(entry["answered"], 9)) if entry else ()
    return (node["zone"] or "", node["state"], node["stale"], node["assumed"], *reached)


def _pods(member: NodeInLane) -> list[tuple[str, str]]:
    return sorted((str(endpoint["state"]), endpoint["fate"]) for endpoint, _ in member.endpoints)


def _same(member: NodeInLane) -> tuple[object, ...]:
    return (*_looks(member), *_pods(member))


def _same_kind_of_pods(member: NodeInLane) -> tuple[object, ...]:
    node, entry = member.node, member.entry
    return (node["zone"] or "", node["state"], entry["result"] if entry else "", bool(member.endpoints))


def _same_state(member: NodeInLane) -> tuple[object, ...]:
    return (member.node["state"], member.entry["result"] if member.entry else "", bool(member.endpoints))
