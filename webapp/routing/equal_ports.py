"""Service ports whose clients see the same: one evaluation stands for all of a sort.

Most services of a large cluster have no pod on what fails. Nodes that are down take their own addresses from all of
them, but in the same way, whatever hints and readiness say of their endpoints: those all answer. And of the services
that lose pods, many lose as many.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set

from webapp.cluster.model import Cluster, Endpoint, Service
from webapp.cluster.remembered import once_per_cluster
from webapp.failure.endpoint_slices import endpoints_at, is_live
from webapp.failure.state import State, untouched
from webapp.progress import counted_off
from webapp.routing.categorize import CategorizedEndpoints, categorize_endpoints
from webapp.routing.equal_entry_points import EntryPoints
from webapp.routing.health_check import is_checked
from webapp.routing.plan import PlanNode
from webapp.routing.plans import has_entries, in_host_network, of_family

Port = tuple[str, int]
"""A service's key, and the index of one of its ports."""


@once_per_cluster
def exposed_ports(cluster: Cluster) -> tuple[tuple[Service, int], ...]:
    """Return the service ports that have entry points, in the cluster's order."""
    return tuple(
        (service, index)
        for service in cluster.services.values()
        for index, port in enumerate(service.ports)
        if has_entries(service, port)
    )


def touched_ports(state: State) -> frozenset[Port]:
    """Return the exposed ports to whose endpoints, or to whose endpoints' nodes, something happens.

    At the cost of what fails: the others needn't be looked at.
    """
    on = _ports_on(state.cluster)
    nodes = state.down_nodes | state.unready_nodes | state.dead_kube_proxies
    touched = {port for node in nodes for port in on.get(node, ())}
    touched.update(state.changed_endpoints)
    if pods := state.dead_pods | state.unready_pods:
        listed = ((service.key, index, service.ports[index]) for service, index in exposed_ports(state.cluster))
        touched.update((key, index) for key, index, port in listed if any(e.pod in pods for e in port.endpoints))
    return frozenset(touched)


def ports_on(cluster: Cluster, node: str) -> Sequence[Port]:
    """Return the exposed ports that have an endpoint on a node."""
    return _ports_on(cluster).get(node, ())


@once_per_cluster
def _ports_on(cluster: Cluster) -> Mapping[str, Sequence[Port]]:
    found: dict[str, list[Port]] = {}
    for service, index in exposed_ports(cluster):
        # An EndpointSlice may say another node than the one that has the address.
        for node in {node for e in service.ports[index].endpoints for node in (e.node, e.home) if node is not None}:
            found.setdefault(node, []).append((service.key, index))
    return found


@once_per_cluster
def untouched_sorts(cluster: Cluster) -> Mapping[Port, int]:
    """Return the sort of each exposed port while nothing touches its endpoints, in the cluster's order, as a number.

    They all answer then, so hints make no difference.
    """
    before, points = untouched(cluster), dict[tuple[str, ...], EntryPoints]()
    numbers: dict[Hashable, int] = {}
    found = {}
    for service, index in counted_off(exposed_ports(cluster)):
        families = service.ip_families
        if families not in points:
            points[families] = EntryPoints(before, families)
        sort = families, is_checked(service), _untouched(service, index, points[families])
        found[service.key, index] = numbers.setdefault(sort, len(numbers))
    return found


def _untouched(service: Service, index: int, points: EntryPoints) -> Hashable:
    among = [categorize_endpoints(of_family(service.ports[index].endpoints, family)) for family in points.families]
    local = (
        (family, *_as_entered(points.at(node)[1]), node in its.local_ready)
        for family, its in zip(points.families, among, strict=True)
        for node in _local_nodes(service, its, points, family)
    )
    return service.proxied, _is_local(service), tuple(its.has_any for its in among), _counted(local)


def touched_sort(state: State, service: Service, index: int, points: EntryPoints) -> Hashable | None:
    """Return the sort of any port in a state; None for one whose nodes are told apart by more than what they hold."""
    listed = endpoints_at(state, service, index)
    # The rules of a stale kube-proxy, hints and host networks make single nodes different.
    if state.stale_nodes or (not _is_local(service) and _is_uneven(state.cluster, service, index, listed)):
        return None
    found = [
        _touched(service, categorize_endpoints(mine), dead, points, family)
        for family in points.families
        for mine in (of_family(listed, family),)
        for dead in ({e.key for e in mine if not is_live(state, e)},)
    ]
    return service.proxied, tuple(found)


def _touched(
    service: Service, among: CategorizedEndpoints, dead: Set[str], points: EntryPoints, family: str
) -> Hashable:
    if not _is_local(service):
        return _live_share(among.usable, dead)
    local = (
        (*_as_entered(points.at(node)[1]), node in among.local_ready, _live_share(among.local(node), dead))
        for node in _local_nodes(service, among, points, family)
    )
    return among.has_any, _counted(local)


def _live_share(chosen: Sequence[Endpoint], dead: Set[str]) -> float | None:
    """Return which part of the endpoints that kube-proxy selects from answers; None if there are none."""
    return sum(e.key not in dead for e in chosen) / len(chosen) if chosen else None


def _is_uneven(cluster: Cluster, service: Service, index: int, listed: Iterable[Endpoint]) -> bool:
    """Return whether policy Cluster means different things to nodes that listen."""
    if any(e.zone_hints or e.node_hints for e in listed):
        return True
    known, key = _known_host_networks(cluster), (service.key, index)
    if key not in known:
        # Pods that are made in the place of others have the same template.
        known[key] = any(in_host_network(cluster, endpoint) for endpoint in service.ports[index].endpoints)
    return known[key]


@once_per_cluster
def _known_host_networks(_: Cluster) -> dict[Port, bool]:
    """Return where it is kept which of a cluster's ports lead to host networks."""
    return {}


def _is_local(service: Service) -> bool:
    return service.external_traffic_policy == "Local"


def _local_nodes(service: Service, among: CategorizedEndpoints, points: EntryPoints, family: str) -> Iterable[str]:
    """Return the nodes, entered by this family, that policy Local tells from the others."""
    if not _is_local(service):
        return ()
    named = among.local_ready.keys() | among.local_terminating.keys()
    return (node for node in named if node in points and points.at(node)[0] == family)


def _as_entered(point: PlanNode) -> tuple[bool, bool, bool]:
    """Return what an entry point's answer depends on besides the endpoints; its zone counts for hints alone."""
    return point.up, point.listens, point.lb_target


def _counted(items: Iterable[Hashable]) -> Hashable:
    return frozenset(Counter(items).items())
