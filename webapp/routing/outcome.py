"""The Outcome: what new connections from outside get, per entry point and per way in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from webapp.cluster.model import Endpoint, Service, ServicePort


class Result(StrEnum):
    """What a client of one entry point sees."""

    ANSWERED = "answered"
    DEGRADED = "degraded"
    REFUSED = "refused"
    TIMEOUT = "timeout"


class Cause(StrEnum):
    """The rule that decided; one each, so that cases which look alike stay apart."""

    ANSWERED = "answered"
    NODE_DOWN = "node-down"
    ADDRESS_EXCLUDED = "address-excluded"
    NO_ENDPOINT = "no-endpoint"
    """Nothing usable anywhere: REJECT."""
    NO_LOCAL_ENDPOINT = "no-local-endpoint"
    """Policy Local, usable ones only on other nodes: DROP."""
    DEAD_ENDPOINTS = "dead-endpoints"
    """Some or all of those that may be picked don't answer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry point, node:nodePort."""

    node: str
    address: str | None
    answered: float
    """Share of its new connections that are answered, 0 to 1."""
    result: Result
    cause: Cause
    reason: str
    """One sentence: the rule that applied."""
    client_ip: str | None
    """``preserved``, ``node``, ``mixed``, or None where no packet arrives."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """By endpoint key: what it sends to each, dead ones included; sums to 1, or empty."""


@dataclass(frozen=True, slots=True)
class PortOutcome:
    """One service port with all its entry points."""

    service: Service
    port: ServicePort
    endpoints: tuple[Endpoint, ...]
    """As Kubernetes lists them at this moment, those not ready included."""
    live: frozenset[str]
    """Keys of the endpoints that really answer."""
    entries: tuple[Entry, ...]
    """In the order of the cluster's nodes; empty without a nodePort or for a refused service."""
    lb_targets: frozenset[str] = frozenset()
    """Nodes that an external load balancer sends to at this moment."""
    dns: float | None = None
    """Answered by DNS round robin; None without entries."""
    lb: float | None = None
    """Answered by a health-checked load balancer; None without entries."""

    def answered(self, via: str) -> float | None:
        """Return the share answered by a way in: ``dns``, ``lb`` or ``node/NAME``; None without entries."""
        if not self.entries or via == "dns":
            return self.dns
        if via == "lb":
            return self.lb
        name = via.removeprefix("node/")
        return next((entry.answered for entry in self.entries if entry.node == name), None)
