"""The plan of one service port: all that decides where its new connections go, as small plain data.

A plan knows nothing of manifests, pods or moments any more, so evaluating it is cheap and can be done elsewhere (in a
browser, say) by a function of a few lines: :func:`webapp.routing.evaluate.evaluate`.
"""

from webapp.cluster.model import Endpoint
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNode:
    """One entry point."""

    name: str
    zone: str | None = None
    """Its ``topology.kubernetes.io/zone`` label."""
    up: bool = True
    address: str | None = None
    """The primary InternalIP of a family that the service uses; None if unknown."""
    lacks: str = ""
    """The service's IP family, where the node's addresses are known and none is of it."""
    listens: bool = True
    """False where ``--nodeport-addresses`` leaves the address out, or it has none of the service's family."""
    stale: bool = False
    """Its kube-proxy no longer follows the API server, so it keeps the endpoints of before."""
    lb_target: bool = True
    """Whether a load balancer counts it among its targets at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One service port at one moment of one scenario."""

    service: str
    """For sentences only, as is `no_endpoints`."""
    local: bool = False
    """externalTrafficPolicy Local."""
    # Set by the label service.kubernetes.io/service-proxy-name, with which Cilium and others take a service over.
    proxied: bool = True
    """False: kube-proxy leaves the service to another proxy."""
    endpoints: tuple[Endpoint, ...] = ()
    """What the EndpointSlices say."""
    stale_endpoints: tuple[Endpoint, ...] = ()
    """What a stale kube-proxy still believes."""
    dead: frozenset[str] = frozenset()
    """The truth: keys of the endpoints that don't answer."""
    host_network: frozenset[str] = frozenset()
    """Keys of the endpoints that run in their node's own network."""
    nodes: tuple[PlanNode, ...] = ()
    iptables: bool = True
    """In iptables mode Local's DROP holds for every address of the node, nodePort address or not."""
    sticky: bool = False
    """sessionAffinity ClientIP; for sentences only, as new clients are spread all the same."""
    no_endpoints: str = ""
    """Why none of `endpoints` is usable, where none is."""
