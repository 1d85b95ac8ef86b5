"""The map's panel on the right: what is selected, who gets an answer when, why, and the other services."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from webapp.cluster.model import Node, Service
from webapp.cluster.network_policies import policy_note
from webapp.failure import Moment, Target
from webapp.failure.kinds import FAILURE_MODES, FailureKind, Impact, TargetType
from webapp.failure.words import toggle
from webapp.numbers import counted
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
    drain: str = ""
    """A crash and a drain follow different steps and can't be asked together: ``Drain instead``."""
    via_url: str | None = None
    """Connect via this node."""
    failures: tuple[Choice, ...] = ()
    """The other ways to fail; the current one leads back."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a map knows of what is selected."""

    page: PageState
    down_nodes: frozenset[str]
    pods: Callable[[str], str]
    """How many of its pods a node has: ``2 of 4 pods``."""
    reached: bool
    """Clients can connect via a node."""


def around(simulation: PortSimulation) -> Around:
    """Return what the map of one service knows."""
    endpoints = simulation.now.endpoints

    def pods(name: str) -> str:
        here = sum(1 for endpoint in endpoints if endpoint.home == name)
        return f"{here} of {counted(len(endpoints), 'pod')}"

    return Around(simulation.page, simulation.down_nodes, pods, bool(simulation.now.entries))


def selected(its: Around) -> Selected | None:
    """Return what the panel is about; None while nothing is selected or down."""
    target = its.page.selected
    if target is None:
        return None
    match target.mode.subject:
        case TargetType.NODE:
            return _node(its, target.name)
        case TargetType.POD:
            return _pod(its.page, target.name)
        case TargetType.ZONE | TargetType.CONTROL_PLANE:
            return _large(its.page, target)


def failing(page: PageState, target: Target) -> PageState:
    """Return this state with the target failing in this way and in no other, or up again if it fails so already.

    What comes back after its pods were recreated is looked at once they are.
    """
    same = (t for t in page.scenario.down if (t.mode.subject, t.name) == (target.mode.subject, target.name))
    others = {t for t in same if t != target}
    scenario = replace(page.scenario, down=page.scenario.down - others)
    found = page.having(toggle(scenario, target), target)
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


def _node(its: Around, name: str) -> Selected:
    page = its.page
    node, plain = page.cluster.nodes[name], Target(kind=FailureKind.NODE, name=name)
    current = _current(page, TargetType.NODE, name)
    drained = name in page.scenario.drain
    badge = _node_badge(its, name, current)
    return Selected(
        kind="node",
        name=name,
        badge=badge,
        detail=" · ".join(_node_facts(its, node)),
        toggle=_toggle(badge),
        toggle_url=page.toggled(current or plain).url(),
        drain_url=None if drained else page.draining(name).url(),
        drain="Drain instead" if page.scenario.down else "Drain",
        via_url=page.via(str(plain)).url() if its.reached else None,
        failures=tuple(_node_failures(page, node)),
    )


def _node_badge(its: Around, name: str, current: Target | None) -> str:
    if name in its.page.scenario.drain:
        return "Drained"
    if current is not None and (Impact.NODE_RETURNS not in current.mode.impacts or name not in its.down_nodes):
        return current.mode.badge
    return "Down" if name in its.down_nodes else ""


def _node_failures(page: PageState, node: Node) -> Iterator[Choice]:
    plain = Target(kind=FailureKind.NODE, name=node.name)
    if _current(page, TargetType.NODE, node.name) not in (None, plain):
        yield _failure(page, plain, "Goes down", "its address and its pods are gone")
    yield from _other_failures(page, TargetType.NODE, node.name)
    if node.zone:
        size = counted(zone_sizes(page.cluster)[node.zone], "node")
        yield _failure(page, Target(kind=FailureKind.ZONE, name=node.zone), f"Its whole zone, {node.zone}", size)


def _node_facts(its: Around, node: Node) -> Iterator[str]:
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
    yield its.pods(node.name)


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
    service_facts: str
    """What the panel says while nothing is selected."""
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
        selected=selected(around(simulation)),
        service_facts=" · ".join(_service_facts(simulation)),
        columns=columns(simulation),
        rows=tuple(rows(simulation)) if now.entries else (),
        reasons=tuple(reasons(now, simulation.page.scenario.via)),
        notes=simulation.state_now.notes,
        policy_note=policy_note(simulation.page.cluster, now.service, now.port) if now.entries else "",
        others=tuple(_others(simulation)),
    )


# --- the service


def _service_facts(simulation: PortSimulation) -> Iterator[str]:
    service, now = simulation.now.service, simulation.now
    yield f"Service of type {service.type}"
    yield f"namespace {service.namespace}"
    port = service.ports[simulation.page.port_index]
    yield " → ".join(str(number) for number in (port.node_port, port.port, port.target_port) if number is not None)
    homes = {endpoint.home for endpoint in now.endpoints if endpoint.home}
    pods = counted(len(now.endpoints), "pod")
    yield f"{pods} on {len(homes):,} of {counted(len(simulation.page.cluster.nodes), 'node')}" if homes else pods


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
