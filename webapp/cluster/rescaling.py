"""What a workload's controller does when its replicas or its template change, as far as a dump's pods tell."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from webapp.cluster.autoscaling import replica_bounds
from webapp.cluster.endpoints import CONTROLLER, MANAGED_BY_LABEL, SERVICE_NAME_LABEL
from webapp.cluster.model import REPLICATED, ServiceKey, WorkloadRef
from webapp.cluster.order import natural
from webapp.cluster.pods import (
    Owners,
    controller_of,
    identity_labels,
    never_rolled_out,
    owners_of,
    ref_of,
    template_labels,
)
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    Labels,
    LabelSelector,
    ObjectMeta,
    OwnerReference,
    PodObject,
    PodSpec,
    TopologySpreadConstraint,
    WorkloadObject,
)


def scalable(manifests: Manifests) -> Iterator[WorkloadObject]:
    """Yield the workloads whose replicas can be set: those that make pods and that no uploaded workload owns."""
    paused = frozenset(never_rolled_out(manifests))
    owned = [workload for workload in manifests.workloads if workload.metadata.owner_references]
    known = {ref_of(workload) for workload in manifests.workloads} if owned else set()
    for workload in manifests.workloads:
        makes_pods = workload.kind in REPLICATED and workload.spec.template is not None
        is_held = bool(paused) and ref_of(workload) in paused
        if makes_pods and not is_held and not (owned and _above(workload) in known):
            yield workload


def _above(workload: WorkloadObject) -> WorkloadRef | None:
    owner = controller_of(workload.metadata)
    if owner is None:
        return None
    return WorkloadRef(kind=owner.kind or "", namespace=workload.metadata.effective_namespace, name=owner.name or "")


def workload_word(workload: WorkloadObject) -> str:
    """Return ``KIND/NAMESPACE/NAME``."""
    return f"{workload.kind}/{workload.metadata.key}"


# --- placement


def recreated(manifests: Manifests, workloads: Iterable[WorkloadObject]) -> Manifests:
    """Return the manifests with some workloads in place of their older selves, and without the pods of those."""
    chosen = {ref_of(workload): workload for workload in workloads}
    remaining, _ = _apart(manifests.pods, owners_of(manifests.workloads), chosen.keys())
    return replace(
        without_slices(manifests, frozenset(services_of(manifests, chosen.values()))),
        workloads=tuple(chosen.get(ref_of(workload), workload) for workload in manifests.workloads),
        pods=tuple(remaining),
    )


def spread_spec(spec: PodSpec, labels: Labels, topology_key: str) -> PodSpec:
    """Return a template's spec with its pods spread evenly over the domains of a topology key, not bound to a node.

    Its nodeSelector stays: that pods may run in one zone only is somebody's decision.
    Nodes whose taints the pods don't tolerate are no domains (nodeTaintsPolicy Honor): by default an empty one, a
    control plane or a lost node, would keep every further pod Pending.
    """
    constraint = TopologySpreadConstraint(
        max_skew=1,
        topology_key=topology_key,
        when_unsatisfiable="DoNotSchedule",
        label_selector=LabelSelector(match_labels=labels),
        node_taints_policy="Honor",
    )
    others = (c for c in spec.topology_spread_constraints if c.topology_key != topology_key)
    return replace(spec, topology_spread_constraints=(*others, constraint), node_name=None)


# --- replicas


def rescaled(manifests: Manifests, wanted: Mapping[str, int]) -> Manifests:
    """Return the manifests with other replicas of workloads, by their words, within their autoscalers' bounds."""
    owners = owners_of(manifests.workloads)
    scaled = {ref_of(w): w for w in scalable(manifests) if workload_word(w) in wanted}
    if not scaled:
        return manifests
    bounds = replica_bounds(manifests)
    counts = {
        ref: bounds[ref].scaled(wanted[workload_word(workload)]) if ref in bounds else wanted[workload_word(workload)]
        for ref, workload in scaled.items()
    }
    names = {ref.name for ref in counts}
    kept, owned = _apart(manifests.pods, owners, scaled.keys())
    pods = [pod for ref, given in owned.items() for pod in _recounted(scaled[ref], given, counts[ref])]
    return replace(
        without_slices(manifests, frozenset(services_of(manifests, scaled.values()))),
        workloads=tuple(_with_replicas(w, counts, names) for w in manifests.workloads),
        pods=(*kept, *pods),
    )


