"""What keeps Pending pods off every node, by name: the scheduler's message only counts nodes."""

from collections.abc import Mapping

from webapp.cluster.model import Node
from webapp.cluster.scheduling.taints import pod_tolerations, untolerated
from webapp.manifests.objects import PodSpec, Taint
from webapp.numbers import some


class Unmet:
    """The taints and labels of all nodes, collected when first asked for."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._taints: tuple[Taint, ...] | None = None
        self._labels: frozenset[tuple[str, str]] = frozenset()

    def of(self, spec: PodSpec) -> str:
        """Return the taints of nodes that these pods don't tolerate, and node labels they ask for that no node has."""
        # Most clusters have no Pending pods, and then nobody asks.
        if self._taints is None:
            self._taints = tuple(dict.fromkeys(t for node in self._nodes.values() for t in node.taints))
            self._labels = frozenset(pair for node in self._nodes.values() for pair in node.labels.items())
        taints = [_name(taint) for taint in untolerated(pod_tolerations(spec), self._taints)]
        labels = [f"{key}={value}" for key, value in spec.node_selector.items() if (key, value) not in self._labels]
        parts = (("not tolerated", taints), ("on no node", labels))
        return "; ".join(f"{what}: {some(names)}" for what, names in parts if names)


def _name(taint: Taint) -> str:
    return f"{taint.key}{f'={taint.value}' if taint.value else ''}:{taint.effect}"
