"""Validation of a Service after defaulting: ``ValidateService`` in ``pkg/apis/core/validation/validation.go``.

The range of node ports and clashes between Services are the allocator's business (:mod:`webapp.cluster.allocation`).
"""

from collections.abc import Callable, Iterator, Sequence

from webapp.cluster.model import Refusal
from webapp.cluster.validation.addresses import cidr_faults, ip_faults, special_ip_faults
from webapp.cluster.validation.errors import duplicate, forbidden, invalid, invalid_each, not_supported, required
from webapp.cluster.validation.ip_families import NONE, cluster_ip_faults, is_headless
from webapp.cluster.validation.labels import label_faults, metadata_faults
from webapp.cluster.validation.names import (
    dns_1035_label_faults,
    dns_label_faults,
    dns_subdomain_faults,
    port_name_faults,
    qualified_name_faults,
)
from webapp.manifests.objects import IntOrString, ObjectMeta, ServicePortSpec, ServiceSpec

DEPRECATED_HINTS = "service.kubernetes.io/topology-aware-hints"
TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
PROTOCOLS = ("SCTP", "TCP", "UDP")
AFFINITIES = ("ClientIP", "None")
POLICIES = ("Cluster", "Local")

# Gate RelaxedServiceNameValidation, on by default (KEP-5311).
RELAXED_NAMES_SINCE = 36
# PreferSameZone and PreferSameNode, on by default (KEP-3015).
SAME_ZONE_SINCE = 34

PORT_RANGE = "must be between 1 and 65535, inclusive"


def service_faults(meta: ObjectMeta, spec: ServiceSpec, minor: int, *, is_right: bool = False) -> Iterator[Refusal]:
    """Yield all that ``kubectl create`` would answer about this Service, whose defaults are filled in.

    `is_right`: :func:`spec_faults` are known to find nothing.
    """
    name_rule = dns_label_faults if minor >= RELAXED_NAMES_SINCE else dns_1035_label_faults
    yield from metadata_faults(meta, name_rule)
    yield from _annotation_faults(meta)
    for rule in (_selector_faults,) if is_right else _RULES:
        yield from rule(spec, minor)
    if SOURCE_RANGES in meta.annotations:
        yield from _annotated_range_faults(meta.annotations[SOURCE_RANGES], spec, minor)


