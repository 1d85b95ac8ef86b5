"""Replicas: pods of one workload that differ in name and node only; one becomes an object when somebody looks at it.

The 150,000 pods of the largest clusters come from some 10,000 templates, and hardly any of them is ever looked at.
"""

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress

from webapp.cluster.model import Pod, PodKey
from webapp.cluster.quick import changed
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Replicas:
    """The pods that a workload's controller makes, none of which has a node."""

    pod: Pod
    """One of them."""
    prefix: str
    """Their keys without the numbers: ``NAMESPACE/NAME-``."""
    numbers: Sequence[int]
    """Rising."""

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Pod]:
        return map(self.made, self.keys)

    def __getitem__(self, some: slice) -> "Replicas":
        return replace(self, numbers=self.numbers[some])

    @property
    def keys(self) -> list[PodKey]:
        """The keys of all."""
        prefix = self.prefix
        return [f"{prefix}{number}" for number in self.numbers]

    def made(self, key: PodKey) -> Pod:
        """Return one of them as an object."""
        return changed(self.pod, name=_name(key))


@dataclass(frozen=True, slots=True, eq=False)
class PlacedReplicas:
    """The same pods once the scheduler has seen them."""

    pod: Pod
    """One of them, as it was before."""
    prefix: str
    numbers: Sequence[int]
    places: Sequence[str | None]
    """Of each its node, None for one that is Pending."""
    pending: str
    """Why those are Pending."""
    not_ready: frozenset[str]
    """The nodes whose pods are not ready, since the nodes aren't."""
    terminating: bool = False

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def nodes(self) -> dict[PodKey, str | None]:
        """By pod its node, None for one that is Pending; made anew each time."""
        return dict(zip(self.keys, self.places, strict=True))

    @property
    def keys(self) -> list[PodKey]:
        """The keys of all."""
        prefix = self.prefix
        return [f"{prefix}{number}" for number in self.numbers]

    @property
    def bound(self) -> Iterator[tuple[PodKey, str]]:
        """Yield the pods that have a node, with it."""
        prefix, places = self.prefix, zip(self.numbers, self.places, strict=True)
        return ((f"{prefix}{number}", node) for number, node in places if node is not None)

    def is_ready(self, node: str | None) -> bool:
        """Return whether those on the node, if it is one, are ready."""
        return node is not None and node not in self.not_ready

    def made(self, key: PodKey) -> Pod:
        """Return one of them as an object: running on its node, or Pending."""
        node = self.places[bisect_left(self.numbers, int(key.removeprefix(self.prefix)))]
        return changed(
            self.pod,
            name=_name(key),
            node=node,
            phase="Running" if node else "Pending",
            ready=self.is_ready(node),
            terminating=self.terminating,
            pending="" if node else self.pending,
        )

    def without(self, keys: Container[PodKey]) -> "PlacedReplicas":
        """Return them less some."""
        return self._those(key not in keys for key in self.keys)

    def only(self, keys: Container[PodKey]) -> "PlacedReplicas":
        """Return some of them."""
        return self._those(key in keys for key in self.keys)

    def on(self, nodes: Container[str | None]) -> "PlacedReplicas":
        """Return those that are on any of these nodes."""
        return self if all(map(nodes.__contains__, self.places)) else self._those(node in nodes for node in self.places)

    def _those(self, chosen: Iterable[bool]) -> "PlacedReplicas":
        their = [*compress(zip(self.numbers, self.places, strict=True), chosen)]
        return replace(self, numbers=[number for number, _ in their], places=[node for _, node in their])

    def moved(self, nodes: Mapping[PodKey, str]) -> "PlacedReplicas":
        """Return them with some on other nodes."""
        return replace(self, places=[nodes.get(key, node) for key, node in self.nodes.items()])


def number_of(key: PodKey, prefix: str) -> int | None:
    """Return the number of a pod with such a key; None where it is written otherwise than a controller does.

    >>> number_of("default/web-12", "default/web-"), number_of("default/web-012", "default/web-")
    (12, None)
    """
    digits = key.removeprefix(prefix)
    return int(digits) if digits.isascii() and digits.isdigit() and (digits[0] != "0" or digits == "0") else None


def _name(key: PodKey) -> str:
    return key.partition("/")[2]
