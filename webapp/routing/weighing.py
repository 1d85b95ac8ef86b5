"""What a service port answers, without working out each of its entry points: for lists of many services.

Entry points of nodes that kube-proxy cannot tell apart fare alike, so one stands for all of them. Only the nodes that
hold an endpoint, are named by a hint or are asked for by name are looked at one by one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from webapp.cluster.model import Endpoint, Service
from webapp.failure.belief import endpoints_at, is_live
from webapp.failure.state import State
from webapp.routing.entry_points import Alike, kinds
from webapp.routing.evaluate import balancer_targets, evaluate
from webapp.routing.health_check import is_checked
from webapp.routing.outcome import Cause, Entry, Result
from webapp.routing.outcomes import has_entries
from webapp.routing.plan import Plan, PlanNode


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes whose entry points fare alike."""

    entry: Entry
    """That of one of them."""
    count: int
    target: bool
    """A load balancer sends to them."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One service port."""

    groups: tuple[Group, ...]
    endpoints: tuple[Endpoint, ...]
    live: int
    """How many endpoints really answer."""

    def chosen(self, via: str) -> tuple[Group, ...]:
        """Return the groups that clients come to by `via`."""
        if via == "dns":
            return self.groups
        if via == "lb":
            return tuple(group for group in self.groups if group.target)
        name = via.removeprefix("node/")
        return tuple(replace(group, count=1) for group in self.groups if group.entry.node == name)

    def answered(self, via: str) -> float | None:
        """Return the share answered by `via`; None without a way in."""
        if not self.groups:
            return None
        chosen = self.chosen(via)
        total = sum(group.count for group in chosen)
        return sum(group.count * group.entry.answered for group in chosen) / total if total else 0.0

    def refused(self, via: str) -> bool:
        """Return whether every node that is up, and that clients come to, tells them no."""
        entries = [group.entry for group in self.chosen(via) if group.entry.cause is not Cause.NODE_DOWN]
        return {entry.result for entry in entries} == {Result.REFUSED}


class Scales:
    """Weighs the service ports of one state."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._kinds: dict[tuple[tuple[str, ...], bool], dict[str, list[Alike]]] = {}

    def weigh(self, service: Service, index: int) -> Weighed:
        """Return what one port answers; linear in its endpoints and in the kinds of nodes, not in the nodes."""
        listed = endpoints_at(self.state, service, index)
        port = service.ports[index]
        dead = frozenset(e.key for e in (*listed, *port.endpoints) if not is_live(self.state, e))
        live = len({endpoint.key for endpoint in listed} - dead)
        if not has_entries(service, port):
            return Weighed((), listed, live)
        groups: list[Group] = []
        for family, alike in self._by_family(service).items():
            own, stale = _of_family(listed, family), _of_family(port.endpoints, family)
            groups += self._groups(service, own, stale, dead, alike)
        return Weighed(tuple(groups), listed, live)

    def _by_family(self, service: Service) -> dict[str, list[Alike]]:
        asked = service.ip_families, is_checked(service)
        if asked not in self._kinds:
            found = self._kinds[asked] = {}
            for one in kinds(self.state, service.ip_families, checked=asked[1]):
                found.setdefault(one.family, []).append(one)
        return self._kinds[asked]

    def _groups(
        self,
        service: Service,
        endpoints: tuple[Endpoint, ...],
        stale: tuple[Endpoint, ...],
        dead: frozenset[str],
        alike: Sequence[Alike],
    ) -> Iterable[Group]:
        nodes, counts = _stand_ins(alike, self._special((*endpoints, *stale)))
        plan = Plan(
            service=service.key,
            local=service.external_traffic_policy == "Local",
            endpoints=endpoints,
            stale_endpoints=stale if self.state.stale_nodes else (),
            dead=dead,
            host_network=frozenset(),
            nodes=tuple(nodes),
            iptables=self.state.cluster.options.proxy_mode == "iptables",
        )
        targets = frozenset(balancer_targets(plan))
        return [Group(entry, counts[entry.node], entry.node in targets) for entry in evaluate(plan)]

    def _special(self, endpoints: Iterable[Endpoint]) -> frozenset[str]:
        named = {name for e in endpoints for name in (*e.node_hints, e.node or "")}
        return frozenset(named | {self.state.scenario.via.removeprefix("node/")})


def _stand_ins(kinds_of_nodes: Iterable[Alike], special: frozenset[str]) -> tuple[list[PlanNode], Counter[str]]:
    """Return the nodes to look at, and how many each stands for."""
    nodes: list[PlanNode] = []
    counts: Counter[str] = Counter()
    for one in kinds_of_nodes:
        alone = special & one.names
        nodes += (replace(one.first, name=name) for name in sorted(alone))
        counts.update(alone)
        if left := len(one.names) - len(alone):
            name = one.first.name if one.first.name not in alone else min(one.names - alone)
            nodes.append(replace(one.first, name=name))
            counts[name] = left
    return nodes, counts


def _of_family(endpoints: tuple[Endpoint, ...], family: str) -> tuple[Endpoint, ...]:
    return tuple(e for e in endpoints if e.address is None or (":" in e.address) == (family == "IPv6"))
