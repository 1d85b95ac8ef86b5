"""Pods: those that were uploaded, and those that the uploaded workloads would have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from hashlib import sha256
from itertools import chain

from webapp.cluster.model import REPLICATED, Node, Pod, PodKey, WorkloadRef
from webapp.cluster.order import natural, natural_again
from webapp.cluster.replicas import Replicas, number_of
from webapp.limits import CLUSTER, TooLargeError
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    Labels,
    ObjectMeta,
    OwnerReference,
    PodObject,
    PodSpec,
    PodStatus,
    WorkloadObject,
)
from webapp.records import dataclass

# By kind of workload, the label by which its controller tells the revisions of the template apart.
_REVISION_LABELS = {
    "Deployment": "pod-template-hash",
    "Rollout": "rollouts-pod-template-hash",
    "StatefulSet": "controller-revision-hash",
    "DaemonSet": "controller-revision-hash",
}
_MIRROR = "kubernetes.io/config.mirror"
_NO_CONTROLLER = OwnerReference()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Who owns what among the uploaded workloads: enough to count a dump's pods once."""

    by_uid: Mapping[str, WorkloadObject]
    by_name: Mapping[tuple[str, str, str], WorkloadObject]
    """By kind, namespace and name."""

    def outermost(self, meta: ObjectMeta) -> WorkloadRef | None:
        """Return the last workload up the chain of controllers, by uid, else by kind and name.

        A ReplicaSet that was not uploaded still tells its Deployment: its name is the Deployment's and the pod's
        ``pod-template-hash`` (the Deployment controller's rule); where a dump has lost that label, an uploaded
        Deployment of such a name is meant.
        """
        ref: WorkloadRef | None = None
        for _ in range(8):
            owner = controller_of(meta)
            if owner is None or not owner.name or not owner.kind:
                return ref
            ref = WorkloadRef(kind=owner.kind, namespace=meta.effective_namespace, name=owner.name)
            found = self.find(ref, owner.uid)
            if found is None:
                return self._deployment_behind(ref, meta.labels)
            meta = found.metadata
        return ref

    def find(self, ref: WorkloadRef, uid: str | None = None) -> WorkloadObject | None:
        """Return the uploaded workload that is meant, or None."""
        return self.by_uid.get(uid or "") or self.by_name.get((ref.kind, ref.namespace, ref.name))

    def _deployment_behind(self, ref: WorkloadRef, labels: Labels) -> WorkloadRef:
        """Return the Deployment of a ReplicaSet that was not uploaded, or what was given."""
        if ref.kind != "ReplicaSet":
            return ref
        suffix = "-" + labels.get("pod-template-hash", "")
        if len(suffix) > 1 and ref.name.endswith(suffix):
            return ref._replace(kind="Deployment", name=ref.name.removesuffix(suffix))
        deployment = ref._replace(kind="Deployment", name=ref.name.rpartition("-")[0])
        return deployment if self.find(deployment) else ref


def controller_of(meta: ObjectMeta) -> OwnerReference | None:
    """Return the controlling owner, or the only one where none says ``controller: true``."""
    owners = meta.owner_references
    return next((o for o in owners if o.controller), owners[0] if len(owners) == 1 else None)


def owners_of(workloads: Sequence[WorkloadObject]) -> Owners:
    """Return the index of the uploaded workloads."""
    return Owners(
        by_uid={w.metadata.uid: w for w in workloads if w.metadata.uid},
        by_name={(w.kind, w.metadata.effective_namespace, w.metadata.name): w for w in workloads},
    )


def pod_of(given: PodObject, owners: Owners) -> Pod:
    """Return the pod of a Pod object."""
    # Without a status it is a manifest that nobody has applied yet: taken to be running and ready. With one it is ready
    # by its conditions (Kubernetes, "Pod Lifecycle"), or by its phase where a trimmed dump holds no conditions at all.
    meta, status = given.metadata, given.status
    pod = Pod(
        namespace=meta.effective_namespace,
        name=meta.name,
        labels=meta.labels,
        spec=given.spec,
        owner=owners.outermost(meta),
        controlled=controller_of(meta) is not None,
        static=_MIRROR in meta.annotations or (controller_of(meta) or _NO_CONTROLLER).kind == "Node",
        node=given.spec.node_name or None,
        terminating=meta.deletion_timestamp is not None,
        assumed=True,
    )
    if status is None or not status.phase:
        return pod
    ips = tuple(dict.fromkeys(filter(None, (status.pod_ip, *(p.ip for p in status.pod_ips)))))
    return replace(
        pod, ips=ips, phase=status.phase, ready=_ready(given.spec, status), assumed=False, start_time=status.start_time
    )


def _ready(spec: PodSpec, status: PodStatus) -> bool:
    """Return the Ready condition, else what can only be assumed."""
    ready = next((c.status for c in status.conditions if c.type == "Ready"), None)
    return is_taken_for_ready(spec, status) if ready is None else ready == "True"


