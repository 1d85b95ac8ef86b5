"""A failure as a plan for a game day: what to do, what is expected when, how to see it, when to abort.

The expectations are the simulation's own numbers, with how far chance may take a measurement from them, so that the
prediction can be held against the real thing.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from shlex import quote
from types import MappingProxyType

from webapp.cluster.model import Cluster, Node, Pod, Service
from webapp.cluster.order import natural
from webapp.cluster.pod_map import first_of, runs_of
from webapp.diagram.wording import MOMENT_TITLES
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, Scenario, state_at
from webapp.failure.clock import clock
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Target
from webapp.numbers import counted, duration, nothing, percent
from webapp.records import dataclass
from webapp.routing.equal_ports import exposed_ports
from webapp.routing.outcome import Outcomes

CONNECTIONS = 400
"""How many a team makes to measure a share: within five percent of it, and done in a minute."""
MOST_SERVICES = 20
"""Nobody watches more at once."""
_MOST_ADDRESSES = 12
_MARGIN = 1.96
"""Standard deviations within which 95 of 100 measurements lie, where chance alone is at work."""


@dataclass(frozen=True, slots=True)
class ExpectedShare:
    """What is answered of new connections at a moment, by both access paths that a team can measure."""

    moment: Moment
    dns: float
    lb: float


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
        return min(share.dns for share in self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedMoment:
    """One moment of the failure."""

    moment: Moment
    title: str
    when: str
    """``about 50 s``; empty where no clock says it."""
    happens: str


@dataclass(frozen=True, slots=True)
class GameDayCommand:
    """Something to type, and what it is for."""

    command: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GameDay:
    """The plan."""

    title: str
    failing: tuple[GameDayCommand, ...]
    """How each thing is made to fail by hand."""
    moments: tuple[ExpectedMoment, ...]
    affected: tuple[AffectedPort, ...]
    """The worst first."""
    more: int
    """How many more are affected."""
    untouched: int
    watching: tuple[GameDayCommand, ...]
    undoing: tuple[GameDayCommand, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    """What the simulation says beside the shares, and what was assumed."""


def game_day(cluster: Cluster, scenario: Scenario) -> GameDay | None:
    """Return the plan of a failure, of the service in focus or of all; None with nothing down."""
    if not scenario.down and not scenario.drain:
        return None
    seconds = clock(cluster, scenario).seconds_at
    moments = DRAIN_MOMENTS if scenario.drain else [m for m in CRASH_MOMENTS if m is Moment.BEFORE or m in seconds]
    affected, untouched = _affected(cluster, scenario, moments)
    last = state_at(cluster, replace(scenario, at=moments[-1]))
    targets = _targets(scenario)
    by_hand = [_by_hand(target, drained=bool(scenario.drain)) for target in targets]
    return GameDay(
        title=_title(targets, drained=bool(scenario.drain)),
        failing=tuple(command for command, _ in by_hand),
        moments=tuple(
            ExpectedMoment(
                moment=moment,
                title=MOMENT_TITLES[moment],
                when="at once" if moment is Moment.FAILED else _when(seconds.get(moment)),
                happens=_HAPPENS[moment],
            )
            for moment in moments
        ),
        affected=tuple(affected[:MOST_SERVICES]),
        more=max(len(affected) - MOST_SERVICES, 0),
        untouched=untouched,
        watching=tuple(_watching(cluster, affected[:1])),
        undoing=tuple(command for _, command in by_hand),
        warnings=tuple(_warnings(cluster, scenario, moments)),
        notes=(*last.notes, *(f"Assumed: {text}" for text in cluster.assumptions)),
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
        return f"Game day: {' and '.join(names)} drained"
    said = [f"{name} {target.mode.pictured[1]}" for name, target in zip(names, targets, strict=True)]
    return f"Game day: {' and '.join(said)}"


def _affected(cluster: Cluster, scenario: Scenario, moments: Sequence[Moment]) -> tuple[list[AffectedPort], int]:
    """Return the service ports that answer less at some moment, the worst first, and how many others there are."""
    ports = exposed_ports(cluster)
    at_moments = [list(_shares(cluster, scenario, moment)) for moment in moments]
    asked, found = 0, []
    for (service, index), *shares in zip(ports, *at_moments, strict=True):
        if scenario.service not in (None, service.key):
            continue
        asked, before = asked + 1, shares[0]
        if any(not nothing(before.dns - its.dns) or not nothing(before.lb - its.lb) for its in shares):
            found.append(_port(service, index, tuple(shares)))
    found.sort(key=lambda port: (port.worst, natural(port.name)))
    return found, asked - len(found)


def _shares(cluster: Cluster, scenario: Scenario, moment: Moment) -> Iterator[ExpectedShare]:
    """Yield what each exposed service port answers at a moment."""
    its = Outcomes(state_at(cluster, replace(scenario, at=moment)))
    for dns, lb in zip(its.seen_by_all("dns"), its.seen_by_all("lb"), strict=True):
        yield ExpectedShare(moment, dns.answered or 0.0, lb.answered or 0.0)


def _port(service: Service, index: int, shares: tuple[ExpectedShare, ...]) -> AffectedPort:
    port = service.ports[index]
    return AffectedPort(
        service=service.key,
        port=port.port,
        node_port=port.node_port or 0,
        protocol=port.protocol,
        shares=shares,
    )


@dataclass(frozen=True, slots=True)
class _ByHand:
    """How to bring a failure about and how to end it; ``{name}``, ``{namespace}`` and ``{pod}`` are what fails."""

    command: str
    why: str
    undo: str
    undo_why: str


_POWER_ON = "Power on again, then wait. Pods that were recreated stay where they are."
_READY = "kubectl wait --for=condition=Ready --timeout=10m"
_DRAIN = _ByHand(
    "kubectl drain {name} --ignore-daemonsets",
    "As simulated: nothing is deleted by force, and pods with an emptyDir stop it.",
    "kubectl uncordon {name}",
    "Stop kubectl drain first (Ctrl-C). No pod moves back by itself.",
)
_BY_HAND: Mapping[FailureKind, _ByHand] = MappingProxyType(
    {
        FailureKind.NODE: _ByHand(
            "echo o > /proc/sysrq-trigger",
            "On {name}, as root: power off at once. An orderly shutdown may be announced, and is another failure.",
            _READY + " node/{name}",
            _POWER_ON,
        ),
        FailureKind.ZONE: _ByHand(
            "kubectl get nodes -l topology.kubernetes.io/zone={name}",
            "Power off all of these at the same time, or use the cloud's own fault injection.",
            _READY + " node -l topology.kubernetes.io/zone={name}",
            _POWER_ON,
        ),
        FailureKind.POD: _ByHand(
            "kubectl delete pod -n {namespace} {pod} --grace-period=0 --force",
            "It goes without a farewell.",
            "kubectl get pods -n {namespace} -o wide",
            "Nothing to undo: its controller makes another one. A pod without a controller is gone.",
        ),
        FailureKind.UNREADY: _ByHand(
            "kill -STOP PID",
            "On the node of {pod}, for its container's main process: it hangs, unless a liveness probe restarts it.",
            "kill -CONT PID",
            "On the same node, for the same process.",
        ),
        FailureKind.DELETED: _ByHand(
            "kubectl delete pod -n {namespace} {pod}",
            "It terminates within its grace period.",
            "kubectl get pods -n {namespace} -o wide",
            "Nothing to undo: its controller makes another one. A pod without a controller is gone.",
        ),
        FailureKind.PARTITION: _ByHand(
            "iptables -I OUTPUT -p tcp --dport 6443 -j DROP",
            "On {name}, as root; 6443 is the port of the API server, if yours has no other.",
            "iptables -D OUTPUT -p tcp --dport 6443 -j DROP",
            "On {name}, as root.",
        ),
        FailureKind.KUBE_PROXY: _ByHand(
            "kubectl -n kube-system get pods -l k8s-app=kube-proxy --field-selector spec.nodeName={name}",
            "Stop that one on its node: if it is deleted, another one is made.",
            "kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName={name}",
            "Another one is made, which writes all rules.",
        ),
        FailureKind.RETURNED: _ByHand(
            "echo o > /proc/sysrq-trigger",
            "On {name}, as root. Power it on again once its pods were recreated elsewhere.",
            _READY + " node/{name}",
            _POWER_ON,
        ),
        FailureKind.CONTROL_PLANE: _ByHand(
            "mv /etc/kubernetes/manifests/kube-controller-manager.yaml /root/",
            "On each control-plane node of a kubeadm cluster; that of a managed one can't be made to fail.",
            "mv /root/kube-controller-manager.yaml /etc/kubernetes/manifests/",
            "On each control-plane node.",
        ),
    }
)


def _by_hand(target: Target, *, drained: bool) -> tuple[GameDayCommand, GameDayCommand]:
    """Return how something is made to fail, and how that is undone."""
    its = _DRAIN if drained else _BY_HAND[target.kind]
    namespace, _, pod = target.name.partition("/")
    plain = {"name": target.name, "namespace": namespace, "pod": pod}
    typed = {word: quote(value) for word, value in plain.items()}
    return (
        GameDayCommand(its.command.format(**typed), its.why.format(**plain)),
        GameDayCommand(its.undo.format(**typed), its.undo_why.format(**plain)),
    )


def _watching(cluster: Cluster, worst: Sequence[AffectedPort]) -> Iterator[GameDayCommand]:
    yield GameDayCommand("kubectl get nodes -w", "When a node turns NotReady: that is the moment Detected.")
    namespace = "-A"
    for port in worst:
        namespace, _, name = port.service.partition("/")
        yield GameDayCommand(
            f"kubectl get endpointslices -n {quote(namespace)} -l kubernetes.io/service-name={quote(name)} -w",
            "Which endpoints are ready: kube-proxy follows within a second.",
        )
        namespace = f"-n {quote(namespace)}"
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
    where = " ".join(quote(_address(node)) for node in nodes)
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
