"""The verdict on one service port: its grade, and why, in a line."""

from collections.abc import Iterator
from enum import StrEnum

from webapp.cluster.model import Cluster
from webapp.cluster.order import natural
from webapp.cluster.scheduling.terms import hard_constraints, pod_terms
from webapp.failure.scenario import Moment
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.numbers import percent
from webapp.progress import counted_off
from webapp.records import dataclass
from webapp.resilience.entry_nodes import Answered, Names
from webapp.resilience.guarantee import Guarantor, Promise
from webapp.resilience.losses import What, losses_of
from webapp.resilience.outages import Outages, outages
from webapp.resilience.reach import NOTHING, Reach

_NAMED = 4
"""Sets of more nodes than this are counted, not named."""


class Grade(StrEnum):
    """How much of a service port's survival is certain; see :data:`RULES`."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    F = "F"


RULES = {
    Grade.A: "any node and any zone, guaranteed",
    Grade.B: "any node, guaranteed",
    Grade.C: "any node with the current placement, not guaranteed",
    Grade.D: "losing one node stops it, or makes some connections fail permanently",
    Grade.F: "no connection is answered even without a failure",
}
"""What each grade says. Surviving means that a load balancer's clients are all answered once the loss is detected. An A
needs at least two zones; guaranteed means in every placement that the scheduler's hard rules allow. The grade of
several ports together is that of the worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortVerdict:
    """What happens to one service port when nodes fail."""

    reach: Reach
    grade: Grade
    headline: str
    detail: str
    before: Answered
    worst_nodes: tuple[str, ...]
    """Nodes whose loss it does not survive as placed, the worst first; one of each kind of those without its pods."""
    worst_zones: tuple[str, ...]
    node: Promise
    """Whether it survives any one node, guaranteed."""
    zone: Promise | None
    """Whether it survives any one zone, guaranteed; None with fewer than two zones."""
    outages: Outages

    @property
    def survives_node(self) -> bool:
        """Whether it survives any one node as placed."""
        return self.before.lb == 1 and not self.worst_nodes


def verdict(reach: Reach, guarantor: Guarantor) -> PortVerdict:
    """Return the verdict on a service port, asked of a load balancer's clients after detection."""
    before = reach.answer(NOTHING, Moment.DETECTED)
    nodes, zones = _not_survived(reach, "node"), _not_survived(reach, "zone")
    node = guarantor.promise(reach, "node")
    # With fewer than two zones there is none to survive in.
    zone = guarantor.promise(reach, "zone") if len(reach.nodes.zones) > 1 else None
    found = outages(reach)
    grade = _grade(before, nodes, node, zone)
    return PortVerdict(
        reach=reach,
        grade=grade,
        headline=_headline(reach, grade, before, (nodes, zones), zone),
        detail=" · ".join(_detail(reach, grade, before, nodes, node, found)),
        before=before,
        worst_nodes=tuple(name for _, name in nodes),
        worst_zones=tuple(name for _, name in zones),
        node=node,
        zone=zone,
        outages=found,
    )


Lost = list[tuple[float, str]]
"""Shares and what is lost: the worst first."""


def _not_survived(reach: Reach, what: What) -> Lost:
    lost = [(answered.lb, domain.name) for domain, answered in losses_of(reach, what) if answered.lb < 1]
    return sorted(lost, key=lambda pair: (pair[0], natural(pair[1])))


def _grade(before: Answered, nodes: Lost, node: Promise, zone: Promise | None) -> Grade:
    if before.lb == 0:
        return Grade.F
    if before.lb < 1 or nodes:
        return Grade.D
    if not node.holds:
        return Grade.C
    # With one zone nobody can survive its loss, so there is no A to be had.
    return Grade.A if zone is not None and zone.holds else Grade.B


def _headline(reach: Reach, grade: Grade, before: Answered, lost: tuple[Lost, Lost], zone: Promise | None) -> str:
    nodes, zones = lost
    if grade is Grade.F:
        return "No connection is answered even without a failure"
    if before.lb < 1:
        return f"Answers only {percent(before.lb)} even without a failure"
    if grade is Grade.D:
        return _losing(nodes, "", len(reach.nodes.cluster.nodes))
    if grade is Grade.A:
        return "Survives any node and any zone, guaranteed"
    start = f"Survives {RULES[grade]}"
    if zones:
        told = _losing(zones, "zone ", len(reach.nodes.zones))
        return f"{start}; {told[:1].lower()}{told[1:]}"
    return f"{start}; any zone with the current placement" if zone is not None and grade is Grade.B else start


