"""Preemption a second time, as the scheduler's source reads: nothing is kept, every question is asked of all pods."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.cluster.scheduling.asking import AskedScheduler
from webapp.cluster.model import Node, Pod
from webapp.cluster.order import natural
from webapp.cluster.scheduling.budgets import budget_status, coverage
from webapp.manifests.objects import PodDisruptionBudgetObject


@dataclass
class Naive:
    """A cluster in which pods are preempted."""

    nodes: Sequence[Node]
    pods: list[Pod]
    """Those that have a node."""
    budgets: Sequence[PodDisruptionBudgetObject] = ()
    allowed: Mapping[str, int] | None = None

    def fits(self, pod: Pod, node: str, without: Iterable[Pod] = ()) -> bool:
        """Return whether the pod passes all filters on the node."""
        gone = {one.key for one in without}
        left = [one for one in self.pods if one.key not in gone]
        return not AskedScheduler(self.nodes, left).feasible(pod)[node]

    def preempts(self, pod: Pod) -> tuple[str, list[str]] | None:
        """Return the node that the pod gets by preemption, and the names of its victims."""
        if pod.spec.preemption_policy == "Never":
            return None
        if self.allowed is None:
            self.allowed = {
                b.metadata.name: budget_status(b, [p for p in self.pods if coverage(b)(p)], {}).disruptions_allowed
                for b in self.budgets
            }
        names = sorted((node.name for node in self.nodes), key=natural)
        candidates = [(*found, name) for name in names if (found := self._victims(pod, name)) is not None]
        if not candidates:
            return None
        victims, _, node = min(candidates, key=lambda c: _rank(c[0], c[1]))
        for one in victims:
            self.allowed = {b.metadata.name: self.allowed[b.metadata.name] - coverage(b)(one) for b in self.budgets}
        self.pods = [one for one in self.pods if one not in victims]
        return node, sorted(one.name for one in victims)

    def _victims(self, pod: Pod, node: str) -> tuple[list[Pod], int] | None:
        here = [one for one in self.pods if one.node == node and (one.spec.priority or 0) < (pod.spec.priority or 0)]
        lower = sorted(here, key=_importance)
        if not lower or not self.fits(pod, node, lower):
            return None
        left = dict(self.allowed or {})
        violating = []
        for one in lower:
            covering = [b.metadata.name for b in self.budgets if coverage(b)(one)]
            for name in covering:
                left[name] -= 1
            if any(left[name] < 0 for name in covering):
                violating.append(one)
        gone, violations = list(lower), 0
        for one in (*violating, *(one for one in lower if one not in violating)):
            gone.remove(one)
            if not self.fits(pod, node, gone):
                gone.append(one)
                violations += one in violating
        return gone, violations


def _importance(pod: Pod) -> tuple[int, str, str]:
    return -(pod.spec.priority or 0), pod.start_time or "~", pod.key


def _rank(victims: Sequence[Pod], violations: int) -> tuple[object, ...]:
    priorities = [one.spec.priority or 0 for one in victims]
    highest = max(priorities)
    earliest = min(one.start_time or "~" for one in victims if one.spec.priority == highest)
    return violations, highest, sum(p + 2**31 for p in priorities), len(victims), [-ord(c) for c in earliest]
