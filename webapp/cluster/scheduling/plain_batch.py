"""Batches of plain pods, which ask for nothing but resources and to be spread: nearly all pods of most clusters."""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from heapq import heappop, heappush
from itertools import chain, count, islice
from typing import NamedTuple

from webapp.cluster.quick import changed
from webapp.cluster.scheduling.batch import refusals, unschedulable
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.nodes import NodeClass, NodeClasses, NodeInfo
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.placed import PlacedPods, PodClass
from webapp.cluster.scheduling.ranked_nodes import RankedNodes
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.cluster.scheduling.spread import SpreadRow
from webapp.cluster.scheduling.spread_states import SpreadShape, SpreadState
from webapp.cluster.scheduling.static_filters import StaticResults
from webapp.cluster.scheduling.template import Template
from webapp.records import dataclass

SpreadShapes = dict[tuple[Sequence[SpreadRow], Sequence[NodeClass], HostCounts], SpreadShape]


# On nodes that get full, each batch finds fewer of them than the one before.
_MOST_STARTS = 1_000
# The first node of a group: its resource score negated, its pods, its position, and the group.
_Front = tuple[int, int, int, int]


class Touched(NamedTuple):
    """Nodes of one class on which equally many pods are that count."""

    node_class: NodeClass
    host_counts: HostCounts
    nodes: Sequence[str]
    """Their names."""


@dataclass(frozen=True, slots=True)
class PlainStart:
    """What plain pods find."""

    keys: frozenset[str]
    classes: NodeClasses
    static_results: StaticResults
    open: tuple[NodeClass, ...]
    """Those that no static filter refuses."""
    rows: tuple[SpreadRow, ...]
    counts: Mapping[NodeClass, tuple[int, ...]]
    """How many pods each constraint counts in the domain of a class; 0 where each node is a domain."""
    untouched: HostCounts
    """Those of a node without pods that count."""
    touched: Sequence[Touched]
    """The other nodes."""
    states: dict[tuple[Sequence[NodeClass], int], SpreadState] = field(default_factory=dict)
    """Where there are no others: by the classes on which a pod fits, and how many such nodes there are."""


def plain_start(cycle: SchedulingCycle) -> PlainStart:
    """Return what the pods of a cycle find, which is plain."""
    topology = cycle.topology
    touched: dict[tuple[NodeClass, HostCounts], list[str]] = defaultdict(list)
    for name in topology.touched():
        touched[topology.class_of_node[name], topology.host_counts(name)].append(name)
    return PlainStart(
        cycle.keys,
        topology.classes,
        cycle.static_results,
        tuple(each for each, static in cycle.static_results.items() if not static.reasons),
        cycle.soft.rows,
        {each: cycle.soft.counts(each) for each in topology.node_classes},
        topology.host_counts(""),
        [Touched(*key, names) for key, names in touched.items()],
    )


def without_pods(start: PlainStart) -> PlainStart:
    """Return what an ordinary template's pods find without any others of their workload, by what another one finds."""
    return replace(start, counts=dict.fromkeys(start.counts, (0,) * len(start.rows)), touched=(), states={})


def beside(start: PlainStart, template: Template, placed: PlacedPods) -> PlainStart:
    """Return what an ordinary template's pods find beside those that their workload has.

    `start` is what they would find without any; no placed pod says anything about others.
    """
    # All ordinary pods have the same constraints, the system's defaults, and these count on all nodes: nothing is left
    # of a scheduling cycle but to count the workload's pods.
    its = [(pod_class, nodes) for pod_class in placed.same_workload(template.pod) if (nodes := pod_class.nodes)]
    if not its:
        return start
    every, counted = its[0][1], its[0][0].staying if _is_counted(template, its[0][0]) else {}
    if len(its) > 1:
        every = sum([Counter(nodes) for _, nodes in its], Counter())
        counted = sum([Counter(each.staying) for each, _ in its if _is_counted(template, each)], Counter())
    alike: dict[tuple[NodeClass, int, int], list[str]] = defaultdict(list)
    class_of = start.classes.of
    for name, number in every.items():
        alike[class_of[name], number, counted.get(name, 0)].append(name)
    pairs = [(row, dict[str, int]()) for row in start.rows]
    touched: list[Touched] = []
    for (node_class, number, there), names in alike.items():
        host_counts = [*start.untouched[:-1], number]
        for row, by_domain in pairs:
            domain = node_class.values.get(row.key)
            if domain is not None and row.slot is None:
                by_domain[domain] = by_domain.get(domain, 0) + there * len(names)
            elif domain is not None and row.slot is not None:
                host_counts[row.slot] = there
        touched.append(Touched(node_class, tuple(host_counts), names))
    counts = {
        each: tuple([by_domain.get(each.values.get(row.key, ""), 0) for row, by_domain in pairs]) for each in start.open
    }
    return changed(start, counts=counts, touched=touched)


