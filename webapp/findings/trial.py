"""Would it fit? kube-scheduler asked about pods as a remedy would make them, so that no remedy leaves a pod Pending."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from webapp.cluster.model import Cluster, Pod
from webapp.cluster.pod_map import runs_of
from webapp.cluster.replicas import PlacedReplicas
from webapp.cluster.scheduling import Scheduler
from webapp.manifests.objects import PodSpec


class Trial:
    """The pods of a cluster where they are, and where others would go; it is the same after each question."""

    def __init__(self, cluster: Cluster) -> None:
        placed = (run for run in runs_of(cluster.pods) if isinstance(run, PlacedReplicas) or run.node is not None)
        self._schedule = Scheduler(cluster.nodes.values(), placed, cluster.namespaces, cluster.services.values())

    def another_fits(self, pod: Pod) -> bool:
        """Return whether one more pod like this one finds a node."""
        return self._count((), (replace(pod, name=f"{pod.name}-another"),)) == 1

    def fit(self, pods: Sequence[Pod], spec: PodSpec) -> bool:
        """Return whether pods recreated with another spec find as many nodes as they have now."""
        # The old pods go first: a rolling update ends with all of them gone, whatever it does in between.
        coming = tuple(replace(pod, spec=spec) for pod in pods)
        return self._count(pods, coming) >= sum(pod.node is not None for pod in pods)

    def _count(self, leaving: Iterable[Pod], coming: Sequence[Pod]) -> int:
        """Return how many of the pods find a node once others have left; afterwards all is as before."""
        for pod in leaving:
            self._schedule.remove(pod)
        free = tuple(replace(pod, node=None, spec=_unbound(pod.spec), phase="Pending") for pod in coming)
        placements = self._schedule.place_many(_alike(free))
        for pod in free:
            self._schedule.remove(pod)
        for pod in leaving:
            self._schedule.add(pod)
        return sum(placement.node is not None for placement in placements)


def _unbound(spec: PodSpec) -> PodSpec:
    """Return the spec not bound to a node, as its template has it, and content with what is free: it evicts nobody."""
    return replace(spec, node_name=None, preemption_policy="Never")


def _alike(pods: Sequence[Pod]) -> tuple[Pod, ...]:
    """Return the pods with one spec for all: the scheduler works it out once for each."""
    return tuple(replace(pod, spec=pods[0].spec) for pod in pods)
