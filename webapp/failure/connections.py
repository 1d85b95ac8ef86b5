"""Connections that were open already: which survive a failure or a drain, which hang and which are closed.

The share answered elsewhere is that of new connections; an open one follows the conntrack entry of its first packet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webapp.failure.scenario import Moment


class Fortune(StrEnum):
    """What an open connection meets."""

    KEPT = "kept"
    HANGS = "hangs"
    """No answer and no reset: it ends at the client's own timeout."""
    CLOSED = "closed"
    """The pod ends it in order, or by its end."""
    MOVES = "moves"
    """The next packet goes to another endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConnections:
    """The open connections of one path."""

    path: str
    """From where through what to where, in words."""
    protocol: str
    """``TCP``, ``UDP`` or both."""
    fortune: Fortune
    reason: str


_BOTH = "TCP and UDP"
_THROUGH_DEAD = OpenConnections(
    path="through a dead node",
    protocol=_BOTH,
    fortune=Fortune.HANGS,
    reason="The address is gone with the node; nobody is there to reset the connection.",
)
_TCP_TO_DEAD = OpenConnections(
    path="through a living node to a pod on a dead one",
    protocol="TCP",
    fortune=Fortune.HANGS,
    reason="conntrack keeps it on the dead pod, even once the endpoint is gone: kube-proxy cleans up after UDP only.",
)
_UDP_TO_DEAD = OpenConnections(
    path="through a living node to a pod on a dead one",
    protocol="UDP",
    fortune=Fortune.HANGS,
    reason="The flow sticks to the dead pod as long as it is listed as an endpoint.",
)
_UDP_MOVES = OpenConnections(
    path="through a living node to a pod on a dead one",
    protocol="UDP",
    fortune=Fortune.MOVES,
    reason="kube-proxy has removed the stale conntrack entries, as long as the service has an endpoint left.",
)
_UNTOUCHED = OpenConnections(
    path="through a living node to a pod on a living one",
    protocol=_BOTH,
    fortune=Fortune.KEPT,
    reason="conntrack keeps what is established, whatever rules change.",
)
_ALL_KEPT = OpenConnections(
    path="through any node to any pod",
    protocol=_BOTH,
    fortune=Fortune.KEPT,
    reason="Cordoning stops new pods, no traffic.",
)
_TO_ENDING = OpenConnections(
    path="to a pod that is being evicted",
    protocol="TCP",
    fortune=Fortune.KEPT,
    reason="It is kept while the pod shuts down: for terminationGracePeriodSeconds, 30 by default.",
)
_UDP_TO_ENDED = OpenConnections(
    path="to a pod that was evicted",
    protocol="UDP",
    fortune=Fortune.MOVES,
    reason="The endpoint is gone and its conntrack entries are removed, so the next packet goes to another pod.",
)
_TO_ENDED = OpenConnections(
    path="to a pod that was evicted",
    protocol="TCP",
    fortune=Fortune.CLOSED,
    reason="The pod has ended, and its connections with it; clients must connect anew.",
)
_THROUGH_DRAINED = OpenConnections(
    path="through a drained node to a pod on another",
    protocol=_BOTH,
    fortune=Fortune.KEPT,
    reason="The node goes on forwarding: its kube-proxy's rules and its conntrack are untouched by a drain.",
)

_AT: Mapping[Moment, tuple[OpenConnections, ...]] = {
    Moment.FAILED: (_THROUGH_DEAD, _TCP_TO_DEAD, _UDP_TO_DEAD, _UNTOUCHED),
    Moment.DETECTED: (_THROUGH_DEAD, _TCP_TO_DEAD, _UDP_MOVES, _UNTOUCHED),
    Moment.RESCHEDULED: (_THROUGH_DEAD, _TCP_TO_DEAD, _UDP_MOVES, _UNTOUCHED),
    Moment.CORDONED: (_ALL_KEPT,),
    Moment.EVICTING: (_TO_ENDING, _THROUGH_DRAINED),
    Moment.DRAINED: (_TO_ENDED, _UDP_TO_ENDED, _THROUGH_DRAINED),
}


def open_connections(at: Moment) -> tuple[OpenConnections, ...]:
    """Return what becomes of connections opened before the failure or drain, seen from the moment.

    kube-proxy removes conntrack entries of stale UDP endpoints only, and only while the service has endpoints
    (pkg/proxy/conntrack/cleanup.go); a terminating pod serves its connections until it ends (Kubernetes, Pod
    Lifecycle). Empty at ``before``.
    """
    return _AT.get(at, ())
