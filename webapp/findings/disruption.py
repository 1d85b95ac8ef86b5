"""Rules about PodDisruptionBudgets: what a drain may take away."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import count

from webapp.cluster.model import REPLICATED, Pod
from webapp.cluster.pod_map import Run, first_of, pods_in, runs_of
from webapp.cluster.scheduling.budget_index import budget_index
from webapp.cluster.scheduling.budgets import budget_status
from webapp.findings.facts import Carrier, Facts
from webapp.findings.finding import Hit
from webapp.findings.rule import rule
from webapp.findings.selection import is_incomplete
from webapp.manifests.objects import PodDisruptionBudgetObject
from webapp.manifests.problems import Severity


@rule(
    "NP250",
    Severity.INFO,
    "No PodDisruptionBudget",
    why="Maintenance that drains several nodes may stop all pods at the same time.",
    fix="Add one with maxUnavailable: 1.",
    source='Kubernetes, "Specifying a Disruption Budget for your Application"',
    together="No PodDisruptionBudget covers the pods of {count} workloads ({names}): none in this upload does. "
    "Unless the cluster has some, drains may evict all pods of one at once.",
)
def no_budget(facts: Facts) -> Iterator[Hit]:
    """Yield workloads of several pods behind an entry point that no budget covers."""
    budgets, index = _by_namespace(facts), budget_index(facts.cluster)
    absent = "none in this upload does" if budgets else "there is none in this upload"
    for backend in facts.backends:
        pods, subject = backend.pods, backend.carrier.subject
        # Of a single replica NP220 speaks; no budget keeps it running through a drain.
        if subject.kind in REPLICATED and len(pods) > 1 and not index.covers(pods[0]):
            yield Hit(
                subject=subject,
                path="metadata.name",
                message=f"No PodDisruptionBudget covers its {len(pods)} pods: {absent}. Unless the cluster has one, "
                "drains may evict all of them at once.",
                hint="Add one with maxUnavailable: 1.",
                remedy=_new_budget(facts, backend.carrier, budgets.get(backend.carrier.namespace, frozenset())),
            )


def _by_namespace(facts: Facts) -> Mapping[str, Set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for budget in facts.cluster.pod_disruption_budgets:
        found[budget.metadata.effective_namespace].add(budget.metadata.name)
    return found


def _new_budget(facts: Facts, carrier: Carrier, names: Set[str]) -> dict[str, object] | None:
    """Return a budget of the carrier's pods; None where it would cover pods of another one: these could never go.

    `names` are those of the budgets in its namespace.
    """
    name = next(name for name in _names(carrier) if name not in names)
    # Labels that two workloads share would make the new budget the second one of some pods: NP252 then.
    also = facts.carrying(carrier.namespace, carrier.labels) if names else ()
    if any(budget_index(facts.cluster).covers(_pod_of(each)) for each in also):
        return None
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": carrier.namespace},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": dict(carrier.labels)}},
    }


def _names(carrier: Carrier) -> Iterator[str]:
    """Yield the workload's own name, then the same with a number."""
    yield carrier.subject.metadata.name
    yield from (f"{carrier.subject.metadata.name}-{number}" for number in count(2))


@rule(
    "NP251",
    Severity.WARNING,
    "PodDisruptionBudget that blocks every drain",
    why="Node upgrades hang until somebody deletes the PodDisruptionBudget or the pods.",
    fix="Set `maxUnavailable: 1`, and run more than one pod. `--fix` sets it.",
    source='Kubernetes, "API-initiated Eviction": 429 while disruptionsAllowed is 0',
)
def blocks_every_drain(facts: Facts) -> Iterator[Hit]:
    """Yield budgets that never let a pod go while all are healthy, so that no drain of their nodes ends."""
    for budget, pods in _covered(facts):
        status = budget_status(budget, pods, facts.cluster.workload_replicas)
        # While pods are missing or not ready a budget may well block: that is its purpose, and it passes.
        whole = len(pods) >= status.expected_pods and all(pod.ready and not pod.terminating for pod in pods)
        if pods and whole and not status.sync_error and status.disruptions_allowed == 0:
            yield _blocking(budget, pods)


