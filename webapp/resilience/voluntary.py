"""Voluntary loss: which nodes cannot be drained as things stand, and which PodDisruptionBudget stands in the way."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from webapp.cluster.model import Cluster, Pod, PodKey
from webapp.cluster.pod_map import first_of, runs_of
from webapp.cluster.scheduling.budget_index import BudgetIndex, budget_index
from webapp.failure.drain import DrainResult, NodeDrain, drain
from webapp.failure.drain_filters import Treatment, filtered
from webapp.progress import counted_off
from webapp.records import dataclass

MAX_DRAINED_PODS = 2_000_000
"""Each drain looks at every pod once, so of a large cluster only so many nodes are tried: a few seconds in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One reason for which a node's drain doesn't end."""

    budget: str | None
    """``NAMESPACE/NAME`` of the PodDisruptionBudget; None where kubectl refuses by itself."""
    pods: tuple[PodKey, ...]
    reason: str
    """What the Eviction API or kubectl says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undrainable:
    """A node that cannot be drained."""

    node: str
    result: DrainResult
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voluntary:
    """Which nodes cannot be drained, each tried by itself."""

    undrainable: tuple[Undrainable, ...]
    untried: tuple[str, ...] = ()
    """Nodes left out because the cluster is so large."""


def voluntary_loss(cluster: Cluster) -> Voluntary:
    """Return the nodes that ``kubectl drain --ignore-daemonsets`` cannot empty, one at a time, and why.

    Only nodes with a pod that a budget covers, or that kubectl itself won't delete, can be in the way (kubectl
    pkg/drain; Kubernetes, "API-initiated Eviction"); each of these is drained to see.
    """
    # A node whose pods no budget covers and kubectl never refuses drains for sure: most need no trial.
    at_risk = _nodes_at_risk(cluster)
    suspects = [name for name in cluster.nodes if name in at_risk]
    tried = max(MAX_DRAINED_PODS // max(len(cluster.pods), 1), 1)
    # One at a time: a budget that allows one disruption blocks the second node, not the first.
    found = (drain(cluster, (name,)).nodes[0] for name in counted_off(suspects[:tried]))
    return Voluntary(
        undrainable=tuple(_undrainable(cluster, it) for it in found if it.result is not DrainResult.DRAINED),
        untried=tuple(suspects[tried:]),
    )


def _nodes_at_risk(cluster: Cluster) -> set[str | None]:
    """Return the nodes with a pod that may be in the way of a drain; what holds for a replica holds for all."""
    budgets = budget_index(cluster)
    found: set[str | None] = set()
    for run in runs_of(cluster.pods):
        if _may_stay(first_of(run), budgets):
            found.update((run.node,) if isinstance(run, Pod) else run.places)
    return found


def _may_stay(pod: Pod, budgets: BudgetIndex) -> bool:
    treatment = filtered(pod).treatment
    if treatment is not Treatment.EVICT:
        return treatment is Treatment.ERROR or (pod.owner is not None and pod.owner.kind == "DaemonSet")
    return budgets.covers(pod)


def _undrainable(cluster: Cluster, it: NodeDrain) -> Undrainable:
    held: dict[tuple[str | None, str], list[PodKey]] = defaultdict(list)
    for key, verdict in it.held.items():
        budget = f"{cluster.pods[key].namespace}/{verdict.budget}" if verdict.budget else None
        held[budget, verdict.cause or verdict.message].append(key)
    obstacles = [Obstacle(budget=b, pods=tuple(keys), reason=why) for (b, why), keys in held.items()]
    obstacles += _refused(it.errors)
    return Undrainable(node=it.node, result=it.result, obstacles=tuple(obstacles))


def _refused(errors: Iterable[str]) -> Iterator[Obstacle]:
    for error in errors:
        reason, _, names = error.rpartition(": ")
        yield Obstacle(budget=None, pods=tuple(names.split(", ")), reason=reason)
