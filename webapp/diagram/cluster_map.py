"""The graph of a whole cluster -> what its picture says: services as bars across lanes of nodes, unplaced."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from math import fsum
from typing import Any, cast, overload

from webapp.cluster.order import natural
from webapp.diagram import wording
from webapp.diagram.cluster_bars import FoldedBars, ServiceBar, folded_bars, service_bars
from webapp.diagram.cluster_pods import MapPod, map_pod, pending_pod
from webapp.diagram.lanes import LaneKind, Tone
from webapp.diagram.markup import slug
from webapp.diagram.whole_cluster import lane_word, port_result
from webapp.failure import FailureKind, Target
from webapp.numbers import counted, nothing, percent
from webapp.records import dataclass
from webapp.routing import Result
from webapp.routing.entry import Cause
from webapp.topology import CLIENT
from webapp.topology.attributes import (
    ClusterQuestion,
    EndpointVertex,
    EntryVertex,
    Flow,
    Graph,
    NodeState,
    NodeVertex,
    PendingVertex,
    VertexKind,
)
from webapp.topology.reading import of_kind

ON_NO_NODE, NOT_RUNNING, NO_NODE_YET = "On no node", "Not running", "No node yet"
"""The titles of lanes that are no node's."""
# No node has a slash in its name; one may well be called "elsewhere".
_ELSEWHERE, _PENDING = (f"/{kind}" for kind in (LaneKind.ELSEWHERE, LaneKind.PENDING))


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCell:
    """Where a lane and a bar meet: the entry points there, and the pods."""

    tone: Tone | None
    """What the entry points answer; None where no client comes in."""
    answered: float | None
    word: str
    """What happens to those that come in."""
    down: bool
    """The entry points are gone with their nodes."""
    dropped: bool
    """Policy Local: there is no pod here to pass a packet to."""
    passes: bool
    """Some entry point here hands connections on."""
    pools: frozenset[str]
    """What the entry points here select from."""
    pods: tuple[MapPod, ...]
    lost: float
    """The share of the service's new connections that is lost at the pods here."""

    @property
    def share(self) -> float:
        """What reaches the pods here, of all new connections to the service."""
        return fsum(pod.share for pod in self.pods)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """One node of a lane."""

    name: str
    control_plane: bool
    takes: Target


@dataclass(frozen=True, slots=True)
class MapNodes(Sequence[MapNode]):
    """The nodes of a lane, each made when it is asked for: of thousands the picture shows a few strokes."""

    names: tuple[str, ...] = ()
    control_planes: frozenset[str] = frozenset()
    """Those among them that belong to the control plane."""

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> MapNode: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[MapNode, ...]: ...
    def __getitem__(self, index: int | slice) -> MapNode | tuple[MapNode, ...]:
        if isinstance(index, slice):
            return tuple(map(self._node, self.names[index]))
        return self._node(self.names[index])

    def _node(self, name: str) -> MapNode:
        takes = Target(kind=FailureKind.NODE, name=name)
        return MapNode(name=name, control_plane=name in self.control_planes, takes=takes)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLane:
    """A node, several alike, or the place of pods that are on none."""

    id: str
    kind: LaneKind
    title: str
    short: str
    """The title, without its domain where that is not what tells nodes apart."""
    address: str
    quiet: str
    state: NodeState
    word: str
    assumed: bool
    members: MapNodes
    arrives: str
    """Which share of new connections comes in at these nodes; empty if none."""
    lost: bool
    """What comes in here is lost: the nodes are down."""
    takes: Target | None
    unfold: str
    cells: tuple[MapCell, ...]
    """One for each bar."""

    @property
    def nodes(self) -> int:
        """How many nodes share it."""
        return len(self.members)

    @property
    def pods(self) -> int:
        """How many pods of the services shown are here; each counts once, however many services it is behind."""
        return len({pod.key for cell in self.cells for pod in cell.pods})


@dataclass(frozen=True, slots=True, kw_only=True)
class MapZone:
    """The lanes of one zone."""

    id: str
    name: str
    """Empty where the cluster has no zones."""
    nodes: int
    down: bool
    takes: Target | None
    lanes: tuple[MapLane, ...]


@dataclass(frozen=True)
class ClusterMap:
    """A whole picture, unplaced."""

    question: ClusterQuestion
    bars: tuple[ServiceBar, ...]
    zones: tuple[MapZone, ...]
    folded: tuple[FoldedBars, ...]
    """The service ports without a bar."""

    @cached_property
    def lanes(self) -> tuple[MapLane, ...]:
        """All lanes, from top to bottom."""
        return tuple(lane for zone in self.zones for lane in zone.lanes)

    @property
    def has_folded_lanes(self) -> bool:
        """Whether some lane stands for several nodes."""
        return any(lane.nodes > 1 for lane in self.lanes)


