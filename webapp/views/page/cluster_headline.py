"""The verdict of a whole cluster: what is down, and how many services lose connections by it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.diagram.cluster_columns import PortChange
from webapp.failure import Moment
from webapp.numbers import counted, percent
from webapp.routing import Result
from webapp.views.page.state import PageState
from webapp.views.page.wording import DEGRADED, HEALTHY, REFUSED, UNAVAILABLE, Standing, chips, failed, has_failed

STANDINGS = {
    Result.TIMEOUT: UNAVAILABLE,
    Result.REFUSED: REFUSED,
    Result.DEGRADED: DEGRADED,
    Result.ANSWERED: HEALTHY,
}
"""What clients see of a service port, from worst to best."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One sentence, and what to look at first."""

    text: str
    detail: str
    standing: Standing
    """Of the worst service that loses something."""

    @property
    def said(self) -> str:
        """Both, for readers who hear the page."""
        return f"{self.text}. {self.detail}" if self.detail else self.text


def headline(page: PageState, changes: Sequence[PortChange]) -> Headline:
    """Return the verdict of one state; `changes` are those of all exposed service ports."""
    affected = [change for change in changes if change.affected]
    what = _what(changes)
    if not page.has_failure or not affected:
        return _unaffected(page, changes, what)
    counts = Counter(change.result for change in affected)
    found = [(result, counts[result]) for result in STANDINGS if counts[result]]
    worst = min(affected, key=lambda change: (change.share, change.service.name))
    said = ", ".join(
        _counted(count, len(changes), what, STANDINGS[result].word.lower(), at)
        for at, (result, count) in enumerate(found)
    )
    several = len(affected) > 1 and any(change.share > worst.share for change in affected)
    detail = f"{worst.service.name} most: {percent(worst.share)} answered" if several else ""
    return Headline(f"{cause(page)}: {said}", detail, STANDINGS[found[0][0]])


def _counted(count: int, total: int, what: str, word: str, at: int) -> str:
    """Return ``all 3 services are degraded``; after the first the noun goes without saying."""
    are = "is" if count == 1 else "are"
    if count == total:
        return f"{_all(total, what)} {are} {word}"
    number = counted(count, what) if at == 0 else f"{count:,}"
    return f"{number} {are} {word}"


def _all(total: int, what: str) -> str:
    return f"the only {what}" if total == 1 else f"both {what}s" if total == 2 else f"all {total:,} {what}s"


def _unaffected(page: PageState, changes: Sequence[PortChange], what: str) -> Headline:
    whole = sum(change.result is Result.ANSWERED for change in changes)
    answer = "answers" if whole == 1 else "answer"
    which = _all(whole, what) if whole == len(changes) else f"{whole:,} of {counted(len(changes), what)}"
    said = f"{which} {answer} every new connection"
    if page.has_failure:
        before = page.scenario.at is Moment.BEFORE
        why = f"Before: nothing {has_failed(page)} yet" if before else cause(page)
        return Headline(f"{why}: {said}" if not before else f"{why}, {said}", "", HEALTHY)
    worst = HEALTHY if whole == len(changes) else DEGRADED
    return Headline(said[:1].upper() + said[1:], "", worst)


def _what(changes: Sequence[PortChange]) -> str:
    """Return what is counted: services, where each has one port that clients reach."""
    return "service" if len({change.service.key for change in changes}) == len(changes) else "service port"


def cause(page: PageState) -> str:
    """Return ``worker-2 is down``, ``Zone a is down``, ``3 nodes are down``."""
    found = chips(page)
    if len(found) == 1:
        name = found[0].plain
        name = name[:1].upper() + name[1:] if name.startswith(("zone ", "control plane")) else name
        return f"{name} {has_failed(page)}"
    nodes = page.scenario.drain or all(str(target).startswith("node/") for target in page.scenario.down)
    return f"{counted(len(found), 'node' if nodes else 'failure')} {'are ' + failed(page) if nodes else 'together'}"
