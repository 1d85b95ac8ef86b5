"""What the API server fills in before it looks at an object.

Rules: ``pkg/apis/core/v1/defaults.go`` (SetDefaults_Service, SetDefaults_Pod, SetDefaults_Probe) and, for the cluster
IPs, the strategy in ``pkg/registry/core/service``.
"""

from collections.abc import Mapping
from dataclasses import replace

from webapp.cluster.validation.service import is_externally_accessible
from webapp.manifests.objects import (
    ClientIPConfig,
    Container,
    ContainerPort,
    LoadBalancerIngress,
    PodSpec,
    Probe,
    Resources,
    ServicePortSpec,
    ServiceSpec,
    SessionAffinityConfig,
)

CLIENT_IP_TIMEOUT = 10800
"""Seconds; three hours."""


def default_service(spec: ServiceSpec) -> ServiceSpec:
    """Return the spec with all defaults filled in, before any number or address is allocated."""
    kind, affinity = spec.type or "ClusterIP", spec.session_affinity or "None"
    outside = "Cluster" if is_externally_accessible(kind, spec.external_ips) else None
    return replace(
        spec,
        type=kind,
        ports=tuple(map(_default_port, spec.ports)),
        cluster_ips=spec.cluster_ips or ((spec.cluster_ip,) if spec.cluster_ip else ()),
        session_affinity=affinity,
        session_affinity_config=_affinity_config(spec, affinity),
        external_traffic_policy=spec.external_traffic_policy or outside,
        internal_traffic_policy=_internal_traffic_policy(spec, kind),
        allocate_load_balancer_node_ports=_allocate_node_ports(spec, kind),
    )


def is_virtual(ingress: LoadBalancerIngress) -> bool:
    """Return whether kube-proxy captures the balancer's address: ``ipMode`` is VIP unless it says Proxy (KEP-1860)."""
    return ingress.ip is not None and (ingress.ip_mode or "VIP") == "VIP"


def default_pod(spec: PodSpec) -> PodSpec:
    """Return a Pod's spec with the defaults that matter here: protocols, host ports, requests, probes."""
    host_network = bool(spec.host_network)
    return replace(
        spec,
        containers=tuple(_default_container(c, host_network=host_network) for c in spec.containers),
        init_containers=tuple(_default_container(c, host_network=host_network) for c in spec.init_containers),
        restart_policy=spec.restart_policy or "Always",
        termination_grace_period_seconds=_or(spec.termination_grace_period_seconds, 30),
        scheduler_name=spec.scheduler_name or "default-scheduler",
    )


def default_probe(probe: Probe) -> Probe:
    """Return the probe's timing: zero counts as unset, so that a pod is unready after 3 failures, 10 s apart."""
    return replace(
        probe,
        timeout_seconds=probe.timeout_seconds or 1,
        period_seconds=probe.period_seconds or 10,
        success_threshold=probe.success_threshold or 1,
        failure_threshold=probe.failure_threshold or 3,
    )


def _default_port(port: ServicePortSpec) -> ServicePortSpec:
    if port.protocol and port.target_port:
        return port
    return replace(port, protocol=port.protocol or "TCP", target_port=port.target_port or port.port)


def _affinity_config(spec: ServiceSpec, affinity: str) -> SessionAffinityConfig | None:
    if affinity != "ClientIP":
        return None if affinity == "None" else spec.session_affinity_config
    given = spec.session_affinity_config.client_ip if spec.session_affinity_config else None
    timeout = CLIENT_IP_TIMEOUT if given is None or given.timeout_seconds is None else given.timeout_seconds
    return SessionAffinityConfig(client_ip=ClientIPConfig(timeout_seconds=timeout))


def _internal_traffic_policy(spec: ServiceSpec, kind: str) -> str | None:
    if spec.internal_traffic_policy is None and kind in ("NodePort", "LoadBalancer", "ClusterIP"):
        return "Cluster"
    return spec.internal_traffic_policy


def _allocate_node_ports(spec: ServiceSpec, kind: str) -> bool | None:
    if kind == "LoadBalancer" and spec.allocate_load_balancer_node_ports is None:
        return True
    return spec.allocate_load_balancer_node_ports


def _default_container(container: Container, *, host_network: bool) -> Container:
    return replace(
        container,
        ports=tuple(_default_container_port(port, host_network=host_network) for port in container.ports),
        resources=replace(container.resources, requests=_default_requests(container.resources)),
        readiness_probe=default_probe(container.readiness_probe) if container.readiness_probe else None,
    )


def _default_container_port(port: ContainerPort, *, host_network: bool) -> ContainerPort:
    host_port = port.host_port or (port.container_port if host_network else port.host_port)
    return replace(port, protocol=port.protocol or "TCP", host_port=host_port)


def _default_requests(resources: Resources) -> Mapping[str, str]:
    return {**resources.limits, **resources.requests}


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
