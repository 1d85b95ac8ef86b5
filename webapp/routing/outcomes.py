"""From a State to the Outcome of one service port."""

from collections.abc import Sequence

from webapp.cluster.endpoints import family
from webapp.cluster.model import Endpoint, Service, ServicePort
from webapp.failure.belief import endpoints_at, is_live
from webapp.failure.state import State
from webapp.routing.entry_points import entry_points
from webapp.routing.evaluate import balancer_targets, evaluate
from webapp.routing.health_check import is_checked
from webapp.routing.outcome import Entry, PortOutcome
from webapp.routing.plan import Plan, PlanNode


def outcome(state: State, service_key: str, port_index: int = 0) -> PortOutcome:
    """Return what new connections to one port of a service get.

    Raises:
        KeyError: there is no such service.
        IndexError: the service has no such port.

    """
    service = state.cluster.services[service_key]
    port = service.ports[port_index]
    listed = endpoints_at(state, service, port_index)
    live = frozenset(e.key for e in listed if is_live(state, e))
    if not has_entries(service, port):
        return PortOutcome(service=service, port=port, endpoints=listed, live=live, entries=())
    by_family = plans(state, service_key, port_index)
    entries = [entry for plan in by_family for entry in evaluate(plan)]
    targets = frozenset(name for plan in by_family for name in balancer_targets(plan))
    if len(by_family) > 1:
        by_node = {entry.node: entry for entry in entries}
        entries = [by_node[name] for name in state.cluster.nodes]
    return PortOutcome(
        service=service,
        port=port,
        endpoints=listed,
        live=live,
        entries=tuple(entries),
        lb_targets=targets,
        dns=_mean(entries),
        lb=_mean([entry for entry in entries if entry.node in targets]),
    )


def has_entries(service: Service, port: ServicePort) -> bool:
    """Return whether kube-proxy opens a nodePort for it: accepted, not ExternalName, not headless, with a number."""
    return service.accepted and port.node_port is not None and service.type != "ExternalName" and not service.headless


def _mean(entries: Sequence[Entry]) -> float:
    return sum(entry.answered for entry in entries) / len(entries) if entries else 0.0


def plans(state: State, service_key: str, port_index: int = 0) -> tuple[Plan, ...]:
    """Return one plan for each IP family that some node is entered by; almost always that is one."""
    service = state.cluster.services[service_key]
    port = service.ports[port_index]
    listed = endpoints_at(state, service, port_index)
    return tuple(
        _plan(state, service, _of_family(listed, chosen), _of_family(port.endpoints, chosen), nodes)
        for chosen, nodes in entry_points(state, service.ip_families, checked=is_checked(service)).items()
    )


def _plan(
    state: State,
    service: Service,
    endpoints: tuple[Endpoint, ...],
    of_before: tuple[Endpoint, ...],
    nodes: tuple[PlanNode, ...],
) -> Plan:
    stale = of_before if state.stale_nodes else ()
    return Plan(
        service=service.key,
        local=service.external_traffic_policy == "Local",
        endpoints=endpoints,
        stale_endpoints=stale,
        dead=frozenset(e.key for e in (*endpoints, *stale) if not is_live(state, e)),
        host_network=frozenset(e.key for e in endpoints if _host_network(state, e)),
        nodes=nodes,
        iptables=state.cluster.options.proxy_mode == "iptables",
    )


def _of_family(endpoints: tuple[Endpoint, ...], chosen: str) -> tuple[Endpoint, ...]:
    return tuple(e for e in endpoints if e.address is None or family(e.address) == chosen)


def _host_network(state: State, endpoint: Endpoint) -> bool:
    pod = state.cluster.pods.get(endpoint.pod or "")
    if pod is not None and pod.spec.host_network:
        return True
    node = state.cluster.nodes.get(endpoint.node or "")
    return node is not None and endpoint.address in node.addresses
