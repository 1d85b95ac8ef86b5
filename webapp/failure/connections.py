"""Connections that were open already: which survive a failure or a drain, which hang and which are closed.

The share answered elsewhere is that of new connections; an open one follows the conntrack entry of its first packet.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from webapp.failure.kinds import FAILURE_MODES, FailureKind, Impact
from webapp.failure.scenario import DRAIN_MOMENTS, Moment
from webapp.records import dataclass

_BOTH = "TCP and UDP"


class Aftermath(StrEnum):
    """What happens to an open connection."""

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
    """Through what, to what, in words."""
    protocol: str
    """``TCP``, ``UDP`` or both."""
    effect: Aftermath
    reason: str


def open_connections(at: Moment, kinds: Iterable[FailureKind] = (FailureKind.NODE,)) -> tuple[OpenConnections, ...]:
    """Return what happens to connections opened before the failure, of these kinds, or before the drain.

    conntrack keeps a connection on its endpoint; kube-proxy removes the entries of stale UDP endpoints only, and only
    while the service has endpoints (pkg/proxy/conntrack/cleanup.go). A terminating pod serves its connections until it
    ends (Kubernetes, Pod Lifecycle). Empty at ``before``.
    """
    if at is Moment.BEFORE:
        return ()
    return tuple(_in_drain(at) if at in DRAIN_MOMENTS else _in_failure(at, _impacts(kinds)))


def _impacts(kinds: Iterable[FailureKind]) -> frozenset[Impact]:
    return frozenset().union(*(FAILURE_MODES[kind].impacts for kind in kinds))


def _in_failure(at: Moment, impacts: frozenset[Impact]) -> Iterator[OpenConnections]:
    detected = at is not Moment.FAILED
    # No RST comes from a dead machine, and conntrack on it is gone with it.
    if Impact.NODE_OFF in impacts:
        yield _row(
            "through a dead node",
            _BOTH,
            Aftermath.HANGS,
            "The address is gone, and nothing there sends a reset.",
        )
        yield from _to_silent("through a living node to a pod on a dead one", detected=detected)
    if Impact.POD_SILENT in impacts:
        yield from _to_silent("to a pod that does not answer", detected=detected)
    if Impact.POD_TERMINATES in impacts:
        yield from _to_ended("to a pod that was deleted") if detected else _to_ending("to a pod that is being deleted")
    if Impact.NODE_UNSEEN in impacts:
        cut_off = "Only the control plane can't see the node; its rules, its conntrack and its pods keep working."
        yield _row("through or to the partitioned node", _BOTH, Aftermath.KEPT, cut_off)
    if Impact.KUBE_PROXY_DEAD in impacts:
        stale = "The kernel keeps kube-proxy's rules and its conntrack without it."
        yield _row("through the node without kube-proxy", "TCP", Aftermath.KEPT, stale)
        left = "Nothing removes stale conntrack entries there any more: a flow whose pod ends stays with it."
        yield _row("through the node without kube-proxy", "UDP", Aftermath.KEPT, left)
    kept = "conntrack keeps what is established, whatever rules change."
    yield _row("through a living node to a pod on a living one", _BOTH, Aftermath.KEPT, kept)


def _in_drain(at: Moment) -> Iterator[OpenConnections]:
    if at is Moment.CORDONED:
        yield _row("through any node to any pod", _BOTH, Aftermath.KEPT, "Cordoning stops new pods, not traffic.")
        return
    if at is Moment.EVICTING:
        yield from _to_ending("to a pod that is being evicted")
    else:
        yield from _to_ended("to a pod that was evicted")
    forwards = "The node keeps forwarding: a drain touches neither kube-proxy's rules nor conntrack."
    yield _row("through a drained node to a pod on another", _BOTH, Aftermath.KEPT, forwards)


def _to_silent(path: str, *, detected: bool) -> Iterator[OpenConnections]:
    """Yield what happens to connections to a pod that went without a word."""
    stuck = "conntrack keeps it on that pod, even once the endpoint is gone: kube-proxy cleans up after UDP only."
    yield _row(path, "TCP", Aftermath.HANGS, stuck)
    # A UDP flow has no handshake that would choose again, so kube-proxy has to clear its entry.
    if detected:
        cleaned = "kube-proxy has removed the stale entries, if the service has an endpoint left."
        yield _row(path, "UDP", Aftermath.MOVES, cleaned)
    else:
        yield _row(path, "UDP", Aftermath.HANGS, "The flow stays with that pod as long as it is listed as an endpoint.")


def _to_ending(path: str) -> Iterator[OpenConnections]:
    grace = "The pod serves while it shuts down: for terminationGracePeriodSeconds, 30 by default."
    yield _row(path, "TCP", Aftermath.KEPT, grace)


def _to_ended(path: str) -> Iterator[OpenConnections]:
    yield _row(path, "TCP", Aftermath.CLOSED, "The pod has ended, and its connections with it; clients must reconnect.")
    yield _row(
        path,
        "UDP",
        Aftermath.MOVES,
        "kube-proxy has removed the stale entries, if the service has an endpoint left.",
    )


def _row(path: str, protocol: str, effect: Aftermath, reason: str) -> OpenConnections:
    return OpenConnections(path=path, protocol=protocol, effect=effect, reason=reason)