def _is_counted(template: Template, pod_class: PodClass) -> bool:
    """Return whether the template's constraints count pods of its workload: older revisions have other labels."""
    pod = template.pod
    return pod_class.namespace == pod.namespace and (
        pod_class.labels == pod.labels or template.soft[0].selector.matches(pod_class.labels)
    )


class PlainBatch:
    """What :class:`~webapp.cluster.scheduling.batch.Batch` does, for templates whose cycle is plain."""

    def __init__(self, start: PlainStart, order: ResourceOrder, shapes: SpreadShapes) -> None:
        self._start, self._order = start, order
        classes = tuple([node_class for node_class in start.open if order.tally[node_class][()]])
        key = start.rows, classes, start.untouched
        self._shape = shapes.get(key) or shapes.setdefault(key, SpreadShape(*key))
        # Nodes with pods that count, by position the number of their group. Most batches never come to them, so they
        # stay in the order, where they are passed over, until one does.
        self._apart = self._touched_nodes()
        self._lines = [_Line(order.ranked[node_class], self._apart) for node_class in classes]
        # Nodes that got a pod since, by group, which aren't in its heap yet.
        self._moved: list[tuple[int, list[int]]] = []
        self._heaps: dict[int, list[tuple[int, int, int]]] = {}
        # Positions that are out of the order.
        self._taken: list[int] = []
        self._state = self._first_state()

    def _touched_nodes(self) -> dict[int, int]:
        order, shape, found = self._order, self._shape, dict[int, int]()
        number = {node_class: at for at, node_class in enumerate(shape.classes)}
        for node_class, host_counts, names in self._start.touched:
            if (at := number.get(node_class)) is not None:
                group = shape.touched(at, host_counts)
                positions = [*map(order.nodes.position_of.__getitem__, names)]
                # A node on which no further pod fits is in no group.
                found |= {at: group for at in positions if order.current[at] is not None}
        return found

    def _first_state(self) -> SpreadState:
        """Return the state that the pods which are there already make."""
        shape, order, start = self._shape, self._order, self._start
        total = sum([order.tally[node_class][()] for node_class in shape.classes])
        if not start.touched and (known := start.states.get((shape.classes, total))) is not None:
            return known
        sizes: dict[int, int] = {}
        for group in self._apart.values():
            sizes[group] = sizes.get(group, 0) + 1
        sizes |= {at: 1 for at, line in enumerate(self._lines) if line.front}
        counts = tuple(zip(*[start.counts[node_class] for node_class in shape.classes], strict=True))
        state = shape.state(counts or ((),) * len(start.rows), sizes, total)
        if not start.touched:
            if len(start.states) >= _MOST_STARTS:
                start.states.clear()
            start.states[shape.classes, total] = state
        return state

    def place(self, wanted: int) -> list[NodeInfo]:
        """Return the nodes that so many pods get, one after another, fewer where no further one fits."""
        positions = self._in_rounds(wanted)
        if len(positions) < wanted and self._state.offers:
            positions += self._one_by_one(wanted - len(positions))
        for line in self._lines:
            line.settle()
        node_infos = self._order.nodes.node_infos
        return [node_infos[position] for position in positions]

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
            positions = _in_turn(lines, blocks)
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
                first = _first(state, fronts, floor)
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


def _first(state: SpreadState, fronts: Mapping[int, _Front], floor: int) -> _Front:
    """Return the first node of the group that gets the next pod.

    The highest score first, then the fewest pods of the same workload, then the fewest pods, then the position.
    """
    found: list[tuple[int, int, tuple[int, ...], _Front]] = []
    least = math.inf
    for score, same_workload, group in state.offers:
        # They are in the order of the scores for spreading: most later ones can't win any more.
        if floor - score > least:
            break
        front = fronts[group]
        found.append((front[0] - score, same_workload, front[1:], front))
        least = min(least, front[0] - score)
    return min(found)[-1]


def _after(state: SpreadState, groups: Iterable[int]) -> SpreadState:
    """Return the state once nodes of these groups have one more pod each."""
    for group in groups:
        state, _ = state.usual.get(group) or state.after(group, is_full=False, was_last=False)
    return state


def _in_turn(lines: Sequence["_Line"], blocks: Sequence[Sequence[int]]) -> list[int]:
    """Return the first nodes of each line, then the second ones, and so on, each time the best ones first."""
    ranks = [line.rank for line in lines]
    if len(set(ranks)) == 1:
        return [position for together in zip(*blocks, strict=False) for position in sorted(together)]
    turns = (sorted(zip(ranks, together, strict=True)) for together in zip(*blocks, strict=False))
    return [position for turn in turns for _, position in turn]


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
