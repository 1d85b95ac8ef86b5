"""What stands before or between Services: network policies, Ingresses, Gateway API routes."""

from dataclasses import field

from webapp.manifests.objects.metadata import IntOrString, LabelSelector, ObjectMeta, Source, named
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IPBlock:
    """An address range of a NetworkPolicy."""

    cidr: str = ""
    except_: tuple[str, ...] = named("except", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicyPeer:
    """Who may talk."""

    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicyPort:
    """On which pod port."""

    protocol: str | None = None
    port: IntOrString | None = None
    end_port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicyIngressRule:
    """Peers and ports that are allowed in."""

    from_: tuple[NetworkPolicyPeer, ...] = named("from", ())
    ports: tuple[NetworkPolicyPort, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicySpec:
    """The ingress half of a NetworkPolicy."""

    pod_selector: LabelSelector | None = None
    policy_types: tuple[str, ...] = ()
    # Egress is not kept: replies to a connection that was let in are always let out.
    ingress: tuple[NetworkPolicyIngressRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicyObject:
    """A networking.k8s.io NetworkPolicy."""

    kind: str = "NetworkPolicy"
    api_version: str = "networking.k8s.io/v1"
    metadata: ObjectMeta
    spec: NetworkPolicySpec = field(default_factory=NetworkPolicySpec)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendPort:
    """A Service port by name or number."""

    name: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressServiceBackend:
    """A networking.k8s.io/v1 backend service."""

    name: str = ""
    port: BackendPort = field(default_factory=BackendPort)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressBackend:
    """A backend; `service_name` and `service_port` are v1beta1's."""

    service: IngressServiceBackend | None = None
    service_name: str | None = None
    service_port: IntOrString | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressPath:
    """A path and where it goes."""

    path: str | None = None
    path_type: str | None = None
    backend: IngressBackend = field(default_factory=IngressBackend)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressHTTP:
    """``rules[].http``."""

    paths: tuple[IngressPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressRule:
    """A host and its paths."""

    host: str | None = None
    http: IngressHTTP | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressSpec:
    """Which service an Ingress sends to."""

    ingress_class_name: str | None = None
    default_backend: IngressBackend | None = None
    backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressObject:
    """An Ingress of networking.k8s.io or extensions."""

    kind: str = "Ingress"
    api_version: str = "networking.k8s.io/v1"
    metadata: ObjectMeta
    spec: IngressSpec = field(default_factory=IngressSpec)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentReference:
    """The Gateway a route belongs to."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str = ""
    section_name: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendRef:
    """A route's backend with its weight."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str = ""
    port: int | None = None
    weight: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRule:
    """Where a route's rule sends to."""

    backend_refs: tuple[BackendRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSpec:
    """The shared part of HTTPRoute, GRPCRoute, TCPRoute, TLSRoute and UDPRoute."""

    parent_refs: tuple[ParentReference, ...] = ()
    hostnames: tuple[str, ...] = ()
    rules: tuple[RouteRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteObject:
    """A gateway.networking.k8s.io route."""

    kind: str
    api_version: str
    metadata: ObjectMeta
    spec: RouteSpec = field(default_factory=RouteSpec)
    source: Source
