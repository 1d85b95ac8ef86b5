"""Inter-pod affinity and anti-affinity: the InterPodAffinity plugin's filter and score."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.cluster.model import Pod
from webapp.cluster.scheduling.cell import Cell
from webapp.cluster.scheduling.ledger import Book, Dims, Ledger
from webapp.cluster.scheduling.nodes import Shape
from webapp.cluster.scheduling.placed import PlacedPods, PodGroup
from webapp.cluster.scheduling.terms import AffinityTerm, PodTerms
from webapp.cluster.scheduling.verdict import Reasons

_AFFINITY = "node(s) didn't match pod affinity rules"
_ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules"
_EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules"
Weighted = tuple[int, AffinityTerm, PodGroup]


@dataclass(frozen=True, slots=True)
class Relations:
    """What a pod and the placed ones say about each other."""

    terms: PodTerms
    repelled: tuple[Weighted, ...]
    """Required anti-affinity of placed pods that matches the pod."""
    drawn: tuple[Weighted, ...]
    """Terms of placed pods that match it and count when it is scored."""

    @property
    def keys(self) -> frozenset[str]:
        """All topology keys."""
        return frozenset((*self.terms.keys, *(term.key for _, term, _ in (*self.repelled, *self.drawn))))


def relations_of(pod: Pod, terms: PodTerms, placed: PlacedPods) -> Relations:
    """Return the pod's relations."""
    return Relations(terms, tuple(placed.repelled_by(pod)), tuple(placed.drawn_by(pod)))


