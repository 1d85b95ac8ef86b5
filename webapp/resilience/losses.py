"""What can be lost at once: one node, or one zone; of nodes that are equal for a service one stands for all."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from webapp.failure.scenario import Moment
from webapp.resilience.entry_nodes import Answered, Names
from webapp.resilience.reach import Reach, home_of

What = Literal["node", "zone"]


class Domain(NamedTuple):
    """Nodes that fail together: one node, or all of a zone."""

    name: str
    nodes: Names


def domains(reach: Reach, what: What) -> Iterable[Domain]:
    """Return the zones, or the nodes: those that carry endpoints, and one of each kind of the others."""
    if what == "zone":
        return [Domain(zone, nodes) for zone, nodes in reach.nodes.zones.items()]
    return (Domain(name, reach.nodes.alone(name)) for name in telling_nodes(reach))


def losses_of(reach: Reach, what: What) -> Sequence[tuple[Domain, Answered]]:
    """Return the same, each with what is answered once its loss is detected; worked out once for each service port."""
    found = reach.losses.get(what)
    if found is None:
        asked = ((domain, reach.answer(domain.nodes, Moment.DETECTED)) for domain in domains(reach, what))
        found = reach.losses[what] = tuple(asked)
    return found


def telling_nodes(reach: Reach) -> Iterator[str]:
    """Yield the nodes of the service's endpoints and hints, and one of each sort of the others."""
    carrying = carriers(reach)
    # Those with something of the service come first: a culprit that people see is theirs.
    yield from carrying
    for equal in reach.nodes.equal:
        if (other := next((name for name in equal if name not in carrying), None)) is not None:
            yield other


def carriers(reach: Reach) -> dict[str, None]:
    """Return the nodes that losses must be asked about one by one: those of endpoints and of hints.

    Where a slice names another node than the one at which the address is, both count: one decides what is local, with
    the other the endpoint dies.
    """
    # Nothing plain is named by a node where it doesn't run.
    if reach.plain:
        return dict.fromkeys(reach.homes)
    named = (
        name
        for e in reach.port.endpoints
        for name in (home_of(reach.nodes, e), e.node, *e.node_hints)
        if name is not None and name in reach.nodes.cluster.nodes
    )
    return dict.fromkeys(named)
