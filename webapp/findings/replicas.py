"""Rules about how many pods are behind an entry point, and when another one is created."""

from collections.abc import Iterator, Sequence

from webapp.cluster.autoscaling import ReplicaBounds
from webapp.cluster.model import REPLICATED, Pod
from webapp.cluster.pods import ref_of
from webapp.findings.facts import Facts
from webapp.findings.finding import Hit, Subject
from webapp.findings.rule import rule
from webapp.manifests.objects import WorkloadObject
from webapp.manifests.problems import Severity


@rule(
    "NP220",
    Severity.WARNING,
    "Single replica",
    why="When its node goes down, all connections fail until another pod is ready.",
    fix="Run at least two, on different nodes. A HorizontalPodAutoscaler with `minReplicas` of two or more counts. "
    "The message says when the pod is recreated, from its tolerations and its controller; nothing recreates a "
    "bare Pod. A patch is offered only where a second pod fits and shares no PersistentVolumeClaim with the "
    "first. Many stateful applications support one replica only: then ignore it with that reason.",
)
def one_replica(facts: Facts) -> Iterator[Hit]:
    """Yield what stands behind an entry point with a single pod, unless more of them are wanted."""
    for backend in facts.backends:
        subject, pod = backend.carrier.subject, backend.pods[0]
        # Where another workload or other endpoints share the service, its clients still get an answer.
        services = [s for s in backend.services if len(s.endpoints) < 2 and s.carriers == (backend.carrier,)]
        if len(backend.pods) > 1 or not services or not _may_be_more(pod) or _wanted(facts, subject) > 1:
            continue
        names = ", ".join(s.service.key for s in services)
        yield Hit(
            subject=subject,
            path="spec.replicas" if isinstance(subject, WorkloadObject) else "kind",
            message=f"Only one pod is behind {names}. {when_replaced(facts, backend.pods)}",
            hint=_second(facts, subject, pod),
            # No edit of the file: only its author knows whether the program works with a second one beside it.
            remedy={"spec": {"replicas": 2}} if _may_have_two(facts, subject, pod) else None,
        )


def _may_be_more(pod: Pod) -> bool:
    """Return whether it is a matter of number: of a DaemonSet's or a static pod, and of a Job's, it is not."""
    kind = pod.owner.kind if pod.owner else ""
    return not pod.static and kind not in ("DaemonSet", "Job", "CronJob", "Node")


def _wanted(facts: Facts, subject: Subject) -> int:
    """Return how many pods the workload, or an autoscaler of it, wants at least."""
    if not isinstance(subject, WorkloadObject):
        return 1
    # Two autoscalers of one workload contradict each other: neither says how many there are.
    bounds = _bounds(facts, subject)
    return max(facts.cluster.workload_replicas.get(ref_of(subject), 0), bounds.least if bounds and bounds.agree else 0)


def _bounds(facts: Facts, subject: Subject) -> ReplicaBounds | None:
    return facts.replica_bounds.get(ref_of(subject)) if isinstance(subject, WorkloadObject) else None


def when_replaced(facts: Facts, pods: Sequence[Pod]) -> str:
    """Return when another pod is created once the node of these is lost, in one sentence."""
    seconds = [found for pod in pods if (found := facts.replacements.seconds(pod)) is not None]
    pod, single = pods[0], len(pods) == 1
    if pod.node is None:
        return "It has no node at the moment."
    if seconds:
        where = ", for the same node" if pod.owner in facts.cluster.bound_workloads else ""
        which = "the pod" if single else "the first pod"
        return f"When the node goes down, {which} is recreated after about {min(seconds):.0f} s{where}."
    if not pod.controlled:
        return "It is a bare Pod: when its node goes down, nothing recreates it."
    until = ""
    if pod.owner and pod.owner.kind == "StatefulSet":
        until = " until the node is back, is deleted or gets the out-of-service taint"
    return f"When the node goes down, {'the pod is not' if single else 'no pod is'} recreated{until}."


def _second(facts: Facts, subject: Subject, pod: Pod) -> str:
    """Return what a second pod needs."""
    if not pod.controlled:
        return "Make it the template of a Deployment with at least two replicas, if the application supports it."
    # A claim of the template is one volume for all replicas; only a StatefulSet's are one each.
    if any(volume.persistent_volume_claim for volume in pod.spec.volumes):
        return (
            "Its PersistentVolumeClaim is shared by all pods of the template: unless its access mode is ReadWriteMany, "
            "a second pod on another node can't mount it. Use such storage, or an application that replicates its data."
        )
    if isinstance(subject, WorkloadObject) and subject.spec.strategy and subject.spec.strategy.type == "Recreate":
        return "Its strategy is Recreate, so two replicas may not be able to run at once: if they are, change it first."
    if isinstance(subject, WorkloadObject) and subject.kind == "StatefulSet":
        return "Run at least two if the application replicates its data: each pod of a StatefulSet has its own volumes."
    more = _autoscaled(facts, subject)
    if not facts.trial.another_fits(pod):
        return f"Run at least two, if the application supports it; at the moment a second pod fits on no node.{more}"
    return f"Run at least two on different nodes, if the application supports it.{more}"


def _autoscaled(facts: Facts, subject: Subject) -> str:
    """Return what an autoscaler has to do with the number of pods."""
    if bounds := _bounds(facts, subject):
        return f" {bounds.names} decides how many there are: set minReplicas to at least 2."
    if facts.manifests.horizontal_pod_autoscalers:
        return ""
    return " A HorizontalPodAutoscaler with minReplicas of two or more also counts; there is none in this upload."


def _may_have_two(facts: Facts, subject: Subject, pod: Pod) -> bool:
    """Return whether a second replica does no harm: it fits, and needs no volume of the first."""
    if not isinstance(subject, WorkloadObject) or subject.kind == "StatefulSet" or subject.kind not in REPLICATED:
        return False
    if _bounds(facts, subject):
        return False  # its autoscaler would take the second one away
    claimed = any(volume.persistent_volume_claim for volume in pod.spec.volumes)
    at_once = subject.spec.strategy is None or subject.spec.strategy.type != "Recreate"
    return not claimed and at_once and facts.trial.another_fits(pod)
