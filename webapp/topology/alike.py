"""Which nodes share a vertex: with thousands of them a picture shows most only as a number."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from webapp.cluster.model import Node
from webapp.failure.state import State
from webapp.routing.outcome import Entry, PortOutcome


@dataclass(frozen=True, slots=True)
class Stand:
    """A node with its entry point, and those that they stand for."""

    node: Node
    entry: Entry | None
    """None where the service has no way in."""
    before: float | None
    """What the entry point answered before the failure."""
    also: tuple[str, ...] = ()
    """Further nodes that differ from this one in names and addresses only."""

    @property
    def count(self) -> int:
        """How many nodes these are."""
        return 1 + len(self.also)


def stands(
    state: State, outcome: PortOutcome, before: PortOutcome, weights: Mapping[str, float], alone: int | None
) -> Iterator[Stand]:
    """Yield all nodes in the cluster's order; beyond `alone` of a kind, the others come as one.

    Nodes with an endpoint of the service are never put together. What a node's vertex and its entry point's say
    decides the kind, so nothing that is said of one is wrong for the others.
    """
    every = _every(state, outcome, before)
    if alone is None or len(state.cluster.nodes) <= alone:
        yield from every
        return
    busy = {endpoint.node for endpoint in outcome.endpoints}
    touched = state.down_nodes | state.unready_nodes | state.cordoned_nodes | state.stale_nodes
    kinds: dict[object, list[Stand]] = {}
    for stand in every:
        node, entry = stand.node, stand.entry
        if node.name in busy:
            kinds[node.name] = [stand]
            continue
        said: tuple[object, ...] = (node.zone, node.ready, node.unschedulable, node.assumed, node.control_plane)
        if node.name in touched:
            said += tuple(
                node.name in names
                for names in (state.down_nodes, state.unready_nodes, state.cordoned_nodes, state.stale_nodes)
            )
        if entry is not None:
            target, weight = node.name in outcome.lb_targets, weights[node.name]
            picks = id(entry.shares) if entry.shares else None
            said += (entry.cause, entry.answered, stand.before, entry.client_ip, picks, target, weight)
        kinds.setdefault(said, []).append(stand)
    left = {stand.node.name: stand for its in kinds.values() for stand in _thinned(its, alone)}
    yield from (left[name] for name in state.cluster.nodes if name in left)


def _every(state: State, outcome: PortOutcome, before: PortOutcome) -> Iterable[Stand]:
    nodes = state.cluster.nodes.values()
    if not outcome.entries:
        return (Stand(node, None, None) for node in nodes)
    known = {entry.node: entry.answered for entry in before.entries}
    pairs = zip(nodes, outcome.entries, strict=True)
    return (Stand(node, entry, known.get(node.name)) for node, entry in pairs)


def _thinned(its: list[Stand], alone: int) -> list[Stand]:
    first, rest = its[:alone], its[alone:]
    return [*first, replace(rest[0], also=tuple(stand.node.name for stand in rest[1:]))] if rest else first
