"""Nodes and namespaces, and the nodes that a kind cluster's configuration names."""

from collections.abc import Mapping
from dataclasses import field

from webapp.manifests.objects.metadata import Condition, ObjectMeta, Source
from webapp.manifests.objects.placement import Taint
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAddress:
    """``status.addresses[]``: type is InternalIP, ExternalIP, Hostname ..."""

    type: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSystemInfo:
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
    node_info: NodeSystemInfo | None = None


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
