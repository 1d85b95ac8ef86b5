"""Indexes of a cluster that few readers ask for, and then for little: worked out when they do."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from webapp.cluster.model import Pod, PodKey, Service, ServiceKey
from webapp.cluster.pod_map import PodMap
from webapp.lazy import lazy
from webapp.manifests.objects import Labels

# Looking through all pods for those of one node takes a tenth of what the index of all nodes takes.
_LOOKED_FOR = 10


class PodsOn(Mapping[str, tuple[PodKey, ...]]):
    """The pods on each node."""

    def __init__(self, pods: PodMap) -> None:
        self._pods = pods
        self._looked_for: dict[str, tuple[PodKey, ...]] = {}

    @lazy
    def _found(self) -> dict[str, tuple[PodKey, ...]]:
        found: dict[str, list[PodKey]] = defaultdict(list)
        for run in self._pods.runs:
            for key, node in ((run.key, run.node),) if isinstance(run, Pod) else run.bound:
                if node is not None:
                    found[node].append(key)
        return {node: tuple(keys) for node, keys in found.items()}

    def __getitem__(self, node: str) -> tuple[PodKey, ...]:
        keys = self._looked_for.get(node)
        if keys is None and len(self._looked_for) < _LOOKED_FOR:
            keys = self._looked_for[node] = tuple(self._keys_on(node))
        elif keys is None:
            keys = self._found.get(node, ())
        if not keys:
            raise KeyError(node)
        return keys

    def _keys_on(self, node: str) -> Iterator[PodKey]:
        for run in self._pods.runs:
            if isinstance(run, Pod):
                if run.node == node:
                    yield run.key
            elif node in run.places:
                yield from (key for key, at in run.bound if at == node)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class ServicesOf(Mapping[PodKey, tuple[ServiceKey, ...]]):
    """The services that have an endpoint in each pod, in their own order."""

    def __init__(self, services: Mapping[ServiceKey, Service], pods: PodMap, listed: Iterable[ServiceKey]) -> None:
        """Take those as `listed` whose endpoints somebody has written, so that labels do not tell their pods."""
        self._services, self._pods, self._listed = services, pods, frozenset(listed)
        self._behind: dict[ServiceKey, frozenset[PodKey]] = {}

    def __getitem__(self, key: PodKey) -> tuple[ServiceKey, ...]:
        pod = self._pods.like(key)
        selecting = self._selecting(pod.namespace, pod.labels) if pod is not None else ()
        candidates = {*selecting, *self._of_listed.get(key, ())}
        found = [name for name in candidates if key in self._pods_behind(name)]
        if not found:
            raise KeyError(key)
        return tuple(sorted(found, key=self._places.__getitem__) if len(found) > 1 else found)

    def candidates(self, keys: Collection[PodKey]) -> set[ServiceKey]:
        """Return the services that have an endpoint in any of the pods, and perhaps some others."""
        # A zone has 50,000 pods, of some thousand templates; a template's pods are selected by the same services.
        templates = self._pods.templates(keys)
        selecting = {name for pod in templates for name in self._selecting(pod.namespace, pod.labels)}
        return selecting | (self._listed & self._services.keys())

    def _pods_behind(self, name: ServiceKey) -> frozenset[PodKey]:
        behind = self._behind.get(name)
        if behind is None:
            ports = self._services[name].ports
            behind = frozenset(e.pod for port in ports for e in port.endpoints if e.pod is not None)
            self._behind[name] = behind
        return behind

    @lazy
    def _of_listed(self) -> Mapping[PodKey, list[ServiceKey]]:
        found: dict[PodKey, list[ServiceKey]] = defaultdict(list)
        for name in self._listed & self._services.keys():
            for key in self._pods_behind(name):
                found[key].append(name)
        return found

    @lazy
    def _by_pair(self) -> Mapping[tuple[str, str, str], list[ServiceKey]]:
        found: dict[tuple[str, str, str], list[ServiceKey]] = defaultdict(list)
        for name, service in self._services.items():
            if service.selector:
                found[service.namespace, *min(service.selector.items())].append(name)
        return found

    def _selecting(self, namespace: str, labels: Labels) -> Iterator[ServiceKey]:
        for label, value in labels.items():
            for name in self._by_pair.get((namespace, label, value), ()):
                if self._services[name].selector.items() <= labels.items():
                    yield name

    @lazy
    def _places(self) -> Mapping[ServiceKey, int]:
        return {name: at for at, name in enumerate(self._services)}

    def __iter__(self) -> Iterator[PodKey]:
        return iter(dict.fromkeys(key for name in self._services for key in self._pods_behind(name)))

    def __len__(self) -> int:
        return sum(1 for _ in self)
