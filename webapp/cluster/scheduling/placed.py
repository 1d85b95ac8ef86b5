"""Which pods are where, indexed so that selectors and affinity terms find theirs without asking every pod."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from webapp.cluster.model import Pod, WorkloadRef
from webapp.cluster.scheduling.selectors import Selector
from webapp.cluster.scheduling.terms import NO_TERMS, AffinityTerm, PodTerms, pod_terms
from webapp.manifests.objects import Affinity, Labels

Pair = tuple[str, str]
_NAMESPACE_NAME = "kubernetes.io/metadata.name"


@dataclass(slots=True, eq=False)
class WorkloadTotal:
    """Pods of one workload that has several classes, counted together: each Pod of a StatefulSet is one by itself."""

    nodes: dict[str, int] = field(default_factory=dict)
    """How many are on each node."""
    has_leaving: bool = False
    """Whether one is, or was, being deleted."""
    _selected: dict[Selector, int] = field(default_factory=dict)

    def add(self, node: str, change: int) -> None:
        """Count one pod more, or with -1 one less."""
        self.nodes[node] = self.nodes.get(node, 0) + change
        if not self.nodes[node]:
            del self.nodes[node]

    def selects_all(self, selector: Selector, classes: "Sequence[PodClass]") -> bool:
        """Return whether a selector selects all classes of the workload, each asked about once."""
        known = self._selected.get(selector, 0)
        while known < len(classes) and selector.matches(classes[known].labels):
            known += 1
        self._selected[selector] = known
        return known == len(classes)


@dataclass(slots=True, eq=False)
class PodClass:
    """Placed pods that no selector and no term can tell apart."""

    namespace: str
    labels: Labels
    owner: WorkloadRef | None
    affinity: Affinity | None
    terms: PodTerms
    _nodes: dict[str, int] = field(default_factory=dict)
    _uncounted: list[list[str]] = field(default_factory=list)
    leaving: dict[str, int] = field(default_factory=dict)
    """How many of them are being deleted."""
    total: WorkloadTotal | None = None
    """What it is counted in beside the others of its workload, if there are any."""

    @property
    def nodes(self) -> dict[str, int]:
        """How many are on each node."""
        # Of 10,000 templates hardly any is asked about once its pods have their nodes.
        counts = self._nodes
        for nodes in self._uncounted:
            for node in nodes:
                counts[node] = counts.get(node, 0) + 1
        self._uncounted.clear()
        return counts

    @property
    def staying(self) -> Mapping[str, int]:
        """The others, which is all of them most of the time."""
        if not self.leaving:
            return self.nodes
        return {node: left for node, number in self.nodes.items() if (left := number - self.leaving.get(node, 0))}

    def add(self, node: str, change: int, *, terminating: bool) -> None:
        """Count one pod more, or with -1 one less."""
        for counts in (self.nodes, self.leaving) if terminating else (self.nodes,):
            counts[node] = counts.get(node, 0) + change
            if not counts[node]:
                del counts[node]
        if self.total is not None:
            self.total.add(node, change)
            self.total.has_leaving |= terminating

    def add_all(self, nodes: list[str]) -> None:
        """Count one more pod on each of the nodes, none of which is being deleted."""
        self._uncounted.append(nodes)
        if self.total is not None:
            for node in nodes:
                self.total.add(node, 1)

    def let_go(self, nodes: Iterable[str]) -> None:
        """Note that one of the pods on each of the nodes is being deleted."""
        for node in nodes:
            self.leaving[node] = self.leaving.get(node, 0) + 1
        if self.total is not None:
            self.total.has_leaving |= bool(self.leaving)

    def join(self, total: WorkloadTotal) -> None:
        """Be counted together with others from now on."""
        self.total = total
        for node, number in self.nodes.items():
            total.add(node, number)
        total.has_leaving |= bool(self.leaving)


class PlacedPods:
    """The index of all placed pods."""

    def __init__(self, namespaces: Mapping[str, Labels]) -> None:
        self._namespaces = dict(namespaces)
        self._classes: dict[object, list[PodClass]] = defaultdict(list)
        # Those that are not in the next two yet: few clusters have pods that ask about others.
        self._unlisted: list[PodClass] = []
        self._listed_in_namespace: dict[str, list[PodClass]] = defaultdict(list)
        self._listed_with_pair: dict[tuple[str, Pair], list[PodClass]] = defaultdict(list)
        self._of_owner: dict[WorkloadRef | None, list[PodClass]] = defaultdict(list)
        self._anti: _TermIndex = _TermIndex()
        self._weighted: _TermIndex = _TermIndex()

    def class_of(self, pod: Pod) -> PodClass:
        """Return the pod's class, a new one if it is the first of its kind."""
        affinity = pod.spec.affinity
        # Affinity is compared last: pods of one template share it, and comparing two takes long.
        alike = self._classes[(pod.namespace, frozenset(pod.labels.items()), pod.owner)]
        for pod_class in alike:
            if pod_class.affinity is affinity or pod_class.affinity == affinity:
                return pod_class
        terms = pod_terms(pod) if affinity else NO_TERMS
        pod_class = PodClass(pod.namespace, pod.labels, pod.owner, affinity, terms)
        alike.append(pod_class)
        self._list(pod_class)
        return pod_class

    def _list(self, pod_class: PodClass) -> None:
        self._unlisted.append(pod_class)
        alike = self._of_owner[pod_class.owner]
        alike.append(pod_class)
        if pod_class.owner is not None and len(alike) > 1:
            total = alike[0].total or WorkloadTotal()
            for each in alike if alike[0].total is None else (pod_class,):
                each.join(total)
        for term in pod_class.terms.anti:
            self._anti.add(1, term, pod_class)
        for weight, term in pod_class.terms.weighted:
            self._weighted.add(weight, term, pod_class)

    @property
    def _in_namespace(self) -> Mapping[str, list[PodClass]]:
        self._list_the_rest()
        return self._listed_in_namespace

    @property
    def _with_pair(self) -> Mapping[tuple[str, Pair], list[PodClass]]:
        self._list_the_rest()
        return self._listed_with_pair

    def _list_the_rest(self) -> None:
        for pod_class in self._unlisted:
            self._listed_in_namespace[pod_class.namespace].append(pod_class)
            for pair in pod_class.labels.items():
                self._listed_with_pair[(pod_class.namespace, pair)].append(pod_class)
        self._unlisted.clear()

    def namespace_labels(self, namespace: str) -> Labels:
        """Return the namespace's labels; one that was not uploaded has at least its name, as all in a cluster do."""
        return {_NAMESPACE_NAME: namespace, **self._namespaces.get(namespace, {})}

    def same_workload(self, pod: Pod) -> Sequence[PodClass]:
        """Return the classes of the pod's workload; without one, the pods with the same labels and affinity."""
        if pod.owner is not None:
            return self._of_owner.get(pod.owner, ())
        return (self.class_of(pod),)

    @property
    def have_terms(self) -> bool:
        """Whether any of them has affinity terms, which may be about others."""
        return bool(self._anti or self._weighted)

    def selected(self, namespace: str, selector: Selector, owner: WorkloadRef | None = None) -> Iterator[PodClass]:
        """Yield the classes of the namespace that the selector selects, of one owner if given."""
        for pod_class in self._candidates(namespace, selector, owner):
            if pod_class.namespace == namespace and selector.matches(pod_class.labels):
                yield pod_class

    def _candidates(self, namespace: str, selector: Selector, owner: WorkloadRef | None) -> Iterable[PodClass]:
        if owner is not None:
            return self._of_owner.get(owner, ())
        choices = [[(namespace, pair) for pair in pairs] for pairs in selector.pair_lists]
        if not choices:
            return self._in_namespace.get(namespace, ())
        # A selector asks for several labels; the pods that have the rarest of them are the fewest to look at.
        rarest = min(choices, key=lambda keys: sum(len(self._with_pair.get(key, ())) for key in keys))
        return (pod_class for key in rarest for pod_class in self._with_pair.get(key, ()))

    def matching(self, term: AffinityTerm) -> Iterator[PodClass]:
        """Yield the classes that the affinity term matches."""
        # A missing namespaceSelector selects nothing, an empty one all namespaces (core/v1 PodAffinityTerm).
        listed_only = term.namespace_selector.nothing
        for namespace in term.namespaces if listed_only else tuple(self._in_namespace):
            if term.in_namespace(namespace, self.namespace_labels(namespace)):
                yield from self.selected(namespace, term.selector)

    def term_matches(self, term: AffinityTerm, pod: Pod | PodClass) -> bool:
        """Return whether the affinity term matches the pod, or pods like these."""
        looks = term.in_namespace(pod.namespace, self.namespace_labels(pod.namespace))
        return looks and term.selector.matches(pod.labels)

    def existing_anti_affinity(self, pod: Pod) -> Iterator[tuple[int, AffinityTerm, PodClass]]:
        """Yield the required anti-affinity terms of placed pods that match the pod."""
        return self._anti.matching(pod, self.namespace_labels(pod.namespace)) if self._anti else iter(())

    def existing_weighted_terms(self, pod: Pod) -> Iterator[tuple[int, AffinityTerm, PodClass]]:
        """Yield the terms of placed pods that count when the pod is scored, with their weights."""
        return self._weighted.matching(pod, self.namespace_labels(pod.namespace)) if self._weighted else iter(())


class _TermIndex:
    """Affinity terms by a label of which they need one of certain values; the rest apart."""

    def __init__(self) -> None:
        self._by_pair: dict[Pair, list[tuple[int, AffinityTerm, PodClass]]] = defaultdict(list)
        self._others: list[tuple[int, AffinityTerm, PodClass]] = []

    def __bool__(self) -> bool:
        return bool(self._others or self._by_pair)

    def add(self, weight: int, term: AffinityTerm, pod_class: PodClass) -> None:
        entry = (weight, term, pod_class)
        # A term that asks for no certain label may match any pod, so it is looked at for each.
        pairs = next(iter(term.selector.pair_lists), None)
        if pairs is None:
            self._others.append(entry)
        for pair in pairs or ():
            self._by_pair[pair].append(entry)

    def matching(self, pod: Pod, namespace_labels: Labels) -> Iterator[tuple[int, AffinityTerm, PodClass]]:
        lists = (self._by_pair.get(pair, ()) for pair in pod.labels.items())
        for entry in (*self._others, *(entry for found in lists for entry in found)):
            term = entry[1]
            if term.in_namespace(pod.namespace, namespace_labels) and term.selector.matches(pod.labels):
                yield entry
