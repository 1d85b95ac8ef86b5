"""Inter-pod affinity and anti-affinity: the InterPodAffinity plugin's filter and score."""

from collections.abc import Iterable, Sequence

from webapp.cluster.model import Pod
from webapp.cluster.scheduling.node_group import NodeGroup
from webapp.cluster.scheduling.nodes import NodeClass
from webapp.cluster.scheduling.pair_counts import HostCounts, PairCounts, TopologyCounts
from webapp.cluster.scheduling.placed import PlacedPods, PodClass
from webapp.cluster.scheduling.static_filters import Reasons
from webapp.cluster.scheduling.terms import AffinityTerm, PodTerms
from webapp.records import dataclass

_AFFINITY = "node(s) didn't match pod affinity rules"
_ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules"
_EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules"
Weighted = tuple[int, AffinityTerm, PodClass]


@dataclass(frozen=True, slots=True)
class InterPodTerms:
    """What a pod and the placed ones say about each other."""

    terms: PodTerms
    existing_anti: tuple[Weighted, ...]
    """Required anti-affinity of placed pods that matches the pod."""
    existing_weighted: tuple[Weighted, ...]
    """Terms of placed pods that match it and count when it is scored."""

    @property
    def keys(self) -> frozenset[str]:
        """All topology keys."""
        return frozenset(
            (*self.terms.keys, *(term.key for _, term, _ in (*self.existing_anti, *self.existing_weighted)))
        )


def inter_pod_terms(pod: Pod, terms: PodTerms, placed: PlacedPods) -> InterPodTerms:
    """Return the pod's inter-pod terms."""
    return InterPodTerms(terms, tuple(placed.existing_anti_affinity(pod)), tuple(placed.existing_weighted_terms(pod)))


class _TermCounts:
    """Pair counts by topology key, and what each of the template's own pods adds to them."""

    def __init__(self, topology: TopologyCounts) -> None:
        self._topology = topology
        self._counts: dict[str, PairCounts] = {}
        self._own: dict[str, int] = {}

    def count(self, key: str, pod_classes: Iterable[PodClass], own: int = 0, weight: int = 1) -> None:
        pair_counts = self._counts.get(key) or self._counts.setdefault(key, self._topology.open(PairCounts, key))
        for pod_class in pod_classes:
            self._topology.count(pair_counts, pod_class.nodes, weight)
        self._own[key] = self._own.get(key, 0) + own

    def placed(self, node: str, node_class: NodeClass) -> None:
        for key, pair_counts in self._counts.items():
            domain = pair_counts.domain(node, node_class)
            if domain is not None and self._own[key]:
                pair_counts.add(domain, self._own[key])

    def move(self, key: str, node: str, node_class: NodeClass, change: int) -> None:
        pair_counts = self._counts[key]
        domain = pair_counts.domain(node, node_class)
        if domain is not None:
            pair_counts.add(domain, change)

    def at(self, node_class: NodeClass, host_counts: HostCounts) -> dict[str, int]:
        return {
            key: pair_counts.at(node_class, host_counts)
            for key, pair_counts in self._counts.items()
            if key in node_class.values
        }

    @property
    def keys(self) -> Iterable[str]:
        return self._counts.keys()

    @property
    def empty(self) -> bool:
        return not any(any(pair_counts.by_domain.values()) for pair_counts in self._counts.values())


