"""All pods of a cluster: the given ones, those that workloads would have, and where they run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from webapp.cluster.adoption import NONE, adoption
from webapp.cluster.model import Node, Pod, PodKey, Service
from webapp.cluster.nodes import open_to_new_pods
from webapp.cluster.order import natural
from webapp.cluster.ordinals import held_back, not_made
from webapp.cluster.pod_map import PodMap
from webapp.cluster.pods import (
    PodNames,
    asks,
    bound_workloads,
    daemon_pod,
    expandable,
    owners_of,
    parallel_workloads,
    pod_of,
    ref_of,
    replica_pods,
    replicas,
    replicas_together,
    template_labels,
)
from webapp.cluster.quick import changed
from webapp.cluster.replicas import PlacedReplicas, Replicas
from webapp.cluster.scheduling import PlacedTemplate, Placement, Priorities, Scheduler, daemonset_nodes, is_daemon
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import WorkloadObject
from webapp.records import dataclass


@dataclass(frozen=True, slots=True)
class PlacementResult:
    """All pods of a cluster."""

    pods: PodMap
    preempted: Mapping[PodKey, PodKey]
    """Pods that had to go for another of higher priority: for which. Where a controller made them again, the key stands
    for the new one."""


def placed_pods(
    manifests: Manifests,
    nodes: Mapping[str, Node],
    services: Sequence[Service],
    made_up: Iterable[WorkloadObject] = (),
) -> PlacementResult:
    """Return all pods in natural order, each with its node, or with the reason why it has none.

    Pods of a dump stay as they are given, but for those that others preempt. Then pods whose spec names a node go
    there, DaemonSets get theirs and kube-scheduler places the rest, by priority; the pods of made-up workloads last:
    they take no room from those that were given.
    """
    owners = owners_of(manifests.workloads)
    given = sorted((pod_of(pod, owners) for pod in manifests.pods), key=lambda pod: natural(pod.key))
    names = PodNames({pod.key for pod in given})
    workloads = expandable(manifests, owners, frozenset(pod.owner for pod in given if pod.owner))
    places = {node.name: node for node in open_to_new_pods(nodes.values())}
    daemon_sets = {ref_of(w): (w, _daemon_nodes(w, places)) for w in workloads if w.kind == "DaemonSet"}
    orphans = adoption(given, workloads, {ref: chosen.keys() for ref, (_, chosen) in daemon_sets.items()})
    # The controller wants one pod a node, so an adopted one keeps it from making another there.
    there = {(pod.owner, pod.node) for pod in orphans.pods if pod.owner in orphans.adopted}
    daemons = [
        pod
        for ref, (workload, chosen) in daemon_sets.items()
        for pod in _daemon_pods(workload, [n for n in chosen.values() if (ref, n.name) not in there], names)
    ]
    single: list[Pod] = []
    together: list[Replicas] = []
    for workload in workloads:
        has = orphans.adopted.get(ref_of(workload), NONE)
        if workload.kind == "DaemonSet":
            continue
        if (its := replicas_together(workload, names, len(has))) is not None:
            together.append(its)
        else:
            single += replica_pods(workload, names, has)
    running = [pod for pod in orphans.pods if not pod.assumed]
    arrivals = _Arrivals(manifests, places.values(), services, running)
    arrivals.place([*daemons, *(pod for pod in (*orphans.pods, *single) if pod.assumed)], together)
    # Last, so that what somebody wrote gets its place before what nodefall only supposes to exist.
    arrivals.place([replace(pod, stand_in=True) for workload in made_up for pod in replica_pods(workload, names)])
    arrivals.hold_back(manifests.workloads)
    not_ready = frozenset(name for name, node in nodes.items() if not node.ready)
    seen = (_as_marked(pod, not_ready) for pod in arrivals.pods.values())
    return PlacementResult(PodMap(seen, arrivals.placed_together(not_ready)), arrivals.preempted)


def _as_marked(pod: Pod, not_ready: frozenset[str]) -> Pod:
    """Return the pod not ready where nodefall made it on a node that is not Ready; a dump says so itself.

    The node lifecycle controller turns Ready to False on all pods of such a node (MarkPodsNotReady).
    """
    return replace(pod, ready=False) if pod.assumed and pod.node in not_ready else pod


def _daemon_nodes(workload: WorkloadObject, nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Return the nodes that the DaemonSet controller chooses."""
    if workload.spec.template is None:
        return {}
    namespace, name = workload.metadata.effective_namespace, workload.metadata.name
    decided = daemonset_nodes(Pod(namespace=namespace, name=name, spec=workload.spec.template.spec), nodes.values())
    return {node.name: node for node in nodes.values() if decided[node.name][0]}


