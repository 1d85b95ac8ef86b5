"""The graph as JSON: NetworkX' node-link form, every attribute as it is."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

SCHEMA = "nodefall/topology/v1"


def render(graph: "nx.DiGraph[str]") -> bytes:
    """Return one JSON document; shares are not rounded."""
    document = {
        "schema": SCHEMA,
        "directed": True,
        "multigraph": False,
        "graph": dict(graph.graph),
        "nodes": [_flat({"id": vertex}, data) for vertex, data in graph.nodes.items()],
        "links": [_flat({"source": a, "target": b}, data) for a, b, data in graph.edges(data=True)],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode(errors="replace")


def _flat(ids: Mapping[str, str], data: Mapping[str, object]) -> dict[str, object]:
    return {**ids, **{name: _plain(value) for name, value in data.items()}}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else value
