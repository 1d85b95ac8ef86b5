"""The matrix: what each service port answers if one node, or one zone, fails."""

from collections import Counter
from collections.abc import Iterable, Sequence

from webapp.cluster.model import Cluster
from webapp.cluster.order import natural
from webapp.failure.scenario import Moment
from webapp.garbage import collection_paused
from webapp.numbers import counted, nothing, percent
from webapp.records import dataclass
from webapp.resilience.entry_nodes import Names
from webapp.resilience.losses import What, carriers
from webapp.resilience.reach import NOTHING, Reach, reaches
from webapp.resilience.verdict import Grade, PortVerdict, verdicts

MAX_NODE_COLUMNS = 12
"""With more nodes only those whose loss does most harm get a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixColumn:
    """One node or zone that may fail."""

    what: What
    name: str
    nodes: Names
    zone: str | None = None
    """A node's zone."""
    stopped: int
    """How many service ports stop with it, at the moment and by the access path that are looked at; broken ones not
    counted."""

    @property
    def word(self) -> str:
        """The scenario word that takes it down."""
        return f"{self.what}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One service port."""

    verdict: PortVerdict
    before: float
    cells: tuple[float, ...]
    """The share answered, by column."""

    @property
    def harm(self) -> tuple[object, ...]:
        """A sort key that puts the worst first."""
        reach = self.verdict.reach
        grade = list(Grade)[::-1].index(self.verdict.grade)
        return grade, min(self.cells, default=1.0), sum(self.cells), natural(reach.service.key), reach.index


@dataclass(frozen=True, slots=True, kw_only=True)
class Critical:
    """The node or zone whose loss does most harm."""

    name: str
    stopped: tuple[str, ...]
    """The service ports that stop with it, by ``NAMESPACE/NAME`` and port."""
    lost: float
    """The sum of the shares that all service ports lose."""
    reason: str
    """A few words: what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All service ports with entries, against all that may fail."""

    moment: Moment
    via: str
    columns: tuple[MatrixColumn, ...]
    folded: int
    """How many nodes have no column of their own."""
    rows: tuple[MatrixRow, ...]
    """In the cluster's order."""
    node: Critical | None
    """The most critical node; None where no node's loss costs anything."""
    zone: Critical | None

    @property
    def surviving(self) -> int:
        """How many ports survive any one node as placed."""
        return sum(row.verdict.survives_node for row in self.rows)

    @property
    def guaranteed(self) -> int:
        """How many ports survive any one node, guaranteed."""
        return sum(row.verdict.node.holds for row in self.rows)

    @property
    def grade(self) -> Grade | None:
        """The worst of all grades; None without rows."""
        return max((row.verdict.grade for row in self.rows), default=None)

    @property
    def sentence(self) -> str:
        """The verdict on the whole set."""
        number = len(self.rows)
        if not number:
            return "No service has a node port."
        ports = "service port survives" if number == 1 else "service ports survive"
        placed = f"{self.surviving} of {number} {ports} any one node with the current placement"
        return f"{placed}, {self.guaranteed} guaranteed."


@dataclass(slots=True)
class _Damage:
    """What losing one node or zone does to all ports."""

    stopped: list[str]
    lost: float = 0.0


@collection_paused()
def matrix(cluster: Cluster, moment: Moment = Moment.DETECTED, via: str = "lb") -> Matrix:
    """Return what each service port answers if one node or one zone fails, with the verdicts.

    `moment` is ``failed`` or ``detected``, `via` is ``lb`` or ``dns``; they decide what the cells say. Verdicts and
    grades are always about a load balancer's clients after detection.
    """
    found = tuple(reaches(cluster))
    nodes, zones = _node_damage(found, moment, via), _zone_damage(cluster, found, moment, via)
    columns = [*_columns(cluster, nodes), *_zone_columns(found, zones)]
    rows = tuple(
        MatrixRow(
            verdict=verdict,
            before=reach.answer(NOTHING, moment).by(via),
            cells=tuple(reach.answer(column.nodes, moment).by(via) for column in columns),
        )
        for reach, verdict in zip(found, verdicts(cluster, found), strict=True)
    )
    # The page keeps the rows; what they were counted from would take more memory than all else.
    for reach in found:
        reach.forget()
    # Services that are down anyway say nothing of how critical a node is.
    answering = sum(row.before > 0 for row in rows)
    shown = sum(column.what == "node" for column in columns)
    return Matrix(
        moment=moment,
        via=via,
        columns=tuple(columns),
        folded=len(cluster.nodes) - shown,
        rows=rows,
        node=_critical(nodes, answering),
        zone=_critical(zones, answering),
    )