def spec_faults(spec: ServiceSpec, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with the spec alone, whatever it selects."""
    return (fault for rule in _RULES if rule is not _selector_faults for fault in rule(spec, minor))


def port_number_faults(number: int, path: str) -> Iterator[Refusal]:
    """Yield the error of a number that is no port."""
    if not 1 <= number <= 65535:
        yield invalid(path, number, PORT_RANGE)


def _annotation_faults(meta: ObjectMeta) -> Iterator[Refusal]:
    mode, hints = meta.annotations.get(TOPOLOGY_MODE), meta.annotations.get(DEPRECATED_HINTS)
    if mode is not None and hints is not None and mode != hints:
        path = f"metadata.annotations[{TOPOLOGY_MODE}]"
        yield invalid(path, mode, f"must match annotations[{DEPRECATED_HINTS}] when both are specified")


def _type_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    if spec.type in ("LoadBalancer", "NodePort") and is_headless(spec):
        yield invalid("spec.clusterIPs[0]", NONE, f"may not be set to 'None' for {spec.type} services")
    if spec.type == "ExternalName":
        yield from _external_name_faults(spec)
    if not spec.type:
        yield required("spec.type")
    elif spec.type not in TYPES:
        yield not_supported("spec.type", spec.type, TYPES)


def _external_name_faults(spec: ServiceSpec) -> Iterator[Refusal]:
    unset = (
        ("clusterIPs", spec.cluster_ips),
        ("ipFamilies", spec.ip_families),
        ("ipFamilyPolicy", spec.ip_family_policy),
    )
    for name, value in unset:
        if value:
            yield forbidden(f"spec.{name}", "may not be set for ExternalName services")
    name = (spec.external_name or "").removesuffix(".")
    if name:
        yield from invalid_each("spec.externalName", name, dns_subdomain_faults(name))
    else:
        yield required("spec.externalName")


def _ports_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    if not spec.ports and not is_headless(spec) and spec.type != "ExternalName":
        yield required("spec.ports")
    names: set[str] = set()
    for i, port in enumerate(spec.ports):
        yield from _port_name_faults(port, f"spec.ports[{i}].name", names, needed=len(spec.ports) > 1)
        yield from _port_faults(port, f"spec.ports[{i}]")


def _port_name_faults(port: ServicePortSpec, path: str, names: set[str], *, needed: bool) -> Iterator[Refusal]:
    if port.name:
        yield from invalid_each(path, port.name, dns_label_faults(port.name))
        if port.name in names:
            yield duplicate(path, port.name)
        names.add(port.name)
    elif needed:
        yield required(path)


def _port_faults(port: ServicePortSpec, path: str) -> Iterator[Refusal]:
    yield from port_number_faults(port.port or 0, f"{path}.port")
    if not port.protocol:
        yield required(f"{path}.protocol")
    elif port.protocol not in PROTOCOLS:
        yield not_supported(f"{path}.protocol", port.protocol, PROTOCOLS)
    yield from _target_port_faults(port.target_port, f"{path}.targetPort")
    if port.app_protocol is not None:
        yield from invalid_each(f"{path}.appProtocol", port.app_protocol, qualified_name_faults(port.app_protocol))


def _target_port_faults(target: IntOrString | None, path: str) -> Iterator[Refusal]:
    if isinstance(target, str):
        yield from invalid_each(path, target, port_name_faults(target))
    else:
        yield from port_number_faults(target or 0, path)


def _selector_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    yield from label_faults(spec.selector, "spec.selector")


def _affinity_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    path = "spec.sessionAffinity"
    if not spec.session_affinity:
        yield required(path)
    elif spec.session_affinity not in AFFINITIES:
        yield not_supported(path, spec.session_affinity, AFFINITIES)
    elif spec.session_affinity == "ClientIP":
        yield from _timeout_faults(spec)
    elif spec.session_affinity_config is not None:
        yield forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None")


def _timeout_faults(spec: ServiceSpec) -> Iterator[Refusal]:
    client_ip = spec.session_affinity_config.client_ip if spec.session_affinity_config else None
    path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
    if client_ip is None or client_ip.timeout_seconds is None:
        yield required("spec.sessionAffinityConfig", "when session affinity type is ClientIP")
    elif not 1 <= client_ip.timeout_seconds <= 86400:
        yield invalid(path, client_ip.timeout_seconds, "must be greater than 0 and less than 86400")


def _external_ip_faults(spec: ServiceSpec, minor: int) -> Iterator[Refusal]:
    for i, ip in enumerate(spec.external_ips):
        yield from invalid_each(f"spec.externalIPs[{i}]", ip, ip_faults(ip, minor) or special_ip_faults(ip))


def _node_port_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    seen: set[tuple[str | None, int]] = set()
    for i, port in enumerate(spec.ports):
        path = f"spec.ports[{i}].nodePort"
        if not port.node_port:
            continue
        if spec.type == "ClusterIP":
            yield forbidden(path, "may not be used when `type` is 'ClusterIP'")
        if (port.protocol, port.node_port) in seen:
            yield duplicate(path, port.node_port)
        seen.add((port.protocol, port.node_port))


def _same_port_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    seen: set[tuple[str | None, int | None]] = set()
    for i, port in enumerate(spec.ports):
        if (port.protocol, port.port) in seen:
            key = {"Name": "", "Protocol": port.protocol, "AppProtocol": None, "Port": port.port or 0}
            yield duplicate(f"spec.ports[{i}]", key | {"TargetPort": 0, "NodePort": 0})
        seen.add((port.protocol, port.port))


def _source_range_faults(spec: ServiceSpec, minor: int) -> Iterator[Refusal]:
    # The capital L is the API server's own.
    path = "spec.LoadBalancerSourceRanges"
    if spec.load_balancer_source_ranges and spec.type != "LoadBalancer":
        yield forbidden(path, "may only be used when `type` is 'LoadBalancer'")
        return
    for i, cidr in enumerate(spec.load_balancer_source_ranges):
        yield from invalid_each(f"{path}[{i}]", cidr, cidr_faults(cidr.strip(), minor))


def _annotated_range_faults(text: str, spec: ServiceSpec, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with the annotation that loadBalancerSourceRanges has replaced; the field goes first."""
    path = f"metadata.annotations[{SOURCE_RANGES}]"
    if spec.type != "LoadBalancer":
        yield forbidden(path, "may only be used when `type` is 'LoadBalancer'")
    elif not spec.load_balancer_source_ranges and text.strip():
        for cidr in text.split(","):
            yield from invalid_each(path, cidr, cidr_faults(cidr.strip(), minor))


def _load_balancer_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    allocate, only = "spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'"
    given = spec.allocate_load_balancer_node_ports is not None
    if spec.type == "LoadBalancer":
        if not given:
            yield required(allocate)
        if spec.load_balancer_class is not None:
            faults = qualified_name_faults(spec.load_balancer_class)
            yield from invalid_each("spec.loadBalancerClass", spec.load_balancer_class, faults)
        return
    if given:
        yield forbidden(allocate, only)
    if spec.load_balancer_class is not None:
        yield forbidden("spec.loadBalancerClass", only)


def is_externally_accessible(kind: str | None, external_ips: Sequence[str]) -> bool:
    """Return whether traffic from outside is the Service's business: ``ExternallyAccessible`` in pkg/api/service."""
    return kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(external_ips))


