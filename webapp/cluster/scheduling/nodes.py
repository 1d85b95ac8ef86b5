"""Nodes while pods are being placed on them, and nodes grouped by all that a kind of pod can ask of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from webapp.cluster.model import Node
from webapp.cluster.order import natural
from webapp.cluster.scheduling.ports import HostPort, ports_conflict
from webapp.cluster.scheduling.resources import Capacity
from webapp.manifests.objects import Taint
from webapp.manifests.well_known_labels import HOSTNAME
from webapp.records import dataclass

# Stands for ``metadata.name`` among label keys; no label can be called that.
NAME_KEY = "\0name"
_PORTS_TAKEN = "node(s) didn't have free ports for the requested pod ports"


class NodeInfo:
    """A node and what its pods take of it."""

    __slots__ = ("capacity", "name", "node", "ports", "position")

    def __init__(self, node: Node, position: int, size: int = 0) -> None:
        self.node = node
        self.name = node.name
        # Its place in the natural order of the names.
        self.position = position
        self.capacity = Capacity(node.allocatable, unlimited=node.assumed, size=size)
        self.ports: dict[HostPort, int] = {}

    def occupy(self, ports: Iterable[HostPort], change: int) -> None:
        """Take host ports, or with -1 give them back."""
        for port in ports:
            self.ports[port] = self.ports.get(port, 0) + change
            if not self.ports[port]:
                del self.ports[port]

    def ports_taken(self, wanted: tuple[HostPort, ...]) -> tuple[str, ...]:
        """Return the NodePorts plugin's reason, empty if all wanted host ports are free."""
        return (_PORTS_TAKEN,) if wanted and ports_conflict(wanted, self.ports) else ()


@dataclass(frozen=True, slots=True, eq=False)
class NodeClass:
    """Nodes that look the same to a kind of pod, apart from what runs on them."""

    taints: tuple[Taint, ...]
    unschedulable: bool
    values: Mapping[str, str]
    """Their labels, as far as that kind of pod asks for them. The host name's value only where it differs in no node
    or is asked for by a node selector; else it is there, but empty."""
    nodes: list[NodeInfo]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class NodeClasses:
    """All nodes by their classes."""

    of: Mapping[str, NodeClass]
    """By node name."""
    at: Sequence[NodeClass]
    """By position."""
    node_classes: tuple[NodeClass, ...]


class Snapshot:
    """All nodes of a schedule, in natural order of their names."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        ordered = sorted(nodes, key=lambda node: natural(node.name))
        sizes: dict[object, int] = {}
        self.node_infos = [
            NodeInfo(node, position, sizes.setdefault((node.assumed, *node.allocatable.items()), len(sizes)))
            for position, node in enumerate(ordered)
        ]
        self.by_name = {node_info.name: node_info for node_info in self.node_infos}
        self.position_of = {node_info.name: node_info.position for node_info in self.node_infos}
        hosts = [node_info.node.labels[HOSTNAME] for node_info in self.node_infos if HOSTNAME in node_info.node.labels]
        # Nodes copied by hand may share a host name; pods per host can't be counted by node then.
        self.hosts_unique = len(set(hosts)) == len(hosts)
        self._classes: dict[frozenset[str], NodeClasses] = {}

    def classes(self, keys: frozenset[str]) -> NodeClasses:
        """Return the classes of the nodes for pods that ask for these label keys."""
        found = self._classes.get(keys)
        if found is None:
            found = self._classes[keys] = self._classes_by(keys)
        return found

    def _classes_by(self, keys: frozenset[str]) -> NodeClasses:
        alike: dict[object, list[tuple[NodeInfo, dict[str, str]]]] = defaultdict(list)
        for node_info in self.node_infos:
            node, values = node_info.node, _values(node_info.node, keys)
            alike[(node.taints, node.unschedulable, tuple(sorted(values.items())))].append((node_info, values))
        node_classes = tuple(
            NodeClass(
                members[0][0].node.taints, members[0][0].node.unschedulable, members[0][1], [s for s, _ in members]
            )
            for members in alike.values()
        )
        of = {node_info.name: node_class for node_class in node_classes for node_info in node_class.nodes}
        return NodeClasses(of, [of[node_info.name] for node_info in self.node_infos], node_classes)


def _values(node: Node, keys: frozenset[str]) -> dict[str, str]:
    values = {key: node.labels[key] for key in keys if key in node.labels}
    if NAME_KEY in keys:
        values[NAME_KEY] = node.name
    # That a node has a host name puts it into a domain, also where its value tells no two nodes apart.
    if HOSTNAME in node.labels:
        values.setdefault(HOSTNAME, "")
    return values
