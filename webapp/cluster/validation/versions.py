"""API versions that Kubernetes no longer serves, by kind.

The "Deprecated API Migration Guide" (kubernetes.io/docs/reference/using-api/deprecation-guide).
"""

from webapp.records import dataclass


@dataclass(frozen=True, slots=True)
class Removal:
    """Since which 1.N a version is gone, and what to write instead."""

    since: int
    instead: str = ""


def _gone(since: int, instead: str, versions: str, *kinds: str) -> dict[tuple[str, str], Removal]:
    return {(kind, version): Removal(since, instead) for kind in kinds for version in versions.split()}


# By kind and apiVersion; of the kinds that nodefall reads.
REMOVED: dict[tuple[str, str], Removal] = {
    **_gone(16, "apps/v1", "extensions/v1beta1 apps/v1beta1 apps/v1beta2", "Deployment"),
    **_gone(16, "apps/v1", "extensions/v1beta1 apps/v1beta2", "DaemonSet", "ReplicaSet"),
    **_gone(16, "apps/v1", "apps/v1beta1 apps/v1beta2", "StatefulSet"),
    **_gone(16, "networking.k8s.io/v1", "extensions/v1beta1", "NetworkPolicy"),
    **_gone(16, "batch/v1", "extensions/v1beta1", "Job"),
    **_gone(16, "autoscaling/v1", "extensions/v1beta1", "HorizontalPodAutoscaler"),
    **_gone(21, "batch/v1", "batch/v2alpha1", "CronJob"),
    **_gone(22, "networking.k8s.io/v1", "extensions/v1beta1 networking.k8s.io/v1beta1", "Ingress"),
    **_gone(22, "scheduling.k8s.io/v1", "scheduling.k8s.io/v1alpha1 scheduling.k8s.io/v1beta1", "PriorityClass"),
    **_gone(25, "batch/v1", "batch/v1beta1", "CronJob"),
    **_gone(25, "discovery.k8s.io/v1", "discovery.k8s.io/v1alpha1 discovery.k8s.io/v1beta1", "EndpointSlice"),
    **_gone(25, "policy/v1", "policy/v1beta1", "PodDisruptionBudget"),
    **_gone(25, "autoscaling/v2", "autoscaling/v2beta1", "HorizontalPodAutoscaler"),
    **_gone(26, "autoscaling/v2", "autoscaling/v2beta2", "HorizontalPodAutoscaler"),
}
