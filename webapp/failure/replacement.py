"""What controllers make in place of pods that go: how many, under which name, and where the scheduler puts them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from math import inf
from typing import NamedTuple

from webapp.cluster.model import FINISHED, REPLICATED, Cluster, Node, Pod, PodKey, WorkloadRef
from webapp.cluster.nodes import open_to_new_pods
from webapp.cluster.ordinals import blocks, is_ordered, not_made, ordinal
from webapp.cluster.placement import settled
from webapp.cluster.pod_map import Run, first_of, runs_of
from webapp.cluster.quick import changed
from webapp.cluster.remembered import once_per_cluster
from webapp.cluster.scheduling import Placement, Priorities, Scheduler
from webapp.cluster.scheduling.taints import UNREACHABLE
from webapp.failure.changed_pods import ChangedPods, counts_as_replica
from webapp.failure.shared_specs import SharedSpecs
from webapp.failure.state import PodFate, PodState, with_fate
from webapp.numbers import some
from webapp.records import dataclass


class Reaction(StrEnum):
    """What a pod's controller does when the pod is marked for deletion."""

    REPLACES = "replaces it at once"
    WAITS = "waits until the old pod is gone"
    STAYS = "keeps it on its node"
    NOTHING = "nothing creates another"


class Leaving(NamedTuple):
    """A pod that goes, perhaps one of replicas that nobody has made an object of."""

    key: PodKey
    node: str | None
    pod: Pod
    """The pod, or another one of its replicas."""

    @classmethod
    def of(cls, pod: Pod) -> "Leaving":
        """Return a pod that goes."""
        return cls(pod.key, pod.node, pod)

    @property
    def name(self) -> str:
        """The pod's name."""
        return self.key.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Replacement:
    """How a controller creates another pod in the place of one that goes."""

    same_name: bool = False
    """A StatefulSet's pods and static pods keep their identity."""
    bound_to: str | None = None
    """The node that the new one must run on, where the scheduler has no say."""


def reaction_to(pod: Pod, policies: Mapping[WorkloadRef, str]) -> Reaction:
    """Return what happens when the pod is marked for deletion.

    Terminating pods don't count as replicas, so a ReplicaSet creates another at once; a StatefulSet never has two pods
    of one name (Kubernetes, Force Delete StatefulSet Pods); DaemonSet and static pods belong to their node; a Job goes
    by its podReplacementPolicy, TerminatingOrFailed unless it says Failed (KEP-3939). Of a controller that was not
    uploaded the same is assumed as of a ReplicaSet.
    """
    kind = pod.owner.kind if pod.owner else ""
    if pod.static or kind == "DaemonSet":
        return Reaction.STAYS
    if not pod.controlled:
        return Reaction.NOTHING
    # Two pods with one identity could both write to one volume: at most one is the StatefulSet's promise.
    if kind == "StatefulSet" or (pod.owner is not None and policies.get(pod.owner) == "Failed"):
        return Reaction.WAITS
    # So does the controller of a kind that nodefall doesn't know: an operator is taken for a ReplicaSet.
    return Reaction.REPLACES


def replacement_of(pod: Pod, bound_workloads: Collection[WorkloadRef]) -> Replacement:
    """Return how the pod is replaced when its object goes.

    A DaemonSet's new pod runs on the same node, and so does one whose template names the node: it passes by the
    scheduler (core/v1 PodSpec.nodeName).
    """
    kind = pod.owner.kind if pod.owner else ""
    stays = pod.static or kind == "DaemonSet" or pod.owner in bound_workloads
    return Replacement(same_name=pod.static or kind == "StatefulSet", bound_to=pod.node if stays else None)


@once_per_cluster
def _ordered(cluster: Cluster) -> Mapping[WorkloadRef | None, frozenset[PodKey]]:
    """Return the pods of each StatefulSet that makes one after another."""
    found: dict[WorkloadRef | None, set[PodKey]] = defaultdict(set)
    for run in runs_of(cluster.pods):
        first = first_of(run)
        if is_ordered(first, cluster.parallel_workloads):
            found[first.owner].update((run.key,) if isinstance(run, Pod) else run.keys)
    return {owner: frozenset(keys) for owner, keys in found.items()}


@once_per_cluster
def _lowest_priority(cluster: Cluster) -> float:
    """Return the lowest priority of all pods; those that controllers make later have the same ones."""
    priorities = Priorities(cluster.priority_classes)
    return min((priorities.of(first_of(run).spec).value for run in runs_of(cluster.pods)), default=inf)


