"""The Scenario: what is down, at which moment one looks, and how the client connects."""

from enum import StrEnum

from webapp.failure.kinds import FAILURE_MODES, FailureKind, FailureMode
from webapp.records import dataclass


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that can be taken down, ``node/NAME`` say."""

    kind: FailureKind
    name: str = ""
    """For the kinds of pod ``NAMESPACE/NAME``; empty for the control plane."""

    @property
    def mode(self) -> FailureMode:
        """What this does to it, and what is said of that."""
        return FAILURE_MODES[self.kind]

    def __str__(self) -> str:
        """Return the scenario word."""
        return f"{self.kind}/{self.name}" if self.name else str(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One question asked of a cluster. It names only what exists; see :func:`webapp.failure.words.decode`."""

    # A set: in which order things fail at one time makes no difference.
    down: frozenset[Target] = frozenset()
    drain: tuple[str, ...] = ()
    """Node names, in the order in which they are drained."""
    at: Moment = Moment.DETECTED
    via: str = "dns"
    """``dns``, ``lb`` or ``node/NAME``."""
    service: str | None = None
    """The service in focus, ``NAMESPACE/NAME``."""
