"""The nodes as entry points: what kube-proxy and a balancer would find at each, whatever service they ask for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import ip_address, ip_network

from webapp.cluster.endpoints import family
from webapp.cluster.model import Cluster, Node
from webapp.cluster.options import ClusterOptions
from webapp.cluster.remembered import once_per_cluster
from webapp.failure.scenario import Scenario
from webapp.failure.state import State
from webapp.manifests.well_known_labels import ZONE
from webapp.routing.health_check import kube_proxies_dead
from webapp.routing.plan import PlanNode

_EXCLUDED_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
_DELETED_TAINT = "ToBeDeletedByClusterAutoscaler"

ByFamily = Mapping[str, Mapping[str, PlanNode]]
"""Entry points by the IP family they are entered by, then by the node's name."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Entry points of one family that only their names and addresses tell apart."""

    family: str
    first: PlanNode
    names: tuple[str, ...]
    """In the cluster's order."""
    members: frozenset[str]
    """The same names."""

    def without(self, names: frozenset[str]) -> "Alike | None":
        """Return the same without some; None if none is left."""
        if self.members.isdisjoint(names):
            return self
        left = tuple(name for name in self.names if name not in names)
        if not left:
            return None
        return Alike(self.family, replace(self.first, name=left[0]), left, self.members - names)


@dataclass(slots=True)
class _Healthy:
    """The entry points of a cluster with nothing down: the same for every click."""

    by_family: ByFamily
    alike: tuple[Alike, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.alike = alike(self.by_family)


def entry_points(state: State, families: tuple[str, ...], *, checked: bool = False) -> ByFamily:
    """Return the entry points of services with these IP families."""
    healthy, hit = _healthy(state.cluster, families).by_family, _hit(state, checked=checked)
    changed = _by_family(state, sorted(hit), families, checked=checked)
    return {chosen: {**nodes, **changed.get(chosen, {})} for chosen, nodes in healthy.items()}


def kinds(state: State, families: tuple[str, ...], *, checked: bool = False) -> tuple[Alike, ...]:
    """Return the same entry points, those alike together; the cost goes with what is down, not with the nodes."""
    hit = _hit(state, checked=checked)
    left = (one.without(hit) if hit else one for one in _healthy(state.cluster, families).alike)
    return (*(one for one in left if one), *alike(_by_family(state, sorted(hit), families, checked=checked)))


def alike(points: ByFamily) -> tuple[Alike, ...]:
    """Return entry points grouped into those that are alike."""
    found: dict[tuple[str, PlanNode], list[PlanNode]] = defaultdict(list)
    for chosen, nodes in points.items():
        for node in nodes.values():
            found[chosen, replace(node, name="", address=None)].append(node)
    return tuple(_alike(chosen, nodes) for (chosen, _), nodes in found.items())


def _alike(chosen: str, nodes: Sequence[PlanNode]) -> Alike:
    names = tuple(node.name for node in nodes)
    return Alike(chosen, nodes[0], names, frozenset(names))


@once_per_cluster
def ranks(cluster: Cluster) -> Mapping[str, int]:
    """Return each node's place in the cluster's order."""
    return {name: i for i, name in enumerate(cluster.nodes)}


def _healthy(cluster: Cluster, families: tuple[str, ...]) -> _Healthy:
    known = _known(cluster)
    if families not in known:
        known[families] = _Healthy(_by_family(State(cluster=cluster, scenario=Scenario()), cluster.nodes, families))
    return known[families]


@once_per_cluster
def _known(_: Cluster) -> dict[tuple[str, ...], _Healthy]:
    """Return where a cluster's healthy entry points are kept, by the families of a service."""
    return {}


def _hit(state: State, *, checked: bool) -> frozenset[str]:
    """Return the nodes whose entry points the failure changes."""
    silent = kube_proxies_dead(state) if checked else frozenset()
    return state.down_nodes | state.stale_nodes | silent


def _by_family(
    state: State, names: Iterable[str], families: tuple[str, ...], *, checked: bool = False
) -> dict[str, dict[str, PlanNode]]:
    found: dict[str, dict[str, PlanNode]] = {}
    for name in names:
        chosen, entry = plan_node(state, state.cluster.nodes[name], families, checked=checked)
        found.setdefault(chosen, {})[name] = entry
    return found


def plan_node(state: State, node: Node, families: tuple[str, ...], *, checked: bool = False) -> tuple[str, PlanNode]:
    """Return the IP family by which the node is entered for these families, and the entry point.

    `checked`: balancers ask the healthCheckNodePort, which nobody answers where kube-proxy has died.
    """
    silent = checked and node.name in kube_proxies_dead(state)
    chosen, address = _primary(node.internal_ips, families)
    return chosen, PlanNode(
        name=node.name,
        zone=node.labels.get(ZONE) or None,
        up=node.name not in state.down_nodes,
        address=address,
        lacks=chosen if address is None and node.internal_ips else "",
        listens=_listens(node, address, state.cluster.options),
        stale=node.name in state.stale_nodes,
        lb_target=not silent
        and _EXCLUDED_LABEL not in node.labels
        and not any(t.key == _DELETED_TAINT for t in node.taints),
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
        return not node.internal_ips and options.nodeport_addresses != ("localhost",)
    return listens_at(address, options, primary=True)


def listens_at(address: str, options: ClusterOptions, *, primary: bool) -> bool:
    """Return whether kube-proxy opens nodePorts on the address (``--nodeport-addresses``).

    iptables mode listens on all addresses by default, nftables on the node's primary ones.
    """
    wanted = options.nodeport_addresses or (("all",) if options.proxy_mode == "iptables" else ("primary",))
    return "all" in wanted or (primary and "primary" in wanted) or any(_covers(word, address) for word in wanted)


@lru_cache(maxsize=65536)
def _covers(word: str, address: str) -> bool:
    return word not in ("localhost", "primary") and ip_address(address) in ip_network(word, strict=False)
