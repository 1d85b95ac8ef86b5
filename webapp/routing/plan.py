"""The plan of one service port: all that decides where its new connections go, as small plain data.

A plan knows nothing of manifests, pods or moments any more, so evaluating it is cheap and can be done elsewhere (in a
browser, say) by a function of a few lines.
"""

from dataclasses import dataclass

from webapp.cluster.model import Endpoint


@dataclass(frozen=True, slots=True)
class PlanEndpoint:
    """One endpoint as kube-proxy sees it, and whether anything answers there."""

    endpoint: Endpoint
    """What the EndpointSlice says at this moment: ready, serving, terminating, hints."""
    live: bool
    """The truth: would a connection be answered?"""


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One entry point."""

    name: str
    zone: str | None
    up: bool
    address: str | None = None
    """The primary InternalIP of a family that the service uses."""
    listens: bool = True
    """False where ``--nodeport-addresses`` leaves the address out."""
    stale: bool = False
    """Its kube-proxy no longer follows the API server, so it keeps the endpoints of before."""
    lb_target: bool = True
    """Whether a load balancer counts it among its targets at all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One service port at one moment of one scenario."""

    local: bool
    """externalTrafficPolicy Local."""
    endpoints: tuple[PlanEndpoint, ...]
    stale_endpoints: tuple[PlanEndpoint, ...]
    """What a kube-proxy still believes that stopped following at the failure; the truth of `live` is today's."""
    nodes: tuple[PlanNode, ...]
    health_check: bool
    """The service has a healthCheckNodePort (LoadBalancer with policy Local)."""
    lb_checks_endpoints: bool = True
    """Under policy Local the balancer's check fails on nodes without a ready endpoint."""
