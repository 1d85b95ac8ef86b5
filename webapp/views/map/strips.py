"""The two strips above the picture: the moments, and the access paths, each with the share that it answers."""

from dataclasses import dataclass

from webapp.failure import Moment
from webapp.numbers import counted
from webapp.views.page.moments import moment_words, seconds_of
from webapp.views.page.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Segment:
    """One choice of a strip, with its result."""

    title: str
    short: str
    detail: str
    share: float | None
    url: str
    current: bool
    open: bool = False
    """Not worked out until it is opened."""


def moment_strip(simulation: Simulation) -> tuple[Segment, ...]:
    """Return a segment for each moment of this failure, so that the whole story is read before a click."""
    return tuple(_moment(simulation, moment) for moment in simulation.moments)


def _moment(simulation: Simulation, moment: Moment) -> Segment:
    page = simulation.page
    words = moment_words(moment, seconds_of(page))
    return Segment(
        title=words.title,
        short=words.short,
        detail=words.detail,
        share=simulation.at(moment).answered(page.scenario.via) if simulation.known(moment) else None,
        url=page.at(moment).url(),
        current=moment is page.scenario.at,
        open=not simulation.known(moment),
    )


def way_strip(simulation: Simulation) -> tuple[Segment, ...]:
    """Return a segment for each access path."""
    page, found = simulation.page, simulation.now
    one = one_address(simulation)
    ways = (
        (one, "One node IP", f"{one.removeprefix('node/')}’s IP"),
        ("dns", "DNS", f"round robin, {counted(len(found.entries), 'address', 'addresses')}"),
        ("lb", "Load balancer", f"health checks, {counted(len(found.lb_targets), 'target')}"),
    )
    return tuple(
        Segment(title, title, detail, found.answered(way), page.via(way).url(), current=way == page.scenario.via)
        for way, title, detail in ways
    )


def one_address(simulation: Simulation) -> str:
    """Return the access path of a client that knows one address: the one asked for, else the first node that is up."""
    scenario = simulation.page.scenario
    if scenario.via.startswith("node/"):
        return scenario.via
    nodes = simulation.page.cluster.nodes
    up = (name for name in nodes if name not in simulation.state_now.down_nodes)
    return f"node/{next(up, next(iter(nodes), ''))}"