def _node_damage(found: Sequence[Reach], moment: Moment, via: str) -> dict[str, _Damage]:
    """Return the damage of each node's loss; nodes without endpoints of a service count only where they stop it."""
    damage: dict[str, _Damage] = {}
    for reach in found:
        before = reach.answer(NOTHING, moment).by(via)
        # A service that is broken without a failure loses nothing by one.
        if before == 0:
            continue
        carrying = carriers(reach)
        for name in carrying:
            _note(damage, name, reach, before, reach.answer(reach.nodes.alone(name), moment).by(via))
        for equal in reach.nodes.equal:
            # Looking at one more than the service has nodes is enough to find one without it.
            others = [name for name in equal[: len(carrying) + 1] if name not in carrying]
            if others and reach.answer(reach.nodes.alone(others[0]), moment).by(via) == 0:
                for name in equal:
                    if name not in carrying:
                        _note(damage, name, reach, before, 0.0)
    return damage


def _zone_damage(cluster: Cluster, found: Sequence[Reach], moment: Moment, via: str) -> dict[str, _Damage]:
    damage: dict[str, _Damage] = {}
    for reach in found:
        before = reach.answer(NOTHING, moment).by(via)
        for zone, nodes in reach.nodes.zones.items() if before else ():
            _note(damage, zone, reach, before, reach.answer(nodes, moment).by(via))
    return {zone: damage[zone] for zone in sorted(damage, key=natural)} if cluster.nodes else {}


def _note(damage: dict[str, _Damage], name: str, reach: Reach, before: float, after: float) -> None:
    its = damage.setdefault(name, _Damage([]))
    its.lost += max(before - after, 0.0)
    if after == 0:
        its.stopped.append(title(reach))


def title(reach: Reach) -> str:
    """Return the name of a service port: ``NAMESPACE/NAME``, and the port where there are several."""
    several = len(reach.service.ports) > 1
    return f"{reach.service.key}:{reach.port.name or reach.port.port}" if several else reach.service.key


def _columns(cluster: Cluster, damage: dict[str, _Damage]) -> Iterable[MatrixColumn]:
    names = list(cluster.nodes)
    if len(names) > MAX_NODE_COLUMNS:
        none = _Damage([])
        # Nobody reads 5,000 columns; the rest is folded, and said so.
        worst = sorted(names, key=lambda name: _harm(damage.get(name, none)), reverse=True)[:MAX_NODE_COLUMNS]
        names = sorted(worst, key=natural)
    for name in names:
        stopped = len(damage[name].stopped) if name in damage else 0
        zone = cluster.nodes[name].zone
        yield MatrixColumn(what="node", name=name, nodes=frozenset({name}), zone=zone, stopped=stopped)


def _zone_columns(found: Sequence[Reach], damage: dict[str, _Damage]) -> Iterable[MatrixColumn]:
    zones = found[0].nodes.zones if found else {}
    for zone in sorted(zones, key=natural):
        stopped = len(damage[zone].stopped) if zone in damage else 0
        yield MatrixColumn(what="zone", name=zone, nodes=zones[zone], stopped=stopped)


def _harm(damage: _Damage) -> tuple[int, float]:
    return len(damage.stopped), round(damage.lost, 9)


def _critical(damage: dict[str, _Damage], ports: int) -> Critical | None:
    """Return what stops most of so many service ports, then what costs most; of equals the first by name."""
    names = sorted(damage, key=natural)
    # Rounded, for the order of summing must not decide which of two equal nodes is named.
    name = max(names, key=lambda n: _harm(damage[n]), default=None)
    if name is None or nothing(damage[name].lost):
        return None
    its = damage[name]
    number = len(its.stopped)
    reason = f"stops {counted(number, 'service port')}"
    if not number:
        over = f", averaged over {ports:,} service ports" if ports > 1 else ""
        reason = f"costs {percent(its.lost / ports)} of new connections{over}"
    return Critical(name=name, stopped=tuple(its.stopped), lost=its.lost, reason=reason)


def tally(rows: Iterable[MatrixRow]) -> Counter[Grade]:
    """Return how many rows have each grade."""
    return Counter(row.verdict.grade for row in rows)
