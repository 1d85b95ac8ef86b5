"""The PodDisruptionBudgets that a drain asks, with the pods that each covers at the moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from webapp.cluster.model import Cluster, Pod, PodKey, WorkloadRef
from webapp.cluster.pod_map import first_of, pods_in, run_of, runs_of
from webapp.cluster.scheduling.budget_index import BudgetIndex, budget_index
from webapp.cluster.scheduling.budgets import BudgetStatus, budget_status
from webapp.failure.disruption import EvictionResponse, after_eviction, eviction_response
from webapp.manifests.objects import PodDisruptionBudgetObject


@dataclass(slots=True)
class Budgets:
    """All budgets of a cluster; of those that cover one of the pods to be evicted, the pods are known."""

    budgets: Sequence[PodDisruptionBudgetObject]
    index: BudgetIndex
    replicas: Mapping[WorkloadRef, int]
    covered: dict[int, dict[PodKey, Pod]] = field(default_factory=dict)
    """By budget its pods."""
    of: dict[PodKey, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By pod its budgets, as far as they are asked."""

    @classmethod
    def asked(cls, cluster: Cluster, evictable: Iterable[PodKey]) -> "Budgets":
        """Return the budgets of a cluster, of which those are asked that cover one of these pods."""
        budgets, pods = cluster.pod_disruption_budgets, cluster.pods
        made = cls(budgets, budget_index(cluster), cluster.workload_replicas)
        if budgets:
            templates = {id(first): first for key in evictable for first in (first_of(run_of(pods, key)),)}
            # A cluster may have a budget for every workload; those of pods elsewhere are never asked.
            made.covered |= {budget: {} for first in templates.values() for budget in made.index.covering(first)}
            for run in runs_of(pods):
                if not made.covered.keys().isdisjoint(made.index.covering(first_of(run))):
                    made._enter(pods_in((run,), pods))
        return made

    def _enter(self, pods: Iterable[Pod]) -> None:
        for pod in pods:
            for budget in self.index.covering(pod):
                if (its := self.covered.get(budget)) is not None:
                    if pod.key not in its:
                        self.of[pod.key].append(budget)
                    its[pod.key] = pod

    def answers(self, pods: Mapping[PodKey, Pod]) -> dict[PodKey, EvictionResponse]:
        """Return what the Eviction API says of pods that are evicted at once, in this order."""
        statuses: dict[int, BudgetStatus] = {}
        said: dict[PodKey, EvictionResponse] = {}
        for key, pod in pods.items():
            mine = self.of.get(key, ())
            for each in mine:
                if each not in statuses:
                    statuses[each] = budget_status(self.budgets[each], [*self.covered[each].values()], self.replicas)
            response = said[key] = eviction_response(pod, [(self.budgets[each], statuses[each]) for each in mine])
            for each in mine:
                statuses[each] = after_eviction(statuses[each], response)
        return said

    def update(self, gone: Collection[PodKey], new: Iterable[Pod]) -> None:
        """Count again once pods are gone and others have come."""
        if self.covered:
            for key in gone:
                for budget in self.of.pop(key, ()):
                    del self.covered[budget][key]
            self._enter(new)
