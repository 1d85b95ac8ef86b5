"""Clusters made at random that use all that routing knows: policies, hints, families, slices written by hand."""

import json
from pathlib import Path
from random import Random
from typing import Any

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.files import uploads
from webapp.manifests import read


def cluster_of(path: Path, options: ClusterOptions | None = None) -> Cluster:
    """Return the cluster that manifests come to."""
    return build(read(uploads([str(path)], render=False)), options or ClusterOptions())


def generated(seed: int, folder: Path) -> Cluster:
    """Return a small cluster; the same for the same seed."""
    chance = Random(seed)  # noqa: S311 - no secret
    nodes = [_node(chance, i) for i in range(1, chance.randint(2, 9))]
    names = [node["metadata"]["name"] for node in nodes]
    objects = [*nodes]
    for app in ("web", "api", "db")[: chance.randint(1, 3)]:
        objects.append(_service(chance, app))
        objects += [_pod(chance, app, i, names) for i in range(chance.randint(0, 7))]
        if chance.random() < 0.3:
            objects.append(_workload(chance, app))
    if chance.random() < 0.3:
        objects += _by_hand(chance, names)
    path = folder / f"{seed}.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), encoding="utf-8")
    addresses = chance.choice([(), (), (), ("192.168.0.0/30",), ("localhost",)])
    mode = chance.choice(["iptables", "nftables"])
    return cluster_of(path, ClusterOptions(proxy_mode=mode, nodeport_addresses=addresses))


def _node(chance: Random, number: int) -> dict[str, Any]:
    labels = {}
    if chance.random() < 0.8:
        labels["topology.kubernetes.io/zone"] = chance.choice("abc")
    if chance.random() < 0.15:
        labels["node-role.kubernetes.io/control-plane"] = ""
    if chance.random() < 0.15:
        labels["node.kubernetes.io/exclude-from-external-load-balancers"] = ""
    addresses = [{"type": "InternalIP", "address": f"192.168.0.{number}"}]
    if chance.random() < 0.3:
        addresses.append({"type": "InternalIP", "address": f"fd00::{number}"})
    if chance.random() < 0.1:
        addresses = addresses[1:]
    ready = "False" if chance.random() < 0.1 else "True"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{number}.eu-central-1.compute.internal", "labels": labels},
        "spec": {"unschedulable": chance.random() < 0.1},
        "status": {
            "addresses": addresses,
            "allocatable": {"cpu": chance.choice(["2", "3500m", "4"]), "memory": "8Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": ready}],
        },
    }


def _service(chance: Random, app: str) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "type": chance.choice(["NodePort", "NodePort", "LoadBalancer"]),
        "selector": {"app": app},
        "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
    }
    if chance.random() < 0.35:
        spec["externalTrafficPolicy"] = "Local"
    if chance.random() < 0.35:
        spec["trafficDistribution"] = chance.choice(["PreferClose", "PreferSameZone", "PreferSameNode"])
    if chance.random() < 0.2:
        spec["publishNotReadyAddresses"] = True
    if chance.random() < 0.2:
        spec["sessionAffinity"] = "ClientIP"
    if chance.random() < 0.2:
        spec |= {"ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "PreferDualStack"}
    elif chance.random() < 0.1:
        spec |= {"ipFamilies": ["IPv6"], "ipFamilyPolicy": "SingleStack"}
    if chance.random() < 0.2:
        spec["ports"].append({"name": "https", "port": 443, "targetPort": 8080})
    metadata: dict[str, Any] = {"name": app, "annotations": {}, "labels": {}}
    if chance.random() < 0.3:
        metadata["annotations"]["service.kubernetes.io/topology-mode"] = "Auto"
    if chance.random() < 0.05:
        metadata["labels"]["service.kubernetes.io/service-proxy-name"] = "other"
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def _pod(chance: Random, app: str, number: int, nodes: list[str]) -> dict[str, Any]:
    four, six = f"10.0.{len(app)}{ord(app[0]) % 10}.{number + 1}", f"fd01::{ord(app[0])}:{number + 1}"
    ready = "False" if chance.random() < 0.2 else "True"
    metadata: dict[str, Any] = {"name": f"{app}-{number}", "labels": {"app": app}}
    if chance.random() < 0.15:
        metadata |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 30}
    spec: dict[str, Any] = {"containers": [{"name": "c", "image": "x", "ports": [{"containerPort": 8080}]}]}
    if chance.random() < 0.9:
        spec["nodeName"] = chance.choice(nodes)
    if chance.random() < 0.1:
        spec["hostNetwork"] = True
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": spec,
        "status": {
            "phase": "Running" if "nodeName" in spec else "Pending",
            "podIP": four,
            "podIPs": [{"ip": four}, {"ip": six}],
            "conditions": [{"type": "Ready", "status": ready}],
        },
    }


def _workload(chance: Random, app: str) -> dict[str, Any]:
    labels = {"app": app, "from": "workload"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    kind = chance.choice(["Deployment", "StatefulSet", "DaemonSet"])
    spec: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template}
    if kind != "DaemonSet":
        spec["replicas"] = chance.randint(1, 4)
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": f"{app}-made"}, "spec": spec}


def _by_hand(chance: Random, nodes: list[str]) -> list[dict[str, Any]]:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "outside"},
        "spec": {"type": "NodePort", "ports": [{"port": 443}]},
    }
    endpoints = [
        {
            "addresses": [f"172.16.0.{i}"],
            "conditions": {"ready": chance.random() < 0.8},
            **({"nodeName": chance.choice([*nodes, "elsewhere"])} if chance.random() < 0.7 else {}),
        }
        for i in range(1, 4)
    ]
    slices = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "outside-1", "labels": {"kubernetes.io/service-name": "outside"}},
        "addressType": "IPv4",
        "ports": [{"port": 443, "protocol": "TCP"}],
        "endpoints": endpoints,
    }
    return [service, slices]
