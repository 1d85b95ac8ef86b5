"""The Outcome: what new connections from outside get, per entry point and per way in."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from webapp.cluster.model import Endpoint, NoEndpoints, Service, ServicePort


class Result(StrEnum):
    """What a client of one entry point sees."""

    ANSWERED = "answered"
    DEGRADED = "degraded"
    REFUSED = "refused"
    TIMEOUT = "timeout"

    @property
    def word(self) -> str:
        """The state in the words that people read."""
        return _WORDS[self]


_WORDS = {
    Result.ANSWERED: "Healthy",
    Result.DEGRADED: "Degraded",
    Result.REFUSED: "Refused",
    Result.TIMEOUT: "Unavailable",
}


class Cause(StrEnum):
    """The rule that decided; one each, so that cases which look alike stay apart."""

    ANSWERED = "answered"
    NODE_DOWN = "node-down"
    ADDRESS_EXCLUDED = "address-excluded"
    NOT_PROXIED = "not-proxied"
    """A label leaves the service to another proxy: kube-proxy opens no port for it."""
    NO_ENDPOINT = "no-endpoint"
    """Nothing usable anywhere: REJECT."""
    NO_LOCAL_ENDPOINT = "no-local-endpoint"
    """Policy Local, usable ones only on other nodes: DROP."""
    DEAD_ENDPOINTS = "dead-endpoints"
    """Some or all of those that may be picked don't answer."""


_NAME = re.compile(r"[\w/-]+(?:\.[\w/-]+)*")


def said_of_several(reason: str, node: str) -> str:
    """Return the reason of one node's entry point as it holds for others alike: "the node" instead of its name.

    >>> said_of_several("worker-1 is down; worker-10 is not.", "worker-1")
    'The node is down; worker-10 is not.'
    """
    if node not in reason:
        return reason  # most of 5,000, and ten times as fast
    text = _NAME.sub(lambda name: "the node" if name[0] == node else name[0], reason)
    return f"T{text[1:]}" if text.startswith("the node") else text


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
class Crowd:
    """Entry points that fare alike, and differ in their nodes' names and addresses only."""

    entry: Entry
    """That of the first."""
    target: bool
    """A load balancer sends to them."""
    among: tuple[str, ...]
    """Their nodes in the cluster's order, and those of `without`."""
    without: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.among) - len(self.without)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of their nodes, in the cluster's order."""
        return tuple(name for name in self.among if name not in self.without) if self.without else self.among


@dataclass(frozen=True, slots=True)
class PortOutcome:
    """One service port with all its entry points."""

    service: Service
    port: ServicePort
    endpoints: tuple[Endpoint, ...]
    """As Kubernetes lists them at this moment, those not ready included."""
    live: frozenset[str]
    """Keys of the endpoints that really answer."""
    entries: Sequence[Entry]
    """In the order of the cluster's nodes; empty without a nodePort or for a refused service."""
    lb_targets: frozenset[str] = frozenset()
    """Nodes that an external load balancer sends to at this moment."""
    dns: float | None = None
    """Answered by DNS round robin; None without entries."""
    lb: float | None = None
    """Answered by a health-checked load balancer; None without entries."""
    crowds: tuple[Crowd, ...] = ()
    """The same entries, those alike together; in the order of the first of each. All that sums need."""
    no_endpoints: NoEndpoints | None = None
    """Why there is no usable endpoint at this moment, where there is none."""
    _alone: Mapping[str, Crowd] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the entries together where nobody did."""
        if len(self.entries) and not self.crowds:
            object.__setattr__(self, "crowds", tuple(_crowds(self.entries, self.lb_targets)))
        object.__setattr__(self, "_alone", {crowd.entry.node: crowd for crowd in self.crowds})

    def answered(self, via: str) -> float | None:
        """Return the share answered by a way in: ``dns``, ``lb`` or ``node/NAME``; None without entries."""
        if not self.crowds or via == "dns":
            return self.dns
        if via == "lb":
            return self.lb
        crowd = self.crowd_of(via.removeprefix("node/"))
        return crowd.entry.answered if crowd else None

    def crowd_of(self, node: str) -> Crowd | None:
        """Return with whom a node's entry point fares alike; None if it has none."""
        found = self._alone.get(node)
        return found or next((c for c in self.crowds if node in c.among and node not in c.without), None)

    def chosen(self, via: str) -> tuple[Crowd, ...]:
        """Return those that clients come to by a way in; of a single node, it alone."""
        if via == "dns":
            return self.crowds
        if via == "lb":
            return tuple(crowd for crowd in self.crowds if crowd.target)
        name = via.removeprefix("node/")
        crowd = self.crowd_of(name)
        return (replace(crowd, among=(name,), without=frozenset()),) if crowd else ()


def _crowds(entries: Iterable[Entry], targets: frozenset[str]) -> Iterator[Crowd]:
    alike: dict[object, list[Entry]] = {}
    for entry in entries:
        picks = id(entry.shares) if entry.shares else None
        key = entry.cause, entry.answered, entry.client_ip, picks, entry.node in targets
        alike.setdefault(key, []).append(entry)
    for its in alike.values():
        yield Crowd(its[0], its[0].node in targets, tuple(entry.node for entry in its))
