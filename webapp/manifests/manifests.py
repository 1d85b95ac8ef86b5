"""The kinds that are read, and what one upload holds of each, with its problems and what was skipped."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from webapp.manifests.objects import (
    EndpointSliceObject,
    EndpointsObject,
    HorizontalPodAutoscalerObject,
    IngressObject,
    KindClusterObject,
    NamespaceObject,
    NetworkPolicyObject,
    NodeObject,
    PodDisruptionBudgetObject,
    PodObject,
    PriorityClassObject,
    RouteObject,
    ServiceObject,
    WorkloadObject,
)
from webapp.manifests.problems import Problem
from webapp.records import dataclass

_GATEWAY = {"gateway.networking.k8s.io": ("v1", "v1beta1", "v1alpha3", "v1alpha2")}
# extensions/v1beta1 is served no longer, since 1.16 or 1.22; manifests of that time are still around.
_APPS = {"apps": ("v1", "v1beta2", "v1beta1"), "extensions": ("v1beta1",)}
_CORE = {"": ("v1",)}


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """One kind of object."""

    name: str
    record: Any
    collection: str
    """The field of `Manifests` that holds its objects."""
    groups: Mapping[str, tuple[str, ...]]
    """The versions of each API group that serve it or once did, the present one first."""
    namespaced: bool = True
    handwritten: bool = False
    """Whether lines inside the object are kept."""

    @property
    def api_version(self) -> str:
        """The present apiVersion."""
        group, (version, *_) = next(iter(self.groups.items()))
        return f"{group}/{version}" if group else version


def _workload(name: str, groups: Mapping[str, tuple[str, ...]]) -> ObjectKind:
    return ObjectKind(name, WorkloadObject, "workloads", groups, handwritten=True)


def _route(name: str) -> ObjectKind:
    return ObjectKind(name, RouteObject, "routes", _GATEWAY)


KINDS: dict[str, ObjectKind] = {
    kind.name: kind
    for kind in (
        ObjectKind("Node", NodeObject, "nodes", _CORE, namespaced=False),
        ObjectKind("Namespace", NamespaceObject, "namespaces", _CORE, namespaced=False),
        ObjectKind("Pod", PodObject, "pods", _CORE, handwritten=True),
        ObjectKind("Service", ServiceObject, "services", _CORE, handwritten=True),
        ObjectKind("Endpoints", EndpointsObject, "endpoints", _CORE),
        ObjectKind(
            "EndpointSlice",
            EndpointSliceObject,
            "endpoint_slices",
            {"discovery.k8s.io": ("v1", "v1beta1", "v1alpha1")},
        ),
        _workload("Deployment", _APPS),
        _workload("ReplicaSet", _APPS),
        _workload("DaemonSet", _APPS),
        _workload("StatefulSet", {"apps": ("v1", "v1beta2", "v1beta1")}),
        _workload("ReplicationController", _CORE),
        _workload("Job", {"batch": ("v1",), "extensions": ("v1beta1",)}),
        _workload("CronJob", {"batch": ("v1", "v1beta1", "v2alpha1")}),
        # OpenShift 3 served its own kinds in the core group.
        _workload("DeploymentConfig", {"apps.openshift.io": ("v1",), "": ("v1",)}),
        # Argo's, in place of a Deployment and with the same template.
        _workload("Rollout", {"argoproj.io": ("v1alpha1",)}),
        ObjectKind(
            "PodDisruptionBudget",
            PodDisruptionBudgetObject,
            "pod_disruption_budgets",
            {"policy": ("v1", "v1beta1")},
            handwritten=True,
        ),
        ObjectKind(
            "NetworkPolicy",
            NetworkPolicyObject,
            "network_policies",
            {"networking.k8s.io": ("v1",), "extensions": ("v1beta1",)},
        ),
        ObjectKind(
            "Ingress",
            IngressObject,
            "ingresses",
            {"networking.k8s.io": ("v1", "v1beta1"), "extensions": ("v1beta1",)},
        ),
        ObjectKind(
            "HorizontalPodAutoscaler",
            HorizontalPodAutoscalerObject,
            "horizontal_pod_autoscalers",
            {"autoscaling": ("v2", "v1", "v2beta2", "v2beta1"), "extensions": ("v1beta1",)},
        ),
        ObjectKind(
            "PriorityClass",
            PriorityClassObject,
            "priority_classes",
            {"scheduling.k8s.io": ("v1", "v1beta1", "v1alpha1")},
            namespaced=False,
        ),
        *map(_route, ("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute")),
    )
}
KIND_CLUSTER = ObjectKind(
    "Cluster", KindClusterObject, "kind_clusters", {"kind.x-k8s.io": ("v1alpha4",)}, namespaced=False
)
"""What `kind create cluster --config` reads; kubectl knows no such kind."""


def subject(record: Any) -> str:
    """Return what an object is called: its kind, and its name within the cluster, ``Deployment shop/web``."""
    kind = KINDS.get(record.kind, KIND_CLUSTER)
    return f"{record.kind} {record.metadata.key if kind.namespaced else record.metadata.name}"


VERSION = 2
"""Raised when stored objects of the older form can no longer be read as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSummary:
    """One uploaded file or archive member."""

    name: str
    documents: int
    used: int
    """Objects of kinds that nodefall keeps."""
    rendered: str = ""
    """The kustomization.yaml or Chart.yaml that it is the output of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """The normalised objects of one upload, in the order in which they were read.

    No object is here twice: of objects with the same kind, namespace and name the last one wins, as with
    ``kubectl apply``, and a problem says so.
    """

    version: int = VERSION
    nodes: tuple[NodeObject, ...] = ()
    namespaces: tuple[NamespaceObject, ...] = ()
    pods: tuple[PodObject, ...] = ()
    workloads: tuple[WorkloadObject, ...] = ()
    services: tuple[ServiceObject, ...] = ()
    endpoints: tuple[EndpointsObject, ...] = ()
    endpoint_slices: tuple[EndpointSliceObject, ...] = ()
    pod_disruption_budgets: tuple[PodDisruptionBudgetObject, ...] = ()
    network_policies: tuple[NetworkPolicyObject, ...] = ()
    ingresses: tuple[IngressObject, ...] = ()
    horizontal_pod_autoscalers: tuple[HorizontalPodAutoscalerObject, ...] = ()
    priority_classes: tuple[PriorityClassObject, ...] = ()
    routes: tuple[RouteObject, ...] = ()
    kind_clusters: tuple[KindClusterObject, ...] = ()
    undecodable: Mapping[str, str] = field(default_factory=dict)
    """Objects that the API server could not even decode: ``Service default/web`` -> what it would say. They are
    kept, as far as they could be read, so that they can be shown as refused."""
    files: tuple[FileSummary, ...] = ()
    not_used: Mapping[str, int] = field(default_factory=dict)
    """Kinds that were counted and skipped, ``ConfigMap`` -> 2."""
    problems: tuple[Problem, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether there is anything to look at: a set of Secrets or CRDs alone reads well, and shows nothing."""
        return any((self.nodes, self.pods, self.workloads, self.services))
