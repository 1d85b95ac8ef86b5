"""Pods: spec, containers, probes, volumes, status."""

from collections.abc import Mapping
from dataclasses import field

from webapp.manifests.objects.metadata import Condition, Labels, ObjectMeta, Source, derived, named
from webapp.manifests.objects.placement import Affinity, Toleration, TopologySpreadConstraint
from webapp.records import dataclass


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

    @property
    def is_sidecar(self) -> bool:
        """Whether it is a sidecar, if it is an init container (KEP-753)."""
        return self.restart_policy == "Always"


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

    @property
    def running_containers(self) -> tuple[Container, ...]:
        """Those that run as long as the pod does: containers, then sidecars."""
        return (*self.containers, *(c for c in self.init_containers if c.is_sidecar))


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
