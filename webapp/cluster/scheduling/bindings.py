"""All pods that are on nodes: which, where, and of which priority."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from webapp.cluster.model import Pod, PodKey
from webapp.cluster.replicas import PlacedReplicas, Replicas
from webapp.cluster.scheduling.nodes import NodeInfo
from webapp.cluster.scheduling.placed import PodClass
from webapp.cluster.scheduling.template import PodResources
from webapp.records import dataclass


class Binding(NamedTuple):
    """A pod on a node."""

    pod: Pod
    node_info: NodeInfo
    pod_resources: PodResources
    pod_class: PodClass
    priority: int

    def enter(self, change: int) -> None:
        """Take what the pod takes of its node, or with -1 give it back."""
        self.node_info.capacity.add(self.pod_resources.requests, change)
        self.node_info.occupy(self.pod_resources.ports, change)


@dataclass(frozen=True, slots=True)
class BoundTogether:
    """Pods of one template on their nodes; a Binding is made of one when somebody asks for it."""

    replicas: Replicas | PlacedReplicas
    node_infos: Sequence[NodeInfo]
    """Of each its node."""
    pod_resources: PodResources
    pod_class: PodClass
    priority: int

    def binding(self, key: PodKey, node_info: NodeInfo, pod: Pod | None = None) -> Binding:
        """Return that of one pod, which may be an object already."""
        made = pod or self.replicas.made(key)
        return Binding(made, node_info, self.pod_resources, self.pod_class, self.priority)


class Bindings:
    """The pods by key, and by node once somebody wants to preempt."""

    def __init__(self) -> None:
        self._listed: dict[PodKey, Binding | tuple[BoundTogether, NodeInfo]] = {}
        # Replicas would have to become objects to be bindings, and even their keys wait until somebody asks for one of
        # them: by what their keys begin with.
        self._together: dict[str, list[BoundTogether]] = defaultdict(list)
        self._by_node: dict[str, dict[PodKey, Binding]] | None = None
        self.numbers: Counter[int] = Counter()
        """How many pods have each priority."""

    def __contains__(self, key: PodKey) -> bool:
        self._list_replicas(key[: key.rfind("-") + 1])
        return key in self._listed

    def _list_replicas(self, prefix: str) -> None:
        for bound in self._together.pop(prefix, ()):
            self._listed.update(
                (key, (bound, at)) for key, at in zip(bound.replicas.keys, bound.node_infos, strict=True)
            )

    def as_dict(self) -> dict[PodKey, Binding]:
        """Return all of them."""
        for prefix in [*self._together]:
            self._list_replicas(prefix)
        return {key: _binding(key, found) for key, found in self._listed.items()}

    def by_node(self) -> dict[str, dict[PodKey, Binding]]:
        """Return them by node, kept up to date from now on."""
        if self._by_node is None:
            self._by_node = defaultdict(dict)
            for key, binding in self.as_dict().items():
                self._by_node[binding.node_info.name][key] = binding
        return self._by_node

    def add(self, bound: Binding) -> None:
        """Enter a pod."""
        self.numbers[bound.priority] += 1
        self._list(bound.pod.key, bound)

    def _list(self, key: PodKey, bound: Binding) -> None:
        self._listed[key] = bound
        if self._by_node is not None:
            self._by_node[bound.node_info.name][key] = bound

    def add_together(self, bound: BoundTogether) -> None:
        """Enter pods of one template."""
        self.numbers[bound.priority] += len(bound.node_infos)
        if self._by_node is None:
            self._together[bound.replicas.prefix].append(bound)
        else:
            for key, node_info in zip(bound.replicas.keys, bound.node_infos, strict=True):
                self._list(key, bound.binding(key, node_info))

    def pop(self, pod: Pod) -> Binding | None:
        """Take a pod out, if it is there."""
        key = pod.key
        if key not in self:
            return None
        bound = _binding(key, self._listed.pop(key), pod)
        self.numbers[bound.priority] -= 1
        if self._by_node is not None:
            del self._by_node[bound.node_info.name][key]
        return bound


def _binding(key: PodKey, found: Binding | tuple[BoundTogether, NodeInfo], pod: Pod | None = None) -> Binding:
    if isinstance(found, Binding):
        return found
    together, node_info = found
    return together.binding(key, node_info, pod)
