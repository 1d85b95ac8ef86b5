"""Edits of the selected node or pod, and one more node: each with what it would give."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from webapp.cluster.nodes import counted_nodes
from webapp.failure.kinds import TargetType
from webapp.manifests.objects import NodeObject, NodeSpec
from webapp.manifests.plain import plain_object
from webapp.manifests.well_known_labels import HOSTNAME
from webapp.views.map.weighing import EditEffect, Weighing
from webapp.views.page.edits import pruned_url, url_with_edits, with_edits, with_patch
from webapp.views.page.state import PageState

MOST_LISTED = 100
"""Nodes of a list to choose from; with more the name is typed."""
MOST_MOVES = 12
"""With more nodes the list says of none what a move there would give."""
_TAINT = "dedicated=gpu:NoSchedule"
"""One that no pod tolerates, unless it says so: what any such taint would give."""


@dataclass(frozen=True, slots=True)
class AddedNode:
    """One more node."""

    title: str
    name: str
    """What it would be called."""
    url: str
    effect: EditEffect | None


@dataclass(frozen=True, slots=True)
class RemovedNode:
    """The selected node deleted, or no longer added."""

    detail: str
    url: str
    effect: EditEffect | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeControls:
    """What can be done to the selected node."""

    name: str
    cordon_url: str
    """Empty where it is cordoned by the upload."""
    is_cordoned: bool
    cordon: EditEffect | None
    taint_field: str
    taint: str
    """An example."""
    tainted: EditEffect | None
    another: AddedNode | None
    """None where nodes are counted, which has its own stepper."""
    removed: RemovedNode | None
    """None for the last one."""


@dataclass(frozen=True, slots=True)
class PodControls:
    """Where the selected pod can be moved."""

    name: str
    field: str
    node: str
    nodes: tuple[tuple[str, EditEffect | None], ...]
    """With what a move there would give; empty where there are too many for a list."""


def node_controls(weighs: Weighing) -> NodeControls | None:
    """Return what can be done to the selected node; None while none is."""
    page, target = weighs.page, weighs.page.selected
    if target is None or target.mode.subject is not TargetType.NODE:
        return None
    name, edits = target.name, page.options.edits
    others = tuple(each for each in edits.cordons if each != name)
    by_edit = name in edits.cordons
    given = page.cluster.nodes[name].unschedulable and not by_edit
    cordoned = with_edits(page, cordons=others if by_edit else tuple(sorted((*others, name))))
    tainted = with_edits(page, taints=tuple(sorted({*edits.taints, (name, _TAINT)})))
    return NodeControls(
        name=name,
        cordon_url="" if given else url_with_edits(cordoned),
        is_cordoned=by_edit or given,
        cordon=None if given else weighs.effect(cordoned),
        taint_field=f"taint/{name}",
        taint=_TAINT,
        tainted=weighs.effect(tainted),
        another=added_node(weighs, name),
        removed=_removed(weighs, name),
    )


# --- one more, one fewer


def added_node(weighs: Weighing, like: str = "") -> AddedNode | None:
    """Return one more node, like a given one if that was uploaded; None where nodes are counted."""
    page = weighs.page
    if page.counts_nodes or not page.cluster.nodes:
        return None
    given = next((node for node in page.topology.manifests.nodes if node.metadata.name == like), None)
    # A node that is deleted here exists in the upload: its name is not free.
    taken = {*page.cluster.nodes, *page.options.edits.deleted_nodes}
    name = _next_name(like or list(page.cluster.nodes)[-1], taken)
    if given:
        state = with_patch(page, f"Node/{name}", _content(given, name))
        return AddedNode("Add a node like it", name, url_with_edits(state), weighs.effect(state))
    state = with_edits(page, added_nodes=(*page.options.edits.added_nodes, name))
    return AddedNode("Add a node", name, url_with_edits(state), weighs.effect(state))


def _next_name(name: str, taken: Set[str]) -> str:
    """Return ``worker-5`` after worker-4; a name of EKS goes on before its domain."""
    host, dot, domain = name.partition(".")
    stem, _, number = host.rpartition("-")
    if not (stem and number.isdecimal()) or dot:
        stem, number = host, "1"
    return next(new for at in count(int(number) + 1) if (new := f"{stem}-{at}{dot}{domain}") not in taken)


def _content(like: NodeObject, name: str) -> Mapping[str, Any]:
    """Return the Node of that name with another one's labels, taints and room; without an address."""
    labels = {**like.metadata.labels, HOSTNAME: name}
    spec = plain_object(replace(like, spec=NodeSpec(taints=like.spec.taints))).get("spec", {})
    status = {"allocatable": dict(like.status.allocatable)} if like.status.allocatable else {}
    content = {"apiVersion": "v1", "metadata": {"labels": labels}, "spec": spec, "status": status}
    return {key: value for key, value in content.items() if value}


def _removed(weighs: Weighing, name: str) -> RemovedNode | None:
    page, edits = weighs.page, weighs.page.options.edits
    if len(page.cluster.nodes) < 2:
        return None
    if page.counts_nodes:
        state = _counted_without(page, name)
        return RemovedNode("one assumed node fewer", pruned_url(state), weighs.effect(state))
    added = [patch for patch in edits.patches if patch[0] == f"Node/{name}" and '"apiVersion"' in patch[1]]
    if added or name in edits.added_nodes:
        state = with_edits(
            page,
            patches=tuple(patch for patch in edits.patches if patch[0] != f"Node/{name}"),
            added_nodes=tuple(each for each in edits.added_nodes if each != name),
        )
        return RemovedNode("it was added here", pruned_url(state), weighs.effect(state))
    state = with_edits(page, deleted_nodes=(*edits.deleted_nodes, name))
    return RemovedNode("its pods are recreated elsewhere", pruned_url(state), weighs.effect(state))


def _counted_without(page: PageState, name: str) -> PageState:
    """Return the state without one of the nodes that are counted: the others keep their names."""
    names = tuple(each for each in page.cluster.nodes if each != name)
    plain = replace(page.options, assume_nodes=len(names), node_names=())
    usual = tuple(node.name for node in counted_nodes(plain)) == names
    return replace(page, options=plain if usual else replace(plain, node_names=names))


# --- pods


def pod_controls(weighs: Weighing) -> PodControls | None:
    """Return where the selected pod can be moved; None while none is."""
    page, target = weighs.page, weighs.page.selected
    if target is None or target.mode.subject is not TargetType.POD:
        return None
    pod, nodes = page.cluster.pods.get(target.name), page.cluster.nodes
    if pod is None:
        return None
    told = len(nodes) <= MOST_MOVES
    others = tuple(move for move in page.options.edits.moves if move[0] != pod.key)
    listed = (
        (name, weighs.effect(with_edits(page, moves=tuple(sorted((*others, (pod.key, name)))))) if told else None)
        for name in (nodes if len(nodes) <= MOST_LISTED else ())
    )
    return PodControls(pod.key, f"move/{pod.key}", pod.node or "", tuple(listed))
