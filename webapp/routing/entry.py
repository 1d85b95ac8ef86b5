"""An entry point of one service port, and what happens to new connections there."""

import re
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from webapp.records import dataclass


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
    """Some or all of those that may be selected don't answer."""


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

    def said_of(self, count: int) -> str:
        """Return the reason of so many entry points that are alike: of one by its node's name."""
        return self.reason if count == 1 else said_of_several(self.reason, self.node)
