"""Topology spread constraints: the PodTopologySpread plugin's filter and score."""

import math
from collections.abc import Iterable, Iterator, Sequence

from webapp.cluster.model import Pod
from webapp.cluster.scheduling.cell import Cell
from webapp.cluster.scheduling.ledger import Book, Dims, Ledger, SpreadLedger
from webapp.cluster.scheduling.nodes import Shape
from webapp.cluster.scheduling.placed import PlacedPods, PodGroup
from webapp.cluster.scheduling.template import Template
from webapp.cluster.scheduling.terms import HOSTNAME, SpreadConstraint
from webapp.cluster.scheduling.verdict import Reasons, Verdict

_SKEW = "node(s) didn't match pod topology spread constraints"
_NO_KEY = f"{_SKEW} (missing required label)"
Verdicts = dict[Shape, Verdict]


def _eligible(
    constraint: SpreadConstraint, others: Sequence[SpreadConstraint], verdicts: Verdicts, *, all_keys: bool
) -> Iterator[Shape]:
    """Yield the shapes whose pods and domains the constraint counts.

    Rule: KEP-3094: nodes the pod's node affinity rules out don't count (nodeAffinityPolicy, default Honor), those it
    doesn't tolerate do (nodeTaintsPolicy, default Ignore). Nodes that lack any constraint's key don't count either.
    """
    for shape, verdict in verdicts.items():
        if all_keys and any(c.key not in shape.values for c in others):
            continue
        refused_affinity = constraint.honor_affinity and "NodeAffinity" in verdict.refusals
        refused_taints = constraint.honor_taints and "TaintToleration" in verdict.refusals
        if not (refused_affinity or refused_taints):
            yield shape


def _counted(constraint: SpreadConstraint, pod: Pod, placed: PlacedPods) -> Iterable[PodGroup]:
    if constraint.blind:
        return ()
    return placed.selected(pod.namespace, constraint.selector, constraint.owner)


def _own(constraint: SpreadConstraint, pod: Pod) -> int:
    """Return what one of the template's own pods adds."""
    return int(constraint.matches(pod) and not constraint.blind)


class HardSpread:
    """The DoNotSchedule constraints of one template, and what they count at the moment."""

    def __init__(self, template: Template, book: Book, verdicts: Verdicts, placed: PlacedPods) -> None:
        self._kept: list[tuple[SpreadConstraint, SpreadLedger, int, int]] = []
        self._counted: list[tuple[SpreadConstraint, SpreadLedger, set[Shape]]] = []
        pod = self._pod = template.pod
        for constraint in template.hard:
            ledger = book.open(SpreadLedger, constraint.key)
            shapes = set(_eligible(constraint, template.hard, verdicts, all_keys=True))
            ledger.open(shapes)
            for group in _counted(constraint, pod, placed):
                book.count(ledger, group.staying, shapes=shapes)
            self._kept.append((constraint, ledger, int(constraint.matches(pod)), _own(constraint, pod)))
            self._counted.append((constraint, ledger, shapes))

    def reasons(self, shape: Shape, dims: Dims) -> Reasons:
        """Return why one more pod must not go to such nodes, empty if it may.

        Rule: PodTopologySpread.Filter (plugins/podtopologyspread/filtering.go): matching pods in the domain, plus the
        pod itself if it matches, less the least of all domains, is at most maxSkew.
        """
        for constraint, ledger, itself, _ in self._kept:
            if constraint.key not in shape.values:
                return (_NO_KEY,)
            if ledger.at(shape, dims) + itself - ledger.least(constraint.min_domains) > constraint.max_skew:
                return (_SKEW,)
        return ()

    def placed(self, node: str, shape: Shape) -> None:
        """Count one more of the template's pods, on a node that passed the filter."""
        for _, ledger, _, own in self._kept:
            domain = ledger.domain(node, shape)
            if own and domain is not None:
                ledger.add(domain, own)

    def counts(self, group: PodGroup) -> bool:
        """Return whether one of the constraints counts these pods."""
        return any(self._selects(constraint, group) for constraint, _, _ in self._counted)

    def _selects(self, constraint: SpreadConstraint, group: PodGroup) -> bool:
        same = group.namespace == self._pod.namespace and not constraint.blind
        return same and constraint.selector.matches(group.labels)

    def moved(self, group: PodGroup, node: str, shape: Shape, change: int) -> None:
        """Count placed pods that come to the node, or go from it."""
        for constraint, ledger, shapes in self._counted:
            domain = ledger.domain(node, shape)
            if domain is not None and shape in shapes and self._selects(constraint, group):
                ledger.add(domain, change)


class SoftSpread:
    """The ScheduleAnyway constraints of one template, or the system's default ones."""

    def __init__(self, template: Template, book: Book, verdicts: Verdicts, placed: PlacedPods) -> None:
        self._all_keys = template.soft_needs_all_keys
        self._kept: list[tuple[SpreadConstraint, Ledger, int, set[Shape]]] = []
        pod = template.pod
        for constraint in template.soft:
            ledger = book.open(Ledger, constraint.key, per_node=constraint.key == HOSTNAME)
            shapes = set(_eligible(constraint, template.soft, verdicts, all_keys=self._all_keys))
            for group in _counted(constraint, pod, placed):
                book.count(ledger, group.staying, shapes=shapes)
            self._kept.append((constraint, ledger, _own(constraint, pod), shapes))
        self._plain = [(c.key, ledger.slot, ledger.counts, c.max_skew - 1) for c, ledger, _, _ in self._kept]
        """The same as :meth:`_raw` needs it, which runs for each cell and pod."""

    def __bool__(self) -> bool:
        return bool(self._kept)

    def placed(self, node: str, shape: Shape) -> None:
        """Count one more of the template's pods."""
        for _, ledger, own, shapes in self._kept:
            domain = ledger.domain(node, shape)
            if own and domain is not None and shape in shapes:
                ledger.add(domain, own)

    def scores(self, cells: Sequence[Cell]) -> list[int]:
        """Return each cell's score, 0 to 100; all nodes of the cells count as feasible.

        Rule: PodTopologySpread.Score and NormalizeScore (plugins/podtopologyspread/scoring.go): the fewer matching
        pods in a node's domains the better, weighted by the logarithm of the number of domains. Nodes that lack a key
        score 0, unless the constraints are the system's default ones.
        """
        scored = [cell for cell in cells if not self._ignores(cell)] if self._all_keys else cells
        weights = [self._weight(key, scored) for key, *_ in self._plain]
        raw = [self._raw(cell, weights) for cell in scored]
        if not raw:
            return [0] * len(cells)
        least, most = min(raw), max(raw)
        scores = [100 * (most + least - score) // most for score in raw] if most else [100] * len(raw)
        if len(scores) == len(cells):
            return scores
        known = dict(zip(scored, scores, strict=True))
        return [known.get(cell, 0) for cell in cells]

    def _ignores(self, cell: Cell) -> bool:
        return any(constraint.key not in cell.shape.values for constraint, *_ in self._kept)

    def _weight(self, key: str, cells: Sequence[Cell]) -> float:
        if key == HOSTNAME:
            return math.log(sum([cell.size for cell in cells]) + 2)
        return math.log(len({cell.shape.values.get(key) for cell in cells}) + 2)

    def _raw(self, cell: Cell, weights: Sequence[float]) -> int:
        values, dims, score = cell.shape.values, cell.dims, 0.0
        for (key, slot, counts, slack), weight in zip(self._plain, weights, strict=True):
            if key in values:
                score += (counts.get(values[key], 0) if slot is None else dims[slot]) * weight + slack
        return math.floor(score + 0.5)
