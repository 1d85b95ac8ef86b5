"""Words and signs that all pages share: states, moments, access paths, sizes, dates."""

from dataclasses import dataclass
from datetime import datetime

from webapp.failure.scenario import Moment
from webapp.numbers import everything, nothing


@dataclass(frozen=True, slots=True)
class Standing:
    """How well something is reached: a sign, a colour and a word, never a colour alone."""

    sign: str
    """Name of the icon."""
    tone: str
    """``ok``, ``warn``, ``bad`` or ``quiet``."""
    word: str
    slug: str
    """How an address names it."""
    loses: bool = False
    """Connections from outside are lost, although there is an access path."""


HEALTHY = Standing("ok", "ok", "Healthy", "answers")
DEGRADED = Standing("some", "warn", "Degraded", "some-lost", loses=True)
UNAVAILABLE = Standing("lost", "bad", "Unavailable", "no-answer", loses=True)
REFUSED = Standing("refused", "bad", "Refused", "refused", loses=True)
REJECTED = Standing("error", "bad", "Rejected", "not-accepted")
NO_NODE_PORT = Standing("info", "quiet", "No nodePort", "no-nodeport")
STANDINGS = (UNAVAILABLE, REFUSED, REJECTED, DEGRADED, HEALTHY, NO_NODE_PORT)
"""From worst to best."""


def standing(answered: float | None, *, refused: bool = False) -> Standing:
    """Return the standing of a share of connections; `refused`: every client gets a connection refused."""
    if answered is None:
        return NO_NODE_PORT
    if everything(answered):
        return HEALTHY
    if nothing(answered):
        return REFUSED if refused else UNAVAILABLE
    return DEGRADED


def badness(how: Standing, share: float | None) -> tuple[int, float]:
    """Return a sort key that puts the worst first: by standing, then by the share that is answered."""
    return STANDINGS.index(how), share or 0.0


@dataclass(frozen=True, slots=True)
class MomentWords:
    """What a moment is called, when it is, and what has happened by then."""

    title: str
    short: str
    when: str
    detail: str


MOMENTS = {
    Moment.BEFORE: MomentWords("Before", "Before", "before", "all nodes up"),
    Moment.FAILED: MomentWords("Just failed", "Failed", "0 s", "0 s · not detected yet"),
    Moment.DETECTED: MomentWords("Detected", "Detected", "detected", "failure detected"),
    Moment.RESCHEDULED: MomentWords("Recreated", "Recreated", "recreated", "where possible"),
    Moment.CORDONED: MomentWords("Cordoned", "Cordoned", "cordoned", "no new pods"),
    Moment.EVICTING: MomentWords("Evicting", "Evicting", "evicting", "pods are leaving"),
    Moment.DRAINED: MomentWords("Drained", "Drained", "drained", "pods have left"),
}
"""When a moment comes depends on the failure and on the version, see :mod:`webapp.views.page.moments`."""

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def megabytes(size: int) -> str:
    """Return ``16 MB``."""
    return f"{size / 1024 / 1024:.3g} MB"


def day(moment: datetime) -> str:
    """Return ``22 November 2026``, the same in every locale."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
