"""What if: changes of what was uploaded or assumed, made to the manifests before a cluster is built of them.

Names that don't exist change nothing here; :mod:`webapp.failure.words` refuses them where they are asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from string import ascii_lowercase

from webapp.cluster.autoscaling import replica_bounds
from webapp.cluster.endpoints import CONTROLLER, MANAGED_BY_LABEL, SERVICE_NAME_LABEL
from webapp.cluster.model import REPLICATED, Node, ServiceKey, WorkloadRef
from webapp.cluster.options import Edits
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
    ServiceObject,
    Taint,
    TopologySpreadConstraint,
    WorkloadObject,
)
from webapp.manifests.well_known_labels import ZONE

CONTROL_PLANE_LABEL = "node-role.kubernetes.io/control-plane"
MAX_ZONES = len(ascii_lowercase)


def edited(manifests: Manifests, edits: Edits) -> Manifests:
    """Return the manifests with other replicas and policies, as if their authors had written them so.

    A dump's pods are taken away or added to as the workload's controller would, within its autoscalers' bounds. What
    the EndpointSlice controller wrote about the services concerned is left out, as it would write it again.
    """
    if edits.policies:
        policies = dict(edits.policies)
        manifests = replace(manifests, services=tuple(_with_policy(s, policies) for s in manifests.services))
    if edits.replicas:
        manifests = _scaled(manifests, dict(edits.replicas))
    return manifests


def described(manifests: Manifests, edits: Edits) -> Iterator[str]:
    """Yield one sentence for each edit that has an effect on these manifests."""
    if edits.zones and not manifests.nodes:
        yield f"What if: zones over which the assumed nodes are spread: {edits.zones}."
    if edits.control_planes and not manifests.nodes:
        yield f"What if: control plane among the assumed nodes: {edits.control_planes}."
    workloads = {workload_word(w): ref_of(w) for w in scalable(manifests)} if edits.replicas else {}
    bounds = replica_bounds(manifests) if workloads else {}
    for name, count in edits.replicas:
        if name in workloads:
            kind, _, key = name.partition("/")
            remark = bounds[workloads[name]].remark(count) if workloads[name] in bounds else ""
            yield f"What if: replicas of {kind} {key}: {count}{remark}."
    services = {service_key(service) for service in manifests.services} if edits.policies else set()
    for name, policy in edits.policies:
        if name in services:
            yield f"What if: externalTrafficPolicy of Service {name}: {policy}."


def scalable(manifests: Manifests) -> Iterator[WorkloadObject]:
    """Yield the workloads whose replicas can be set: those that make pods and that no uploaded workload owns."""
    paused = frozenset(never_rolled_out(manifests))
    known = {ref_of(workload) for workload in manifests.workloads}
    for workload in manifests.workloads:
        owner = controller_of(workload.metadata)
        above = WorkloadRef(
            kind=(owner.kind or "") if owner else "",
            namespace=workload.metadata.effective_namespace,
            name=(owner.name or "") if owner else "",
        )
        makes_pods = workload.kind in REPLICATED and workload.spec.template is not None
        if makes_pods and above not in known and ref_of(workload) not in paused:
            yield workload


def workload_word(workload: WorkloadObject) -> str:
    """Return ``KIND/NAMESPACE/NAME``."""
    return f"{workload.kind}/{workload.metadata.key}"


def service_key(service: ServiceObject) -> ServiceKey:
    """Return ``NAMESPACE/NAME``."""
    return service.metadata.key


def with_places(nodes: Sequence[Node], edits: Edits) -> tuple[Node, ...]:
    """Return assumed nodes with zones and roles.

    The first ones become control plane, with the label and taint that kubeadm gives them; zone-a, zone-b ... are dealt
    out in turn, to the control plane and to the others apart.
    """
    planes = frozenset(node.name for node in nodes[: edits.control_planes])
    first, rest = _zones(edits.zones), _zones(edits.zones)
    return tuple(
        _in_zone(_as_control_plane(node), next(first)) if node.name in planes else _in_zone(node, next(rest))
        for node in nodes
    )


def _zones(count: int) -> Iterator[str | None]:
    return cycle([f"zone-{letter}" for letter in ascii_lowercase[:count]] or [None])


def _in_zone(node: Node, zone: str | None) -> Node:
    return replace(node, zone=zone, labels={**node.labels, ZONE: zone}) if zone else node


def _as_control_plane(node: Node) -> Node:
    return replace(
        node,
        labels={**node.labels, CONTROL_PLANE_LABEL: ""},
        taints=(*node.taints, Taint(key=CONTROL_PLANE_LABEL, effect="NoSchedule")),
        control_plane=True,
    )


# --- policy


def _with_policy(service: ServiceObject, policies: dict[ServiceKey, str]) -> ServiceObject:
    """Return the service with its new policy."""
    # Turning away from Local the API server drops the healthCheckNodePort (pkg/registry/core/service/strategy.go).
    policy = policies.get(service_key(service))
    if policy is None:
        return service
    checked = service.spec.health_check_node_port if policy == "Local" else None
    return replace(service, spec=replace(service.spec, external_traffic_policy=policy, health_check_node_port=checked))


# --- placement


def spread_out(manifests: Manifests, workloads: Iterable[WorkloadObject], topology_key: str) -> Manifests:
    """Return the manifests with the pods of some workloads recreated, evenly over the domains of a topology key."""
    # As after adding the constraint and restarting the workload: maxSkew 1, DoNotSchedule (Kubernetes, "Pod Topology
    # Spread Constraints").
    chosen = {ref_of(workload): _constrained(workload, topology_key) for workload in workloads}
    kept, _ = _apart(manifests.pods, owners_of(manifests.workloads), chosen.keys())
    return replace(
        _without_slices(manifests, frozenset(services_of(manifests, chosen.values()))),
        workloads=tuple(chosen.get(ref_of(workload), workload) for workload in manifests.workloads),
        pods=tuple(kept),
    )


def _constrained(workload: WorkloadObject, topology_key: str) -> WorkloadObject:
    template = workload.spec.template
    if template is None:
        return workload
    spec = spread_spec(template.spec, template.metadata.labels, topology_key)
    return replace(workload, spec=replace(workload.spec, template=replace(template, spec=spec)))


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


def _scaled(manifests: Manifests, wanted: dict[str, int]) -> Manifests:
    owners = owners_of(manifests.workloads)
    scaled = {ref_of(w): w for w in scalable(manifests) if workload_word(w) in wanted}
    if not scaled:
        return manifests
    bounds = replica_bounds(manifests)
    counts = {
        ref: bounds[ref].scaled(wanted[workload_word(workload)]) if ref in bounds else wanted[workload_word(workload)]
        for ref, workload in scaled.items()
    }
    kept, owned = _apart(manifests.pods, owners, scaled.keys())
    pods = [pod for ref, given in owned.items() for pod in _recounted(scaled[ref], given, counts[ref])]
    return replace(
        _without_slices(manifests, frozenset(services_of(manifests, scaled.values()))),
        workloads=tuple(_with_replicas(w, counts) for w in manifests.workloads),
        pods=(*kept, *pods),
    )


def _without_slices(manifests: Manifests, stale: frozenset[ServiceKey]) -> Manifests:
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


def _with_replicas(workload: WorkloadObject, counts: dict[WorkloadRef, int]) -> WorkloadObject:
    count = counts.get(ref_of(workload))
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
    for service in manifests.services:
        namespace, selector = service.metadata.effective_namespace, service.spec.selector
        if selector and any(ns == namespace and selector.items() <= labels.items() for ns, labels in made):
            yield service_key(service)
