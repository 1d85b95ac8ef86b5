"""Manifests with names as long as clouds, controllers and people make them."""

import yaml

Manifest = dict[str, object]

NAMESPACE = "team-payments-and-settlement-production-europe-central-1-blue-2"
"""63 characters, the most that a label of a DNS name may have."""
SERVICE = "storefront-web-with-a-name-as-long-as-kubernetes-takes-it-x-eu1"
NODES = (
    ("ip-10-0-12-34.eu-central-1.compute.internal", "eu-central-1a"),
    ("ip-10-0-12-57.eu-central-1.compute.internal", "eu-central-1b"),
    ("gke-prod-default-pool-3f2a91c4-x7qk", "europe-west1-b"),
    ("gke-prod-default-pool-3f2a91c4-b2mf", "europe-west1-c"),
    ("prod-ocp-7xk2p-worker-eu-central-1a-9f8dz.clusters.openshift.example.com", "eu-central-1a"),
    ("aks-nodepool1-27184631-vmss000003", "westeurope-3"),
)
EKS = NODES[0][0]
PORTS = 40
SERVICES = 300
FOLDED = "checkout-and-settlement-001"
"""A service of the fleet with five pods."""


def node(name: str, zone: str, number: int) -> Manifest:
    """Return a Node as its cloud labels it."""
    labels = {
        "topology.kubernetes.io/zone": zone,
        "eks.amazonaws.com/nodegroup": "payments-and-settlement-production-memory-optimised-2026-11-30x",
    }
    address = {"type": "InternalIP", "address": f"10.0.{number // 250}.{number % 250 + 1}"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"addresses": [address]},
    }


def service(name: str, namespace: str, ports: list[dict[str, object]]) -> Manifest:
    """Return a NodePort Service that selects `app` of its own name."""
    spec = {"type": "NodePort", "selector": {"app": name}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def pod(name: str, namespace: str, app: str, on: str) -> Manifest:
    """Return a Pod on a node, named as its ReplicaSet named it."""
    owner = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": name.rpartition("-")[0],
        "controller": True,
        "uid": "1",
    }
    metadata = {"name": name, "namespace": namespace, "labels": {"app": app}, "ownerReferences": [owner]}
    spec = {"nodeName": on, "containers": [{"name": "web", "image": "registry.example/web:1"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def cluster() -> str:
    """Return nodes of four clouds, a service of 40 ports and two of long names, with the pods of their ReplicaSets."""
    ports: list[dict[str, object]] = [
        {"name": f"metrics-{at}", "port": 9000 + at, "nodePort": 31000 + at} for at in range(PORTS)
    ]
    objects = [node(name, zone, at) for at, (name, zone) in enumerate(NODES)]
    objects.append(service(SERVICE, NAMESPACE, [{"port": 80, "nodePort": 30080}]))
    objects.append(service("exporter", "monitoring", ports))
    ends = ("8mmzq", "x2b7k", "q9f4d", "lw6tn")
    for app, namespace in ((SERVICE, NAMESPACE), ("exporter", "monitoring")):
        for end, (name, _) in zip(ends, NODES[::2] + NODES[:1], strict=False):
            objects.append(pod(f"{app[:46]}-7c9d5f6b8d-{end}", namespace, app, name))
    return yaml.safe_dump_all(objects)


def fleet() -> str:
    """Return 60 nodes of a pool in three zones and 300 services, six of them with pods."""
    letters = "bcdfghjklmnpqrstvwxz2456789"
    names = [f"gke-prod-default-pool-3f2a91c4-{letters[at % 27]}{letters[at // 27]}qk" for at in range(60)]
    objects = [node(name, f"europe-west1-{'bcd'[at % 3]}", at) for at, name in enumerate(names)]
    for at in range(SERVICES):
        app = f"checkout-and-settlement-{at:03}"
        objects.append(service(app, NAMESPACE, [{"port": 80, "nodePort": 30100 + at}]))
        if at < 6:
            objects.extend(
                pod(f"{app}-7c9d5f6b8d-8mm{letters[n]}q", NAMESPACE, app, names[n * 7 % 60]) for n in range(5)
            )
    return yaml.safe_dump_all(objects)
