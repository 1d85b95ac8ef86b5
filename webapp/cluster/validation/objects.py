"""What the API server rejects, kind by kind; Services have their own way (:mod:`webapp.cluster.admission`).

The rules of a small kind are here, beside its row in `RULES`; those of a large one in a module of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from webapp.cluster.model import Refusal
from webapp.cluster.scheduling.priority import SYSTEM_PRIORITIES
from webapp.cluster.validation.amounts import amount_faults, more_than_all_faults
from webapp.cluster.validation.endpoints import endpoint_slice_faults, endpoints_faults
from webapp.cluster.validation.errors import forbidden, invalid, not_supported, required
from webapp.cluster.validation.labels import metadata_faults, selector_faults
from webapp.cluster.validation.names import dns_label_faults, dns_subdomain_faults
from webapp.cluster.validation.networking import ingress_faults, network_policy_faults
from webapp.cluster.validation.placement import taint_faults
from webapp.cluster.validation.pod import PREEMPTION_POLICIES, pod_faults
from webapp.cluster.validation.workload import workload_faults
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    EndpointSliceObject,
    EndpointsObject,
    HorizontalPodAutoscalerObject,
    IngressObject,
    NamespaceObject,
    NetworkPolicyObject,
    NodeObject,
    PodDisruptionBudgetObject,
    PodObject,
    PriorityClassObject,
    WorkloadObject,
)

UNHEALTHY_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
HIGHEST_USER_PRIORITY = 1_000_000_000


def node_faults(node: NodeObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with a Node; its taints are reported under ``metadata``, by the API server's own mistake."""
    yield from metadata_faults(node.metadata, dns_subdomain_faults, namespaced=False)
    yield from taint_faults(node.spec.taints, "metadata.taints")


def namespace_faults(namespace: NamespaceObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with a Namespace."""
    yield from metadata_faults(namespace.metadata, dns_label_faults, namespaced=False)


def disruption_budget_faults(budget: PodDisruptionBudgetObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with a PodDisruptionBudget: ``pkg/apis/policy/validation``."""
    spec = budget.spec
    yield from metadata_faults(budget.metadata, dns_subdomain_faults)
    # Each says how many pods may be disrupted; together they could contradict one another.
    if spec.min_available is not None and spec.max_unavailable is not None:
        yield invalid("spec", None, "minAvailable and maxUnavailable cannot be both set")
    for name, value in (("minAvailable", spec.min_available), ("maxUnavailable", spec.max_unavailable)):
        if value is not None:
            yield from amount_faults(value, f"spec.{name}")
            yield from more_than_all_faults(value, f"spec.{name}")
    yield from selector_faults(spec.selector, "spec.selector")
    policy = spec.unhealthy_pod_eviction_policy
    if policy is not None and policy not in UNHEALTHY_POLICIES:
        yield not_supported("spec.unhealthyPodEvictionPolicy", policy, UNHEALTHY_POLICIES)


def autoscaler_faults(item: HorizontalPodAutoscalerObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with a HorizontalPodAutoscaler's target and bounds: ``pkg/apis/autoscaling/validation``."""
    spec = item.spec
    yield from metadata_faults(item.metadata, dns_subdomain_faults)
    if spec.min_replicas is not None and spec.min_replicas < 1:
        yield invalid("spec.minReplicas", spec.min_replicas, "must be greater than or equal to 1")
    # maxReplicas has no default: a missing one is 0, and too few.
    most = spec.max_replicas or 0
    if most < 1:
        yield invalid("spec.maxReplicas", most, "must be greater than 0")
    if spec.min_replicas is not None and most < spec.min_replicas:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    for name, value in (("kind", spec.scale_target_ref.kind), ("name", spec.scale_target_ref.name)):
        if not value:
            yield required(f"spec.scaleTargetRef.{name}")


def priority_class_faults(item: PriorityClassObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with a PriorityClass: ``pkg/apis/scheduling/validation``."""
    name, value = item.metadata.name, item.value or 0
    yield from metadata_faults(item.metadata, dns_subdomain_faults, namespaced=False)
    # The two system classes exist in every cluster; a dump has them, with exactly these values.
    if name.startswith("system-"):
        if SYSTEM_PRIORITIES.get(name) != value or item.global_default:
            reserved = "priority class names with 'system-' prefix are reserved for system use only"
            yield forbidden("metadata.name", reserved)
    elif value > HIGHEST_USER_PRIORITY:
        most = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
        yield forbidden("value", most)
    policy = item.preemption_policy
    if policy is not None and policy not in PREEMPTION_POLICIES:
        yield not_supported("preemptionPolicy", policy, PREEMPTION_POLICIES)


KeptObject = (
    NodeObject
    | NamespaceObject
    | PodObject
    | WorkloadObject
    | EndpointsObject
    | EndpointSliceObject
    | PodDisruptionBudgetObject
    | NetworkPolicyObject
    | IngressObject
    | HorizontalPodAutoscalerObject
    | PriorityClassObject
)

# By field of `Manifests`. Gateway routes are not among them: their rules are a CRD's, not the API server's own.
RULES: Mapping[str, Callable[[Any, int], Iterator[Refusal]]] = {
    "nodes": node_faults,
    "namespaces": namespace_faults,
    "pods": pod_faults,
    "workloads": workload_faults,
    "endpoints": endpoints_faults,
    "endpoint_slices": endpoint_slice_faults,
    "pod_disruption_budgets": disruption_budget_faults,
    "network_policies": network_policy_faults,
    "ingresses": ingress_faults,
    "horizontal_pod_autoscalers": autoscaler_faults,
    "priority_classes": priority_class_faults,
}


def checked_objects(manifests: Manifests, minor: int) -> Iterator[tuple[KeptObject, Iterator[Refusal]]]:
    """Yield each object with what is wrong with it, as far as kept fields show; each is checked when asked for."""
    for collection, rule in RULES.items():
        for item in getattr(manifests, collection):
            yield item, rule(item, minor)


def all_objects(manifests: Manifests) -> Iterator[KeptObject]:
    """Yield each object that is checked."""
    return (item for collection in RULES for item in getattr(manifests, collection))
