"""The Scenario: what is down, at which moment one looks, and how the client comes in."""

from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """When one looks, counted from the failure; the last three belong to drains."""

    BEFORE = "before"
    FAILED = "failed"
    DETECTED = "detected"
    RESCHEDULED = "rescheduled"
    CORDONED = "cordoned"
    EVICTING = "evicting"
    DRAINED = "drained"


CRASH_MOMENTS = (Moment.BEFORE, Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED)
DRAIN_MOMENTS = (Moment.BEFORE, Moment.CORDONED, Moment.EVICTING, Moment.DRAINED)


class Kind(StrEnum):
    """What can be taken down, and how; each value is the first part of its scenario word."""

    NODE = "node"
    """Crashed or cut off from everything: its address and its pods are gone."""
    ZONE = "zone"
    """All its nodes, as NODE."""
    POD = "pod"
    """Vanished without a word: its address times out."""
    UNREADY = "unready"
    """A pod that hangs and fails its readiness probe; nothing restarts it."""
    DELETED = "deleted"
    """A pod that somebody deletes: it terminates in order, and its controller creates another."""
    KUBE_PROXY = "kube-proxy"
    """The kube-proxy of a node: its rules stay, and go stale."""
    PARTITION = "partition"
    """A node that works on but that the control plane cannot see."""
    CONTROL_PLANE = "control-plane"
    """All of the control plane: nothing is detected, nothing moves. It has no name."""
    RETURNED = "returned"
    """A node that was down and is back after its pods were moved."""


POD_KINDS = frozenset({Kind.POD, Kind.UNREADY, Kind.DELETED})
NODE_KINDS = frozenset({Kind.NODE, Kind.KUBE_PROXY, Kind.PARTITION, Kind.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that can be taken down, ``node/NAME`` say."""

    kind: Kind
    name: str = ""
    """For the kinds of pod ``NAMESPACE/NAME``; empty for the control plane."""

    def __str__(self) -> str:
        """Return the scenario word."""
        return f"{self.kind}/{self.name}" if self.name else str(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One question asked of a cluster. It names only what exists; see :func:`webapp.failure.words.decode`."""

    down: frozenset[Target] = frozenset()
    drain: tuple[str, ...] = ()
    """Node names, in the order in which they are drained."""
    at: Moment = Moment.DETECTED
    via: str = "dns"
    """``dns``, ``lb`` or ``node/NAME``."""
    service: str | None = None
    """The service in focus, ``NAMESPACE/NAME``."""
