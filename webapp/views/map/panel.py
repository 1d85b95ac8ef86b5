"""The panel on the right: what is selected, who gets an answer when, why, and the other services."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from webapp.cluster.model import Service
from webapp.cluster.network_policies import policy_note
from webapp.failure import Target
from webapp.failure.kinds import FailureKind
from webapp.numbers import counted
from webapp.routing.outcome import Outcomes
from webapp.views.map.clients import Column, Row, columns, rows
from webapp.views.map.remedies import Help, helps
from webapp.views.map.selected import Selected, selected
from webapp.views.map.why import Reason, reasons
from webapp.views.page.simulation import Simulation
from webapp.views.page.state import is_exposed
from webapp.views.page.wording import REJECTED, Standing, badness, standing

MAX_OTHERS = 6
MAX_WEIGHED = 100
"""Services weighed for the list of others; with more the overview has to do."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another service, now."""

    name: str
    url: str
    share: float | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to try while nothing is down."""

    label: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class Panel:
    """All of the panel."""

    selected: Selected | None
    suggestions: tuple[Suggestion, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]
    policy_note: str
    """What NetworkPolicies may block, said beside the share; empty where none does."""
    helps: tuple[Help, ...]
    others: tuple[Other, ...]


def panel(simulation: Simulation) -> Panel:
    """Return the panel of one state of the page."""
    asked = bool(simulation.page.scenario.down or simulation.page.scenario.drain)
    return Panel(
        selected=selected(simulation),
        suggestions=() if asked else tuple(_suggestions(simulation)),
        columns=columns(simulation),
        rows=tuple(rows(simulation)) if simulation.now.entries else (),
        reasons=tuple(reasons(simulation.now, simulation.page.scenario.via)),
        notes=simulation.state_now.notes,
        policy_note=_policy_note(simulation),
        helps=helps(simulation),
        others=tuple(_others(simulation)),
    )


def _policy_note(simulation: Simulation) -> str:
    return (
        policy_note(simulation.page.cluster, simulation.now.service, simulation.now.port)
        if simulation.now.entries
        else ""
    )


# --- what to try


def _suggestions(simulation: Simulation) -> Iterator[Suggestion]:
    """Yield what is worth trying: the node with the most pods of this service, and its zone."""
    page, endpoints = simulation.page, simulation.now.endpoints
    counts = {
        name: sum(1 for e in endpoints if e.home == name) for name in dict.fromkeys(e.home for e in endpoints) if name
    }
    if not counts:
        return
    name = max(counts, key=lambda key: counts[key])
    detail = f"{counts[name]} of {counted(len(endpoints), 'pod')}"
    yield Suggestion(f"Take {name} down", detail, page.toggled(Target(kind=FailureKind.NODE, name=name)).url())
    node = page.cluster.nodes.get(name)
    if node is not None and node.zone:
        size = sum(1 for other in page.cluster.nodes.values() if other.zone == node.zone)
        zone = Target(kind=FailureKind.ZONE, name=node.zone)
        yield Suggestion(f"Lose zone {node.zone}", counted(size, "node"), page.toggled(zone).url())


# --- other services


def _others(simulation: Simulation) -> Iterator[Other]:
    """Yield other services that can be reached from outside, the worst first."""
    page, outcomes = simulation.page, Outcomes(simulation.state_now)
    focus, services = page.service, page.cluster.services.values()
    shown = (its for its in services if its is not focus and (is_exposed(its) or not its.accepted))
    found = [(service, _worst(outcomes, service, page.scenario.via)) for service in islice(shown, MAX_WEIGHED)]
    stand = [(s, share, standing(share) if s.accepted else REJECTED) for s, share in found]
    for service, share, how in sorted(stand, key=lambda other: badness(other[2], other[1]))[:MAX_OTHERS]:
        yield Other(service.key, page.focused(service.key).url(), share, how)


def _worst(outcomes: Outcomes, service: Service, via: str) -> float | None:
    """Return what the service's worst port answers."""
    shares = [outcomes.of(service, index).answered(via) for index in range(len(service.ports))]
    return min((share for share in shares if share is not None), default=None)
