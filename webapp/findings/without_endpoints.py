"""Rules about entry points behind which no pod runs, though what makes or is their pods was given."""

from collections.abc import Iterator

from webapp.findings.facts import Facts, Selection
from webapp.findings.finding import Hit
from webapp.findings.rule import rule
from webapp.manifests.problems import Severity


@rule(
    "NP214",
    Severity.ERROR,
    "Pods that fit on no node",
    why="A Pod without a node has no address and is not an endpoint, so every connection is refused.",
    fix="Reported only where the upload has all Nodes. The message has the scheduler's verdict, the taints that the "
    "pods don't tolerate and the node labels that no node has. Free up resources, or change the pods' placement "
    "rules.",
    source='Kubernetes, "Pod Lifecycle"',
)
def pods_that_no_node_takes(facts: Facts) -> Iterator[Hit]:
    """Yield entry points none of whose pods any of the given nodes takes: all are Pending or rejected there."""
    # Assumed nodes lack the labels of real ones, so with them nothing is certain: NP215's.
    if not _has_assumed_nodes(facts):
        for selected, why in _without_endpoints(facts):
            if selected.pods:
                hint = "Free up resources, or change the pods' placement rules: node labels, tolerations, requests."
                yield _hit(selected, f"{why}: every connection is refused.", hint)


@rule(
    "NP215",
    Severity.INFO,
    "Entry point without pods in the manifests",
    why="A Service without an endpoint refuses every connection.",
    fix="The workload has 0 replicas, is paused, or is a Job that is assumed to have finished; or its pods fit on "
    "none of the assumed nodes, because they need labels that only the real ones have.",
    together="{count} services have no endpoint with these manifests: {names}.",
)
def no_pods_as_written(facts: Facts) -> Iterator[Hit]:
    """Yield entry points that have no endpoint as long as the manifests, or the assumed nodes, stay as they are."""
    assumed = _has_assumed_nodes(facts)
    for selected, why in _without_endpoints(facts):
        if not selected.pods:
            hint = "Nothing to do if this is intended. Otherwise let the workload create pods."
            yield _hit(selected, f"{why}: until it has some, every connection is refused.", hint)
        elif assumed:
            hint = "Add the Nodes of the cluster to the upload: assumed nodes have no custom labels or taints."
            yield _hit(selected, f"With the assumed nodes {why}: they may fit on those of the cluster.", hint)


def _has_assumed_nodes(facts: Facts) -> bool:
    return any(node.assumed for node in facts.cluster.nodes.values())


def _without_endpoints(facts: Facts) -> Iterator[tuple[Selection, str]]:
    """Yield entry points without any endpoint, and why; not in a running cluster, where NP212 speaks of pods."""
    problems = (*facts.manifests.problems, *facts.cluster.problems)
    rejected = {problem.object for problem in problems if problem.severity is Severity.ERROR}
    for selected in () if facts.is_live else facts.exposed:
        # A pod that runs, but isn't an endpoint, lacks the port (NP204) or isn't ready (NP212).
        at_work = any(pod.node and not pod.rejected for pod in selected.pods)
        why = next((port.no_endpoints for _, port in selected.node_ports if port.no_endpoints), None)
        # Of a workload that the API server rejects, that is said already.
        accepted = any(carrier.name not in rejected for carrier in selected.carriers)
        if accepted and not selected.has_endpoints and not at_work and why is not None:
            yield selected, str(why)


def _hit(selected: Selection, message: str, hint: str) -> Hit:
    return Hit(subject=selected.given, path="spec.selector", message=message[0].upper() + message[1:], hint=hint)
