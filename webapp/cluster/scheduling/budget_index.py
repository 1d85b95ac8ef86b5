"""Which PodDisruptionBudgets cover a pod, found without asking each of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from webapp.cluster.model import Cluster, Pod, PodKey
from webapp.cluster.pod_map import first_of, runs_of
from webapp.cluster.remembered import once_per_cluster
from webapp.cluster.scheduling.budgets import selector_of_budget
from webapp.cluster.scheduling.selectors import Selector
from webapp.limits import CLUSTER, TooLargeError
from webapp.manifests.objects import PodDisruptionBudgetObject

_Covers = tuple[int, Selector]


class BudgetIndex:
    """Budgets by one label that all they cover have, each known by its place in the list."""

    def __init__(self, budgets: Sequence[PodDisruptionBudgetObject]) -> None:
        self._by_label: dict[tuple[str, str, str], list[_Covers]] = defaultdict(list)
        self._by_namespace: dict[str, list[_Covers]] = defaultdict(list)
        """Those that ask for no label of known values."""
        self._known: dict[tuple[str, int], tuple[Pod, list[int]]] = {}
        selectors = [selector_of_budget(budget) for budget in budgets]
        # What all budgets of a chart ask for, such as app.kubernetes.io/part-of, would find all of them each time.
        common = Counter(pair for selector in selectors for pairs in selector.pair_lists for pair in pairs)
        for place, (budget, selector) in enumerate(zip(budgets, selectors, strict=True)):
            if selector.nothing:
                continue
            namespace, asked = budget.metadata.effective_namespace, (place, selector)
            pairs = min(selector.pair_lists, key=lambda its: sum(common[pair] for pair in its), default=None)
            if pairs is None:
                self._by_namespace[namespace].append(asked)
            for key, value in pairs or ():
                self._by_label[namespace, key, value].append(asked)

    def check(self, pods: Mapping[PodKey, Pod]) -> None:
        """Refuse budgets that cover too many of these pods, each counted by each budget: the API takes one for each.

        Raises:
            TooLargeError: there are more than a cluster may have.

        """
        if not self._by_label and not self._by_namespace:
            return
        found = 0
        for run in runs_of(pods):
            found += (1 if isinstance(run, Pod) else len(run)) * sum(map(len, self._asked(first_of(run))))
            if found > CLUSTER.budget_pods:
                raise TooLargeError(
                    f"More than {CLUSTER.budget_pods:,} pods covered by PodDisruptionBudgets: nodefall doesn't draw "
                    "such a cluster. Each budget counts each of its pods, and the Eviction API takes one for each pod."
                )

    def covers(self, pod: Pod) -> bool:
        """Return whether any budget covers the pod."""
        return any(True for _ in self._covering(pod))

    def covering(self, pod: Pod) -> list[int]:
        """Return the places of the budgets that cover the pod, rising."""
        # Pods of one workload share their labels, which the pod keeps where they are.
        key = pod.namespace, id(pod.labels)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = pod, sorted(self._covering(pod))
        return known[1]

    def covering_any(self, pods: Iterable[Pod]) -> set[int]:
        """Return the places of the budgets that cover one of the pods."""
        return {place for pod in pods for place in self._covering(pod)}

    def _covering(self, pod: Pod) -> Iterator[int]:
        labels = pod.labels
        return (place for each in self._asked(pod) for place, selector in each if selector.matches(labels))

    def _asked(self, pod: Pod) -> list[Sequence[_Covers]]:
        """Return the budgets that may cover the pod; those of other labels can't."""
        by_label = (self._by_label.get((pod.namespace, key, value), ()) for key, value in pod.labels.items())
        return [self._by_namespace.get(pod.namespace, ()), *by_label]


@once_per_cluster
def budget_index(cluster: Cluster) -> BudgetIndex:
    """Return the index of a cluster's budgets."""
    return BudgetIndex(cluster.pod_disruption_budgets)
