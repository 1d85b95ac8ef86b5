"""The cluster as Kubernetes would have made it: nodes, placed pods, services with their ports and endpoints.

Everything here is the state *before* any failure; :mod:`webapp.failure` works out what a failure changes. Field names
are Kubernetes' own.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from webapp.cluster.options import ClusterOptions
from webapp.manifests.objects import (
    IntOrString,
    Labels,
    NamespaceObject,
    NetworkPolicyObject,
    PodDisruptionBudgetObject,
    PodSpec,
    PriorityClassObject,
    Taint,
)
from webapp.manifests.problems import Problem
from webapp.numbers import counted
from webapp.records import dataclass

# ``NAMESPACE/NAME``.
ServiceKey = str
# ``NAMESPACE/NAME``.
PodKey = str
# Kinds of workloads with ``spec.replicas`` and the scale subresource.
REPLICATED = ("Deployment", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout", "StatefulSet")
# The phases of pods that run no more: they take nothing of their node and are no endpoints.
FINISHED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """How many objects of an upload name a node."""

    pods: int = 0
    workloads: int = 0
    endpoints: int = 0

    def __str__(self) -> str:
        """Return ``2 pods and 1 endpoint``."""
        counts = ((self.pods, "pod"), (self.workloads, "workload"), (self.endpoints, "endpoint"))
        return " and ".join(counted(count, what) for count, what in counts if count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node, given or assumed."""

    name: str
    labels: Labels = field(default_factory=dict)
    zone: str | None = None
    """``topology.kubernetes.io/zone``, or the older ``failure-domain.beta.kubernetes.io/zone``; None if neither."""
    region: str | None = None
    internal_ips: tuple[str, ...] = ()
    """In the order of ``status.addresses``; the first of a family is the node's primary address."""
    external_ips: tuple[str, ...] = ()
    host_names: tuple[str, ...] = ()
    """Its addresses of the types Hostname, InternalDNS and ExternalDNS."""
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False
    ready: bool = True
    """The Ready condition as given: what Kubernetes believes, not what is true."""
    allocatable: Mapping[str, str] = field(default_factory=dict)
    assumed: bool = False
    mentions: Mentions | None = None
    """What names it, where it is assumed because something does; None for node-1, node-2 ... and for given ones."""
    control_plane: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """Internal, then external addresses."""
        return self.internal_ips + self.external_ips


