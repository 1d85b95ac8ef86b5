"""Which nodes share a vertex: with thousands of them a picture shows most only as a number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.cluster.model import Node
from webapp.failure.state import State
from webapp.routing.entry import Entry
from webapp.routing.entry_points import ranks
from webapp.routing.outcome import PortOutcome


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


def stands(state: State, outcome: PortOutcome, before: PortOutcome, alone: int | None) -> list[Stand]:
    """Return all nodes in the cluster's order; beyond `alone` of a kind, the others come as one.

    Nodes with an endpoint of the service are never put together. What a node's vertex and its entry point's say
    decides the kind, so nothing that is said of one is wrong for the others.
    """
    place = ranks(state.cluster)
    found = []
    for names in _together(state, outcome, alone):
        group = before.group_of(names[0])
        found.append(
            Stand(
                node=state.cluster.nodes[names[0]],
                entry=outcome.entries.at(names[0]) if outcome.entries else None,
                before=group.entry.answered if group else None,
                also=tuple(names[1:]),
            )
        )
    return sorted(found, key=lambda stand: place[stand.node.name])


def _together(state: State, outcome: PortOutcome, alone: int | None) -> Iterator[Sequence[str]]:
    """Yield the names of the nodes that share a vertex."""
    names = state.cluster.nodes
    if alone is None or len(names) <= alone:
        yield from ((name,) for name in names)
        return
    for fellows in [group.nodes for group in outcome.groups] or [tuple(names)]:
        for kind in _kinds(state, outcome, fellows) if len(fellows) > 1 else [fellows]:
            yield from ((name,) for name in kind[:alone])
            if len(kind) > alone:
                yield kind[alone:]


def _kinds(state: State, outcome: PortOutcome, fellows: Sequence[str]) -> list[list[str]]:
    """Return nodes whose entry points fare alike, by what else is said of them."""
    apart = {endpoint.node for endpoint in outcome.endpoints} | {state.scenario.via.removeprefix("node/")}
    changed = (state.down_nodes, state.unready_nodes, state.cordoned_nodes, state.stale_nodes)
    touched = frozenset().union(*changed)
    kinds: dict[object, list[str]] = {}
    for name in fellows:
        node = state.cluster.nodes[name]
        said: tuple[object, ...] = (node.zone, node.ready, node.unschedulable, node.assumed, node.control_plane)
        if name in touched:
            said += tuple(name in names for names in changed)
        kinds.setdefault(name if name in apart else said, []).append(name)
    return list(kinds.values())
