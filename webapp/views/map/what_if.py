"""What if: where the forms of edits lead, and the edits on every page: marked, removable, shown as their patches."""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from webapp.cluster.model import Node
from webapp.cluster.node_edits import CONTROL_PLANE_LABEL, parse_taint
from webapp.cluster.options import Edits
from webapp.cluster.patches import object_named
from webapp.cluster.pods import ref_of
from webapp.failure import words
from webapp.findings.remedy import patch
from webapp.manifests.objects import ServiceObject, WorkloadObject
from webapp.manifests.well_known_labels import ZONE
from webapp.numbers import counted, everything
from webapp.views.page.edits import (
    AnsweredShare,
    Editable,
    answered,
    editable,
    is_small,
    policy_of,
    url_with_edits,
    without_edits,
)
from webapp.views.page.query import address, asked_pairs
from webapp.views.page.state import PageState, fitting
from webapp.views.page.topologies import Topology, open_or_404

blueprint = Blueprint("what_if", __name__)

# Nodes written out in a patch; the rest follows the same pattern.
MAX_PATCHED = 20
Pairs = list[tuple[str, str]]
_REPLACING = ("replicas/", "policy/", "move/")
"""Fields of forms, by the word that they set: the rest of their name is what the word names."""
_ADDING = "taint/"


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference from the manifests."""

    text: str
    was: str
    """Empty where there was nothing."""
    remove_url: str
    command: str
    """A line for a terminal; empty where there is no object to patch."""
    patch: str
    """The same as YAML."""


@dataclass(frozen=True, slots=True)
class EditBar:
    """All that differs from the manifests."""

    edits: tuple[Edit, ...]
    undo_url: str
    """The state without any edit."""
    before: AnsweredShare | None
    """What the service in focus answers without the edits, and with them; None where that isn't worked out."""
    after: AnsweredShare | None


@blueprint.get("/t/<topology_id>/edit")
def change(topology_id: str) -> ResponseReturnValue:
    """Lead to the map with the form's edits, without what they do away with."""
    topology = open_or_404(topology_id)
    pairs = _composed(topology, [(key, value.strip()) for key, value in asked_pairs()])
    words.decode_options(pairs, topology.manifests)  # a wrong one is refused
    page, dropped = fitting(topology, pairs)
    return redirect(page.url(dropped=dropped))


def _composed(topology: Topology, pairs: Pairs) -> Pairs:
    """Return the words with the form's fields in place of edits they replace; the manifest's value is not an edit."""
    fields = {key: value for key, value in pairs if key.startswith(_REPLACING) and value}
    added = {(key, value) for key, value in pairs if key.startswith(_ADDING) and value}
    patched = {value.partition(":")[0] for key, value in pairs if key == "patch"}
    given = editable(topology)
    kept = [
        (key, value)
        for key, value in pairs
        if value and not key.startswith((*_REPLACING, _ADDING)) and f"{key}/{value.rpartition(':')[0]}" not in fields
    ]
    for key, value in (*fields.items(), *added):
        word, _, name = key.partition("/")
        kept.append((word, f"{name}:{value}"))
    # The number of the manifest asked for again is no difference.
    return [(key, value) for key, value in kept if not _is_given(key, value, given, patched)]


def _is_given(key: str, value: str, given: Editable, patched: Container[str]) -> bool:
    name, _, its = value.rpartition(":")
    return key in ("replicas", "policy") and its == given.said(key, name, patched)


# --- what differs


@blueprint.app_template_global("edit_bar")
def edit_bar(page: PageState, *, with_effect: bool = False) -> EditBar:
    """Return what differs from the manifests in this state; with what that gives the service in focus if asked."""
    edits = tuple(_edits(page))
    known = with_effect and page.options.edits != Edits() and is_small(page)
    plain = without_edits(page)
    before, after = (AnsweredShare.of(answered(state)) if known else None for state in (plain, page))
    if before and after and everything(min(before.share, after.share)):
        before = after = None  # while all is well, that it stays so is no news
    return EditBar(edits=edits, undo_url=url_with_edits(_uncounted(plain)), before=before, after=after)


