"""Cells: nodes that only their resources and host ports tell apart, as one template sees them."""

from dataclasses import dataclass, field

from webapp.cluster.scheduling.ledger import Dims
from webapp.cluster.scheduling.nodes import Shape
from webapp.cluster.scheduling.verdict import Verdict

Entry = tuple[int, int, int]
"""A node in a heap: its resource score negated, its pods, its position. The least is the best."""


@dataclass(slots=True, eq=False)
class Cell:
    """Nodes of one shape with the same numbers in all ledgers."""

    shape: Shape
    verdict: Verdict
    dims: Dims
    size: int = 0
    """On how many of its nodes the pod fits."""
    heap: list[Entry] = field(default_factory=list)
    """These nodes, among outdated entries."""

    @property
    def mates(self) -> int:
        """How many pods of the same workload each of its nodes has."""
        return self.dims[-1]
