"""A graph without the names in it: nodes, services and pods are numbered in the order of the picture.

What it says of traffic stays, and with it every share. Addresses are omitted, and so is every sentence: a reason may
quote a selector, a label or another object, and what quotes something new tomorrow must not show it either.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from webapp.cluster.order import natural
from webapp.failure.kinds import FAILURE_MODES, FailureKind, TargetType
from webapp.numbers import counted
from webapp.records import dataclass
from webapp.topology.attributes import Graph, VertexKind
from webapp.topology.reading import is_cluster, of_kind

# Of a field of the API; in brackets may stand an index, or the key of a label, which is somebody's name for something.
_FIELD = re.compile(r"[A-Za-z]+(\[\d+\])?(\.[A-Za-z]+(\[\d+\])?)*")


def without_names(graph: Graph) -> Graph:
    """Return the graph with numbers for names."""
    names = _numbered(graph)
    ids: dict[str, str] = {}
    made: Graph = nx.DiGraph(**_question(graph, names))
    counts: dict[str, int] = {}
    for vertex, data in graph.nodes.items():
        kind = data["kind"]
        counts[kind] = counts.get(kind, 0) + 1
        ids[vertex] = kind if kind is VertexKind.CLIENT else f"{kind}/{counts[kind]}"
        made.add_node(ids[vertex], **_vertex(data, names))
    made.add_edges_from((ids[a], ids[b], {**flow, "why": ""}) for a, b, flow in graph.edges.data())
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _NumberedNames:
    """The number of each name, by what it is the name of."""

    zones: Mapping[str, str]
    nodes: Mapping[str, str]
    namespaces: Mapping[str, str]
    services: Mapping[str, str]
    """By ``NAMESPACE/NAME``, as pods."""
    pods: Mapping[str, str]
    ports: Mapping[str, str]
    pools: Mapping[str, str]


def _numbered(graph: Graph) -> _NumberedNames:
    data = list(graph.nodes.values())
    zones = sorted({its["zone"] for its in data if its["kind"] is VertexKind.NODE and its["zone"]}, key=natural)
    rank = {zone: i for i, zone in enumerate(zones)}
    # As pictures order them: zones by name, inside of them the graph's order.
    nodes = sorted(
        (its for its in data if its["kind"] is VertexKind.NODE), key=lambda its: rank.get(its["zone"], len(rank))
    )
    listed = [name for its in nodes for name in (its["label"], *its.get("also", ()))]
    services = [its for _, its in of_kind(graph, VertexKind.SERVICE)]
    pods = _pods(graph, listed)
    namespaces = dict.fromkeys((*(its["namespace"] for its in services), *(_namespace(key) for key in pods)))
    spaces = _numbers("ns", (name for name in namespaces if name))
    by_key = {f"{its['namespace']}/{its['name']}": its for its in services}
    named = {key: f"{spaces[its['namespace']]}/service-{i}" for i, (key, its) in enumerate(by_key.items(), 1)}
    return _NumberedNames(
        # Pictures say "zone" before it.
        zones={zone: str(i) for i, zone in enumerate(zones, 1)},
        nodes=_numbers("node", listed),
        namespaces=spaces,
        services=named,
        pods={
            key: f"{spaces[_namespace(key)]}/pod-{i}" if _namespace(key) else f"endpoint-{i}"
            for i, key in enumerate(pods, 1)
        },
        ports=_numbers("port", (its["of"] for its in services if "of" in its)),
        pools=_numbers("pool", (its["pool"] for its in data if its.get("pool"))),
    )


def _pods(graph: Graph, nodes: Iterable[str]) -> dict[str, None]:
    """Return the keys of all endpoints and pods, as pictures order them: lane by lane."""
    rank = {node: i for i, node in enumerate(nodes)}
    found = [(its["node"], its) for _, its in of_kind(graph, VertexKind.ENDPOINT)]
    found += [("", its) for _, its in of_kind(graph, VertexKind.PENDING)]
    ports = {its["of"]: i for i, (_, its) in enumerate(of_kind(graph, VertexKind.SERVICE)) if "of" in its}

    def order(its: tuple[str, Mapping[str, Any]]) -> tuple[Any, ...]:
        lane, column = rank.get(its[0], len(rank)), ports.get(its[1].get("of", ""), 0)
        return (lane, column, natural(its[1]["label"])) if is_cluster(graph) else (lane,)

    keys = [its["key"] for _, its in sorted(found, key=order)]
    # A pod that is gone has no vertex, and is named by what replaces it.
    return dict.fromkeys((*keys, *(its["replaces"] for _, its in found if its["replaces"])))


def _namespace(key: str) -> str:
    return key.rpartition("/")[0]


def _numbers(word: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{word}-{i}" for i, name in enumerate(dict.fromkeys(names), 1)}


# --- what is replaced -------------------------------------------------------------------------------------------------


def _question(graph: Graph, names: _NumberedNames) -> dict[str, Any]:
    its: dict[str, Any] = {name: value for name, value in graph.graph.items() if name != "name"}
    hidden = len(its["notes"]) + len(its["assumptions"])
    note = "Names are hidden." + (f" {counted(hidden, 'note')} that may name something omitted." if hidden else "")
    its |= {
        "down": tuple(_target(word, names) for word in its["down"]),
        "drain": tuple(_known(names.nodes, node) for node in its["drain"]),
        "via": _via(its["via"], names),
        "notes": (note,),
        "assumptions": (),
    }
    if "service" in its:
        its["service"] = names.services[its["service"]]
    if "more" in its:
        spaces = _numbers("more", its["more"])
        its["more"] = {names.namespaces.get(space, spaces[space]): more for space, more in its["more"].items()}
    return its


def _via(via: str, names: _NumberedNames) -> str:
    kind, slash, node = via.partition("/")
    return f"{kind}/{_known(names.nodes, node)}" if slash else via


def _target(word: str, names: _NumberedNames) -> str:
    kind, _, name = word.partition("/")
    subject = FAILURE_MODES[FailureKind(kind)].subject
    known = {TargetType.NODE: names.nodes, TargetType.ZONE: names.zones, TargetType.POD: names.pods}.get(subject, {})
    return f"{kind}/{_known(known, name)}" if name else word


def _known(names: Mapping[str, str], name: str) -> str:
    """Return the number of a name; one that has none, since the picture doesn't show it, stays untold."""
    return names.get(name, "hidden")


