"""Topology spread constraints: the PodTopologySpread plugin's filter and score."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from webapp.cluster.model import Pod
from webapp.cluster.scheduling.node_group import NodeGroup
from webapp.cluster.scheduling.nodes import NodeClass
from webapp.cluster.scheduling.pair_counts import HostCounts, PairCounts, SpreadPairCounts, TopologyCounts
from webapp.cluster.scheduling.placed import PlacedPods, PodClass
from webapp.cluster.scheduling.static_filters import Reasons, StaticResults
from webapp.cluster.scheduling.template import Template
from webapp.cluster.scheduling.terms import SpreadConstraint
from webapp.manifests.well_known_labels import HOSTNAME

_SKEW = "node(s) didn't match pod topology spread constraints"
_NO_KEY = f"{_SKEW} (missing required label)"


def _eligible(
    constraint: SpreadConstraint, others: Sequence[SpreadConstraint], static_results: StaticResults, *, all_keys: bool
) -> Set[NodeClass]:
    """Return the classes whose pods and domains the constraint counts."""
    # KEP-3094: nodes the pod's node affinity rules out don't count (nodeAffinityPolicy, default Honor), those it
    # doesn't tolerate do (nodeTaintsPolicy, default Ignore). Nodes that lack any constraint's key don't count either.
    refused = {
        node_class
        for node_class, static in static_results.items()
        if (all_keys and any(c.key not in node_class.values for c in others))
        or (constraint.honor_affinity and "NodeAffinity" in static.refusals)
        or (constraint.honor_taints and "TaintToleration" in static.refusals)
    }
    return static_results.keys() - refused if refused else static_results.keys()


def _counted(constraint: SpreadConstraint, pod: Pod, placed: PlacedPods) -> Iterable[PodClass]:
    if constraint.blind:
        return ()
    return placed.selected(pod.namespace, constraint.selector, constraint.owner)


def _own(constraint: SpreadConstraint, pod: Pod) -> int:
    """Return what one of the template's own pods adds."""
    return int(constraint.matches(pod) and not constraint.blind)


class SpreadFilter:
    """The DoNotSchedule constraints of one template, and what they count at the moment."""

    def __init__(
        self, template: Template, topology: TopologyCounts, static_results: StaticResults, placed: PlacedPods
    ) -> None:
        self._kept: list[tuple[SpreadConstraint, SpreadPairCounts, int, int]] = []
        self._counted: list[tuple[SpreadConstraint, SpreadPairCounts, Set[NodeClass]]] = []
        pod = self._pod = template.pod
        for constraint in template.hard:
            pair_counts = topology.open(SpreadPairCounts, constraint.key)
            node_classes = _eligible(constraint, template.hard, static_results, all_keys=True)
            pair_counts.open(node_classes)
            for pod_class in _counted(constraint, pod, placed):
                topology.count(pair_counts, pod_class.staying, node_classes=node_classes)
            self._kept.append((constraint, pair_counts, int(constraint.matches(pod)), _own(constraint, pod)))
            self._counted.append((constraint, pair_counts, node_classes))

    def filter(self, node_class: NodeClass, host_counts: HostCounts) -> Reasons:
        """Return why one more pod must not go to such nodes, empty if it may."""
        # PodTopologySpread.Filter (plugins/podtopologyspread/filtering.go): matching pods in the domain, plus the pod
        # itself if it matches, less the least of all domains, is at most maxSkew.
        for constraint, pair_counts, itself, _ in self._kept:
            if constraint.key not in node_class.values:
                return (_NO_KEY,)
            if (
                pair_counts.at(node_class, host_counts) + itself - pair_counts.least(constraint.min_domains)
                > constraint.max_skew
            ):
                return (_SKEW,)
        return ()

    def add_pod(self, node: str, node_class: NodeClass) -> None:
        """Count one more of the template's pods, on a node that passed the filter."""
        for _, pair_counts, _, own in self._kept:
            domain = pair_counts.domain(node, node_class)
            if own and domain is not None:
                pair_counts.add(domain, own)

    def counts(self, pod_class: PodClass) -> bool:
        """Return whether one of the constraints counts these pods."""
        return any(self._selects(constraint, pod_class) for constraint, _, _ in self._counted)

    def _selects(self, constraint: SpreadConstraint, pod_class: PodClass) -> bool:
        same = pod_class.namespace == self._pod.namespace and not constraint.blind
        return same and constraint.selector.matches(pod_class.labels)

    def move_pod(self, pod_class: PodClass, node: str, node_class: NodeClass, change: int) -> None:
        """Count placed pods that come to the node, or go from it."""
        for constraint, pair_counts, node_classes in self._counted:
            domain = pair_counts.domain(node, node_class)
            if domain is not None and node_class in node_classes and self._selects(constraint, pod_class):
                pair_counts.add(domain, change)


class SpreadRow(NamedTuple):
    """A constraint that scores."""

    key: str
    slot: int | None
    """Its place among the host counts, None where it counts by label value."""
    slack: int
    own: int
    """What one of the template's own pods adds."""


