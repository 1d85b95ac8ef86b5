"""Workloads of which one is like the other: placed one after another without looking at the nodes anew for each.

Of the 10,000 workloads of a large cluster thousands that follow one another in the queue ask for the same, and none of
them has pods yet. Each finds what the one before it found, but for the nodes that got pods meanwhile.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from webapp.cluster.scheduling.nodes import NodeClass
from webapp.cluster.scheduling.ranked_nodes import Rank
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.cluster.scheduling.spread_states import SpreadState


def place_alike(
    state: SpreadState, classes: Sequence[NodeClass], order: ResourceOrder, counts: Iterable[int]
) -> list[list[int]]:
    """Place so many pods of each of the workloads; return the positions of their nodes, in the order of the pods.

    `state` is what each of them finds, with nodes of these `classes`. Only the first workloads are placed, perhaps
    none: as long as the spread alone decides of which group the next node is.
    """
    run = _Run(state, classes, order)
    found: list[list[int]] = []
    for count in counts if run.groups else ():
        positions = run.placed(count)
        if positions is None:
            break
        found.append(positions)
    run.settle()
    return found


class _Run:
    """The nodes while such workloads come. No two pods of a workload go to one node."""

    def __init__(self, state: SpreadState, classes: Sequence[NodeClass], order: ResourceOrder) -> None:
        self.groups, self._state, self._order = state.round.groups, state, order
        self._all = [order.ranked[node_class] for node_class in classes]
        self._ranked = [self._all[group] for group in self.groups]
        # The last node of a group is for none of them, since none left would be another state.
        self._most = min([order.tally[classes[group]][()] for group in self.groups], default=0) - 1
        # By round: by how much those whose turn it is are ahead of all others, at least, up to that one.
        self._leads: list[float] = []
        self._look()

    def _look(self) -> None:
        """Find the nodes that are first: in each group those of the best rank."""
        self._ranks = [ranked.ranks[0] for ranked in self._ranked]
        self._lines = [ranked.by_rank[rank] for ranked, rank in zip(self._ranked, self._ranks, strict=True)]
        # How many of each have a pod more and still stand there; the positions of these.
        self._gone = [0] * len(self._lines)
        self._owed: list[list[int]] = []
        # No node's resource score, negated, is less than that.
        self._floor = min([ranked.ranks[0][0] for ranked in self._all if ranked.ranks], default=0)

    def placed(self, count: int) -> list[int] | None:
        """Return the nodes of so many pods of the next workload; None where the groups don't certainly take turns."""
        if not count:
            return []
        rounds = -(-count // len(self.groups))
        if rounds > self._most or self._rounds(rounds) < rounds:
            return None
        return self._of_best_rank(count, rounds) or self._of_any_rank(count, rounds)

    def _rounds(self, wanted: int) -> int:
        """Return how many rounds are known in which each group gets a pod: so many, if that is certain."""
        leads, groups = self._leads, self.groups
        while len(leads) < wanted and (coming := self._state.round).groups == groups:
            leads.append(min([coming.lead, *leads[-1:]]))
            self._state = coming.then
        return len(leads)

    def _of_best_rank(self, count: int, rounds: int) -> list[int] | None:
        """Place them on nodes of the best rank of each group, if there are enough that aren't better afterwards."""
        # So whatever comes next begins behind them, and they can wait there until somebody needs another rank.
        gone, ranks = self._gone, self._ranks
        blocks = [line[begin : begin + rounds] for line, begin in zip(self._lines, gone, strict=True)]
        if max(ranks)[0] - self._floor >= self._leads[rounds - 1] or min(map(len, blocks)) < rounds:
            return None
        for rank, block in zip(ranks, blocks, strict=True):
            after = self._order.least_with_one_more(block)
            if after is None or after < rank[0]:
                return None
        positions = in_turn(ranks, blocks)[:count]
        last = positions[(rounds - 1) * len(ranks) :]
        for line, block in enumerate(blocks):
            gone[line] += rounds if block[-1] in last else rounds - 1
        self._owed.append(positions)
        return positions

    def _of_any_rank(self, count: int, rounds: int) -> list[int] | None:
        """Place them on the first nodes of each group, of whatever rank."""
        self.settle()
        blocks = [ranked.first(rounds) for ranked in self._ranked]
        after = self._order.least_with_one_more([position for block in blocks for _, position in block])
        if after is None:
            return None
        behind = max([block[-1][0] for block in blocks])[0] - min(self._floor, after)
        if behind >= self._leads[rounds - 1]:
            return None
        chosen = [each for turn in zip(*blocks, strict=True) for each in sorted(turn)][:count]
        of_last_turn = chosen[(rounds - 1) * len(blocks) :]
        for ranked, block in zip(self._ranked, blocks, strict=True):
            for rank, number in Counter(each[0] for each in block if each in of_last_turn or each != block[-1]).items():
                ranked.drop(rank, number)
        positions = [position for _, position in chosen]
        self._order.add_pods(positions)
        self._order.return_taken(positions)
        self._look()
        return positions

    def settle(self) -> None:
        """Put all nodes that got pods where they belong now."""
        self._order.add_pods([*chain.from_iterable(self._owed)])
        for ranked, rank, number in zip(self._ranked, self._ranks, self._gone, strict=True):
            self._order.move_first(ranked, rank, number)
        self._look()


def in_turn(ranks: Sequence[Rank], blocks: Sequence[Sequence[int]]) -> list[int]:
    """Return the first nodes of each line, then the second ones, and so on, each time the best ones first."""
    if len(set(ranks)) == 1:
        return [position for together in zip(*blocks, strict=False) for position in sorted(together)]
    turns = (sorted(zip(ranks, together, strict=True)) for together in zip(*blocks, strict=False))
    return [position for turn in turns for _, position in turn]
