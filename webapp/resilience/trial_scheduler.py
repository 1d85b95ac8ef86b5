"""kube-scheduler's view of a cluster, with pods put on nodes and taken off again to see what may happen."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import overload

from webapp.cluster.model import Cluster, Pod, WorkloadRef
from webapp.cluster.pod_map import runs_of
from webapp.cluster.replicas import PlacedReplicas
from webapp.cluster.scheduling import Scheduler
from webapp.failure.replacement import Reaction, reaction_to
from webapp.manifests.objects import PodSpec
from webapp.records import dataclass

_IDENTITY = frozenset({"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"})
_OF_TEMPLATE = tuple(field.name for field in fields(PodSpec) if field.name not in ("node_name", "volumes"))


@dataclass(frozen=True, slots=True, eq=False)
class EqualPods:
    """Pods that the scheduler can't tell apart."""

    pod: Pod
    """One of them, without its node."""
    pods: Sequence[Pod]
    """All of them, where they are."""

    @property
    def nodes(self) -> Sequence[str | None]:
        """The node of each."""
        return self.pods.run.places if isinstance(self.pods, PodsOfRun) else [pod.node for pod in self.pods]

    def unplaced(self, number: int) -> Pod:
        """Return one of them without its node."""
        return replace(self.pods[number], spec=self.pod.spec, labels=self.pod.labels, node=None)


class PodsOfRun(Sequence[Pod]):
    """Placed replicas, each made into an object when somebody looks at it."""

    def __init__(self, run: PlacedReplicas) -> None:
        self.run = run

    def __len__(self) -> int:
        return len(self.run)

    @overload
    def __getitem__(self, index: int) -> Pod: ...
    @overload
    def __getitem__(self, index: slice) -> list[Pod]: ...
    def __getitem__(self, index: int | slice) -> Pod | list[Pod]:
        prefix, found = self.run.prefix, self.run.numbers[index]
        return (
            self.run.made(f"{prefix}{found}")
            if isinstance(found, int)
            else list(map(self.run.made, (f"{prefix}{number}" for number in found)))
        )

    def __iter__(self) -> Iterator[Pod]:
        return map(self.run.made, self.run.keys)


class TrialScheduler(Scheduler):
    """The scheduler with all placed pods, none of which has to stay where it is."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(
            cluster.nodes.values(),
            (run for run in runs_of(cluster.pods) if not isinstance(run, Pod) or run.node is not None),
            cluster.namespaces,
            cluster.services.values(),
        )

    @contextmanager
    def without(self, pods: Iterable[Pod]) -> Iterator[None]:
        """Take pods off for a while."""
        taken = tuple(pods)
        for pod in taken:
            self.remove(pod)
        try:
            yield
        finally:
            for pod in taken:
                self.add(pod)

    @contextmanager
    def having(self, pod: Pod, node: str) -> Iterator[None]:
        """Put a pod on a node for a while."""
        placed = replace(pod, node=node, phase="Running")
        self.add(placed)
        try:
            yield
        finally:
            self.remove(placed)


def is_movable(cluster: Cluster, pod: Pod) -> bool:
    """Return whether the scheduler might as well have put the pod elsewhere, or may when it is made again.

    Not so those of DaemonSets, static pods, those whose template names the node, and a pod without a controller that
    has its node: it never gets another (Kubernetes, "Pod Lifecycle").
    """
    if reaction_to(pod, cluster.pod_replacement_policies) is Reaction.STAYS or pod.owner in cluster.bound_workloads:
        return False
    # A pod without a controller keeps its node until it is deleted, and then there is none.
    return pod.controlled or pod.spec.node_name is None


def equal_pods(pods: Iterable[Pod]) -> tuple[EqualPods, ...]:
    """Return the pods by template, without their nodes.

    The name and number that a StatefulSet puts on each pod are left out: no placement rule is about them.
    """
    found: dict[tuple[str, WorkloadRef | None, frozenset[tuple[str, str]]], list[tuple[Pod, list[Pod]]]] = {}
    # Replicas share one mapping of labels and one spec, so most comparisons end with their identity.
    last: Pod | None = None
    group: list[Pod] = []
    for pod in pods:
        if last is None or pod.labels is not last.labels or pod.spec is not last.spec or pod.owner != last.owner:
            labels = {key: value for key, value in pod.labels.items() if key not in _IDENTITY}
            candidates = found.setdefault((pod.namespace, pod.owner, frozenset(labels.items())), [])
            known = next((group for first, group in candidates if _same_template(first.spec, pod.spec)), None)
            if known is None:
                known = []
                spec = pod.spec if pod.spec.node_name is None else replace(pod.spec, node_name=None)
                candidates.append((replace(pod, spec=spec, labels=labels, node=None), known))
            last, group = pod, known
        group.append(pod)
    return tuple(EqualPods(first, group) for candidates in found.values() for first, group in candidates)


def equal_replicas(run: PlacedReplicas) -> EqualPods:
    """Return all replicas of a run, without their nodes."""
    (alone,) = equal_pods([run.pod])
    return EqualPods(alone.pod, PodsOfRun(run))


def _same_template(one: PodSpec, other: PodSpec) -> bool:
    return one is other or all(getattr(one, name) == getattr(other, name) for name in _OF_TEMPLATE)
