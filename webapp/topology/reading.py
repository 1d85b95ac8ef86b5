"""What pictures and exports ask of a graph, so that nobody works out again what it holds."""

from collections.abc import Iterator
from enum import StrEnum
from math import fsum
from typing import Any, cast

from webapp.records import dataclass
from webapp.routing.entry import Cause, Result
from webapp.topology.attributes import EntryVertex, Flow, Graph, ServiceVertex, VertexKind
from webapp.topology.build import CLIENT


@dataclass(frozen=True, slots=True)
class Arrival:
    """What reaches an endpoint, out of all the sets that hold it."""

    share: float
    """Of all new connections to its service port."""
    why: str
    """Why it is lost there; empty if it is not."""


def of_kind(graph: Graph, kind: VertexKind) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the vertices of one kind with their attributes."""
    return ((vertex, data) for vertex, data in graph.nodes(data=True) if data["kind"] is kind)


def service_vertex(graph: Graph) -> ServiceVertex:
    """Return what the vertices of the service port say, in the graph of one port."""
    return cast("ServiceVertex", next(data for _, data in of_kind(graph, VertexKind.SERVICE)))


def arrival(graph: Graph, endpoint: str) -> Arrival | None:
    """Return what reaches an endpoint; None where no entry point may select it."""
    flows = [cast("Flow", flow) for _, _, flow in graph.in_edges(endpoint, data=True)]
    # Whether an endpoint answers is the same for every set that holds it, so the first reason stands for all.
    return Arrival(fsum(flow["share"] for flow in flows), flows[0]["why"]) if flows else None


class Ending(StrEnum):
    """How a new connection ends."""

    ANSWERED = "ok"
    NODE_DOWN = "address"
    """At the address of a node that is down."""
    DEAD_ENDPOINT = "pods"
    REFUSED = "refused"
    DROPPED = "dropped"
    """By policy Local, or because a load balancer has no target left."""


def entries_in_use(graph: Graph) -> list[EntryVertex]:
    """Return the entry points that clients connect to."""
    return [cast("EntryVertex", graph.nodes[vertex]) for vertex in graph.successors(CLIENT)]


def lost_at(entry: EntryVertex) -> Ending:
    """Return how those of its connections end that are not answered."""
    return ending_of(entry["cause"], entry["result"])


def ending_of(cause: str, result: str) -> Ending:
    """Return the same for an entry point that loses some, by its cause and its result."""
    if cause == Cause.NODE_DOWN:
        return Ending.NODE_DOWN
    if result == Result.REFUSED:
        return Ending.REFUSED
    return Ending.DROPPED if cause == Cause.NO_LOCAL_ENDPOINT else Ending.DEAD_ENDPOINT


def endings(graph: Graph) -> dict[Ending, float]:
    """Return the share of all new connections to the port by how they end; they sum to 1."""
    (found,) = endings_by_port(graph).values()
    return found


def endings_by_port(graph: Graph) -> dict[str, dict[Ending, float]]:
    """Return the same for each service port of a cluster, by its name."""
    ports = dict.fromkeys(data.get("of", "") for _, data in of_kind(graph, VertexKind.SERVICE))
    parts: dict[str, dict[Ending, list[float]]] = {port: {ending: [] for ending in Ending} for port in ports}
    for _, vertex, flow in graph.out_edges(CLIENT, data=True):
        entry = cast("EntryVertex", graph.nodes[vertex])
        parts[entry.get("of", "")][lost_at(entry)].append(flow["lost"])
    came_in = {port for port, its in parts.items() if any(its.values())}
    for service, data in of_kind(graph, VertexKind.SERVICE):
        for _, _, flow in graph.out_edges(service, data=True):
            parts[data.get("of", "")][Ending.DEAD_ENDPOINT].append(flow["lost"])
            parts[data.get("of", "")][Ending.ANSWERED].append(flow["share"] - flow["lost"])
    # A load balancer without a target: no edge carries these connections, and the shares have to sum to 1.
    for port in ports.keys() - came_in:
        parts[port][Ending.DROPPED].append(1.0)
    return {port: {ending: fsum(shares) for ending, shares in its.items()} for port, its in parts.items()}


def is_cluster(graph: Graph) -> bool:
    """Return whether it is the graph of a whole cluster, not that of one service port."""
    return "others" in graph.graph