def needs_health_check(spec: ServiceSpec) -> bool:
    """Return whether kube-proxy answers a load balancer's health check: LoadBalancer with policy Local (KEP-1860)."""
    return spec.type == "LoadBalancer" and spec.external_traffic_policy == "Local"


def _external_policy_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    path, policy = "spec.externalTrafficPolicy", spec.external_traffic_policy
    if not is_externally_accessible(spec.type, spec.external_ips):
        if policy:
            yield invalid(path, policy, "may only be set for externally-accessible services")
    elif not policy:
        yield required(path)
    elif policy not in POLICIES:
        yield not_supported(path, policy, POLICIES)


def _health_check_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    path, number = "spec.healthCheckNodePort", spec.health_check_node_port
    if not number:
        return
    if needs_health_check(spec):
        yield from port_number_faults(number, path)
    else:
        detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield invalid(path, number, detail)


def _internal_policy_faults(spec: ServiceSpec, _: int) -> Iterator[Refusal]:
    path, policy = "spec.internalTrafficPolicy", spec.internal_traffic_policy
    if policy is None:
        if spec.type in ("NodePort", "LoadBalancer", "ClusterIP"):
            yield required(path)
    elif policy not in POLICIES:
        yield not_supported(path, policy, POLICIES)


def _traffic_distribution_faults(spec: ServiceSpec, minor: int) -> Iterator[Refusal]:
    newer = ("PreferSameZone", "PreferSameNode") if minor >= SAME_ZONE_SINCE else ()
    supported = ("PreferClose", *newer)
    if spec.traffic_distribution is not None and spec.traffic_distribution not in supported:
        yield not_supported("spec.trafficDistribution", spec.traffic_distribution, supported)


Rule = Callable[[ServiceSpec, int], Iterator[Refusal]]

# In the order in which the API server reports.
_RULES: tuple[Rule, ...] = (
    _type_faults,
    _ports_faults,
    _selector_faults,
    _affinity_faults,
    cluster_ip_faults,
    _external_ip_faults,
    _node_port_faults,
    _same_port_faults,
    _source_range_faults,
    _load_balancer_faults,
    _external_policy_faults,
    _health_check_faults,
    _internal_policy_faults,
    _traffic_distribution_faults,
)
