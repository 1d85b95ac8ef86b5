"""The services and the entry points of a cluster in a Scenario."""

from collections.abc import Iterable, Iterator

from webapp.cluster.model import Cluster, Service
from webapp.documents.records import EntryRecord, ServiceRecord
from webapp.documents.tables import csv_text, plain
from webapp.failure import Scenario, State, state_at
from webapp.failure.no_endpoints import no_endpoints
from webapp.numbers import counted, everything, nothing
from webapp.routing import Cause, EntryPointGroup, Result
from webapp.routing.evaluate import refusal
from webapp.routing.outcome import Outcomes, PortOutcome

REJECTED, NO_NODE_PORT = "Rejected", "No nodePort"
"""How a service without entry points stands; others stand as a :class:`Result` says."""


ServicePort = tuple[Service, int | None]
"""A service and the index of one of its ports; None if it has none."""


def service_records(cluster: Cluster, scenario: Scenario) -> Iterator[ServiceRecord]:
    """Yield a line for every service port, or those of the service in focus."""
    return records_of(state_at(cluster, scenario), service_ports(cluster, scenario))


def service_ports(cluster: Cluster, scenario: Scenario) -> Iterator[ServicePort]:
    """Yield every service port, or those of the service in focus."""
    for service in _chosen(cluster, scenario):
        for index in range(len(service.ports)) or (None,):
            yield service, index


def records_of(state: State, ports: Iterable[ServicePort]) -> Iterator[ServiceRecord]:
    """Yield these service ports in a state, in this order."""
    outcomes = Outcomes(state)
    return (_record(service, None if i is None else outcomes.of(service, i), state, i or 0) for service, i in ports)


def services_csv(records: Iterable[ServiceRecord]) -> str:
    """Return a line for each service port."""
    return csv_text(ServiceRecord, plain(records))


def _chosen(cluster: Cluster, scenario: Scenario) -> list[Service]:
    return [cluster.services[scenario.service]] if scenario.service else list(cluster.services.values())


def _record(service: Service, found: PortOutcome | None, state: State, index: int) -> ServiceRecord:
    port = found.port if found else None
    share = found.answered(state.scenario.via) if found else None
    if found is None or share is None:
        word, why = (NO_NODE_PORT, not_exposed(service)) if service.accepted else (REJECTED, rejected(service))
    else:
        word, why = _word(share, refused=found.refused(state.scenario.via)), _why(state, service, found, index)
    return ServiceRecord(
        namespace=service.namespace,
        service=service.name,
        port=port.port if port else None,
        protocol=port.protocol if port else None,
        node_port=port.node_port if port else None,
        policy=service.external_traffic_policy,
        state=word,
        answered=share,
        pods=len(found.endpoints) if found else 0,
        why=why,
    )


def _word(share: float, *, refused: bool) -> str:
    if everything(share):
        return Result.ANSWERED.word
    if not nothing(share):
        return Result.DEGRADED.word
    return (Result.REFUSED if refused else Result.TIMEOUT).word


def _why(state: State, service: Service, found: PortOutcome, index: int) -> str:
    lost = next(losing(found, state.scenario.via), None)
    if lost is None:
        return where_connections_go(found, state.scenario.via)
    if lost.entry.cause is Cause.NO_ENDPOINT:
        return refusal(service.key, no_endpoints(state, service, index, found.endpoints))
    return lost.entry.said_of(lost.count)


def losing(found: PortOutcome, via: str) -> Iterator[EntryPointGroup]:
    """Yield the nodes that are up and lose connections."""
    # Of a node that is down everybody knows why; the reason worth a line is that of a node that still takes packets.
    apart = (Cause.NODE_DOWN, Cause.ANSWERED)
    return (group for group in found.chosen(via) if group.entry.cause not in apart)


def where_connections_go(found: PortOutcome, via: str) -> str:
    """Return one sentence on where connections go, while no node that is up loses any."""
    chosen = found.chosen(via)
    total = sum(group.count for group in chosen)
    down = sum(group.count for group in chosen if group.entry.cause is Cause.NODE_DOWN)
    if not total:
        return "No node passes the load balancer’s health check."
    if down == total:
        return "The only address is down." if total == 1 else f"All {total:,} addresses are down."
    if down:
        return f"{down:,} of {total:,} addresses {'is' if down == 1 else 'are'} down; the others answer."
    return f"Answered by {counted(len({key for group in chosen for key in group.entry.shares}), 'pod')}."


def rejected(service: Service) -> str:
    """Return the first reason why the API server rejects a service."""
    return f"Rejected by the API server: {service.refusals[0].path}: {service.refusals[0].detail}"


def not_exposed(service: Service) -> str:
    """Return why no client outside reaches a service that has no entry points."""
    if service.type == "ExternalName":
        return "An ExternalName is a DNS alias: no node listens for it."
    # kube-proxy programs nothing for a headless Service, whatever its type.
    if service.headless:
        return "A headless service has no cluster IP and no nodePort: clients inside the cluster get its pods from DNS."
    if service.external_ips or service.load_balancer_addresses:
        return f"Its type is {service.type}, without a nodePort: clients outside can use its external addresses only."
    return f"Its type is {service.type}, without a nodePort: only clients inside the cluster reach it."


def entry_records(cluster: Cluster, scenario: Scenario) -> Iterator[EntryRecord]:
    """Yield every entry point of the cluster, or of the service in focus."""
    state = state_at(cluster, scenario)
    outcomes = Outcomes(state)
    for service in _chosen(cluster, scenario):
        for index, port in enumerate(service.ports):
            for entry in outcomes.of(service, index).entries:
                node = cluster.nodes[entry.node]
                yield EntryRecord(
                    namespace=service.namespace,
                    service=service.name,
                    port=port.port,
                    protocol=port.protocol,
                    node_port=port.node_port or 0,
                    node=node.name,
                    address=entry.address,
                    zone=node.zone,
                    up=node.name not in state.down_nodes,
                    answered=entry.answered,
                    outcome=entry.result.value,
                    client_ip=entry.client_ip,
                    reason=entry.reason,
                )
