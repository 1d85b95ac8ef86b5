"""The graph as JSON: NetworkX' node-link form, every attribute as it is."""

import json

import networkx as nx

from webapp.diagram.drawn import titles
from webapp.topology.attributes import Graph

SCHEMA = "nodefall/topology/v1"


def render(graph: Graph) -> bytes:
    """Return one JSON document, which `networkx.node_link_graph(..., edges="links")` reads; shares are not rounded."""
    data = nx.node_link_data(graph, edges="links")
    document = {"schema": SCHEMA, **data, "graph": {**data["graph"], **titles(graph)}}
    # Names may hold lone surrogates, which UTF-8 has no bytes for.
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode(errors="replace")
