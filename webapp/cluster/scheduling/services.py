"""The Services that select a pod, found by a label of their selectors."""

from collections import defaultdict
from collections.abc import Iterable

from webapp.cluster.model import Pod, Service

_Pair = tuple[str, str, str]


class ServiceSelectors:
    """The selectors of the Services there are."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._by_pair: dict[_Pair, list[Service]] = defaultdict(list)
        for service in services:
            if service.accepted and service.selector:
                key, value = min(service.selector.items())
                self._by_pair[(service.namespace, key, value)].append(service)

    def labels_for(self, pod: Pod) -> dict[str, str]:
        """Return the merged selectors of all Services that select the pod."""
        # DefaultSelector (pkg/scheduler/framework/plugins/helper/spread.go).
        merged: dict[str, str] = {}
        for key, value in pod.labels.items():
            for service in self._by_pair.get((pod.namespace, key, value), ()):
                if service.selector.items() <= pod.labels.items():
                    merged.update(service.selector)
        return merged
