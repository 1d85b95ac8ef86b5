"""What the fix of a finding gives: the shares answered with it and without, if the worst node or zone fails."""

from collections import Counter
from dataclasses import dataclass
from typing import TypeGuard

from webapp.cluster.order import natural
from webapp.failure import DRAIN_MOMENTS, FailureKind, Moment, Target
from webapp.findings import Finding
from webapp.findings.consequence import Consequence, consequence_of
from webapp.findings.finding import Fix
from webapp.numbers import counted
from webapp.views.page.edits import AnsweredShare, answered, is_small, url_with_edits, with_patch
from webapp.views.page.state import PageState
from webapp.views.page.wording import MOMENTS


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One moment of the failure."""

    moment: str
    before: AnsweredShare
    after: AnsweredShare


@dataclass(frozen=True, slots=True)
class FixEffect:
    """All that a fix gives."""

    failure: str
    """``If worker-33 fails``; ``Now`` where nothing has to fail."""
    service: str
    access_path: str
    rows: tuple[EffectRow, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether the fix changes no share: it is for something else."""
        return all(abs(row.before.share - row.after.share) < 1e-9 for row in self.rows)


def tried(page: PageState, finding: Finding, service: str) -> PageState | None:
    """Return the map of the service with the remedy applied, in the failure in which it counts; None without one."""
    if not _can_be_tried(finding.fix):
        return None
    return with_patch(_in_failure(_focused(page, service), finding), finding.fix.word, finding.fix.patch)


def fix_link(page: PageState, fix: Fix | None, service: str | None) -> str:
    """Return the address of the map of the service with a remedy applied, in the state that is shown; empty without."""
    if not _can_be_tried(fix):
        return ""
    return url_with_edits(with_patch(_focused(page, service), fix.word, fix.patch))


def _can_be_tried(fix: Fix | None) -> TypeGuard[Fix]:
    return fix is not None and bool(fix.word) and not fix.word.startswith("CronJob/")


def _focused(page: PageState, service: str | None) -> PageState:
    return page.focused(service) if service else page


def fix_url(page: PageState, finding: Finding, service: str) -> str:
    """Return the address of the map with the remedy applied; empty without one."""
    state = tried(page, finding, service)
    return url_with_edits(state) if state else ""


def fix_effect(page: PageState, finding: Finding, service: str) -> FixEffect | None:
    """Return what the remedy gives; None without one, or where telling takes long."""
    after = tried(page, finding, service)
    if after is None or not service or not is_small(page):
        return None
    before = _in_failure(page.focused(service), finding)
    rows = [
        EffectRow(MOMENTS[moment].title if before.has_failure else "New connections", one, other)
        for moment in _moments(before)
        if (one := AnsweredShare.of(answered(before.at(moment))))
        and (other := AnsweredShare.of(answered(after.at(moment))))
    ]
    return FixEffect(_failure(before), service, _access_path(before), tuple(rows)) if rows else None


def _in_failure(page: PageState, finding: Finding) -> PageState:
    """Return the state in which the finding counts: what is down now, else the worst node or zone down."""
    consequence = consequence_of(finding.id)
    if page.has_failure or consequence is Consequence.REFUSED:
        return page
    worst = _worst(page, of_zones=consequence is Consequence.NOTHING_AFTER_ZONE)
    return page.toggled(worst).at(Moment.FAILED) if worst else page


def _worst(page: PageState, *, of_zones: bool) -> Target | None:
    """Return the node, or the zone, with the most endpoints of the service in focus."""
    service, nodes = page.service, page.cluster.nodes
    homes = {e.key: e.node for port in service.ports for e in port.endpoints if e.node in nodes} if service else {}
    counts = Counter(nodes[home].zone if of_zones else home for home in homes.values() if home)
    names = sorted((name for name in counts if name), key=lambda name: (-counts[name], natural(name)))
    return Target(kind=FailureKind.ZONE if of_zones else FailureKind.NODE, name=names[0]) if names else None


def _moments(page: PageState) -> tuple[Moment, ...]:
    if page.scenario.drain:
        return DRAIN_MOMENTS[1:]
    if page.scenario.down:
        return (Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED)
    return (page.scenario.at,)


def _failure(page: PageState) -> str:
    if page.scenario.drain:
        return f"If {', '.join(page.scenario.drain)} is drained"
    if len(page.scenario.down) == 1:
        (target,) = page.scenario.down
        name = target.name or "the control plane"
        return f"If {'zone ' if target.kind is FailureKind.ZONE else ''}{name} fails"
    return "In the failure that is shown" if page.scenario.down else "Now"


def _access_path(page: PageState) -> str:
    via = page.scenario.via
    if via == "dns":
        return f"DNS, {counted(len(page.cluster.nodes), 'node IP')}"
    return "by load balancer" if via == "lb" else f"by {via.removeprefix('node/')}’s IP"
