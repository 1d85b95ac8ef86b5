"""What is known of a set before it is drawn: counts, and where the lanes and bars of its picture will be."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from webapp.cluster.model import Cluster
from webapp.cluster.nodes import zone_of
from webapp.cluster.order import natural
from webapp.cluster.size import expected_pods
from webapp.diagram.cluster_columns import MOST_COLUMNS
from webapp.diagram.cluster_map import ClusterMap
from webapp.diagram.whole_cluster import MOST_LANES, MOST_NODES
from webapp.jobs import Sketch
from webapp.manifests.manifests import Manifests
from webapp.routing import has_entries

_EXPOSED = ("NodePort", "LoadBalancer")


def sketch_of_manifests(manifests: Manifests, name: str) -> Sketch:
    """Return what is known once a set was read."""
    services = [service.spec for service in manifests.services if service.spec.type in _EXPOSED]
    nodes = {node.metadata.name: zone_of(node.metadata.labels) for node in manifests.nodes}
    return Sketch(
        name=name,
        nodes=len(nodes),
        zones=len(set(nodes.values()) - {None}),
        services=len(services),
        local=sum(service.external_traffic_policy == "Local" for service in services),
        pods=expected_pods(manifests, len(nodes)),
        is_placed=False,
        lanes=tuple(_lanes(nodes)),
        columns=min(sum(len(service.ports) for service in services), MOST_COLUMNS),
    )


def sketch_of_cluster(cluster: Cluster, name: str) -> Sketch:
    """Return what is known once the pods have their nodes."""
    nodes = {node.name: node.zone for node in cluster.nodes.values()}
    ports = [service for service in cluster.services.values() for port in service.ports if has_entries(service, port)]
    services = {service.key: service for service in ports}
    return Sketch(
        name=name,
        nodes=len(nodes),
        zones=len(set(nodes.values()) - {None}),
        services=len(services),
        local=sum(service.external_traffic_policy == "Local" for service in services.values()),
        pods=len(cluster.pods),
        is_placed=True,
        lanes=tuple(_lanes(nodes)),
        columns=min(len(ports), MOST_COLUMNS),
    )


def sketch_of_picture(its: ClusterMap, cluster: Cluster, name: str) -> Sketch:
    """Return what is known once the access paths are worked out: each lane and each bar has its place."""
    lanes = tuple((lane.title, lane.nodes) for lane in its.lanes)
    bars = tuple(bar.service for bar in its.bars)
    known = sketch_of_cluster(cluster, name)
    # As many columns as before, of which some may count what has no bar: so each bar stands where it was to come.
    return replace(known, lanes=lanes, bars=bars, columns=max(known.columns, len(bars)))


def _lanes(nodes: Mapping[str, str | None]) -> Iterable[tuple[str, int]]:
    """Return the lanes in the picture's order: a node each while there are few, else a zone each."""
    if len(nodes) <= MOST_NODES:
        # As in the picture: zone by zone, those without a zone last; inside a zone in the order of the cluster.
        return [(name, 1) for name in sorted(nodes, key=lambda name: _zone_order(nodes[name]))]
    zones = Counter(nodes.values())
    if len(zones) > MOST_LANES:
        return [("", len(nodes))]
    return [(zone or "no zone", zones[zone]) for zone in sorted(zones, key=_zone_order)]


def _zone_order(zone: str | None) -> tuple[object, ...]:
    return zone is None, natural(zone or "")
