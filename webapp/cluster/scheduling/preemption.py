"""Preemption: which pods of lower priority go, so that one that fits nowhere gets a node.

As kube-scheduler's DefaultPreemption plugin does it (pkg/scheduler/framework/plugins/defaultpreemption and
pkg/scheduler/framework/preemption), but for two choices that it leaves to chance: the node at which it starts to look,
and the one it takes where all that counts is equal. Here both are the first in natural order.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from math import inf

from webapp.cluster.model import Pod, PodKey
from webapp.cluster.scheduling.bindings import Binding
from webapp.cluster.scheduling.budgets import WantedReplicas, budget_status
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.nodes import NodeInfo
from webapp.cluster.scheduling.placed import PlacedPods, PodClass
from webapp.cluster.scheduling.selectors import selector_of
from webapp.manifests.objects import PodDisruptionBudgetObject
from webapp.records import dataclass

# minCandidateNodesPercentage and minCandidateNodesAbsolute: how many nodes are found before one is chosen.
_SHARE, _AT_LEAST = 10, 100
# Added to each priority, so that of negative ones more don't sum up to less.
_PER_POD = 2**31


def _importance(binding: Binding) -> tuple[int, float, PodKey]:
    """Return a sort key, the more important first: higher priority, then the earlier start (util.MoreImportantPod)."""
    return -binding.priority, _started(binding.pod), binding.pod.key


def _started(pod: Pod) -> float:
    """Return when the pod started; one that has not yet, or does not say, counts as started last."""
    try:
        return datetime.fromisoformat(pod.start_time or "").timestamp()
    except (ValueError, OverflowError, OSError):
        return inf


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node, and the pods that would have to go from it."""

    node_info: NodeInfo
    victims: tuple[Binding, ...]
    """The most important first."""
    violations: int
    """How many of them a PodDisruptionBudget protects."""

    @property
    def rank(self) -> tuple[float, ...]:
        """A sort key, the node to take first."""
        # pickOneNodeForPreemption: fewest violated budgets, lowest priority of the most important victim, least sum of
        # priorities, fewest victims, latest start of the most important ones.
        highest = self.victims[0].priority
        total = sum(victim.priority + _PER_POD for victim in self.victims)
        start = min(_started(victim.pod) for victim in self.victims if victim.priority == highest)
        return self.violations, highest, total, len(self.victims), -start, self.node_info.position


class DisruptionsAllowed:
    """How many pods each PodDisruptionBudget lets go at the moment."""

    def __init__(
        self,
        budgets: Iterable[PodDisruptionBudgetObject],
        replicas: WantedReplicas,
        bindings: Iterable[Binding],
        placed: PlacedPods,
    ) -> None:
        self._budgets: dict[str, list[PodDisruptionBudgetObject]] = defaultdict(list)
        for budget in budgets:
            self._budgets[budget.metadata.effective_namespace].append(budget)
        self._replicas, self._placed = replicas, placed
        self._pods: dict[int, list[Pod]] = defaultdict(list)
        for binding in bindings if self._budgets else ():
            self._pods[id(binding.pod_class)].append(_running(binding.pod))
        self._of_class: dict[int, tuple[PodDisruptionBudgetObject, ...]] = {}
        self._left: dict[int, int] = {}

    def split(self, bindings: Iterable[Binding]) -> tuple[list[Binding], list[Binding]]:
        """Return those whose going violates a budget, if they went in this order, and the others."""
        # filterPodsWithPDBViolation.
        spent: dict[int, int] = defaultdict(int)
        violating: list[Binding] = []
        others: list[Binding] = []
        for binding in bindings:
            violated = False
            for budget in self._covering(binding.pod_class):
                spent[id(budget)] += 1
                violated |= spent[id(budget)] > self._allowed(budget)
            (violating if violated else others).append(binding)
        return violating, others

    def spend(self, bindings: Iterable[Binding]) -> None:
        """Note that these pods go."""
        for binding in bindings:
            for budget in self._covering(binding.pod_class):
                self._left[id(budget)] = self._allowed(budget) - 1

    def _covering(self, pod_class: PodClass) -> tuple[PodDisruptionBudgetObject, ...]:
        """Return the budgets that cover the pods; for the scheduler one with an empty selector covers none."""
        found = self._of_class.get(id(pod_class))
        if found is None:
            found = self._of_class[id(pod_class)] = tuple(
                budget
                for budget in self._budgets.get(pod_class.namespace, ())
                if pod_class.labels and (selector := selector_of(budget.spec.selector)).requirements
                if selector.matches(pod_class.labels)
            )
        return found

    def _allowed(self, budget: PodDisruptionBudgetObject) -> int:
        left = self._left.get(id(budget))
        if left is None:
            namespace = budget.metadata.effective_namespace
            pod_classes = self._placed.selected(namespace, selector_of(budget.spec.selector))
            pods = [pod for pod_class in pod_classes for pod in self._pods.get(id(pod_class), ())]
            left = self._left[id(budget)] = budget_status(budget, pods, self._replicas).disruptions_allowed
        return left


