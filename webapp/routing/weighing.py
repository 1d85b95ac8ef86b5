"""What a service port answers, and no more than that: for lists of many services of one state."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.cluster.model import Endpoint, Service
from webapp.failure.belief import endpoints_at
from webapp.failure.state import State
from webapp.routing.crowds import crowds, mentioned
from webapp.routing.entry_points import Alike, ByFamily, entry_points, kinds
from webapp.routing.health_check import is_checked
from webapp.routing.outcome import Cause, Crowd, Result
from webapp.routing.outcomes import has_entries, mean, plan_of


@dataclass(frozen=True, slots=True)
class Weighed:
    """One service port."""

    crowds: tuple[Crowd, ...]
    endpoints: tuple[Endpoint, ...]

    def chosen(self, via: str) -> tuple[Crowd, ...]:
        """Return those that clients come to by `via`; the node that it names is a crowd of its own."""
        if via == "dns":
            return self.crowds
        if via == "lb":
            return tuple(crowd for crowd in self.crowds if crowd.target)
        return tuple(crowd for crowd in self.crowds if f"node/{crowd.entry.node}" == via)

    def answered(self, via: str) -> float | None:
        """Return the share answered by `via`; None without a way in."""
        return mean(self.chosen(via)) if self.crowds else None

    def refused(self, via: str) -> bool:
        """Return whether every node that is up, and that clients come to, tells them no."""
        entries = [crowd.entry for crowd in self.chosen(via) if crowd.entry.cause is not Cause.NODE_DOWN]
        return {entry.result for entry in entries} == {Result.REFUSED}


class Scales:
    """Weighs the service ports of one state; the cost of each goes with its endpoints, not with the nodes."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._known: dict[tuple[tuple[str, ...], bool], tuple[Sequence[Alike], ByFamily]] = {}

    def weigh(self, service: Service, index: int) -> Weighed:
        """Return what one port answers."""
        listed, port = endpoints_at(self.state, service, index), service.ports[index]
        if not has_entries(service, port):
            return Weighed((), listed)
        alike, points = self._entry_points(service.ip_families, checked=is_checked(service))
        plans = {family: plan_of(self.state, service, port, listed, family) for family in points}
        apart = mentioned((*listed, *port.endpoints)) | {self.state.scenario.via.removeprefix("node/")}
        return Weighed(tuple(crowds(plans, alike, points, apart)), listed)

    def _entry_points(self, families: tuple[str, ...], *, checked: bool) -> tuple[Sequence[Alike], ByFamily]:
        if (families, checked) not in self._known:
            found = kinds(self.state, families, checked=checked), entry_points(self.state, families, checked=checked)
            self._known[families, checked] = found
        return self._known[families, checked]
