"""Endpoints after pods have gone and others have come."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from webapp.cluster import quick
from webapp.cluster.endpoints import from_pods
from webapp.cluster.hints import with_hints
from webapp.cluster.indexes import ServicesOf
from webapp.cluster.model import Cluster, Endpoint, Node, Pod, PodKey, Service, ServiceKey
from webapp.cluster.order import natural
from webapp.failure.state import NEW, PodFate, PodState, State, with_fate
from webapp.records import dataclass

PortKey = tuple[str, int]
"""A service's key, and the index of its port."""


def with_changed_pods(state: State, pods: Mapping[PodKey, PodState], gone: Collection[PodKey]) -> State:
    """Return the state with these pods changed, and the endpoints of their services listed again.

    A pod whose object is gone is no endpoint; one that terminates is no longer ready, but serves as long as it is; a
    new one joins the services of the pod whose place it takes. Only services of these pods are looked at.
    """
    among = _Changed(pods, gone, _successors(pods), state.nodes_as_detected)
    return replace(state, pods=pods, changed_endpoints=ChangedEndpoints(state.cluster, among))


class ChangedEndpoints(Mapping[PortKey, tuple[Endpoint, ...]]):
    """The endpoints of the services that have a changed pod, each listed when it is asked for.

    A zone changes the endpoints of 10,000 services, and a page shows those of one.
    """

    def __init__(self, cluster: Cluster, among: "_Changed") -> None:
        self._cluster = cluster
        self._among = among
        replaced = {state.replaces for state in with_fate(among.pods, NEW) if state.replaces}
        self._pods = among.pods.keys() | replaced | set(among.gone)
        listing = cluster.services_of
        # Which of them really have one of the pods is looked at when somebody asks for one.
        self._candidates = (
            listing.candidates(self._pods)
            if isinstance(listing, ServicesOf)
            else {key for pod in self._pods for key in listing.get(pod, ())}
        )
        self._listed: dict[PortKey, tuple[Endpoint, ...]] = {}
        self._known: dict[ServiceKey, bool] = {}

    def _has_changed(self, name: ServiceKey) -> bool:
        """Return whether a service has an endpoint in one of the pods."""
        known = self._known.get(name)
        if known is None:
            ports = self._cluster.services[name].ports if name in self._candidates else ()
            known = self._known[name] = any(e.pod in self._pods for port in ports for e in port.endpoints)
        return known

    def __getitem__(self, key: PortKey) -> tuple[Endpoint, ...]:
        name, index = key
        if not self._has_changed(name):
            raise KeyError(key)
        found = self._listed.get(key)
        if found is None:
            found = self._listed[key] = _listed(self._cluster.services[name], index, self._among)
        return found

    def __iter__(self) -> Iterator[PortKey]:
        for name in sorted(filter(self._has_changed, self._candidates), key=natural):
            yield from ((name, index) for index in range(len(self._cluster.services[name].ports)))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and self._has_changed(key[0])

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class _Changed:
    """What every service port asks about; a whole zone changes thousands of pods, so it is worked out once."""

    pods: Mapping[PodKey, PodState]
    gone: Collection[PodKey]
    successors: Mapping[PodKey, list[tuple[int, Pod]]]
    nodes: Mapping[str, Node]
    """As Kubernetes sees them."""


def _successors(pods: Mapping[PodKey, PodState]) -> Mapping[PodKey, list[tuple[int, Pod]]]:
    """Return the pods recreated on a node, with their place in the order of all, by the pod that each replaces."""
    found: dict[PodKey, list[tuple[int, Pod]]] = defaultdict(list)
    for number, changed in enumerate(with_fate(pods, {PodFate.MOVED})):
        if changed.replaces is not None and changed.pod.node:
            found[changed.replaces].append((number, changed.pod))
    return found


def _listed(service: Service, index: int, among: _Changed) -> tuple[Endpoint, ...]:
    port = service.ports[index]
    kept = (_kept(service, endpoint, among) for endpoint in port.endpoints)
    replaced = dict.fromkeys(endpoint.pod for endpoint in port.endpoints if endpoint.managed and endpoint.pod)
    numbered = {number: pod for key in replaced for number, pod in among.successors.get(key, ())}
    # The controller lists new pods in the order in which they came.
    new = [numbered[number] for number in sorted(numbered)]
    return with_hints((*filter(None, kept), *from_pods(service, port, new, among.nodes)), service, among.nodes)


def _kept(service: Service, endpoint: Endpoint, among: _Changed) -> Endpoint | None:
    """Return the endpoint as it is now; None where its pod is gone, or its name stands for a new pod."""
    if not endpoint.managed or endpoint.pod is None:
        return endpoint
    changed = among.pods.get(endpoint.pod)
    # Kubernetes tells pods apart by uid: a StatefulSet's new pod of the same name is another, at another address.
    if endpoint.pod in among.gone or (changed is not None and changed.fate in NEW):
        return None
    if changed is None:
        return endpoint
    pod = changed.pod
    # A terminating pod is never ready, whatever its probe says, but serves for as long as that passes (KEP-1672).
    ready = service.publish_not_ready_addresses or (pod.ready and not pod.terminating)
    return quick.changed(endpoint, ready=ready, serving=pod.ready, terminating=pod.terminating)
