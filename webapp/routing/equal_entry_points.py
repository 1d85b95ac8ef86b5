"""Entry points that behave alike, worked out once for all of them.

kube-proxy cannot tell two nodes apart that differ in their names and addresses only, unless an endpoint of the service
runs on one of them or a hint names one. So the cost goes with the service's endpoints and the sorts of nodes, not with
the nodes: 5,000 of them cost hardly more than five.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from webapp.cluster.model import Cluster
from webapp.cluster.remembered import once_per_cluster
from webapp.failure.state import State
from webapp.lazy import lazy
from webapp.records import dataclass
from webapp.routing.entry import Entry
from webapp.routing.entry_points import entry_point, ranks
from webapp.routing.evaluate import Evaluator, load_balancer_targets
from webapp.routing.plan import Plan, PlanNode

Names = frozenset[str]
_NONE: Names = frozenset()
Item = TypeVar("Item")
Points = Mapping[str, tuple[str, PlanNode]]
"""By node: the IP family by which it is entered, and its entry point."""


@dataclass(frozen=True)
class EqualNodes:
    """Nodes whose entry points differ in names and addresses only, whatever service asks."""

    family: str
    """The IP family by which they are entered."""
    point: PlanNode
    """The entry point of the first."""
    order: tuple[str, ...]
    """Their names in the cluster's order, and perhaps those of `without`."""
    known: Names
    """The same names."""
    without: Names = frozenset()

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.order) - len(self.without)

    @lazy
    def names(self) -> tuple[str, ...]:
        """Their names, in the cluster's order."""
        return tuple(name for name in self.order if name not in self.without) if self.without else self.order

    def __contains__(self, name: str) -> bool:
        return name in self.known and name not in self.without

    def among(self, names: Names) -> Names:
        """Return those of the names that are in here."""
        return (names & self.known) - self.without


@dataclass(frozen=True, slots=True)
class EntryPointGroup:
    """Entry points of one service port that behave alike; they differ in their nodes' names and addresses only."""

    entry: Entry
    """That of the first."""
    lb_target: bool
    """A load balancer sends to them."""
    members: EqualNodes
    """Their nodes, and those of `without`."""
    without: Names = frozenset()

    @property
    def count(self) -> int:
        """How many they are."""
        return self.members.count - len(self.without)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of their nodes, in the cluster's order."""
        names = self.members.names
        return tuple(name for name in names if name not in self.without) if self.without else names

    def __contains__(self, node: str) -> bool:
        return node in self.members and node not in self.without

    def alone(self, entry: Entry) -> "EntryPointGroup":
        """Return one of them, whose entry this is, as a group of its own."""
        only = EqualNodes(self.members.family, self.members.point, (entry.node,), frozenset({entry.node}))
        return EntryPointGroup(entry, self.lb_target, only)


class EntryPoints:
    """All entry points of one state, as services with the same IP families see them.

    `equal` are the same entry points, equal ones together: those that the failure leaves as they were come first.
    """

    def __init__(self, state: State, families: tuple[str, ...], *, checked: bool = False) -> None:
        """Find them; `checked` if load balancers ask the healthCheckNodePort, which goes with its kube-proxy."""
        # kube-proxy itself answers at the healthCheckNodePort; its rules in the kernel need no kube-proxy.
        silent = state.dead_kube_proxies if checked else _NONE
        self._before = _before(state.cluster, families)
        self._changed, self.equal = self._before.after(state.down_nodes, state.stale_nodes, silent)
        self._singles: dict[str, EqualNodes] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes, in the cluster's order."""
        return self._before.names

    @property
    def families(self) -> tuple[str, ...]:
        """The IP families by which some node is entered."""
        return self._before.families

    def at(self, node: str) -> tuple[str, PlanNode]:
        """Return the IP family by which a node is entered, and its entry point.

        Raises:
            KeyError: there is no such node.

        """
        return self._changed.get(node) or self._before.points[node]

    def __contains__(self, node: str) -> bool:
        return node in self._before.points

    def groups(self, plans: Mapping[str, Plan]) -> tuple[EntryPointGroup, ...]:
        """Return the groups of a service port, in the order of their first nodes; `plans` by family need no nodes."""
        found = [group for family, plan in plans.items() for group in self._groups(family, plan)]
        return tuple(sorted(found, key=lambda group: self._before.rank[group.entry.node]))

    def _groups(self, family: str, plan: Plan) -> Iterator[EntryPointGroup]:
        apart = told_apart(plan)
        chosen = [
            each
            for one in self.equal
            if one.family == family
            for each in (self._representatives(one, one.among(apart)) if apart else ((one.point, one, apart),))
        ]
        targets = frozenset(load_balancer_targets(replace(plan, nodes=tuple(point for point, *_ in chosen))))
        evaluator = Evaluator(plan)
        for point, members, without in chosen:
            yield EntryPointGroup(evaluator.entry(point), point.name in targets, members, without)

    def _representatives(self, one: EqualNodes, alone: Names) -> Iterator[tuple[PlanNode, EqualNodes, Names]]:
        """Yield the entry points to evaluate, with the nodes for which each stands."""
        yield from ((self.at(name)[1], self._alone(name), _NONE) for name in alone)
        if not alone:
            yield one.point, one, alone
        # Any of them may stand for the others: which one it is shows in names only.
        elif len(alone) < one.count:
            first = next(name for name in one.order if name not in one.without and name not in alone)
            yield self.at(first)[1], one, alone

    def _alone(self, name: str) -> EqualNodes:
        # Each node carries pods of many services, which all set it apart.
        found = self._singles.get(name)
        if found is None:
            found = self._singles[name] = EqualNodes(*self.at(name), (name,), frozenset({name}))
        return found


