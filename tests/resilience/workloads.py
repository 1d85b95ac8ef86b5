"""Small clusters of workloads with placement rules, drawn at random or written down in a line."""

import json
from typing import Any

from hypothesis import strategies as st

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.manifests import Upload, read

Plain = dict[str, Any]
HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
WEB = {"matchLabels": {"app": "web"}}


def node(name: str, zone: str | None = None, *, role: str = "", **allocatable: str) -> Plain:
    """Return a Node; with a role it has that role's label and taint."""
    labels = {HOST: name, **({ZONE: zone} if zone else {})}
    key = f"node-role.kubernetes.io/{role}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels | ({key: ""} if role else {})},
        "spec": {"taints": [{"key": key, "effect": "NoSchedule"}] if role else []},
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"} | allocatable},
    }


def workload(
    name: str, replicas: int, *, kind: str = "Deployment", cpu: str = "", app: str = "web", **spec: Any
) -> Plain:
    """Return a workload; `spec` is its pods' spec."""
    requests = {"requests": {"cpu": cpu}} if cpu else {}
    labels = {"app": app}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            **({} if kind == "DaemonSet" else {"replicas": replicas}),
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": "web", "resources": requests}], **spec},
            },
        },
    }


def service(**spec: Any) -> Plain:
    """Return the service ``default/web``."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80, "nodePort": 30080}], **spec},
    }


def anti(key: str = HOST) -> Plain:
    """Return the affinity of pods that keep each other off their domain."""
    term = {"topologyKey": key, "labelSelector": WEB}
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


def spread(key: str = ZONE, skew: int = 1, **fields: Any) -> Plain:
    """Return a hard spread constraint over the domains of a key."""
    constraint = {"topologyKey": key, "maxSkew": skew, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": WEB}
    return {"topologySpreadConstraints": [constraint | fields]}


def built(*documents: Plain, **options: Any) -> Cluster:
    """Return the cluster that the documents describe."""
    data = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}).encode()
    return build(read([Upload(name="some.json", data=data)]), ClusterOptions(**options))


RULES: list[Plain] = [
    {},
    anti(),
    anti(ZONE),
    spread(ZONE),
    spread(ZONE, 2),
    spread(HOST),
    spread(ZONE, minDomains=3),
    spread(HOST, 2),
    {"nodeSelector": {ZONE: "a"}},
    anti() | spread(ZONE),
    {"tolerations": [{"operator": "Exists"}]},
]


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """Draw two to four nodes, one or two workloads behind a service, and perhaps one that is in the way."""
    nodes = [
        node(
            f"n{i}",
            draw(st.sampled_from(["a", "a", "b", "c", None])),
            role=draw(st.sampled_from(["", "", "", "control-plane"])),
            cpu=draw(st.sampled_from(["1", "2", "4"])),
            pods=draw(st.sampled_from(["1", "3", "110", "110"])),
        )
        for i in range(1, draw(st.integers(2, 4)) + 1)
    ]
    kinds = st.sampled_from(["Deployment", "Deployment", "StatefulSet", "DaemonSet"])
    cpus = st.sampled_from(["", "", "500m", "1"])
    rules = st.sampled_from(RULES)
    behind = [workload("web", draw(st.integers(1, 4)), kind=draw(kinds), cpu=draw(cpus), **draw(rules))]
    if draw(st.integers(0, 3)) == 0:
        behind.append(workload("more", draw(st.integers(1, 2)), cpu=draw(cpus), **draw(rules)))
    if draw(st.booleans()):
        behind.append(workload("other", draw(st.integers(1, 2)), cpu=draw(cpus), app="other", **draw(rules)))
    policy = draw(st.sampled_from(["Cluster", "Cluster", "Local"]))
    return built(
        *nodes, *behind, service(externalTrafficPolicy=policy, publishNotReadyAddresses=draw(st.integers(0, 5)) == 0)
    )
