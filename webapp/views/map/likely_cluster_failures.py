"""What is worth trying on the map of a cluster while nothing is down: the worst node, the worst zone, a drain."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain

from markupsafe import Markup

from webapp.cluster.model import Pod
from webapp.cluster.pod_map import runs_of
from webapp.diagram.strip_chart import strip_chart
from webapp.failure import Moment, Target
from webapp.failure.kinds import FailureKind
from webapp.numbers import counted
from webapp.resilience import matrix
from webapp.views.map.cluster_values import Changes, level, range_or_count
from webapp.views.map.likely_failures import NOTHING_LOST, LikelyFailure
from webapp.views.page.cache import keep_latest
from webapp.views.page.state import PageState, zone_sizes

Asked = Callable[[PageState, Moment], Changes | None]
"""What all exposed ports answer in a state at a time; None where that would cost more than it says."""


def likely_cluster_failures(page: PageState, asked: Asked) -> tuple[LikelyFailure, ...]:
    """Return the worst failures of the whole cluster, each with its result where that is quickly told.

    With very many services it is the node with the most pods, and the largest zone.
    """
    before = asked(page, Moment.BEFORE)
    if before is not None and not before:
        return ()
    node, zone = _worst(page, "lb" if page.scenario.via == "lb" else "dns") if before else _fullest(page)
    found = [*_crashes(page, asked, before, node, zone), *_drains(page, asked, before, node)]
    return tuple(sorted(found, key=lambda failure: failure.result == NOTHING_LOST))


def _fullest(page: PageState) -> tuple[str, str]:
    """Return the node with the most pods, and the zone with the most nodes; empty where there is none."""
    cluster, sizes = page.cluster, zone_sizes(page.cluster)
    # Counted without the keys of all pods, which take ten times as long to make.
    runs = runs_of(cluster.pods)
    counts = Counter(chain.from_iterable((run.node,) if isinstance(run, Pod) else run.places for run in runs))
    node = max(cluster.nodes, key=counts.__getitem__, default="")
    return node, max(sizes, key=sizes.__getitem__, default="") if len(sizes) > 1 else ""


def worst_node(page: PageState) -> str:
    """Return the node whose loss costs the services most; empty where none costs anything."""
    return _worst(page, "lb" if page.scenario.via == "lb" else "dns")[0]


@keep_latest(8, key=lambda page, via: (page.topology.id, page.options, via))
def _worst(page: PageState, via: str) -> tuple[str, str]:
    """Return the node and the zone whose loss costs most when it has just happened; empty where none does."""
    found = matrix(page.cluster, Moment.FAILED, via)
    return found.node.name if found.node else "", found.zone.name if found.zone else ""


def _crashes(page: PageState, asked: Asked, before: Changes | None, node: str, zone: str) -> Iterator[LikelyFailure]:
    for kind, name in ((FailureKind.NODE, node), (FailureKind.ZONE, zone)):
        if name:
            there = page.toggled(Target(kind=kind, name=name))
            question = name if kind is FailureKind.NODE else f"zone {name}"
            yield _failure(there, question, "fails?", before, asked, (Moment.FAILED, Moment.DETECTED))


def _drains(page: PageState, asked: Asked, before: Changes | None, node: str) -> Iterator[LikelyFailure]:
    if node:
        yield _failure(page.draining(node), node, "drains?", before, asked, (Moment.EVICTING, Moment.DRAINED))


def _failure(
    there: PageState,
    question: str,
    verb: str,
    before: Changes | None,
    asked: Asked,
    moments: tuple[Moment, Moment],
) -> LikelyFailure:
    known = [asked(there.at(moment), moment) for moment in moments] if before else []
    states = [changes for changes in known if changes]
    if before is None or len(states) < len(moments):
        return LikelyFailure(question, verb, "", _size(there), there.url(), Markup())
    first, last = map(range_or_count, states)
    lossless = not any(change.affected for changes in states for change in changes)
    return LikelyFailure(
        question=question,
        verb=verb,
        result=NOTHING_LOST if lossless else first,
        rest="" if lossless else f"at first, then {last}" if first != last else "also later",
        url=there.url(),
        chart=Markup(strip_chart([level(changes, min) for changes in (before, *states)])),  # noqa: S704 - numbers only
    )


def _size(there: PageState) -> str:
    """Return how much is lost with it, where what that does to the services is not worked out unasked."""
    if there.scenario.drain:
        return "respecting PodDisruptionBudgets"
    target = next(iter(there.scenario.down))
    if target.kind is FailureKind.ZONE:
        return f"{counted(zone_sizes(there.cluster)[target.name], 'node')} in it"
    return f"{counted(len(there.cluster.pods_on.get(target.name, ())), 'pod')} on it"
