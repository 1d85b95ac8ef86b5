"""What one upload came to: the objects of each kind, the problems, and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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

VERSION = 1
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

    No object stands here twice: of objects with the same kind, namespace and name the last one wins, as with
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
    """Kinds that were counted and left out, ``ConfigMap`` -> 2."""
    problems: tuple[Problem, ...] = ()
