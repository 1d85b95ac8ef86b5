"""The standing of every service port at one state of the page."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.cluster.model import Endpoint, Service, ServicePort
from webapp.failure import State, state_at
from webapp.routing import Cause, PortOutcome, Result, outcome
from webapp.topology import counted
from webapp.topology.shares import entry_weights
from webapp.views.look import Look
from webapp.views.verdict import verdict
from webapp.views.wording import ANSWERS, NO_ANSWER, NOT_ACCEPTED, NOT_EXPOSED, REFUSED, SOME_LOST, Standing

_ORDER = (NO_ANSWER, REFUSED, NOT_ACCEPTED, SOME_LOST, ANSWERS, NOT_EXPOSED)


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One service port and how it stands."""

    service: Service
    port: ServicePort
    endpoints: tuple[Endpoint, ...]
    standing: Standing
    share: float | None
    other_share: float | None
    why: str

    @property
    def standing_order(self) -> int:
        """0 for the worst."""
        return _ORDER.index(self.standing)

    def fits(self, query: str) -> bool:
        """Return whether every word of the query is in its name, ports, labels, pods or nodes."""
        if not query:
            return True
        text = self._text()
        return all(word in text for word in query.lower().split())

    def _text(self) -> str:
        port = self.port
        selector = (f"{key}={value}" for key, value in self.service.selector.items())
        places = (f"{endpoint.key} {endpoint.node or ''}" for endpoint in self.endpoints)
        own = (
            self.service.key,
            port.name,
            str(port.port),
            str(port.node_port or ""),
            str(port.target_port),
            port.protocol,
        )
        return " ".join((*own, *selector, *places)).lower()


def survey(look: Look) -> list[Surveyed]:
    """Return every service port with its standing, for the way in and the moment that is looked at."""
    state = state_at(look.cluster, look.scenario)
    return [
        _surveyed(state, look, service, index)
        for service in look.cluster.services.values()
        for index in range(len(service.ports))
    ]


def affected(rows: Iterable[Surveyed]) -> int:
    """Return how many of those reached from outside lose connections."""
    return sum(row.standing in (NO_ANSWER, REFUSED, SOME_LOST) for row in rows)


def _surveyed(state: State, look: Look, service: Service, index: int) -> Surveyed:
    found = outcome(state, service.key, index)
    told = verdict(found, look.scenario.via)
    other = found.lb if look.scenario.via == "dns" else found.dns
    why = told.message or _why(found, look.scenario.via)
    return Surveyed(service, found.port, found.endpoints, told.standing, told.share, other, why)


def _why(found: PortOutcome, via: str) -> str:
    """Return one sentence on where connections are lost, else on where they go."""
    weights = entry_weights(found, via)
    chosen = [entry for entry in found.entries if weights[entry.node] > 0]
    lost = [e for e in chosen if e.result is not Result.ANSWERED and e.cause is not Cause.NODE_DOWN]
    if lost:
        return lost[0].reason
    down = len([entry for entry in chosen if entry.cause is Cause.NODE_DOWN])
    if down:
        are = "is" if down == 1 else "are"
        return f"{counted(down, 'address', 'addresses')} of {len(chosen)} {are} down; the others answer."
    return _all_answer(found, len(chosen))


def _all_answer(found: PortOutcome, chosen: int) -> str:
    if not chosen:
        return "No node passes the balancer’s check."
    pods = counted(len(found.live), "pod")
    if chosen < len(found.entries) and len(found.lb_targets) == chosen:
        return f"The balancer sends to {chosen} of {counted(len(found.entries), 'node')}."
    return f"Answered by {pods}."
