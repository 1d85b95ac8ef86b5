"""Which nodes share a vertex: with thousands of them a picture shows most only as a number."""

from collections.abc import Hashable, Iterator, Sequence

from webapp.cluster.model import Node
from webapp.failure.state import State
from webapp.records import dataclass
from webapp.routing.entry import Entry
from webapp.routing.entry_points import ranks
from webapp.routing.equal_entry_points import EntryPointGroup, split
from webapp.routing.outcome import PortOutcome


@dataclass(frozen=True, slots=True)
class FoldedNodes:
    """A node with its entry point, and those that they stand for."""

    node: Node
    entry: Entry | None
    """None where the service has no entry points."""
    alike: EntryPointGroup | None
    """All entry points that do the same, these among them."""
    before: float | None
    """What the entry point answered before the failure."""
    also: tuple[str, ...] = ()
    """Further nodes that differ from this one in names and addresses only."""

    @property
    def count(self) -> int:
        """How many nodes these are."""
        return 1 + len(self.also)


def folded_nodes(
    state: State, outcome: PortOutcome, before: PortOutcome, alone: int | None, found: str = ""
) -> list[FoldedNodes]:
    """Return all nodes in the cluster's order; beyond `alone` of a kind, the others come as one, but never `found`.

    Nodes with an endpoint of the service are never put together. What a node's vertex and its entry point's say
    decides the kind, so nothing that is said of one is wrong for the others.
    """
    place = ranks(state.cluster)
    made = []
    for names, alike in _together(state, outcome, alone, found):
        at_first = before.group_of(names[0])
        made.append(
            FoldedNodes(
                node=state.cluster.nodes[names[0]],
                entry=outcome.entries.at(names[0]) if alike else None,
                alike=alike,
                before=at_first.entry.answered if at_first else None,
                also=tuple(names[1:]),
            )
        )
    return sorted(made, key=lambda group: place[group.node.name])


def _together(
    state: State, outcome: PortOutcome, alone: int | None, found: str
) -> Iterator[tuple[Sequence[str], EntryPointGroup | None]]:
    """Yield the names of the nodes that share a vertex, with the entry points that do the same as theirs."""
    names = state.cluster.nodes
    # A service without entry points has no groups: all nodes are alike then.
    every: list[tuple[Sequence[str], EntryPointGroup | None]] = [(group.nodes, group) for group in outcome.groups]
    for fellows, group in every or [(tuple(names), None)]:
        if alone is None or len(names) <= alone or len(fellows) == 1:
            yield from (((name,), group) for name in fellows)
            continue
        for kind in _kinds(state, outcome, fellows, found):
            yield from (((name,), group) for name in kind[:alone])
            if len(kind) > alone:
                yield kind[alone:], group


def _kinds(state: State, outcome: PortOutcome, fellows: Sequence[str], found: str) -> list[list[str]]:
    """Return nodes whose entry points do the same, by what else is said of them."""
    # Where an endpoint is, where clients come in, and what somebody looks for, is what a picture is about: such nodes
    # are never hidden in a number.
    apart = {endpoint.node for endpoint in outcome.endpoints} | {state.scenario.via.removeprefix("node/"), found}
    changed = (state.down_nodes, state.unready_nodes, state.cordoned_nodes, state.stale_nodes, state.unseen_nodes)
    # Few of 5,000 nodes are in one of these sets, so all others are asked one question and not four.
    touched = frozenset().union(*changed)

    def said(name: str) -> Hashable:
        if name in apart:
            return name
        node = state.cluster.nodes[name]
        of = (node.zone, node.ready, node.unschedulable, node.assumed, node.control_plane)
        return (of, *(name in names for names in changed)) if name in touched else of

    return split(fellows, said)
