"""What if: zones and roles of assumed nodes, and cordons and taints of any."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from string import ascii_lowercase

from webapp.cluster.model import Node
from webapp.cluster.options import Edits
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import NodeObject, Taint
from webapp.manifests.well_known_labels import ZONE

CONTROL_PLANE_LABEL = "node-role.kubernetes.io/control-plane"
MAX_ZONES = len(ascii_lowercase)


def with_node_edits(manifests: Manifests, edits: Edits) -> Manifests:
    """Return the manifests with given nodes cordoned and tainted."""
    concerned = _concerned(edits)
    if not concerned:
        return manifests
    return replace(
        manifests,
        nodes=tuple(_given(node, edits) if node.metadata.name in concerned else node for node in manifests.nodes),
    )


def _concerned(edits: Edits) -> frozenset[str]:
    return frozenset((*edits.cordons, *(name for name, _ in edits.taints)))


def _given(node: NodeObject, edits: Edits) -> NodeObject:
    name, spec = node.metadata.name, node.spec
    return replace(
        node,
        spec=replace(
            spec,
            unschedulable=True if name in edits.cordons else spec.unschedulable,
            taints=_with_taints(spec.taints, name, edits),
        ),
    )


def cordoned_and_tainted(nodes: Iterable[Node], edits: Edits) -> tuple[Node, ...]:
    """Return assumed nodes cordoned and tainted."""
    concerned = _concerned(edits)
    return tuple(
        node
        if node.name not in concerned
        else replace(
            node,
            unschedulable=node.unschedulable or node.name in edits.cordons,
            taints=_with_taints(node.taints, node.name, edits),
        )
        for node in nodes
    )


def _with_taints(taints: Sequence[Taint], name: str, edits: Edits) -> tuple[Taint, ...]:
    """Return the taints as ``kubectl taint`` leaves them: one of the same key and effect gets its new value."""
    new = {(t.key, t.effect): t for t in (parse_taint(text) for node, text in edits.taints if node == name)}
    return (*(t for t in taints if (t.key, t.effect) not in new), *new.values())


def parse_taint(text: str) -> Taint:
    """Return the taint of ``KEY=VALUE:EFFECT`` or ``KEY:EFFECT``, as ``kubectl taint`` takes it.

    >>> parse_taint("dedicated=gpu:NoSchedule")
    Taint(key='dedicated', value='gpu', effect='NoSchedule')
    """
    head, _, effect = text.rpartition(":")
    key, _, value = head.partition("=")
    return Taint(key=key, value=value or None, effect=effect)


def with_places(nodes: Sequence[Node], edits: Edits) -> tuple[Node, ...]:
    """Return assumed nodes with zones and roles.

    The first ones become control plane, with the label and taint that kubeadm gives them; zone-a, zone-b ... are dealt
    out in turn, to the control plane and to the others apart.
    """
    planes = frozenset(node.name for node in nodes[: edits.control_planes])
    first, rest = _zones(edits.zones), _zones(edits.zones)
    return tuple(
        _in_zone(_as_control_plane(node), next(first)) if node.name in planes else _in_zone(node, next(rest))
        for node in nodes
    )


def _zones(count: int) -> Iterator[str | None]:
    return cycle([f"zone-{letter}" for letter in ascii_lowercase[:count]] or [None])


def _in_zone(node: Node, zone: str | None) -> Node:
    return replace(node, zone=zone, labels={**node.labels, ZONE: zone}) if zone else node


def _as_control_plane(node: Node) -> Node:
    return replace(
        node,
        labels={**node.labels, CONTROL_PLANE_LABEL: ""},
        taints=(*node.taints, Taint(key=CONTROL_PLANE_LABEL, effect="NoSchedule")),
        control_plane=True,
    )
