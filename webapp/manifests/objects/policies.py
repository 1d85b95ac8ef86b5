"""What limits or changes pods from outside: disruption budgets, autoscalers, priorities."""

from dataclasses import field

from webapp.manifests.objects.metadata import IntOrString, LabelSelector, ObjectMeta, Source
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PodDisruptionBudgetSpec:
    """How many pods a drain must leave."""

    min_available: IntOrString | None = None
    max_unavailable: IntOrString | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodDisruptionBudgetObject:
    """A policy PodDisruptionBudget."""

    kind: str = "PodDisruptionBudget"
    api_version: str = "policy/v1"
    metadata: ObjectMeta
    spec: PodDisruptionBudgetSpec = field(default_factory=PodDisruptionBudgetSpec)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleTargetRef:
    """What an autoscaler scales."""

    api_version: str | None = None
    kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizontalPodAutoscalerSpec:
    """Between how many replicas."""

    scale_target_ref: ScaleTargetRef = field(default_factory=ScaleTargetRef)
    min_replicas: int | None = None
    max_replicas: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizontalPodAutoscalerObject:
    """An autoscaling HorizontalPodAutoscaler."""

    kind: str = "HorizontalPodAutoscaler"
    api_version: str = "autoscaling/v2"
    metadata: ObjectMeta
    spec: HorizontalPodAutoscalerSpec = field(default_factory=HorizontalPodAutoscalerSpec)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityClassObject:
    """A scheduling.k8s.io PriorityClass."""

    kind: str = "PriorityClass"
    api_version: str = "scheduling.k8s.io/v1"
    metadata: ObjectMeta
    value: int | None = None
    global_default: bool | None = None
    preemption_policy: str | None = None
    source: Source