def is_taken_for_ready(spec: PodSpec, status: PodStatus) -> bool:
    """Return whether a pod of a dump is taken to be ready though it lacks the Ready condition."""
    # A cluster's pod without it is not ready (IsPodReady, pkg/api/v1/pod). A dump that holds no conditions at all was
    # trimmed; one that holds ContainersReady and all readiness gates says what Ready would be.
    conditions = {condition.type: condition.status == "True" for condition in status.conditions}
    if "Ready" in conditions:
        return False
    if not conditions:
        return status.phase == "Running"
    gates = all(conditions.get(gate.condition_type, False) for gate in spec.readiness_gates)
    return conditions.get("ContainersReady", False) and gates


@dataclass(slots=True)
class PodNames:
    """Hands out pod names that are not taken yet."""

    taken: set[PodKey]
    _left: int = 0
    """How many more pods there may be."""
    _numbered: dict[str, int] = field(default_factory=dict)
    """By prefix: up to which number the names are taken by replicas."""

    def __post_init__(self) -> None:
        self._left = CLUSTER.pods
        self.make_room(len(self.taken), "This upload has")

    def make_room(self, count: int, who: str) -> None:
        """Count pods before they are made; `who` asks for them.

        Raises:
            TooLargeError: that is more than a cluster may have.

        """
        self._left -= count
        if self._left < 0:
            raise TooLargeError(
                f"More than {CLUSTER.pods:,} pods: nodefall doesn't draw such a cluster. {who} {count:,}. "
                "Ask for fewer replicas."
            )

    def name(self, namespace: str, wanted: str, kind: str) -> str:
        """Return `wanted`, else the same with the workload's kind and a number, whichever is free first."""
        name, number = wanted, 1
        while self._is_taken(f"{namespace}/{name}"):
            number += 1
            name = f"{wanted}-{kind.lower()}" if number == 2 else f"{wanted}-{kind.lower()}-{number}"
        self.taken.add(f"{namespace}/{name}")
        return name

    def _is_taken(self, key: PodKey) -> bool:
        prefix = key[: key.rfind("-") + 1]
        last = self._numbered.get(prefix, 0)
        return key in self.taken or (last > 0 and (number_of(key, prefix) or last + 1) <= last)

    def take_all(self, replicas: Replicas) -> bool:
        """Take the names of all replicas if none of them is taken, and return whether that is so."""
        if replicas.prefix in self._numbered or (self.taken and not self.taken.isdisjoint(replicas.keys)):
            return False
        self._numbered[replicas.prefix] = len(replicas)
        return True


def ref_of(workload: WorkloadObject) -> WorkloadRef:
    """Return the reference that the workload's pods carry."""
    meta = workload.metadata
    return WorkloadRef(kind=workload.kind, namespace=meta.effective_namespace, name=meta.name)


def expandable(manifests: Manifests, owners: Owners, owned: frozenset[WorkloadRef]) -> tuple[WorkloadObject, ...]:
    """Return the workloads whose pods must be made: no owner of their own, no uploaded pods, in natural order."""
    # Jobs and CronJobs are left out: their pods are taken to have finished. A Deployment that is paused makes no new
    # ReplicaSet, so it has pods only if one was uploaded (pkg/controller/deployment/sync.go).

    def wanted(workload: WorkloadObject) -> bool:
        above = _owner_uploaded(workload, owners)
        return (
            workload.spec.template is not None
            and not (owned and ref_of(workload) in owned)
            and (workload.kind == "DaemonSet" or workload.kind in REPLICATED)
            and not is_paused(workload)
            and (above is None or (is_paused(above) and ref_of(above) not in owned))
        )

    chosen = filter(wanted, manifests.workloads)
    return tuple(
        sorted(chosen, key=lambda w: (natural_again(w.metadata.namespace or ""), w.kind, natural(w.metadata.name)))
    )


def is_paused(workload: WorkloadObject) -> bool:
    """Return whether the workload is a Deployment that makes no ReplicaSet for the time being."""
    return workload.kind == "Deployment" and bool(workload.spec.paused)


def never_rolled_out(manifests: Manifests) -> tuple[WorkloadRef, ...]:
    """Return the paused Deployments of which neither a ReplicaSet nor a pod was uploaded: they have no pods."""
    paused = {ref_of(workload): None for workload in manifests.workloads if is_paused(workload)}
    if not paused:
        return ()
    owners = owners_of(manifests.workloads)
    metadata = chain((w.metadata for w in manifests.workloads), (pod.metadata for pod in manifests.pods))
    made = set(map(owners.outermost, metadata))
    return tuple(ref for ref in paused if ref not in made)


def _owner_uploaded(workload: WorkloadObject, owners: Owners) -> WorkloadObject | None:
    owner = controller_of(workload.metadata)
    if owner is None:
        return None
    ref = WorkloadRef(kind=owner.kind or "", namespace=workload.metadata.effective_namespace, name=owner.name or "")
    return owners.find(ref, owner.uid)


def replicas(workload: WorkloadObject) -> int:
    """Return how many pods the workload wants; 1 where it does not say (the API's default)."""
    wanted = workload.spec.replicas
    return 1 if wanted is None else max(wanted, 0)


