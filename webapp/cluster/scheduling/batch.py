"""Batches: placing pods of one template one after another, each where it scores best."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.node_group import NodeGroup, RankedNode
from webapp.cluster.scheduling.nodes import NodeClass, NodeInfo, Snapshot
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.static_filters import CONFLICT, Reasons
from webapp.cluster.scheduling.template import PodResources


class ResourceOrder:
    """All nodes in the order in which pods with the same requests would take them, by class.

    Kept from batch to batch: with 10,000 workloads on 5,000 nodes, sorting the nodes again for each would cost more
    than all the rest.
    """

    def __init__(self, nodes: Snapshot, keys: frozenset[str], pod_resources: PodResources) -> None:
        self.keys = keys
        self.pod_resources = pod_resources
        self.nodes = nodes
        self._class_of_node = nodes.classes(keys).of
        self.current: list[RankedNode | None] = [None] * len(nodes.node_infos)
        self._known: dict[object, tuple[Reasons, int]] = {}
        self._reasons: list[Reasons | None] = [None] * len(nodes.node_infos)
        # By class, how many nodes these requests do not fit on, and why; those it fits on under ``()``.
        self.tally: dict[NodeClass, Counter[Reasons]] = defaultdict(Counter)
        self.heaps: dict[NodeClass, list[RankedNode]] = defaultdict(list)
        for node_info in nodes.node_infos:
            if (entry := self.refresh(node_info)) is not None:
                self.heaps[self._class_of_node[node_info.name]].append(entry)
        for heap in self.heaps.values():
            heapify(heap)

    def refresh(self, node_info: NodeInfo) -> RankedNode | None:
        """Note what changed on the node; return its new entry, None if these requests do not fit there."""
        position, capacity = node_info.position, node_info.capacity
        reasons, score = self._fit(node_info)
        if (before := self._reasons[position]) != reasons:
            tally = self.tally[self._class_of_node[node_info.name]]
            if before is not None:
                tally[before] -= 1
            tally[reasons] += 1
            self._reasons[position] = reasons
        entry = None if reasons else (-score, capacity.pods, position)
        self.current[position] = entry
        return entry

    def _fit(self, node_info: NodeInfo) -> tuple[Reasons, int]:
        """Return why these requests do not fit on the node, or else how its resources score."""
        pod_resources, capacity = self.pod_resources, node_info.capacity
        requests = pod_resources.requests
        if pod_resources.ports and (taken := node_info.ports_taken(pod_resources.ports)):
            return taken, 0
        # Nodes of a cluster are of few sizes and carry pods of few sizes: 150,000 placements see some hundred fillings.
        filling = capacity.filling(requests)
        known = self._known.get(filling)
        if known is None:
            reasons = capacity.shortages(requests)
            known = self._known[filling] = reasons, 0 if reasons else capacity.score(requests)
        return known

    def renew(self, entry: RankedNode) -> RankedNode:
        """Return a new entry that says the same, and outdates the old one."""
        least, pods, position = entry
        renewed = self.current[position] = (least, pods, position)
        return renewed

    def put_back(self, node_info: NodeInfo) -> None:
        """Put the node back to the others, as it was when last refreshed."""
        if (entry := self.current[node_info.position]) is not None:
            heappush(self.heaps[self._class_of_node[node_info.name]], entry)


class Batch:
    """One template's pods being placed; :meth:`close` puts the nodes it touched back in the order."""

    def __init__(self, cycle: SchedulingCycle, order: ResourceOrder) -> None:
        self._cycle = cycle
        self._order = order
        self._groups: dict[tuple[NodeClass, HostCounts], NodeGroup] = {}
        self._groups_of: Counter[NodeClass] = Counter()
        self._touched: dict[int, NodeInfo] = {}
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
            self._touched[node_info.position] = node_info
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
        requests, ports = self._cycle.template.pod_resources.requests, self._cycle.template.pod_resources.ports
        while len(placed) < wanted and (group := self._best()) is not None:
            node_info = self._order.nodes.node_infos[group.heap[0][2]]
            node_info.capacity.add(requests)
            node_info.occupy(ports, 1)
            placed.append(node_info)
            self._placed(node_info, group)
        return placed

    def _best(self) -> NodeGroup | None:
        """Return the group of which the first node gets the next pod, None if it fits nowhere.

        The highest score first, then the fewest pods of the same workload, then the fewest pods, then the position.
        """
        groups = list(self._groups.values())
        if self._cycle.filtering:
            groups = [group for group in groups if not self._cycle.filter_group(group)]
        if not groups:
            return None
        current = self._order.current
        best: NodeGroup | None = None
        least, rank = 0, (0, 0, 0)
        for group, score in zip(groups, self._cycle.score(groups), strict=True):
            heap = group.heap
            # A node that has changed has a newer entry elsewhere; that costs less than finding the old one in its heap.
            while current[heap[0][2]] is not heap[0]:
                heappop(heap)
            negated, pods, position = heap[0]
            if best is not None and negated - score > least:
                continue
            here = (group.same_workload, pods, position)
            if best is None or negated - score < least or here < rank:
                best, least, rank = group, negated - score, here
        return best

    def _placed(self, node_info: NodeInfo, group: NodeGroup) -> None:
        """Take note that the first node of the group got one more of the pods."""
        self._leave(group)
        self._touched[node_info.position] = node_info
        if self._cycle.plain:
            host_counts = self._cycle.add_plain_pod(group)
        else:
            self._cycle.add_pod(node_info, group.node_class)
            host_counts = self._cycle.topology.host_counts(node_info.name)
        if (entry := self._order.refresh(node_info)) is not None:
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
            pod_classes = {always: len(node_class.nodes)} if always else self._order.tally[node_class]
            for reasons, number in pod_classes.items():
                counted.update(dict.fromkeys(reasons, number))
        for group in self._groups.values():
            counted.update(dict.fromkeys(self._cycle.filter_group(group), group.size))
        return +counted

    def close(self) -> None:
        """Put the nodes back that were set apart."""
        for node_info in self._touched.values():
            self._order.put_back(node_info)


def unschedulable(reasons: Mapping[str, int], nodes: int) -> str:
    """Return the scheduler's message for reasons and on how many nodes each stands."""
    # FitError.Error (pkg/scheduler/framework/types.go): sorted as text, so 10 stands before 2.
    if not nodes:
        return "no nodes available to schedule pods"
    texts = [CONFLICT] if CONFLICT in reasons else sorted(f"{number} {reason}" for reason, number in reasons.items())
    return f"0/{nodes} nodes are available: {', '.join(texts)}."
