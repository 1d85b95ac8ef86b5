"""What the EndpointSlices say of endpoints at a moment, and which of them really answer."""

from webapp.cluster.hints import with_hints
from webapp.cluster.model import Endpoint, Service
from webapp.cluster.quick import changed
from webapp.failure.state import State


def endpoints_at(state: State, service: Service, port: int) -> tuple[Endpoint, ...]:
    """Return the endpoints of the service's port number `port` (an index) as Kubernetes lists them at this moment.

    When the node lifecycle controller finds a node gone it turns Ready to False on all its pods, so their endpoints
    are neither ready nor serving; publishNotReadyAddresses keeps ready true. Hints are computed again. Endpoints that
    no controller manages stay as they were written.
    """
    listed = state.changed_endpoints.get((service.key, port), service.ports[port].endpoints)
    # The commonest case of all: nothing of this service has changed, and the tuple stays the same object.
    if not state.unready_nodes and not state.unready_pods:
        return listed
    marked = tuple(_marked(state, service, endpoint) for endpoint in listed)
    if all(new is old for new, old in zip(marked, listed, strict=True)):
        return listed
    # Only the topology annotation counts nodes, their CPUs and their readiness; trafficDistribution looks at endpoints
    # alone.
    nodes = state.nodes_as_detected if service.topology_mode else state.cluster.nodes
    return with_hints(marked, service, nodes)


def is_live(state: State, endpoint: Endpoint) -> bool:
    """Return whether a connection to the endpoint is answered: its pod and the node where it is are up, in truth."""
    return endpoint.pod not in state.dead_pods and endpoint.home not in state.down_nodes


def _marked(state: State, service: Service, endpoint: Endpoint) -> Endpoint:
    gone = endpoint.node in state.unready_nodes or endpoint.pod in state.unready_pods
    # No controller touches a slice that somebody wrote by hand.
    if not gone or not endpoint.managed:
        return endpoint
    return changed(endpoint, ready=service.publish_not_ready_addresses, serving=False)
