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


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Target:
    """Something that can be taken down: ``node/NAME``, ``zone/NAME`` or ``pod/NAMESPACE/NAME``."""

    kind: str
    name: str
    """For a pod ``NAMESPACE/NAME``."""

    def __str__(self) -> str:
        """Return the scenario word."""
        return f"{self.kind}/{self.name}"


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
