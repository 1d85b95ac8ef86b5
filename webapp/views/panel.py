"""The panel at the right: what is selected, who gets an answer when, why, and the other services."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from webapp.cluster.model import Node, Service
from webapp.failure import Kind, Moment, Target
from webapp.routing import Cause, Entry, PortOutcome, Result
from webapp.topology import counted, figure, percent
from webapp.topology.shares import entry_weights
from webapp.views.answers import Answers
from webapp.views.look import Look, is_exposed
from webapp.views.weighing import Scales
from webapp.views.wording import MOMENTS, NOT_ACCEPTED, SOME_LOST, Standing, standing

MAX_OTHERS = 6
MAX_WEIGHED = 200
"""Services weighed for the list of others; with more the overview has to do."""
MAX_ROWS = 4


@dataclass(frozen=True, slots=True)
class Selected:
    """The node or pod in focus."""

    kind: str
    name: str
    badge: str
    """``Down`` or ``Drained``; empty while nothing happens to it."""
    detail: str
    toggle_url: str
    drain_url: str | None
    via_url: str | None
    """Come in through this node."""


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


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that applied, and where Kubernetes says so."""

    text: str
    source: str
    url: str


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
    others: tuple[Other, ...]


_SOURCES = {
    Cause.ANSWERED: (
        "Service: type NodePort",
        "https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
    ),
    Cause.NODE_DOWN: ("Nodes: heartbeats", "https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats"),
    Cause.ADDRESS_EXCLUDED: (
        "kube-proxy: --nodeport-addresses",
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/",
    ),
    Cause.NO_ENDPOINT: (
        "Virtual IPs: iptables mode",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-iptables",
    ),
    Cause.NO_LOCAL_ENDPOINT: (
        "Virtual IPs: external traffic policy",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy",
    ),
    Cause.DEAD_ENDPOINTS: (
        "Virtual IPs: iptables mode",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-iptables",
    ),
}


def panel(answers: Answers) -> Panel:
    """Return the panel of one state of the page."""
    asked = bool(answers.look.scenario.down or answers.look.scenario.drain)
    return Panel(
        selected=_selected(answers),
        suggestions=() if asked else tuple(_suggestions(answers)),
        columns=tuple(Column(MOMENTS[m].when, m is answers.look.scenario.at) for m in _moments(answers)),
        rows=tuple(_rows(answers)) if answers.now.entries else (),
        reasons=tuple(reasons(answers.now, answers.look.scenario.via)),
        notes=answers.state_now.notes,
        others=tuple(_others(answers)),
    )


# --- what is selected


def _selected(answers: Answers) -> Selected | None:
    target = answers.look.selected
    if target is None:
        return None
    if target.kind is Kind.NODE:
        return _node(answers, target)
    return _pod(answers, target) if target.kind is Kind.POD else _other_target(answers.look, target)


def _other_target(look: Look, target: Target) -> Selected:
    """Return a zone, or whatever else can be down."""
    size = sum(node.zone == target.name for node in look.cluster.nodes.values()) if target.kind is Kind.ZONE else 0
    return Selected(
        kind=str(target.kind),
        name=str(target).replace("/", " ", 1),
        badge="Down" if target in look.scenario.down else "",
        detail=counted(size, "node") if size else "",
        toggle_url=look.toggled(target).url(),
        drain_url=None,
        via_url=None,
    )


def _node(answers: Answers, target: Target) -> Selected:
    look = answers.look
    node = look.cluster.nodes[target.name]
    drained = target.name in look.scenario.drain
    return Selected(
        kind="node",
        name=target.name,
        badge="Drained" if drained else "Down" if target.name in answers.state(_after(answers)).down_nodes else "",
        detail=" · ".join(_node_facts(node, answers.now)),
        toggle_url=look.toggled(target).url(),
        drain_url=None if drained or target in look.scenario.down else look.draining(target.name).url(),
        via_url=look.via(str(target)).url() if answers.now.entries else None,
    )


def _after(answers: Answers) -> Moment:
    """Return a moment at which what the Scenario names is down: before, nothing is."""
    return answers.moments[1] if answers.look.scenario.at is Moment.BEFORE else answers.look.scenario.at


def _node_facts(node: Node, found: PortOutcome) -> Iterator[str]:
    if node.addresses:
        yield node.addresses[0]
    if node.assumed:
        yield "assumed"
    if node.zone:
        yield f"zone {node.zone}"
    if node.control_plane:
        yield "control plane"
    here = sum(1 for endpoint in found.endpoints if endpoint.node == node.name)
    yield f"{here} of {counted(len(found.endpoints), 'pod')}"


