"""Workloads: what has a pod template."""

from dataclasses import field

from webapp.manifests.objects.metadata import IntOrString, LabelSelector, ObjectMeta, Source
from webapp.manifests.objects.pods import PodSpec
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PodTemplate:
    """``spec.template`` of a workload."""

    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    spec: PodSpec = field(default_factory=PodSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinals:
    """``spec.ordinals`` of a StatefulSet."""

    start: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodFailurePolicy:
    """That a Job has one; its rules are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingUpdate:
    """How many pods more or fewer than wanted there may be meanwhile."""

    max_unavailable: IntOrString | None = None
    max_surge: IntOrString | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStrategy:
    """How a Deployment changes its pods: ``Recreate`` never runs an old and a new one at once."""

    type: str | None = None
    rolling_update: RollingUpdate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSpec:
    """The union of the specs of all kinds of workload, in one shape.

    The plain label map that ReplicationController and DeploymentConfig use as selector is read as
    ``match_labels``; a CronJob's ``jobTemplate.spec`` is read as if it were its own.
    """

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate | None = None
    service_name: str | None = None
    ordinals: Ordinals | None = None
    parallelism: int | None = None
    completions: int | None = None
    suspend: bool | None = None
    schedule: str | None = None
    pod_replacement_policy: str | None = None
    pod_failure_policy: PodFailurePolicy | None = None
    pod_management_policy: str | None = None
    paused: bool | None = None
    strategy: DeploymentStrategy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadObject:
    """What makes pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, Rollout and their elders."""

    kind: str
    api_version: str
    metadata: ObjectMeta
    spec: WorkloadSpec = field(default_factory=WorkloadSpec)
    source: Source
