"""Batches: placing pods of one template one after another, each where it scores best."""

from collections import Counter
from collections.abc import Mapping
from heapq import heappop, heappush

from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.node_group import NodeGroup, RankedNode
from webapp.cluster.scheduling.nodes import NodeClass, NodeInfo
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.cluster.scheduling.static_filters import CONFLICT


class Batch:
    """One template's pods being placed; :meth:`close` puts the nodes it touched back in the order."""

    def __init__(self, cycle: SchedulingCycle, order: ResourceOrder) -> None:
        self._cycle = cycle
        self._order = order
        self._groups: dict[tuple[NodeClass, HostCounts], NodeGroup] = {}
        self._groups_of: Counter[NodeClass] = Counter()
        self._listed: list[NodeGroup] | None = None
        self._touched: set[int] = set()
        self._score = cycle.score_plain if cycle.plain else cycle.score
        none = cycle.topology.host_counts("")
        for node_class in cycle.topology.node_classes:
            if not cycle.static_results[node_class].reasons and order.tally[node_class][()]:
                group = self._group(node_class, none)
                group.size, group.heap = order.tally[node_class][()], order.heaps[node_class]
        for name in cycle.topology.touched():
            self._set_apart(order.nodes.by_name[name], none)

    def _set_apart(self, node_info: NodeInfo, none: HostCounts) -> None:
        """Move a node from the untouched ones of its class to the group that its pods put it in."""
        node_class = self._cycle.topology.class_of_node[node_info.name]
        group, entry = self._groups.get((node_class, none)), self._order.current[node_info.position]
        if group is not None and entry is not None:
            self._leave(group)
            self._touched.add(node_info.position)
            group = self._group(node_class, self._cycle.topology.host_counts(node_info.name))
            self._enter(group, self._order.renew(entry))

    def _group(self, node_class: NodeClass, host_counts: HostCounts) -> NodeGroup:
        group = self._groups.get((node_class, host_counts))
        if group is None:
            group = self._groups[(node_class, host_counts)] = self._cycle.node_group(node_class, host_counts)
            self._regroup(node_class, 1)
        return group

    def _leave(self, group: NodeGroup) -> None:
        group.size -= 1
        if not group.size:
            del self._groups[(group.node_class, group.host_counts)]
            self._regroup(group.node_class, -1)

    def _regroup(self, node_class: NodeClass, change: int) -> None:
        self._listed = None
        before = self._groups_of[node_class]
        self._groups_of[node_class] += change
        # What the plugins measure by are the classes and the number of all feasible nodes, however these are grouped.
        if not before or not self._groups_of[node_class]:
            self._cycle.regrouped()

    def _enter(self, group: NodeGroup, entry: RankedNode) -> None:
        group.size += 1
        heappush(group.heap, entry)

    def place(self, wanted: int) -> list[NodeInfo]:
        """Return the nodes that so many pods get, one after another, fewer where no further one fits."""
        placed: list[NodeInfo] = []
        node_infos = self._order.nodes.node_infos
        while len(placed) < wanted and (group := self._best()) is not None:
            position = group.heap[0][2]
            placed.append(node_infos[position])
            self._place_on(position, group)
        return placed

    def _best(self) -> NodeGroup | None:
        """Return the group of which the first node gets the next pod, None if it fits nowhere.

        The highest score first, then the fewest pods of the same workload, then the fewest pods, then the position.
        """
        groups = self._listed
        if groups is None:
            groups = self._listed = list(self._groups.values())
        if self._cycle.filtering:
            groups = [group for group in groups if not self._cycle.filter_group(group)]
        if not groups:
            return None
        current = self._order.current
        best: NodeGroup | None = None
        least, rank = 0, (0, 0, 0)
        for group, score in zip(groups, self._score(groups), strict=True):
            heap = group.heap
            entry = heap[0]
            # A node that has changed has a newer entry elsewhere; that costs less than finding the old one in its heap.
            while current[entry[2]] is not entry:
                heappop(heap)
                entry = heap[0]
            value = entry[0] - score
            if best is None or value < least or (value == least and (group.same_workload, *entry[1:]) < rank):
                best, least, rank = group, value, (group.same_workload, *entry[1:])
        return best

    def _place_on(self, position: int, group: NodeGroup) -> None:
        """Put one more pod on the first node of the group."""
        entry = self._order.take(position)
        self._touched.add(position)
        self._leave(group)
        if self._cycle.plain:
            host_counts = self._cycle.add_plain_pod(group)
        else:
            node_info = self._order.nodes.node_infos[position]
            self._cycle.add_pod(node_info, group.node_class)
            host_counts = self._cycle.topology.host_counts(node_info.name)
        if entry is not None:
            self._enter(self._group(group.node_class, host_counts), entry)
        else:
            self._cycle.regrouped()

    def message(self) -> str:
        """Return why the next pod fits nowhere, as ``kubectl describe pod`` puts it."""
        return unschedulable(self._counted(), len(self._order.nodes.node_infos))

    def _counted(self) -> Counter[str]:
        """Return on how many nodes each reason stands: the first plugin's reasons of each node."""
        counted: Counter[str] = Counter()
        for node_class in self._cycle.topology.node_classes:
            always = self._cycle.static_results[node_class].reasons
            numbers = {always: len(node_class.nodes)} if always else self._order.tally[node_class]
            for reasons, number in numbers.items():
                counted.update(dict.fromkeys(reasons, number))
        for group in self._groups.values():
            counted.update(dict.fromkeys(self._cycle.filter_group(group), group.size))
        return +counted

    def close(self) -> None:
        """Put the nodes back that were set apart."""
        for position in self._touched:
            self._order.put_back(position)


def unschedulable(reasons: Mapping[str, int], nodes: int) -> str:
    """Return the scheduler's message for reasons and on how many nodes each stands."""
    # FitError.Error (pkg/scheduler/framework/types.go): sorted as text, so 10 stands before 2.
    if not nodes:
        return "no nodes available to schedule pods"
    texts = [CONFLICT] if CONFLICT in reasons else sorted(f"{number} {reason}" for reason, number in reasons.items())
    return f"0/{nodes} nodes are available: {', '.join(texts)}."