def _uncounted(page: PageState) -> PageState:
    """Return the state with as many nodes assumed as usual, as that is one of the edits that are shown."""
    options = replace(page.options, assume_nodes=words.PAGE.assume_nodes, node_names=())
    return replace(page, options=options) if page.counts_nodes else page


def _edits(page: PageState) -> Iterator[Edit]:
    if not page.topology.manifests.nodes:
        yield from _places(page)
    yield from _of_workloads(page)
    yield from _of_services(page)
    yield from _patches(page)
    yield from _of_pods_and_nodes(page)


def _of_workloads(page: PageState) -> Iterator[Edit]:
    for name, count in page.options.edits.replicas:
        workload = editable(page.topology).workloads[name]
        content = {"spec": {"replicas": count}}
        bounds = editable(page.topology).bounds.get(ref_of(workload))
        yield Edit(
            text=f"{workload.kind} {workload.metadata.key}: {counted(count, 'replica')}"
            f"{bounds.remark(count) if bounds else ''}",
            was=editable(page.topology).written[name],
            remove_url=_without(page, ("replicas", f"{name}:{count}")),
            command=_command(workload, f'{{"spec":{{"replicas":{count}}}}}'),
            patch=patch(workload, content),
        )


def _of_services(page: PageState) -> Iterator[Edit]:
    for name, policy in page.options.edits.policies:
        service = editable(page.topology).services.get(name)
        if service is not None:
            yield Edit(
                text=f"Service {name}: policy {policy}",
                was=policy_of(service),
                remove_url=_without(page, ("policy", f"{name}:{policy}")),
                command=_command(service, f'{{"spec":{{"externalTrafficPolicy":"{policy}"}}}}'),
                patch=patch(service, {"spec": {"externalTrafficPolicy": policy}}),
            )


def _patches(page: PageState) -> Iterator[Edit]:
    for word, text in page.options.edits.patches:
        content, subject = json.loads(text), object_named(page.topology.manifests, word)
        kind, _, name = word.partition("/")
        remove = _without(page, ("patch", f"{word}:{text}"))
        if subject is None:
            namespace, _, short = name.rpartition("/")
            metadata = {"name": short, **({"namespace": namespace} if namespace else {}), **content.get("metadata", {})}
            whole = {"apiVersion": "", "kind": kind, **content, "metadata": metadata}
            yield Edit(f"{kind} {name} added", "", remove, "kubectl apply -f -", patch(None, whole))
        else:
            command = _command(subject, text, "strategic")
            yield Edit(f"{kind} {name}: {_summary(content)}", "", remove, command, patch(subject, content))


def _summary(content: Mapping[str, Any]) -> str:
    """Return what a patch changes, in few words: ``replicas 2, topologySpreadConstraints``."""
    told = list(dict.fromkeys(_leaves(content)))
    return ", ".join(told[:3]) + (f" and {len(told) - 3} more" if len(told) > 3 else "")


def _leaves(content: Mapping[str, Any]) -> Iterator[str]:
    for key, value in content.items():
        if key in ("spec", "template", "metadata", "selector", "labels") and isinstance(value, Mapping) and value:
            yield from _leaves(value)
        elif key in ("containers", "ports") and isinstance(value, list):
            yield from (text for each in value if isinstance(each, Mapping) for text in _leaves(_changes(each)))
        elif value is None:
            yield f"no {key}"
        else:
            yield key if isinstance(value, Mapping | list) else f"{key} {value}"


