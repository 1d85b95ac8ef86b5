"""Pods and pod templates: ``ValidatePodSpec`` in ``pkg/apis/core/validation/validation.go``, as far as fields are kept.

Missing values stand for the API's defaults here, so that a snapshot's many pods need no defaulted copies.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from webapp.cluster.model import Refusal
from webapp.cluster.validation.errors import duplicate, forbidden, invalid, invalid_each, not_supported, required
from webapp.cluster.validation.labels import label_faults, metadata_faults
from webapp.cluster.validation.memo import SameObject
from webapp.cluster.validation.names import (
    dns_label_faults,
    dns_subdomain_faults,
    port_name_faults,
    qualified_name_faults,
)
from webapp.cluster.validation.placement import affinity_faults, spread_faults, toleration_faults
from webapp.cluster.validation.resources import POD, overhead_faults, resource_faults
from webapp.cluster.validation.service import PROTOCOLS, port_number_faults
from webapp.manifests.objects import Container, ContainerPort, PodObject, PodSpec, PodTemplate, Probe, Resources

PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
RESTART_POLICIES = ("Always", "OnFailure", "Never")
# Gate ContainerRestartRules, on by default (KEP-5307): each container may have a policy of its own.
CONTAINER_RESTART_SINCE = 35
# Gate PodLevelResources, on by default (KEP-2837); older releases drop the field.
POD_RESOURCES_SINCE = 34


def pod_faults(pod: PodObject, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with a Pod."""
    yield from metadata_faults(pod.metadata, dns_subdomain_faults)
    yield from pod_spec_faults(pod.spec, "spec", minor, defaulted_requests=True)
    if pod.spec.node_name and pod.spec.scheduling_gates:
        yield forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")


