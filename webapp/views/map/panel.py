"""The map's panel on the right: what is selected, who gets an answer when, why, and the other services."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from webapp.cluster.model import Node, Service
from webapp.cluster.network_policies import policy_note
from webapp.failure import Moment, Target
from webapp.failure.kinds import FAILURE_MODES, FailureKind, Impact, TargetType
from webapp.numbers import counted
from webapp.routing import PortOutcome
from webapp.routing.outcome import Outcomes
from webapp.views.map.clients import ClientRow, Reason, TimeColumn, columns, reasons, rows
from webapp.views.page.listing import Choice
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import PageState, is_exposed, zone_sizes
from webapp.views.page.wording import REJECTED, Standing, badness, standing

MAX_OTHERS = 6
# Services weighed for the list of others; with more the overview has to do.
MAX_WEIGHED = 100


# --- what is selected -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What the panel is about."""

    kind: str
    name: str
    badge: str
    """``Down``, ``Drained``, ``Partitioned`` ...; empty while nothing happens to it."""
    detail: str
    toggle: str
    """What the first button does: ``Take down``, ``Bring back up``, ``Undo``."""
    toggle_url: str
    drain_url: str | None = None
    via_url: str | None = None
    """Connect via this node."""
    failures: tuple[Choice, ...] = ()
    """The other ways to fail; the current one leads back."""


def selected(simulation: PortSimulation) -> Selected | None:
    """Return what the panel is about; None while nothing is selected or down."""
    target = simulation.page.selected
    if target is None:
        return None
    match target.mode.subject:
        case TargetType.NODE:
            return _node(simulation, target.name)
        case TargetType.POD:
            return _pod(simulation.page, target.name)
        case TargetType.ZONE | TargetType.CONTROL_PLANE:
            return _large(simulation.page, target)


def failing(page: PageState, target: Target) -> PageState:
    """Return this state with the target failing in this way and in no other, or up again if it fails so already.

    What comes back after its pods were recreated is looked at once they are.
    """
    same = (t for t in page.scenario.down if (t.mode.subject, t.name) == (target.mode.subject, target.name))
    others = {t for t in same if t != target}
    scenario = replace(page.scenario, down=page.scenario.down - others)
    found = replace(page, scenario=scenario).toggled(target)
    if Impact.NODE_RETURNS in target.mode.impacts and target in found.scenario.down:
        return found.at(Moment.RESCHEDULED)
    return found


def larger(page: PageState) -> tuple[Choice, ...]:
    """Return the failures that are not a single box: each zone, and the control plane."""
    found = [
        _failure(page, Target(kind=FailureKind.ZONE, name=zone), f"Zone {zone}", counted(size, "node"))
        for zone, size in zone_sizes(page.cluster).items()
    ]
    return (*found, *_other_failures(page, TargetType.CONTROL_PLANE, ""))


def _failure(page: PageState, target: Target, label: str, detail: str) -> Choice:
    return Choice(label, failing(page, target).url(), target in page.scenario.down, detail=detail)


def _other_failures(page: PageState, subject: TargetType, name: str) -> Iterator[Choice]:
    """Yield a node's or a pod's ways to fail other than going down."""
    for kind, mode in FAILURE_MODES.items():
        if mode.subject is subject and mode.label:
            yield _failure(page, Target(kind=kind, name=name), mode.label, mode.hint)


def _toggle(badge: str) -> str:
    """Return what the first button is called: only what is down is brought back up."""
    if not badge:
        return "Take down"
    return "Bring back up" if badge == "Down" else "Undo"


def _current(page: PageState, subject: TargetType, name: str) -> Target | None:
    """Return how it fails now."""
    return next((t for t in sorted(page.scenario.down, key=str) if t.mode.subject is subject and t.name == name), None)


# --- nodes ------------------------------------------------------------------------------------------------------------


def _node(simulation: PortSimulation, name: str) -> Selected:
    page = simulation.page
    node, plain = page.cluster.nodes[name], Target(kind=FailureKind.NODE, name=name)
    current = _current(page, TargetType.NODE, name)
    drained = name in page.scenario.drain
    badge = _node_badge(simulation, name, current)
    return Selected(
        kind="node",
        name=name,
        badge=badge,
        detail=" · ".join(_node_facts(node, simulation.now)),
        toggle=_toggle(badge),
        toggle_url=page.toggled(current or plain).url(),
        # A crash and a drain follow different steps and can't be asked together.
        drain_url=None if drained or current else page.draining(name).url(),
        via_url=page.via(str(plain)).url() if simulation.now.entries else None,
        failures=tuple(_node_failures(page, node)),
    )


def _node_badge(simulation: PortSimulation, name: str, current: Target | None) -> str:
    if name in simulation.page.scenario.drain:
        return "Drained"
    if current is not None and (Impact.NODE_RETURNS not in current.mode.impacts or name not in simulation.down_nodes):
        return current.mode.badge
    return "Down" if name in simulation.down_nodes else ""


