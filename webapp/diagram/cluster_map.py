"""The graph of a whole cluster -> what its picture says: services as bars across lanes of nodes, unplaced."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum
from typing import Any, cast

from webapp.cluster.order import natural
from webapp.diagram import wording
from webapp.diagram.lanes import Tone
from webapp.diagram.markup import slug
from webapp.diagram.whole_cluster import lane_word, port_result
from webapp.failure import FailureKind, Target
from webapp.numbers import counted, nothing, percent
from webapp.routing import Result
from webapp.topology import CLIENT
from webapp.topology.attributes import (
    ClusterQuestion,
    EndpointState,
    EndpointVertex,
    EntryVertex,
    Flow,
    Graph,
    NodeState,
    NodeVertex,
    ServiceVertex,
    VertexKind,
)
from webapp.topology.reading import Ending, arrival, endings_by_port, of_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBar:
    """One service port: a bar across all lanes, with its header."""

    id: str
    name: str
    """``default/web:80``, as in the ids of the graph."""
    namespace: str
    service: str
    port: int
    ports: str
    """``80 ← 30080``"""
    share: float
    before: float
    tone: Tone
    word: str
    local: bool
    """Policy Local: nothing runs from lane to lane."""
    endings: Mapping[Ending, float]
    """How new connections end; the parts of the gauge."""

    @property
    def label(self) -> str:
        """What a screen reader says of its link."""
        was = "" if nothing(abs(self.before - self.share)) else f", was {percent(self.before)}"
        return f"{self.namespace}/{self.service} {self.ports}, {self.word.lower()}, {percent(self.share)}{was}. Open"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPod:
    """A pod of a service in a lane."""

    name: str
    tone: Tone
    words: str
    dead: bool
    share: float
    pool: str
    takes: Target | None
    down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCell:
    """Where a lane and a bar meet: the entry points there, and the pods."""

    tone: Tone | None
    """What the entry points answer; None where no client comes in, or the node is down."""
    answered: float | None
    word: str
    """What happens to those that come in."""
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
class MapLane:
    """A node, or several of one zone and state."""

    id: str
    title: str
    short: str
    """The title without the domain that all nodes share."""
    address: str
    quiet: str
    state: NodeState
    word: str
    assumed: bool
    nodes: int
    control_planes: int
    """How many of them are nodes of the control plane."""
    arrives: str
    """Which share of new connections comes in at these nodes; empty if none."""
    lost: bool
    """What comes in here is lost: the nodes are down."""
    takes: Target | None
    unfold: str
    cells: tuple[MapCell, ...]
    """One for each bar."""

    @property
    def pods(self) -> int:
        """How many pods of the services shown are here."""
        return sum(len(cell.pods) for cell in self.cells)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPorts:
    """Service ports without a bar, by what clients see of them."""

    count: int
    tone: Tone
    word: str
    affected: bool

    @property
    def words(self) -> str:
        """Return ``10 healthy, as before``."""
        return f"{self.count:,} {self.word.lower()}, {'also affected' if self.affected else 'as before'}"


@dataclass(frozen=True)
class ClusterMap:
    """A whole picture, unplaced."""

    question: ClusterQuestion
    bars: tuple[ServiceBar, ...]
    zones: tuple[MapZone, ...]
    others: tuple[OtherPorts, ...]

    @cached_property
    def lanes(self) -> tuple[MapLane, ...]:
        """All lanes, from top to bottom."""
        return tuple(lane for zone in self.zones for lane in zone.lanes)

    @property
    def folded(self) -> bool:
        """Whether some lane stands for several nodes."""
        return any(lane.nodes > 1 for lane in self.lanes)


def cluster_map(graph: Graph) -> ClusterMap:
    """Return what the picture of a whole cluster says."""
    bars = tuple(_bars(graph))
    cells = _Cells(graph, [bar.name for bar in bars])
    by_zone: dict[str | None, list[MapLane]] = {}
    nodes = [cast("NodeVertex", data) for _, data in of_kind(graph, VertexKind.NODE)]
    # Names that a cloud gives end in a long domain, the same for all nodes: it would take the room of what tells them
    # apart.
    domains = {node["label"].partition(".")[2] for node in nodes}
    domain = domains.pop() if len(domains) == 1 and len(nodes) > 1 else ""
    for node in nodes:
        by_zone.setdefault(node["zone"], []).append(_lane(node, cells, domain))
    named = len(by_zone) > 1 or None not in by_zone
    zones = [_zone(name, lanes, named=named) for name, lanes in by_zone.items()]
    # A band around each single lane would only say the zone's name twice.
    if named and all(len(zone.lanes) == 1 and zone.lanes[0].nodes > 1 for zone in zones):
        zones = [_as_lane(zone) for zone in zones]
    question = cast("ClusterQuestion", graph.graph)
    return ClusterMap(question, bars, tuple(zones), tuple(_others(question)))


# --- bars -------------------------------------------------------------------------------------------------------------


def _bars(graph: Graph) -> Iterator[ServiceBar]:
    endings = endings_by_port(graph)
    services = {data["of"]: cast("ServiceVertex", data) for _, data in of_kind(graph, VertexKind.SERVICE)}
    for name, service in services.items():
        share = service["answered"] or 0.0
        lost = {ending: part for ending, part in endings[name].items() if not nothing(part)}
        # The IP of a node that is down refuses nobody: the nodes that are up decide the word.
        refused = Ending.REFUSED in lost and not lost.keys() - {Ending.REFUSED, Ending.NODE_DOWN}
        result = port_result(share, refused=refused)
        yield ServiceBar(
            id=f"b-{slug(name)}",
            name=name,
            namespace=service["namespace"],
            service=service["name"],
            port=service["port"],
            ports=f"{service['port']} ← {service['node_port']}",
            share=share,
            before=service["before"] or 0.0,
            tone=Tone(wording.ENTRY_TONES[result]),
            word=result.word,
            local=service["policy"] == "Local",
            endings=lost,
        )


def _others(question: ClusterQuestion) -> Iterator[OtherPorts]:
    order = list(Result)
    for key, count in sorted(question["others"].items(), key=lambda item: order.index(Result(item[0].split(", ")[0]))):
        result = Result(key.split(", ")[0])
        yield OtherPorts(
            count=count, tone=Tone(wording.ENTRY_TONES[result]), word=result.word, affected=key.endswith("affected")
        )


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


def _as_lane(zone: MapZone) -> MapZone:
    """Return a zone that is one lane: the lane has its name, and what is done to it is done to the zone."""
    (lane,) = zone.lanes
    name = zone.name.removeprefix("zone ")
    quiet = f"{counted(lane.nodes, 'node')} · {counted(lane.pods, 'pod')}"
    return replace(zone, name="", lanes=(replace(lane, title=name, short=name, quiet=quiet, takes=zone.takes),))


def without_domain(name: str, domain: str) -> str:
    """Return a node's name without the domain that all nodes share: its telling part.

    >>> without_domain("ip-10-0-12-31.eu-central-1.compute.internal", "eu-central-1.compute.internal")
    'ip-10-0-12-31…'
    """
    return f"{name.removesuffix(f'.{domain}')}…" if domain else name


def _lane(node: NodeVertex, cells: "_Cells", domain: str) -> MapLane:
    also = node.get("also", ())
    alone, name = not also, node["label"]
    its = tuple(cells.of(name))
    pods = sum(len(cell.pods) for cell in its)
    pattern = "" if alone else wording.pattern((name, *also))
    word = lane_word(node["zone"], node["state"])
    return MapLane(
        # By name or zone and state, never by position: a page morphs what keeps its id, and focus stays with it.
        id=f"n-{slug(name)}" if alone else f"g-{slug(word)}",
        title=name if alone else counted(1 + len(also), "node"),
        short=without_domain(name, domain) if alone else counted(1 + len(also), "node"),
        address=(node["address"] or "") if alone else "",
        quiet=" · ".join(filter(None, (pattern.strip("*") and pattern, counted(pods, "pod")))),
        state=node["state"],
        word=wording.NODE_WORDS[node["state"]],
        assumed=node["assumed"],
        nodes=1 + len(also),
        control_planes=int(node["control_plane"]),
        arrives=cells.arrives(name),
        lost=node["state"] is NodeState.DOWN,
        takes=Target(kind=FailureKind.NODE, name=name) if alone else None,
        unfold="" if alone else word,
        cells=its,
    )


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
            # An endpoint on no node of the cluster has no lane; the service's own map shows it.
            if data["node"] in self.lane_of:
                key = self.lane_of[data["node"]], data["of"]
                self.pods.setdefault(key, []).append(_pod(cast("EndpointVertex", data), graph, vertex))

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
    # What is lost at a node that is down is drawn at the left end of its lane, before any bar.
    shown = first is not None and entries[0][1]["cause"] != "node-down"
    result = port_result(answered or 0.0, refused=first is not None and first["result"] == Result.REFUSED)
    return MapCell(
        tone=Tone(wording.ENTRY_TONES[result]) if shown else None,
        answered=answered,
        word=result.word if shown else "",
        passes=any(entry["pool"] for entry, share in used if share),
        pools=frozenset(entry["pool"] for entry, share in used if share and entry["pool"]),
        pods=tuple(sorted(pods, key=lambda pod: natural(pod.name))),
        lost=fsum(pod.share for pod in pods if pod.dead),
    )


def _pod(endpoint: EndpointVertex, graph: Graph, vertex: str) -> MapPod:
    came = arrival(graph, vertex)
    return MapPod(
        name=endpoint["label"],
        tone=Tone(wording.POD_TONES[endpoint["state"]]),
        words=wording.pod_words(endpoint),
        dead=endpoint["state"] in (EndpointState.NO_ANSWER, EndpointState.DOWN),
        share=came.share if came else 0.0,
        pool=endpoint["pool"],
        takes=Target(kind=FailureKind.POD, name=endpoint["key"]) if endpoint["pod"] else None,
        down=endpoint["down"],
    )
