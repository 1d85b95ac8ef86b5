"""Topology pair counts: how many pods, or how much weight, each topology domain holds for one template."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from webapp.cluster.scheduling.nodes import NodeClass, Snapshot
from webapp.manifests.well_known_labels import HOSTNAME

# What the pair counts kept per node say of one node, in their order.
HostCounts = tuple[int, ...]
L = TypeVar("L", bound="PairCounts")


class PairCounts:
    """Numbers by domain of one topology key: by label value, or for host names by node."""

    __slots__ = ("by_domain", "key", "slot")

    def __init__(self, key: str, slot: int | None) -> None:
        self.key = key
        # Its place among the pair counts kept per node, None for one kept by label value.
        self.slot = slot
        self.by_domain: dict[str, int] = {}

    def domain(self, node: str, node_class: NodeClass) -> str | None:
        """Return the domain the node is in, None if it lacks the key. Without a key each node is a domain."""
        value = node_class.values.get(self.key) if self.key else node
        return value if self.slot is None or value is None else node

    def add(self, domain: str, change: int) -> None:
        """Change the domain's number."""
        self.by_domain[domain] = self.by_domain.get(domain, 0) + change

    def at(self, node_class: NodeClass, host_counts: HostCounts) -> int:
        """Return the number of the domain that nodes of this class and with these host counts are in."""
        return (
            self.by_domain.get(node_class.values.get(self.key, ""), 0) if self.slot is None else host_counts[self.slot]
        )


class SpreadPairCounts(PairCounts):
    """Pair counts that also know the least number over a fixed set of domains, empty ones included."""

    __slots__ = ("_domains", "_least", "_levels")

    def __init__(self, key: str, slot: int | None) -> None:
        super().__init__(key, slot)
        self._domains = self._least = 0
        self._levels: Counter[int] = Counter()

    def open(self, node_classes: Iterable[NodeClass]) -> None:
        """Set the domains: those of these classes, which all have the key."""
        if self.slot is None:
            self._domains = len({node_class.values[self.key] for node_class in node_classes})
        else:
            self._domains = sum(len(node_class.nodes) for node_class in node_classes)
        self._levels[0] = self._domains

    def add(self, domain: str, change: int) -> None:
        """Add pods to one of the domains, or take some away."""
        before = self.by_domain.get(domain, 0)
        super().add(domain, change)
        self._levels[before] -= 1
        self._levels[before + change] += 1
        self._least = min(self._least, before + change)
        # The least of all domains can only rise one by one as pods come, so no domain has to be looked through.
        while not self._levels[self._least]:
            self._least += 1

    def least(self, min_domains: int) -> int:
        """Return the "global minimum": 0 with fewer domains than `min_domains` (KEP-3022)."""
        return self._least if self._domains >= min_domains else 0


class TopologyCounts:
    """All pair counts of one template."""

    def __init__(self, nodes: Snapshot, keys: frozenset[str]) -> None:
        self._hosts_unique = nodes.hosts_unique
        self._hosts: list[PairCounts] = []
        classes = nodes.classes(keys)
        self.classes = classes
        self.class_of_node, self.node_classes = classes.of, classes.node_classes

    def open(self, kind: type[L], key: str, *, per_node: bool = False) -> L:
        """Return new pair counts; by node if asked to, and for host names that are all different."""
        if not per_node and (key != HOSTNAME or not self._hosts_unique):
            return kind(key, None)
        pair_counts = kind(key, len(self._hosts))
        self._hosts.append(pair_counts)
        return pair_counts

    def count(
        self,
        pair_counts: PairCounts,
        pods: Mapping[str, int],
        weight: int = 1,
        node_classes: Collection[NodeClass] | None = None,
    ) -> None:
        """Enter pods, given by node; only those on nodes of certain classes if these are given."""
        if weight == 1 and not pair_counts.by_domain and self._is_each_counted(pair_counts, node_classes):
            # Each node is a domain, so this is what the pods are counted by already.
            pair_counts.by_domain.update(pods)
            return
        for node, number in pods.items():
            node_class = self.class_of_node[node]
            if node_classes is None or node_class in node_classes:
                domain = pair_counts.domain(node, node_class)
                if domain is not None:
                    pair_counts.add(domain, number * weight)

    def _is_each_counted(self, pair_counts: PairCounts, node_classes: Collection[NodeClass] | None) -> bool:
        if pair_counts.slot is None or type(pair_counts) is not PairCounts:
            return False
        every = node_classes is None or len(node_classes) == len(self.node_classes)
        return every and (not pair_counts.key or all(pair_counts.key in each.values for each in self.node_classes))

    def host_counts(self, node: str) -> HostCounts:
        """Return what the pair counts kept per node say of it."""
        return tuple([pair_counts.by_domain.get(node, 0) for pair_counts in self._hosts])

    def touched(self) -> set[str]:
        """Return the nodes of which pair counts kept per node say anything."""
        return {node for pair_counts in self._hosts for node, number in pair_counts.by_domain.items() if number}
