"""Words and signs that all pages share: states, times after a failure, what is down, sizes, dates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from webapp.cluster.model import Service
from webapp.documents.services import not_exposed, rejected
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import CRASH_MOMENTS, Moment, Target
from webapp.numbers import counted, duration, everything, nothing
from webapp.views.page.state import PageState, zone_sizes


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


def without_entries(service: Service) -> tuple[Standing, str]:
    """Return how a service that has no entry points stands, and why no client outside reaches it."""
    return (NO_NODE_PORT, not_exposed(service)) if service.accepted else (REJECTED, rejected(service))


ACCESS_PATHS = {"dns": "DNS", "lb": "Load balancer"}
"""What the page calls how clients connect; beside them stands the IP of one node."""


# --- times after a failure --------------------------------------------------------------------------------------------


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
"""When a moment comes depends on the failure and on the version, see :func:`moment_words`."""

_TIMED = (Moment.DETECTED, Moment.RESCHEDULED)


def moment_words(moment: Moment, seconds_at: Mapping[Moment, float]) -> MomentWords:
    """Return what a moment is called and when it is; one that never comes says so."""
    words = MOMENTS[moment]
    if moment not in _TIMED:
        return words
    if moment not in seconds_at:
        last = max((known for known in seconds_at), key=CRASH_MOMENTS.index)
        return replace(words, when="never", detail=f"never · same as {MOMENTS[last].title.lower()}")
    when = _about(seconds_at[moment])
    return replace(words, short=when, when=when, detail=f"{when} · {words.detail}")


def _about(seconds: float) -> str:
    """Return ``≈ 50 s``, ``≈ 6 min``, ``≈ 4.7 h``."""
    # Kubelets report every 10 s and controllers look every 5 s: finer figures would promise too much.
    rough = seconds if seconds < 120 or seconds >= 7200 else 60 * round(seconds / 60)
    text = f"{rough / 60:.0f} min" if 120 <= rough < 7200 else duration(seconds)
    return f"≈ {text}"


# --- what is down -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that is down; its link brings it back."""

    name: str
    plain: str
    """The name inside a sentence."""
    undo: str
    """What its link does."""
    url: str
    """Empty beyond the first few dozen: each address of many failures is long, and nobody looks through hundreds."""


MOST_LINKED = 36


def chips(page: PageState) -> tuple[Chip, ...]:
    """Return a chip for each thing that is down or drained."""
    drained = [Target(kind=FailureKind.NODE, name=name) for name in page.scenario.drain]
    targets = [*sorted(page.scenario.down, key=str), *drained]
    return tuple(_chip(page, target, linked=at < MOST_LINKED) for at, target in enumerate(targets))


def failed(page: PageState) -> str:
    """Return what happened to all that has a chip: ``down``, ``partitioned``, ``cordoned`` ..., else ``failed``."""
    if page.scenario.drain:
        return _DRAINED.get(page.scenario.at, "being drained")
    words = {target.mode.participle for target in page.scenario.down}
    return (words.pop() if len(words) == 1 else "") or "failed"


def has_failed(page: PageState) -> str:
    """Return the same with its verb: ``is down``, ``has failed``."""
    word = failed(page)
    return f"has {word}" if word == "failed" else f"is {word}"


_DRAINED = {Moment.CORDONED: "cordoned", Moment.DRAINED: "drained"}


def _chip(page: PageState, target: Target, *, linked: bool) -> Chip:
    name, plain = _chip_names(page, target)
    down = target.kind in (FailureKind.NODE, FailureKind.POD) and target.name not in page.scenario.drain
    url = page.without(target).url() if linked else ""
    return Chip(name, plain, f"Bring back up {name}" if down else f"Undo: {name}", url)


def _chip_names(page: PageState, target: Target) -> tuple[str, str]:
    plain = (
        target.name
        if target.kind in (FailureKind.NODE, FailureKind.POD)
        else f"{target.kind} {target.name}".replace("control-plane", "control plane").strip()
    )
    if target.kind is FailureKind.ZONE:
        return f"{plain} · {counted(zone_sizes(page.cluster)[target.name], 'node')}", plain
    if target.kind not in (FailureKind.NODE, FailureKind.POD) and target.name:
        return f"{target.name} · {target.mode.badge.lower()}", target.name
    return (f"drain {plain}" if target.name in page.scenario.drain else plain), plain


# --- sizes and dates --------------------------------------------------------------------------------------------------

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
    """Return ``16 MB``, or ``180 kB`` of less than one."""
    millions = size / 1024 / 1024
    return f"{-(-size // 1024)} kB" if millions < 1 else f"{millions:.3g} MB"


def day(moment: datetime) -> str:
    """Return ``22 November 2026``, the same in every locale."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
