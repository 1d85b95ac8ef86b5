"""Batches of plain pods, which ask for nothing but resources and to be spread: nearly all pods of most clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.cluster.scheduling.batch import refusals, unschedulable
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.nodes import NodeClass, NodeClasses, NodeInfo
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.ranked_nodes import RankedNodes
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.cluster.scheduling.spread import SpreadRow
from webapp.cluster.scheduling.spread_states import SpreadShape, SpreadState
from webapp.cluster.scheduling.static_filters import StaticResults

SpreadShapes = dict[tuple[Sequence[SpreadRow], Sequence[NodeClass], HostCounts], SpreadShape]


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
        self._nodes = {at: order.ranked[node_class] for at, node_class in enumerate(classes)}
        self._state = self._first_state()

    def _first_state(self) -> SpreadState:
        """Return the state that the pods which are there already make, and set their nodes apart."""
        shape, order, start = self._shape, self._order, self._start
        total = sum([order.tally[node_class][()] for node_class in shape.classes])
        sizes: dict[int, int] = {}
        number = {node_class: at for at, node_class in enumerate(shape.classes)}
        for name, host_counts in start.touched.items():
            position, node_class = order.nodes.by_name[name].position, start.classes.of[name]
            rank = order.current[position]
            if rank is not None and node_class in number:
                group = shape.touched(number[node_class], host_counts)
                sizes[group] = sizes.get(group, 0) + 1
                order.take_out(position)
                self._nodes.setdefault(group, RankedNodes()).add(rank, position)
                self._touched.append(position)
        sizes |= {at: 1 for at in number.values() if self._nodes[at].ranks}
        counts = tuple(zip(*[start.counts[node_class] for node_class in shape.classes], strict=True))
        return shape.state(counts or ((),) * len(start.rows), sizes, total)

    def place(self, wanted: int) -> list[NodeInfo]:
        """Return the nodes that so many pods get, one after another, fewer where no further one fits."""
        order, nodes, state = self._order, self._nodes, self._state
        untouched, following = len(self._shape.classes), self._shape.following
        positions: list[int] = []
        # No node's resource score, negated, is less than that.
        floor = min((each.ranks[0][0] for each in nodes.values() if each.ranks), default=0)
        while len(positions) < wanted and state.offers:
            # The highest score first, then the fewest pods of the same workload, then the fewest pods, then the
            # position. Offers are in the order of the scores for spreading: most later ones can't win any more.
            best, least, rank = -1, 0, (0, 0, 0)
            for score, same_workload, group in state.offers:
                if best >= 0 and floor - score > least:
                    break
                its = nodes[group]
                first = its.ranks[0]
                value = first[0] - score
                if best < 0 or value < least:
                    best, least, rank = group, value, (same_workload, first[1], its.by_rank[first][0])
                elif value == least and (tied := (same_workload, first[1], its.by_rank[first][0])) < rank:
                    best, rank = group, tied
            its = nodes[best]
            position = its.pop()
            if best < untouched:
                self._touched.append(position)
                order.taken(position)
            filled = order.add_pod(position)
            state = state.after(best, is_full=filled is None, was_last=not its.ranks)
            if filled is not None:
                group = following(best)
                if (others := nodes.get(group)) is None:
                    others = nodes[group] = RankedNodes()
                others.add(filled, position)
                floor = min(floor, filled[0])
            positions.append(position)
        self._state = state
        node_infos = order.nodes.node_infos
        return [node_infos[position] for position in positions]

    def message(self) -> str:
        """Return why the next pod fits nowhere, as ``kubectl describe pod`` puts it."""
        return unschedulable(+refusals(self._start.static_results, self._order), len(self._order.nodes.node_infos))

    def close(self) -> None:
        """Put the nodes back that were set apart."""
        for position in self._touched:
            self._order.put_back(position)
