"""Nodes that only their resources and host ports tell apart, as one template sees them."""

from dataclasses import dataclass, field

from webapp.cluster.scheduling.nodes import NodeClass
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.ranked_nodes import RankedNodes
from webapp.cluster.scheduling.static_filters import StaticResult


@dataclass(slots=True, eq=False)
class NodeGroup:
    """Nodes of one class with the same numbers in all pair counts."""

    node_class: NodeClass
    static: StaticResult
    host_counts: HostCounts
    raw_spread: int | None = None
    """PodTopologySpread's raw score; None until it is worked out."""
    size: int = 0
    """On how many of its nodes the pod fits."""
    nodes: RankedNodes = field(default_factory=RankedNodes)
    """These nodes."""

    @property
    def same_workload(self) -> int:
        """How many pods of the same workload each of its nodes has."""
        return self.host_counts[-1]
