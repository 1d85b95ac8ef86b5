"""What the API server fills in before it looks at a Service.

Rules: SetDefaults_Service in ``pkg/apis/core/v1/defaults.go`` and, for the cluster IPs, the strategy in
``pkg/registry/core/service``. The defaults of pods are where they are used (:mod:`webapp.cluster.scheduling`).
"""

from dataclasses import replace

from webapp.cluster.validation.service import is_externally_accessible
from webapp.manifests.objects import (
    ClientIPConfig,
    LoadBalancerIngress,
    ServicePortSpec,
    ServiceSpec,
    SessionAffinityConfig,
)

# Seconds; three hours.
CLIENT_IP_TIMEOUT = 10800


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