class SpreadScore:
    """The ScheduleAnyway constraints of one template, or the system's default ones."""

    def __init__(
        self,
        template: Template,
        topology: TopologyCounts,
        static_results: StaticResults,
        placed: PlacedPods,
        soft: Sequence[SpreadConstraint],
    ) -> None:
        self._kept: list[tuple[SpreadConstraint, PairCounts, int, Set[NodeClass]]] = []
        pod, all_keys = template.pod, template.soft_needs_all_keys
        for constraint in soft:
            pair_counts = topology.open(PairCounts, constraint.key, per_node=constraint.key == HOSTNAME)
            node_classes = _eligible(constraint, soft, static_results, all_keys=all_keys)
            for pod_class in _counted(constraint, pod, placed):
                topology.count(pair_counts, pod_class.staying, node_classes=node_classes)
            self._kept.append((constraint, pair_counts, _own(constraint, pod), node_classes))
        ignored = (n for n in static_results if all_keys and any(c.key not in n.values for c in soft))
        self._ignored = frozenset(ignored)
        self.ignores = bool(self._ignored)
        # By constraint: key, slot, counts by domain, slack and weight.
        self._rows: list[tuple[str, int | None, dict[str, int], int, float]] = []
        # Of 15 pods placed in 3 zones each changes the score of one zone's groups alone.
        self._scored: dict[tuple[str, str], list[NodeGroup]] = defaultdict(list)
        self._weighed: list[NodeGroup] = []
        self._own_domains: dict[NodeClass, list[tuple[dict[str, int], tuple[str, str], int]]] = {}

    def __bool__(self) -> bool:
        return bool(self._kept)

    def add_pod(self, node: str, node_class: NodeClass) -> None:
        """Count one more of the template's pods."""
        for _, pair_counts, own, node_classes in self._kept:
            counted = own and pair_counts.slot is not None and node_class in node_classes
            if counted and (domain := pair_counts.domain(node, node_class)) is not None:
                pair_counts.add(domain, own)
        self._add_to_domains(node_class)

    def _add_to_domains(self, node_class: NodeClass) -> None:
        domains = self._own_domains.get(node_class)
        if domains is None:
            domains = self._own_domains[node_class] = [
                (pair_counts.by_domain, (pair_counts.key, node_class.values[pair_counts.key]), own)
                for _, pair_counts, own, node_classes in self._kept
                if own and pair_counts.slot is None and node_class in node_classes
                if pair_counts.key in node_class.values
            ]
        for by_domain, pair, own in domains:
            by_domain[pair[1]] = by_domain.get(pair[1], 0) + own
            for group in self._scored.pop(pair, ()):
                group.raw_spread = None

    @property
    def rows(self) -> tuple[SpreadRow, ...]:
        """The constraints, for pods that only these tell nodes apart for."""
        return tuple(SpreadRow(c.key, counts.slot, c.max_skew - 1, own) for c, counts, own, _ in self._kept)

    def counts(self, node_class: NodeClass) -> tuple[int, ...]:
        """Return how many pods each constraint counts in the domain of the class; 0 where each node is a domain."""
        return tuple(
            counts.by_domain.get(node_class.values.get(counts.key, ""), 0) if counts.slot is None else 0
            for _, counts, _, _ in self._kept
        )

    def score(self, node_groups: Sequence[NodeGroup]) -> list[int]:
        """Return each group's score, 0 to 100; all nodes of the groups count as feasible."""
        # PodTopologySpread.Score and NormalizeScore (plugins/podtopologyspread/scoring.go): the fewer matching pods in
        # a node's domains the better, weighted by the logarithm of the number of domains. Nodes that lack a key score
        # 0, unless the constraints are the system's default ones.
        scored = [g for g in node_groups if g.node_class not in self._ignored] if self._ignored else node_groups
        if not scored:
            return [0] * len(node_groups)
        self._weigh(scored)
        scores = normalized([self._raw(g) if g.raw_spread is None else g.raw_spread for g in scored])
        if len(scores) == len(node_groups):
            return scores
        score_of = dict(zip(scored, scores, strict=True))
        return [score_of.get(group, 0) for group in node_groups]

    def _weigh(self, node_groups: Sequence[NodeGroup]) -> None:
        rows = [
            (c.key, counts.slot, counts.by_domain, c.max_skew - 1, self._weight(c.key, node_groups))
            for c, counts, *_ in self._kept
        ]
        if [row[-1] for row in rows] != [row[-1] for row in self._rows]:
            for group in self._weighed:
                group.raw_spread = None
            self._weighed.clear()
            self._scored.clear()
        self._rows = rows

    def _weight(self, key: str, node_groups: Sequence[NodeGroup]) -> float:
        if key == HOSTNAME:
            return weight(sum([node_group.size for node_group in node_groups]))
        return weight(len({node_group.node_class.values.get(key) for node_group in node_groups}))

    def _raw(self, node_group: NodeGroup) -> int:
        values, host_counts, score = node_group.node_class.values, node_group.host_counts, 0.0
        for key, slot, by_domain, slack, each in self._rows:
            if key in values:
                if slot is None:
                    number = by_domain.get(values[key], 0)
                    self._scored[(key, values[key])].append(node_group)
                else:
                    number = host_counts[slot]
                score += number * each + slack
        self._weighed.append(node_group)
        node_group.raw_spread = math.floor(score + 0.5)
        return node_group.raw_spread


def weight(domains: int) -> float:
    """Return what a pod counts in a constraint with so many domains (topologyNormalizingWeight, scoring.go)."""
    return math.log(domains + 2)


def normalized(raw: Sequence[int]) -> list[int]:
    """Return raw scores, the least of which is the best, as 0 to 100 (NormalizeScore, scoring.go)."""
    most = max(raw, default=0)
    both = most + min(raw, default=0)
    return [100 * (both - number) // most for number in raw] if most else [100] * len(raw)
