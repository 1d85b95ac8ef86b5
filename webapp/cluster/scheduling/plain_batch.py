"""Batches of plain pods, which ask for nothing but resources and to be spread: nearly all pods of most clusters."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from itertools import chain, count, islice

from webapp.cluster.scheduling.batch import refusals, unschedulable
from webapp.cluster.scheduling.nodes import NodeInfo
from webapp.cluster.scheduling.plain_start import PlainStart, make_room
from webapp.cluster.scheduling.ranked_nodes import RankedNodes
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.cluster.scheduling.spread_states import SpreadShape, SpreadState
from webapp.cluster.scheduling.workload_runs import in_turn, place_alike
from webapp.lazy import lazy

# The first node of a group: its resource score negated, its pods, its position, and the group.
_Front = tuple[int, int, int, int]


class PlainBatch:
    """What :class:`~webapp.cluster.scheduling.batch.Batch` does, for templates whose cycle is plain."""

    def __init__(self, start: PlainStart, order: ResourceOrder) -> None:
        self._start, self._order = start, order
        fitting = [(node_class, order.tally[node_class][()]) for node_class in start.open]
        classes = tuple([node_class for node_class, number in fitting if number])
        self._shape = start.shapes.get(classes) or start.shapes.setdefault(
            classes, SpreadShape(start.rows, classes, start.untouched)
        )
        # By group of nodes with pods that count: their positions.
        self._touched: dict[int, list[int]] = {}
        # Nodes that got a pod since, by group, which aren't in its heap yet.
        self._moved: list[tuple[int, list[int]]] = []
        self._heaps: dict[int, list[tuple[int, int, int]]] = {}
        # Positions that are out of the order.
        self._taken: list[int] = []
        self._state = self._first_state([number for _, number in fitting if number])

    def _first_state(self, fitting: list[int]) -> SpreadState:
        """Return the state that the pods which are there already make, with so many nodes of each class."""
        start, shape, total = self._start, self._shape, sum(fitting)
        current, every = self._order.current, start.signature is not None
        for node_class, host_counts, positions in start.touched:
            if (at := shape.number.get(node_class)) is not None:
                # A node on which no further pod fits is in no group.
                its = [position for position in positions if current[position] is not None]
                every = every and len(its) == len(positions)
                if its:
                    self._touched.setdefault(shape.touched(at, host_counts), []).extend(its)
                    fitting[at] -= len(its)
        key = start.signature, shape.classes, total
        state = start.states.get(key) if every else None
        if state is None:
            sizes = {at: 1 for at, untouched in enumerate(fitting) if untouched}
            sizes |= {group: len(its) for group, its in self._touched.items()}
            counts = tuple(zip(*[start.counts[node_class] for node_class in shape.classes], strict=True))
            state = shape.state(counts or ((),) * len(start.rows), sizes, total)
            if every:
                make_room(start.states)
                start.states[key] = state
        return state

    @lazy
    def _apart(self) -> dict[int, int]:
        """By position the group of nodes with pods that count.

        Most batches never come to them, so they stay in the order, where they are passed over, until one does.
        """
        return {position: group for group, positions in self._touched.items() for position in positions}

    @lazy
    def _lines(self) -> list["_Line"]:
        return [_Line(self._order.ranked[node_class], self._apart) for node_class in self._shape.classes]

    def place(self, wanted: int) -> list[NodeInfo]:
        """Return the nodes that so many pods get, one after another, fewer where no further one fits; asked once."""
        positions = self._alone() if wanted == 1 else self._together(wanted)
        node_infos = self._order.nodes.node_infos
        return [node_infos[position] for position in positions]

    def _alone(self) -> list[int]:
        """Place a single pod: no node but the one that gets it leaves its place in the order."""
        order, current, classes = self._order, self._order.current, self._shape.classes
        if not self._state.offers:
            return []

        def front(group: int) -> _Front:
            if group < len(classes):
                first = _Line(order.ranked[classes[group]], self._apart).front
            else:
                first = min((*rank, at) for at in self._touched[group] if (rank := current[at]) is not None)
            return (*(first or (0, 0, 0)), group)

        floor = min([order.ranked[node_class].ranks[0][0] for node_class in classes])
        position = _first(self._state, front, floor)[2]
        order.add_pod(position)
        order.put_back(position)
        return [position]

    def _together(self, wanted: int) -> list[int]:
        positions = self._in_rounds(wanted)
        if len(positions) < wanted and self._state.offers:
            positions += self._one_by_one(wanted - len(positions))
        for line in self._lines:
            line.settle()
        return positions

    def place_alike(self, counts: Iterable[int]) -> tuple[list[list[NodeInfo]], str]:
        """Return the nodes of so many pods of each of the workloads that find the same, perhaps only of the first ones.

        Where no pod fits anywhere, none of them has any, and the text says why. Nothing may have been placed with this
        batch; there is nothing to close then.
        """
        if self._start.touched:
            return [], ""
        if not self._state.offers:
            return [[] for _ in counts], self.message()
        node_infos = self._order.nodes.node_infos
        found = place_alike(self._state, self._shape.classes, self._order, counts)
        return [[node_infos[position] for position in positions] for positions in found], ""

    def _in_rounds(self, wanted: int) -> list[int]:
        """Place pods as long as the spread alone decides which groups get them, in whatever order."""
        order, found = self._order, list[int]()
        # No node's resource score, negated, is less than that.
        floor = self._least()
        while (left := wanted - len(found)) > 0 and (groups := self._state.round.groups):
            lines = [self._lines[group] for group in groups]
            wanted_each = -(-left // len(lines))
            blocks = [line.ahead(wanted_each) for line in lines]
            least = order.least_with_one_more(chain.from_iterable(blocks))
            if least is None:
                break
            floor = min(floor, least)
            behind = max([line.rank[0] for line in lines]) - floor
            before = state = self._state
            most, rounds = min(map(len, blocks)), 0
            while rounds < most and (coming := state.round).groups == groups and behind < coming.lead:
                before, state, rounds = state, coming.then, rounds + 1
            if not rounds:
                break
            if rounds < max(map(len, blocks)):
                blocks = [block[:rounds] for block in blocks]
            positions = in_turn([line.rank for line in lines], blocks)
            if left < len(positions):
                # In the last round fewer pods come than there are groups.
                positions = positions[:left]
                group_of = {block[-1]: group for group, block in zip(groups, blocks, strict=True)}
                last = positions[(rounds - 1) * len(groups) :]
                state = _after(before, [group_of[position] for position in last])
                blocks = [block if block[-1] in last else block[:-1] for block in blocks]
            for group, line, block in zip(groups, lines, blocks, strict=True):
                if block:
                    line.take(len(block))
                    self._moved.append((self._shape.following(group), block))
            order.add_pods(positions)
            found += positions
            self._state = state
        self._taken += found
        return found

    def _least(self) -> int:
        heaps = [heap[0][0] for heap in self._heaps.values() if heap]
        return min([*(line.least for line in self._lines if line.least is not None), *heaps], default=0)

    def _set_apart(self) -> None:
        """Take the nodes out of the order that are no longer untouched, and put them into the heaps of their groups."""
        for line in self._lines:
            line.settle()
        moved = [(group, position) for group, positions in self._moved for position in positions]
        for position, group in self._apart.items():
            self._order.take_out(position)
            self._taken.append(position)
            moved.append((group, position))
        for group, position in moved:
            if (rank := self._order.current[position]) is not None:
                heappush(self._heaps.setdefault(group, []), (*rank, position))
        self._apart.clear()
        self._moved.clear()
        for line in self._lines:
            line.open()

    def _one_by_one(self, wanted: int) -> list[int]:
        """Place pods looking at all groups for each."""
        self._set_apart()
        state, taken, add_pod = self._state, self._taken, self._order.add_pod
        lines, heaps = self._lines, self._heaps
        fronts = {at: (*line.front, at) for at, line in enumerate(lines) if line.front}
        fronts |= {group: (*heap[0], group) for group, heap in heaps.items() if heap}
        # No node's resource score, negated, is less than that.
        floor = min([front[0] for front in fronts.values()], default=0)
        positions: list[int] = []
        while len(positions) < wanted and state.offers:
            first = min([fronts[group] for group in state.best])
            # Most of the time the spread alone decides which groups come next.
            if first[0] - floor >= state.lead:
                first = _first(state, fronts.__getitem__, floor)
            _, _, position, best = first
            if best < len(lines):
                taken.append(position)
                front = lines[best].take(1)
            else:
                heap = heaps[best]
                heappop(heap)
                front = heap[0] if heap else None
            filled = add_pod(position)
            goes_on = front is not None and filled is not None
            step = state.usual.get(best) if goes_on else None
            state, group = step or state.after(best, is_full=filled is None, was_last=front is None)
            if front is not None:
                fronts[best] = (*front, best)
            if filled is not None:
                if (others := heaps.get(group)) is None:
                    others = heaps[group] = []
                heappush(others, (*filled, position))
                fronts[group] = (*others[0], group)
                floor = min(floor, filled[0])
            positions.append(position)
        self._state = state
        return positions

    def message(self) -> str:
        """Return why the next pod fits nowhere, as ``kubectl describe pod`` puts it."""
        return unschedulable(+refusals(self._start.static_results, self._order), len(self._order.nodes.node_infos))

    def close(self) -> None:
        """Put the nodes back that were set apart."""
        self._order.return_taken(self._taken)


def _first(state: SpreadState, front_of: Callable[[int], _Front], floor: int) -> _Front:
    """Return the first node of the group that gets the next pod, by what returns the first node of each group.

    The highest score first, then the fewest pods of the same workload, then the fewest pods, then the position.
    """
    found: list[tuple[int, int, tuple[int, ...], _Front]] = []
    least = math.inf
    for score, same_workload, group in state.offers:
        # They are in the order of the scores for spreading: most later ones can't win any more.
        if floor - score > least:
            break
        front = front_of(group)
        found.append((front[0] - score, same_workload, front[1:], front))
        least = min(least, front[0] - score)
    return min(found)[-1]


def _after(state: SpreadState, groups: Iterable[int]) -> SpreadState:
    """Return the state once nodes of these groups have one more pod each."""
    for group in groups:
        state, _ = state.usual.get(group) or state.after(group, is_full=False, was_last=False)
    return state


class _Line:
    """The untouched nodes of a class, from which the first ones are taken; those set apart are passed over."""

    __slots__ = ("_apart", "_at", "_positions", "_ranked", "front", "rank")

    def __init__(self, ranked: RankedNodes, apart: Mapping[int, int]) -> None:
        self._ranked, self._apart = ranked, apart
        self.open()

    def open(self) -> None:
        """Find the first node."""
        self._at, self._positions, self.rank = 0, list[int](), (0, 0)
        self.front: tuple[int, int, int] | None = None
        for rank in self._ranked.ranks:
            self._positions, self.rank = self._ranked.by_rank[rank], rank
            if self._go_to(0) is not None:
                break

    def _go_to(self, at: int) -> tuple[int, int, int] | None:
        """Go to a node of this rank, or past those from there on that are set apart."""
        positions, apart = self._positions, self._apart
        while apart and at < len(positions) and positions[at] in apart:
            at += 1
        self._at = at
        self.front = (*self.rank, positions[at]) if at < len(positions) else None
        return self.front

    @property
    def least(self) -> int | None:
        """The least score, negated, of all nodes of the class that are in the order."""
        ranks = self._ranked.ranks
        return ranks[0][0] if ranks else None

    def ahead(self, most: int) -> list[int]:
        """Return the first nodes, so many or fewer: those of one rank, and never the last ones of the line."""
        if self.front is None:
            return []
        if self._apart:
            coming = islice(self._positions, self._at, None)
            found = [*islice((position for position in coming if position not in self._apart), most + 1)]
        else:
            found = self._positions[self._at : self._at + most + 1]
        if len(found) > most or not self._goes_on():
            found.pop()
        return found

    def _goes_on(self) -> bool:
        """Return whether nodes of another rank certainly follow."""
        ranks = self._ranked.ranks
        following = ranks[bisect_right(ranks, self.rank) :][:1]
        return any(len(self._ranked.by_rank[rank]) > len(self._apart) for rank in following)

    def take(self, number: int) -> tuple[int, int, int] | None:
        """Take the first nodes, so many of one rank, and return the one that comes then; None if there is none left."""
        at = self._at + number
        if self._apart:
            untouched = (at for at in count(self._at) if self._positions[at] not in self._apart)
            at = next(islice(untouched, number - 1, None)) + 1
        if self._go_to(at) is None:
            self.settle()
        return self.front

    def settle(self) -> None:
        """Take those out of the order that were taken here."""
        if self._at:
            passed, apart = self._positions[: self._at], self._apart
            kept = [position for position in passed if position in apart] if apart else ()
            self._ranked.drop(self.rank, self._at, kept)
            self.open()
