"""Which service ports have a bar in the picture of a whole cluster, and under which numbers the others come."""

from collections import Counter
from collections.abc import Mapping, Sequence

from webapp.cluster.model import Cluster, Service
from webapp.cluster.order import natural
from webapp.cluster.remembered import once_per_cluster
from webapp.records import dataclass
from webapp.routing import Result
from webapp.routing.equal_ports import exposed_ports
from webapp.topology.attributes import FoldedPorts

# Columns of 70 px: with clients and titles they fill a window of 1,440 px, and in more of them text would be too small.
MOST_COLUMNS = 15
ALL_SHOWN = 6
"""Up to so many service ports each has a bar; of more only those that the failure affects."""
# With fewer bars, one number for all namespaces says more than a number for each.
_FEWEST_BARS = 8


@dataclass(frozen=True, slots=True)
class PortChange:
    """A service port, and what the failure does to clients that use one access path."""

    service: Service
    index: int
    """Which of the service's ports."""
    share: float
    affected: bool
    result: Result


@dataclass(frozen=True, slots=True)
class ShownPorts:
    """The columns of a picture."""

    bars: Sequence[PortChange]
    """Worst namespace first, and the worst first in it."""
    more: Mapping[str, FoldedPorts]
    """Others that are affected, by namespace; all under an empty name where too many namespaces have some."""
    others: Mapping[str, int]
    """The rest, as before the failure, by result."""


def shown_ports(
    cluster: Cluster,
    changes: Sequence[PortChange],
    unfold: frozenset[str] = frozenset(),
    most: int = MOST_COLUMNS,
) -> ShownPorts:
    """Return which service ports have a bar: those that are unfolded, then the affected, the worst first.

    With nothing affected it is those that a node failure would hit hardest. `most` is how many columns there may be.
    """
    affected = any(change.affected for change in changes)
    every = len(changes) <= ALL_SHOWN or not affected
    asked = () if affected else changes
    spread = {(c.service.key, c.index): _on_one_node(cluster, c.service, c.index) for c in asked}

    place = places(cluster)

    def badness(change: PortChange) -> tuple[float, float, int, int]:
        key = change.service.key
        return change.share, -spread.get((key, change.index), 0.0), place[key], change.index

    opened = [change for change in changes if unfolds(change) & unfold] if unfold else []
    first = {id(change) for change in opened}
    wanted = [change for change in changes if id(change) not in first and (every or change.affected)]
    ranked = [*sorted(opened, key=badness), *sorted(wanted, key=badness)]
    known = {id(change) for change in ranked}
    rest = [change for change in changes if id(change) not in known]
    bars, together = _room(ranked, rest, len(opened), most)
    counted = Counter(map(_column, [*ranked[bars:], *rest]))
    # One service port as a number takes the room of its bar, and says less.
    shown = ranked[:bars] + [change for change in ranked[bars:] if not together and counted[_column(change)] == 1]
    known = {id(change) for change in shown}
    left = [change for change in (*ranked[bars:], *rest) if id(change) not in known]
    return ShownPorts(
        bars=_by_namespace(sorted(shown, key=badness)),
        more=_more([change for change in left if change.affected], together=together),
        others=Counter(str(change.result) for change in left if not change.affected),
    )


def unfolds(change: PortChange) -> frozenset[str]:
    """Return the words that give a service port a bar."""
    return frozenset({as_before_word(change.result), namespace_word(change.service.namespace)})


def as_before_word(result: str) -> str:
    """Return what unfolds the service ports that end in this, ``services.answered``."""
    return f"services.{result}"


def namespace_word(namespace: str) -> str:
    """Return what unfolds the service ports of a namespace, ``namespace.shop``."""
    return f"namespace.{namespace}"


def unfolded_name(word: str) -> str:
    """Return what a word unfolds, for people: ``healthy services``, ``shop``, ``eu-west-1a``.

    >>> unfolded_name("services.answered"), unfolded_name("namespace.shop"), unfolded_name("eu-west-1a.up")
    ('healthy services', 'shop', 'eu-west-1a')
    """
    kind, _, name = word.partition(".")
    if kind == "services" and name in list(Result):
        return f"{Result(name).word.lower()} services"
    return name if kind == "namespace" else word.rpartition(".")[0] or word


def _room(ranked: Sequence[PortChange], rest: Sequence[PortChange], opened: int, most: int) -> tuple[int, bool]:
    """Return how many have a bar, so that all columns fit, and whether one column counts for all namespaces."""
    fewest = max(_FEWEST_BARS, opened)
    bars = min(len(ranked), most)
    left = {_column(change) for change in (*ranked[bars:], *rest)}
    while bars + len(left) > most and bars > fewest:
        bars -= 1
        left.add(_column(ranked[bars]))
    return (bars, False) if bars + len(left) <= most else _room_together(ranked, rest, most)


def _room_together(ranked: Sequence[PortChange], rest: Sequence[PortChange], most: int) -> tuple[int, bool]:
    # One column for the affected, and one for each of the four results of the others.
    results = {change.result for change in (*ranked, *rest) if not change.affected}
    return min(len(ranked), most - 1 - len(results)), True


def _column(change: PortChange) -> tuple[bool, str]:
    return change.affected, change.service.namespace if change.affected else str(change.result)


def _by_namespace(changes: Sequence[PortChange]) -> list[PortChange]:
    """Return them with those of a namespace side by side, the namespace of the first one first."""
    place = {namespace: i for i, namespace in enumerate(dict.fromkeys(change.service.namespace for change in changes))}
    return sorted(changes, key=lambda change: place[change.service.namespace])


def _more(left: Sequence[PortChange], *, together: bool) -> dict[str, FoldedPorts]:
    by_namespace: dict[str, list[PortChange]] = {}
    for change in left:
        by_namespace.setdefault("" if together else change.service.namespace, []).append(change)
    return {
        namespace: FoldedPorts(
            results=dict(Counter(str(change.result) for change in its)),
            least=min(change.share for change in its),
            most=max(change.share for change in its),
        )
        for namespace, its in by_namespace.items()
    }


@once_per_cluster
def places(cluster: Cluster) -> Mapping[str, int]:
    """Return the place of each exposed service in the order of names, in which equals stand."""
    services = {service.key: service for service, _ in exposed_ports(cluster)}
    names = sorted(services.values(), key=lambda service: (natural(service.namespace), natural(service.name)))
    return {service.key: i for i, service in enumerate(names)}


def _on_one_node(cluster: Cluster, service: Service, index: int) -> float:
    """Return which part of a service port's ready endpoints is on one node: what a node failure may cost."""
    known, key = _on_one_node_known(cluster), (service.key, index)
    if key not in known:
        nodes = Counter(endpoint.home for endpoint in service.ports[index].endpoints if endpoint.ready)
        known[key] = max(nodes.values(), default=0) / max(nodes.total(), 1)
    return known[key]


@once_per_cluster
def _on_one_node_known(_: Cluster) -> dict[tuple[str, int], float]:
    """Return where a cluster's figures are kept, by service and index."""
    return {}