class _Tally:
    """Ledgers by topology key, and what each of the template's own pods adds to them."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._ledgers: dict[str, Ledger] = {}
        self._own: dict[str, int] = {}

    def count(self, key: str, groups: Iterable[PodGroup], own: int = 0, weight: int = 1) -> None:
        ledger = self._ledgers.get(key) or self._ledgers.setdefault(key, self._book.open(Ledger, key))
        for group in groups:
            self._book.count(ledger, group.nodes, weight)
        self._own[key] = self._own.get(key, 0) + own

    def placed(self, node: str, shape: Shape) -> None:
        for key, ledger in self._ledgers.items():
            domain = ledger.domain(node, shape)
            if domain is not None and self._own[key]:
                ledger.add(domain, self._own[key])

    def move(self, key: str, node: str, shape: Shape, change: int) -> None:
        ledger = self._ledgers[key]
        domain = ledger.domain(node, shape)
        if domain is not None:
            ledger.add(domain, change)

    def at(self, shape: Shape, dims: Dims) -> dict[str, int]:
        return {key: ledger.at(shape, dims) for key, ledger in self._ledgers.items() if key in shape.values}

    @property
    def keys(self) -> Iterable[str]:
        return self._ledgers.keys()

    @property
    def empty(self) -> bool:
        return not any(any(ledger.counts.values()) for ledger in self._ledgers.values())


class InterPod:
    """One template's relations, counted by topology domain."""

    def __init__(self, pod: Pod, relations: Relations, book: Book, placed: PlacedPods) -> None:
        self._pod, self._terms, self._pods = pod, relations.terms, placed
        self._repelled = relations.repelled
        self._alone = False
        """Whether the pod matches all its own required affinity terms."""
        self._affinity, self._anti, self._existing, self._weights = (_Tally(book) for _ in range(4))
        self._growing = (self._affinity, self._anti, self._weights) if relations.terms.any else ()
        """Those to which the template's own pods add."""
        self._count_affinity()
        for term in self._terms.anti:
            self._anti.count(term.key, placed.matching(term), int(self._matches_itself(term)))
        for _, term, group in relations.repelled:
            self._existing.count(term.key, (group,))
        self._count_weights(relations)

    def _matches_itself(self, term: AffinityTerm) -> bool:
        return self._pods.term_matches(term, self._pod)

    def _count_affinity(self) -> None:
        """Count the pods that match all required affinity terms at once; others don't count at all."""
        terms = self._terms.affinity
        if not terms:
            return
        own = all(map(self._matches_itself, terms))
        groups = [g for g in self._pods.matching(terms[0]) if all(self._pods.term_matches(t, g) for t in terms[1:])]
        for key in dict.fromkeys(term.key for term in terms):
            self._affinity.count(key, groups, int(own))
        self._alone = own

    def _count_weights(self, relations: Relations) -> None:
        for weight, term in self._terms.preferred:
            own = weight if self._matches_itself(term) else 0
            self._weights.count(term.key, self._pods.matching(term), own, weight)
        for weight, term in self._terms.weighted:
            self._weights.count(term.key, (), weight if self._matches_itself(term) else 0)
        for weight, term, group in relations.drawn:
            self._weights.count(term.key, (group,), 0, weight)

    def reasons(self, shape: Shape, dims: Dims) -> Reasons:
        """Return why the pod must not go to such nodes, empty if it may.

        Rule: InterPodAffinity.Filter (plugins/interpodaffinity/filtering.go): each required affinity term needs a
        matching pod in the node's domain; no pod matched by one of its anti-affinity terms may be there, and none
        whose own anti-affinity matches the newcomer.
        """
        if self._terms.affinity and not self._affinity_holds(shape, dims):
            return (_AFFINITY,)
        if any(number > 0 for number in self._anti.at(shape, dims).values()):
            return (_ANTI_AFFINITY,)
        if any(number > 0 for number in self._existing.at(shape, dims).values()):
            return (_EXISTING,)
        return ()

    def _affinity_holds(self, shape: Shape, dims: Dims) -> bool:
        """Return whether the required affinity holds; the first pod of a group that matches itself is let through."""
        numbers = self._affinity.at(shape, dims)
        if any(key not in numbers for key in self._affinity.keys):
            return False
        return all(number > 0 for number in numbers.values()) or (self._alone and self._affinity.empty)

    def counts(self, group: PodGroup) -> bool:
        """Return whether a required term is about these pods, or one of theirs about the newcomer."""
        terms = (*self._terms.affinity, *self._terms.anti)
        return any(other is group for _, _, other in self._repelled) or any(
            self._pods.term_matches(term, group) for term in terms
        )

    def moved(self, group: PodGroup, node: str, shape: Shape, change: int) -> None:
        """Count placed pods that come to the node, or go from it; the score is not kept up."""
        terms = self._terms
        if terms.affinity and all(self._pods.term_matches(term, group) for term in terms.affinity):
            for key in self._affinity.keys:
                self._affinity.move(key, node, shape, change)
        for term in terms.anti:
            if self._pods.term_matches(term, group):
                self._anti.move(term.key, node, shape, change)
        for _, term, other in self._repelled:
            if other is group:
                self._existing.move(term.key, node, shape, change)

    def placed(self, node: str, shape: Shape) -> None:
        """Count one more of the template's pods."""
        for tally in self._growing:
            tally.placed(node, shape)

    @property
    def scoring(self) -> bool:
        """Whether any term counts for the score."""
        return bool(self._weights.keys)

    @property
    def filtering(self) -> bool:
        """Whether any term can refuse a node."""
        return bool(self._affinity.keys or self._anti.keys or self._existing.keys)

    def scores(self, cells: Sequence[Cell]) -> list[int]:
        """Return each cell's score, 0 to 100: the weights in its domains, stretched between the least and the most.

        Rule: InterPodAffinity.Score and NormalizeScore (plugins/interpodaffinity/scoring.go): preferred terms of the
        pod, those of placed pods that match it, and their required affinity with weight 1.
        """
        raw = [sum(self._weights.at(cell.shape, cell.dims).values()) for cell in cells]
        least, most = min(raw), max(raw)
        if most == least:
            return [0] * len(raw)
        return [int(100.0 * (float(number - least) / float(most - least))) for number in raw]
