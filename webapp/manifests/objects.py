"""The normalised objects: of each Kubernetes kind, the fields that nodefall keeps.

These records are the allowlist: what has no field here is neither kept nor stored (Secret and ConfigMap contents,
environment values, commands, most annotations). Values are as written: nothing is defaulted and nothing is checked
but the JSON type, since that is the API server's part (:mod:`webapp.cluster`). ``None`` or an empty collection means
that the manifest does not say.

Field names are Kubernetes' own in snake case; :func:`json_name` gives the original spelling.
"""

# ruff: noqa: RUF009 (named() and derived() return dataclass fields)

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import Any

IntOrString = int | str
Labels = Mapping[str, str]

KEPT_ANNOTATIONS = frozenset(
    {
        "kubernetes.io/config.mirror",
        "service.beta.kubernetes.io/load-balancer-source-ranges",
        "service.kubernetes.io/topology-aware-hints",
        "service.kubernetes.io/topology-mode",
    }
)
"""The annotations that steer traffic or placement; ``nodefall.io/`` ones are kept too. All others are dropped."""


def named(json: str, default: Any = None) -> Any:
    """Return a dataclass field whose JSON name is not simply its own name in camel case."""
    return field(default=default, metadata={"json": json})


def derived(default: Any) -> Any:
    """Return a dataclass field that no manifest can name: reading works it out."""
    return named("", default)


