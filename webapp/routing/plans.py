"""From a State to the plans of one service port: one for each IP family that some node is entered by."""

from dataclasses import replace

from webapp.cluster.endpoints import family
from webapp.cluster.model import Cluster, Endpoint, NoEndpoints, Service, ServicePort
from webapp.cluster.pod_map import like
from webapp.failure.endpoint_slices import endpoints_at, is_live
from webapp.failure.no_endpoints import no_endpoints
from webapp.failure.state import State
from webapp.routing.equal_entry_points import EntryPoints
from webapp.routing.health_check import is_checked
from webapp.routing.plan import Plan
from webapp.routing.sentences import filled


def has_entries(service: Service, port: ServicePort) -> bool:
    """Return whether kube-proxy opens a nodePort for it: accepted, not ExternalName, not headless, with a number."""
    return service.accepted and port.node_port is not None and service.type != "ExternalName" and not service.headless


def plans(state: State, service_key: str, port_index: int = 0) -> tuple[Plan, ...]:
    """Return the plans of a service port with all their nodes; almost always that is one."""
    service = state.cluster.services[service_key]
    port = service.ports[port_index]
    listed = endpoints_at(state, service, port_index)
    none = no_endpoints(state, service, port_index, listed)
    points = EntryPoints(state, service.ip_families, checked=is_checked(service))
    entered = [points.at(name) for name in points.names]
    return tuple(
        replace(
            plan_of(state, service, port, listed, chosen, none),
            nodes=tuple(point for of, point in entered if of == chosen),
        )
        for chosen in points.families
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
    endpoints = of_family(listed, chosen)
    # Only a kube-proxy that hears of no change needs the endpoints of before.
    stale = of_family(port.endpoints, chosen) if state.stale_nodes else ()
    return Plan(
        service=service.key,
        local=service.external_traffic_policy == "Local",
        proxied=service.proxied,
        endpoints=endpoints,
        stale_endpoints=stale,
        dead=frozenset(e.key for e in (*endpoints, *stale) if not is_live(state, e)),
        host_network=frozenset(e.key for e in endpoints if in_host_network(state.cluster, e)),
        iptables=state.cluster.options.proxy_mode == "iptables",
        sticky=service.session_affinity == "ClientIP",
        no_endpoints=str(none or ("" if endpoints else filled("no family", family=chosen))),
    )


def of_family(endpoints: tuple[Endpoint, ...], chosen: str) -> tuple[Endpoint, ...]:
    """Return the endpoints that entry points of an IP family lead to."""
    # A pod that nodefall created has no address yet; it would get one of each family that the service has.
    return tuple(e for e in endpoints if e.address is None or family(e.address) == chosen)


def in_host_network(cluster: Cluster, endpoint: Endpoint) -> bool:
    """Return whether an endpoint runs in its node's own network, where the client's address stays."""
    pod = like(cluster.pods, endpoint.pod or "")
    if pod is not None and pod.spec.host_network:
        return True
    if endpoint.address is None:
        return False
    # An endpoint written by hand has no pod to ask; that its address is the node's own says the same.
    node = cluster.nodes.get(endpoint.home or "")
    return node is not None and endpoint.address in node.addresses
