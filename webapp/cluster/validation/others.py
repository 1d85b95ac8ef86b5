"""The small ones: Node, Namespace, PodDisruptionBudget, Ingress, NetworkPolicy, and kinds with nothing but a name."""

import re
from collections.abc import Iterator

from webapp.cluster.model import Refusal
from webapp.cluster.validation.errors import invalid, invalid_each, not_supported, required
from webapp.cluster.validation.labels import metadata_faults, selector_faults
from webapp.cluster.validation.names import dns_label_faults, dns_subdomain_faults
from webapp.cluster.validation.placement import taint_faults
from webapp.manifests.objects import (
    HorizontalPodAutoscalerObject,
    IngressBackend,
    IngressObject,
    IntOrString,
    NamespaceObject,
    NetworkPolicyObject,
    NetworkPolicyPeer,
    NodeObject,
    PodDisruptionBudgetObject,
    PriorityClassObject,
)

UNHEALTHY_POLICIES = ("AlwaysAllow", "IfHealthyBudget")

_PERCENT = re.compile("[0-9]+%")
_NOT_A_PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
    "regex used for validation is '[0-9]+%')"
)


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
    if spec.min_available is not None and spec.max_unavailable is not None:
        yield invalid("spec", None, "minAvailable and maxUnavailable cannot be both set")
    for name, value in (("minAvailable", spec.min_available), ("maxUnavailable", spec.max_unavailable)):
        if value is not None:
            yield from _amount_faults(value, f"spec.{name}")
    yield from selector_faults(spec.selector, "spec.selector")
    policy = spec.unhealthy_pod_eviction_policy
    if policy is not None and policy not in UNHEALTHY_POLICIES:
        yield not_supported("spec.unhealthyPodEvictionPolicy", policy, UNHEALTHY_POLICIES)


def ingress_faults(ingress: IngressObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with an Ingress's hosts and backends: ``pkg/apis/networking/validation``."""
    yield from metadata_faults(ingress.metadata, dns_subdomain_faults)
    spec = ingress.spec
    if not spec.rules and spec.default_backend is None:
        yield invalid("spec", None, "either `defaultBackend` or `rules` must be specified")
    if spec.default_backend is not None:
        yield from _backend_faults(spec.default_backend, "spec.defaultBackend")
    for i, rule in enumerate(spec.rules):
        if rule.host:
            host = rule.host.removeprefix("*.")
            yield from invalid_each(f"spec.rules[{i}].host", rule.host, dns_subdomain_faults(host))
        for j, path in enumerate(rule.http.paths if rule.http else ()):
            yield from _backend_faults(path.backend, f"spec.rules[{i}].http.paths[{j}].backend")


def network_policy_faults(policy: NetworkPolicyObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with a NetworkPolicy's selectors: ``pkg/apis/networking/validation``."""
    yield from metadata_faults(policy.metadata, dns_subdomain_faults)
    yield from selector_faults(policy.spec.pod_selector, "spec.podSelector")
    for i, rule in enumerate(policy.spec.ingress):
        for j, peer in enumerate(rule.from_):
            yield from _peer_faults(peer, f"spec.ingress[{i}].from[{j}]")


def autoscaler_faults(item: HorizontalPodAutoscalerObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with a HorizontalPodAutoscaler's target and bounds: ``pkg/apis/autoscaling/validation``."""
    spec = item.spec
    yield from metadata_faults(item.metadata, dns_subdomain_faults)
    if spec.min_replicas is not None and spec.min_replicas < 1:
        yield invalid("spec.minReplicas", spec.min_replicas, "must be greater than or equal to 1")
    most = spec.max_replicas or 0
    if most < 1:
        yield invalid("spec.maxReplicas", most, "must be greater than 0")
    if spec.min_replicas is not None and most < spec.min_replicas:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    for name, value in (("kind", spec.scale_target_ref.kind), ("name", spec.scale_target_ref.name)):
        if not value:
            yield required(f"spec.scaleTargetRef.{name}")


def priority_class_faults(item: PriorityClassObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with a PriorityClass's metadata."""
    yield from metadata_faults(item.metadata, dns_subdomain_faults, namespaced=False)


def _amount_faults(value: IntOrString, path: str) -> Iterator[Refusal]:
    if isinstance(value, int):
        if value < 0:
            yield invalid(path, value, "must be greater than or equal to 0")
    elif not _PERCENT.fullmatch(value):
        yield invalid(path, value, _NOT_A_PERCENT)
    elif len(number := value[:-1].lstrip("0")) > 3 or int(number or "0") > 100:
        yield invalid(path, value, "must not be greater than 100%")


def _backend_faults(backend: IngressBackend, path: str) -> Iterator[Refusal]:
    if (service := backend.service) is None:
        return
    if not service.name:
        yield required(f"{path}.service.name")
    if not service.port.name and not service.port.number:
        yield required(path, "port name or number is required")


def _peer_faults(peer: NetworkPolicyPeer, path: str) -> Iterator[Refusal]:
    yield from selector_faults(peer.pod_selector, f"{path}.podSelector")
    yield from selector_faults(peer.namespace_selector, f"{path}.namespaceSelector")
