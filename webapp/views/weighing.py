"""What a service port answers, without working out each of its entry points: for lists of many services.

Entry points of nodes that kube-proxy cannot tell apart fare alike, so one stands for all of them. Only the nodes that
hold an endpoint, are named by a hint or are asked for by name are looked at one by one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from webapp.cluster.model import Endpoint, Service
from webapp.failure import State, endpoints_at, is_live
from webapp.routing import Cause, Entry, Plan, PlanNode, Result, balancer_targets, evaluate, has_entries
from webapp.routing.health_check import is_checked
from webapp.routing.outcomes import plan_node


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


@dataclass(frozen=True, slots=True)
class _Class:
    """Nodes that only their names and addresses tell apart."""

    first: PlanNode
    names: frozenset[str]


class Scales:
    """Weighs the service ports of one state."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._classes: dict[tuple[tuple[str, ...], bool], tuple[_Class, ...]] = {}

    def weigh(self, service: Service, index: int) -> Weighed:
        """Return what one port answers; linear in its endpoints and in the kinds of nodes, not in the nodes."""
        listed = endpoints_at(self.state, service, index)
        port = service.ports[index]
        dead = frozenset(e.key for e in (*listed, *port.endpoints) if not is_live(self.state, e))
        live = len({endpoint.key for endpoint in listed} - dead)
        if not has_entries(service, port):
            return Weighed((), listed, live)
        groups: list[Group] = []
        for family, classes in self._by_family(service).items():
            own, stale = _of_family(listed, family), _of_family(port.endpoints, family)
            groups += self._groups(service, own, stale, dead, classes)
        return Weighed(tuple(groups), listed, live)

    def _by_family(self, service: Service) -> dict[str, list[_Class]]:
        found: dict[str, list[_Class]] = {}
        for one in self._classes_for(service.ip_families, checked=is_checked(service)):
            family = plan_node(self.state, self.state.cluster.nodes[one.first.name], service.ip_families)[0]
            found.setdefault(family, []).append(one)
        return found

    def _classes_for(self, families: tuple[str, ...], *, checked: bool) -> tuple[_Class, ...]:
        if (families, checked) not in self._classes:
            names: dict[object, list[PlanNode]] = {}
            for node in self.state.cluster.nodes.values():
                family, planned = plan_node(self.state, node, families, checked=checked)
                alike = replace(planned, name="", address=None)
                names.setdefault((family, alike), []).append(planned)
            self._classes[families, checked] = tuple(
                _Class(alike[0], frozenset(node.name for node in alike)) for alike in names.values()
            )
        return self._classes[families, checked]

    def _groups(
        self,
        service: Service,
        endpoints: tuple[Endpoint, ...],
        stale: tuple[Endpoint, ...],
        dead: frozenset[str],
        classes: Sequence[_Class],
    ) -> Iterable[Group]:
        nodes, counts = _stand_ins(classes, self._special((*endpoints, *stale)))
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


def _stand_ins(classes: Iterable[_Class], special: frozenset[str]) -> tuple[list[PlanNode], Counter[str]]:
    """Return the nodes to look at, and how many each stands for."""
    nodes: list[PlanNode] = []
    counts: Counter[str] = Counter()
    for one in classes:
        alone = special & one.names
        nodes += (replace(one.first, name=name) for name in sorted(alone))
        counts.update(alone)
        rest = one.names - alone
        if rest:
            name = one.first.name if one.first.name in rest else min(rest)
            nodes.append(replace(one.first, name=name))
            counts[name] = len(rest)
    return nodes, counts


def _of_family(endpoints: tuple[Endpoint, ...], family: str) -> tuple[Endpoint, ...]:
    return tuple(e for e in endpoints if e.address is None or (":" in e.address) == (family == "IPv6"))
