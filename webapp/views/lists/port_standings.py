"""The standing of every service port, for the page of services: healthy, degraded, unavailable, and why."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from webapp.cluster.model import Endpoint, Service, ServicePort
from webapp.documents.services import losing, where_connections_go
from webapp.jobs import stage
from webapp.routing import Cause
from webapp.routing.outcome import Outcomes, PortOutcome
from webapp.views.page.cache import keep_latest
from webapp.views.page.simulation import state_of
from webapp.views.page.stages import WEIGHING_SERVICES
from webapp.views.page.state import PageState
from webapp.views.page.wording import Standing, badness, standing, without_entries

Endpoints = tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class PortStanding:
    """One service port and how it stands."""

    service: Service
    port: ServicePort | None
    """None for a service without ports."""
    endpoints: Endpoints
    standing: Standing
    share: float | None
    other_share: float | None
    why: str
    without_endpoint: bool = False
    """`why` is that nothing is usable; the reason of that takes a look at the pods."""
    index: int | None = None
    """That of the port among the service's; None for a service without ports."""

    @property
    def badness(self) -> tuple[int, float]:
        """A sort key that puts the worst first."""
        return badness(self.standing, self.share)

    def fits(self, query: str) -> bool:
        """Return whether every word of the query is in its name, ports, labels, pods or nodes."""
        return port_fits(query, self.service, self.port, self.endpoints)


def port_fits(query: str, service: Service, port: ServicePort | None, endpoints: Endpoints) -> bool:
    """Return whether every word of the query is in a service port's name, numbers, labels, pods or nodes."""
    words = query.lower().split()
    if not words:
        return True
    numbers = (
        (port.name, str(port.port), str(port.node_port or ""), str(port.target_port), port.protocol) if port else ()
    )
    selector = (f"{key}={value}" for key, value in service.selector.items())
    places = (f"{endpoint.key} {endpoint.node or ''}" for endpoint in endpoints)
    text = " ".join((service.key, *numbers, *selector, *places)).lower()
    return all(word in text for word in words)


def _question(page: PageState) -> tuple[Hashable, ...]:
    scenario = page.scenario
    return page.topology.id, page.options, scenario.down, scenario.drain, scenario.at, scenario.via


# Paging through a list, or searching it, simulates nothing again.
@keep_latest(8, key=_question)
def port_standings(page: PageState) -> tuple[PortStanding, ...]:
    """Return every service port with its standing, for the access path and the moment that is looked at."""
    return tuple(_every(page))


def _every(page: PageState) -> Iterable[PortStanding]:
    outcomes = Outcomes(state_of(page, page.scenario.at))
    services = page.cluster.services
    for number, service in enumerate(services.values()):
        stage(WEIGHING_SERVICES, f"{number:,} of {len(services):,}", number / len(services))
        if not service.ports:
            yield _without_entries(service)
        for index in range(len(service.ports)):
            its = _of_port(outcomes.of(service, index), service, service.ports[index], page.scenario.via)
            yield replace(its, index=index)


def _without_entries(service: Service, port: ServicePort | None = None, endpoints: Endpoints = ()) -> PortStanding:
    how, why = without_entries(service)
    return PortStanding(service, port, endpoints, how, None, None, why)


def affected(rows: Iterable[PortStanding]) -> int:
    """Return how many of those reached from outside lose connections."""
    return sum(row.standing.loses for row in rows)


def _of_port(found: PortOutcome, service: Service, port: ServicePort, via: str) -> PortStanding:
    other = found.answered("lb" if via == "dns" else "dns")
    share = found.answered(via)
    if share is None:
        return _without_entries(service, port, found.endpoints)
    how = standing(share, refused=found.refused(via))
    lost = next(losing(found, via), None)
    why = where_connections_go(found, via) if lost is None else lost.entry.said_of(lost.count)
    without = lost is not None and lost.entry.cause is Cause.NO_ENDPOINT
    return PortStanding(service, port, found.endpoints, how, share, other, why, without)
