"""Topology hints, as the EndpointSlice controller writes them.

Zones are allocated endpoints in float64, as in the controller's Go: exact fractions would differ where a product lies
just above a whole number (pkg/topologycache in k8s.io/endpointslice).
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from webapp.cluster.model import Endpoint, Node, Service
from webapp.cluster.nodes import CONTROL_PLANE_LABELS
from webapp.cluster.scheduling.quantity import parse_quantity
from webapp.manifests.well_known_labels import ZONE

# How much above its share a zone's endpoints may be loaded before hints are given up (KEP-2433).
OVERLOAD_THRESHOLD = 0.2
_SAME_ZONE = ("PreferClose", "PreferSameZone")
_SAME_NODE = "PreferSameNode"


def with_hints(endpoints: Sequence[Endpoint], service: Service, nodes: Mapping[str, Node]) -> tuple[Endpoint, ...]:
    """Return the endpoints with the hints that the controller would write for this service."""
    # The topology annotation beats ``trafficDistribution`` (Kubernetes, "Virtual IPs and Service Proxies"). Only ready
    # endpoints count and get hints; endpoints that the controller doesn't manage keep what they have.
    if service.topology_mode is None and service.traffic_distribution is None:
        return tuple(endpoints)
    ready = [e for e in endpoints if e.managed and e.ready]
    if service.topology_mode is not None:
        hints = _zone_shares(ready, nodes)
    elif service.traffic_distribution in (*_SAME_ZONE, _SAME_NODE):
        hints = {id(e): e.zone for e in ready if e.zone}
    else:
        hints = {}
    to_node = service.topology_mode is None and service.traffic_distribution == _SAME_NODE
    return tuple(_hinted(e, hints.get(id(e)), to_node=to_node) if e.managed else e for e in endpoints)


def _hinted(endpoint: Endpoint, zone: str | None, *, to_node: bool) -> Endpoint:
    zones = frozenset({zone}) if zone else frozenset()
    nodes = frozenset({endpoint.node}) if to_node and endpoint.ready and endpoint.node else frozenset[str]()
    if zones == endpoint.zone_hints and nodes == endpoint.node_hints:
        return endpoint
    return replace(endpoint, zone_hints=zones, node_hints=nodes)


def _zone_shares(ready: Sequence[Endpoint], nodes: Mapping[str, Node]) -> dict[int, str]:
    """Return the zone to hint for each endpoint (by id), or nothing where the controller writes no hints."""
    # KEP-2433: endpoints are shared out by the zones' CPU; each zone starts with its own, then zones above their share
    # give to those below. No hints with fewer than two zones, fewer endpoints than zones, a node without zone or CPU,
    # an endpoint without zone, or where some zone could not be kept under the overload threshold.
    ratios = _cpu_ratios(nodes.values())
    desired = _desired(ratios, len(ready))
    if not desired or any(not e.zone for e in ready):
        return {}
    hints = {id(e): e.zone or "" for e in ready}
    give, receive = _transfers(desired, Counter(e.zone or "" for e in ready))
    for endpoint in ready:
        zone = endpoint.zone or ""
        if give[zone] > 0 and (target := next((z for z in sorted(receive) if receive[z] > 0), None)):
            give[zone] -= 1
            receive[target] -= 1
            hints[id(endpoint)] = target
    return hints


def _cpu_ratios(nodes: Iterable[Node]) -> dict[str, float]:
    """Return each zone's share of the CPU of ready workers; empty if a worker lacks zone or CPU."""
    cpu: dict[str, int] = {}
    for node in nodes:
        if not node.ready or not is_worker(node):
            continue
        zone, amount = node.labels.get(ZONE), parse_quantity(node.allocatable.get("cpu", "0"))
        if not zone or not amount:
            return {}
        cpu[zone] = cpu.get(zone, 0) + math.ceil(amount * 1000)
    total = sum(cpu.values())
    return {zone: amount / total for zone, amount in cpu.items()} if len(cpu) > 1 else {}


def is_worker(node: Node) -> bool:
    """Return whether the node's CPU counts: it has no label of a control plane, whatever its taints (topologycache)."""
    return not any(label in node.labels for label in CONTROL_PLANE_LABELS)


def _desired(ratios: Mapping[str, float], endpoints: int) -> dict[str, float]:
    """Return how many endpoints each zone should get; empty if there are too few to go round."""
    if not ratios or len(ratios) > endpoints:
        return {}
    shares = {zone: ratio * endpoints for zone, ratio in ratios.items()}
    minimum = {zone: math.ceil(share * (1 / (1 + OVERLOAD_THRESHOLD))) for zone, share in shares.items()}
    if sum(minimum.values()) > endpoints:
        return {}
    return {zone: max(share, float(minimum[zone])) for zone, share in shares.items()}


def _transfers(desired: Mapping[str, float], have: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """Return how many endpoints each zone gives and receives.

    One at a time from the zone that has most too many to the one that lacks most, while at least one of them is off
    by a whole endpoint and neither by less than half a one.
    """
    surplus = {zone: have[zone] - share for zone, share in desired.items() if have[zone] > share}
    lack = {zone: share - have[zone] for zone, share in desired.items() if have[zone] < share}
    give, receive = Counter[str](), Counter[str]()
    while surplus and lack:
        giver = max(sorted(surplus), key=surplus.__getitem__)
        taker = max(sorted(lack), key=lack.__getitem__)
        most, need = surplus[giver], lack[taker]
        if (most < 1 and need < 1) or min(most, need) < 0.5:
            break
        give[giver] += 1
        receive[taker] += 1
        surplus[giver] -= 1
        lack[taker] -= 1
    return give, receive
