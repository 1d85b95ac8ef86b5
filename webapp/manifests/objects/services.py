"""Services and their endpoints: Endpoints, EndpointSlices."""

from dataclasses import field

from webapp.manifests.objects.metadata import IntOrString, Labels, ObjectMeta, Source, named
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePortSpec:
    """``spec.ports[]`` of a Service, as written."""

    name: str | None = None
    protocol: str | None = None
    port: int | None = None
    target_port: IntOrString | None = None
    node_port: int | None = None
    app_protocol: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientIPConfig:
    """``sessionAffinityConfig.clientIP``."""

    timeout_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAffinityConfig:
    """``spec.sessionAffinityConfig``."""

    client_ip: ClientIPConfig | None = named("clientIP")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """A Service's spec, as written."""

    type: str | None = None
    selector: Labels = field(default_factory=dict)
    ports: tuple[ServicePortSpec, ...] = ()
    cluster_ip: str | None = named("clusterIP")
    cluster_ips: tuple[str, ...] = named("clusterIPs", ())
    external_ips: tuple[str, ...] = named("externalIPs", ())
    external_name: str | None = None
    external_traffic_policy: str | None = None
    internal_traffic_policy: str | None = None
    traffic_distribution: str | None = None
    load_balancer_ip: str | None = named("loadBalancerIP")
    load_balancer_source_ranges: tuple[str, ...] = ()
    load_balancer_class: str | None = None
    allocate_load_balancer_node_ports: bool | None = None
    health_check_node_port: int | None = None
    session_affinity: str | None = None
    session_affinity_config: SessionAffinityConfig | None = None
    publish_not_ready_addresses: bool | None = None
    ip_families: tuple[str, ...] = ()
    ip_family_policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerIngress:
    """``status.loadBalancer.ingress[]``."""

    ip: str | None = None
    hostname: str | None = None
    ip_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerStatus:
    """``status.loadBalancer``."""

    ingress: tuple[LoadBalancerIngress, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """A Service's status."""

    load_balancer: LoadBalancerStatus = field(default_factory=LoadBalancerStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceObject:
    """A core/v1 Service."""

    kind: str = "Service"
    api_version: str = "v1"
    metadata: ObjectMeta
    spec: ServiceSpec = field(default_factory=ServiceSpec)
    status: ServiceStatus = field(default_factory=ServiceStatus)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectReference:
    """``targetRef`` of an endpoint."""

    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAddress:
    """``subsets[].addresses[]`` of legacy Endpoints."""

    ip: str = ""
    hostname: str | None = None
    node_name: str | None = None
    target_ref: ObjectReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPort:
    """A port of Endpoints or of an EndpointSlice."""

    name: str | None = None
    port: int | None = None
    protocol: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSubset:
    """``subsets[]`` of legacy Endpoints."""

    addresses: tuple[EndpointAddress, ...] = ()
    not_ready_addresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointsObject:
    """A core/v1 Endpoints."""

    kind: str = "Endpoints"
    api_version: str = "v1"
    metadata: ObjectMeta
    subsets: tuple[EndpointSubset, ...] = ()
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointConditions:
    """Missing means: ready true, serving true (in kube-proxy: as ready), terminating false."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForName:
    """``hints.forZones[]`` and ``hints.forNodes[]``."""

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointHints:
    """``hints`` of an endpoint."""

    for_zones: tuple[ForName, ...] = ()
    for_nodes: tuple[ForName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceEndpoint:
    """``endpoints[]`` of an EndpointSlice; `topology` is discovery.k8s.io/v1beta1's."""

    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = field(default_factory=EndpointConditions)
    hostname: str | None = None
    node_name: str | None = None
    zone: str | None = None
    hints: EndpointHints | None = None
    target_ref: ObjectReference | None = None
    topology: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSliceObject:
    """A discovery.k8s.io EndpointSlice."""

    kind: str = "EndpointSlice"
    api_version: str = "discovery.k8s.io/v1"
    metadata: ObjectMeta
    address_type: str | None = None
    endpoints: tuple[SliceEndpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()
    source: Source
