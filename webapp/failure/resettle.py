"""Endpoints after pods have gone and others have come."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from webapp.cluster.endpoints import from_pods
from webapp.cluster.hints import with_hints
from webapp.cluster.model import Endpoint, Node, PodKey, Service
from webapp.cluster.order import natural
from webapp.failure.state import NEW, PodFate, PodState, State


def resettled(state: State, pods: Mapping[PodKey, PodState], gone: Collection[PodKey]) -> State:
    """Return the state with these pods changed, and the endpoints of their services listed anew.

    A pod whose object is gone is no endpoint; one that terminates is no longer ready, but serves as long as it is; a
    new one joins the services of the pod whose place it takes. Only services of these pods are looked at.
    """
    origins = {origin for key, pod in pods.items() for origin in (key, pod.replaces) if origin} | set(gone)
    services = {key for pod in origins for key in state.cluster.services_of.get(pod, ())}
    changed = {
        (key, index): _listed(state, service, index, pods, gone)
        for key in sorted(services, key=natural)
        for service in (state.cluster.services[key],)
        for index in range(len(service.ports))
    }
    return replace(state, pods=dict(pods), changed_endpoints=changed)


def _listed(
    state: State, service: Service, index: int, pods: Mapping[PodKey, PodState], gone: Collection[PodKey]
) -> tuple[Endpoint, ...]:
    port = service.ports[index]
    kept = (_kept(service, endpoint, pods, gone) for endpoint in port.endpoints)
    known = {endpoint.pod for endpoint in port.endpoints if endpoint.managed}
    new = [p.pod for p in pods.values() if p.fate is PodFate.MOVED and p.replaces in known and p.pod.node]
    nodes = _nodes(state)
    return with_hints((*filter(None, kept), *from_pods(service, port, new, nodes)), service, nodes)


def _kept(
    service: Service, endpoint: Endpoint, pods: Mapping[PodKey, PodState], gone: Collection[PodKey]
) -> Endpoint | None:
    """Return the endpoint as it is now; None where its pod is gone, or its name stands for a new pod."""
    if not endpoint.managed or endpoint.pod is None:
        return endpoint
    changed = pods.get(endpoint.pod)
    if endpoint.pod in gone or (changed is not None and changed.fate in NEW):
        return None
    if changed is None:
        return endpoint
    pod = changed.pod
    ready = service.publish_not_ready_addresses or (pod.ready and not pod.terminating)
    return replace(endpoint, ready=ready, serving=pod.ready, terminating=pod.terminating)


def _nodes(state: State) -> Mapping[str, Node]:
    return {**state.cluster.nodes, **dict(_unready(state))}


def _unready(state: State) -> Iterator[tuple[str, Node]]:
    return ((name, replace(state.cluster.nodes[name], ready=False)) for name in state.unready_nodes)