def _pod(answers: Answers, target: Target) -> Selected:
    look = answers.look
    pod = look.cluster.pods.get(target.name)
    facts = (
        [f"on {pod.node}" if pod.node else "on no node", *pod.ips[:1]] if pod else ["known from its EndpointSlice only"]
    )
    return Selected(
        kind="pod",
        name=target.name,
        badge="Down" if target in look.scenario.down else "",
        detail=" · ".join(facts),
        toggle_url=look.toggled(target).url(),
        drain_url=None,
        via_url=None,
    )


def _suggestions(answers: Answers) -> Iterator[Suggestion]:
    """Yield what is worth trying: the node with the most pods of this service, and its zone."""
    look, endpoints = answers.look, answers.now.endpoints
    counts = {
        name: sum(1 for e in endpoints if e.node == name) for name in dict.fromkeys(e.node for e in endpoints) if name
    }
    if not counts:
        return
    name = max(counts, key=lambda key: counts[key])
    detail = f"{counts[name]} of {counted(len(endpoints), 'pod')}"
    yield Suggestion(f"Take {name} down", detail, look.toggled(Target(kind=Kind.NODE, name=name)).url())
    node = look.cluster.nodes.get(name)
    if node is not None and node.zone:
        size = sum(1 for other in look.cluster.nodes.values() if other.zone == node.zone)
        zone = Target(kind=Kind.ZONE, name=node.zone)
        yield Suggestion(f"Lose zone {node.zone}", counted(size, "node"), look.toggled(zone).url())


# --- who gets an answer


def _moments(answers: Answers) -> tuple[Moment, ...]:
    return tuple(moment for moment in answers.moments[1:] if answers.known(moment))


def _rows(answers: Answers) -> Iterator[Row]:
    named = _named_nodes(answers)
    outcomes = [answers.at(moment) for moment in _moments(answers)]
    if len(named) > MAX_ROWS:
        yield Row(f"one of the {len(named):,} that are down", tuple(_range(found, named) for found in outcomes))
    else:
        yield from (Row(f"{name} only", tuple(_range(found, {name}) for found in outcomes)) for name in named)
    others = answers.look.cluster.nodes.keys() - set(named)
    if others:
        yield Row("another node" if named else "one node only", tuple(_range(found, others) for found in outcomes))
    yield Row("DNS", tuple(_cell(found.dns) for found in outcomes))
    yield Row("a balancer", tuple(_cell(found.lb) for found in outcomes))


def _named_nodes(answers: Answers) -> list[str]:
    """Return the nodes that are set apart: the one selected and those that are down."""
    selected = answers.look.selected
    down = answers.state(_after(answers)).down_nodes
    first = [selected.name] if selected is not None and selected.kind is Kind.NODE and len(down) < MAX_ROWS else []
    return list(dict.fromkeys(first + [name for name in answers.look.cluster.nodes if name in down]))


def _cell(share: float | None) -> Cell:
    return Cell("–" if share is None else percent(share), standing(share))


def _range(found: PortOutcome, names: Container[str]) -> Cell:
    """Return what these nodes answer: one figure, or from worst to best."""
    shares = [entry.answered for entry in found.entries if entry.node in names]
    if not shares:
        return _cell(None)
    least, most = min(shares), max(shares)
    if percent(least) == percent(most):
        return _cell(least)
    return Cell(f"{figure(least)}–{percent(most)}", SOME_LOST)


# --- why


def reasons(found: PortOutcome, via: str) -> Iterator[Reason]:
    """Yield one reason for each rule that applied to clients that come in by `via`, the worst result first."""
    weights = entry_weights(found, via)
    chosen = [entry for entry in found.entries if weights[entry.node] > 0] or list(found.entries)
    order = list(Result)
    by_cause: dict[Cause, list[Entry]] = {}
    for entry in sorted(chosen, key=lambda entry: -order.index(entry.result)):
        by_cause.setdefault(entry.cause, []).append(entry)
    for cause, entries in by_cause.items():
        yield Reason(_told(entries), *_SOURCES[cause])


def _told(entries: Sequence[Entry]) -> str:
    first = entries[0].reason
    others = len(entries) - 1
    return first if not others else f"{first} The same at {counted(others, 'other node')}."


# --- other services


def _others(answers: Answers) -> Iterator[Other]:
    """Yield other services that can be reached from outside, the worst first."""
    look, scales = answers.look, Scales(answers.state_now)
    shown = [s for s in look.cluster.services.values() if s != look.service and (is_exposed(s) or not s.accepted)]
    found = [(service, _worst(scales, service, look.scenario.via)) for service in shown[:MAX_WEIGHED]]
    for service, share in sorted(found, key=lambda item: 1.0 if item[1] is None else item[1])[:MAX_OTHERS]:
        how = standing(share) if service.accepted else NOT_ACCEPTED
        yield Other(service.key, look.focused(service.key).url(), share, how)


def _worst(scales: Scales, service: Service, via: str) -> float | None:
    """Return what the service's worst port answers."""
    shares = [scales.weigh(service, index).answered(via) for index in range(len(service.ports))]
    return min((share for share in shares if share is not None), default=None)