def _running(pod: Pod) -> Pod:
    """Return the pod as it is once it runs: what was placed here without a node is not ready yet."""
    return pod if pod.node is not None else replace(pod, ready=True)


class Preemptor:
    """A kind of pod that fits nowhere, and the nodes on which others would have to make room for it."""

    def __init__(
        self,
        cycle: SchedulingCycle,
        priority: int,
        node_infos: Sequence[NodeInfo],
        bound: Mapping[str, Mapping[PodKey, Binding]],
        disruptions_allowed: DisruptionsAllowed,
    ) -> None:
        self._cycle, self._priority, self._bound, self._disruptions_allowed = (
            cycle,
            priority,
            bound,
            disruptions_allowed,
        )
        self._node_infos = [
            node_info for node_info in node_infos if not cycle.static(node_info).reasons and self._lower(node_info)
        ]
        self._enough = min(max(len(node_infos) * _SHARE // 100, _AT_LEAST), len(node_infos))
        self._left = iter(self._node_infos)
        self._heap: list[tuple[tuple[float, ...], int, Candidate]] = []
        self._turn = count()

    @property
    def depends_on_others(self) -> bool:
        """Whether pods on other nodes can keep this kind off one: then nothing that was worked out before counts."""
        return self._cycle.filtering

    def fits(self, node_info: NodeInfo) -> bool:
        """Return whether the pod fits on the node now, one of those that its static filters allow."""
        return not self._cycle.filter_placed(node_info)

    def best(self) -> Candidate | None:
        """Return the node to take, None if there is none where that would help."""
        if self._cycle.filtering:
            return min(self._found(iter(self._node_infos)), key=lambda candidate: candidate.rank, default=None)
        while self._heap or self._refill():
            rank, _, known = heappop(self._heap)
            candidate = self.on(known.node_info)
            if candidate is None:
                continue
            if candidate.rank == rank and not (candidate.violations and self._refill()):
                return candidate
            self._push(candidate)
        return None

    def changed(self, node_info: NodeInfo) -> None:
        """Note that pods have gone from the node and come to it."""
        self._push(self.on(node_info))

    def on(self, node_info: NodeInfo) -> Candidate | None:
        """Return which pods would have to go from the node, None if that doesn't help."""
        # SelectVictimsOnNode: all of lower priority are taken away; if the pod fits then, as many as possible are put
        # back, first those that a budget protects, of each kind the most important first.
        away = lower = self._lower(node_info)
        if not any(self._cycle.counts(binding.pod_class) for binding in lower) and self._cycle.filter_domains(
            node_info
        ):
            return None
        for binding in lower:
            self._move(binding, -1)
        violating: list[Binding] = []
        if helps := bool(lower) and self.fits(node_info):
            lower.sort(key=_importance)
            violating, others = self._disruptions_allowed.split(lower)
            violating = [binding for binding in violating if not self._stays(binding)]
            away = [*violating, *(binding for binding in others if not self._stays(binding))]
        for binding in away:
            self._move(binding, 1)
        victims = sorted(away, key=_importance)
        return Candidate(node_info, tuple(victims), len(violating)) if helps else None

    def _stays(self, binding: Binding) -> bool:
        self._move(binding, 1)
        if self.fits(binding.node_info):
            return True
        self._move(binding, -1)
        return False

    def _move(self, binding: Binding, change: int) -> None:
        binding.enter(change)
        if self._cycle.counts(binding.pod_class):
            self._cycle.move_pod(binding.pod_class, binding.node_info, change, terminating=binding.pod.terminating)

    def _lower(self, node_info: NodeInfo) -> list[Binding]:
        return [b for b in self._bound.get(node_info.name, {}).values() if b.priority < self._priority]

    def _found(self, node_infos: Iterator[NodeInfo]) -> Iterator[Candidate]:
        """Yield candidates until there are enough of them, and one that violates no budget."""
        number, harmless = 0, False
        for node_info in node_infos:
            candidate = self.on(node_info)
            if candidate is not None:
                yield candidate
                number, harmless = number + 1, harmless or not candidate.violations
                if harmless and number >= self._enough:
                    return

    def _push(self, candidate: Candidate | None) -> None:
        if candidate is not None:
            heappush(self._heap, (candidate.rank, next(self._turn), candidate))

    def _refill(self) -> bool:
        """Look at further nodes; return whether that found any candidate."""
        found = list(self._found(self._left))
        for candidate in found:
            self._push(candidate)
        return bool(found)