def _daemon_pods(workload: WorkloadObject, nodes: Iterable[Node], names: PodNames) -> Iterator[Pod]:
    """Yield one pod of the DaemonSet for each of the nodes."""
    labels, chosen = template_labels(workload), list(nodes)
    names.make_room(len(chosen), asks(workload))
    return (daemon_pod(workload, node, names, labels) for node in chosen)


class _Arrivals:
    """The pods of a cluster while those that nobody has placed yet come in."""

    def __init__(
        self,
        manifests: Manifests,
        nodes: Iterable[Node],
        services: Sequence[Service],
        running: Sequence[Pod],
    ) -> None:
        self.pods = {pod.key: pod for pod in running}
        self.preempted: dict[PodKey, PodKey] = {}
        self._together: list[tuple[Replicas, PlacedTemplate]] = []
        self._bound, budgets = bound_workloads(manifests.workloads), manifests.pod_disruption_budgets
        self._schedule = Scheduler(
            nodes,
            running,
            manifests.namespaces,
            services,
            priorities=Priorities(manifests.priority_classes),
            budgets=budgets,
            replicas={ref_of(workload): replicas(workload) for workload in manifests.workloads if budgets},
        )

    def place(self, pods: Sequence[Pod], together: Sequence[Replicas] = ()) -> None:
        """Let the pods in, and then those that controllers make for what they preempt, which has a lower priority."""
        while pods or together:
            placements, of_replicas = self._schedule.place_all(pods, together)
            self._together += zip(together, of_replicas, strict=True)
            if any(at.victims for at in placements) or any(placed.victims for placed in of_replicas):
                single = self._apart(pods, placements, len(together))
            else:
                single = [*zip(pods, placements, strict=True)]
            together = ()
            for pod, at in single:
                self.pods[pod.key] = self._explained(settled(pod, at))
            preempted = {victim.key: pod.key for pod, at in single for victim in at.victims}
            self.preempted |= preempted
            # A preempted pod may leave room for more than the one that it went for.
            waiting = [pod for pod, at in single if preempted and not at.node]
            pods = [*waiting, *(pod for key in preempted for pod in self._again(key))]

    def _apart(self, pods: Sequence[Pod], placements: Sequence[Placement], new: int) -> list[tuple[Pod, Placement]]:
        """Return the pods and where they go, the `new` last replicas among them; no replicas stay together."""
        for its, placed in self._together[: len(self._together) - new]:
            self.pods |= {pod.key: settled(pod, at) for pod, at in zip(its, placed, strict=True)}
        coming = self._together[len(self._together) - new :]
        self._together = []
        return [
            *zip(pods, placements, strict=True),
            *(pair for its, placed in coming for pair in zip(its, placed, strict=True)),
        ]

    def placed_together(self, not_ready: frozenset[str]) -> Iterator[PlacedReplicas]:
        """Yield the replicas that are still together."""
        for its, placed in self._together:
            yield PlacedReplicas(its.pod, its.prefix, its.numbers, placed.places, placed.message, not_ready)

    def _explained(self, pod: Pod) -> Pod:
        """Return the pod with the reason why it is Pending though it ran before."""
        by = self.preempted.get(pod.key)
        why = f"Preempted by {by}, which has a higher priority. {pod.pending}"
        return replace(pod, pending=why) if by and not pod.node else pod

    def _again(self, key: PodKey) -> Iterator[Pod]:
        """Yield what the controller of a preempted pod makes in its place, under the same name; a bare pod is gone."""
        old = self.pods.pop(key)
        if old.controlled:
            # A recreated pod is another object: it may go elsewhere, unless its controller ties it to the node.
            stays = is_daemon(old) or old.owner in self._bound
            spec = replace(old.spec, node_name=None if not old.assumed else old.spec.node_name)
            yield replace(old, node=old.node if stays else None, spec=spec, ips=(), assumed=True, start_time=None)

    def hold_back(self, workloads: Iterable[WorkloadObject]) -> None:
        """Take away the pods that a StatefulSet does not make while one of a lower ordinal isn't running and ready."""
        parallel = parallel_workloads(workloads)
        for pod, blocker in held_back(self.pods.values(), parallel):
            if pod.assumed:
                self._schedule.remove(pod)
                self.pods[pod.key] = not_made(pod, blocker)


def settled(pod: Pod, at: Placement) -> Pod:
    """Return the pod running and ready on its node, failed by its kubelet, or Pending for the scheduler's reason."""
    if at.rejected:
        return changed(pod, node=at.node, phase="Failed", ready=False, rejected=at.rejected, pending="")
    phase = "Running" if at.node else "Pending"
    return changed(pod, node=at.node, phase=phase, ready=at.node is not None, pending=at.message)
