"""The nodes as entry points, folded: for one service only nodes that carry something of it differ from their like."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from webapp.cluster.hints import is_worker
from webapp.cluster.model import Cluster
from webapp.failure.scenario import Scenario
from webapp.failure.state import State
from webapp.routing.entry_points import plan_node
from webapp.routing.plan import PlanNode

Names = frozenset[str]


class Crowd(NamedTuple):
    """Nodes that no service can tell apart unless it has something on them."""

    node: PlanNode
    """One entry point that stands for them all; its name is no node's."""
    family: str
    members: tuple[str, ...]


class Census(NamedTuple):
    """Of some nodes, how many ..."""

    listening: int
    targets: int
    useful: int


@dataclass(frozen=True, slots=True, eq=False)
class Entrances:
    """All entry points of the services that share their IP families."""

    cluster: Cluster
    nodes: Mapping[str, tuple[str, PlanNode]]
    """By name: the family by which the node is entered, and its entry point."""
    crowds: tuple[Crowd, ...]
    crowd_of: Mapping[str, int]
    listening: Names
    """Where kube-proxy opens node ports."""
    targets: Names
    """What a load balancer sends to, if its check passes."""
    useful: Names
    """Both."""
    control_plane: Names
    zones: Mapping[str, Names]
    families: tuple[str, ...]
    """Those by which some node is entered."""
    _censuses: dict[Names, Census] = field(default_factory=dict)
    _absences: dict[Names, Counter[int]] = field(default_factory=dict)
    _unused: dict[str, Names] = field(default_factory=dict)
    _by_zone: dict[tuple[str, str], dict[str | None, Names]] = field(default_factory=dict)

    def blinds(self, lost: Names) -> bool:
        """Return whether nobody is left to notice: all known control-plane nodes are lost."""
        return bool(self.control_plane) and self.control_plane <= lost

    def census(self, lost: Names) -> Census:
        """Return how many of the lost nodes mattered as entry points."""
        found = self._censuses.get(lost)
        if found is None:
            counted = (len(lost & self.listening), len(lost & self.targets), len(lost & self.useful))
            found = self._censuses[lost] = Census(*counted)
        return found

    def absences(self, lost: Names) -> Counter[int]:
        """Return how many members each crowd loses."""
        found = self._absences.get(lost)
        if found is None:
            found = self._absences[lost] = Counter(self.crowd_of[name] for name in lost)
        return found

    def used(self, via: str) -> Names:
        """Return the nodes through which a way in can bring anything to a service."""
        return self.useful if via == "lb" else self.listening

    def unused(self, via: str) -> Names:
        """Return the others."""
        found = self._unused.get(via)
        if found is None:
            found = self._unused[via] = frozenset(self.nodes) - self.used(via)
        return found

    def used_by_zone(self, via: str, family: str) -> dict[str | None, Names]:
        """Return the same nodes by their zone label, of one family."""
        found = self._by_zone.get((via, family))
        if found is None:
            zones: dict[str | None, set[str]] = defaultdict(set)
            for name in self.used(via):
                of, node = self.nodes[name]
                if of == family:
                    zones[node.zone].add(name)
            found = self._by_zone[via, family] = {zone: frozenset(names) for zone, names in zones.items()}
        return found


def entrances_of(cluster: Cluster, ip_families: tuple[str, ...]) -> Entrances:
    """Return the entry points of services with these IP families, before any failure."""
    state = State(cluster=cluster, scenario=Scenario())
    nodes = {name: plan_node(state, node, ip_families) for name, node in cluster.nodes.items()}
    control_plane = frozenset(name for name, node in cluster.nodes.items() if node.control_plane)
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name in nodes:
        alike[_kind(cluster, name, nodes[name], alone=control_plane == {name})].append(name)
    crowds = tuple(_crowd(number, nodes[names[0]], names) for number, names in enumerate(alike.values()))
    listening = frozenset(name for name, (_, node) in nodes.items() if node.listens)
    targets = frozenset(name for name, (_, node) in nodes.items() if node.lb_target)
    return Entrances(
        cluster=cluster,
        nodes=nodes,
        crowds=crowds,
        crowd_of={name: number for number, crowd in enumerate(crowds) for name in crowd.members},
        listening=listening,
        targets=targets,
        useful=listening & targets,
        control_plane=control_plane,
        zones=_zones(cluster),
        families=tuple(dict.fromkeys(family for family, _ in nodes.values())),
    )


def _kind(cluster: Cluster, name: str, entrance: tuple[str, PlanNode], *, alone: bool) -> tuple[object, ...]:
    """Return all by which losing one node without pods of a service can differ from losing another.

    Readiness, role, zone and cpu of the nodes decide the hints that the topology annotation asks for (KEP-2433).
    """
    family, entry = entrance
    node = cluster.nodes[name]
    cpu = node.allocatable.get("cpu")
    return (
        family,
        entry.zone,
        entry.listens,
        entry.lb_target,
        node.ready,
        node.control_plane,
        is_worker(node),
        cpu,
        alone,
    )


def _crowd(number: int, entrance: tuple[str, PlanNode], names: list[str]) -> Crowd:
    family, node = entrance
    return Crowd(replace(node, name=f"\0{number}", address=None), family, tuple(names))


def _zones(cluster: Cluster) -> dict[str, Names]:
    zones: dict[str, set[str]] = defaultdict(set)
    for name, node in cluster.nodes.items():
        if node.zone:
            zones[node.zone].add(name)
    return {zone: frozenset(names) for zone, names in zones.items()}
