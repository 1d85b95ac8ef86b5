"""What one service port answers after a loss, by kube-proxy's own rules over folded entry points."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from webapp.cluster.endpoints import family
from webapp.cluster.model import Endpoint, Service
from webapp.failure.belief import endpoints_at, is_live
from webapp.failure.scenario import Moment, Scenario
from webapp.failure.state import State
from webapp.resilience.entrances import Entrances, Names
from webapp.routing.evaluate import balancer_targets, evaluate
from webapp.routing.plan import Plan, PlanNode


class Answer(NamedTuple):
    """Which share of new connections is answered, by two ways in."""

    dns: float
    lb: float

    def by(self, via: str) -> float:
        """Return the share for ``dns`` or ``lb``."""
        return self.lb if via == "lb" else self.dns


class _Entrance(NamedTuple):
    family: str
    node: PlanNode
    weight: int


def state_after(entrances: Entrances, lost: Names, at: Moment) -> State:
    """Return the same state as :func:`webapp.failure.state_at` for lost nodes, without looking at all the others."""
    cluster = entrances.cluster
    noticed = at is Moment.DETECTED and not entrances.blinds(lost)
    return State(
        cluster=cluster,
        scenario=Scenario(),
        down_nodes=lost,
        unready_nodes=lost if noticed else frozenset(),
    )


def weigh(entrances: Entrances, service: Service, index: int, lost: Names, at: Moment) -> Answer:
    """Return what the service's port answers once these nodes are lost.

    Any service: hints, endpoints written by hand, two IP families. Nodes without endpoints or hints of the service
    count by crowds, so the cost goes with its endpoints, not with the cluster's nodes.
    """
    state = state_after(entrances, lost, at)
    endpoints = endpoints_at(state, service, index)
    dead = frozenset(e.key for e in endpoints if not is_live(state, e))
    reduced = tuple(_reduced(entrances, endpoints, lost))
    dns = lb = 0.0
    targets = 0
    for of in entrances.families:
        mine = [entrance for entrance in reduced if entrance.family == of]
        plan = _plan(entrances, service, _of_family(endpoints, of), dead, mine)
        checked = frozenset(balancer_targets(plan))
        for entry, entrance in zip(evaluate(plan), mine, strict=True):
            dns += entry.answered * entrance.weight
            if entry.node in checked:
                lb += entry.answered * entrance.weight
                targets += entrance.weight
    return Answer(dns / len(entrances.nodes), lb / targets if targets else 0.0)


def _reduced(entrances: Entrances, endpoints: Sequence[Endpoint], lost: Names) -> Iterator[_Entrance]:
    """Yield the entry points that are up: nodes of endpoints and hints one by one, the others as crowds."""
    mentioned = {name for e in endpoints for name in (e.node or "", *e.node_hints)}
    alone = [name for name in mentioned if name in entrances.nodes and name not in lost]
    away = entrances.absences(lost) + Counter(entrances.crowd_of[name] for name in alone)
    for name in sorted(alone):
        of, node = entrances.nodes[name]
        yield _Entrance(of, node, 1)
    for number, crowd in enumerate(entrances.crowds):
        if left := len(crowd.members) - away[number]:
            yield _Entrance(crowd.family, crowd.node, left)


def _plan(
    entrances: Entrances,
    service: Service,
    endpoints: tuple[Endpoint, ...],
    dead: frozenset[str],
    mine: Sequence[_Entrance],
) -> Plan:
    return Plan(
        service=service.key,
        local=service.external_traffic_policy == "Local",
        proxied=service.proxied,
        endpoints=endpoints,
        dead=dead,
        nodes=tuple(entrance.node for entrance in mine),
        iptables=entrances.cluster.options.proxy_mode == "iptables",
    )


def _of_family(endpoints: Sequence[Endpoint], of: str) -> tuple[Endpoint, ...]:
    return tuple(e for e in endpoints if e.address is None or family(e.address) == of)
