"""What placing pods makes of the scores for spreading, of pods that ask for nothing else: worked out once, then kept.

Most templates ask for nothing but the system's default spread. Which scores its pods find depends on numbers alone: how
many are in which domain and how many nodes hold one, two, ... of them; never on which nodes those are. So the same few
dozen states are gone through again for thousands of templates.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from webapp.cluster.scheduling.nodes import NodeClass
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.spread import SpreadRow, normalized, weight
from webapp.manifests.well_known_labels import HOSTNAME

# Of one shape. On nodes that get full, the number of feasible ones changes with each pod, and few states come again.
_MOST_STATES = 20_000
# Of so many groups all orders are gone through once.
_MOST_IN_ROUND = 4

# By constraint, how many pods it counts in the domain of each class of nodes.
DomainCounts = tuple[tuple[int, ...], ...]
# What a group has to offer to the next pod: its score, how many pods of the same workload each node has, its number.
Offer = tuple[int, int, int]


class SpreadState:
    """How many pods are where, and what that makes of the scores."""

    __slots__ = ("_counts", "_round", "_shape", "_sizes", "_steps", "_total", "best", "lead", "offers", "usual")

    def __init__(self, shape: "SpreadShape", counts: DomainCounts, sizes: Mapping[int, int], total: int) -> None:
        self._shape, self._counts, self._sizes, self._total = shape, counts, sizes, total
        self.offers = sorted(shape.offers(counts, sizes, total), reverse=True)
        """The highest score first."""
        self._steps: dict[tuple[int, bool, bool], tuple[SpreadState, int]] = {}
        self.usual: dict[int, tuple[SpreadState, int]] = {}
        """What :meth:`after` returns where nothing is full and no node the last, as far as it is known."""
        self.best = [group for offer, _, group in self.offers if offer == self.offers[0][0]]
        """The groups with the highest score."""
        others = [offer for offer, *_ in self.offers[len(self.best) :]]
        self.lead: float = self.offers[0][0] - others[0] if others else math.inf
        """By how much they are ahead of the others; less than nothing where not only their nodes tell them apart."""
        if len({same_workload for _, same_workload, _ in self.offers[: len(self.best)]}) > 1:
            self.lead = -math.inf
        self._round: SpreadRound | None = None

    @property
    def round(self) -> "SpreadRound":
        """What follows if each of the best groups gets one of the next pods."""
        found = self._round
        if found is None:
            found = self._round = self._found_round()
        return found

    def _found_round(self) -> "SpreadRound":
        # Usually they are the zones with the fewest pods: whichever gets the next one, the others follow. That this is
        # so in whatever order is looked at here; there are few zones.
        every = frozenset(self.best)
        if len(every) > _MOST_IN_ROUND or not all(map(self._shape.is_untouched, every)):
            return SpreadRound((), -math.inf, self)
        lead, states = self.lead, {frozenset[int](): self}
        while every not in states:
            reached: dict[frozenset[int], SpreadState] = {}
            for chosen, state in states.items():
                if every != chosen.union(state.best) or not chosen.isdisjoint(state.best):
                    return SpreadRound((), -math.inf, self)
                lead = min(lead, state.lead)
                for group in state.best:
                    reached[chosen | {group}] = state.after(group, is_full=False, was_last=False)[0]
            states = reached
        return SpreadRound(tuple(sorted(every)), lead, states[every])

    def after(self, group: int, *, is_full: bool, was_last: bool) -> "tuple[SpreadState, int]":
        """Return the state once a node of the group has one more pod, and the group that the node is in then.

        `is_full`: no further one fits there; `was_last`: it was the group's last node.
        """
        key = group, is_full, was_last
        step = self._steps.get(key)
        if step is None:
            shape, sizes = self._shape, Counter(self._sizes)
            sizes[group] -= was_last or not shape.is_untouched(group)
            following = shape.following(group)
            if not is_full:
                sizes[following] += 1
            counts = shape.counted(self._counts, group)
            step = self._steps[key] = shape.state(counts, +sizes, self._total - is_full), following
            if not is_full and not was_last:
                self.usual[group] = step
        return step

    def forget(self) -> None:
        """Let go of the states that follow, which lead on to others."""
        self._steps.clear()
        self.usual.clear()
        self._round = None


class SpreadRound(NamedTuple):
    """The next pods, one for each of some groups of untouched nodes."""

    groups: tuple[int, ...]
    """Empty where it isn't certain that each gets one."""
    lead: float
    """By how much these are ahead of all others, from the first pod to the last."""
    then: SpreadState
    """The state afterwards, if none of the nodes gets full and each group has more."""