def _vertex(data: Mapping[str, Any], names: _NumberedNames) -> dict[str, Any]:
    its = dict(data)
    if "address" in its:
        its["address"] = None
    if "of" in its:
        its["of"] = names.ports[its["of"]]
    if its.get("pool"):
        its["pool"] = names.pools[its["pool"]]
    if its.get("zone"):
        its["zone"] = _known(names.zones, its["zone"])
    its |= _OWN[its["kind"]](its, names)
    return its


def _of_client(its: Mapping[str, Any], names: _NumberedNames) -> dict[str, Any]:
    return {"via": _via(its["via"], names)}


def _of_node(its: Mapping[str, Any], names: _NumberedNames) -> dict[str, Any]:
    lists = {word: tuple(names.nodes[name] for name in its[word]) for word in ("also", "control_planes") if word in its}
    return {"label": names.nodes[its["label"]], **lists}


def _of_entry(its: Mapping[str, Any], names: _NumberedNames) -> dict[str, Any]:
    node = names.nodes[its["node"]]
    return {"node": node, "label": f"{node}:{its['port']}", "reason": ""}


def _of_service(its: Mapping[str, Any], names: _NumberedNames) -> dict[str, Any]:
    key = names.services[f"{its['namespace']}/{its['name']}"]
    namespace, _, name = key.partition("/")
    # What the API server says of a field may hold its value; of a targetPort a name is one as well.
    target = its["target_port"] if isinstance(its["target_port"], int) else "named port"
    field = its["refusal"].partition(":")[0]
    refusal = field if _FIELD.fullmatch(field) else "names hidden" if field else ""
    return {
        "label": key,
        "namespace": namespace,
        "name": name,
        "port_name": "",
        "target_port": target,
        "refusal": refusal,
        "no_endpoints": "",
    }


def _of_pod(its: Mapping[str, Any], names: _NumberedNames) -> dict[str, Any]:
    key = names.pods[its["key"]]
    own: dict[str, Any] = {"key": key, "label": key.rpartition("/")[2], "reason": ""}
    own["from_node"] = its["from_node"] and _known(names.nodes, its["from_node"])
    own["replaces"] = its["replaces"] and names.pods[its["replaces"]]
    for word in ("node", "rejected_by"):
        if its.get(word):
            own[word] = _known(names.nodes, its[word])
    return own


_OWN = {
    VertexKind.CLIENT: _of_client,
    VertexKind.NODE: _of_node,
    VertexKind.ENTRY: _of_entry,
    VertexKind.SERVICE: _of_service,
    VertexKind.ENDPOINT: _of_pod,
    VertexKind.PENDING: _of_pod,
}
