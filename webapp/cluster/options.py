"""What the manifests leave open and the user may set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """Settings of the cluster that no manifest shows, and stand-ins for what was not uploaded."""

    assume_nodes: int = 3
    """How many nodes to assume; ignored when Nodes are given."""
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
