"""HorizontalPodAutoscalers: the bounds within which they keep a workload's replicas, whatever the metrics say.

A target below minReplicas is scaled up to it, one above maxReplicas down, before any metric is asked; one of 0 replicas
is left alone (reconcileAutoscaler, pkg/controller/podautoscaler/horizontal.go). Several of one target each do that.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from webapp.cluster.model import WorkloadRef
from webapp.cluster.pods import Owners, owners_of, ref_of, replicas
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import HorizontalPodAutoscalerObject, WorkloadObject
from webapp.numbers import counted, some
from webapp.records import dataclass

# The kinds with a scale subresource, and the API group in which it is found.
_GROUPS = {
    "Deployment": "apps",
    "ReplicaSet": "apps",
    "StatefulSet": "apps",
    "ReplicationController": "",
    "DeploymentConfig": "apps.openshift.io",
    "Rollout": "argoproj.io",
}


@dataclass(frozen=True, slots=True)
class ReplicaBounds:
    """Between how many replicas the autoscalers of a workload keep it."""

    least: int
    most: int
    autoscalers: tuple[str, ...]
    """Their names."""

    @property
    def names(self) -> str:
        """Return ``HorizontalPodAutoscaler web``."""
        kind = "HorizontalPodAutoscaler" if len(self.autoscalers) == 1 else "HorizontalPodAutoscalers"
        return f"{kind} {', '.join(self.autoscalers)}"

    @property
    def agree(self) -> bool:
        """Whether some number is within the bounds of all of them."""
        return self.least <= self.most

    def remark(self, count: int) -> str:
        """Return what they make of so many replicas, to be added to the number; empty if they leave it."""
        scaled = self.scaled(count)
        return "" if scaled == count else f", scaled to {scaled} by {self.names}"

    def scaled(self, count: int) -> int:
        """Return how many replicas become of `count`."""
        return min(max(count, self.least), self.most) if count and self.agree else count


def replica_bounds(manifests: Manifests) -> Mapping[WorkloadRef, ReplicaBounds]:
    """Return the bounds of each workload that some autoscaler names as its target."""
    found: dict[WorkloadRef, ReplicaBounds] = {}
    for autoscaler in manifests.horizontal_pod_autoscalers:
        ref, most = _target(autoscaler), autoscaler.spec.max_replicas
        least = 1 if autoscaler.spec.min_replicas is None else autoscaler.spec.min_replicas
        if ref is not None and most is not None and 0 < least <= most:  # else the API server rejects it
            known = found.get(ref, ReplicaBounds(least, most, ()))
            names = (*known.autoscalers, autoscaler.metadata.name)
            found[ref] = ReplicaBounds(max(least, known.least), min(most, known.most), names)
    return found


def _misdirected(manifests: Manifests) -> Iterator[str]:
    """Yield the autoscalers whose target would be there if it were not for the API group."""
    known = frozenset(map(ref_of, manifests.workloads)) if manifests.horizontal_pod_autoscalers else frozenset()
    for autoscaler in manifests.horizontal_pod_autoscalers:
        name, target = autoscaler.metadata.name, autoscaler.spec.scale_target_ref
        ref = WorkloadRef(kind=target.kind, namespace=autoscaler.metadata.effective_namespace, name=target.name)
        if ref in known and target.kind in _GROUPS and _target(autoscaler) is None:
            group = _GROUPS[target.kind] or "the core"
            yield f"{name}, whose scaleTargetRef.apiVersion is not of the group {group}, where {target.kind} is"


def _target(autoscaler: HorizontalPodAutoscalerObject) -> WorkloadRef | None:
    target = autoscaler.spec.scale_target_ref
    group = (target.api_version or "").rpartition("/")[0]
    if _GROUPS.get(target.kind) != group:
        return None
    return WorkloadRef(kind=target.kind, namespace=autoscaler.metadata.effective_namespace, name=target.name)


def autoscaled(manifests: Manifests) -> Manifests:
    """Return the manifests with the replicas that the autoscalers leave.

    Workloads whose pods are in a dump stay as they are: there the autoscaler had its say.
    """
    changes = {ref: bounds.scaled(replicas(w)) for ref, w, bounds in autoscaled_workloads(manifests)}
    if not changes:
        return manifests
    return replace(manifests, workloads=tuple(_with_replicas(w, changes) for w in manifests.workloads))


def _with_replicas(workload: WorkloadObject, counts: Mapping[WorkloadRef, int]) -> WorkloadObject:
    count = counts.get(ref_of(workload), replicas(workload))
    changed = count != replicas(workload)
    return replace(workload, spec=replace(workload.spec, replicas=count)) if changed else workload


def autoscaled_workloads(manifests: Manifests) -> Iterator[tuple[WorkloadRef, WorkloadObject, ReplicaBounds]]:
    """Yield the workloads that autoscalers scale and of which no pods are given."""
    if not manifests.horizontal_pod_autoscalers:
        return
    bounds, owners = replica_bounds(manifests), owners_of(manifests.workloads)
    owned = _owned(manifests, owners)
    for workload in manifests.workloads:
        ref = ref_of(workload)
        if ref in bounds and ref not in owned:
            yield ref, workload, bounds[ref]


def _owned(manifests: Manifests, owners: Owners) -> Set[WorkloadRef]:
    return {ref for pod in manifests.pods if (ref := owners.outermost(pod.metadata)) is not None}


def autoscaling_told(manifests: Manifests) -> Iterator[str]:
    """Yield what the autoscalers change, and what is assumed where they leave it to the metrics.

    `manifests` as they are before :func:`autoscaled`.
    """
    scaled, open_, contrary = [], [], []
    for ref, workload, bounds in autoscaled_workloads(manifests):
        name, now = f"{ref.kind} {ref.namespace}/{ref.name}", replicas(workload)
        limits = f"{bounds.least} to {bounds.most}, {bounds.names}"
        if not bounds.agree:
            contrary.append(f"{name} ({bounds.names})")
        elif bounds.scaled(now) != now:
            scaled.append(f"{name} to {counted(bounds.scaled(now), 'replica')}, not {now} ({limits})")
        elif now:
            open_.append(f"{name} with {counted(now, 'replica')} ({limits})")
    if lost := list(_misdirected(manifests)):
        yield f"A HorizontalPodAutoscaler without effect: {some(lost)}."
    if scaled:
        yield f"Scaled by a HorizontalPodAutoscaler, whatever the metrics say: {some(scaled)}."
    if open_:
        yield f"Within its HorizontalPodAutoscaler's bounds the metrics decide; assumed: {some(open_)}."
    if contrary:
        yield f"HorizontalPodAutoscalers whose bounds exclude each other scale nothing here: {some(contrary)}."
