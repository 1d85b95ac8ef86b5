"""Small clusters for the tests of failure: a few nodes, pods that say where they run, workloads and budgets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from webapp.cluster.model import Cluster, Node, Pod, PodKey, WorkloadRef
from webapp.cluster.options import ClusterOptions
from webapp.manifests.objects import (
    LabelSelector,
    ObjectMeta,
    PodDisruptionBudgetObject,
    PodDisruptionBudgetSpec,
    PodSpec,
    Source,
)

ROOM = {"cpu": "4", "memory": "8Gi", "pods": "110"}


def node(name: str, zone: str | None = None, **changes: Any) -> Node:
    """Return a node with room for pods."""
    labels = {"kubernetes.io/hostname": name} | ({"topology.kubernetes.io/zone": zone} if zone else {})
    return Node(name=name, zone=zone, **{"labels": labels, "allocatable": ROOM, **changes})


def nodes(*names: str, zone: str | None = None) -> list[Node]:
    """Return nodes of one zone."""
    return [node(name, zone) for name in names]


def pod(name: str, on: str | None, owner: str | None = "Deployment/web", **changes: Any) -> Pod:
    """Return a running pod of the owner, ``KIND/NAME``, with the label app that the owner's name gives."""
    ref = WorkloadRef(kind=owner.split("/")[0], namespace="default", name=owner.split("/")[1]) if owner else None
    app = ref.name if ref else "bare"
    fields = {"namespace": "default", "labels": {"app": app}, "spec": PodSpec(), "assumed": True, **changes}
    return Pod(name=name, node=on, owner=ref, controlled=ref is not None, **fields)


def cluster(
    nodes: Iterable[Node],
    pods: Iterable[Pod],
    replicas: Mapping[str, int] | None = None,
    budgets: Iterable[PodDisruptionBudgetObject] = (),
    **changes: Any,
) -> Cluster:
    """Return the cluster; the replicas of workloads that nobody gives are those of their pods."""
    by_key = {one.key: one for one in pods}
    on: dict[str, list[PodKey]] = defaultdict(list)
    wanted: dict[WorkloadRef, int] = defaultdict(int)
    for key, one in by_key.items():
        if one.node:
            on[one.node].append(key)
        if one.owner:
            wanted[one.owner] += 1
    for ref, count in list(wanted.items()):
        wanted[ref] = (replicas or {}).get(f"{ref.kind}/{ref.name}", count)
    made = Cluster(
        nodes={one.name: one for one in nodes},
        pods=by_key,
        services={},
        workload_replicas=dict(wanted),
        pods_on={name: tuple(keys) for name, keys in on.items()},
        pod_disruption_budgets=tuple(budgets),
        options=ClusterOptions(),
    )
    return replace(made, **changes)


def budget(name: str = "pdb", app: str = "web", **spec: Any) -> PodDisruptionBudgetObject:
    """Return a budget over the pods of one app."""
    selector = LabelSelector(match_labels={"app": app})
    return PodDisruptionBudgetObject(
        metadata=ObjectMeta(name=name, namespace="default"),
        spec=PodDisruptionBudgetSpec(**{"selector": selector, **spec}),
        source=Source(file="pdb.yaml", line=1),
    )
