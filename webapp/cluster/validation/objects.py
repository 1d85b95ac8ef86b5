"""Which rules apply to which kind of object; Services have a way of their own (:mod:`webapp.cluster.admission`)."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from webapp.cluster.model import Refusal
from webapp.cluster.validation.endpoints import endpoint_slice_faults, endpoints_faults
from webapp.cluster.validation.networking import ingress_faults, network_policy_faults
from webapp.cluster.validation.others import (
    autoscaler_faults,
    disruption_budget_faults,
    namespace_faults,
    node_faults,
    priority_class_faults,
)
from webapp.cluster.validation.pod import pod_faults
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


Checked = Iterator[tuple[KeptObject, Iterator[Refusal]]]
_Item = TypeVar("_Item", bound=KeptObject)


def checked_objects(manifests: Manifests, minor: int) -> Checked:
    """Yield each object with what is wrong with it, as far as kept fields show; nothing is checked before it's asked.

    All kinds but Services and Gateway routes, whose rules are a CRD's and not the API server's own.
    """
    yield from _checked(manifests.nodes, node_faults, minor)
    yield from _checked(manifests.namespaces, namespace_faults, minor)
    yield from _checked(manifests.pods, pod_faults, minor)
    yield from _checked(manifests.workloads, workload_faults, minor)
    yield from _checked(manifests.endpoints, endpoints_faults, minor)
    yield from _checked(manifests.endpoint_slices, endpoint_slice_faults, minor)
    yield from _checked(manifests.pod_disruption_budgets, disruption_budget_faults, minor)
    yield from _checked(manifests.network_policies, network_policy_faults, minor)
    yield from _checked(manifests.ingresses, ingress_faults, minor)
    yield from _checked(manifests.horizontal_pod_autoscalers, autoscaler_faults, minor)
    yield from _checked(manifests.priority_classes, priority_class_faults, minor)


def _checked(items: Iterable[_Item], rule: Callable[[_Item, int], Iterator[Refusal]], minor: int) -> Checked:
    return ((item, rule(item, minor)) for item in items)
