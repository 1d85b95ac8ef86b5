"""The simulation document: everything one scenario results in, as plain JSON data (``nodefall/simulation/v1``)."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from webapp.cluster.model import Cluster, Endpoint, Node, Service
from webapp.cluster.order import natural
from webapp.failure.moments import state_at
from webapp.failure.scenario import Scenario
from webapp.failure.state import State
from webapp.limits import CLUSTER, TooLargeError
from webapp.manifests.problems import Problem
from webapp.routing.entry import Entry
from webapp.routing.entry_points import ranks
from webapp.routing.equal_entry_points import EntryPointGroup, split
from webapp.routing.outcome import PortOutcome, outcome
from webapp.simulation.detail import port_detail, scenario_detail, service_detail

SCHEMA = "nodefall/simulation/v1"
INSTEAD = "Name a service (--service, service=), or fold equal nodes (--entries summary, entries=summary)."


def entry_count(cluster: Cluster, service: str | None = None) -> int:
    """Return how many entries the document would hold."""
    services = [cluster.services[service]] if service else cluster.services.values()
    ports = sum(1 for s in services if s.accepted for port in s.ports if port.node_port is not None)
    return ports * len(cluster.nodes)


def check_entries(cluster: Cluster, service: str | None = None) -> None:
    """Count the entries of a document before they are made.

    Raises:
        TooLargeError: there are too many.

    """
    # 5,000 nodes times 2,000 NodePort services are ten million entries: gigabytes of JSON that nobody asked for.
    if (count := entry_count(cluster, service)) > CLUSTER.entries:
        raise TooLargeError(
            f"{count:,} entries are too many for one document, which may have {CLUSTER.entries:,}. {INSTEAD}"
        )


def simulation_document(cluster: Cluster, scenario: Scenario, *, summary: bool = False) -> dict[str, Any]:
    """Return the document of the README's contract; with a service in focus only that one is listed.

    With `summary` the entries of nodes that behave alike are folded into one with a ``count`` and its ``nodes``.

    Raises:
        TooLargeError: it would have too many entries, or too many endpoints in them.

    """
    if not summary:
        check_entries(cluster, scenario.service)
    rows = _Rows()
    state = state_at(cluster, scenario)
    chosen = [cluster.services[scenario.service]] if scenario.service else cluster.services.values()
    return {
        "schema": SCHEMA,
        "at": scenario.at.value,
        "down": sorted(map(str, scenario.down), key=natural),
        "drain": [f"node/{name}" for name in scenario.drain],
        "nodes": [_node(state, node) for node in cluster.nodes.values()],
        "services": [_service(state, service, rows, summary=summary) for service in chosen],
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


class _Rows:
    """Counts the endpoints of a document, and the shares of its entries, before they are written."""

    def __init__(self) -> None:
        self._left = CLUSTER.rows

    def add(self, found: PortOutcome, entries: Sequence[Entry]) -> None:
        self._left -= len(found.endpoints) + sum(len(entry.shares) for entry in entries)
        if self._left < 0:
            raise TooLargeError(
                f"More than {CLUSTER.rows:,} endpoints and shares of them are too many for one document. {INSTEAD}"
            )


def _service(state: State, service: Service, rows: _Rows, *, summary: bool) -> dict[str, Any]:
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
            {**_port(state, found, rows, summary=summary), **port_detail(state, service, index)}
            for index, found in enumerate(outcomes)
        ],
        **service_detail(state, service),
    }


def _port(state: State, found: PortOutcome, rows: _Rows, *, summary: bool) -> dict[str, Any]:
    port, entries = found.port, () if summary else found.entries
    folded = _folded(state, found) if summary else []
    rows.add(found, entries or [entry for entry, _ in folded])
    return {
        "name": port.name,
        "protocol": port.protocol,
        "port": port.port,
        "targetPort": port.target_port,
        "nodePort": port.node_port,
        "nodePortAssigned": port.node_port_assigned,
        "endpoints": [_endpoint(state, endpoint) for endpoint in found.endpoints],
        "entries": [*map(_entry, entries), *(_folded_entry(entry, names) for entry, names in folded)],
        "answered": {"dns": found.dns, "lb": found.lb} if found.groups else None,
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


def _folded(state: State, found: PortOutcome) -> list[tuple[Entry, list[str]]]:
    """Return an entry each for those whose clients get the same, though their nodes may differ in zone or role."""

    def same(group: EntryPointGroup) -> tuple[object, ...]:
        entry = group.entry
        return entry.answered, entry.cause, entry.client_ip, id(entry.shares) if entry.shares else 0

    rank = ranks(state.cluster)
    listed: list[tuple[Entry, list[str]]] = []
    for together in split(found.groups, same):
        # Their nodes may still differ in zone or role, which changes nothing of what clients get.
        names = sorted(chain(*(group.nodes for group in together)), key=rank.__getitem__)
        listed.append((together[0].entry, names))
    return listed


def _folded_entry(entry: Entry, names: list[str]) -> dict[str, Any]:
    return {**_entry(entry), "reason": entry.said_of(len(names)), "count": len(names), "nodes": names}


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
