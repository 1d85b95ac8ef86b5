"""What a page knows of its service port: state and outcome at each time, each worked out once."""

from collections.abc import Hashable, Mapping
from dataclasses import replace

from webapp.diagram.fold import MOST_LANES
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, State, state_at
from webapp.failure.clock import Clock, clock
from webapp.failure.drain import Drain, drain
from webapp.failure.nodelifecycle import usual_seconds
from webapp.jobs import counted_stage, stage
from webapp.lazy import lazy
from webapp.routing import PortOutcome, outcome
from webapp.simulation.reading import is_quick, one_node_ip, pods_leaving
from webapp.topology import graph
from webapp.topology.attributes import Graph
from webapp.views.page.cache import keep_latest
from webapp.views.page.stages import DRAINING, RECREATING
from webapp.views.page.state import PageState


def _question(page: PageState, moment: Moment) -> tuple[Hashable, ...]:
    """Return what a state depends on: not on access path and service, and before a failure on nothing else."""
    if moment is Moment.BEFORE:
        return page.topology.id, page.options
    return page.topology.id, page.options, page.scenario.down, page.scenario.drain, moment


def state_of(page: PageState, moment: Moment) -> State:
    """Return the state at a moment of the scenario."""
    # A click on another service or access path finds the state in the cache, under another scenario.
    state, scenario = _state_of(page, moment), replace(page.scenario, at=moment)
    return state if state.scenario == scenario else replace(state, scenario=scenario)


@keep_latest(16, key=_question)
def _state_of(page: PageState, moment: Moment) -> State:
    if moment is Moment.RESCHEDULED:
        with counted_stage(RECREATING):
            return state_at(page.cluster, replace(page.scenario, at=moment))
    return state_at(page.cluster, replace(page.scenario, at=moment))


# An outcome of 5,000 entry points takes about two megabytes.
@keep_latest(32, key=lambda page, moment, service, index: (*_question(page, moment), service, index))
def _outcome_of(page: PageState, moment: Moment, service: str, index: int) -> PortOutcome:
    return outcome(state_of(page, moment), service, index)


@keep_latest(16, key=lambda page: _question(page, Moment.FAILED))
def clock_of(page: PageState) -> Clock:
    """Return when the moments of the failure are expected."""
    return clock(page.cluster, page.scenario)


def drain_of(page: PageState) -> Drain:
    """Return how the drain of the scenario's nodes goes."""
    stage(DRAINING)
    return drain(page.cluster, page.scenario.drain)


def seconds_of(page: PageState) -> Mapping[Moment, float]:
    """Return when the moments of the failure come; with nothing down, when they come after a node usually fails."""
    return clock_of(page).seconds_at or usual_seconds(page.options.minor_version)


def one_address(page: PageState) -> str:
    """Return the access path of a client that knows one address: the one asked for, else the first node that is up."""
    return one_node_ip(state_of(page, page.scenario.at))


class PortSimulation:
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
        return _outcome_of(self.page, moment, service.key, index)

    @property
    def down_nodes(self) -> frozenset[str]:
        """What the Scenario takes down, also at the moment before the failure, when nothing is down yet."""
        at = self.page.scenario.at
        return self.state(self.moments[1] if at is Moment.BEFORE else at).down_nodes

    def known(self, moment: Moment) -> bool:
        """Return whether a page may show this moment beside others: recreating very many pods takes seconds."""
        return moment is self.page.scenario.at or is_quick(moment, self._leaving, len(self.page.cluster.pods))

    @lazy
    def _leaving(self) -> int:
        return pods_leaving(self.state(Moment.FAILED))

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
        made = graph(self.state_now, self.now, self.before, alone=MOST_LANES, found=self.page.found_node)
        if self.page.name:
            made.graph["name"] = self.page.name
        return made

    @lazy
    def state_now(self) -> State:
        """The state at the moment one looks at."""
        return self.state(self.page.scenario.at)
