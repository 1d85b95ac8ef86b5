"""Which endpoints kube-proxy may send to."""

from collections.abc import Iterable

from webapp.cluster.model import Endpoint


def usable(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """Return the ready endpoints, else those that serve while they terminate (pkg/proxy/topology.go)."""
    listed = list(endpoints)
    ready = [endpoint for endpoint in listed if endpoint.ready]
    return ready or [endpoint for endpoint in listed if endpoint.serving and endpoint.terminating]