def _node_failures(page: PageState, node: Node) -> Iterator[Choice]:
    plain = Target(kind=FailureKind.NODE, name=node.name)
    if _current(page, TargetType.NODE, node.name) not in (None, plain):
        yield _failure(page, plain, "Goes down", "its address and its pods are gone")
    yield from _other_failures(page, TargetType.NODE, node.name)
    if page.scenario.down:
        url, how = page.draining(node.name).url(), "gracefully, respecting PodDisruptionBudgets"
        yield Choice("Drain instead", url, current=False, detail=how)
    if node.zone:
        size = counted(zone_sizes(page.cluster)[node.zone], "node")
        yield _failure(page, Target(kind=FailureKind.ZONE, name=node.zone), f"Its whole zone, {node.zone}", size)


def _node_facts(node: Node, found: PortOutcome) -> Iterator[str]:
    if node.addresses:
        yield node.addresses[0]
    if node.assumed:
        yield f"assumed, named by {node.mentions}" if node.mentions else "assumed"
    # What the dump says is what Kubernetes believed; only the Scenario takes a node down.
    if not node.ready:
        yield "NotReady in this dump"
    if node.zone:
        yield f"zone {node.zone}"
    if node.control_plane:
        yield "control plane"
    here = sum(1 for endpoint in found.endpoints if endpoint.home == node.name)
    yield f"{here} of {counted(len(found.endpoints), 'pod')}"


# --- pods, zones, control plane ---------------------------------------------------------------------------------------


def _pod(page: PageState, name: str) -> Selected:
    pod, plain = page.cluster.pods.get(name), Target(kind=FailureKind.POD, name=name)
    facts = ["known from its EndpointSlice only"]
    if pod:
        assumed = ["assumed"] if page.cluster.is_assumed(pod) else []
        facts = [f"on {pod.node}" if pod.node else "on no node", *assumed, *pod.ips[:1]]
    current = _current(page, TargetType.POD, name)
    goes_down = () if current in (None, plain) else (_failure(page, plain, "Goes down", "its address times out"),)
    badge = current.mode.badge if current else ""
    return Selected(
        kind="pod",
        name=name,
        badge=badge,
        detail=" · ".join(facts),
        toggle=_toggle(badge),
        toggle_url=page.toggled(current or plain).url(),
        failures=(*goes_down, *_other_failures(page, TargetType.POD, name)),
    )


def _large(page: PageState, target: Target) -> Selected:
    """Return a zone or the control plane."""
    is_zone = target.mode.subject is TargetType.ZONE
    size = zone_sizes(page.cluster)[target.name] if is_zone else 0
    badge = target.mode.badge if target in page.scenario.down else ""
    return Selected(
        kind=str(target.kind),
        name=f"zone {target.name}" if is_zone else "control plane",
        badge=badge,
        detail=counted(size, "node") if size else "API server, scheduler and controllers, which detect failures",
        toggle=_toggle(badge),
        toggle_url=page.toggled(target).url(),
    )


# --- the panel --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Other:
    """Another service, now."""

    name: str
    url: str
    share: float | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Panel:
    """All of the panel."""

    selected: Selected | None
    suggestions: tuple[Choice, ...]
    """What to try while nothing is down."""
    columns: tuple[TimeColumn, ...]
    rows: tuple[ClientRow, ...]
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]
    policy_note: str
    """What NetworkPolicies may block, said beside the share; empty where none does."""
    others: tuple[Other, ...]


def panel(simulation: PortSimulation) -> Panel:
    """Return the panel of one state of the page."""
    now = simulation.now
    return Panel(
        selected=selected(simulation),
        suggestions=() if simulation.page.has_failure else tuple(_suggestions(simulation)),
        columns=columns(simulation),
        rows=tuple(rows(simulation)) if now.entries else (),
        reasons=tuple(reasons(now, simulation.page.scenario.via)),
        notes=simulation.state_now.notes,
        policy_note=policy_note(simulation.page.cluster, now.service, now.port) if now.entries else "",
        others=tuple(_others(simulation)),
    )


# --- what to try


def _suggestions(simulation: PortSimulation) -> Iterator[Choice]:
    """Yield what is worth trying: the node with the most pods of this service, and its zone."""
    page, endpoints = simulation.page, simulation.now.endpoints
    counts = {
        name: sum(1 for e in endpoints if e.home == name) for name in dict.fromkeys(e.home for e in endpoints) if name
    }
    if not counts:
        return
    # The node with the most Pods of the service does the most harm.
    name = max(counts, key=lambda key: counts[key])
    detail = f"{counts[name]} of {counted(len(endpoints), 'pod')}"
    yield _failure(page, Target(kind=FailureKind.NODE, name=name), f"Take {name} down", detail)
    node = page.cluster.nodes.get(name)
    if node is not None and node.zone:
        size = zone_sizes(page.cluster)[node.zone]
        zone = Target(kind=FailureKind.ZONE, name=node.zone)
        yield _failure(page, zone, f"Lose zone {node.zone}", counted(size, "node"))


# --- other services


def _others(simulation: PortSimulation) -> Iterator[Other]:
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
    shares = [outcomes.answered(service, index, via) for index in range(len(service.ports))]
    return min((share for share in shares if share is not None), default=None)
