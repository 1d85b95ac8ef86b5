"""Manifests for the tests of the findings, made from a healthy set by changing one thing at a time."""

import copy
from typing import Any

import yaml

from webapp.cluster.build import build
from webapp.findings import Facts, Finding, findings
from webapp.manifests import Manifests, Upload, read

Doc = dict[str, Any]


def meta(name: str, namespace: str = "shop", **more: Any) -> Doc:
    """Return metadata."""
    return {"name": name, "namespace": namespace, **more}


def service(name: str = "web", namespace: str = "shop", **spec: Any) -> Doc:
    """Return a NodePort service before `workload()`; a value of None takes a field away."""
    ports = [{"port": 80, "targetPort": "http", "nodePort": 30080}]
    full = {"type": "NodePort", "selector": {"app": "web"}, "ports": ports, **spec}
    kept = {key: value for key, value in full.items() if value is not None}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name, namespace), "spec": kept}


def port(**fields: Any) -> list[Doc]:
    """Return the one port of a service."""
    return [{"port": 80, "nodePort": 30080, **fields}]


def pod_spec(**fields: Any) -> Doc:
    """Return a pod's spec with nothing to complain of."""
    container = {
        "name": "web",
        "image": "nginx",
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"tcpSocket": {"port": "http"}},
    }
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}},
    }
    return {"containers": [container], "topologySpreadConstraints": [spread], **fields}


def container(**fields: Any) -> list[Doc]:
    """Return the one container of a pod, changed."""
    return [{**pod_spec()["containers"][0], **fields}]


def workload(
    name: str = "web",
    namespace: str = "shop",
    *,
    kind: str = "Deployment",
    labels: dict[str, str] | None = None,
    replicas: int | None = 2,
    **spec: Any,
) -> Doc:
    """Return a workload whose pods `service()` selects; `spec` changes that of its pods."""
    labels = labels or {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(**spec)}
    own = {"selector": {"matchLabels": labels}, "template": template}
    if replicas is not None and kind != "DaemonSet":
        own["replicas"] = replicas
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta(name, namespace), "spec": own}


def node(name: str, zone: str | None = "a", labels: dict[str, str] | None = None, **status: Any) -> Doc:
    """Return a node with an address of its own."""
    number = int(name.rpartition("-")[2])
    addresses = [{"type": "InternalIP", "address": f"10.0.0.{number}"}]
    labels = {
        "kubernetes.io/hostname": name,
        **({"topology.kubernetes.io/zone": zone} if zone else {}),
        **(labels or {}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"addresses": addresses, **status},
    }


def budget(name: str = "web", *, labels: dict[str, str] | None = None, **spec: Any) -> Doc:
    """Return a PodDisruptionBudget for the pods of `workload()`."""
    full = {"selector": {"matchLabels": labels or {"app": "web"}}, **(spec or {"maxUnavailable": 1})}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta(name), "spec": full}


def policy(name: str = "web", **spec: Any) -> Doc:
    """Return a NetworkPolicy that lets everybody come to the port of `workload()`."""
    full = {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"ports": [{"port": "http"}]}],
        **spec,
    }
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta(name), "spec": full}


NODES = [node("node-1", "a"), node("node-2", "b"), node("node-3", "b")]
HEALTHY = [*NODES, service(), workload(), budget(), policy()]
"""Not one finding."""


def healthy(*changed: Doc, without: str = "") -> list[Doc]:
    """Return the healthy set with some objects replaced or added (by kind and name), and one kind left out."""
    by_name = {(doc["kind"], doc["metadata"]["name"]): doc for doc in (*HEALTHY, *changed)}
    return [copy.deepcopy(doc) for (kind, _), doc in by_name.items() if kind != without]


def manifests(*docs: Doc) -> Manifests:
    """Return what reading makes of the objects."""
    return read([Upload("all.yaml", yaml.safe_dump_all(docs).encode(), picked=True)])


def facts(*docs: Doc) -> Facts:
    """Return what the rules look at."""
    given = manifests(*docs)
    return Facts(given, build(given))


def found(*docs: Doc) -> tuple[Finding, ...]:
    """Return all findings about the objects."""
    given = manifests(*docs)
    return findings(given, build(given))


def ids(*docs: Doc) -> set[str]:
    """Return the ids of all findings."""
    return {finding.id for finding in found(*docs)}


def only(id_: str, *docs: Doc) -> Finding:
    """Return the one finding with this id."""
    (finding,) = (each for each in found(*docs) if each.id == id_)
    return finding