@rule(
    "NP252",
    Severity.WARNING,
    "Two PodDisruptionBudgets for one pod",
    why="The Eviction API answers with an error (HTTP 500), so drains of its node never end.",
    fix="Let only one PodDisruptionBudget cover each pod.",
    source='Kubernetes, "API-initiated Eviction": 500',
)
def two_budgets(facts: Facts) -> Iterator[Hit]:
    """Yield budgets that cover pods of another one: the Eviction API answers 500 for these."""
    # Reported at the later one alone: the first was fine until that came.
    seen: dict[str, str] = {}
    for budget, pods in _covered(facts):
        others = {seen[pod.key] for pod in pods if pod.key in seen}
        shared = sum(pod.key in seen for pod in pods)
        for pod in pods:
            seen.setdefault(pod.key, budget.metadata.name)
        if others:
            yield Hit(
                subject=budget,
                path="spec.selector",
                message=f"{shared} of its {len(pods)} pods {'is' if shared == 1 else 'are'} also covered by "
                f"{', '.join(sorted(others))}: such pods can't be evicted at all.",
                hint="Let only one PodDisruptionBudget cover each pod.",
            )


@rule(
    "NP253",
    Severity.WARNING,
    "PodDisruptionBudget that covers no pod",
    why="The pods that it should protect may all be evicted at once.",
    fix="Use the labels of the pod template as its selector.",
)
def covers_nothing(facts: Facts) -> Iterator[Hit]:
    """Yield budgets that cover no pod, though pods of their namespace were given."""
    # An operator's pods, or those of a document that couldn't be read, may be what it covers.
    if is_incomplete(facts):
        return
    namespaces = {first_of(run).namespace for run in runs_of(facts.cluster.pods)}
    # Some workloads only lack running pods at the moment.
    meant = budget_index(facts.cluster).covering_any(map(_pod_of, facts.carriers))
    for place, (budget, pods) in enumerate(_covered(facts)):
        namespace = budget.metadata.effective_namespace
        if not pods and namespace in namespaces and place not in meant:
            yield Hit(
                subject=budget,
                path="spec.selector",
                message="It covers no pod of the uploaded manifests.",
                hint="Use the labels of the pod template as its selector.",
            )


def _covered(facts: Facts) -> Iterator[tuple[PodDisruptionBudgetObject, list[Pod]]]:
    """Yield all budgets in their order, each with its pods."""
    cluster = facts.cluster
    index, runs = budget_index(cluster), defaultdict[int, list[Run]](list)
    for run in runs_of(cluster.pods) if cluster.pod_disruption_budgets else ():
        for place in index.covering(first_of(run)):
            runs[place].append(run)
    for place, budget in enumerate(cluster.pod_disruption_budgets):
        # Pods that wait or have finished are evicted whatever a budget says (eviction.go, canIgnorePDB).
        yield budget, [pod for pod in pods_in(runs.get(place, ()), cluster.pods) if pod.phase == "Running"]


def _pod_of(carrier: Carrier) -> Pod:
    return Pod(namespace=carrier.namespace, name="", labels=carrier.labels, spec=carrier.spec)


def _blocking(budget: PodDisruptionBudgetObject, pods: Sequence[Pod]) -> Hit:
    """Return the finding."""
    # The disruption controller counts maxUnavailable and percentages from the scale of the pods' controllers; for bare
    # pods only a minAvailable that is a number works (Kubernetes, "Arbitrary workloads and arbitrary selectors").
    count, scaled = len(pods), all(pod.controlled for pod in pods)
    new = {"maxUnavailable": 1} if scaled else {"minAvailable": count - 1}
    least, most = budget.spec.min_available, budget.spec.max_unavailable
    said = f"maxUnavailable: {most}" if most is not None else f"minAvailable: {least}"
    return Hit(
        subject=budget,
        path="spec.maxUnavailable" if most is not None else "spec.minAvailable",
        message=f"With {said} and {count} {'pod' if count == 1 else 'pods'}, no pod may be evicted: "
        "drains of their nodes never end.",
        hint=f"Set {_field(new)}, and run more than one pod.",
        # A budget takes one of the two fields only, so the patch takes the other away.
        remedy={"spec": {"minAvailable": None, "maxUnavailable": None, **new}},
        old=said,
        new=_field(new),
    )


def _field(change: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in change.items())
