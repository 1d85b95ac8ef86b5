"""Small clusters, made of records, for the tests of failure and routing."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.cluster.endpoints import from_pods
from webapp.cluster.model import Cluster, Node, Pod, Service, ServicePort
from webapp.manifests.objects import PodSpec

ZONE = "topology.kubernetes.io/zone"


def node(name: str, zone: str | None = None, **fields: Any) -> Node:
    """Return a node with an address made of the digits in its name."""
    number = "".join(c for c in name if c.isdigit()) or "1"
    labels = {ZONE: zone} if zone else {}
    return Node(**{"name": name, "zone": zone, "labels": labels, "internal_ips": (f"192.168.0.{number}",), **fields})


def pod(name: str, on: str | None, **fields: Any) -> Pod:
    """Return a pod of the service ``default/web``."""
    return Pod(
        **{
            "namespace": "default",
            "name": name,
            "labels": {"app": "web"},
            "spec": PodSpec(),
            "node": on,
            "assumed": True,
        }
        | fields
    )


def cluster(nodes: Sequence[Node], pods: Sequence[Pod], **service: Any) -> Cluster:
    """Return the cluster of one NodePort service, ``default/web``, in front of all its pods."""
    by_name = {n.name: n for n in nodes}
    port = ServicePort(port=80, target_port=8080, node_port=30080)
    web = Service(
        **{"namespace": "default", "name": "web", "type": "NodePort", "selector": {"app": "web"}, "ports": (port,)}
        | {"external_traffic_policy": "Cluster"}
        | service
    )
    endpoints = from_pods(web, port, pods, by_name)
    ports = (ServicePort(port=80, target_port=8080, node_port=30080, endpoints=endpoints),)
    filled = Service(**{name: getattr(web, name) for name in Service.__dataclass_fields__} | {"ports": ports})
    return Cluster(
        nodes=by_name,
        pods={p.key: p for p in pods},
        services={filled.key: filled},
        pods_on=_on(pods),
        services_of={e.pod: (filled.key,) for e in endpoints if e.pod},
    )


def _on(pods: Sequence[Pod]) -> Mapping[str, tuple[str, ...]]:
    names = {p.node for p in pods if p.node}
    return {name: tuple(p.key for p in pods if p.node == name) for name in names}


def explorer(**service: Any) -> Cluster:
    """Return the cluster that the README draws: four workers in two zones, two of four pods on worker-2."""
    nodes = [node(f"worker-{i}", "a" if i < 3 else "b") for i in range(1, 5)]
    pods = [pod("web-1", "worker-1"), pod("web-2", "worker-2"), pod("web-3", "worker-2"), pod("web-4", "worker-3")]
    return cluster(nodes, pods, **service)
