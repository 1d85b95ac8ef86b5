"""What if: changes of what was uploaded or assumed, made to the manifests before a cluster is built of them.

Names that don't exist change nothing here; :mod:`webapp.failure.edit_words` refuses them where they are asked for.
"""

from collections.abc import Iterator
from dataclasses import replace

from webapp.cluster.autoscaling import replica_bounds
from webapp.cluster.model import ServiceKey
from webapp.cluster.moves import with_moved_pods
from webapp.cluster.node_edits import with_node_edits
from webapp.cluster.node_removal import with_nodes_deleted
from webapp.cluster.options import Edits
from webapp.cluster.patches import with_patches
from webapp.cluster.pods import ref_of
from webapp.cluster.rescaling import rescaled, scalable, workload_word
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import ServiceObject


def edited(manifests: Manifests, edits: Edits) -> Manifests:
    """Return the manifests with the edits, as if their authors had written them so.

    A dump's pods are taken away or added to as the workload's controller would, within its autoscalers' bounds. What
    the EndpointSlice controller wrote about the services concerned is left out, as it would write it again.
    """
    manifests = with_patches(manifests, edits.patches)
    if edits.policies:
        policies = dict(edits.policies)
        manifests = replace(manifests, services=tuple(_with_policy(s, policies) for s in manifests.services))
    if edits.replicas:
        manifests = rescaled(manifests, dict(edits.replicas))
    placed = with_nodes_deleted(with_moved_pods(manifests, edits.moves), frozenset(edits.deleted_nodes))
    return with_node_edits(placed, edits)


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
    yield from _described_by_name(edits)


def _described_by_name(edits: Edits) -> Iterator[str]:
    for word, text in edits.patches:
        kind, _, name = word.partition("/")
        yield f"What if: {kind} {name} with the patch {text}."
    for pod, node in edits.moves:
        yield f"What if: Pod {pod} on node {node}."
    for node in edits.cordons:
        yield f"What if: node {node} cordoned."
    for node, taint in edits.taints:
        yield f"What if: node {node} with the taint {taint}."
    for node in edits.added_nodes:
        yield f"What if: node {node} added."
    for node in edits.deleted_nodes:
        yield f"What if: node {node} deleted."


def service_key(service: ServiceObject) -> ServiceKey:
    """Return ``NAMESPACE/NAME``."""
    return service.metadata.key


def _with_policy(service: ServiceObject, policies: dict[ServiceKey, str]) -> ServiceObject:
    """Return the service with its new policy."""
    # Turning away from Local the API server drops the healthCheckNodePort (pkg/registry/core/service/strategy.go).
    policy = policies.get(service_key(service))
    if policy is None:
        return service
    checked = service.spec.health_check_node_port if policy == "Local" else None
    return replace(service, spec=replace(service.spec, external_traffic_policy=policy, health_check_node_port=checked))
