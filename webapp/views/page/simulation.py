"""The outcomes that one page needs: the port in focus at each moment, each worked out once, kept for the next click."""

from collections.abc import Hashable
from dataclasses import replace

from webapp.diagram.fold import MOST_LANES
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, State, state_at
from webapp.failure.clock import Clock, clock
from webapp.failure.drain import Drain, drain
from webapp.lazy import lazy
from webapp.routing import PortOutcome, outcome
from webapp.topology import graph
from webapp.topology.attributes import Graph
from webapp.views.page.cache import Kept
from webapp.views.page.state import PageState

_states: "Kept[State]" = Kept(16)
_clocks: "Kept[Clock]" = Kept(16)
_drains: "Kept[Drain]" = Kept(8)
_outcomes: "Kept[PortOutcome]" = Kept(32)
"""An outcome of 5,000 entry points takes about two megabytes."""

MANY_PLACED = 20_000
"""The scheduler reads all that is placed before it places one more: 150,000 pods take about four seconds."""
MANY_PODS = 500
"""Scheduling this many pods on 5,000 nodes takes about a second; more are placed only when that moment is opened."""


def state_of(page: PageState, moment: Moment) -> State:
    """Return the state at a moment of the scenario."""
    scenario = replace(page.scenario, at=moment)
    state = _states.get(_question(page, moment), lambda: state_at(page.cluster, scenario))
    return state if state.scenario == scenario else replace(state, scenario=scenario)


def _question(page: PageState, moment: Moment) -> tuple[Hashable, ...]:
    """Return what a state depends on: not on access path and service, and before a failure on nothing else."""
    if moment is Moment.BEFORE:
        return page.topology.id, page.options
    return page.topology.id, page.options, page.scenario.down, page.scenario.drain, moment


def clock_of(page: PageState) -> Clock:
    """Return when the moments of the failure are expected."""
    return _clocks.get(_question(page, Moment.FAILED), lambda: clock(page.cluster, page.scenario))


def drain_of(page: PageState) -> Drain:
    """Return how the drain of the scenario's nodes goes."""
    return _drains.get(_question(page, Moment.DRAINED), lambda: drain(page.cluster, page.scenario.drain))


class Simulation:
    """What the port in focus answers, now and at the other moments."""

    def __init__(self, page: PageState) -> None:
        self.page = page

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The moments of this kind of failure."""
        return DRAIN_MOMENTS if self.page.scenario.drain else CRASH_MOMENTS

    def state(self, moment: Moment) -> State:
        """Return the state at a moment of this scenario."""
        return state_of(self.page, moment)

    def at(self, moment: Moment) -> PortOutcome:
        """Return the outcome of the port in focus at a moment.

        Raises:
            LookupError: nothing is in focus.

        """
        service, index = self.page.service, self.page.port_index
        if service is None:
            raise LookupError("no service")
        key = (*_question(self.page, moment), service.key, index)
        return _outcomes.get(key, lambda: outcome(self.state(moment), service.key, index))

    @property
    def down_nodes(self) -> frozenset[str]:
        """What the Scenario takes down, also at the moment before the failure, when nothing is down yet."""
        at = self.page.scenario.at
        return self.state(self.moments[1] if at is Moment.BEFORE else at).down_nodes

    def known(self, moment: Moment) -> bool:
        """Return whether a page may show this moment beside others: recreating very many pods takes seconds."""
        if moment is self.page.scenario.at or moment not in (Moment.RESCHEDULED, Moment.EVICTING, Moment.DRAINED):
            return True
        return self._leaving <= MANY_PODS and len(self.page.cluster.pods) <= MANY_PLACED

    @lazy
    def _leaving(self) -> int:
        page = self.page
        nodes = self.state(Moment.FAILED).down_nodes if page.scenario.down else frozenset(page.scenario.drain)
        return sum(len(page.cluster.pods_on.get(name, ())) for name in nodes)

    @lazy
    def clock(self) -> Clock:
        """When the moments of this failure are expected."""
        return clock_of(self.page)

    @lazy
    def before(self) -> PortOutcome:
        """The outcome before the failure."""
        return self.at(Moment.BEFORE)

    @lazy
    def now(self) -> PortOutcome:
        """The outcome at the moment one looks at."""
        return self.at(self.page.scenario.at)

    @lazy
    def graph(self) -> Graph:
        """The graph at the moment one looks at, with as many nodes as a picture has lanes."""
        made = graph(self.state_now, self.now, self.before, alone=MOST_LANES)
        if self.page.name:
            made.graph["name"] = self.page.name
        return made

    @lazy
    def state_now(self) -> State:
        """The state at the moment one looks at."""
        return self.state(self.page.scenario.at)
