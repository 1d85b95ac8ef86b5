"""The outcomes that one page needs: the port in focus at each moment, each worked out once."""

from dataclasses import replace
from functools import cached_property

from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, State, state_at
from webapp.routing import PortOutcome, outcome
from webapp.views.look import Look


class Answers:
    """What the port in focus answers, now and at the other moments."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._states: dict[Moment, State] = {}
        self._outcomes: dict[Moment, PortOutcome] = {}

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The moments of this kind of failure."""
        return DRAIN_MOMENTS if self.look.scenario.drain else CRASH_MOMENTS

    def state(self, moment: Moment) -> State:
        """Return the state at a moment of this scenario."""
        if moment not in self._states:
            self._states[moment] = state_at(self.look.cluster, replace(self.look.scenario, at=moment))
        return self._states[moment]

    def at(self, moment: Moment) -> PortOutcome:
        """Return the outcome of the port in focus at a moment.

        Raises:
            LookupError: nothing is in focus, or what is has no port.

        """
        if moment not in self._outcomes:
            service = self.look.service
            if service is None:
                raise LookupError("no service")
            self._outcomes[moment] = outcome(self.state(moment), service.key, self.look.port_index)
        return self._outcomes[moment]

    @cached_property
    def now(self) -> PortOutcome:
        """The outcome at the moment one looks at."""
        return self.at(self.look.scenario.at)

    @cached_property
    def state_now(self) -> State:
        """The state at the moment one looks at."""
        return self.state(self.look.scenario.at)