def cluster_map(graph: Graph) -> ClusterMap:
    """Return what the picture of a whole cluster says."""
    bars = tuple(service_bars(graph))
    cells = _Cells(graph, [bar.name for bar in bars])
    by_zone: dict[str | None, list[MapLane]] = {}
    nodes = [cast("NodeVertex", data) for _, data in of_kind(graph, VertexKind.NODE)]
    # Names that a cloud gives end in a long domain: it would take the room of what tells them apart.
    hosts = Counter(node["label"].partition(".")[0] for node in nodes)
    for node in nodes:
        alone = hosts[node["label"].partition(".")[0]] == 1
        by_zone.setdefault(node["zone"], []).append(_lane(node, cells, with_domain=not alone))
    named = len(by_zone) > 1 or None not in by_zone
    zones = [_zone(name, _with_own_ids(lanes), named=named) for name, lanes in by_zone.items()]
    # A band around each single lane would only say the zone's name twice.
    if named and all(len(zone.lanes) == 1 and zone.lanes[0].nodes > 1 for zone in zones):
        zones = [_as_lane(zone) for zone in zones]
    if lanes := tuple(_lanes_without_node(cells)):
        zones.append(MapZone(id="z-_nowhere", name="", nodes=0, down=False, takes=None, lanes=lanes))
    question = cast("ClusterQuestion", graph.graph)
    return ClusterMap(question, bars, tuple(zones), tuple(folded_bars(question)))


# --- lanes ------------------------------------------------------------------------------------------------------------


def _zone(name: str | None, lanes: list[MapLane], *, named: bool) -> MapZone:
    return MapZone(
        id=f"z-{slug(name) if name is not None else '_'}",
        name=(f"zone {name}" if name is not None else "no zone") if named else "",
        nodes=sum(lane.nodes for lane in lanes),
        down=all(lane.state is NodeState.DOWN for lane in lanes),
        takes=Target(kind=FailureKind.ZONE, name=name) if name is not None else None,
        lanes=tuple(lanes),
    )


def _with_own_ids(lanes: Iterable[MapLane]) -> list[MapLane]:
    """Return the lanes of a zone; of several that one word unfolds, each but the first is told apart by its number."""
    known: dict[str, int] = {}
    made = []
    for lane in lanes:
        number = known[lane.id] = known.get(lane.id, 0) + 1
        made.append(lane if number == 1 else replace(lane, id=f"{lane.id}-{number}"))
    return made


def _as_lane(zone: MapZone) -> MapZone:
    """Return a zone that is one lane: the lane has its name, and what is done to it is done to the zone."""
    (lane,) = zone.lanes
    name = zone.name.removeprefix("zone ")
    quiet = f"{counted(lane.nodes, 'node')} · {counted(lane.pods, 'pod')}"
    return replace(zone, name="", lanes=(replace(lane, title=name, short=name, quiet=quiet, takes=zone.takes),))


def without_domain(name: str) -> str:
    """Return a node's name without its domain; an IP address stays whole.

    >>> without_domain("ip-10-0-12-31.eu-central-1.compute.internal"), without_domain("10.0.0.1")
    ('ip-10-0-12-31…', '10.0.0.1')
    """
    host, _, domain = name.partition(".")
    return f"{host}…" if domain[:1].isalpha() else name


def _lane(node: NodeVertex, cells: "_Cells", *, with_domain: bool) -> MapLane:
    also, planes = node.get("also", ()), node.get("control_planes", ())
    alone, name = not also, node["label"]
    pattern = "" if alone else wording.pattern((name, *also))
    word = lane_word(node["zone"], node["state"])
    lane = MapLane(
        # By name or zone and state, never by position: a page morphs what keeps its id, and focus stays with it.
        id=f"n-{slug(name)}" if alone else f"g-{slug(word)}",
        kind=LaneKind.NODE if alone else LaneKind.FOLDED,
        title=name if alone else counted(1 + len(also), "node"),
        short=(name if with_domain else without_domain(name)) if alone else counted(1 + len(also), "node"),
        address=(node["address"] or "") if alone else "",
        quiet="",
        state=node["state"],
        word=wording.NODE_WORDS[node["state"]] or ("Assumed" if node["assumed"] else ""),
        assumed=node["assumed"],
        members=MapNodes((name, *also), frozenset(planes)),
        arrives=cells.arrives(name),
        lost=node["state"] is NodeState.DOWN,
        takes=Target(kind=FailureKind.NODE, name=name) if alone else None,
        unfold="" if alone else word,
        cells=tuple(cells.of(name)),
    )
    return replace(lane, quiet=" · ".join(filter(None, (pattern.strip("*") and pattern, counted(lane.pods, "pod")))))


