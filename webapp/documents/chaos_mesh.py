"""A failure as experiments of Chaos Mesh.

Fields and their values: config/crd/bases of chaos-mesh/chaos-mesh (``chaos-mesh.org/v1alpha1``), which the tests hold
the file against. What Chaos Mesh does otherwise than the simulation stands in the file's comments.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from webapp.cluster.model import Cluster
from webapp.documents.rehearsal import (
    NOTHING,
    ON_HOST,
    Staged,
    by_namespace,
    lasting,
    manifest_file,
    split_by_network,
    staged,
)
from webapp.failure import FailureKind, Scenario
from webapp.failure.clock import GRACE_PERIOD, grace_period_of

_NAMESPACE = "chaos-mesh"
_DEVICE = "eth0"
_CHAOSD = (
    "Each node needs Chaosd and a PhysicalMachine in the namespace chaos-mesh with the name of the node; "
    f"{_DEVICE} is to be the interface that has the node's address."
)
_OFF = (
    "A node that is off: Chaos Mesh takes the interface of {said} down, so that its address and its pods do not answer "
    "and its Lease is not renewed, as if it were off. Unlike then, its pods keep running, and the interface comes up "
    "by itself. " + _CHAOSD
)
_SILENT = (
    "A pod that no longer answers: all packets that {said} sends are lost, so that connections time out and the "
    "readiness probe fails."
)
_SAID: Mapping[FailureKind, str] = MappingProxyType(
    {
        FailureKind.NODE: _OFF,
        FailureKind.ZONE: _OFF,
        FailureKind.RETURNED: _OFF + " It is back after the duration, when its pods were recreated elsewhere.",
        FailureKind.POD: _SILENT + " Unlike in the simulation nothing deletes it: delete it to see another created.",
        FailureKind.UNREADY: _SILENT + " A liveness probe, if it has one, fails too, and restarts its container.",
        FailureKind.DELETED: "A pod that is deleted: {said}, each with its own grace period.",
        FailureKind.PARTITION: "A node that the control plane can't see: packets of {said} to the control-plane nodes "
        "are dropped. If kubelets reach the API server by a load balancer, its address is to stand in ip-address. "
        + _CHAOSD,
        FailureKind.KUBE_PROXY: "A kube-proxy that is gone: on {said} its container is replaced by one that does "
        "nothing; the rules stay. It takes a kube-proxy in pods of kube-system labelled k8s-app=kube-proxy.",
        FailureKind.CONTROL_PLANE: "Not in this file: a control plane that is down. Chaos Mesh needs the API server to "
        "end an experiment, and the pods of a control plane are static, which it can't change. Stop them by hand, as "
        "game-day.md says.",
    }
)
_NO_ADDRESS = (
    "Not in this file: the partition of {said}, since no control-plane node with an address is in the manifests. "
    "Without one nobody knows which packets are to be dropped."
)


def chaos_mesh_yaml(cluster: Cluster, scenario: Scenario) -> str:
    """Return the experiments that stage a failure; what Chaos Mesh can't do is named in a comment."""
    if not scenario.down and not scenario.drain:
        return manifest_file([NOTHING], [])
    ways = list(staged(cluster, scenario))
    seconds = lasting(cluster, scenario)
    specs = [spec for its in ways for spec in _specs(cluster, split_by_network(cluster, its)[0], seconds)]
    objects = [_object(kind, at, spec) for at, (kind, spec) in enumerate(specs, start=1)]
    return manifest_file(list(_comments(cluster, scenario, ways, started=bool(objects))), objects)


def _comments(cluster: Cluster, scenario: Scenario, ways: list[Staged], *, started: bool) -> Iterator[str]:
    yield "A failure that nodefall has simulated, for Chaos Mesh 2: what is expected when stands in game-day.md."
    if started:
        yield from ("Start it: kubectl apply -f chaos-mesh.yaml", "End it: kubectl delete -f chaos-mesh.yaml")
        yield "All experiments here start at once and end by themselves after their duration."
    for its in ways:
        unknown = its.kind is FailureKind.PARTITION and not _control_plane(cluster)
        own, shared = split_by_network(cluster, its)
        if own.names or not its.names:
            yield (_NO_ADDRESS if unknown else _SAID[its.kind]).format(said=own.said)
        if shared.names:
            yield ON_HOST.format(said=shared.said)
        if its.more:
            yield f"Not in this file: {its.more:,} more that fail the same way."
    if scenario.drain:
        yield "Not in this file: the drain. Chaos Mesh has none; drain.sh does it."


def _object(kind: str, number: int, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "chaos-mesh.org/v1alpha1",
        "kind": kind,
        "metadata": {"name": f"game-day-{number}", "namespace": _NAMESPACE},
        "spec": spec,
    }


def _specs(cluster: Cluster, its: Staged, seconds: int) -> Iterator[tuple[str, dict[str, Any]]]:
    lasts = f"{seconds}s"
    match its.kind:
        case FailureKind.NODE | FailureKind.ZONE | FailureKind.RETURNED:
            down = {"device": _DEVICE, "duration": lasts}
            yield _machines("network-down", its, lasts, down)
        case FailureKind.PARTITION:
            for address in _control_plane(cluster):
                cut = {"device": _DEVICE, "ip-address": address, "direction": "to"}
                yield _machines("network-partition", its, lasts, cut)
        case FailureKind.POD | FailureKind.UNREADY if its.names:
            lost = {"direction": "to", "loss": {"loss": "100", "correlation": "0"}}
            selected = {"pods": by_namespace(its.names)}
            yield "NetworkChaos", {"action": "loss", "mode": "all", "selector": selected, **lost, "duration": lasts}
        case FailureKind.DELETED:
            graces = sorted((_grace(cluster, name), name) for name in its.names)
            for grace, pods in groupby(graces, key=lambda each: each[0]):
                selected = {"pods": by_namespace(name for _, name in pods)}
                yield "PodChaos", {"action": "pod-kill", "mode": "all", "selector": selected, "gracePeriod": grace}
        case FailureKind.KUBE_PROXY:
            proxies = {
                "namespaces": ["kube-system"],
                "nodes": list(its.names),
                "labelSelectors": {"k8s-app": "kube-proxy"},
            }
            yield "PodChaos", {"action": "pod-failure", "mode": "all", "selector": proxies, "duration": lasts}
        case FailureKind.POD | FailureKind.UNREADY | FailureKind.CONTROL_PLANE:
            return


def _machines(action: str, its: Staged, lasts: str, what: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    selected = {"physicalMachines": {_NAMESPACE: list(its.names)}}
    return "PhysicalMachineChaos", {
        "action": action,
        "mode": "all",
        "selector": selected,
        action: dict(what),
        "duration": lasts,
    }


def _control_plane(cluster: Cluster) -> list[str]:
    return [node.internal_ips[0] for node in cluster.nodes.values() if node.control_plane and node.internal_ips]


def _grace(cluster: Cluster, pod: str) -> int:
    # A pod that only an EndpointSlice names has no spec.
    return grace_period_of(cluster.pods[pod]) if pod in cluster.pods else GRACE_PERIOD
