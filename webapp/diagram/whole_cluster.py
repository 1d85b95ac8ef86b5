"""A cluster and a Scenario -> the graph of all its exposed services, or of those that a picture has room for."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from types import MappingProxyType

from webapp.cluster.model import Cluster, Service
from webapp.cluster.order import natural
from webapp.cluster.remembered import once_per_cluster
from webapp.diagram.cluster_columns import MOST_COLUMNS, PortChange, shown_ports
from webapp.failure import Moment, Scenario, State, state_at
from webapp.failure.kinds import TargetType
from webapp.limits import CLUSTER
from webapp.numbers import everything, nothing
from webapp.records import dataclass
from webapp.routing import PortOutcome, Result
from webapp.routing.equal_ports import exposed_ports
from webapp.routing.outcome import Outcomes, Seen
from webapp.topology import cluster_graph
from webapp.topology.attributes import Graph, NodeState
from webapp.topology.vertices import node_state

MOST_NODES = 12
"""With more nodes than this, alike ones share a lane."""
# With 15 columns about 2,000 SVG elements, of the 2,500 that a picture may have on a phone.
MOST_LANES = 24

_MOST_VIAS = 4


def whole_graph(
    state: State,
    changes: Sequence[PortChange] | None = None,
    unfold: frozenset[str] = frozenset(),
    found: str = "",
    most: int = MOST_COLUMNS,
) -> Graph:
    """Return the graph of what a picture of the whole cluster shows: affected services first, alike nodes folded.

    `changes` are those of the state, for whom has them already; `found` is a node that keeps a lane of its own,
    and `most` how many columns there may be.
    """
    changes = port_changes(state) if changes is None else changes
    shown = shown_ports(state.cluster, changes, unfold, most)
    pairs = list(_with_before(state, ((change.service, change.index) for change in shown.bars)))
    folded = lanes(state, unfold, found, [now for now, _ in pairs])
    return cluster_graph(state, pairs, folded, shown.others, shown.more)


def graphs_beside(left: State, right: State, service: str | None = None) -> tuple[Graph, Graph]:
    """Return the graphs of two pictures with the same columns and lanes; of one service, or of what changes anywhere.

    What is affected in either is shown, the worst in either first.
    """
    its = {(change.service.key, change.index): change for change in port_changes(right)}
    merged = [
        replace(
            change,
            share=min(change.share, other.share),
            affected=change.affected or other.affected or not nothing(change.share - other.share),
        )
        for change in port_changes(left)
        if (other := its.get((change.service.key, change.index))) and service in (None, change.service.key)
    ]
    shown = shown_ports(left.cluster, merged)
    ports = [(change.service.key, change.index) for change in shown.bars]
    pairs = [
        list(_with_before(state, ((state.cluster.services[key], index) for key, index in ports)))
        for state in (left, right)
    ]
    # Before a failure all nodes are alike, after it some are down: lanes of that one fit both.
    later = left if right.scenario.at is Moment.BEFORE else right
    folded = lanes(later, ports=[now for now, _ in pairs[later is right]])
    if left.cluster.nodes.keys() == right.cluster.nodes.keys():
        both = [folded, folded]
    else:
        both = [lanes(state, ports=[now for now, _ in pair]) for state, pair in zip((left, right), pairs, strict=True)]
    made = [
        cluster_graph(state, pair, each, shown.others, shown.more)
        for state, pair, each in zip((left, right), pairs, both, strict=True)
    ]
    return made[0], made[1]


def every_port_graph(state: State) -> Graph:
    """Return the graph of all exposed service ports; beyond so many entry points nodes share vertices."""
    ports = exposed_ports(state.cluster)
    # Nodes of one zone and state then share their entry points.
    folded = len(ports) * len(state.cluster.nodes) > CLUSTER.entries
    return cluster_graph(state, _with_before(state, ports), lanes(state) if folded else None)


def port_changes(state: State) -> list[PortChange]:
    """Return what the failure does to each exposed service port, for clients that connect as the Scenario says."""
    via, ports = state.scenario.via, exposed_ports(state.cluster)
    # Thousands of ports that the failure leaves alone see the same, and were answered alike before.
    judged = lru_cache(maxsize=None)(_judged)
    return [
        PortChange(service, index, *judged(seen, was))
        for (service, index), seen, was in zip(
            ports, Outcomes(state).seen_by_all(via), _shares_before(state.cluster, via), strict=True
        )
    ]


def _judged(seen: Seen, was: float) -> tuple[float, bool, Result]:
    share = seen.answered or 0.0
    return share, not nothing(was - share), port_result(share, refused=seen.refused)


def _shares_before(cluster: Cluster, via: str) -> tuple[float, ...]:
    known = _known_shares(cluster)
    if via not in known:
        # The access paths that somebody compares: DNS, a load balancer, some nodes. 10,000 shares each take 0.3 MB.
        if len(known) >= _MOST_VIAS:
            known.clear()
        known[via] = tuple(seen.answered or 0.0 for seen in Outcomes(_before(cluster)).seen_by_all(via))
    return known[via]


@once_per_cluster
def _known_shares(_: Cluster) -> dict[str, tuple[float, ...]]:
    """Return where what a cluster's service ports answer before any failure is kept: the same for every click."""
    return {}


def _before(cluster: Cluster) -> State:
    return state_at(cluster, Scenario(at=Moment.BEFORE))


