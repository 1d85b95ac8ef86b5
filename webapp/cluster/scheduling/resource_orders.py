"""The orders of the nodes that pods were asked for, one for each amount of resources, kept for the next ones."""

from webapp.cluster.scheduling.nodes import Snapshot
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.cluster.scheduling.template import PodResources

# Of all orders together; a node takes about 60 bytes in each.
_MOST_NODES = 500_000


class ResourceOrders:
    """Orders of all nodes; one that is asked for again is told of the nodes that have changed meanwhile.

    A drain places the pods of one node after those of another, and each time they ask for the same few amounts.
    """

    def __init__(self, nodes: Snapshot) -> None:
        self._nodes = nodes
        self._most = max(1, _MOST_NODES // max(1, len(nodes.node_infos)))
        # The last one asked for is the last; how many changes each knows of.
        self._kept: dict[object, ResourceOrder] = {}
        self._known: dict[ResourceOrder, int] = {}
        self._latest: ResourceOrder | None = None
        # The positions of nodes that have changed, one after another.
        self._changes: list[int] = []

    def get(self, keys: frozenset[str], pod_resources: PodResources) -> ResourceOrder:
        """Return the order of the nodes as they are now."""
        latest = self._latest
        if latest is None or latest.pod_resources is not pod_resources or latest.keys != keys:
            self.settle()
            key = keys, pod_resources.key
            latest = self._latest = self._kept.pop(key, None) or self._made(keys, pod_resources)
            self._kept[key] = latest
        self._catch_up(latest)
        return latest

    def _made(self, keys: frozenset[str], pod_resources: PodResources) -> ResourceOrder:
        while len(self._kept) >= self._most:
            del self._known[self._kept.pop(next(iter(self._kept)))]
        order = ResourceOrder(self._nodes, keys, pod_resources)
        self._known[order] = len(self._changes)
        return order

    def _catch_up(self, order: ResourceOrder) -> None:
        if (known := self._known[order]) < len(self._changes):
            order.catch_up(set(self._changes[known:]))
            self._known[order] = len(self._changes)

    def note(self, position: int) -> None:
        """Note that what runs on a node has changed."""
        if self._kept:
            self._changes.append(position)

    def settle(self) -> None:
        """Let the nodes know of all pods on them."""
        if self._latest is not None:
            self._catch_up(self._latest)
            # Its own changes are no news to it.
            self._changes += self._latest.settle()
            self._known[self._latest] = len(self._changes)
