"""Batches of plain pods, which ask for nothing but resources and to be spread: nearly all pods of most clusters."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from heapq import heappop, heappush

from webapp.cluster.scheduling.batch import refusals, unschedulable
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.nodes import NodeClass, NodeClasses, NodeInfo
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.ranked_nodes import RankedNodes
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.cluster.scheduling.spread import SpreadRow
from webapp.cluster.scheduling.spread_states import SpreadShape, SpreadState
from webapp.cluster.scheduling.static_filters import StaticResults
from webapp.records import dataclass

SpreadShapes = dict[tuple[Sequence[SpreadRow], Sequence[NodeClass], HostCounts], SpreadShape]


# On nodes that get full, each batch finds fewer of them than the one before.
_MOST_STARTS = 1_000
# The first node of a group: its resource score negated, its pods, its position, and the group.
_Front = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class PlainStart:
    """What plain pods find."""

    keys: frozenset[str]
    classes: NodeClasses
    static_results: StaticResults
    rows: tuple[SpreadRow, ...]
    counts: Mapping[NodeClass, tuple[int, ...]]
    """How many pods each constraint counts in the domain of a class; 0 where each node is a domain."""
    untouched: HostCounts
    """Those of a node without pods that count."""
    touched: Mapping[str, HostCounts]
    """Those of the other nodes."""
    states: dict[tuple[Sequence[NodeClass], int], SpreadState] = field(default_factory=dict)
    """Where there are no others: by the classes on which a pod fits, and how many such nodes there are."""


def plain_start(cycle: SchedulingCycle) -> PlainStart:
    """Return what the pods of a cycle find, which is plain."""
    topology = cycle.topology
    return PlainStart(
        cycle.keys,
        topology.classes,
        cycle.static_results,
        cycle.soft.rows,
        {each: cycle.soft.counts(each) for each in topology.node_classes},
        topology.host_counts(""),
        {name: topology.host_counts(name) for name in topology.touched()},
    )


class PlainBatch:
    """What :class:`~webapp.cluster.scheduling.batch.Batch` does, for templates whose cycle is plain."""

    def __init__(self, start: PlainStart, order: ResourceOrder, shapes: SpreadShapes) -> None:
        self._start, self._order = start, order
        self._touched: list[int] = []
        classes = tuple(
            node_class
            for node_class, static in start.static_results.items()
            if not static.reasons and order.tally[node_class][()]
        )
        key = start.rows, classes, start.untouched
        self._shape = shapes.get(key) or shapes.setdefault(key, SpreadShape(*key))
        # By number of their group.
        self._heaps: dict[int, list[tuple[int, int, int]]] = {}
        self._state = self._first_state()
        self._lines = [_Line(order.ranked[node_class]) for node_class in classes]

    def _first_state(self) -> SpreadState:
        """Return the state that the pods which are there already make, and set their nodes apart."""
        shape, order, start = self._shape, self._order, self._start
        total = sum([order.tally[node_class][()] for node_class in shape.classes])
        if not start.touched and (known := start.states.get((shape.classes, total))) is not None:
            return known
        sizes: dict[int, int] = {}
        number = {node_class: at for at, node_class in enumerate(shape.classes)}
        for name, host_counts in start.touched.items():
            position, node_class = order.nodes.by_name[name].position, start.classes.of[name]
            rank = order.current[position]
            if rank is not None and node_class in number:
                group = shape.touched(number[node_class], host_counts)
                sizes[group] = sizes.get(group, 0) + 1
                order.take_out(position)
                heappush(self._heaps.setdefault(group, []), (*rank, position))
                self._touched.append(position)
        sizes |= {at: 1 for at in number.values() if order.ranked[shape.classes[at]].ranks}
        counts = tuple(zip(*[start.counts[node_class] for node_class in shape.classes], strict=True))
        state = shape.state(counts or ((),) * len(start.rows), sizes, total)
        if not start.touched:
            if len(start.states) >= _MOST_STARTS:
                start.states.clear()
            start.states[shape.classes, total] = state
        return state

    def place(self, wanted: int) -> list[NodeInfo]:
        """Return the nodes that so many pods get, one after another, fewer where no further one fits."""
        state, touched, add_pod = self._state, self._touched, self._order.add_pod
        lines, heaps = self._lines, self._heaps
        fronts = {at: (*line.front, at) for at, line in enumerate(lines) if line.front}
        fronts |= {group: (*heap[0], group) for group, heap in heaps.items()}
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
                touched.append(position)
                front = lines[best].advance()
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
        for line in lines:
            line.settle()
        self._state = state
        node_infos = self._order.nodes.node_infos
        return [node_infos[position] for position in positions]

    def message(self) -> str:
        """Return why the next pod fits nowhere, as ``kubectl describe pod`` puts it."""
        return unschedulable(+refusals(self._start.static_results, self._order), len(self._order.nodes.node_infos))

    def close(self) -> None:
        """Put the nodes back that were set apart."""
        self._order.return_taken(self._touched)


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


class _Line:
    """The untouched nodes of a class, from which the first ones are taken."""

    __slots__ = ("_at", "_positions", "_ranked", "front")

    def __init__(self, ranked: RankedNodes) -> None:
        self._ranked = ranked
        self._open()

    def _open(self) -> None:
        ranks = self._ranked.ranks
        self._at, self._positions = 0, self._ranked.by_rank[ranks[0]] if ranks else []
        self.front: tuple[int, int, int] | None = (*ranks[0], self._positions[0]) if ranks else None

    def advance(self) -> tuple[int, int, int] | None:
        """Take the first node, and return the next one; None if there is none left."""
        self._at += 1
        if self._at < len(self._positions) and self.front is not None:
            self.front = (self.front[0], self.front[1], self._positions[self._at])
        else:
            self.settle()
        return self.front

    def settle(self) -> None:
        """Take those out of the order that were taken here."""
        if self._at:
            self._ranked.drop_first(self._at)
            self._open()