def _with_before(state: State, ports: Iterable[tuple[Service, int]]) -> Iterator[tuple[PortOutcome, PortOutcome]]:
    now, before = Outcomes(state), Outcomes(_before(state.cluster))
    return ((now.of(*port), before.of(*port)) for port in ports)


def port_result(share: float, *, refused: bool) -> Result:
    """Return what clients of a service port see, all its entry points together."""
    if everything(share):
        return Result.ANSWERED
    if not nothing(share):
        return Result.DEGRADED
    return Result.REFUSED if refused else Result.TIMEOUT


# --- lanes ------------------------------------------------------------------------------------------------------------


def lanes(
    state: State, unfold: frozenset[str] = frozenset(), found: str = "", ports: Sequence[PortOutcome] = ()
) -> list[list[str]]:
    """Return which nodes share a lane, zone by zone; `unfold` names lanes whose first nodes come one by one.

    Nodes in one zone and state, with equally many pods of each of the `ports`, share one; where that leaves too many
    lanes, those of one zone and state. What was taken down by name, is `found`, or is connected to stays alone.
    """
    calm = _calm_nodes(state.cluster)
    if len(calm.place) <= MOST_NODES:
        return [[name] for name in calm.place]
    alone = _alone(state, found)
    pods: dict[str, Counter[int]] = {}
    for i, port in enumerate(ports):
        for endpoint in port.endpoints:
            if (home := endpoint.home) is not None and home in state.cluster.nodes:
                pods.setdefault(home, Counter())[i] += 1
    held = {home: tuple(sorted(counts.items())) for home, counts in pods.items()}
    folded = _folded(state, alone, held)
    if len(folded) > MOST_NODES or not ports:
        folded = _folded(state, alone)
    if len(folded) > MOST_LANES:
        # Too many zones for a lane each: state matters more than place.
        folded = _folded(state, alone, by_zone=False)
    return list(_opened(state, folded, unfold))


@dataclass(frozen=True, slots=True)
class _CalmNodes:
    """The nodes as they are before any failure, which is what nearly all of 5,000 stay."""

    place: Mapping[str, int]
    """By name, in the order of lanes."""
    alike: Mapping[tuple[str | None, NodeState], Sequence[str]]
    """Those of one zone and state, in that order."""


@once_per_cluster
def _calm_nodes(cluster: Cluster) -> _CalmNodes:
    zones = sorted({n.zone for n in cluster.nodes.values()}, key=lambda zone: (zone is None, natural(zone or "")))
    # Thousands of nodes are in a few zones, so it is the zones whose names are compared.
    rank = {zone: number for number, zone in enumerate(zones)}
    # Stable: inside a zone nodes keep the cluster's order, so exports stay the same to the byte.
    nodes = sorted(cluster.nodes.values(), key=lambda node: rank[node.zone])
    before, alike = _before(cluster), dict[tuple[str | None, NodeState], list[str]]()
    for node in nodes:
        alike.setdefault((node.zone, node_state(before, node)), []).append(node.name)
    return _CalmNodes({node.name: place for place, node in enumerate(nodes)}, alike)


def _folded(
    state: State,
    alone: frozenset[str],
    held: Mapping[str, Hashable] = MappingProxyType({}),
    *,
    by_zone: bool = True,
) -> list[list[str]]:
    """Return the names of the nodes that share a lane, in order; `held` is what else tells some of them apart.

    Only nodes that the failure changes, or that are told apart, are looked at one by one.
    """
    calm, nodes = _calm_nodes(state.cluster), state.cluster.nodes
    changed = state.down_nodes | state.unseen_nodes | state.unready_nodes | state.cordoned_nodes
    apart = (changed & nodes.keys()) | alone | held.keys()
    found: dict[Hashable, list[list[str]]] = {}
    for (zone, word), names in calm.alike.items():
        if rest := [name for name in names if name not in apart]:
            found.setdefault((zone if by_zone else None, word, "", None), []).append(rest)
    for name in apart:
        node, own = nodes[name], name if name in alone else ""
        key = node.zone if by_zone else None, node_state(state, node), own, held.get(name)
        found.setdefault(key, []).append([name])
    folded = [sorted(chain.from_iterable(parts), key=calm.place.__getitem__) for parts in found.values()]
    return sorted(folded, key=lambda names: calm.place[names[0]])


def _alone(state: State, found: str) -> frozenset[str]:
    """Return the nodes that are never hidden in a number, as far as there is room for them."""
    scenario = state.scenario
    asked = [target.name for target in sorted(scenario.down, key=str) if target.mode.subject is TargetType.NODE]
    names = dict.fromkeys((found, scenario.via.removeprefix("node/"), *scenario.drain, *asked))
    return frozenset([name for name in names if name in state.cluster.nodes][:MOST_NODES])


def _opened(state: State, folded: Sequence[list[str]], unfold: frozenset[str]) -> Iterator[list[str]]:
    room = MOST_LANES - len(folded)
    for names in folded:
        # They come zone by zone, so those between are where these two are.
        first, last = state.cluster.nodes[names[0]], state.cluster.nodes[names[-1]]
        word = lane_word(first.zone if first.zone == last.zone else None, node_state(state, first))
        taken = min(MOST_NODES, room) if word in unfold and len(names) > 1 else 0
        room -= taken
        yield from ([name] for name in names[:taken])
        if names[taken:]:
            yield names[taken:]


def lane_word(zone: str | None, state: NodeState) -> str:
    """Return what opens a lane of several nodes, in words that a failure elsewhere does not change."""
    return f"{zone or 'nowhere'}.{state}"