@dataclass(slots=True)
class Controllers:
    """What kube-controller-manager and kube-scheduler do when pods go: they create others and place them."""

    cluster: Cluster
    nodes: Mapping[str, Node]
    """As the API server shows them now: cordoned, tainted."""
    pods: ChangedPods
    schedule: Scheduler
    priorities: Priorities
    active: Counter[WorkloadRef]
    """How many pods each workload has that count as its replicas."""
    specs: SharedSpecs = field(default_factory=SharedSpecs)
    named: set[PodKey] = field(default_factory=set)
    """New names that were ever used."""
    bound_to: dict[PodKey, str | None] = field(default_factory=dict)
    """By new pod: the node that it must run on."""
    origins: dict[PodKey, Leaving] = field(default_factory=dict)
    """By new pod: the pod of the cluster whose place it takes, however often that was filled."""
    preempted_by: dict[PodKey, PodKey] = field(default_factory=dict)
    made_like: dict[int, tuple[Pod, Pod, Replacement]] = field(default_factory=dict)
    """By identity of a pod: itself, the one that its controller makes instead, and how."""

    @classmethod
    def of(cls, cluster: Cluster, nodes: Mapping[str, Node], pods: ChangedPods | None = None) -> "Controllers":
        """Return the controllers of a cluster whose nodes, and some of whose pods, have changed."""
        pods = pods or ChangedPods(cluster.pods)
        priorities = Priorities(cluster.priority_classes)
        schedule = Scheduler(
            open_to_new_pods(nodes.values()),
            filter(_is_placed, pods.runs()),
            cluster.namespaces,
            cluster.services.values(),
            priorities=priorities,
            budgets=cluster.pod_disruption_budgets,
            replicas=cluster.workload_replicas,
        )
        active = pods.active(cluster)
        return cls(cluster=cluster, nodes=nodes, pods=pods, schedule=schedule, priorities=priorities, active=active)

    def moved_to(self, nodes: Mapping[str, Node], back: Collection[PodKey]) -> "Controllers":
        """Return the same pods where the nodes have changed, some of them `back` as they were."""
        kept = {key: pod for key, pod in self.pods.changed.items() if key not in back}
        left = {run: run.without(back) for run in dict.fromkeys(self.pods.replicas.values())}
        replicas = {key: left[run] for key, run in self.pods.replicas.items() if key not in back}
        pods = ChangedPods(self.cluster.pods, kept, self.pods.gone - set(back), replicas)
        later = Controllers.of(self.cluster, nodes, pods)
        later.named, later.origins, later.bound_to = self.named, self.origins, self.bound_to
        later.preempted_by = self.preempted_by
        return later

    def remove(self, keys: Collection[PodKey]) -> None:
        """Take pods out whose objects are gone."""
        for key in keys:
            pod = self.pods.pop(key)
            if pod.owner is not None and counts_as_replica(pod):
                self.active[pod.owner] -= 1
            if pod.node is not None and pod.phase not in FINISHED:
                self.schedule.remove(pod)

    def owed(self, leaving: Iterable[Leaving]) -> list[Leaving]:
        """Return those of the leaving pods, no longer counted here, in whose place a controller makes others.

        It makes no more than its replicas: the surplus of a rollout is not made up for. A DaemonSet's number is that
        of its nodes, a Job's another matter, and of a workload that was not uploaded none is known.
        """
        found: list[Leaving] = []
        # How many each workload has too few; by identity too, since comparing references of 50,000 pods takes long.
        missing: dict[WorkloadRef, list[int]] = {}
        of_pod: dict[int, tuple[Pod, list[int] | None]] = {}
        for each in leaving:
            if (known := of_pod.get(id(each.pod))) is None:
                known = of_pod[id(each.pod)] = each.pod, self._missing(each.pod.owner, missing)
            if (left := known[1]) is not None:
                # During a rollout there are more pods than replicas; the surplus is not replaced.
                if left[0] <= 0:
                    continue
                left[0] -= 1
            found.append(each)
        return found

    def _missing(self, ref: WorkloadRef | None, known: dict[WorkloadRef, list[int]]) -> list[int] | None:
        """Return how many replicas the workload lacks, which may be counted down; None where it counts none."""
        replicas = self.cluster.workload_replicas
        if ref is None or ref.kind not in REPLICATED or ref not in replicas:
            return None
        return known.setdefault(ref, [replicas[ref] - self.active[ref]])

    def fill(self, left: Iterable[Leaving], pending: Iterable[Pod] = ()) -> list[PodState]:
        """Return the new pods in place of those that have left, the pending as they are now, and victims.

        Where a new pod fits on no node it is Pending. Victims are the pods that others preempt.
        """
        return self._settle([*pending, *(self._successor(each) for each in left)])

    def _settle(self, pods: Sequence[Pod]) -> list[PodState]:
        """Return what happens to new pods, and to those that they preempt, until no pod moves any more.

        What fits nowhere is tried again once a pod is preempted: that may leave room for more than one.
        """
        states: dict[PodKey, PodState] = {}
        queue = list(pods)
        while queue:
            queue, later = self._in_turn(queue)
            placed = self._placed(queue)
            for pod, _ in placed:
                key = pod.key
                self._enter(key, pod)
                states[key] = self._state(key, pod)
            preemptions = [(victim, pod) for pod, victims in placed for victim in victims]
            for victim, pod in preemptions:
                states[victim.key], successors = self._preempt(victim, pod)
                later += successors
            # What was evicted leaves room, perhaps for more than the pod that it was evicted for.
            if preemptions:
                again = {pod.key for pod in later}
                later += [s.pod for s in states.values() if s.fate is PodFate.PENDING and s.pod.key not in again]
            queue = later
        return list(states.values())

    def _in_turn(self, pods: Iterable[Pod]) -> tuple[list[Pod], list[Pod]]:
        """Return the pods that may come now, and those of StatefulSets that come after another one of these."""
        first: dict[WorkloadRef | None, int] = {}
        ordered = [pod for pod in pods if is_ordered(pod, self.cluster.parallel_workloads)]
        if not ordered:
            return list(pods), []
        for pod in ordered:
            first[pod.owner] = min(ordinal(pod), first.get(pod.owner, ordinal(pod)))
        # OrderedReady: the next ordinal is created only when all below it are ready.
        later = [pod for pod in ordered if ordinal(pod) > first[pod.owner]]
        waiting = {pod.key for pod in later}
        return [pod for pod in pods if pod.key not in waiting], later

    def _placed(self, pods: Sequence[Pod]) -> list[tuple[Pod, tuple[Pod, ...]]]:
        """Return the pods on the nodes they are bound to, or else where the scheduler puts them, with their victims."""
        found: list[tuple[Pod, tuple[Pod, ...]]] = []
        asking: dict[int, Pod] = {}
        for number, pod in enumerate(pods):
            bound_to, coming = self.bound_to.get(pod.key), pod
            if (blocker := self._blocker(pod)) is not None:
                coming = not_made(pod, blocker)
            elif bound_to is not None and self._is_down(bound_to):
                coming = replace(pod, pending=f"It must run on {bound_to}, which is down.")
            # Its kubelet starts it from its own disk; no scheduler is asked.
            elif bound_to is not None and pod.static:
                coming = settled(pod, Placement(bound_to))
            else:
                # One that is bound to a node passes by the scheduler, but still takes room, and its kubelet may reject
                # it.
                asking[number] = pod if pod.node == bound_to else replace(pod, node=bound_to)
            found.append((coming, ()))
        placements = self.schedule.place_many([*asking.values()])
        for (number, pod), at in zip(asking.items(), placements, strict=True):
            found[number] = settled(pod, at), at.victims
        return found

    def _blocker(self, pod: Pod) -> Pod | None:
        """Return the pod of a lower ordinal that a StatefulSet waits for before it makes this one."""
        if not is_ordered(pod, self.cluster.parallel_workloads):
            return None
        # A StatefulSet's new pods have the names of old ones, so all of them are known from the start.
        siblings = (self.pods[key] for key in _ordered(self.cluster)[pod.owner] if key in self.pods)
        lower = (one for one in siblings if ordinal(one) < ordinal(pod) and blocks(one))
        return min(lower, key=ordinal, default=None)

    def waits_for_room(self, key: PodKey, pod: Pod) -> bool:
        """Return whether nothing but room on a node that is open to it would help a Pending pod."""
        waits_for_another = self.bound_to.get(key) is not None or is_ordered(pod, self.cluster.parallel_workloads)
        return not waits_for_another and not self.may_preempt(pod) and self.schedule.waits_for_room(pod)

    def may_preempt(self, pod: Pod) -> bool:
        """Return whether there may be a pod of lower priority than one like this."""
        return self.priorities.of(pod.spec).value > _lowest_priority(self.cluster)

    def _is_down(self, name: str) -> bool:
        node = self.nodes.get(name)
        return node is None or any(taint.key == UNREACHABLE for taint in node.taints)

    def _enter(self, key: PodKey, pod: Pod) -> None:
        # The scheduler knows those that it was asked about.
        if self.bound_to.get(key) is not None:
            self.schedule.add(pod)
        if pod.owner is not None and key not in self.pods and counts_as_replica(pod):
            self.active[pod.owner] += 1
        self.pods[key] = pod

    def _preempt(self, victim: Pod, by: Pod) -> tuple[PodState, list[Pod]]:
        """Take out a pod that another one has preempted; return its state, and what its controller makes instead."""
        pod = self.pods.pop(victim.key)
        if pod.owner is not None and counts_as_replica(pod):
            self.active[pod.owner] -= 1
        makes = pod.static or pod.controlled
        ends = f"{pod.owner.kind} {pod.owner.name} creates another." if pod.owner else "Its controller creates another."
        reason = f"Preempted by {by.key}, which has a higher priority and fits nowhere otherwise. "
        state = PodState(
            pod=replace(pod, terminating=True),
            fate=PodFate.PREEMPTED,
            from_node=pod.node,
            reason=reason + (ends if makes else "It has no controller, so nothing creates another."),
        )
        self.preempted_by[pod.key] = by.key
        owed = self.owed([Leaving.of(pod)] if makes else [])
        return state, [self._successor(each) for each in owed]

    def _successor(self, old: Leaving) -> Pod:
        like = self.made_like.get(id(old.pod))
        if like is None:
            like = self.made_like[id(old.pod)] = old.pod, *self._made_for(old.pod)
        _, pod, how = like
        origin = self.origins.get(old.key, old)
        key = old.key if how.same_name else self._new_key(origin)
        self.origins[key], self.bound_to[key] = origin, how.bound_to
        return changed(pod, name=key.partition("/")[2])

    def _made_for(self, old: Pod) -> tuple[Pod, Replacement]:
        """Return the pod that the controller of one makes instead, under its name, and how it does so."""
        pod = Pod(
            namespace=old.namespace,
            name=old.name,
            labels=old.labels,
            spec=self.specs.shared(old).spec,
            owner=old.owner,
            controlled=old.controlled,
            static=old.static,
            stand_in=old.stand_in,
            phase="Pending",
            ready=False,
            assumed=True,
        )
        return pod, replacement_of(old, self.cluster.bound_workloads)

    def _new_key(self, old: Leaving) -> PodKey:
        """Return the old key with ``-new``, or ``-new-2`` and so on: a cluster would draw another name at random."""
        # The API server draws five random letters; a name that can be foreseen lets two runs be compared.
        number, key = 1, f"{old.key}-new"
        while key in self.named or key in self.cluster.pods:
            number += 1
            key = f"{old.key}-new-{number}"
        self.named.add(key)
        return key

    def _state(self, key: PodKey, pod: Pod) -> PodState:
        old = self.origins[key]
        if pod.node is None:
            fate, reason = PodFate.PENDING, pod.pending
        elif pod.rejected:
            fate, reason = PodFate.FAILED, f"Its kubelet on {pod.node} rejects it: {pod.rejected}."
        else:
            where = "on the same node" if pod.node == old.node else f"on {pod.node}"
            fate, reason = PodFate.MOVED, f"It replaces {old.name}, {where}."
        if by := self.preempted_by.get(key):
            reason = f"Preempted by {by}, which has a higher priority. {reason}"
        return PodState(pod=pod, fate=fate, replaces=old.key, from_node=old.node, reason=reason)


def _is_placed(run: Run) -> bool:
    return not isinstance(run, Pod) or (run.node is not None and run.phase not in FINISHED)


def pending_notes(states: Mapping[PodKey, PodState]) -> Iterator[str]:
    """Yield a sentence on the new pods that don't run, one for each reason, and on those that were preempted."""
    pending = [(its.reason.removesuffix("."), its.pod.key) for its in with_fate(states, {PodFate.PENDING})]
    for reason, keys in grouped(pending):
        yield f"{some(keys)} {'is' if len(keys) == 1 else 'are'} not running: {reason}."
    for fate in (PodFate.FAILED, PodFate.PREEMPTED):
        for reason, keys in grouped((its.reason, its.pod.key) for its in with_fate(states, {fate})):
            yield f"{some(keys)}: {reason}"


def grouped(pairs: Iterable[tuple[str, PodKey]]) -> list[tuple[str, list[PodKey]]]:
    """Return the pods of each reason, in the order of the pairs."""
    found: dict[str, list[PodKey]] = {}
    for reason, key in pairs:
        found.setdefault(reason, []).append(key)
    return list(found.items())
