"""Replicas: pods of one workload that differ in name and node only; one becomes an object when somebody looks at it.

The 150,000 pods of the largest clusters come from some 10,000 templates, and hardly any of them is ever looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.cluster.model import Pod, PodKey
from webapp.cluster.quick import changed


@dataclass(frozen=True, slots=True, eq=False)
class Replicas:
    """The pods that a workload's controller makes, none of which has a node."""

    pod: Pod
    """The first of them."""
    keys: Sequence[PodKey]

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Pod]:
        return map(self.made, self.keys)

    def made(self, key: PodKey) -> Pod:
        """Return one of them as an object."""
        return changed(self.pod, name=_name(key))


@dataclass(frozen=True, slots=True, eq=False)
class PlacedReplicas:
    """The same pods once the scheduler has seen them."""

    pod: Pod
    """The first of them, as it was before."""
    nodes: dict[PodKey, str | None]
    """By pod its node, None for one that is Pending."""
    pending: str
    """Why those are Pending."""
    not_ready: frozenset[str]
    """The nodes whose pods are not ready, since the nodes aren't."""

    @property
    def bound(self) -> Iterator[tuple[PodKey, str]]:
        """Yield the pods that have a node, with it."""
        return ((key, node) for key, node in self.nodes.items() if node is not None)

    def is_ready(self, node: str | None) -> bool:
        """Return whether those on the node, if it is one, are ready."""
        return node is not None and node not in self.not_ready

    def made(self, key: PodKey) -> Pod:
        """Return one of them as an object: running on its node, or Pending."""
        node = self.nodes[key]
        return changed(
            self.pod,
            name=_name(key),
            node=node,
            phase="Running" if node else "Pending",
            ready=self.is_ready(node),
            pending="" if node else self.pending,
        )


def _name(key: PodKey) -> str:
    return key.partition("/")[2]