def told_apart(plan: Plan) -> Names:
    """Return the nodes that kube-proxy's rules tell from others for a service port.

    Under policy Local those of its endpoints; under Cluster only those with a hint of their own, and those whose own
    network an endpoint uses, for there the client's address stays.
    """
    listed = (*plan.endpoints, *plan.stale_endpoints)
    if plan.local:
        return frozenset(e.node for e in listed if e.node is not None)
    hinted = (name for e in listed for name in e.node_hints)
    return frozenset((*hinted, *(e.home for e in listed if e.home is not None and e.key in plan.host_network)))


def equal_nodes(points: Iterable[tuple[str, PlanNode]]) -> tuple[EqualNodes, ...]:
    """Return entry points, each with its IP family, grouped into those that are equal."""
    found: dict[tuple[str, PlanNode], list[PlanNode]] = defaultdict(list)
    for family, point in points:
        found[family, replace(point, name="", address=None)].append(point)
    return tuple(_equal(family, members) for (family, _), members in found.items())


def split(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    """Return the items with equal keys together, in the order of the first of each.

    For those to whom more than the entry point counts: what a picture says of nodes, or what their losses do.

    >>> split(["worker-1", "db-1", "worker-2"], lambda name: name.partition("-")[0])
    [['worker-1', 'worker-2'], ['db-1']]
    """
    found: dict[Hashable, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())


def _equal(family: str, points: Sequence[PlanNode]) -> EqualNodes:
    names = tuple(point.name for point in points)
    return EqualNodes(family, points[0], names, frozenset(names))


def _with_first(one: EqualNodes, points: Points) -> EqualNodes:
    if one.point.name not in one.without:
        return one
    return replace(one, point=points[next(name for name in one.order if name not in one.without)][1])


class _Before:
    """The entry points of a cluster before any failure: the same for every click."""

    def __init__(self, points: Points, rank: Mapping[str, int]) -> None:
        self.points = points
        self.rank = rank
        self.names = tuple(points)
        self.equal = equal_nodes(points.values())
        self.families = tuple(dict.fromkeys(family for family, _ in points.values()))
        # A zone of a large cluster has thousands of nodes, and a page asks for several services of one state.
        self.after = lru_cache(maxsize=16)(self._after)

    def _after(self, down: Names, stale: Names, silent: Names) -> tuple[Points, tuple[EqualNodes, ...]]:
        """Return the entry points that a failure changes, and all of them in groups."""
        changed = {
            name: (family, replace(point, up=name not in down, stale=name in stale, lb_target=target))
            # What is down is a set; the cluster's order makes the first of each group the same in every run.
            for name in sorted((down | stale | silent) & self.points.keys(), key=self.rank.__getitem__)
            for family, point in (self.points[name],)
            for target in (point.lb_target and name not in silent,)
        }
        hit = frozenset(changed)
        left = (replace(one, without=hit & one.known) for one in self.equal)
        kept = (_with_first(one, self.points) for one in left if one.count)
        return changed, (*kept, *equal_nodes(changed.values()))


def _before(cluster: Cluster, families: tuple[str, ...]) -> _Before:
    # Thousands of nodes are looked at once for each set of IP families; almost every cluster has one.
    known = _known(cluster)
    if families not in known:
        points = {name: entry_point(node, families, cluster.options) for name, node in cluster.nodes.items()}
        known[families] = _Before(points, ranks(cluster))
    return known[families]


@once_per_cluster
def _known(_: Cluster) -> dict[tuple[str, ...], _Before]:
    """Return where a cluster's entry points are kept, by the families of a service."""
    return {}