def _losing(lost: Lost, word: str, of: int) -> str:
    stopping = [name for share, name in lost if share == 0]
    if not stopping:
        share, name = lost[0]
        return f"Answers only {percent(share)} without {word}{name}"
    # A single node that stops it needs its name; all of them need none.
    if len(stopping) == of > 1:
        return f"Stops if any {word.strip() or 'node'} fails"
    named = [word + name for name in stopping[:2]]
    if len(stopping) > len(named):
        return f"Stops if any of {', '.join(named)} and {len(stopping) - len(named):,} more fails"
    return f"Stops if {' or '.join(named)} fails"


def _detail(reach: Reach, grade: Grade, before: Answered, nodes: Lost, node: Promise, found: Outages) -> Iterator[str]:
    if not reach.service.proxied:
        yield "kube-proxy ignores it because of its label"
    elif before.lb == 0:
        yield "No usable endpoint" if not reach.usable else "No node accepts its traffic"
    elif before.lb < 1:
        yield "Some of the load balancer’s targets don’t answer"
    elif grade is Grade.D:
        yield _what_is_lost(reach, *nodes[0])
    else:
        yield _why_guaranteed(reach) if node.holds else _why_not(reach, node)
        if found.smallest:
            yield f"stops if {_set(found.smallest[0], reach)} fail{_others(found)}"


def _what_is_lost(reach: Reach, share: float, name: str) -> str:
    lost = reach.nodes.alone(name)
    if share > 0:
        blind = reach.nodes.blinds(lost)
        return (
            "No control plane is left to detect it: dead pods stay listed"
            if blind
            else "Its dead endpoints stay listed"
        )
    gone = reach.gone(lost)
    if gone < reach.usable:
        return "The only node through which a load balancer reaches it"
    return {1: "Its only pod is there", 2: "Both pods are there"}.get(gone, f"All {gone} pods are there")


def _why_not(reach: Reach, node: Promise) -> str:
    if node.culprit is None:
        return "What is guaranteed was not computed"
    if node.culprit in reach.nodes.control_plane and reach.nodes.blinds(frozenset({node.culprit})):
        return f"Pods may land on {node.culprit}, without which nothing is detected"
    both = "Both pods" if reach.usable == 2 else f"All {reach.usable} pods"
    return f"{both} may share a node"


def _why_guaranteed(reach: Reach) -> str:
    """Return the rules that keep the pods apart, for people."""
    cluster = reach.nodes.cluster
    pods = [cluster.pods[e.pod] for e in reach.port.endpoints if e.pod in cluster.pods and e.pod is not None]
    if pods and all(pod.owner is not None and pod.owner.kind == "DaemonSet" for pod in pods):
        return "DaemonSet"
    spread = {constraint.key for pod in pods for constraint in hard_constraints(pod)}
    apart = {term.key for pod in pods for term in pod_terms(pod).anti}
    rules = [
        *(f"hard spread over {name}s" for key, name in ((HOSTNAME, "node"), (ZONE, "zone")) if key in spread),
        *(f"anti-affinity per {name}" for key, name in ((HOSTNAME, "node"), (ZONE, "zone")) if key in apart),
    ]
    told = ", ".join(rules) or "no node could take all its pods"
    return told[:1].upper() + told[1:]


def _set(names: Names, reach: Reach) -> str:
    if len(names) <= _NAMED:
        return " + ".join(sorted(names, key=natural))
    # Two sets that people know by what they are; others are only counted.
    if names == reach.homes.keys():
        return f"all {len(names):,} nodes with pods"
    return (
        f"all {len(names):,} nodes that are its entry points"
        if names == reach.nodes.useful
        else f"{len(names):,} nodes"
    )


def _others(found: Outages) -> str:
    more = len(found.smallest) - 1
    return f", or {more} other {'set' if more == 1 else 'sets'} of that size" if more else ""


def verdicts(cluster: Cluster, found: tuple[Reach, ...]) -> tuple[PortVerdict, ...]:
    """Return the verdicts on these service ports, in their order."""
    guarantor = Guarantor(cluster, len(found))
    return tuple(verdict(reach, guarantor) for reach in counted_off(found))
