"""The simulation document: everything one scenario results in, as plain JSON data (``nodefall/simulation/v1``)."""

from itertools import chain
from typing import Any

from webapp.cluster.model import Cluster, Endpoint, Node, Service
from webapp.cluster.order import natural
from webapp.failure.moments import state_at
from webapp.failure.scenario import Scenario
from webapp.failure.state import State
from webapp.manifests.problems import Problem
from webapp.routing.entry import Entry
from webapp.routing.entry_points import ranks
from webapp.routing.equal_entry_points import EntryPointGroup, split
from webapp.routing.outcome import PortOutcome, outcome
from webapp.simulation.detail import port_detail, scenario_detail, service_detail

SCHEMA = "nodefall/simulation/v1"
MAX_ENTRIES = 100_000
"""Above this one service must be named, or the entries folded: the document would be hundreds of megabytes."""


def entry_count(cluster: Cluster, service: str | None = None) -> int:
    """Return how many entries the document would hold."""
    services = [cluster.services[service]] if service else cluster.services.values()
    ports = sum(1 for s in services if s.accepted for port in s.ports if port.node_port is not None)
    return ports * len(cluster.nodes)


def simulation_document(cluster: Cluster, scenario: Scenario, *, summary: bool = False) -> dict[str, Any]:
    """Return the document of the README's contract; with a service in focus only that one is listed.

    With `summary` the entries of nodes that behave alike are folded into one with a ``count`` and its ``nodes``.
    """
    state = state_at(cluster, scenario)
    chosen = [cluster.services[scenario.service]] if scenario.service else cluster.services.values()
    return {
        "schema": SCHEMA,
        "at": scenario.at.value,
        "down": sorted(map(str, scenario.down), key=natural),
        "drain": [f"node/{name}" for name in scenario.drain],
        "nodes": [_node(state, node) for node in cluster.nodes.values()],
        "services": [_service(state, service, summary=summary) for service in chosen],
        "assumptions": list(cluster.assumptions),
        "notes": list(state.notes),
        "problems": [problem_document(problem) for problem in cluster.problems],
        **scenario_detail(state),
    }


def _node(state: State, node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "addresses": list(node.addresses),
        "zone": node.zone,
        "up": node.name not in state.down_nodes,
        "ready": node.ready and node.name not in state.unready_nodes,
        "assumed": node.assumed,
    }


def _service(state: State, service: Service, *, summary: bool) -> dict[str, Any]:
    # Each port has endpoints and entries of its own, whatever they share.
    outcomes = [outcome(state, service.key, index) for index in range(len(service.ports))]
    return {
        "namespace": service.namespace,
        "name": service.name,
        "type": service.type,
        "externalTrafficPolicy": service.external_traffic_policy,
        "accepted": service.accepted,
        "refusals": [{"type": r.type, "field": r.path, "detail": r.detail} for r in service.refusals],
        "ports": [
            {**_port(state, found, summary=summary), **port_detail(state, service, index)}
            for index, found in enumerate(outcomes)
        ],
        **service_detail(state, service),
    }


def _port(state: State, found: PortOutcome, *, summary: bool) -> dict[str, Any]:
    port = found.port
    return {
        "name": port.name,
        "protocol": port.protocol,
        "port": port.port,
        "targetPort": port.target_port,
        "nodePort": port.node_port,
        "nodePortAssigned": port.node_port_assigned,
        "endpoints": [_endpoint(state, endpoint) for endpoint in found.endpoints],
        "entries": _folded(state, found) if summary else [_entry(entry) for entry in found.entries],
        "answered": {"dns": found.dns, "lb": found.lb} if found.entries else None,
    }


def _endpoint(state: State, endpoint: Endpoint) -> dict[str, Any]:
    return {
        "pod": endpoint.pod,
        "address": endpoint.address,
        "port": endpoint.port,
        "node": endpoint.node,
        "ready": endpoint.ready,
        "serving": endpoint.serving,
        "terminating": endpoint.terminating,
        "assumed": state.is_assumed(endpoint.pod),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "node": entry.node,
        "address": entry.address,
        "answered": entry.answered,
        "outcome": entry.result.value,
        "reason": entry.reason,
        "clientIP": entry.client_ip,
        "endpoints": dict(entry.shares),
    }


def _folded(state: State, found: PortOutcome) -> list[dict[str, Any]]:
    """Return the entries whose clients get the same as one each, though their nodes may differ in zone or role."""

    def same(group: EntryPointGroup) -> tuple[object, ...]:
        entry = group.entry
        return entry.answered, entry.cause, entry.client_ip, id(entry.shares) if entry.shares else 0

    rank = ranks(state.cluster)
    listed = []
    for together in split(found.groups, same):
        # Their nodes may still differ in zone or role, which changes nothing of what clients get.
        entry = together[0].entry
        names = sorted(chain(*(group.nodes for group in together)), key=rank.__getitem__)
        listed.append({**_entry(entry), "reason": entry.said_of(len(names)), "count": len(names), "nodes": names})
    return listed


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON data."""
    return {
        "id": problem.id,
        "severity": problem.severity.value,
        "file": problem.file,
        "line": problem.line,
        "object": problem.object,
        "message": problem.message,
        "hint": problem.hint,
    }
