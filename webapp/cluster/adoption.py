"""Adoption: active pods without a controller that a controller's selector matches become its own.

PodControllerRefManager in pkg/controller; Kubernetes, "ReplicaSet", Non-Template Pod acquisitions. A Deployment adopts
none: the ReplicaSet that it makes also selects the pod-template-hash. A StatefulSet adopts by name, too. A DaemonSet
keeps one on each of its nodes.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from webapp.cluster.model import FINISHED, Pod, PodKey, WorkloadRef
from webapp.cluster.order import natural
from webapp.cluster.pods import ordinals, ref_of, replicas
from webapp.cluster.scheduling.selectors import Selector, labels_selector, selector_of
from webapp.manifests.objects import WorkloadObject
from webapp.records import dataclass

# The pods of a workload that has adopted none.
NONE: frozenset[PodKey] = frozenset()
_COUNTED = ("ReplicaSet", "ReplicationController")
_MEMBER = re.compile(r"(.+)-([0-9]{1,10})")


@dataclass(frozen=True, slots=True)
class Adoption:
    """What becomes of the pods that no controller had."""

    pods: tuple[Pod, ...]
    """All pods, in the order given, without those that a controller deletes since it has too many."""
    adopted: Mapping[WorkloadRef, frozenset[PodKey]]


def adoption(
    pods: Sequence[Pod], workloads: Sequence[WorkloadObject], daemon_nodes: Mapping[WorkloadRef, Collection[str]]
) -> Adoption:
    """Return the pods after the workloads, whose own pods are yet to be made, have adopted what they select.

    `daemon_nodes` are those on which each DaemonSet runs its pods.
    """
    orphans = _Orphans([pod for pod in pods if not pod.controlled and not pod.static and _is_active(pod)])
    owners: dict[PodKey, WorkloadRef | None] = {}
    adopted: dict[WorkloadRef, frozenset[PodKey]] = {}
    for workload in workloads if orphans else ():
        kept, deleted = _claimed(workload, orphans, daemon_nodes)
        if kept:
            adopted[ref_of(workload)] = frozenset(kept)
        owners |= dict.fromkeys(kept, ref_of(workload)) | dict.fromkeys(deleted, None)
        orphans.remove((*kept, *deleted))
    if not owners:
        return Adoption(tuple(pods), {})
    settled = (_with_owner(pod, owners) for pod in pods if owners.get(pod.key, ()) is not None)
    return Adoption(tuple(settled), adopted)


def _with_owner(pod: Pod, owners: Mapping[PodKey, WorkloadRef | None]) -> Pod:
    owner = owners.get(pod.key)
    return pod if owner is None else replace(pod, owner=owner, controlled=True)


def _is_active(pod: Pod) -> bool:
    return pod.phase not in FINISHED and not pod.terminating


class _Orphans:
    """Pods that nobody has, found by namespace and label."""

    def __init__(self, pods: Sequence[Pod]) -> None:
        self._left = {pod.key: pod for pod in pods}
        self._by_pair: dict[tuple[str, str, str], list[PodKey]] = defaultdict(list)
        self._by_namespace: dict[str, list[PodKey]] = defaultdict(list)
        for pod in pods:
            self._by_namespace[pod.namespace].append(pod.key)
            for pair in pod.labels.items():
                self._by_pair[pod.namespace, *pair].append(pod.key)

    def __bool__(self) -> bool:
        return bool(self._left)

    def matching(self, namespace: str, selector: Selector) -> Iterator[Pod]:
        """Yield those that the selector matches."""
        found = self._by_pair.get
        lists = [[k for pair in pairs for k in found((namespace, *pair), ())] for pairs in selector.pair_lists]
        keys = min(lists, key=len) if lists else self._by_namespace.get(namespace, [])
        candidates = (self._left[key] for key in keys if key in self._left)
        return (pod for pod in candidates if selector.matches(pod.labels))

    def remove(self, keys: Sequence[PodKey]) -> None:
        """Take away those that somebody has claimed."""
        for key in keys:
            del self._left[key]


def _claimed(
    workload: WorkloadObject, orphans: _Orphans, daemon_nodes: Mapping[WorkloadRef, Collection[str]]
) -> tuple[list[PodKey], list[PodKey]]:
    """Return the pods that the workload adopts and keeps, and those that it adopts and deletes."""
    namespace, selector = workload.metadata.effective_namespace, _selector(workload)
    if workload.kind in _COUNTED:
        # A controller with too many deletes first those without a node, then those not ready (ActivePodsWithRanks).
        found = sorted(orphans.matching(namespace, selector), key=lambda p: (not p.node, not p.ready, natural(p.key)))
        keys = [pod.key for pod in found]
        return keys[: replicas(workload)], keys[replicas(workload) :]
    if workload.kind == "StatefulSet":
        found = [pod for pod in orphans.matching(namespace, selector) if _ordinal(pod, workload) is not None]
        wanted = ordinals(workload)
        kept = [pod.key for pod in found if _ordinal(pod, workload) in wanted]
        return kept, [pod.key for pod in found if _ordinal(pod, workload) not in wanted]
    if workload.kind == "DaemonSet":
        # Where one node has several, the oldest stays (podsShouldBeOnNode, pkg/controller/daemon); those that have no
        # node yet come to one that has its pod.
        found = sorted(orphans.matching(namespace, selector), key=lambda pod: (pod.start_time or "~", natural(pod.key)))
        first = {pod.node: pod.key for pod in reversed(found) if pod.node in daemon_nodes[ref_of(workload)]}
        return [*first.values()], [pod.key for pod in found if first.get(pod.node) != pod.key]
    return [], []


def _selector(workload: WorkloadObject) -> Selector:
    """Return what the workload selects; a ReplicationController's selector defaults to its template's labels."""
    given, template = workload.spec.selector, workload.spec.template
    if workload.kind == "ReplicationController" and not (given and given.match_labels):
        return labels_selector(template.metadata.labels if template else {})
    return selector_of(given)


def _ordinal(pod: Pod, workload: WorkloadObject) -> int | None:
    """Return the number in the pod's name if the rest is the StatefulSet's (getParentNameAndOrdinal)."""
    match = _MEMBER.fullmatch(pod.name)
    return int(match[2]) if match and match[1] == workload.metadata.name else None