class WorkloadRef(NamedTuple):
    """The workload a pod belongs to: the outermost one known (the Deployment, not its ReplicaSet)."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod, given or made from a workload's template."""

    namespace: str
    name: str
    labels: Labels = field(default_factory=dict)
    spec: PodSpec
    """Shared by all pods of one template."""
    owner: WorkloadRef | None = None
    controlled: bool = False
    """Some controller owns it, whether or not that controller was uploaded."""
    static: bool = False
    """A mirror pod: run by its node's kubelet, whatever the API server says."""
    node: str | None = None
    ips: tuple[str, ...] = ()
    """Empty for pods that nodefall made: the manifests don't say."""
    phase: str = "Running"
    ready: bool = True
    """The Ready condition."""
    terminating: bool = False
    assumed: bool = False
    """Made or placed by nodefall."""
    stand_in: bool = False
    """Of a made-up workload: it stands for one that is not in the upload and runs already, so it takes no room."""
    pending: str = ""
    """Why it has no node, in the words of ``kubectl describe pod``."""
    rejected: str = ""
    """Why the kubelet of its node failed it, in the words of its status."""
    start_time: str | None = None
    """``status.startTime``."""

    @property
    def key(self) -> PodKey:
        """``NAMESPACE/NAME``."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address behind one service port, as an EndpointSlice would list it."""

    pod: PodKey | None = None
    """None for an address that belongs to no known pod."""
    address: str | None = None
    port: int
    node: str | None = None
    """The node that the EndpointSlice names: it decides what is local, and which hints it gets."""
    elsewhere: str | None = None
    """The node at which the address really is, where that isn't `node`: slices written by hand may say otherwise."""
    ready: bool = True
    serving: bool = True
    terminating: bool = False
    zone: str | None = None
    zone_hints: frozenset[str] = frozenset()
    node_hints: frozenset[str] = frozenset()
    managed: bool = True
    """Kept up to date by the EndpointSlice controller; False for slices and Endpoints written by hand."""

    @property
    def home(self) -> str | None:
        """The node with which it goes down; None if that is not known."""
        return self.elsewhere or self.node

    @property
    def key(self) -> str:
        """``NAMESPACE/NAME`` of the pod, else ``ip:port`` (brackets around an IPv6 address)."""
        if self.pod is not None:
            return self.pod
        host = f"[{self.address}]" if self.address and ":" in self.address else self.address
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class NoEndpoints:
    """Why a service port has no usable endpoint, so that its connections are refused."""

    short: str
    """``its 3 pods are Pending``: fits into a picture."""
    detail: str = ""
    """``0/3 nodes are available: 3 Insufficient cpu``."""

    def __str__(self) -> str:
        """Return both, the detail in parentheses."""
        return f"{self.short} ({self.detail})" if self.detail else self.short


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort:
    """One port of a service after defaulting and allocation."""

    name: str = ""
    protocol: str = "TCP"
    port: int
    target_port: IntOrString
    node_port: int | None = None
    node_port_assigned: bool = False
    """nodefall chose the number in the API server's stead."""
    endpoints: tuple[Endpoint, ...] = ()
    no_endpoints: NoEndpoints | None = None
    """Why there are no endpoints, where there are none."""
    listing: Callable[[], tuple[tuple[Endpoint, ...], NoEndpoints | None]] | None = field(
        default=None, repr=False, compare=False
    )
    """Works out these two when somebody asks for either: of 10,000 services most are never looked at."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Return one of the two that are not set yet; nothing else is ever missing."""
            if name not in ("endpoints", "no_endpoints") or self.listing is None:
                raise AttributeError(name)
            listed = dict(zip(("endpoints", "no_endpoints"), self.listing(), strict=True))
            for each, value in listed.items():
                object.__setattr__(self, each, value)
            return listed[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason for which the API server refuses an object, in its own terms."""

    type: str
    """FieldValueInvalid, FieldValueRequired, FieldValueDuplicate ...: the API machinery's error types."""
    path: str
    """``spec.ports[0].nodePort``."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service as the API server would have stored it, or refused it."""

    namespace: str
    name: str
    type: str = "ClusterIP"
    selector: Labels = field(default_factory=dict)
    ports: tuple[ServicePort, ...] = ()
    external_traffic_policy: str | None = None
    internal_traffic_policy: str | None = None
    external_ips: tuple[str, ...] = ()
    load_balancer_ips: tuple[str, ...] = ()
    """VIP-mode addresses, which kube-proxy captures."""
    load_balancer_addresses: tuple[str, ...] = ()
    """All addresses and host names of ``status.loadBalancer.ingress``."""
    load_balancer_source_ranges: tuple[str, ...] = ()
    health_check_node_port: int | None = None
    session_affinity: str = "None"
    session_affinity_seconds: int | None = None
    publish_not_ready_addresses: bool = False
    traffic_distribution: str | None = None
    topology_mode: str | None = None
    """``Auto`` where one of the topology annotations asks for zone hints, else None."""
    ip_families: tuple[str, ...] = ("IPv4",)
    headless: bool = False
    proxied: bool = True
    """False: kube-proxy leaves it alone, since it has the label ``service.kubernetes.io/service-proxy-name``."""
    refusals: tuple[Refusal, ...] = ()

    @property
    def key(self) -> ServiceKey:
        """``NAMESPACE/NAME``."""
        return f"{self.namespace}/{self.name}"

    @property
    def accepted(self) -> bool:
        """True if the API server would take it."""
        return not self.refusals


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Cluster:
    """What the API server, the controllers and the scheduler would have made of the manifests.

    Each is itself and no other's equal, so that what is worked out for one can be remembered as long as it lives.
    """

    nodes: Mapping[str, Node]
    """By name, in natural order (worker-2 before worker-10); nodes that nothing names in the order asked for."""
    pods: Mapping[PodKey, Pod]
    services: Mapping[ServiceKey, Service]
    """In natural order; refused ones included."""
    workload_replicas: Mapping[WorkloadRef, int] = field(default_factory=dict)
    """How many pods each workload wants."""
    assumed_workloads: Mapping[WorkloadRef, tuple[ServiceKey, ...]] = field(default_factory=dict)
    """Made up for services whose pods are not in the upload: with those that select their pods."""
    pod_replacement_policies: Mapping[WorkloadRef, str] = field(default_factory=dict)
    """By Job, where the manifest decides it; else it is TerminatingOrFailed."""
    parallel_workloads: frozenset[WorkloadRef] = frozenset()
    """StatefulSets whose podManagementPolicy is Parallel: they wait for no pod of a lower ordinal."""
    bound_workloads: frozenset[WorkloadRef] = frozenset()
    """Those whose template names a node: their pods go there, past the scheduler."""
    pods_on: Mapping[str, tuple[PodKey, ...]] = field(default_factory=dict)
    """Index: the pods on each node."""
    services_of: Mapping[PodKey, tuple[ServiceKey, ...]] = field(default_factory=dict)
    """Index: the accepted services that have an endpoint in the pod."""
    namespaces: tuple[NamespaceObject, ...] = ()
    pod_disruption_budgets: tuple[PodDisruptionBudgetObject, ...] = ()
    priority_classes: tuple[PriorityClassObject, ...] = ()
    network_policies: tuple[NetworkPolicyObject, ...] = ()
    options: ClusterOptions = field(default_factory=ClusterOptions)
    assumptions: tuple[str, ...] = ()
    """What was left open and assumed, one sentence each."""
    problems: tuple[Problem, ...] = ()
    """Those of reading and those of accepting."""

    def is_assumed(self, pod: Pod | None) -> bool:
        """Return whether the pod is of a made-up workload: neither it nor what makes it is in the upload."""
        return pod is not None and pod.owner in self.assumed_workloads
