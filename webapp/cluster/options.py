"""What the manifests leave open and the user may set."""

from dataclasses import field

from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What if: changes of what was uploaded or assumed; see :mod:`webapp.cluster.edits`."""

    zones: int = 0
    """Spread assumed nodes over so many zones; 0 leaves them without."""
    control_planes: int = 0
    """So many of the assumed nodes are control plane."""
    replicas: tuple[tuple[str, int], ...] = ()
    """By ``KIND/NAMESPACE/NAME`` of the workload, each once, in order."""
    policies: tuple[tuple[str, str], ...] = ()
    """externalTrafficPolicy by ``NAMESPACE/NAME`` of the service, each once, in order."""
    patches: tuple[tuple[str, str], ...] = ()
    """By ``KIND/NAMESPACE/NAME`` a strategic merge patch as JSON, in the order in which they are applied, before all
    other edits; see :mod:`webapp.cluster.patches`."""
    moves: tuple[tuple[str, str], ...] = ()
    """The node by ``NAMESPACE/NAME`` of the pod, each once, in order."""
    cordons: tuple[str, ...] = ()
    """Nodes, each once, in order."""
    taints: tuple[tuple[str, str], ...] = ()
    """Node and ``KEY=VALUE:EFFECT``, in order."""
    added_nodes: tuple[str, ...] = ()
    """Nodes assumed beside those that were uploaded or are named there, each once, in order."""
    deleted_nodes: tuple[str, ...] = ()
    """Nodes, each once, in order; see :mod:`webapp.cluster.node_removal`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """Settings of the cluster that no manifest shows, and stand-ins for what was not uploaded."""

    assume_nodes: int = 3
    """How many nodes to assume; ignored when Nodes are given."""
    assume_pods: int = 0
    """How many pods to assume behind each Service whose pods are not in the upload; see
    :mod:`webapp.cluster.assumed_pods`."""
    node_names: tuple[str, ...] = ()
    """Names for assumed nodes, in place of node-1, node-2 ..."""
    proxy_mode: str = "iptables"
    """``iptables`` or ``nftables``."""
    nodeport_addresses: tuple[str, ...] = ()
    """kube-proxy's ``--nodeport-addresses``: ``primary``, ``all``, ``localhost`` or CIDRs; empty = the mode's default
    (iptables: all, nftables: primary)."""
    minor_version: int = 36
    """Kubernetes 1.N, where its behaviour changed between releases."""
    node_port_range: tuple[int, int] = (30000, 32767)
    """``--service-node-port-range``, both ends included."""
    edits: Edits = field(default_factory=Edits)