def template_faults(template: PodTemplate, path: str, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with a workload's pod template."""
    yield from label_faults(template.metadata.labels, f"{path}.labels")
    yield from _template_spec_faults(SameObject(template.spec), f"{path}.spec", minor)


@lru_cache(maxsize=1024)
def _template_spec_faults(spec: SameObject[PodSpec], path: str, minor: int) -> tuple[Refusal, ...]:
    # The reader keeps what templates have in common once: a large cluster has far fewer specs than workloads.
    return tuple(pod_spec_faults(spec.it, path, minor))


def pod_spec_faults(spec: PodSpec, path: str, minor: int, *, defaulted_requests: bool = False) -> Iterator[Refusal]:
    """Yield what is wrong with a pod's spec; a bare Pod's missing requests are its limits, a template's are not."""
    yield from _volume_faults(spec, f"{path}.volumes")
    yield from _containers_faults(spec, path, minor, defaulted_requests=defaulted_requests)
    yield from _scalar_faults(spec, path)
    if spec.node_selector:
        yield from label_faults(spec.node_selector, f"{path}.nodeSelector")
    if spec.affinity is not None:
        yield from affinity_faults(spec.affinity, f"{path}.affinity")
    if spec.tolerations:
        yield from toleration_faults(spec.tolerations, f"{path}.tolerations")
    if spec.topology_spread_constraints:
        yield from spread_faults(spec.topology_spread_constraints, f"{path}.topologySpreadConstraints")
    if minor >= POD_RESOURCES_SINCE:
        yield from resource_faults(spec.resources, f"{path}.resources", POD)
    if spec.overhead:
        yield from overhead_faults(spec.overhead, f"{path}.overhead")
    yield from _gate_faults(spec, path)


def _volume_faults(spec: PodSpec, path: str) -> Iterator[Refusal]:
    names: set[str] = set()
    for i, volume in enumerate(spec.volumes):
        yield from _list_name_faults(volume.name, f"{path}[{i}].name", names)


def _list_name_faults(name: str, path: str, names: set[str]) -> Iterator[Refusal]:
    """Yield what is wrong with the name of a list's item, which must be a label of its own."""
    if not name:
        yield required(path)
    else:
        yield from invalid_each(path, name, dns_label_faults(name))
    if name in names:
        yield duplicate(path, name)
    names.add(name)


def _containers_faults(spec: PodSpec, path: str, minor: int, *, defaulted_requests: bool) -> Iterator[Refusal]:
    if not spec.containers:
        yield required(f"{path}.containers")
    names: set[str] = set()
    for kind, containers in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        for i, container in enumerate(containers):
            at = f"{path}.{kind}[{i}]"
            yield from _list_name_faults(container.name, f"{at}.name", names)
            if container.image_missing:
                yield required(f"{at}.image")
            yield from _ports_faults(container.ports, f"{at}.ports")
            yield from _resources_faults(container.resources, f"{at}.resources", defaulted_requests=defaulted_requests)
            yield from _restart_policy_faults(container, f"{at}.restartPolicy", minor, init=kind == "initContainers")
            yield from _probe_faults(container, at, init=kind == "initContainers")
        yield from _host_port_clashes(containers, f"{path}.{kind}", host_network=bool(spec.host_network))
    if spec.host_network:
        yield from _host_network_faults(spec.containers, f"{path}.containers")


def _ports_faults(ports: Sequence[ContainerPort], path: str) -> Iterator[Refusal]:
    names: set[str] = set()
    for i, port in enumerate(ports):
        if port.name:
            yield from _port_name_faults(port.name, f"{path}[{i}].name", names)
        if not port.container_port:
            yield required(f"{path}[{i}].containerPort")
        else:
            yield from port_number_faults(port.container_port, f"{path}[{i}].containerPort")
        if port.host_port:
            yield from port_number_faults(port.host_port, f"{path}[{i}].hostPort")
        if port.protocol and port.protocol not in PROTOCOLS:
            yield not_supported(f"{path}[{i}].protocol", port.protocol, PROTOCOLS)


def _port_name_faults(name: str, path: str, names: set[str]) -> Iterator[Refusal]:
    faults = port_name_faults(name)
    yield from invalid_each(path, name, faults)
    if not faults and name in names:
        yield duplicate(path, name)
    names.add(name)


def _host_port_clashes(containers: Sequence[Container], path: str, *, host_network: bool) -> Iterator[Refusal]:
    seen: set[str] = set()
    for i, container in enumerate(containers):
        for j, port in enumerate(container.ports):
            host_port = port.host_port or (port.container_port if host_network else None)
            if not host_port:
                continue
            key = f"{port.protocol or 'TCP'}/{port.host_ip or ''}/{host_port}"
            if key in seen:
                yield duplicate(f"{path}[{i}].ports[{j}].hostPort", key)
            seen.add(key)


def _host_network_faults(containers: Sequence[Container], path: str) -> Iterator[Refusal]:
    for i, container in enumerate(containers):
        for j, port in enumerate(container.ports):
            if port.host_port and port.host_port != port.container_port:
                at = f"{path}[{i}].ports[{j}].hostPort"
                yield invalid(at, port.host_port, "must match `containerPort` when `hostNetwork` is true")


def _resources_faults(resources: Resources, path: str, *, defaulted_requests: bool) -> Iterator[Refusal]:
    if not resources.limits and not resources.requests:
        return
    if defaulted_requests:
        resources = Resources(limits=resources.limits, requests={**resources.limits, **resources.requests})
    yield from resource_faults(resources, path)


def _restart_policy_faults(container: Container, path: str, minor: int, *, init: bool) -> Iterator[Refusal]:
    policy = container.restart_policy
    if policy is None:
        return
    if minor >= CONTAINER_RESTART_SINCE:
        if policy not in RESTART_POLICIES:
            yield not_supported(path, policy, sorted(RESTART_POLICIES))
    elif not init:
        yield forbidden(path, "may not be set for non-init containers")
    elif policy != "Always":
        yield not_supported(path, policy, ("Always",))


def _probe_faults(container: Container, path: str, *, init: bool) -> Iterator[Refusal]:
    probe = container.readiness_probe
    if probe is None:
        return
    if init and container.restart_policy != "Always":
        yield forbidden(f"{path}.readinessProbe", "may not be set for init containers without restartPolicy=Always")
        return
    if not probe.handlers:
        yield required(f"{path}.readinessProbe", "must specify a handler type")
    for handler in probe.handlers[1:]:
        yield forbidden(f"{path}.readinessProbe.{handler}", "may not specify more than 1 handler type")
    for name, value in _timings(probe):
        if value is not None and value < 0:
            yield invalid(f"{path}.readinessProbe.{name}", value, "must be greater than or equal to 0")


def _timings(probe: Probe) -> tuple[tuple[str, int | None], ...]:
    return (
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    )


def _scalar_faults(spec: PodSpec, path: str) -> Iterator[Refusal]:
    if spec.restart_policy and spec.restart_policy not in RESTART_POLICIES:
        yield not_supported(f"{path}.restartPolicy", spec.restart_policy, RESTART_POLICIES)
    if spec.preemption_policy is not None and spec.preemption_policy not in PREEMPTION_POLICIES:
        yield not_supported(f"{path}.preemptionPolicy", spec.preemption_policy, PREEMPTION_POLICIES)
    for name, value, rule in (
        ("nodeName", spec.node_name, dns_subdomain_faults),
        ("hostname", spec.hostname, dns_label_faults),
        ("subdomain", spec.subdomain, dns_label_faults),
        ("priorityClassName", spec.priority_class_name, dns_subdomain_faults),
    ):
        if value:
            yield from invalid_each(f"{path}.{name}", value, rule(value))


def _gate_faults(spec: PodSpec, path: str) -> Iterator[Refusal]:
    names: set[str] = set()
    for i, gate in enumerate(spec.scheduling_gates):
        yield from invalid_each(f"{path}.schedulingGates[{i}]", gate.name, qualified_name_faults(gate.name))
        if gate.name in names:
            yield duplicate(f"{path}.schedulingGates[{i}]", gate.name)
        names.add(gate.name)
    for i, readiness in enumerate(spec.readiness_gates):
        condition = readiness.condition_type
        at = f"{path}.readinessGates[{i}].conditionType"
        yield from invalid_each(at, condition, qualified_name_faults(condition))