def without_slices(manifests: Manifests, stale: frozenset[ServiceKey]) -> Manifests:
    """Return the manifests without what the EndpointSlice controller wrote about some services, and writes again."""
    return replace(
        manifests,
        endpoint_slices=tuple(
            part
            for part in manifests.endpoint_slices
            if part.metadata.labels.get(MANAGED_BY_LABEL) != CONTROLLER
            or f"{part.metadata.effective_namespace}/{part.metadata.labels.get(SERVICE_NAME_LABEL)}" not in stale
        ),
        endpoints=tuple(e for e in manifests.endpoints if e.metadata.key not in stale),
    )


def _with_replicas(workload: WorkloadObject, counts: dict[WorkloadRef, int], names: Container[str]) -> WorkloadObject:
    # Of ten thousand workloads nearly all have another name, which is told without making their references.
    count = counts.get(ref_of(workload)) if workload.metadata.name in names else None
    return workload if count is None else replace(workload, spec=replace(workload.spec, replicas=count))


def _apart(
    pods: Iterable[PodObject], owners: Owners, refs: Iterable[WorkloadRef]
) -> tuple[list[PodObject], dict[WorkloadRef, list[PodObject]]]:
    """Return the pods of other workloads, and those of each of these, where it has some in the dump."""
    wanted, kept = frozenset(refs), []
    owned: dict[WorkloadRef, list[PodObject]] = {}
    for pod in pods:
        ref = owners.outermost(pod.metadata)
        if ref in wanted and ref is not None:
            owned.setdefault(ref, []).append(pod)
        else:
            kept.append(pod)
    return kept, owned


def _recounted(workload: WorkloadObject, given: Sequence[PodObject], count: int) -> Iterator[PodObject]:
    """Yield as many of the dump's pods as are wanted, and new ones of the template for the rest.

    Those without a node and those that don't run go first, then the last by name: a StatefulSet's highest ordinal.
    """
    ordered = sorted(given, key=lambda pod: (_is_idle(pod), natural(pod.metadata.name)))
    yield from ordered[:count]
    taken = {pod.metadata.name for pod in ordered}
    number = -1
    for _ in range(count - len(ordered)):
        number += 1
        while f"{workload.metadata.name}-{number}" in taken:
            number += 1
        yield _new_pod(workload, number, ordered[0].metadata.labels if ordered else {})


def _is_idle(pod: PodObject) -> bool:
    return not pod.spec.node_name or (pod.status is not None and pod.status.phase not in (None, "Running"))


def _new_pod(workload: WorkloadObject, number: int, sibling: Labels) -> PodObject:
    """Return a pod of the template that the scheduler has yet to place, of the same revision as its sibling."""
    meta, template = workload.metadata, workload.spec.template
    name, labels = f"{meta.name}-{number}", template_labels(workload, sibling)
    owner = OwnerReference(
        api_version=workload.api_version, kind=workload.kind, name=meta.name, uid=meta.uid, controller=True
    )
    if workload.kind == "StatefulSet":
        labels = {**labels, **identity_labels(name, number)}
    own = ObjectMeta(name=name, namespace=meta.namespace, labels=labels, owner_references=(owner,))
    if template is None:
        return PodObject(metadata=own, source=workload.source)
    return PodObject(metadata=own, spec=template.spec, source=workload.source)


def services_of(manifests: Manifests, workloads: Iterable[WorkloadObject]) -> Iterator[ServiceKey]:
    """Yield the keys of the services that select pods of these workloads."""
    made = [(w.metadata.effective_namespace, w.spec.template.metadata.labels) for w in workloads if w.spec.template]
    return selecting(manifests, made)


def selecting(manifests: Manifests, pods: Sequence[tuple[str, Labels]]) -> Iterator[ServiceKey]:
    """Yield the keys of the services that select any of these pods, each given by its namespace and labels."""
    for service in manifests.services:
        namespace, selector = service.metadata.effective_namespace, service.spec.selector
        if selector and any(ns == namespace and selector.items() <= labels.items() for ns, labels in pods):
            yield service.metadata.key
