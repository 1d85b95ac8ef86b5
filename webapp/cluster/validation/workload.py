"""Workloads: ``pkg/apis/apps/validation``, ``pkg/apis/batch/validation`` and ReplicationController's part of core."""

from collections.abc import Callable, Iterator

from webapp.cluster.model import Refusal
from webapp.cluster.scheduling.selectors import labels_selector, selector_of
from webapp.cluster.validation.amounts import amount_faults, is_none, more_than_all_faults
from webapp.cluster.validation.errors import forbidden, invalid, invalid_each, not_supported, required
from webapp.cluster.validation.labels import NameRule, metadata_faults, selector_faults
from webapp.cluster.validation.names import dns_label_faults, dns_subdomain_faults
from webapp.cluster.validation.pod import template_faults
from webapp.manifests.objects import DeploymentStrategy, LabelSelector, PodTemplate, WorkloadObject, WorkloadSpec

TEMPLATE = "spec.template"
MISMATCH = "`selector` does not match template `labels`"


def workload_faults(workload: WorkloadObject, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with a workload; kinds from outside Kubernetes have no rules here."""
    if (rule := _KINDS.get(workload.kind)) is None:
        return
    name_rule: NameRule = dns_label_faults if workload.kind == "StatefulSet" else dns_subdomain_faults
    yield from metadata_faults(workload.metadata, name_rule)
    yield from rule(workload.spec, minor)


def _deployment_faults(spec: WorkloadSpec, minor: int) -> Iterator[Refusal]:
    yield from _replica_set_faults(spec, minor)
    if spec.strategy is not None:
        yield from _strategy_faults(spec.strategy, "spec.strategy")


def _replica_set_faults(spec: WorkloadSpec, minor: int) -> Iterator[Refusal]:
    yield from _count_faults(spec.replicas, "spec.replicas")
    # The API server says "deployment" of a ReplicaSet also (ValidateReplicaSetSpec, pkg/apis/apps/validation).
    yield from _needed_selector_faults(spec.selector, "deployment")
    # The API server looks no further: the template can't be compared with a selector that does not parse.
    if not _is_usable(spec.selector):
        yield invalid("spec.selector", _shown(spec.selector), "invalid label selector")
        return
    template = spec.template or PodTemplate()
    yield from _mismatch(spec.selector, template)
    yield from template_faults(template, TEMPLATE, minor)
    yield from _always_faults(template)


def _strategy_faults(strategy: DeploymentStrategy, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a Deployment's strategy; without numbers a rolling update takes 25 % of both."""
    kind, rolling = strategy.type or "RollingUpdate", strategy.rolling_update
    if kind not in ("Recreate", "RollingUpdate"):
        yield not_supported(path, kind, ("Recreate", "RollingUpdate"))
    elif rolling is not None and kind == "Recreate":
        yield forbidden(f"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif rolling is not None:
        unavailable, surge = rolling.max_unavailable, rolling.max_surge
        at = f"{path}.rollingUpdate"
        if unavailable is not None:
            yield from amount_faults(unavailable, f"{at}.maxUnavailable")
        if surge is not None:
            yield from amount_faults(surge, f"{at}.maxSurge")
        if unavailable is not None and surge is not None and is_none(unavailable) and is_none(surge):
            yield invalid(f"{at}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")
        if unavailable is not None:
            yield from more_than_all_faults(unavailable, f"{at}.maxUnavailable")


def _statefulset_faults(spec: WorkloadSpec, minor: int) -> Iterator[Refusal]:
    policy = spec.pod_management_policy
    if policy and policy not in ("OrderedReady", "Parallel"):
        yield invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    yield from _count_faults(spec.replicas, "spec.replicas")
    # Pods are numbered from there on (KEP-3335).
    yield from _count_faults(spec.ordinals.start if spec.ordinals else None, "spec.ordinals.start")
    if spec.service_name:
        yield from invalid_each("spec.serviceName", spec.service_name, dns_label_faults(spec.service_name))
    yield from _needed_selector_faults(spec.selector, "statefulset")
    template = spec.template or PodTemplate()
    if not _is_usable(spec.selector):
        yield invalid("spec.selector", _shown(spec.selector))
    else:
        yield from _mismatch(spec.selector, template)
        yield from template_faults(template, TEMPLATE, minor)
    yield from _always_faults(template)


def _daemonset_faults(spec: WorkloadSpec, minor: int) -> Iterator[Refusal]:
    template = spec.template or PodTemplate()
    yield from selector_faults(spec.selector, "spec.selector")
    if _is_usable(spec.selector):
        yield from _mismatch(spec.selector, template)
    # It would select, and then own, every pod of its namespace.
    if spec.selector == LabelSelector():
        yield invalid("spec.selector", {}, "empty selector is invalid for daemonset")
    yield from template_faults(template, TEMPLATE, minor)
    yield from _always_faults(template)


def _replication_controller_faults(spec: WorkloadSpec, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with a ReplicationController, whose selector defaults to the template's labels."""
    labels = spec.template.metadata.labels if spec.template else {}
    selector = spec.selector.match_labels if spec.selector and spec.selector.match_labels else labels
    if not selector:
        yield required("spec.selector")
    yield from _count_faults(spec.replicas, "spec.replicas")
    if spec.template is None:
        yield required(TEMPLATE)
        return
    if selector and not labels_selector(selector).matches(labels):
        yield invalid(f"{TEMPLATE}.metadata.labels", dict(labels), MISMATCH)
    yield from template_faults(spec.template, TEMPLATE, minor)
    yield from _always_faults(spec.template)


def _job_faults(spec: WorkloadSpec, minor: int, template_path: str = TEMPLATE) -> Iterator[Refusal]:
    at = template_path.removesuffix(".template")
    yield from _count_faults(spec.parallelism, f"{at}.parallelism")
    yield from _count_faults(spec.completions, f"{at}.completions")
    policy = spec.pod_replacement_policy
    # With a podFailurePolicy a pod only counts as failed once it has ended, so it can't be replaced before (KEP-3939).
    policies = ("Failed",) if spec.pod_failure_policy is not None else ("Failed", "TerminatingOrFailed")
    if policy and policy not in policies:
        yield not_supported(f"{at}.podReplacementPolicy", policy, policies)
    template = spec.template or PodTemplate()
    yield from template_faults(template, template_path, minor)
    # Pods default to Always, with which a Job would never end; so its template has to say something else.
    if (template.spec.restart_policy or "Always") == "Always":
        yield required(f"{template_path}.spec.restartPolicy", 'valid values: "OnFailure", "Never"')


def _cron_job_faults(spec: WorkloadSpec, minor: int) -> Iterator[Refusal]:
    if not spec.schedule:
        yield required("spec.schedule")
    yield from _job_faults(spec, minor, "spec.jobTemplate.spec.template")


def _needed_selector_faults(selector: LabelSelector | None, kind: str) -> Iterator[Refusal]:
    if selector is None:
        yield required("spec.selector")
        return
    yield from selector_faults(selector, "spec.selector")
    if selector == LabelSelector():
        yield invalid("spec.selector", {}, f"empty selector is invalid for {kind}")


def _mismatch(selector: LabelSelector | None, template: PodTemplate) -> Iterator[Refusal]:
    labels = template.metadata.labels
    if not selector_of(selector).matches(labels):
        yield invalid(f"{TEMPLATE}.metadata.labels", dict(labels) or None, MISMATCH)


def _is_usable(selector: LabelSelector | None) -> bool:
    """Return whether the API server can make a selector of it at all; a missing one selects nothing."""
    return not any(True for _ in selector_faults(selector, "spec.selector"))


def _always_faults(template: PodTemplate) -> Iterator[Refusal]:
    if (policy := template.spec.restart_policy or "Always") != "Always":
        yield not_supported(f"{TEMPLATE}.spec.restartPolicy", policy, ("Always",))


def _count_faults(count: int | None, path: str) -> Iterator[Refusal]:
    if count is not None and count < 0:
        yield invalid(path, count, "must be greater than or equal to 0")


def _shown(selector: LabelSelector | None) -> dict[str, object]:
    if selector is None:
        return {}
    expressions = [{"key": r.key, "operator": r.operator, "values": r.values} for r in selector.match_expressions]
    return {"matchLabels": dict(selector.match_labels), "matchExpressions": expressions}


_KINDS: dict[str, Callable[[WorkloadSpec, int], Iterator[Refusal]]] = {
    "Deployment": _deployment_faults,
    "ReplicaSet": _replica_set_faults,
    "StatefulSet": _statefulset_faults,
    "DaemonSet": _daemonset_faults,
    "ReplicationController": _replication_controller_faults,
    "Job": _job_faults,
    "CronJob": _cron_job_faults,
}
