"""The healthCheckNodePort: what each node tells a load balancer about the pods it holds."""

from collections.abc import Iterator

from webapp.cluster.model import Endpoint, Service
from webapp.failure.endpoint_slices import endpoints_at
from webapp.failure.state import State
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthAnswer:
    """What one node answers on the healthCheckNodePort."""

    node: str
    code: int | None
    """200 or 503; None if nothing answers at all."""
    reason: str


def health_answers(state: State, service_key: str) -> tuple[HealthAnswer, ...]:
    """Return what each node answers on the service's healthCheckNodePort; nothing if it has none.

    200 if the node holds a ready endpoint, else 503; endpoints that terminate don't count though they still serve, so
    that load balancers turn away first. kube-proxy itself answers: without it nothing does
    (pkg/proxy/healthcheck/service_health.go).
    """
    service = state.cluster.services[service_key]
    if service.health_check_node_port is None or not service.accepted or not service.proxied:
        return ()
    fresh = frozenset(_nodes_ready(e for i in range(len(service.ports)) for e in endpoints_at(state, service, i)))
    # A kube-proxy that hears of no change answers for the endpoints that it knew.
    stale = frozenset(_nodes_ready(endpoint for port in service.ports for endpoint in port.endpoints))
    return tuple(_answer(name, stale if name in state.stale_nodes else fresh, state) for name in state.cluster.nodes)


def is_checked(service: Service) -> bool:
    """Return whether a load balancer asks the healthCheckNodePort: policy Local with such a port."""
    return service.external_traffic_policy == "Local" and service.health_check_node_port is not None


def _nodes_ready(endpoints: Iterator[Endpoint]) -> Iterator[str]:
    return (endpoint.node for endpoint in endpoints if endpoint.ready and endpoint.node is not None)


def _answer(node: str, ready: frozenset[str], state: State) -> HealthAnswer:
    if node in state.down_nodes:
        return HealthAnswer(node=node, code=None, reason="The node is down.")
    if node in state.dead_kube_proxies:
        return HealthAnswer(node=node, code=None, reason="kube-proxy serves this port, and it is gone.")
    if node in ready:
        return HealthAnswer(node=node, code=200, reason="It has a ready endpoint.")
    return HealthAnswer(node=node, code=503, reason="It has no ready endpoint.")
