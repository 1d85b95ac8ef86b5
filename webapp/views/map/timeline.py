"""The map's timeline: step charts of the failure, its steps with sources, and what happens to open connections."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from webapp.diagram import timeline_chart
from webapp.failure.connections import Aftermath, open_connections
from webapp.failure.kinds import FailureKind
from webapp.numbers import duration, nothing, percent
from webapp.simulation.timeline import StepChart, charts
from webapp.views.page.simulation import PortSimulation, clock_of, one_address
from webapp.views.page.state import PageState
from webapp.views.page.wording import ACCESS_PATHS, DEGRADED, HEALTHY, UNAVAILABLE, Standing


@dataclass(frozen=True, slots=True)
class AccessPathChart:
    """One access path over time."""

    title: str
    svg: Markup
    lost: str
    """The area lost, as one number."""
    still: str
    """What is still lost; empty if nothing."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the course."""

    when: str
    event: str
    flag: str
    source: str


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """Open connections of one path."""

    path: str
    protocol: str
    word: str
    standing: Standing
    reason: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the card shows."""

    charts: tuple[AccessPathChart, ...]
    partial: bool
    """Rescheduling is not in: too many pods to place unasked."""
    steps: tuple[StepRow, ...]
    line: str = ""
    """What the lines of several services stand for; empty where there is one."""


_EFFECTS = {
    Aftermath.KEPT: ("continues", HEALTHY),
    Aftermath.HANGS: ("hangs", UNAVAILABLE),
    Aftermath.CLOSED: ("is closed", DEGRADED),
    Aftermath.MOVES: ("moves to another pod", HEALTHY),
}


def timeline(simulation: PortSimulation) -> Timeline | None:
    """Return the course of the failure or drain; None while nothing is asked."""
    if not simulation.page.has_failure:
        return None
    return Timeline(
        charts=tuple(_charts(simulation)),
        partial=not all(map(simulation.known, simulation.moments)),
        steps=step_rows(simulation.page),
    )


def step_rows(page: PageState) -> tuple[StepRow, ...]:
    """Return what happens when, with its flag and source."""
    return tuple(StepRow(its.when, its.event, its.flag, its.source) for its in clock_of(page).steps)


def _charts(simulation: PortSimulation) -> Iterator[AccessPathChart]:
    # A drain has no clock: it takes as long as grace periods and PodDisruptionBudgets make it take.
    if not simulation.page.scenario.down or not simulation.now.entries:
        return
    one = one_address(simulation.page)
    titles = {one: f"One node IP, {one.removeprefix('node/')}", **ACCESS_PATHS}
    outcomes = {moment: simulation.at(moment) for moment in simulation.moments if simulation.known(moment)}
    for way, chart in charts(outcomes, clock_of(simulation.page).seconds_at, titles).items():
        svg = Markup(timeline_chart.draw(chart, titles[way]))  # noqa: S704 - the drawing escapes every name in it
        yield AccessPathChart(titles[way], svg, lost_words(chart), still_words(chart))


def lost_words(chart: StepChart) -> str:
    """Return the area lost in words."""
    if nothing(chart.lost):
        return "nothing lost" if nothing(chart.still_losing) else "never recovers"
    return f"≈ {chart.lost:,.3g} seconds of full outage (equivalent)"


def still_words(chart: StepChart) -> str:
    """Return what is lost for as long as the failure lasts; empty if nothing."""
    if nothing(chart.still_losing):
        return ""
    return f"{percent(chart.still_losing)} lost from {duration(chart.settled_at)} on, for as long as the failure lasts"


def connections(page: PageState) -> tuple[ConnectionRow, ...]:
    """Return what happens to connections that were open already; nothing while nothing is down."""
    if not page.has_failure:
        return ()
    kinds = {target.kind for target in page.scenario.down} or {FailureKind.NODE}
    return tuple(
        ConnectionRow(row.path, row.protocol, *_EFFECTS[row.effect], row.reason)
        for row in open_connections(page.scenario.at, kinds)
    )
