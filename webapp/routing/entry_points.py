"""The nodes as entry points: what kube-proxy and a load balancer find at each, whatever service they ask for."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_network

from webapp.cluster.endpoints import family
from webapp.cluster.model import Cluster, Node
from webapp.cluster.options import ClusterOptions
from webapp.cluster.remembered import once_per_cluster
from webapp.cluster.validation.addresses import parsed_ip
from webapp.manifests.well_known_labels import ZONE
from webapp.routing.plan import PlanNode

_EXCLUDED_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
_DELETED_TAINT = "ToBeDeletedByClusterAutoscaler"


@once_per_cluster
def ranks(cluster: Cluster) -> Mapping[str, int]:
    """Return each node's place in the cluster's order."""
    return {name: i for i, name in enumerate(cluster.nodes)}


def entry_point(node: Node, families: tuple[str, ...], options: ClusterOptions) -> tuple[str, PlanNode]:
    """Return the IP family by which the node is entered for these families, and the entry point before any failure."""
    chosen, address = _primary(node.internal_ips, families)
    return chosen, PlanNode(
        name=node.name,
        # kube-proxy reads this label alone; the deprecated failure-domain one counts for nothing here.
        zone=node.labels.get(ZONE) or None,
        address=address,
        lacks=chosen if address is None and node.internal_ips else "",
        listens=_listens(node, address, options),
        # What the service controller of every cloud leaves out, whatever the node's state (node predicates of
        # cloud-provider).
        lb_target=_EXCLUDED_LABEL not in node.labels and not any(t.key == _DELETED_TAINT for t in node.taints),
    )


def _primary(addresses: tuple[str, ...], families: tuple[str, ...]) -> tuple[str, str | None]:
    for wanted in families:
        for address in addresses:
            if family(address) == wanted:
                return wanted, address
    return families[0], None


def _listens(node: Node, address: str | None, options: ClusterOptions) -> bool:
    """Return whether kube-proxy opens nodePorts where the node is entered, which is always at a primary address.

    An unknown address is taken to be listened on, unless only localhost is.
    """
    if address is None:
        # A node that nodefall assumes has no address yet; the one it gets will be a primary one.
        return not node.internal_ips and options.nodeport_addresses != ("localhost",)
    return listens_at(address, options, primary=True)


def listens_at(address: str, options: ClusterOptions, *, primary: bool) -> bool:
    """Return whether kube-proxy opens nodePorts on the address (``--nodeport-addresses``).

    iptables mode listens on all addresses by default, nftables on the node's primary ones.
    """
    wanted = options.nodeport_addresses or (("all",) if options.proxy_mode == "iptables" else ("primary",))
    return "all" in wanted or (primary and "primary" in wanted) or any(_covers(word, address) for word in wanted)


# Parsing an address costs more than all else here, and each click asks about the same ones.
@lru_cache(maxsize=65536)
def _covers(word: str, address: str) -> bool:
    parsed = parsed_ip(address)
    return word not in ("localhost", "primary") and parsed is not None and parsed in ip_network(word, strict=False)