def _changes(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an item of a list without what only names it."""
    return {key: value for key, value in item.items() if key not in ("name", "port", "protocol")} or item


def _of_pods_and_nodes(page: PageState) -> Iterator[Edit]:
    edits = page.options.edits
    for pod, node in edits.moves:
        # Nobody can say so of one pod of a workload: its template holds for all of them.
        yield Edit(f"Pod {pod} on {node}", "", _without(page, ("move", f"{pod}:{node}")), "", "")
    for node in edits.cordons:
        content = _node(node, {"spec": {"unschedulable": True}})
        yield Edit(f"{node} cordoned", "", _without(page, ("cordon", node)), f"kubectl cordon {node}", content)
    for node, text in edits.taints:
        taint = parse_taint(text)
        its = {"key": taint.key, **({"value": taint.value} if taint.value else {}), "effect": taint.effect}
        content = _node(node, {"spec": {"taints": [its]}})
        remove = _without(page, ("taint", f"{node}:{text}"))
        yield Edit(f"{node}: taint {text}", "", remove, f"kubectl taint nodes {node} {text}", content)
    for node in edits.added_nodes:
        yield Edit(f"{node} added, assumed", "", _without(page, ("add-node", node)), "", _node(node, {}))
    for node in edits.deleted_nodes:
        yield Edit(f"{node} deleted", "", _without(page, ("delete-node", node)), f"kubectl delete node {node}", "")


def _places(page: PageState) -> Iterator[Edit]:
    """Yield the edits of assumed nodes."""
    edits, nodes = page.options.edits, tuple(page.cluster.nodes.values())
    counts = Edits(zones=edits.zones, control_planes=edits.control_planes)
    for word, value in words.encode_options(replace(page.options, edits=counts), words.PAGE):
        remove = _without(page, (word, value))
        if word in ("nodes", "node-names") and not page.counts_nodes:
            continue
        if word == "nodes":
            yield Edit(f"{counted(int(value), 'node')} assumed", "3", remove, "", "")
        elif word == "node-names":
            yield Edit(f"Nodes named {value.replace(',', ', ')}", "nodefall’s own names", remove, "", "")
        elif word == "zones":
            places = _written_out(nodes, zones=True)
            yield Edit(f"Assumed nodes in {counted(edits.zones, 'zone')}", "none", remove, "", places)
        elif word == "control-planes":
            planes = tuple(node for node in nodes if node.control_plane)
            text = f"{counted(len(planes), 'control-plane node')}: {', '.join(node.name for node in planes[:3])}"
            yield Edit(text, "none", remove, "", _written_out(planes, zones=False))


def _written_out(nodes: Sequence[Node], *, zones: bool) -> str:
    """Return the YAML that puts nodes into their zones, or makes them control plane."""
    # kubeadm gives its control-plane nodes this taint; without it Pods would be placed there.
    taint = {"key": CONTROL_PLANE_LABEL, "effect": "NoSchedule"}
    content = {} if zones else {"spec": {"taints": [taint]}}
    parts = (
        _node(node.name, content, {ZONE: node.zone} if zones else {CONTROL_PLANE_LABEL: ""})
        for node in nodes[:MAX_PATCHED]
    )
    rest = f"# and {len(nodes) - MAX_PATCHED} more\n" if len(nodes) > MAX_PATCHED else ""
    return "---\n".join(parts) + rest


def _node(name: str, content: Mapping[str, Any], labels: Mapping[str, Any] | None = None) -> str:
    metadata = {"name": name, **({"labels": labels} if labels else {})}
    return patch(None, {"apiVersion": "v1", "kind": "Node", "metadata": metadata, **content})


def _command(of: WorkloadObject | ServiceObject, change: str, how: str = "merge") -> str:
    meta = of.metadata
    namespace = f"-n {meta.namespace} " if meta.namespace else ""
    quoted = change.replace("'", "'\\''")
    return f"kubectl {namespace}patch {of.kind.lower()} {meta.name} --type {how} -p '{quoted}'"


def _without(page: PageState, word: tuple[str, str]) -> str:
    """Return the address that leads to this state without one edit."""
    pairs = [pair for pair in page.pairs() if pair != word]
    return address("what_if.change", pairs, topology_id=page.topology.id)
