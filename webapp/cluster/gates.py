"""Fields that an API server drops because the feature gate behind them is off in its release."""

from dataclasses import replace

from webapp.cluster.validation.pod import POD_RESOURCES_SINCE
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import PodObject, PodSpec, Resources, WorkloadObject

_NONE = Resources()


def without_gated_fields(manifests: Manifests, minor: int) -> Manifests:
    """Return the manifests as that release stores them: without pod-level resources below 1.34 (KEP-2837)."""
    if minor >= POD_RESOURCES_SINCE:
        return manifests
    pods = tuple(map(_pod, manifests.pods))
    return replace(manifests, pods=pods, workloads=tuple(map(_workload, manifests.workloads)))


def _pod(pod: PodObject) -> PodObject:
    return pod if pod.spec.resources == _NONE else replace(pod, spec=_spec(pod.spec))


def _workload(workload: WorkloadObject) -> WorkloadObject:
    template = workload.spec.template
    if template is None or template.spec.resources == _NONE:
        return workload
    template = replace(template, spec=_spec(template.spec))
    return replace(workload, spec=replace(workload.spec, template=template))


def _spec(spec: PodSpec) -> PodSpec:
    return replace(spec, resources=_NONE)
