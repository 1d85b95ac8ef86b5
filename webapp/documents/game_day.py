"""A failure as a plan for a game day: what to do, what is expected when, how to see it, when to abort.

The expectations are the simulation's own numbers, with how far chance may take a measurement from them, so that the
prediction can be held against the real thing.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from webapp.cluster.model import Cluster, Node, Pod, Service
from webapp.cluster.order import natural
from webapp.cluster.pod_map import first_of, runs_of
from webapp.diagram.wording import MOMENT_TITLES
from webapp.documents.by_hand import GameDayCommand, by_hand, drained_by_hand
from webapp.documents.refutations import refutations
from webapp.documents.rehearsal import shell_word
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, Scenario, state_at
from webapp.failure.clock import clock
from webapp.failure.kinds import FailureKind
from webapp.failure.nodelifecycle import TimelineStep
from webapp.failure.scenario import Target
from webapp.numbers import counted, duration, nothing, percent, some
from webapp.records import dataclass
from webapp.routing.equal_ports import exposed_ports
from webapp.routing.outcome import Outcomes
from webapp.simulation.reading import is_quick, one_node_ip, pods_leaving

CONNECTIONS = 400
"""How many a team makes to measure a share: within five percent of it, and done in a minute."""
MOST_SERVICES = 20
"""Nobody watches more at once."""
MOST_BY_HAND = 20
"""Nobody stages more by hand; the files for tools have more."""
_MOST_NAMED = 5
_MOST_ADDRESSES = 12
_MARGIN = 1.96
"""Standard deviations within which 95 of 100 measurements lie, where chance alone is at work."""


@dataclass(frozen=True, slots=True)
class ExpectedShare:
    """What is answered of new connections at a moment, by each access path."""

    moment: Moment
    dns: float
    lb: float
    node: float
    """By the IP of the plan's one node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPort:
    """A service port that the failure touches."""

    service: str
    """``NAMESPACE/NAME``."""
    port: int
    node_port: int
    protocol: str
    shares: tuple[ExpectedShare, ...]

    @property
    def name(self) -> str:
        """``default/web:80``."""
        return f"{self.service}:{self.port}"

    @property
    def worst(self) -> float:
        """The least that is answered at any of the moments."""
        return min(min(share.dns, share.lb, share.node) for share in self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedMoment:
    """One moment of the failure."""

    moment: Moment
    title: str
    when: str
    """``about 50 s``; empty where no clock says it."""
    happens: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GameDay:
    """The plan."""

    title: str
    failing: tuple[GameDayCommand, ...]
    """How each thing is made to fail by hand."""
    one_node: str
    """The node whose IP stands for clients that know one address: the first that stays up."""
    moments: tuple[ExpectedMoment, ...]
    steps: tuple[TimelineStep, ...]
    """What Kubernetes does on the way, with its settings; none for a drain, which has no clock."""
    affected: tuple[AffectedPort, ...]
    """The worst first."""
    more: int
    """How many more are affected."""
    untouched: int
    wrong_if: tuple[str, ...]
    """What would show, beside the shares, that the prediction is wrong."""
    watching: tuple[GameDayCommand, ...]
    undoing: tuple[GameDayCommand, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    """What the simulation says beside the shares, and what was assumed."""


def game_day(cluster: Cluster, scenario: Scenario) -> GameDay | None:
    """Return the plan of a failure, of the service in focus or of all; None with nothing down."""
    if not scenario.down and not scenario.drain:
        return None
    its_clock = clock(cluster, scenario)
    seconds = its_clock.seconds_at
    comes = DRAIN_MOMENTS if scenario.drain else [m for m in CRASH_MOMENTS if m is Moment.BEFORE or m in seconds]
    failed = state_at(cluster, replace(scenario, at=comes[1]))
    leaving = pods_leaving(failed)
    moments = [at for at in comes if at is scenario.at or is_quick(at, leaving)]
    one = one_node_ip(failed)
    affected, untouched = _affected(cluster, scenario, moments, one)
    last = state_at(cluster, replace(scenario, at=moments[-1]))
    targets = _targets(scenario)
    hands = (
        [drained_by_hand(scenario.drain[:MOST_BY_HAND])]
        if scenario.drain
        else [by_hand(target) for target in targets[:MOST_BY_HAND]]
    )
    return GameDay(
        title=_title(targets, drained=bool(scenario.drain)),
        one_node=one.removeprefix("node/"),
        failing=tuple(command for command, _ in hands),
        moments=tuple(
            ExpectedMoment(
                moment=moment,
                title=MOMENT_TITLES[moment],
                when="at once" if moment is Moment.FAILED else _when(seconds.get(moment)),
                happens=_HAPPENS[moment],
            )
            for moment in moments
        ),
        steps=its_clock.steps,
        affected=tuple(affected[:MOST_SERVICES]),
        more=max(len(affected) - MOST_SERVICES, 0),
        untouched=untouched,
        wrong_if=tuple(
            refutations(cluster, scenario, its_clock, last, whole=moments[-1] is comes[-1], tabled=bool(affected))
        ),
        watching=tuple(_watching(cluster, scenario, affected[:1])),
        undoing=tuple(command for _, command in hands),
        warnings=tuple(_warnings(cluster, scenario, comes)),
        notes=(
            *_left_out(comes, moments, leaving),
            *_not_by_hand(len(targets)),
            *last.notes,
            *(f"Assumed: {text}" for text in cluster.assumptions),
        ),
    )


def measured(share: float, connections: int = CONNECTIONS) -> tuple[int, int]:
    """Return how many of so many connections are answered, at least and at most, in 95 of 100 measurements.

    >>> measured(0.5, 400), measured(1.0, 400), measured(0.0, 400)
    ((180, 220), (400, 400), (0, 0))
    """
    # Each connection is answered or not by itself, since kube-proxy selects at random: a binomial distribution.
    spread = _MARGIN * math.sqrt(max(share * (1 - share), 0.0) * connections)
    expected = share * connections
    return max(math.floor(expected - spread + 0.5), 0), min(math.ceil(expected + spread - 0.5), connections)


_HAPPENS = {
    Moment.BEFORE: "Measure first: what is not as expected now can't be judged later.",
    Moment.FAILED: "Not detected yet: kube-proxy still selects what has failed.",
    Moment.DETECTED: "The endpoints are not ready any more, and kube-proxy selects the others.",
    Moment.RESCHEDULED: "Controllers have made other pods where they fit, and these are ready.",
    Moment.CORDONED: "No new pod is put there; connections are answered as before.",
    Moment.EVICTING: "The first pods terminate while those in their place start.",
    Moment.DRAINED: "All that can leave has left.",
}


def _when(seconds: float | None) -> str:
    return "" if seconds is None else f"after about {duration(round(seconds))}"


def _targets(scenario: Scenario) -> Sequence[Target]:
    drained = [Target(kind=FailureKind.NODE, name=name) for name in scenario.drain]
    return drained or sorted(scenario.down, key=lambda target: natural(str(target)))


def _title(targets: Sequence[Target], *, drained: bool) -> str:
    names = [f"{before}{target.name}".strip() for target in targets for before in [target.mode.pictured[0]]]
    if drained:
        return f"Game day: {_and(names)} drained"
    said = [f"{name} {target.mode.pictured[1]}" for name, target in zip(names, targets, strict=True)]
    return f"Game day: {_and(said)}"


def _and(said: Sequence[str]) -> str:
    return some(said, _MOST_NAMED) if len(said) > _MOST_NAMED else " and ".join(said)


def _left_out(comes: Sequence[Moment], moments: Sequence[Moment], leaving: int) -> Iterator[str]:
    for at in comes:
        if at not in moments:
            placed = f"{counted(leaving, 'pod')} would have to be placed"
            yield f"{MOMENT_TITLES[at]} isn’t included: {placed}. Open that time (at={at}) to compute it."


def _not_by_hand(targets: int) -> Iterator[str]:
    if (more := targets - MOST_BY_HAND) > 0:
        yield f"{more:,} more fail the same way: the commands name the first {MOST_BY_HAND}, the files for tools more."


def _affected(
    cluster: Cluster, scenario: Scenario, moments: Sequence[Moment], one: str
) -> tuple[list[AffectedPort], int]:
    """Return the service ports that answer less at some moment, the worst first, and how many others there are."""
    ports = exposed_ports(cluster)
    at_moments = [list(_shares(cluster, scenario, moment, one)) for moment in moments]
    asked, found = 0, []
    for (service, index), *shares in zip(ports, *at_moments, strict=True):
        if scenario.service not in (None, service.key):
            continue
        asked, before = asked + 1, shares[0]
        if any(not nothing(loss) for its in shares for loss in _losses(before, its)):
            found.append(_port(service, index, tuple(shares)))
    found.sort(key=lambda port: (port.worst, natural(port.name)))
    return found, asked - len(found)


def _losses(before: ExpectedShare, its: ExpectedShare) -> tuple[float, float, float]:
    return before.dns - its.dns, before.lb - its.lb, before.node - its.node


def _shares(cluster: Cluster, scenario: Scenario, moment: Moment, one: str) -> Iterator[ExpectedShare]:
    """Yield what each exposed service port answers at a moment."""
    its = Outcomes(state_at(cluster, replace(scenario, at=moment)))
    for seen in zip(*(its.seen_by_all(via) for via in ("dns", "lb", one)), strict=True):
        yield ExpectedShare(moment, *(each.answered or 0.0 for each in seen))


def _port(service: Service, index: int, shares: tuple[ExpectedShare, ...]) -> AffectedPort:
    port = service.ports[index]
    return AffectedPort(
        service=service.key,
        port=port.port,
        node_port=port.node_port or 0,
        protocol=port.protocol,
        shares=shares,
    )


def _watching(cluster: Cluster, scenario: Scenario, worst: Sequence[AffectedPort]) -> Iterator[GameDayCommand]:
    if scenario.drain:
        yield GameDayCommand("kubectl get nodes -w", "Which nodes are cordoned: SchedulingDisabled.")
        yield GameDayCommand(
            "kubectl get pdb -A -w", "Which PodDisruptionBudgets allow no disruption: they block evictions."
        )
    else:
        yield GameDayCommand(
            "kubectl get nodes -w", "Which nodes are NotReady; of a node that fails, the moment Detected."
        )
    namespace = "-A"
    for port in worst:
        namespace, _, name = port.service.partition("/")
        label = f"kubernetes.io/service-name={shell_word(name)}"
        yield GameDayCommand(
            f"kubectl get endpointslices -n {shell_word(namespace)} -l {label} -w",
            "Which endpoints are ready: kube-proxy follows within a second.",
        )
        namespace = f"-n {shell_word(namespace)}"
    yield GameDayCommand(f"kubectl get pods {namespace} -o wide -w", "Which pods are evicted, and where others start.")
    for port in worst:
        yield from _counting(cluster, port)


def _counting(cluster: Cluster, port: AffectedPort) -> Iterator[GameDayCommand]:
    if port.protocol != "TCP":
        return
    nodes = list(cluster.nodes.values())[:_MOST_ADDRESSES]
    if not nodes:
        return
    rounds = -(-CONNECTIONS // len(nodes))
    where = " ".join(shell_word(_address(node)) for node in nodes)
    rest = f" The first {len(nodes)} of {len(cluster.nodes):,} nodes." if len(cluster.nodes) > len(nodes) else ""
    # A hundred at a time: one after another they would take longer than Kubernetes needs to notice.
    yield GameDayCommand(
        f"for i in $(seq {rounds}); do printf '%s\\n' {where}; done | {_count(port.node_port)}",
        f"{rounds * len(nodes)} connections to {port.name}, as clients by DNS make them: each node in turn.{rest}",
    )
    yield GameDayCommand(
        f"for i in $(seq {CONNECTIONS}); do echo LOAD-BALANCER; done | {_count(port.port)}",
        f"The same by a load balancer; its address, and its port where that is not {port.port}, stand in no manifest.",
    )


def _count(port: int) -> str:
    count = f"nc -z -w 2 $0 {port} && echo answered || echo lost"
    return f"xargs -P 100 -I ADDRESS sh -c '{count}' ADDRESS | sort | uniq -c"


def _address(node: Node) -> str:
    return next(iter(node.addresses), node.name)


def _warnings(cluster: Cluster, scenario: Scenario, moments: Sequence[Moment]) -> Iterator[str]:
    if any(node.assumed for node in cluster.nodes.values()):
        yield "Nodes here are assumed: take names and addresses of your own, or upload a dump of the cluster."
    if any(first_of(run).assumed or not isinstance(run, Pod) for run in runs_of(cluster.pods)):
        yield "Pods here are placed as kube-scheduler would place them, not as they are: upload a dump first."
    if scenario.down and Moment.DETECTED not in moments:
        yield "This failure is never detected: what is lost at first stays lost until somebody acts."
    yield "Agree before you start who may abort, and tell those who are on call."
    yield "Retries of clients hide losses: measure single connections, as below."


def said_measured(share: float) -> str:
    """Return what a team should measure: ``37.5 % (131 to 169)`` of :data:`CONNECTIONS`.

    >>> said_measured(1.0), said_measured(0.0)
    ('100\u202f% (all 400)', '0\u202f% (none)')
    """
    low, high = measured(share)
    of = f"{low} to {high}" if low != high else f"all {high}" if high else "none"
    return f"{percent(share)} ({of})"


def said_affected(plan: GameDay) -> str:
    """Return how many service ports the failure touches."""
    number = len(plan.affected) + plan.more
    if not number:
        return f"No service port answers less ({plan.untouched} looked at)."
    return f"{counted(number, 'service port')} answer{'s' if number == 1 else ''} less, {plan.untouched} as before."