class InterPodAffinity:
    """One template's inter-pod affinity, counted by topology domain."""

    def __init__(self, pod: Pod, inter_pod: InterPodTerms, topology: TopologyCounts, placed: PlacedPods) -> None:
        self._pod, self._terms, self._pods = pod, inter_pod.terms, placed
        self._existing_anti = inter_pod.existing_anti
        # Whether the pod matches all its own required affinity terms.
        self._alone = False
        self._affinity, self._anti, self._existing, self._weights = (_TermCounts(topology) for _ in range(4))
        # Those to which the template's own pods add.
        self._growing = (self._affinity, self._anti, self._weights) if inter_pod.terms.any else ()
        self._count_affinity()
        for term in self._terms.anti:
            self._anti.count(term.key, placed.matching(term), int(self._matches_itself(term)))
        for _, term, pod_class in inter_pod.existing_anti:
            self._existing.count(term.key, (pod_class,))
        self._count_weights(inter_pod)

    def _matches_itself(self, term: AffinityTerm) -> bool:
        return self._pods.term_matches(term, self._pod)

    def _count_affinity(self) -> None:
        """Count the pods that match all required affinity terms at once; others don't count at all."""
        terms = self._terms.affinity
        if not terms:
            return
        own = all(map(self._matches_itself, terms))
        pod_classes = [
            g for g in self._pods.matching(terms[0]) if all(self._pods.term_matches(t, g) for t in terms[1:])
        ]
        for key in dict.fromkeys(term.key for term in terms):
            self._affinity.count(key, pod_classes, int(own))
        self._alone = own

    def _count_weights(self, inter_pod: InterPodTerms) -> None:
        for weight, term in self._terms.preferred:
            own = weight if self._matches_itself(term) else 0
            self._weights.count(term.key, self._pods.matching(term), own, weight)
        for weight, term in self._terms.weighted:
            self._weights.count(term.key, (), weight if self._matches_itself(term) else 0)
        for weight, term, pod_class in inter_pod.existing_weighted:
            self._weights.count(term.key, (pod_class,), 0, weight)

    def filter(self, node_class: NodeClass, host_counts: HostCounts) -> Reasons:
        """Return why the pod must not go to such nodes, empty if it may."""
        # InterPodAffinity.Filter (plugins/interpodaffinity/filtering.go): each required affinity term needs a matching
        # pod in the node's domain; no pod matched by one of its anti-affinity terms may be there, and none whose own
        # anti-affinity matches the newcomer.
        if self._terms.affinity and not self._affinity_holds(node_class, host_counts):
            return (_AFFINITY,)
        if any(number > 0 for number in self._anti.at(node_class, host_counts).values()):
            return (_ANTI_AFFINITY,)
        if any(number > 0 for number in self._existing.at(node_class, host_counts).values()):
            return (_EXISTING,)
        return ()

    def _affinity_holds(self, node_class: NodeClass, host_counts: HostCounts) -> bool:
        """Return whether the required affinity holds; the first pod of a group that matches itself is let through."""
        numbers = self._affinity.at(node_class, host_counts)
        if any(key not in numbers for key in self._affinity.keys):
            return False
        # Else the first replica of a workload that wants to be near its own pods would wait forever.
        return all(number > 0 for number in numbers.values()) or (self._alone and self._affinity.empty)

    def counts(self, pod_class: PodClass) -> bool:
        """Return whether a required term is about these pods, or one of theirs about the newcomer."""
        terms = (*self._terms.affinity, *self._terms.anti)
        return any(other is pod_class for _, _, other in self._existing_anti) or any(
            self._pods.term_matches(term, pod_class) for term in terms
        )

    def move_pod(self, pod_class: PodClass, node: str, node_class: NodeClass, change: int) -> None:
        """Count placed pods that come to the node, or go from it; the score is not kept up."""
        terms = self._terms
        if terms.affinity and all(self._pods.term_matches(term, pod_class) for term in terms.affinity):
            for key in self._affinity.keys:
                self._affinity.move(key, node, node_class, change)
        for term in terms.anti:
            if self._pods.term_matches(term, pod_class):
                self._anti.move(term.key, node, node_class, change)
        for _, term, other in self._existing_anti:
            if other is pod_class:
                self._existing.move(term.key, node, node_class, change)

    def add_pod(self, node: str, node_class: NodeClass) -> None:
        """Count one more of the template's pods."""
        for tally in self._growing:
            tally.placed(node, node_class)

    @property
    def scoring(self) -> bool:
        """Whether any term counts for the score."""
        return bool(self._weights.keys)

    @property
    def filtering(self) -> bool:
        """Whether any term can refuse a node."""
        return bool(self._affinity.keys or self._anti.keys or self._existing.keys)

    def score(self, node_groups: Sequence[NodeGroup]) -> list[int]:
        """Return each group's score, 0 to 100: the weights in its domains, stretched between the least and the most."""
        # InterPodAffinity.Score and NormalizeScore (plugins/interpodaffinity/scoring.go): preferred terms of the pod,
        # those of placed pods that match it, and their required affinity with weight 1.
        raw = [
            sum(self._weights.at(node_group.node_class, node_group.host_counts).values()) for node_group in node_groups
        ]
        least, most = min(raw), max(raw)
        if most == least:
            return [0] * len(raw)
        return [int(100.0 * (float(number - least) / float(most - least))) for number in raw]
