"""The outcome of one service port: what new connections from outside get, per entry point and per access path."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import field
from math import fsum
from typing import overload

from webapp.cluster.model import Endpoint, NoEndpoints, Service, ServicePort
from webapp.failure.endpoint_slices import endpoints_at, is_live
from webapp.failure.no_endpoints import no_endpoints
from webapp.failure.state import State
from webapp.lazy import lazy
from webapp.progress import counted_off
from webapp.records import dataclass
from webapp.routing.entry import Cause, Entry, Result
from webapp.routing.equal_entry_points import EntryPointGroup, EntryPoints
from webapp.routing.equal_ports import Port, exposed_ports, ports_on, touched_ports, touched_sort, untouched_sorts
from webapp.routing.evaluate import Evaluator
from webapp.routing.health_check import is_checked
from webapp.routing.plans import has_entries, plan_of


class Entries(Sequence[Entry]):
    """All entry points of a service port, each worked out when it is asked for."""

    def __init__(self, names: tuple[str, ...] = (), at: Callable[[str], Entry] | None = None) -> None:
        """`names` are the nodes in the cluster's order, `at` evaluates the entry point of one of them."""
        self._names = names
        self._at = at

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, index: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(index, slice):
            return tuple(map(self.at, self._names[index]))
        return self.at(self._names[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def at(self, node: str) -> Entry:
        """Return the entry point of a node.

        Raises:
            KeyError: there is no such node, or the service port has no entries.

        """
        if self._at is None:
            raise KeyError(node)
        return self._at(node)


@dataclass(frozen=True)
class PortOutcome:
    """One service port with all its entry points."""

    service: Service
    port: ServicePort
    endpoints: tuple[Endpoint, ...]
    """As Kubernetes lists them at this moment, those not ready included."""
    live: frozenset[str]
    """Keys of the endpoints that really answer."""
    entries: Entries = field(default_factory=Entries)
    """In the order of the cluster's nodes; empty without a nodePort or for a rejected service."""
    groups: tuple[EntryPointGroup, ...] = ()
    """The same entries, those that behave alike together; in the order of the first of each. All that sums need."""
    no_endpoints: NoEndpoints | None = None
    """Why there is no usable endpoint at this moment, where there is none."""

    @lazy
    def dns(self) -> float | None:
        """Answered by DNS round robin; None without entries."""
        return _mean(self.groups) if self.groups else None

    @lazy
    def lb(self) -> float | None:
        """Answered by a health-checked load balancer; None without entries."""
        return _mean(self.chosen("lb")) if self.groups else None

    @lazy
    def lb_targets(self) -> frozenset[str]:
        """Nodes that an external load balancer sends to at this moment."""
        return frozenset(name for group in self.groups if group.lb_target for name in group.nodes)

    @lazy
    def _first(self) -> Mapping[str, EntryPointGroup]:
        return {group.entry.node: group for group in self.groups}

    def answered(self, via: str) -> float | None:
        """Return the share answered by an access path: ``dns``, ``lb`` or ``node/NAME``; None without entries."""
        if not self.groups or via == "dns":
            return self.dns
        if via == "lb":
            return self.lb
        group = self.group_of(via.removeprefix("node/"))
        return group.entry.answered if group else None

    def refused(self, via: str) -> bool:
        """Return whether every node that is up, and that clients come to, refuses the connection."""
        return _refused(self.chosen(via))

    def group_of(self, node: str) -> EntryPointGroup | None:
        """Return the group of a node's entry point; None if it has none."""
        return self._first.get(node) or next((group for group in self.groups if node in group), None)

    def chosen(self, via: str) -> tuple[EntryPointGroup, ...]:
        """Return the entry points that clients come to by an access path; of a single node, it alone."""
        if via == "dns":
            return self.groups
        if via == "lb":
            return tuple(group for group in self.groups if group.lb_target)
        name = via.removeprefix("node/")
        # The group's first entry names another node in its reason, so this one is worked out.
        group = self.group_of(name)
        return (group.alone(self.entries.at(name)),) if group else ()


_SPREADING = "dns", "lb"
"""The access paths that share clients out among nodes."""


class Outcomes:
    """The outcomes of one state; the cost of each goes with its endpoints, not with the nodes."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._points: dict[tuple[tuple[str, ...], bool], EntryPoints] = {}
        self._seen: dict[Hashable, Seen] = {}

    def of(self, service: Service, index: int) -> PortOutcome:
        """Return what new connections to one port of a service get."""
        port = service.ports[index]
        listed = endpoints_at(self.state, service, index)
        live = frozenset(e.key for e in listed if is_live(self.state, e))
        none = no_endpoints(self.state, service, index, listed)
        if not has_entries(service, port):
            return PortOutcome(service, port, listed, live, no_endpoints=none)
        points = self._entry_points(service)
        by_family = {chosen: plan_of(self.state, service, port, listed, chosen, none) for chosen in points.families}
        groups = points.groups(by_family)
        evaluators = {chosen: Evaluator(plan) for chosen, plan in by_family.items()}

        def at(node: str) -> Entry:
            family, point = points.at(node)
            return evaluators[family].entry(point)

        return PortOutcome(service, port, listed, live, Entries(points.names, at), groups, none)

    def shares(self, service: Service, index: int) -> tuple[float, float]:
        """Return what a port with entries answers by DNS and by load balancer, for those who ask for nothing else."""
        groups = self._groups(service, index)
        return _mean(groups), _mean([group for group in groups if group.lb_target])

    def answered(self, service: Service, index: int, via: str) -> float | None:
        """Return what a port answers by one access path, None without entries, for those who ask for nothing else."""
        if not has_entries(service, service.ports[index]):
            return None
        return self.seen(service, index, via).answered

    def seen(self, service: Service, index: int, via: str) -> "Seen":
        """Return what clients of a port with entries see by one access path, for those who ask for nothing else."""
        points = self._entry_points(service)
        sort = self._sort(service, index, points, via)
        if sort is None:
            return _seen(self._groups(service, index), via)
        key = points, sort, via
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = _seen(self._groups(service, index), via)
        return found

    def _sort(self, service: Service, index: int, points: EntryPoints, via: str) -> Hashable | None:
        """Return what ports have in common of which one stands for all; None for a port that goes by itself."""
        key = service.key, index
        if key in self._touched:
            return touched_sort(self.state, service, index, points) if via in _SPREADING else None
        return None if key in self._on_asked(via) else untouched_sorts(self.state.cluster)[key]

    def seen_by_all(self, via: str) -> list["Seen"]:
        """Return the same of each exposed port, in the cluster's order."""
        ports, sorts = exposed_ports(self.state.cluster), untouched_sorts(self.state.cluster)
        apart = self._touched.union(self._on_asked(via))
        alone = [port for port, key in zip(ports, sorts, strict=True) if key in apart]
        singly = {(service.key, index): self.seen(service, index, via) for service, index in counted_off(alone)}
        known: dict[int, Seen] = {}
        found = []
        for port, (key, sort) in zip(ports, sorts.items(), strict=True):
            seen = singly.get(key) or known.get(sort)
            if seen is None:
                seen = known[sort] = self.seen(*port, via)
            found.append(seen)
        return found

    def _on_asked(self, via: str) -> Sequence[Port]:
        """Return the ports with an endpoint on the node that clients connect to: there may be what is on no other."""
        return () if via in _SPREADING else ports_on(self.state.cluster, via.removeprefix("node/"))

    @lazy
    def _touched(self) -> frozenset[Port]:
        return touched_ports(self.state)

    def _groups(self, service: Service, index: int) -> tuple[EntryPointGroup, ...]:
        listed, points, port = (
            endpoints_at(self.state, service, index),
            self._entry_points(service),
            service.ports[index],
        )
        return points.groups({of: plan_of(self.state, service, port, listed, of) for of in points.families})

    def _entry_points(self, service: Service) -> EntryPoints:
        # Without a kube-proxy that has died it doesn't matter what load balancers ask.
        asked = service.ip_families, is_checked(service) and bool(self.state.dead_kube_proxies)
        if asked not in self._points:
            self._points[asked] = EntryPoints(self.state, service.ip_families, checked=asked[1])
        return self._points[asked]


@dataclass(frozen=True, slots=True)
class Seen:
    """What clients of one service port see by one access path."""

    answered: float | None
    """None for a node that isn't there."""
    refused: bool
    """Every node that is up, and that they come to, refuses the connection."""


def _seen(groups: Sequence[EntryPointGroup], via: str) -> Seen:
    if via in _SPREADING:
        chosen = [group for group in groups if via == "dns" or group.lb_target]
        return Seen(_mean(chosen), _refused(chosen))
    group = next((group for group in groups if via.removeprefix("node/") in group), None)
    return Seen(group.entry.answered, _refused([group])) if group else Seen(None, refused=False)


def _refused(groups: Iterable[EntryPointGroup]) -> bool:
    entries = [group.entry for group in groups if group.entry.cause is not Cause.NODE_DOWN]
    return {entry.result for entry in entries} == {Result.REFUSED}


def outcome(state: State, service_key: str, port_index: int = 0) -> PortOutcome:
    """Return what new connections to one port of a service get.

    Raises:
        KeyError: there is no such service.
        IndexError: the service has no such port.

    """
    return Outcomes(state).of(state.cluster.services[service_key], port_index)


def _mean(groups: Sequence[EntryPointGroup]) -> float:
    """Return the mean of what their entry points answer; 0 if there are none."""
    # fsum, so that the order of the groups doesn't show in the last digit.
    total = sum(group.count for group in groups)
    return fsum(group.count * group.entry.answered for group in groups) / total if total else 0.0
