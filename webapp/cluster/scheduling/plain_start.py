"""What plain pods find, which ask for nothing but resources and to be spread: how many of which are on what nodes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, NamedTuple

from webapp.cluster.quick import changed
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.nodes import NodeClass, NodeClasses
from webapp.cluster.scheduling.pair_counts import HostCounts
from webapp.cluster.scheduling.placed import PlacedPods, PodClass
from webapp.cluster.scheduling.spread import SpreadRow
from webapp.cluster.scheduling.spread_states import SpreadShape, SpreadState
from webapp.cluster.scheduling.static_filters import StaticResults
from webapp.cluster.scheduling.template import Template
from webapp.records import dataclass

# By constraints and the host counts of a node without pods: by classes of nodes.
SpreadShapes = dict[tuple[Sequence[SpreadRow], HostCounts], dict[Sequence[NodeClass], SpreadShape]]
# How many signatures are remembered.
_MOST_STARTS = 1_000
# Of nodes: their class, how many pods of a workload are on each, and how many of these count for the spread.
_Sort = tuple[NodeClass, int, int]


class Touched(NamedTuple):
    """Nodes of one class on which equally many pods are that count."""

    node_class: NodeClass
    host_counts: HostCounts
    positions: Sequence[int]


@dataclass(frozen=True, slots=True)
class PlainStart:
    """What plain pods find."""

    keys: frozenset[str]
    classes: NodeClasses
    position_of: Mapping[str, int]
    """By node name."""
    static_results: StaticResults
    open: tuple[NodeClass, ...]
    """Those that no static filter refuses."""
    rows: tuple[SpreadRow, ...]
    counts: Mapping[NodeClass, tuple[int, ...]]
    """How many pods each constraint counts in the domain of a class; 0 where each node is a domain."""
    untouched: HostCounts
    """Those of a node without pods that count."""
    touched: Sequence[Touched]
    """The other nodes."""
    signature: frozenset[object] | None
    """The same for all starts with equal counts, and as many other nodes of each sort; None where nobody knows."""
    shapes: dict[Sequence[NodeClass], SpreadShape]
    """By the classes on which a pod fits."""
    counted: dict[object, tuple[Mapping[NodeClass, tuple[int, ...]], Mapping[object, HostCounts]]] = field(
        default_factory=dict
    )
    """By signature the counts, and the host counts of each sort of the other nodes."""
    states: dict[object, SpreadState] = field(default_factory=dict)
    """By signature, the classes on which a pod fits, and how many such nodes there are."""


def plain_start(cycle: SchedulingCycle, position_of: Mapping[str, int], shapes: SpreadShapes) -> PlainStart:
    """Return what the pods of a cycle find, which is plain; the shapes are those of all such starts."""
    topology, rows = cycle.topology, cycle.soft.rows
    touched: dict[tuple[NodeClass, HostCounts], list[int]] = defaultdict(list)
    for name in topology.touched():
        touched[topology.class_of_node[name], topology.host_counts(name)].append(position_of[name])
    untouched = topology.host_counts("")
    return PlainStart(
        cycle.keys,
        topology.classes,
        position_of,
        cycle.static_results,
        tuple(each for each, static in cycle.static_results.items() if not static.reasons),
        rows,
        {each: cycle.soft.counts(each) for each in topology.node_classes},
        untouched,
        [Touched(*key, positions) for key, positions in touched.items()],
        None,
        shapes.setdefault((rows, untouched), {}),
    )


def without_pods(start: PlainStart) -> PlainStart:
    """Return what an ordinary template's pods find without any others of their workload, by what another one finds."""
    none = dict.fromkeys(start.counts, (0,) * len(start.rows))
    return replace(start, counts=none, touched=(), signature=frozenset(), counted={}, states={})


def beside(start: PlainStart, template: Template, placed: PlacedPods) -> PlainStart:
    """Return what an ordinary template's pods find beside those that their workload has.

    `start` is what they would find without any; no placed pod says anything about others.
    """
    # All ordinary pods have the same constraints, the system's defaults, and these count on all nodes: nothing is left
    # of a scheduling cycle but to count the workload's pods.
    every, counted = _counts(template, placed.same_workload(template.pod))
    if not every:
        return start
    alike: dict[_Sort, list[int]] = defaultdict(list)
    class_at, position_of, all_count = start.classes.at, start.position_of, counted is every
    for name, number in every.items():
        position = position_of[name]
        alike[class_at[position], number, number if all_count else counted.get(name, 0)].append(position)
    signature = frozenset([(sort, len(positions)) for sort, positions in alike.items()])
    known = start.counted.get(signature)
    if known is None:
        make_room(start.counted)
        known = start.counted[signature] = _counted(start, alike)
    counts, host_counts = known
    touched = [Touched(sort[0], host_counts[sort], positions) for sort, positions in alike.items()]
    return changed(start, counts=counts, touched=touched, signature=signature)


def _counts(template: Template, classes: Sequence[PodClass]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return how many pods of a workload are on each node, and how many of these the template's constraints count."""
    if not classes:
        return {}, {}
    if (total := classes[0].total) is None:
        return classes[0].nodes, classes[0].staying if _is_counted(template, classes[0]) else {}
    if not total.has_leaving and total.selects_all(template.soft[0].selector, classes):
        return total.nodes, total.nodes
    counted: Counter[str] = Counter()
    for each in classes:
        if _is_counted(template, each):
            counted.update(each.staying)
    return total.nodes, counted


def make_room(remembered: dict[object, Any]) -> None:
    """Forget what is remembered, if it is much."""
    # On nodes that get full, each batch finds fewer of them than the one before.
    if len(remembered) >= _MOST_STARTS:
        remembered.clear()


def _counted(
    start: PlainStart, alike: Mapping[_Sort, Sequence[int]]
) -> tuple[Mapping[NodeClass, tuple[int, ...]], Mapping[object, HostCounts]]:
    """Return how many pods each constraint counts in the domain of a class, and on each node of these sorts."""
    pairs = [(row, dict[str, int]()) for row in start.rows]
    found: dict[object, HostCounts] = {}
    for (node_class, number, there), positions in alike.items():
        host_counts = [*start.untouched[:-1], number]
        for row, by_domain in pairs:
            domain = node_class.values.get(row.key)
            if domain is not None and row.slot is None:
                by_domain[domain] = by_domain.get(domain, 0) + there * len(positions)
            elif domain is not None and row.slot is not None:
                host_counts[row.slot] = there
        found[node_class, number, there] = tuple(host_counts)
    counts = {
        each: tuple([by_domain.get(each.values.get(row.key, ""), 0) for row, by_domain in pairs]) for each in start.open
    }
    return counts, found


def _is_counted(template: Template, pod_class: PodClass) -> bool:
    """Return whether the template's constraints count pods of its workload: older revisions have other labels."""
    pod = template.pod
    return pod_class.namespace == pod.namespace and (
        pod_class.labels == pod.labels or template.soft[0].selector.matches(pod_class.labels)
    )