def replacement_policy(workload: WorkloadObject) -> str | None:
    """Return the podReplacementPolicy of a Job that has another than the default, TerminatingOrFailed."""
    # With a podFailurePolicy the default is Failed (SetDefaults_Job, pkg/apis/batch/v1/defaults.go; KEP-3939).
    spec = workload.spec
    return spec.pod_replacement_policy or ("Failed" if spec.pod_failure_policy is not None else None)


def bound_workloads(workloads: Iterable[WorkloadObject]) -> frozenset[WorkloadRef]:
    """Return those whose template names a node: their pods go there, past the scheduler."""
    return frozenset(ref_of(w) for w in workloads if w.spec.template and w.spec.template.spec.node_name)


def parallel_workloads(workloads: Iterable[WorkloadObject]) -> frozenset[WorkloadRef]:
    """Return the StatefulSets that wait for no pod of a lower ordinal."""
    return frozenset(ref_of(w) for w in workloads if w.spec.pod_management_policy == "Parallel")


def replica_pods(workload: WorkloadObject, names: PodNames, has: frozenset[PodKey] = frozenset()) -> Iterator[Pod]:
    """Yield the pods of a replicated workload, not placed yet: NAME-1 to NAME-R, a StatefulSet's NAME-0 on.

    Less those that it `has` already.
    """
    if workload.spec.template is None:
        return
    ref, stateful, labels = ref_of(workload), workload.kind == "StatefulSet", template_labels(workload)
    numbers = ordinals(workload) if stateful else range(1, replicas(workload) + 1 - len(has))
    names.make_room(max(len(numbers) - len(has), 0) if stateful else len(numbers), asks(workload))
    for number in numbers:
        wanted = f"{ref.name}-{number}"
        if not stateful or f"{ref.namespace}/{wanted}" not in has:
            name = names.name(ref.namespace, wanted, ref.kind)
            yield _made(workload, name, {**labels, **identity_labels(name, number)} if stateful else labels)


def replicas_together(workload: WorkloadObject, names: PodNames, has: int = 0) -> Replicas | None:
    """Return the pods of a replicated workload, less so many that it `has`, as one; None where they must be single.

    That is where more than names and nodes tells them apart, where the scheduler has no say, or where a name is taken.
    """
    template, ref = workload.spec.template, ref_of(workload)
    if template is None or workload.kind == "StatefulSet" or template.spec.node_name or template.spec.scheduling_gates:
        return None
    numbers = range(1, max(replicas(workload) - has, 0) + 1)
    prefix = f"{ref.namespace}/{ref.name}-"
    names.make_room(len(numbers), asks(workload))
    found = Replicas(_made(workload, f"{ref.name}-1", template_labels(workload), ref), prefix, numbers)
    if names.take_all(found):
        return found
    names.make_room(-len(numbers), "")  # they are made one by one instead, and counted then
    return None


def asks(workload: WorkloadObject) -> str:
    """Return who asks for pods, for a message."""
    return f"{workload.kind} {ref_of(workload).namespace}/{workload.metadata.name} asks for"


def ordinals(workload: WorkloadObject) -> range:
    """Return the numbers of a StatefulSet's pods: from ``spec.ordinals.start`` on (KEP-3335)."""
    given = workload.spec.ordinals
    first = (given.start or 0) if given else 0
    return range(first, first + replicas(workload))


def template_labels(workload: WorkloadObject, sibling: Labels | None = None) -> Labels:
    """Return the labels of the workload's pods: the template's, and the revision's that its controller adds.

    The real value is a hash of the whole template: that of a `sibling` where a dump has one, else made up here.
    Sources: Kubernetes, Deployment: Pod-template-hash label; apps/v1 ControllerRevision.
    """
    template, key = workload.spec.template, _REVISION_LABELS.get(workload.kind)
    given = template.metadata.labels if template else {}
    if key is None:
        return given
    meta = workload.metadata
    identity = f"{workload.kind} {meta.key}"
    return {**given, key: (sibling or {}).get(key) or sha256(identity.encode()).hexdigest()[:10]}


def identity_labels(name: str, number: int) -> Labels:
    """Return what the StatefulSet controller puts on each pod; a service per pod selects on the first.

    >>> identity_labels("db-0", 0)
    {'statefulset.kubernetes.io/pod-name': 'db-0', 'apps.kubernetes.io/pod-index': '0'}
    """
    return {"statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": str(number)}


def daemon_pod(workload: WorkloadObject, node: Node, names: PodNames, labels: Labels) -> Pod:
    """Return the DaemonSet's pod on the node, NAME-NODE."""
    name = names.name(ref_of(workload).namespace, f"{workload.metadata.name}-{node.name}", workload.kind)
    return replace(_made(workload, name, labels), node=node.name)


def _made(workload: WorkloadObject, name: str, labels: Labels, ref: WorkloadRef | None = None) -> Pod:
    ref, template = ref or ref_of(workload), workload.spec.template
    spec = template.spec if template else PodSpec()
    return Pod(
        namespace=ref.namespace,
        name=name,
        labels=labels,
        spec=spec,
        owner=ref,
        controlled=True,
        node=spec.node_name or None,
        assumed=True,
    )
