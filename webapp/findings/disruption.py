"""Rules about PodDisruptionBudgets: what a drain may take away."""

from collections.abc import Iterator

from webapp.cluster.budgets import budget_status, coverage
from webapp.cluster.model import Pod
from webapp.findings.facts import Facts
from webapp.findings.finding import Hit
from webapp.findings.selection import is_incomplete
from webapp.manifests.objects import PodDisruptionBudgetObject

_DRAINABLE = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController", "DeploymentConfig", "Rollout")


def no_budget(facts: Facts) -> Iterator[Hit]:
    """Yield workloads of several pods behind an entry point that no budget covers: a drain may take them all at once.

    Kubernetes, "Specifying a Disruption Budget for your Application".
    """
    tests = [coverage(budget) for budget in facts.manifests.pod_disruption_budgets]
    for backend in facts.backends:
        pods, subject = backend.pods, backend.carrier.subject
        if subject.kind in _DRAINABLE and len(pods) > 1 and not any(covers(pods[0]) for covers in tests):
            yield Hit(
                subject=subject,
                path="metadata.name",
                message=f"No PodDisruptionBudget covers its {len(pods)} pods: drains may take all of them at once.",
                hint="Add one that lets a single pod go at a time.",
                remedy={
                    "apiVersion": "policy/v1",
                    "kind": "PodDisruptionBudget",
                    "metadata": {"name": subject.metadata.name, "namespace": backend.carrier.namespace},
                    "spec": {"maxUnavailable": 1, "selector": {"matchLabels": dict(backend.carrier.labels)}},
                },
            )


def blocks_every_drain(facts: Facts) -> Iterator[Hit]:
    """Yield budgets that never let a pod go while all are healthy, so that no drain of their nodes ends.

    The Eviction API answers 429 while disruptionsAllowed is 0 (Kubernetes, "API-initiated Eviction").
    """
    for budget, pods in _covered(facts):
        status = budget_status(budget, pods, facts.cluster.workload_replicas)
        whole = len(pods) >= status.expected_pods and all(pod.ready and not pod.terminating for pod in pods)
        if pods and whole and not status.sync_error and status.disruptions_allowed == 0:
            yield _blocking(budget, len(pods))


def two_budgets(facts: Facts) -> Iterator[Hit]:
    """Yield budgets that cover pods of another one: the Eviction API answers 500 for these."""
    seen: dict[str, str] = {}
    for budget, pods in _covered(facts):
        others = {seen[pod.key] for pod in pods if pod.key in seen}
        for pod in pods:
            seen.setdefault(pod.key, budget.metadata.name)
        if others:
            yield Hit(
                subject=budget,
                path="spec.selector",
                message=f"Its pods are covered by {', '.join(sorted(others))}, too: they can't be evicted at all.",
                hint="Leave each pod to one PodDisruptionBudget.",
            )


def covers_nothing(facts: Facts) -> Iterator[Hit]:
    """Yield budgets that cover no pod, though pods of their namespace were given."""
    namespaces = {pod.namespace for pod in facts.cluster.pods.values()}
    if is_incomplete(facts):
        return
    for budget, pods in _covered(facts):
        namespace = budget.metadata.namespace or "default"
        if not pods and namespace in namespaces and not _selects_a_carrier(facts, budget):
            yield Hit(
                subject=budget,
                path="spec.selector",
                message="It covers no pod that was given.",
                hint="Give it the labels of the pods' template.",
            )


def _covered(facts: Facts) -> Iterator[tuple[PodDisruptionBudgetObject, list[Pod]]]:
    for budget in facts.manifests.pod_disruption_budgets:
        covers = coverage(budget)
        yield budget, [pod for pod in facts.cluster.pods.values() if covers(pod) and pod.phase == "Running"]


def _selects_a_carrier(facts: Facts, budget: PodDisruptionBudgetObject) -> bool:
    """Return whether a workload has the labels and only lacks running pods at the moment."""
    covers = coverage(budget)
    return any(covers(Pod(namespace=c.namespace, name="", labels=c.labels, spec=c.spec)) for c in facts.carriers)


def _blocking(budget: PodDisruptionBudgetObject, count: int) -> Hit:
    least, most = budget.spec.min_available, budget.spec.max_unavailable
    said = f"maxUnavailable: {most}" if most is not None else f"minAvailable: {least}"
    return Hit(
        subject=budget,
        path="spec.maxUnavailable" if most is not None else "spec.minAvailable",
        message=f"With {said} and {count} {'pod' if count == 1 else 'pods'} none may be evicted: "
        "no drain of their nodes ends.",
        hint="Say maxUnavailable: 1, and run more than one pod.",
        remedy={"spec": {"minAvailable": None, "maxUnavailable": 1}},
        old=said,
        new="maxUnavailable: 1",
    )
