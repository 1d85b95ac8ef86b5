"""State and Outcome -> the graph: of one service port, or of several in one cluster."""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any

import networkx as nx

from webapp.cluster.network_policies import policy_note
from webapp.cluster.order import natural
from webapp.failure.state import State
from webapp.routing.entry import Cause
from webapp.routing.outcome import PortOutcome
from webapp.topology.arrivals import arrivals
from webapp.topology.attributes import Flow, Graph, Question
from webapp.topology.folded_nodes import folded_nodes
from webapp.topology.vertices import (
    EntryGroup,
    PortAtMoment,
    client_vertex,
    endpoint_vertex,
    entry_vertex,
    node_vertex,
    pending_vertex,
    pods_not_running,
    port_at_moment,
    service_vertex,
)

CLIENT = "client"
SERVICE = "service"
"""The service port, where all its entry points use the same set of endpoints; else ``service/1``, ``service/2`` ..."""

DEAD_ENDPOINT = "kube-proxy still selects it, nothing answers there, and kube-proxy doesn't try another."


def graph(state: State, outcome: PortOutcome, before: PortOutcome, alone: int | None = None, found: str = "") -> Graph:
    """Return the graph of one service port at one moment; `before` is its outcome with nothing down.

    With `alone`, only so many nodes of a kind get a vertex each, and one more stands for all others (`also`): all
    that a picture shows, at a cost that hardly grows with the cluster; the node `found` keeps its own. Without it every
    node has its own.

    Vertices, edges and attributes are described in the package's docstring. Linear in nodes plus endpoints of this
    service, each counted once for every set that holds it; entry points and endpoints meet in the service vertex, so
    their product is never built.
    """
    port = port_at_moment(state, outcome, before)
    groups = folded_nodes(state, outcome, before, alone, found)
    via = state.scenario.via
    made: Graph = nx.DiGraph(**_question(port))
    made.add_node(CLIENT, **client_vertex(via, outcome.answered(via), before.answered(via)))
    for group in groups:
        made.add_node(f"node/{group.node.name}", **node_vertex(state, group.node, group.also))
    entries = [
        EntryGroup(group.entry, group.alike, group.count, group.before, group.node.name)
        for group in groups
        if group.entry and group.alike
    ]
    add_port(made, port, entries)
    return made


def _question(port: PortAtMoment) -> Question:
    scenario = port.state.scenario
    return Question(
        service=port.outcome.service.key,
        port=port.outcome.port.port,
        at=str(scenario.at),
        via=scenario.via,
        down=tuple(sorted((str(target) for target in scenario.down), key=natural)),
        drain=scenario.drain,
        answered=port.outcome.answered(scenario.via),
        before=port.before.answered(scenario.via),
        notes=(*policy_notes(port), *port.state.notes),
        assumptions=port.state.cluster.assumptions,
    )


def policy_notes(port: PortAtMoment) -> tuple[str, ...]:
    """Return what is to be known of NetworkPolicies, where the port has entry points at all."""
    note = policy_note(port.state.cluster, port.outcome.service, port.outcome.port)
    return (note,) if note and port.outcome.groups else ()


def add_port(made: Graph, port: PortAtMoment, entries: Sequence[EntryGroup], name: str = "") -> None:
    """Add a service port to a graph that has the client and the nodes; `name` keeps it apart from other ports."""
    within = f"{name}/" if name else ""
    services = _service_names(port, f"{SERVICE}/{name}" if name else SERVICE)
    made.add_nodes_from(_vertices(port, entries, services, within), **({"of": name} if name else {}))
    used_by = {user.entry.node: of for its, of in zip(port.sets, services, strict=False) for user in its.users}
    for its in entries:
        made.add_edges_from(_around_entry(port, its, f"entry/{within}{its.entry.node}", used_by))
    made.add_edges_from(_into_endpoints(port, services, used_by, f"endpoint/{within}"))


def _service_names(port: PortAtMoment, name: str) -> list[str]:
    # Numbered in the order of the endpoints, so that ids do not depend on the order of the nodes.
    return [f"{name}/{i}" for i, _ in enumerate(port.sets, 1)] if len(port.sets) > 1 else [name]


def _vertices(
    port: PortAtMoment, entries: Sequence[EntryGroup], services: Sequence[str], within: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for its in entries:
        yield f"entry/{within}{its.entry.node}", {**entry_vertex(port, its)}
    facts = service_vertex(port)
    yield from ((name, {**facts}) for name in services)
    for endpoint in port.endpoints:
        yield f"endpoint/{within}{endpoint.key}", {**endpoint_vertex(port, endpoint)}
    for pod in pods_not_running(port):
        yield f"pending/{within}{pod.key}", {**pending_vertex(port, pod)}


# --- edges ------------------------------------------------------------------------------------------------------------


def _around_entry(
    port: PortAtMoment, its: EntryGroup, vertex: str, used_by: Mapping[str, str]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    entry, service = its.entry, used_by.get(its.alike.entry.node)
    share = port.comes_in_at(entry.node, its.alike) * its.count
    # An edge with share 0 would be a path of no packet, so none leads to an entry point that no client comes to.
    if share:
        ends = service is None
        lost, result, why = (share, str(entry.result), entry.reason) if ends else (0.0, "answered", "")
        yield CLIENT, vertex, _flow(share, share, lost=lost, result=result, why=why)
    # Whoever is on the node reaches its entry point, unless the node is down. How many of the clients do so stands on
    # the edge from the client.
    if entry.cause is not Cause.NODE_DOWN:
        yield f"node/{its.lane}", vertex, _flow(0.0, its.part)
    if service is not None:
        yield vertex, service, _flow(share, 1.0)


def _into_endpoints(
    port: PortAtMoment, services: Sequence[str], used_by: Mapping[str, str], prefix: str
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    came_in = arrivals(port.outcome, port.state.scenario.via)
    own_node = dict(_own_nodes(port, used_by))
    for its, service in zip(port.sets, services, strict=False):
        weights = [came_in.get(user.entry.node, 0.0) for user in its.users]
        for key, selected in its.shares.items():
            at, weight = own_node.get(key, ("", 0.0))
            # Sums are exact (fsum), so that the order of the nodes does not show in the last digit.
            share = fsum(each * selected for each in weights)
            dead = key not in port.outcome.live
            yield (
                service,
                prefix + key,
                _flow(
                    share,
                    selected,
                    lost=share if dead else 0.0,
                    result="timeout" if dead else "answered",
                    same_node=weight * selected if at == service else 0.0,
                    why=DEAD_ENDPOINT if dead else "",
                ),
            )


def _own_nodes(port: PortAtMoment, used_by: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, float]]]:
    """Yield endpoints with the service vertex that their own node's entry point uses, and what comes in there."""
    for endpoint in port.endpoints:
        home = endpoint.home
        # An EndpointSlice written by hand may name no node, or one that nobody uploaded.
        if home is None or home not in port.state.cluster.nodes:
            continue
        if alike := port.outcome.group_of(home):
            yield endpoint.key, (used_by.get(alike.entry.node, ""), port.comes_in_at(home, alike))


def _flow(
    share: float,
    conditional: float,
    *,
    lost: float = 0.0,
    result: str = "answered",
    same_node: float = 0.0,
    why: str = "",
) -> dict[str, Any]:
    flow = Flow(
        share=share,
        conditional=conditional,
        weight=conditional,
        lost=lost,
        result=result,
        same_node=same_node,
        why=why,
    )
    return {**flow}
