"""Nodes that only their resources and host ports tell apart, as one template sees them."""

from dataclasses import dataclass, field

from webapp.cluster.scheduling.nodes import NodeClass
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.static_filters import StaticResult

# A node in a heap: its resource score negated, its pods, its position. The least is the best.
RankedNode = tuple[int, int, int]


@dataclass(slots=True, eq=False)
class NodeGroup:
    """Nodes of one class with the same numbers in all pair counts."""

    node_class: NodeClass
    static: StaticResult
    host_counts: HostCounts
    following: HostCounts | None = None
    """What the host counts are once a node has one more of the template's pods; None until it is worked out."""
    raw_spread: int | None = None
    """PodTopologySpread's raw score; None until it is worked out."""
    size: int = 0
    """On how many of its nodes the pod fits."""
    heap: list[RankedNode] = field(default_factory=list)
    """These nodes, among outdated entries."""

    @property
    def same_workload(self) -> int:
        """How many pods of the same workload each of its nodes has."""
        return self.host_counts[-1]
