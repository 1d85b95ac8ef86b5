"""From a State to the Outcome of one service port."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import fsum
from typing import overload

from webapp.cluster.endpoints import family
from webapp.cluster.model import Endpoint, NoEndpoints, Service, ServicePort
from webapp.failure.belief import endpoints_at, is_live
from webapp.failure.state import State
from webapp.routing.crowds import crowds, mentioned
from webapp.routing.entry_points import ByFamily, entry_points, kinds, ranks
from webapp.routing.evaluate import Evaluator
from webapp.routing.health_check import is_checked
from webapp.routing.no_endpoints import no_endpoints
from webapp.routing.outcome import Crowd, Entry, PortOutcome
from webapp.routing.plan import Plan


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
    none = no_endpoints(state, service, port_index, listed)
    if not has_entries(service, port):
        return PortOutcome(service=service, port=port, endpoints=listed, live=live, entries=(), no_endpoints=none)
    families, checked = service.ip_families, is_checked(service)
    points = entry_points(state, families, checked=checked)
    by_family = {chosen: plan_of(state, service, port, listed, chosen, none) for chosen in points}
    apart = mentioned((*listed, *port.endpoints))
    made = crowds(by_family, kinds(state, families, checked=checked), points, apart)
    rank = ranks(state.cluster)
    found = tuple(sorted(made, key=lambda crowd: rank[crowd.entry.node]))
    targets = [crowd for crowd in found if crowd.target]
    return PortOutcome(
        service=service,
        port=port,
        endpoints=listed,
        live=live,
        entries=Entries(tuple(state.cluster.nodes), by_family, points),
        lb_targets=frozenset(name for crowd in targets for name in crowd.nodes),
        dns=mean(found),
        lb=mean(targets),
        crowds=found,
        no_endpoints=none,
    )


class Entries(Sequence[Entry]):
    """All entry points of a service port, each worked out when somebody asks for it."""

    def __init__(self, nodes: tuple[str, ...], by_family: Mapping[str, Plan], points: ByFamily) -> None:
        self._nodes = nodes
        self._evaluators = [(points[chosen], Evaluator(plan)) for chosen, plan in by_family.items()]

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, index: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(index, slice):
            return tuple(map(self.at, self._nodes[index]))
        return self.at(self._nodes[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def at(self, node: str) -> Entry:
        """Return the entry point of a node."""
        return next(evaluator.entry(points[node]) for points, evaluator in self._evaluators if node in points)


def mean(found: Sequence[Crowd]) -> float:
    """Return the mean of what their entry points answer; 0 if there are none."""
    total = sum(crowd.count for crowd in found)
    return fsum(crowd.count * crowd.entry.answered for crowd in found) / total if total else 0.0


def has_entries(service: Service, port: ServicePort) -> bool:
    """Return whether kube-proxy opens a nodePort for it: accepted, not ExternalName, not headless, with a number."""
    return service.accepted and port.node_port is not None and service.type != "ExternalName" and not service.headless


def plans(state: State, service_key: str, port_index: int = 0) -> tuple[Plan, ...]:
    """Return one plan for each IP family that some node is entered by; almost always that is one."""
    service = state.cluster.services[service_key]
    port = service.ports[port_index]
    listed = endpoints_at(state, service, port_index)
    none = no_endpoints(state, service, port_index, listed)
    return tuple(
        replace(plan_of(state, service, port, listed, chosen, none), nodes=tuple(nodes.values()))
        for chosen, nodes in entry_points(state, service.ip_families, checked=is_checked(service)).items()
    )


def plan_of(
    state: State,
    service: Service,
    port: ServicePort,
    listed: tuple[Endpoint, ...],
    chosen: str,
    none: NoEndpoints | None = None,
) -> Plan:
    """Return the plan of one IP family, without nodes; `listed` are the endpoints at this moment.

    `none` says why none of them is usable, for those who read the entries' reasons.
    """
    endpoints = _of_family(listed, chosen)
    stale = _of_family(port.endpoints, chosen) if state.stale_nodes else ()
    return Plan(
        service=service.key,
        local=service.external_traffic_policy == "Local",
        proxied=service.proxied,
        endpoints=endpoints,
        stale_endpoints=stale,
        dead=frozenset(e.key for e in (*endpoints, *stale) if not is_live(state, e)),
        host_network=frozenset(e.key for e in endpoints if _host_network(state, e)),
        iptables=state.cluster.options.proxy_mode == "iptables",
        sticky=service.session_affinity == "ClientIP",
        no_endpoints=str(none or ("" if endpoints else f"none of its endpoints has an {chosen} address")),
    )


def _of_family(endpoints: tuple[Endpoint, ...], chosen: str) -> tuple[Endpoint, ...]:
    return tuple(e for e in endpoints if e.address is None or family(e.address) == chosen)


def _host_network(state: State, endpoint: Endpoint) -> bool:
    pod = state.cluster.pods.get(endpoint.pod or "")
    if pod is not None and pod.spec.host_network:
        return True
    node = state.cluster.nodes.get(endpoint.home or "")
    return node is not None and endpoint.address in node.addresses
