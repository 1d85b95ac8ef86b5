"""Ledgers: how many pods, or how much weight, each topology domain holds, as one kind of pod counts them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from webapp.cluster.scheduling.nodes import Nodes, Shape
from webapp.cluster.scheduling.terms import HOSTNAME

Dims = tuple[int, ...]
"""What the ledgers kept per node say of one node, in their order."""
L = TypeVar("L", bound="Ledger")


class Ledger:
    """Numbers by domain of one topology key: by label value, or for host names by node."""

    __slots__ = ("counts", "key", "slot")

    def __init__(self, key: str, slot: int | None) -> None:
        self.key = key
        self.slot = slot
        """Its place among the ledgers kept per node, None for one kept by label value."""
        self.counts: dict[str, int] = {}

    def domain(self, node: str, shape: Shape) -> str | None:
        """Return the domain the node is in, None if it lacks the key. Without a key each node is a domain."""
        value = shape.values.get(self.key) if self.key else node
        return value if self.slot is None or value is None else node

    def add(self, domain: str, change: int) -> None:
        """Change the domain's number."""
        self.counts[domain] = self.counts.get(domain, 0) + change

    def at(self, shape: Shape, dims: Dims) -> int:
        """Return the number of the domain that nodes of this shape and with these dims are in."""
        return self.counts.get(shape.values.get(self.key, ""), 0) if self.slot is None else dims[self.slot]


class SpreadLedger(Ledger):
    """A ledger that also knows the least number over a fixed set of domains, empty ones included."""

    __slots__ = ("_domains", "_least", "_levels")

    def __init__(self, key: str, slot: int | None) -> None:
        super().__init__(key, slot)
        self._domains = self._least = 0
        self._levels: Counter[int] = Counter()

    def open(self, shapes: Iterable[Shape]) -> None:
        """Set the domains: those of these shapes, which all have the key."""
        if self.slot is None:
            self._domains = len({shape.values[self.key] for shape in shapes})
        else:
            self._domains = sum(len(shape.nodes) for shape in shapes)
        self._levels[0] = self._domains

    def add(self, domain: str, change: int) -> None:
        """Add pods to one of the domains, or take some away."""
        before = self.counts.get(domain, 0)
        super().add(domain, change)
        self._levels[before] -= 1
        self._levels[before + change] += 1
        self._least = min(self._least, before + change)
        while not self._levels[self._least]:
            self._least += 1

    def least(self, min_domains: int) -> int:
        """Return the "global minimum": 0 with fewer domains than `min_domains` (KEP-3022)."""
        return self._least if self._domains >= min_domains else 0


class Book:
    """All ledgers of one template."""

    def __init__(self, nodes: Nodes, keys: frozenset[str]) -> None:
        self._hosts_unique = nodes.hosts_unique
        self._hosts: list[Ledger] = []
        partition = nodes.partition(keys)
        self.shape_of, self.shapes = partition.of, partition.shapes

    def open(self, kind: type[L], key: str, *, per_node: bool = False) -> L:
        """Return a new ledger; by node if asked to, and for host names that are all different."""
        if not per_node and (key != HOSTNAME or not self._hosts_unique):
            return kind(key, None)
        ledger = kind(key, len(self._hosts))
        self._hosts.append(ledger)
        return ledger

    def count(
        self, ledger: Ledger, pods: Mapping[str, int], weight: int = 1, shapes: Collection[Shape] | None = None
    ) -> None:
        """Enter pods, given by node; only those on nodes of certain shapes if these are given."""
        for node, number in pods.items():
            shape = self.shape_of[node]
            if shapes is None or shape in shapes:
                domain = ledger.domain(node, shape)
                if domain is not None:
                    ledger.add(domain, number * weight)

    def dims(self, node: str) -> Dims:
        """Return what the ledgers kept per node say of it."""
        return tuple([ledger.counts.get(node, 0) for ledger in self._hosts])

    def touched(self) -> set[str]:
        """Return the nodes of which a ledger kept per node says anything."""
        return {node for ledger in self._hosts for node, number in ledger.counts.items() if number}
