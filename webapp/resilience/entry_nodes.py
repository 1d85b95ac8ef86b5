"""The nodes as entry points that can be lost; for one service only those that carry something of it differ."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple

from webapp.cluster.hints import is_worker
from webapp.cluster.model import Cluster
from webapp.failure.scenario import Moment, Scenario
from webapp.failure.state import State, untouched
from webapp.records import dataclass
from webapp.routing.equal_entry_points import EntryPoints, split
from webapp.routing.outcome import Outcomes

Names = frozenset[str]


class Answered(NamedTuple):
    """Which share of new connections is answered, by two access paths."""

    dns: float
    lb: float

    def by(self, via: str) -> float:
        """Return the share for ``dns`` or ``lb``."""
        return self.lb if via == "lb" else self.dns


class LostEntryPoints(NamedTuple):
    """Of some nodes, how many ..."""

    listening: int
    targets: int
    useful: int


@dataclass(frozen=True, slots=True, eq=False)
class EntryNodes:
    """All entry points of the services that share their IP families, before any failure."""

    cluster: Cluster
    points: EntryPoints
    equal: tuple[tuple[str, ...], ...]
    """Nodes whose losses are equal for every service that has nothing on them."""
    listening: Names
    """Where kube-proxy opens node ports."""
    targets: Names
    """What a load balancer sends to, if its check passes."""
    useful: Names
    """Both."""
    control_plane: Names
    zones: Mapping[str, Names]
    _alone: dict[str, Names] = field(default_factory=dict)
    _counts: dict[Names, LostEntryPoints] = field(default_factory=dict)
    _answered: dict[tuple[float, LostEntryPoints], Answered] = field(default_factory=dict)
    _after: dict[tuple[Names, bool], Outcomes] = field(default_factory=dict)
    _unused: dict[str, Names] = field(default_factory=dict)
    _by_zone: dict[tuple[str, str], dict[str | None, Names]] = field(default_factory=dict)

    def alone(self, name: str) -> Names:
        """Return one node as a set, the same object each time: thousands of ports ask about it, by its hash."""
        found = self._alone.get(name)
        if found is None:
            found = self._alone[name] = frozenset({name})
        return found

    def blinds(self, lost: Names) -> bool:
        """Return whether nothing is left to detect it: all known control-plane nodes are lost."""
        return bool(self.control_plane) and self.control_plane <= lost

    def detected(self, lost: Names, at: Moment) -> bool:
        """Return whether Kubernetes has detected by this time that the nodes are lost."""
        # Asked of each loss of each service port, so without a call of its own to `blinds`.
        return at is Moment.DETECTED and not (self.control_plane and self.control_plane <= lost)

    def counts(self, lost: Names) -> LostEntryPoints:
        """Return how many of the lost nodes mattered as entry points."""
        found = self._counts.get(lost)
        if found is None:
            counted = (len(lost & self.listening), len(lost & self.targets), len(lost & self.useful))
            found = self._counts[lost] = LostEntryPoints(*counted)
        return found

    def answered(self, share: float, away: LostEntryPoints) -> Answered:
        """Return what is answered where each entry point that is left answers this share of its connections."""
        found = self._answered.get((share, away))
        if found is None:
            targets = len(self.targets) - away.targets
            lb = share * (len(self.useful) - away.useful) / targets if targets else 0.0
            dns = share * (len(self.listening) - away.listening) / len(self.cluster.nodes)
            # Thousands of service ports lose one node of thousands: the answers are few.
            found = self._answered[share, away] = Answered(dns, lb)
        return found

    def after(self, lost: Names, at: Moment) -> Outcomes:
        """Return the outcomes once these nodes are lost.

        The State is that of :func:`webapp.failure.state_at`, made without a look at all the other nodes.
        """
        key = lost, self.detected(lost, at)
        found = self._after.get(key)
        if found is None:
            # With nothing detected the EndpointSlices stay as they were.
            unready = lost if key[1] else frozenset()
            state = State(cluster=self.cluster, scenario=Scenario(), down_nodes=lost, unready_nodes=unready)
            found = self._after[key] = Outcomes(state)
        return found

    def used(self, via: str) -> Names:
        """Return the nodes through which an access path can bring anything to a service."""
        return self.useful if via == "lb" else self.listening

    def unused(self, via: str) -> Names:
        """Return the others."""
        found = self._unused.get(via)
        if found is None:
            found = self._unused[via] = frozenset(self.points.names) - self.used(via)
        return found

    def used_by_zone(self, via: str, family: str) -> dict[str | None, Names]:
        """Return the same nodes by their zone label, of one family."""
        found = self._by_zone.get((via, family))
        if found is None:
            zones: dict[str | None, set[str]] = defaultdict(set)
            for name in self.used(via):
                of, node = self.points.at(name)
                if of == family:
                    zones[node.zone].add(name)
            found = self._by_zone[via, family] = {zone: frozenset(names) for zone, names in zones.items()}
        return found


def entry_nodes(cluster: Cluster, ip_families: tuple[str, ...]) -> EntryNodes:
    """Return the entry points of services with these IP families."""
    points = EntryPoints(untouched(cluster), ip_families)
    control_plane = frozenset(name for name, node in cluster.nodes.items() if node.control_plane)
    listening = frozenset(name for one in points.equal if one.point.listens for name in one.names)
    targets = frozenset(name for one in points.equal if one.point.lb_target for name in one.names)
    return EntryNodes(
        cluster=cluster,
        points=points,
        equal=_equal_losses(cluster, points, control_plane),
        listening=listening,
        targets=targets,
        useful=listening & targets,
        control_plane=control_plane,
        zones=_zones(cluster),
    )


def _equal_losses(cluster: Cluster, points: EntryPoints, control_plane: Names) -> tuple[tuple[str, ...], ...]:
    """Return the nodes together whose losses are equal for a service without pods on them.

    Beyond the entry point, the node's readiness, role and cpu decide the hints that the topology annotation asks for
    (KEP-2433), and without the only control-plane node nothing is detected.
    """

    def rest(name: str) -> tuple[object, ...]:
        # kube-controller-manager counts CPUs of ready workers for the annotation's hints, so their loss moves hints.
        node = cluster.nodes[name]
        cpu = node.allocatable.get("cpu")
        return node.ready, node.control_plane, is_worker(node), cpu, control_plane == {name}

    return tuple(tuple(names) for one in points.equal for names in split(one.names, rest))


def _zones(cluster: Cluster) -> dict[str, Names]:
    zones: dict[str, set[str]] = defaultdict(set)
    for name, node in cluster.nodes.items():
        if node.zone:
            zones[node.zone].add(name)
    return {zone: frozenset(names) for zone, names in zones.items()}
