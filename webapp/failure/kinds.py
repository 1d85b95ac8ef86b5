"""The ways to fail: for each its scenario word, what it does, and what is said of it.

What follows from an :class:`Impact` is worked out by :mod:`moments` (what is up, what is detected), :mod:`clock` (when)
and :mod:`connections` (what happens to open ones); these know impacts, and never ask for one word.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType

from webapp.records import dataclass


class FailureKind(StrEnum):
    """What can be taken down, and how; each value is the first part of its scenario word."""

    NODE = "node"
    ZONE = "zone"
    POD = "pod"
    UNREADY = "unready"
    DELETED = "deleted"
    KUBE_PROXY = "kube-proxy"
    PARTITION = "partition"
    CONTROL_PLANE = "control-plane"
    RETURNED = "returned"


class TargetType(StrEnum):
    """What a scenario word names."""

    NODE = "node"
    ZONE = "zone"
    POD = "pod"
    CONTROL_PLANE = "control plane"
    """There is only one, so its word has no name."""


class Impact(Enum):
    """One thing that a failure does to what it names, all nodes of a zone included."""

    NODE_OFF = "The node is off: its address and its pods are gone."
    NODE_RETURNS = "Once its pods were recreated elsewhere the node is back."
    NODE_UNSEEN = "The control plane can't see the node, which keeps running."
    KUBE_PROXY_DEAD = "The node's kube-proxy is gone: its rules stay, and become stale."
    POD_SILENT = "The pod no longer answers, and fails its readiness probe."
    POD_HANGS = "Nothing ends or restarts the pod."
    POD_TERMINATES = "The pod is marked for deletion, and terminates gracefully."
    POD_REPLACED = "The pod's object goes, and its controller creates another."
    UNDETECTED = "No control plane is left: nothing is detected, nothing moves."


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureMode:
    """All that differs between two ways to fail."""

    subject: TargetType
    impacts: frozenset[Impact]
    usage: str
    """The word as the manual lists it, with its name; where it isn't plain, what it means."""
    badge: str
    """Its state on the page, in the panel and the chips."""
    participle: str = ""
    """``before web-1 {participle}``; empty where no adjective says it, or not at each time."""
    pictured: tuple[str, str]
    """In a picture: what stands before the name, and what happened to it."""
    label: str = ""
    """Its button in the panel of what it names; empty where no panel offers it beside the plain failure."""
    hint: str = ""
    """What the button says beside its label."""


FAILURE_MODES: Mapping[FailureKind, FailureMode] = MappingProxyType(
    {
        FailureKind.NODE: FailureMode(
            subject=TargetType.NODE,
            impacts=frozenset({Impact.NODE_OFF}),
            usage="`node/NAME`",
            badge="Down",
            participle="down",
            pictured=("", "down"),
        ),
        FailureKind.ZONE: FailureMode(
            subject=TargetType.ZONE,
            impacts=frozenset({Impact.NODE_OFF}),
            usage="`zone/NAME`",
            badge="Down",
            participle="down",
            pictured=("zone ", "down"),
        ),
        FailureKind.POD: FailureMode(
            subject=TargetType.POD,
            impacts=frozenset({Impact.POD_SILENT, Impact.POD_REPLACED}),
            usage="`pod/NAMESPACE/NAME` (stops answering)",
            badge="Down",
            participle="down",
            pictured=("pod ", "down"),
        ),
        FailureKind.UNREADY: FailureMode(
            subject=TargetType.POD,
            impacts=frozenset({Impact.POD_SILENT, Impact.POD_HANGS}),
            usage="`unready/NAMESPACE/NAME` (fails its readiness probe)",
            badge="Not ready",
            participle="not ready",
            pictured=("pod ", "not ready"),
            label="Becomes not ready",
            hint="it hangs, nothing restarts it",
        ),
        FailureKind.DELETED: FailureMode(
            subject=TargetType.POD,
            impacts=frozenset({Impact.POD_TERMINATES, Impact.POD_REPLACED}),
            usage="`deleted/NAMESPACE/NAME`",
            badge="Deleted",
            participle="deleted",
            pictured=("pod ", "deleted"),
            label="Is deleted",
            hint="it terminates gracefully",
        ),
        FailureKind.PARTITION: FailureMode(
            subject=TargetType.NODE,
            impacts=frozenset({Impact.NODE_UNSEEN}),
            usage="`partition/NAME` (keeps running, unreachable for the control plane)",
            badge="Partitioned",
            participle="partitioned",
            pictured=("", "partitioned"),
            label="Partitioned",
            hint="keeps running, unreachable for the control plane",
        ),
        FailureKind.KUBE_PROXY: FailureMode(
            subject=TargetType.NODE,
            impacts=frozenset({Impact.KUBE_PROXY_DEAD}),
            usage="`kube-proxy/NAME`",
            badge="kube-proxy down",
            pictured=("kube-proxy of ", "down"),
            label="kube-proxy goes down",
            hint="its rules stay and become stale",
        ),
        FailureKind.RETURNED: FailureMode(
            subject=TargetType.NODE,
            impacts=frozenset({Impact.NODE_OFF, Impact.NODE_RETURNS}),
            usage="`returned/NAME` (was down, is back after its pods were recreated elsewhere)",
            badge="Returned",
            pictured=("", "back"),
            label="Down, then back up",
            hint="after its pods were recreated",
        ),
        FailureKind.CONTROL_PLANE: FailureMode(
            subject=TargetType.CONTROL_PLANE,
            impacts=frozenset({Impact.UNDETECTED}),
            usage="`control-plane`",
            badge="Down",
            participle="down",
            pictured=("the control plane", "down"),
            label="Control plane",
            hint="no failure is detected, no pod is recreated",
        ),
    }
)
"""In the order of the manual and of the panel's buttons; every kind has its mode."""


def kinds_of(subject: TargetType) -> frozenset[FailureKind]:
    """Return the ways in which such a thing can fail."""
    return frozenset(kind for kind, mode in FAILURE_MODES.items() if mode.subject is subject)
