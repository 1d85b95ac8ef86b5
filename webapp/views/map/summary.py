"""A state in a few words: what a chat shows of a link, what stands above a picture elsewhere."""

from dataclasses import dataclass

from webapp.numbers import counted, percent
from webapp.views.map.cluster import changes_at
from webapp.views.map.verdict import sentence, verdict
from webapp.views.page.cluster_headline import STANDINGS, headline
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import PageState
from webapp.views.page.wording import Standing

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is said of one state."""

    title: str
    """``worker-2 is down: all 3 services are degraded``"""
    detail: str
    """``37.5 % of new connections to web are answered, api 56.25 %, admin 75 %.``"""
    number: str
    """What is answered of the service that is hit worst; empty without an access path."""
    of: str
    """That service's name."""
    standing: Standing
    focus: str = ""
    """That service as ``NAMESPACE/NAME``."""


def summary(page: PageState) -> Summary | None:
    """Return the summary of a state; None where there is no service to speak of."""
    if page.whole:
        return _of_cluster(page)
    service = page.service
    if service is None or not service.ports:
        return None
    found = verdict(service, PortSimulation(page).graph)
    number = "" if found.share is None else percent(found.share)
    name = f"{service.key}:{service.ports[page.port_index].port}"
    said = sentence(found, name, number)
    title = page.name or f"{name}: {number or found.standing.word.lower()}" + (" answered" if number else "")
    return Summary(title=title, detail=said, number=number, of=service.name, standing=found.standing, focus=service.key)


def _of_cluster(page: PageState) -> Summary:
    changes = changes_at(page, page.scenario.at)
    head = headline(page, changes)
    ordered = sorted(changes, key=lambda change: (change.share, change.service.name))
    worst = ordered[0]
    others = [f"{change.service.name} {percent(change.share)}" for change in ordered[1:_NAMED]]
    more = len(ordered) - _NAMED
    rest = f" and {counted(more, 'other')}" if more > 0 else ""
    said = f"{percent(worst.share)} of new connections to {worst.service.name} are answered"
    return Summary(
        title=page.name or head.text,
        detail=", ".join((said, *others)) + rest + ".",
        number=percent(worst.share),
        of=worst.service.name,
        standing=STANDINGS[worst.result],
        focus=worst.service.key,
    )
