"""Which service ports survive the loss of any one node, or of any one zone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from webapp.cluster.model import Cluster
from webapp.cluster.order import natural
from webapp.failure.scenario import Moment
from webapp.resilience.entrances import Names
from webapp.resilience.reach import NOTHING, Reach, home_of, reaches

What = Literal["node", "zone"]


class Domain(NamedTuple):
    """Nodes that fail together: one node, or all of a zone."""

    name: str
    nodes: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Whether one service port survives."""

    service: str
    """``NAMESPACE/NAME``."""
    port_index: int
    port_name: str
    protocol: str
    node_port: int | None
    survives: bool
    guaranteed: bool = False
    """Whether this is about the worst placement, rather than the one at hand."""
    exact: bool = True
    """False where the worst placement was not searched to the end, and so is taken to be bad."""
    answered: float
    """The least share answered at ``detected``, over all these losses, as placed."""
    culprits: tuple[str, ...] = ()
    """Nodes or zones whose loss it does not survive, the worst first."""
    reason: str = ""
    """One sentence."""


def survival(
    cluster: Cluster, what: What = "node", via: str = "lb", *, guaranteed: bool = False
) -> tuple[Survival, ...]:
    """Return for each service port with entries whether it survives the loss of any one node, or any one zone.

    It survives a failure when the share answered by `via` is 1 once the failure is detected.
    """
    return tuple(_survival(reach, what, via) for reach in reaches(cluster))


def _survival(reach: Reach, what: What, via: str) -> Survival:
    found = [(reach.answer(domain.nodes, Moment.DETECTED).by(via), domain.name) for domain in domains(reach, what)]
    bad = sorted((pair for pair in found if pair[0] < 1), key=lambda pair: (pair[0], natural(pair[1])))
    before = reach.answer(NOTHING, Moment.DETECTED).by(via)
    port = reach.port
    return Survival(
        service=reach.service.key,
        port_index=reach.index,
        port_name=port.name,
        protocol=port.protocol,
        node_port=port.node_port,
        survives=not bad and before == 1,
        answered=min([before, *(answered for answered, _ in found)]),
        culprits=tuple(name for _, name in bad),
        reason=_reason(before, bad, what),
    )


def domains(reach: Reach, what: What) -> Iterable[Domain]:
    """Return the zones, or the nodes: those that carry endpoints, and one for each kind of the others."""
    if what == "zone":
        return [Domain(zone, nodes) for zone, nodes in reach.entrances.zones.items()]
    return (Domain(name, frozenset({name})) for name in _telling_nodes(reach))


def _telling_nodes(reach: Reach) -> Iterator[str]:
    """Yield the nodes of the service's endpoints and hints, and one of each crowd of others."""
    carrying = carriers(reach)
    yield from carrying
    for crowd in reach.entrances.crowds:
        if (other := next((name for name in crowd.members if name not in carrying), None)) is not None:
            yield other


def carriers(reach: Reach) -> dict[str, None]:
    """Return the nodes that losses must be asked about one by one: those of endpoints and of hints."""
    if reach.plain:
        return dict.fromkeys(reach.homes)
    named = (
        name
        for e in reach.port.endpoints
        for name in (home_of(reach.entrances, e), *e.node_hints)
        if name is not None and name in reach.entrances.nodes
    )
    return dict.fromkeys(named)


def _reason(before: float, bad: list[tuple[float, str]], what: What) -> str:
    if before == 0:
        return "It answers nobody already."
    if before < 1:
        return f"It answers only {before:.0%} already."
    if not bad:
        return f"It survives the loss of any one {what}."
    answered, name = bad[0]
    word = name if what == "node" else f"zone {name}"
    return f"It stops with {word}." if answered == 0 else f"It answers only {answered:.0%} without {word}."
