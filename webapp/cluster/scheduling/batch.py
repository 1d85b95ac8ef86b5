"""Batches: placing pods of one template one after another, each where it scores best."""

from collections import Counter
from collections.abc import Mapping

from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.node_group import NodeGroup
from webapp.cluster.scheduling.nodes import NodeClass, NodeInfo
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.ranked_nodes import Rank
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.cluster.scheduling.static_filters import CONFLICT, StaticResults


class Batch:
    """One template's pods being placed; :meth:`close` puts the nodes it touched back in the order."""

    def __init__(self, cycle: SchedulingCycle, order: ResourceOrder) -> None:
        self._cycle = cycle
        self._order = order
        self._groups: dict[tuple[NodeClass, HostCounts], NodeGroup] = {}
        self._listed: list[NodeGroup] | None = None
        self._touched: set[int] = set()
        none = cycle.topology.host_counts("")
        for node_class in cycle.topology.node_classes:
            if not cycle.static_results[node_class].reasons and order.tally[node_class][()]:
                group = self._group(node_class, none)
                group.size, group.nodes = order.tally[node_class][()], order.ranked[node_class]
        for name in cycle.topology.touched():
            self._set_apart(order.nodes.by_name[name], none)

    def _set_apart(self, node_info: NodeInfo, none: HostCounts) -> None:
        """Move a node from the untouched ones of its class to the group that its pods put it in."""
        node_class = self._cycle.topology.class_of_node[node_info.name]
        group, rank = self._groups.get((node_class, none)), self._order.current[node_info.position]
        if group is not None and rank is not None:
            self._order.take_out(node_info.position)
            self._leave(group)
            self._touched.add(node_info.position)
            group = self._group(node_class, self._cycle.topology.host_counts(node_info.name))
            self._enter(group, rank, node_info.position)

    def _group(self, node_class: NodeClass, host_counts: HostCounts) -> NodeGroup:
        group = self._groups.get((node_class, host_counts))
        if group is None:
            group = self._groups[(node_class, host_counts)] = self._cycle.node_group(node_class, host_counts)
            self._listed = None
        return group

    def _leave(self, group: NodeGroup) -> None:
        group.size -= 1
        if not group.size:
            del self._groups[(group.node_class, group.host_counts)]
            self._listed = None

    def _enter(self, group: NodeGroup, rank: Rank, position: int) -> None:
        group.size += 1
        group.nodes.add(rank, position)

    def place(self, wanted: int) -> list[NodeInfo]:
        """Return the nodes that so many pods get, one after another, fewer where no further one fits."""
        placed: list[NodeInfo] = []
        while len(placed) < wanted and (group := self._best()) is not None:
            placed.append(self._place_on_first(group))
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

        def rank(group: NodeGroup, score: int) -> tuple[int, int, int, int]:
            least, pods = first = group.nodes.ranks[0]
            return least - score, group.same_workload, pods, group.nodes.by_rank[first][0]

        scores = self._cycle.score(groups)
        return min(zip(groups, scores, strict=True), key=lambda pair: rank(*pair))[0]

    def _place_on_first(self, group: NodeGroup) -> NodeInfo:
        """Put one more pod on the first node of the group."""
        position = group.nodes.pop()
        self._order.taken(position)
        rank = self._order.add_pod(position)
        self._touched.add(position)
        self._leave(group)
        node_info = self._order.nodes.node_infos[position]
        self._cycle.add_pod(node_info, group.node_class)
        if rank is not None:
            host_counts = self._cycle.topology.host_counts(node_info.name)
            self._enter(self._group(group.node_class, host_counts), rank, position)
        return node_info

    def message(self) -> str:
        """Return why the next pod fits nowhere, as ``kubectl describe pod`` puts it."""
        counted = refusals(self._cycle.static_results, self._order)
        for group in self._groups.values():
            counted.update(dict.fromkeys(self._cycle.filter_group(group), group.size))
        return unschedulable(+counted, len(self._order.nodes.node_infos))

    def close(self) -> None:
        """Put the nodes back that were set apart."""
        for position in self._touched:
            self._order.put_back(position)


def refusals(static_results: StaticResults, order: ResourceOrder) -> Counter[str]:
    """Return on how many nodes each reason stands that is the node's own: the first plugin's reasons of each node."""
    counted: Counter[str] = Counter()
    for node_class, static in static_results.items():
        always = static.reasons
        numbers = {always: len(node_class.nodes)} if always else order.tally[node_class]
        for reasons, number in numbers.items():
            counted.update(dict.fromkeys(reasons, number))
    return counted


def unschedulable(reasons: Mapping[str, int], nodes: int) -> str:
    """Return the scheduler's message for reasons and on how many nodes each stands."""
    # FitError.Error (pkg/scheduler/framework/types.go): sorted as text, so 10 stands before 2.
    if not nodes:
        return "no nodes available to schedule pods"
    texts = [CONFLICT] if CONFLICT in reasons else sorted(f"{number} {reason}" for reason, number in reasons.items())
    return f"0/{nodes} nodes are available: {', '.join(texts)}."
