"""Which pods are where, indexed so that selectors and affinity terms find theirs without asking every pod."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from webapp.cluster.model import Pod, WorkloadRef
from webapp.cluster.scheduling.selectors import Selector
from webapp.cluster.scheduling.terms import NO_TERMS, AffinityTerm, PodTerms, pod_terms
from webapp.manifests.objects import Affinity, Labels

Pair = tuple[str, str]
_NAMESPACE_NAME = "kubernetes.io/metadata.name"


@dataclass(slots=True, eq=False)
class PodGroup:
    """Placed pods that no selector and no term can tell apart."""

    namespace: str
    labels: Labels
    owner: WorkloadRef | None
    affinity: Affinity | None
    terms: PodTerms
    nodes: dict[str, int] = field(default_factory=dict)
    """How many are on each node."""
    staying: dict[str, int] = field(default_factory=dict)
    """The same without those that are being deleted."""

    def add(self, node: str, change: int, *, terminating: bool) -> None:
        """Count one pod more, or with -1 one less."""
        for counts in (self.nodes,) if terminating else (self.nodes, self.staying):
            counts[node] = counts.get(node, 0) + change
            if not counts[node]:
                del counts[node]


class PlacedPods:
    """The index of all placed pods."""

    def __init__(self, namespaces: Mapping[str, Labels]) -> None:
        self._namespaces = dict(namespaces)
        self._groups: dict[object, list[PodGroup]] = defaultdict(list)
        self._in_namespace: dict[str, list[PodGroup]] = defaultdict(list)
        self._with_pair: dict[tuple[str, Pair], list[PodGroup]] = defaultdict(list)
        self._of_owner: dict[WorkloadRef | None, list[PodGroup]] = defaultdict(list)
        self._anti: _TermIndex = _TermIndex()
        self._weighted: _TermIndex = _TermIndex()

    def group_of(self, pod: Pod) -> PodGroup:
        """Return the pod's group, a new one if it is the first of its kind."""
        affinity = pod.spec.affinity
        alike = self._groups[(pod.namespace, frozenset(pod.labels.items()), pod.owner)]
        for group in alike:
            if group.affinity is affinity or group.affinity == affinity:
                return group
        terms = pod_terms(pod) if affinity else NO_TERMS
        group = PodGroup(pod.namespace, pod.labels, pod.owner, affinity, terms)
        alike.append(group)
        self._list(group)
        return group

    def _list(self, group: PodGroup) -> None:
        self._in_namespace[group.namespace].append(group)
        self._of_owner[group.owner].append(group)
        for pair in group.labels.items():
            self._with_pair[(group.namespace, pair)].append(group)
        for term in group.terms.anti:
            self._anti.add(1, term, group)
        for weight, term in group.terms.weighted:
            self._weighted.add(weight, term, group)

    def namespace_labels(self, namespace: str) -> Labels:
        """Return the namespace's labels; one that was not uploaded has at least its name, as all in a cluster do."""
        return {_NAMESPACE_NAME: namespace, **self._namespaces.get(namespace, {})}

    def mates(self, pod: Pod) -> Iterable[PodGroup]:
        """Return the groups of the pod's workload; without one, the pods with the same labels and affinity."""
        if pod.owner is not None:
            return self._of_owner.get(pod.owner, ())
        return (self.group_of(pod),)

    def selected(self, namespace: str, selector: Selector, owner: WorkloadRef | None = None) -> Iterator[PodGroup]:
        """Yield the groups of the namespace that the selector selects, of one owner if given."""
        for group in self._candidates(namespace, selector, owner):
            if group.namespace == namespace and selector.matches(group.labels):
                yield group

    def _candidates(self, namespace: str, selector: Selector, owner: WorkloadRef | None) -> Iterable[PodGroup]:
        if owner is not None:
            return self._of_owner.get(owner, ())
        choices = [[(namespace, pair) for pair in pairs] for pairs in selector.pair_lists]
        if not choices:
            return self._in_namespace.get(namespace, ())
        rarest = min(choices, key=lambda keys: sum(len(self._with_pair.get(key, ())) for key in keys))
        return (group for key in rarest for group in self._with_pair.get(key, ()))

    def matching(self, term: AffinityTerm) -> Iterator[PodGroup]:
        """Yield the groups that the affinity term matches."""
        listed_only = term.namespace_selector.nothing
        for namespace in term.namespaces if listed_only else tuple(self._in_namespace):
            if term.in_namespace(namespace, self.namespace_labels(namespace)):
                yield from self.selected(namespace, term.selector)

    def term_matches(self, term: AffinityTerm, pod: Pod | PodGroup) -> bool:
        """Return whether the affinity term matches the pod, or pods like these."""
        looks = term.in_namespace(pod.namespace, self.namespace_labels(pod.namespace))
        return looks and term.selector.matches(pod.labels)

    def repelled_by(self, pod: Pod) -> Iterator[tuple[int, AffinityTerm, PodGroup]]:
        """Yield the required anti-affinity terms of placed pods that match the pod."""
        return self._anti.matching(pod, self.namespace_labels(pod.namespace))

    def drawn_by(self, pod: Pod) -> Iterator[tuple[int, AffinityTerm, PodGroup]]:
        """Yield the terms of placed pods that count when the pod is scored, with their weights."""
        return self._weighted.matching(pod, self.namespace_labels(pod.namespace))


class _TermIndex:
    """Affinity terms by a label of which they need one of certain values; the rest apart."""

    def __init__(self) -> None:
        self._by_pair: dict[Pair, list[tuple[int, AffinityTerm, PodGroup]]] = defaultdict(list)
        self._others: list[tuple[int, AffinityTerm, PodGroup]] = []

    def add(self, weight: int, term: AffinityTerm, group: PodGroup) -> None:
        entry = (weight, term, group)
        pairs = next(iter(term.selector.pair_lists), None)
        if pairs is None:
            self._others.append(entry)
        for pair in pairs or ():
            self._by_pair[pair].append(entry)

    def matching(self, pod: Pod, namespace_labels: Labels) -> Iterator[tuple[int, AffinityTerm, PodGroup]]:
        lists = (self._by_pair.get(pair, ()) for pair in pod.labels.items())
        for entry in (*self._others, *(entry for found in lists for entry in found)):
            term = entry[1]
            if term.in_namespace(pod.namespace, namespace_labels) and term.selector.matches(pod.labels):
                yield entry