def json_name(of: "Field[Any]") -> str:
    """Return the name that the field has in a manifest, ``pod_ip`` -> ``podIP``; empty if it has none."""
    if (name := of.metadata.get("json")) is not None:
        return str(name)
    head, *tail = of.name.split("_")
    return head + "".join(part.capitalize() for part in tail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an object was read."""

    file: str
    line: int
    """The line, from 1, at which the object starts."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Lines of the paths inside it, ``spec.ports[0].nodePort`` -> 23. Kept for what people write by hand: Services,
    workloads, PodDisruptionBudgets and pods without an owner."""

    def line_of(self, path: str) -> int:
        """Return the line of `path`, else that of its nearest known parent, else the object's."""
        while path:
            if path in self.lines:
                return self.lines[path]
            cut = max(path.rfind("."), path.rfind("["))
            path = path[:cut] if cut > 0 else ""
        return self.line


# --- metadata ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerReference:
    """Which object created this one."""

    api_version: str | None = None
    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectMeta:
    """``metadata``; `namespace` is filled in by the reader for namespaced kinds, from the object, else ``default``."""

    name: str = ""
    generate_name: str | None = None
    namespace: str | None = None
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    uid: str | None = None
    deletion_timestamp: str | None = None
    owner_references: tuple[OwnerReference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSelectorRequirement:
    """``key operator values``: In, NotIn, Exists, DoesNotExist (node terms also Gt, Lt)."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSelector:
    """A metav1.LabelSelector; both empty means everything, the whole missing (None) usually nothing."""

    match_labels: Labels = field(default_factory=dict)
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A status condition; status is True, False or Unknown as text."""

    type: str = ""
    status: str = ""


# --- placement --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """A node's taint."""

    key: str = ""
    value: str | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toleration:
    """A pod's toleration of taints."""

    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSelectorTerm:
    """Requirements that must all hold."""

    match_expressions: tuple[LabelSelectorRequirement, ...] = ()
    match_fields: tuple[LabelSelectorRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSelector:
    """Terms of which one must hold."""

    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferredSchedulingTerm:
    """A weighted node preference."""

    weight: int = 0
    preference: NodeSelectorTerm = field(default_factory=NodeSelectorTerm)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAffinity:
    """``affinity.nodeAffinity``."""

    required: NodeSelector | None = named("requiredDuringSchedulingIgnoredDuringExecution")
    preferred: tuple[PreferredSchedulingTerm, ...] = named("preferredDuringSchedulingIgnoredDuringExecution", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class PodAffinityTerm:
    """Pods, in which namespaces, in the same domain of which topology key."""

    label_selector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    topology_key: str = ""
    match_label_keys: tuple[str, ...] = ()
    mismatch_label_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedPodAffinityTerm:
    """A weighted pod (anti-)affinity preference."""

    weight: int = 0
    pod_affinity_term: PodAffinityTerm = field(default_factory=PodAffinityTerm)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodAffinity:
    """``affinity.podAffinity`` and, the same shape, ``affinity.podAntiAffinity``."""

    required: tuple[PodAffinityTerm, ...] = named("requiredDuringSchedulingIgnoredDuringExecution", ())
    preferred: tuple[WeightedPodAffinityTerm, ...] = named("preferredDuringSchedulingIgnoredDuringExecution", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Affinity:
    """``spec.affinity``."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologySpreadConstraint:
    """``spec.topologySpreadConstraints[]``."""

    max_skew: int | None = None
    topology_key: str = ""
    when_unsatisfiable: str | None = None
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str | None = None
    node_taints_policy: str | None = None
    match_label_keys: tuple[str, ...] = ()


# --- pods -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPort:
    """``containers[].ports[]``."""

    name: str | None = None
    container_port: int | None = None
    host_port: int | None = None
    protocol: str | None = None
    host_ip: str | None = named("hostIP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Quantities as text, ``{"cpu": "100m"}``; a number in the manifest becomes its text."""

    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)


PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
"""In the order in which the API server looks at them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A readiness probe's timing, and in which ways it asks; of what it asks only the name of a port is kept."""

    handlers: tuple[str, ...] = derived(default=("exec",))
    """Those of ``PROBE_HANDLERS`` that it has: the API server wants exactly one."""
    port_name: str = derived(default="")
    """The container port that it connects to, where that is a name."""
    initial_delay_seconds: int | None = None
    period_seconds: int | None = None
    timeout_seconds: int | None = None
    success_threshold: int | None = None
    failure_threshold: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container, without command and environment, and of its image only whether there is one."""

    name: str = ""
    ports: tuple[ContainerPort, ...] = ()
    resources: Resources = field(default_factory=Resources)
    readiness_probe: Probe | None = None
    restart_policy: str | None = None
    """``Always`` on an init container makes it a sidecar."""
    image_missing: bool = derived(default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulingGate:
    """``spec.schedulingGates[]``."""

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodReadinessGate:
    """``spec.readinessGates[]``."""

    condition_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyDir:
    """That a volume is an emptyDir; its options are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistentVolumeClaim:
    """That a volume is a claim shared by all pods of the template; its name is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume's name, and whether it is an emptyDir (kubectl drain asks) or a claim (a second pod may not get it)."""

    name: str = ""
    empty_dir: EmptyDir | None = None
    persistent_volume_claim: PersistentVolumeClaim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSpec:
    """The placement, ports and probes of a pod or pod template."""

    node_name: str | None = None
    node_selector: Labels = field(default_factory=dict)
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] = ()
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] = ()
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    host_network: bool | None = None
    hostname: str | None = None
    subdomain: str | None = None
    scheduling_gates: tuple[SchedulingGate, ...] = ()
    readiness_gates: tuple[PodReadinessGate, ...] = ()
    scheduler_name: str | None = None
    priority_class_name: str | None = None
    priority: int | None = None
    preemption_policy: str | None = None
    restart_policy: str | None = None
    termination_grace_period_seconds: int | None = None
    overhead: Mapping[str, str] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    """Pod-level requests and limits (KEP-2837), which replace the sum over the containers."""
    volumes: tuple[Volume, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PodIP:
    """``status.podIPs[]`` and ``status.hostIPs[]``."""

    ip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodStatus:
    """What a cluster says of a running pod."""

    phase: str | None = None
    pod_ip: str | None = named("podIP")
    pod_ips: tuple[PodIP, ...] = named("podIPs", ())
    host_ip: str | None = named("hostIP")
    start_time: str | None = None
    host_ips: tuple[PodIP, ...] = named("hostIPs", ())
    """Both families of the node's addresses, since 1.29 (KEP-2681)."""
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PodObject:
    """A Pod; without `status` it is a manifest that nobody has applied yet."""

    kind: str = "Pod"
    api_version: str = "v1"
    metadata: ObjectMeta
    spec: PodSpec = field(default_factory=PodSpec)
    status: PodStatus | None = None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PodTemplate:
    """``spec.template`` of a workload."""

    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    spec: PodSpec = field(default_factory=PodSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinals:
    """``spec.ordinals`` of a StatefulSet."""

    start: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodFailurePolicy:
    """That a Job has one; its rules are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingUpdate:
    """How many pods more or fewer than wanted there may be meanwhile."""

    max_unavailable: IntOrString | None = None
    max_surge: IntOrString | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStrategy:
    """How a Deployment changes its pods: ``Recreate`` never runs an old and a new one at once."""

    type: str | None = None
    rolling_update: RollingUpdate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSpec:
    """The union of the specs of all kinds of workload, in one shape.

    The plain label map that ReplicationController and DeploymentConfig use as selector is read as
    ``match_labels``; a CronJob's ``jobTemplate.spec`` is read as if it were its own.
    """

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate | None = None
    service_name: str | None = None
    ordinals: Ordinals | None = None
    parallelism: int | None = None
    completions: int | None = None
    suspend: bool | None = None
    schedule: str | None = None
    pod_replacement_policy: str | None = None
    pod_failure_policy: PodFailurePolicy | None = None
    pod_management_policy: str | None = None
    paused: bool | None = None
    strategy: DeploymentStrategy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadObject:
    """What makes pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, Rollout and their elders."""

    kind: str
    api_version: str
    metadata: ObjectMeta
    spec: WorkloadSpec = field(default_factory=WorkloadSpec)
    source: Source


# --- nodes and namespaces ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAddress:
    """``status.addresses[]``: type is InternalIP, ExternalIP, Hostname ..."""

    type: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInfo:
    """``status.nodeInfo``."""

    kubelet_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """A node's spec."""

    taints: tuple[Taint, ...] = ()
    unschedulable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """A node's status."""

    addresses: tuple[NodeAddress, ...] = ()
    conditions: tuple[Condition, ...] = ()
    allocatable: Mapping[str, str] = field(default_factory=dict)
    capacity: Mapping[str, str] = field(default_factory=dict)
    node_info: NodeInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeObject:
    """A core/v1 Node."""

    kind: str = "Node"
    api_version: str = "v1"
    metadata: ObjectMeta
    spec: NodeSpec = field(default_factory=NodeSpec)
    status: NodeStatus = field(default_factory=NodeStatus)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceObject:
    """A Namespace: its labels count for namespaceSelector."""

    kind: str = "Namespace"
    api_version: str = "v1"
    metadata: ObjectMeta
    source: Source


# --- services and endpoints -------------------------------------------------------------------------------------------


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


# --- kept for what comes later ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PodDisruptionBudgetSpec:
    """How many pods a drain must leave."""

    min_available: IntOrString | None = None
    max_unavailable: IntOrString | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodDisruptionBudgetObject:
    """A policy PodDisruptionBudget."""

    kind: str = "PodDisruptionBudget"
    api_version: str = "policy/v1"
    metadata: ObjectMeta
    spec: PodDisruptionBudgetSpec = field(default_factory=PodDisruptionBudgetSpec)
    source: Source


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
class ScaleTargetRef:
    """What an autoscaler scales."""

    api_version: str | None = None
    kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizontalPodAutoscalerSpec:
    """Between how many replicas."""

    scale_target_ref: ScaleTargetRef = field(default_factory=ScaleTargetRef)
    min_replicas: int | None = None
    max_replicas: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizontalPodAutoscalerObject:
    """An autoscaling HorizontalPodAutoscaler."""

    kind: str = "HorizontalPodAutoscaler"
    api_version: str = "autoscaling/v2"
    metadata: ObjectMeta
    spec: HorizontalPodAutoscalerSpec = field(default_factory=HorizontalPodAutoscalerSpec)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityClassObject:
    """A scheduling.k8s.io PriorityClass."""

    kind: str = "PriorityClass"
    api_version: str = "scheduling.k8s.io/v1"
    metadata: ObjectMeta
    value: int | None = None
    global_default: bool | None = None
    preemption_policy: str | None = None
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


# --- kind -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPortMapping:
    """A port of a node's container that kind publishes on the machine it runs on."""

    container_port: int | None = None
    host_port: int | None = None
    protocol: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindNode:
    """A node of a kind cluster."""

    extra_port_mappings: tuple[KindPortMapping, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindClusterObject:
    """The configuration of a kind cluster (kind.x-k8s.io): no manifest, but it says which nodePorts are published."""

    kind: str = "Cluster"
    api_version: str = "kind.x-k8s.io/v1alpha4"
    metadata: ObjectMeta
    nodes: tuple[KindNode, ...] = ()
    source: Source
