"""The panel's table of clients: what each kind gets at each time of the failure, and the rules that explain it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.failure import Moment
from webapp.failure.kinds import FailureKind
from webapp.numbers import counted, figure, percent
from webapp.routing import Cause, EntryPointGroup, PortOutcome, Result
from webapp.routing.entry import said_of_several
from webapp.views.page.simulation import PortSimulation, seconds_of
from webapp.views.page.wording import DEGRADED, Standing, moment_words, standing

# With more nodes down than this they share a row.
MAX_ROWS = 4


@dataclass(frozen=True, slots=True)
class ClientShare:
    """One share of the table."""

    text: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class ClientRow:
    """Clients of one kind, and what they get at each moment."""

    clients: str
    cells: tuple[ClientShare, ...]


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """One moment of the table."""

    title: str
    current: bool


def columns(simulation: PortSimulation) -> tuple[TimeColumn, ...]:
    """Return the moments of the table."""
    return tuple(
        TimeColumn(moment_words(m, seconds_of(simulation.page)).when, m is simulation.page.scenario.at)
        for m in _moments(simulation)
    )


def _moments(simulation: PortSimulation) -> tuple[Moment, ...]:
    """Return the moments of the table: those after the failure that are known."""
    # Before the failure every row would say the same.
    return tuple(moment for moment in simulation.moments[1:] if simulation.known(moment))


def rows(simulation: PortSimulation) -> Iterator[ClientRow]:
    """Yield clients that know one address, each sort of node apart, then DNS and load balancer."""
    named = _named_nodes(simulation)
    outcomes = [simulation.at(moment) for moment in _moments(simulation)]
    if len(named) > MAX_ROWS:
        yield ClientRow(
            f"one of the {len(named):,} that are down",
            tuple(_range(_of(found, frozenset(named))) for found in outcomes),
        )
    else:
        yield from (
            ClientRow(f"{name} only", tuple(_cell(found.answered(f"node/{name}")) for found in outcomes))
            for name in named
        )
    if len(named) < len(simulation.page.cluster.nodes):
        title = "another node" if named else "one node only"
        yield ClientRow(title, tuple(_range(_of_others(found, frozenset(named))) for found in outcomes))
    yield ClientRow("DNS", tuple(_cell(found.dns) for found in outcomes))
    yield ClientRow("a load balancer", tuple(_cell(found.lb) for found in outcomes))


def _named_nodes(simulation: PortSimulation) -> list[str]:
    """Return the nodes that are set apart: the one selected and those that are down."""
    selected = simulation.page.selected
    down = simulation.down_nodes
    first = (
        [selected.name] if selected is not None and selected.kind is FailureKind.NODE and len(down) < MAX_ROWS else []
    )
    return list(dict.fromkeys(first + [name for name in simulation.page.cluster.nodes if name in down]))


def _cell(share: float | None) -> ClientShare:
    return ClientShare("–" if share is None else percent(share), standing(share))


def _of(found: PortOutcome, named: frozenset[str]) -> list[float]:
    return [group.entry.answered for group in found.groups if not named.isdisjoint(group.nodes)]


def _of_others(found: PortOutcome, named: frozenset[str]) -> list[float]:
    return [group.entry.answered for group in found.groups if not named.issuperset(group.nodes)]


def _range(shares: Sequence[float]) -> ClientShare:
    """Return what nodes answer: one figure, or from worst to best."""
    if not shares:
        return _cell(None)
    least, most = min(shares), max(shares)
    # Under policy Local, or with hints, nodes answer different shares.
    if percent(least) == percent(most):
        return _cell(least)
    return ClientShare(f"{figure(least)}–{percent(most)}", DEGRADED)


# --- why --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that applied, and where Kubernetes says so."""

    text: str
    source: str
    url: str


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
    Cause.NOT_PROXIED: (
        "Well-known labels: service-proxy-name",
        "https://kubernetes.io/docs/reference/labels-annotations-taints/#servicekubernetesioservice-proxy-name",
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


def reasons(found: PortOutcome, via: str) -> Iterator[Reason]:
    """Yield one reason for each rule that applied to clients that connect via `via`, the worst result first."""
    order = list(Result)
    by_cause: dict[Cause, list[EntryPointGroup]] = {}
    for group in sorted(found.chosen(via) or found.groups, key=lambda group: -order.index(group.entry.result)):
        by_cause.setdefault(group.entry.cause, []).append(group)
    for cause, groups in by_cause.items():
        yield Reason(_sentence(groups), *_SOURCES[cause])


def _sentence(groups: Sequence[EntryPointGroup]) -> str:
    """Return the first one's reason, for how many others the same holds, and where the rule selects among others."""
    first, others = groups[0].entry, sum(group.count for group in groups) - 1
    general = said_of_several(first.reason, first.node)
    entries = ((group.count, group.entry) for group in groups)
    alike = sum(count for count, entry in entries if said_of_several(entry.reason, entry.node) == general) - 1
    same = f" The same on {counted(alike, 'other node')}." if alike else ""
    differs = others - alike
    return f"{first.reason}{same}" + (f" {counted(differs, 'node')} by this rule, with other pods." if differs else "")
