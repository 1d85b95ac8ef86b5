"""The words of what-ifs: zones, replicas, policies, patches, moved pods, cordons, taints, nodes added and deleted."""

import json
from collections.abc import Iterable
from dataclasses import replace
from re import fullmatch
from typing import TypeVar

from webapp.cluster.edits import service_key
from webapp.cluster.model import Cluster
from webapp.cluster.node_edits import MAX_ZONES
from webapp.cluster.nodes import named_nodes
from webapp.cluster.options import Edits
from webapp.cluster.order import natural
from webapp.cluster.patches import patch_errors
from webapp.cluster.rescaling import scalable, workload_word
from webapp.cluster.validation.names import dns_subdomain_faults
from webapp.failure.word_values import ScenarioError, must_exist, number, quoted
from webapp.limits import WORDS
from webapp.manifests.manifests import Manifests

_Value = TypeVar("_Value", int, str)
EDIT_WORDS = frozenset(
    {"zones", "control-planes", "replicas", "policy", "patch", "move", "cordon", "taint", "add-node", "delete-node"}
)
"""What-ifs; all but the first two are repeatable."""
_TAINT = r"([\w.-]{1,253}/)?[\w.-]{1,63}"
_EFFECTS = ("NoSchedule", "PreferNoSchedule")


def decode_edits(pairs: Iterable[tuple[str, str]]) -> Edits:
    """Return the edits among the words.

    Raises:
        ScenarioError: for a value that can't be.

    """
    edits = Edits()
    replicas: dict[str, int] = {}
    named: dict[str, dict[str, str]] = {"policy": {}, "move": {}}
    patches: dict[tuple[str, str], None] = {}
    nodes: dict[str, set[str]] = {"cordon": set(), "add-node": set(), "delete-node": set()}
    taints: set[tuple[str, str]] = set()
    for key, value in pairs:
        match key:
            case "zones":
                edits = replace(edits, zones=number(key, value, 0, MAX_ZONES))
            case "control-planes":
                edits = replace(edits, control_planes=number(key, value, 0, 5000))
            case "replicas":
                name, count = _named_value(key, value, 3, "KIND/NAMESPACE/NAME:NUMBER")
                replicas[name] = number(key, count, 0, WORDS.replicas)
            case "policy" | "move":
                name, its = _policy(value) if key == "policy" else _move(value)
                named[key][name] = its
            case "patch":
                patches[_patch(value)] = None
            case "cordon" | "add-node" | "delete-node":
                nodes[key].add(value if key == "cordon" else _node_name(key, value))
            case "taint":
                taints.add(_taint(value))
    _check_numbers(len(patches), len(nodes["add-node"]))
    return replace(
        edits,
        replicas=_ordered(replicas),
        policies=_ordered(named["policy"]),
        patches=tuple(patches),
        moves=_ordered(named["move"]),
        cordons=tuple(sorted(nodes["cordon"], key=natural)),
        taints=tuple(sorted(taints, key=lambda taint: (natural(taint[0]), taint[1]))),
        added_nodes=tuple(sorted(nodes["add-node"], key=natural)),
        deleted_nodes=tuple(sorted(nodes["delete-node"], key=natural)),
    )


def _check_numbers(patches: int, added_nodes: int) -> None:
    if patches > WORDS.patches:
        raise ScenarioError("patch", f"There can be at most {WORDS.patches} patches.")
    if added_nodes > WORDS.added_nodes:
        raise ScenarioError("add-node", f"At most {WORDS.added_nodes} nodes can be added.")


def encode_edits(edits: Edits) -> list[tuple[str, str]]:
    """Return the words of edits in their one canonical order."""
    words = [("zones", str(edits.zones))] if edits.zones else []
    words += [("control-planes", str(edits.control_planes))] if edits.control_planes else []
    words += [("replicas", f"{name}:{count}") for name, count in edits.replicas]
    words += [("policy", f"{name}:{policy}") for name, policy in edits.policies]
    words += [("patch", f"{name}:{content}") for name, content in edits.patches]
    words += [("move", f"{pod}:{node}") for pod, node in edits.moves]
    words += [("cordon", node) for node in edits.cordons]
    words += [("taint", f"{node}:{taint}") for node, taint in edits.taints]
    words += [("add-node", node) for node in edits.added_nodes]
    return words + [("delete-node", node) for node in edits.deleted_nodes]