def _lanes_without_node(cells: "_Cells") -> Iterator[MapLane]:
    """Yield lanes for endpoints on no node of the cluster, and for pods that have none yet or are rejected."""
    elsewhere, waiting = tuple(cells.of(_ELSEWHERE)), tuple(cells.of(_PENDING))
    if any(cell.pods for cell in elsewhere):
        yield _lane_without_node(LaneKind.ELSEWHERE, ON_NO_NODE, "endpoint", elsewhere)
    if any(cell.pods for cell in waiting):
        failed = any(pod.dead for cell in waiting for pod in cell.pods)
        yield _lane_without_node(LaneKind.PENDING, NOT_RUNNING if failed else NO_NODE_YET, "pod", waiting)


def _lane_without_node(kind: LaneKind, title: str, what: str, cells: tuple[MapCell, ...]) -> MapLane:
    lane = MapLane(
        id=f"l-{kind}",
        kind=kind,
        title=title,
        short=title,
        address="",
        quiet="",
        state=NodeState.UP,
        word="",
        assumed=False,
        members=MapNodes(),
        arrives="",
        lost=False,
        takes=None,
        unfold="",
        cells=cells,
    )
    return replace(lane, quiet=counted(lane.pods, what))


class _Cells:
    """Looks up what belongs to a lane and a bar; goes over the graph once."""

    def __init__(self, graph: Graph, ports: Iterable[str]) -> None:
        self.graph = graph
        self.ports = tuple(ports)
        nodes = [cast("NodeVertex", data) for _, data in of_kind(graph, VertexKind.NODE)]
        self.lane_of = {name: node["label"] for node in nodes for name in (node["label"], *node.get("also", ()))}
        self.entries: dict[tuple[str, str], list[tuple[str, EntryVertex]]] = {}
        self.pods: dict[tuple[str, str], list[MapPod]] = {}
        for vertex, data in of_kind(graph, VertexKind.ENTRY):
            key = self.lane_of[data["node"]], data["of"]
            self.entries.setdefault(key, []).append((vertex, cast("EntryVertex", data)))
        for vertex, data in of_kind(graph, VertexKind.ENDPOINT):
            # An EndpointSlice written by hand may name no node, or one that nobody uploaded.
            key = self.lane_of.get(data["node"], _ELSEWHERE), data["of"]
            self.pods.setdefault(key, []).append(map_pod(cast("EndpointVertex", data), graph, vertex))
        for _, data in of_kind(graph, VertexKind.PENDING):
            key = _PENDING, data["of"]
            self.pods.setdefault(key, []).append(pending_pod(cast("PendingVertex", data)))

    def of(self, lane: str) -> Iterator[MapCell]:
        """Yield the cells of a lane, one for each bar."""
        for port in self.ports:
            yield _cell(self.entries.get((lane, port), []), self.pods.get((lane, port), []), self.graph)

    def arrives(self, lane: str) -> str:
        """Return which share of new connections comes in at a lane; a range where service ports differ."""
        shares = {
            # Equal shares of two ports may differ in their last digit.
            round(fsum(_arriving(self.graph, vertex) for vertex, _ in self.entries.get((lane, port), [])), 9)
            for port in self.ports
        }
        low, high = min(shares, default=0.0), max(shares, default=0.0)
        if nothing(high):
            return ""
        return percent(high) if nothing(high - low) else f"up to {percent(high)}"


def _arriving(graph: Graph, entry: str) -> float:
    flow: Flow | dict[str, Any] = graph.get_edge_data(CLIENT, entry) or {}
    return float(flow.get("share", 0.0))


def _cell(entries: list[tuple[str, EntryVertex]], pods: list[MapPod], graph: Graph) -> MapCell:
    used = [(entry, _arriving(graph, vertex)) for vertex, entry in entries]
    came_in = fsum(share for _, share in used)
    answered = fsum(entry["answered"] * share for entry, share in used) / came_in if came_in else None
    first = next((entry for entry, share in used if share), None)
    causes = {entry["cause"] for entry, share in used if share}
    result = port_result(answered or 0.0, refused=first is not None and first["result"] == Result.REFUSED)
    return MapCell(
        tone=Tone(wording.ENTRY_TONES[result]) if first else None,
        answered=answered,
        word=result.word if first else "",
        down=causes == {Cause.NODE_DOWN},
        dropped=causes == {Cause.NO_LOCAL_ENDPOINT},
        passes=any(entry["pool"] for entry, share in used if share),
        pools=frozenset(entry["pool"] for entry, share in used if share and entry["pool"]),
        pods=tuple(sorted(pods, key=lambda pod: natural(pod.name))),
        lost=fsum(pod.share for pod in pods if pod.dead),
    )
