"""From a State to the Outcome of one service port."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from weakref import WeakKeyDictionary

from webapp.cluster.endpoints import family
from webapp.cluster.model import Cluster, Endpoint, Node, Service, ServicePort
from webapp.cluster.nodes import ZONE_LABEL
from webapp.cluster.options import ClusterOptions
from webapp.failure.belief import endpoints_at, is_live
from webapp.failure.scenario import Scenario
from webapp.failure.state import State
from webapp.routing.evaluate import balancer_targets, evaluate
from webapp.routing.health_check import is_checked, kube_proxies_dead
from webapp.routing.outcome import Entry, PortOutcome
from webapp.routing.plan import Plan, PlanNode

_EXCLUDED_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
_DELETED_TAINT = "ToBeDeletedByClusterAutoscaler"


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
        for chosen, nodes in _entry_points(state, service).items()
    )


def _entry_points(state: State, service: Service) -> dict[str, tuple[PlanNode, ...]]:
    """Return the entry points of a service by the IP family they are entered by."""
    cluster, families = state.cluster, service.ip_families
    healthy = _HEALTHY.setdefault(cluster, {})
    if families not in healthy:
        healthy[families] = _by_family(State(cluster=cluster, scenario=Scenario()), cluster.nodes, families)
    checked = is_checked(service)
    hit = state.down_nodes | state.stale_nodes | (kube_proxies_dead(state) if checked else frozenset())
    changed = _by_family(state, sorted(hit), families, checked=checked)
    return {chosen: tuple({**nodes, **changed.get(chosen, {})}.values()) for chosen, nodes in healthy[families].items()}


_HEALTHY: WeakKeyDictionary[Cluster, dict[tuple[str, ...], dict[str, dict[str, PlanNode]]]] = WeakKeyDictionary()
"""The entry points of each cluster with nothing down, by the families of a service: the same for every click."""


def _by_family(
    state: State, names: Iterable[str], families: tuple[str, ...], *, checked: bool = False
) -> dict[str, dict[str, PlanNode]]:
    found: dict[str, dict[str, PlanNode]] = {}
    for name in names:
        chosen, entry = plan_node(state, state.cluster.nodes[name], families, checked=checked)
        found.setdefault(chosen, {})[name] = entry
    return found


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


def plan_node(state: State, node: Node, families: tuple[str, ...], *, checked: bool = False) -> tuple[str, PlanNode]:
    """Return the IP family by which the node is entered for these families, and the entry point.

    `checked`: balancers ask the healthCheckNodePort, which nobody answers where kube-proxy has died.
    """
    silent = checked and node.name in kube_proxies_dead(state)
    chosen, address = _primary(node.internal_ips, families)
    return chosen, PlanNode(
        name=node.name,
        zone=node.labels.get(ZONE_LABEL) or None,
        up=node.name not in state.down_nodes,
        address=address,
        listens=_listens(node, address, state.cluster.options),
        stale=node.name in state.stale_nodes,
        lb_target=not silent
        and _EXCLUDED_LABEL not in node.labels
        and not any(t.key == _DELETED_TAINT for t in node.taints),
    )


def _primary(addresses: tuple[str, ...], families: tuple[str, ...]) -> tuple[str, str | None]:
    for wanted in families:
        for address in addresses:
            if family(address) == wanted:
                return wanted, address
    return families[0], None


def _listens(node: Node, address: str | None, options: ClusterOptions) -> bool:
    """Return whether kube-proxy opens nodePorts on the address (``--nodeport-addresses``).

    iptables mode listens on all addresses by default, nftables on the node's primary ones; an entry is always at a
    primary address. An unknown address is taken to be listened on, unless only localhost is.
    """
    wanted = options.nodeport_addresses
    if address is None:
        return not node.internal_ips and wanted != ("localhost",)
    return not wanted or "all" in wanted or "primary" in wanted or any(_covers(word, address) for word in wanted)


@lru_cache(maxsize=65536)
def _covers(word: str, address: str) -> bool:
    return word != "localhost" and ip_address(address) in ip_network(word, strict=False)