def check_edits(edits: Edits, manifests: Manifests) -> None:
    """Refuse edits of objects that the manifests don't have, and patches that can't be applied.

    Raises:
        ScenarioError: for the first of them.

    """
    workloads = {workload_word(workload) for workload in scalable(manifests)} if edits.replicas else set()
    for name, count in edits.replicas:
        must_exist(f"replicas={name}:{count}", "workload with replicas", name, workloads)
    services = {service_key(service) for service in manifests.services} if edits.policies else set()
    for name, policy in edits.policies:
        must_exist(f"policy={name}:{policy}", "service", name, services)
    for error in patch_errors(manifests, edits.patches):
        raise ScenarioError(f"patch={':'.join(error.patch)}", error.message)
    if edits.added_nodes or edits.deleted_nodes:
        _check_nodes(edits, manifests)


def _check_nodes(edits: Edits, manifests: Manifests) -> None:
    patched = (word.removeprefix("Node/") for word, _ in edits.patches if word.startswith("Node/"))
    given = {*(node.metadata.name for node in manifests.nodes), *patched}
    there = given | {node.name for node in named_nodes(manifests, given)}
    for word, names in (("add-node", edits.added_nodes), ("delete-node", edits.deleted_nodes)):
        if not there and names:
            raise ScenarioError(f"{word}={names[0]}", "Every node is assumed here: say how many, as nodes=4.")
    for name in edits.added_nodes:
        if name in there:
            raise ScenarioError(f"add-node={name}", f"There is a node {quoted(name)} already.")
    for name in edits.deleted_nodes:
        must_exist(f"delete-node={name}", "node", name, there)


def check_edits_in(cluster: Cluster, pairs: Iterable[tuple[str, str]]) -> None:
    """Refuse edits of nodes and pods that the cluster doesn't have: some of them exist in no manifest.

    Raises:
        ScenarioError: for the first of them.

    """
    for key, value in pairs:
        name, _, its = value.partition(":")
        if key == "move":
            must_exist(f"{key}={value}", "pod", name, cluster.pods.keys())
            must_exist(f"{key}={value}", "node", its, cluster.nodes.keys())
        elif key in ("cordon", "taint"):
            must_exist(f"{key}={value}", "node", name, cluster.nodes.keys())
        elif key == "delete-node" and (node := cluster.nodes.get(value)) is not None:
            why = f"{node.mentions} still name it" if node.mentions else "no other node is there"
            raise ScenarioError(f"{key}={value}", f"Node {quoted(value)} can't be deleted: {why}.")


def patch_text(content: object) -> str:
    """Return a patch as the word holds it: JSON without spaces."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _patch(text: str) -> tuple[str, str]:
    name, colon, content = text.partition(":")
    word = f"patch={text[:80]}"
    form = 'patch is KIND/NAMESPACE/NAME:JSON, such as Deployment/shop/web:{"spec":{"replicas":2}}'
    if not colon or name.count("/") not in (1, 2) or len(content) > WORDS.patch_length:
        raise ScenarioError(word, f"{form}, not {quoted(text)}.")
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise ScenarioError(word, f"{form}: what stands behind the colon is not a JSON object.")
    return name, patch_text(read)


def _policy(text: str) -> tuple[str, str]:
    name, policy = _named_value("policy", text, 2, "NAMESPACE/NAME:Local or NAMESPACE/NAME:Cluster")
    if policy not in ("Local", "Cluster"):
        raise ScenarioError(f"policy={text}", f"A policy is Local or Cluster, not {quoted(policy)}.")
    return name, policy


def _move(text: str) -> tuple[str, str]:
    return _named_value("move", text, 2, "NAMESPACE/POD:NODE")


def _taint(text: str) -> tuple[str, str]:
    node, _, taint = text.partition(":")
    head, _, effect = taint.rpartition(":")
    key, _, value = head.partition("=")
    if effect not in _EFFECTS or not fullmatch(_TAINT, key) or not fullmatch(r"[\w.-]{0,63}", value):
        # NoExecute evicts what runs there: that is a failure with times of its own, not another set-up.
        wanted = "NODE:KEY=VALUE:NoSchedule or NODE:KEY:PreferNoSchedule"
        raise ScenarioError(f"taint={text[:80]}", f"taint is {wanted}, not {quoted(text)}. To empty a node, drain it.")
    return node, taint


def _node_name(word: str, text: str) -> str:
    if dns_subdomain_faults(text):
        raise ScenarioError(f"{word}={text[:80]}", f"{word} is the name of a node, not {quoted(text)}.")
    return text


def _ordered(values: dict[str, _Value]) -> tuple[tuple[str, _Value], ...]:
    return tuple(sorted(values.items(), key=lambda item: natural(item[0])))


def _named_value(word: str, text: str, parts: int, form: str) -> tuple[str, str]:
    name, colon, value = text.rpartition(":")
    if not colon or name.count("/") != parts - 1:
        raise ScenarioError(f"{word}={text}", f"{word} is {form}, not {quoted(text)}.")
    return name, value
