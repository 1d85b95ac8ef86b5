"""Who gets an answer: each kind of client at each moment of the failure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.failure import Moment
from webapp.failure.kinds import FailureKind
from webapp.numbers import figure, percent
from webapp.routing import PortOutcome
from webapp.views.page.moments import moment_words, seconds_of
from webapp.views.page.simulation import Simulation
from webapp.views.page.wording import DEGRADED, Standing, standing

MAX_ROWS = 4
"""With more nodes down than this they share a row."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One share of the table."""

    text: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Row:
    """Clients of one kind, and what they get at each moment."""

    clients: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One moment of the table."""

    title: str
    current: bool


def columns(simulation: Simulation) -> tuple[Column, ...]:
    """Return the moments of the table."""
    return tuple(
        Column(moment_words(m, seconds_of(simulation.page)).when, m is simulation.page.scenario.at)
        for m in _moments(simulation)
    )


def _moments(simulation: Simulation) -> tuple[Moment, ...]:
    """Return the moments of the table: those after the failure that are known."""
    return tuple(moment for moment in simulation.moments[1:] if simulation.known(moment))


def rows(simulation: Simulation) -> Iterator[Row]:
    """Yield clients that know one address, each sort of node apart, then DNS and load balancer."""
    named = _named_nodes(simulation)
    outcomes = [simulation.at(moment) for moment in _moments(simulation)]
    if len(named) > MAX_ROWS:
        yield Row(
            f"one of the {len(named):,} that are down",
            tuple(_range(_of(found, frozenset(named))) for found in outcomes),
        )
    else:
        yield from (
            Row(f"{name} only", tuple(_cell(found.answered(f"node/{name}")) for found in outcomes)) for name in named
        )
    if len(named) < len(simulation.page.cluster.nodes):
        title = "another node" if named else "one node only"
        yield Row(title, tuple(_range(_of_others(found, frozenset(named))) for found in outcomes))
    yield Row("DNS", tuple(_cell(found.dns) for found in outcomes))
    yield Row("a load balancer", tuple(_cell(found.lb) for found in outcomes))


def _named_nodes(simulation: Simulation) -> list[str]:
    """Return the nodes that are set apart: the one selected and those that are down."""
    selected = simulation.page.selected
    down = simulation.down_nodes
    first = (
        [selected.name] if selected is not None and selected.kind is FailureKind.NODE and len(down) < MAX_ROWS else []
    )
    return list(dict.fromkeys(first + [name for name in simulation.page.cluster.nodes if name in down]))


def _cell(share: float | None) -> Cell:
    return Cell("–" if share is None else percent(share), standing(share))


def _of(found: PortOutcome, named: frozenset[str]) -> list[float]:
    return [group.entry.answered for group in found.groups if not named.isdisjoint(group.nodes)]


def _of_others(found: PortOutcome, named: frozenset[str]) -> list[float]:
    return [group.entry.answered for group in found.groups if not named.issuperset(group.nodes)]


def _range(shares: Sequence[float]) -> Cell:
    """Return what nodes answer: one figure, or from worst to best."""
    if not shares:
        return _cell(None)
    least, most = min(shares), max(shares)
    if percent(least) == percent(most):
        return _cell(least)
    return Cell(f"{figure(least)}–{percent(most)}", DEGRADED)
