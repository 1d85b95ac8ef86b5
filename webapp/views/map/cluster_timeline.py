"""The timeline of the cluster's map: what all services answer over time, as one chart for each access path."""

from collections.abc import Callable, Iterator, Mapping

from markupsafe import Markup

from webapp.diagram import timeline_chart
from webapp.failure import CRASH_MOMENTS, Moment
from webapp.numbers import counted
from webapp.simulation.timeline import timeline
from webapp.views.map.cluster_values import MAX_RANGE, Changes, level, range_or_count
from webapp.views.map.timeline import AccessPathChart, Timeline, lost_words, step_rows, still_words
from webapp.views.page.simulation import clock_of, one_address
from webapp.views.page.state import PageState
from webapp.views.page.wording import ACCESS_PATHS

MOST_COMPARED = 300
"""With more services only the access path that is looked at is drawn: of 10,000 each time takes half a second."""
Asked = Callable[[PageState, Moment], Changes | None]
"""What all exposed ports answer in a state at a time; None where that would cost more than it says."""


def cluster_timeline(page: PageState, asked: Asked) -> Timeline:
    """Return the course of a failure for all services: up to six as a range, more as how many are affected."""
    found = dict(_found(page, asked))
    known = next(iter(found.values()), {}).get(Moment.BEFORE, ())
    return Timeline(
        charts=tuple(_chart(page, via, its) for via, its in found.items()),
        partial=any(moment not in its for its in found.values() for moment in CRASH_MOMENTS),
        steps=step_rows(page),
        line=_line(len(known)),
    )


def _line(ports: int) -> str:
    if ports <= MAX_RANGE:
        return "The line is the service that answers least, the dashed line the one that answers most."
    return f"The line is the share of {counted(ports, 'service port')} that answer as before the failure."


def _found(page: PageState, asked: Asked) -> Iterator[tuple[str, Mapping[Moment, Changes]]]:
    # A drain has no clock: it takes as long as grace periods and PodDisruptionBudgets make it take.
    if not page.scenario.down:
        return
    few = len(page.cluster.services) <= MOST_COMPARED
    for via in (one_address(page), "dns", "lb") if few else (page.scenario.via,):
        shares = {moment: asked(page.via(via), moment) for moment in CRASH_MOMENTS}
        told = {moment: its for moment, its in shares.items() if its}
        if Moment.BEFORE in told and len(told) > 1:
            yield via, told


def _chart(page: PageState, via: str, found: Mapping[Moment, Changes]) -> AccessPathChart:
    title = ACCESS_PATHS.get(via) or f"One node IP, {via.removeprefix('node/')}"
    seconds = clock_of(page).seconds_at
    chart = timeline({moment: level(its, min) for moment, its in found.items()}, seconds)
    best = {moment: level(its, max) for moment, its in found.items()}
    labels = {moment: range_or_count(its) for moment, its in found.items()}
    svg = timeline_chart.draw(chart, title, best, labels)
    few = len(found[Moment.BEFORE]) <= MAX_RANGE
    # An outage of some services out of many has no length of its own.
    lost, still = (lost_words(chart), still_words(chart)) if few else ("", "")
    return AccessPathChart(title, Markup(svg), lost and f"worst: {lost}", still)  # noqa: S704 - the drawing escapes names