class SpreadShape:
    """Constraints and classes of nodes, and the states they have been found in.

    Nodes of one class with the same host counts are a group, and have a number. Those on which none of the counted pods
    is have the number of their class: they are most, and how many doesn't matter.
    """

    def __init__(self, rows: Sequence[SpreadRow], classes: Sequence[NodeClass], untouched: HostCounts) -> None:
        self._rows, self.classes = rows, classes
        self.number = {node_class: at for at, node_class in enumerate(classes)}
        self._groups: list[tuple[int, HostCounts]] = [(at, untouched) for at in range(len(classes))]
        self._numbers: dict[tuple[int, HostCounts], int] = {}
        self._following: dict[int, int] = {}
        self._states: dict[object, SpreadState] = {}
        # By constraint and class, what a pod of that class adds to each class: those in the same domain.
        self._adds = [[self._added(row, node_class) for node_class in classes] for row in rows]

    def _added(self, row: SpreadRow, node_class: NodeClass) -> tuple[int, ...]:
        if row.slot is not None or row.key not in node_class.values:
            return (0,) * len(self.classes)
        domain = node_class.values[row.key]
        return tuple(row.own * (other.values.get(row.key) == domain) for other in self.classes)

    def is_untouched(self, group: int) -> bool:
        """Return whether no counted pod is on the group's nodes."""
        return group < len(self.classes)

    def touched(self, node_class: int, host_counts: HostCounts) -> int:
        """Return the number of the group of nodes with such host counts, of the class with that number."""
        known = self._numbers.get((node_class, host_counts))
        if known is None:
            known = self._numbers[node_class, host_counts] = len(self._groups)
            self._groups.append((node_class, host_counts))
        return known

    def following(self, group: int) -> int:
        """Return the group that a node of this one comes to with one more pod."""
        known = self._following.get(group)
        if known is None:
            node_class, host_counts = self._groups[group]
            counts = list(host_counts)
            counts[-1] += 1
            for row in self._rows:
                if row.slot is not None and row.key in self.classes[node_class].values:
                    counts[row.slot] += row.own
            known = self._following[group] = self.touched(node_class, tuple(counts))
        return known

    def state(self, counts: DomainCounts, sizes: Mapping[int, int], total: int) -> SpreadState:
        """Return the state of so many pods and so many nodes in all, on which a pod fits.

        `sizes` tells how many nodes each group has, 1 for any number of untouched ones.
        """
        key = counts, frozenset(sizes.items()), total
        state = self._states.get(key)
        if state is None:
            if len(self._states) >= _MOST_STATES:
                for known in self._states.values():
                    known.forget()
                self._states.clear()
            state = self._states[key] = SpreadState(self, counts, sizes, total)
        return state

    def counted(self, counts: DomainCounts, group: int) -> DomainCounts:
        """Return the counts with one more pod on a node of the group."""
        node_class, _ = self._groups[group]
        return tuple(
            tuple(map(sum, zip(numbers, adds[node_class], strict=True)))
            for numbers, adds in zip(counts, self._adds, strict=True)
        )

    def offers(self, counts: DomainCounts, groups: Sequence[int] | Mapping[int, int], total: int) -> list[Offer]:
        """Return what the groups have to offer."""
        weights = [weight(total if row.key == HOSTNAME else self._domains(row.key, groups)) for row in self._rows]
        raw = [self._raw(*self._groups[group], counts, weights) for group in groups]
        # Twice the score: the weight of PodTopologySpread in the default profile.
        scores = zip(groups, normalized(raw), strict=True)
        return [(2 * score, self._groups[group][1][-1], group) for group, score in scores]

    def _domains(self, key: str, groups: Sequence[int] | Mapping[int, int]) -> int:
        return len({self.classes[self._groups[group][0]].values.get(key) for group in groups})

    def _raw(self, node_class: int, host_counts: HostCounts, counts: DomainCounts, weights: Sequence[float]) -> int:
        score, values = 0.0, self.classes[node_class].values
        for row, numbers, each in zip(self._rows, counts, weights, strict=True):
            if row.key in values:
                number = numbers[node_class] if row.slot is None else host_counts[row.slot]
                score += number * each + row.slack
        return math.floor(score + 0.5)
