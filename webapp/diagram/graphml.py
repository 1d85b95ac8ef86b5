"""The graph as GraphML, for yEd, Gephi, Cytoscape and the like."""

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element

import networkx as nx
from networkx.readwrite.graphml import GraphMLWriter

from webapp.diagram.drawn import titles
from webapp.diagram.text import clean
from webapp.topology.attributes import Graph


def render(graph: Graph) -> bytes:
    """Return a GraphML document; attributes that are not known are left out, as GraphML has no null."""
    # XML forbids control characters even when escaped, in ids as in texts.
    plain: Graph = nx.DiGraph(id="topology", **_plain({**graph.graph, **titles(graph)}))
    plain.add_nodes_from((clean(vertex), _plain(data)) for vertex, data in graph.nodes.items())
    plain.add_edges_from((clean(a), clean(b), _plain(data)) for a, b, data in graph.edges(data=True))
    writer = _Writer()
    writer.add_graph_element(plain)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{writer}\n'.encode()


class _Writer(GraphMLWriter):
    """NetworkX' writer, with booleans as XML Schema has them: other readers take Python's ``True`` for no boolean."""

    def add_data(
        self, name: str, element_type: type, value: object, scope: str = "all", default: object = None
    ) -> Element:
        """Return the element of one attribute."""
        text = str(value).lower() if element_type is bool else value
        element: Element = super().add_data(name, element_type, text, scope, default)
        return element


def _plain(values: Mapping[str, object]) -> dict[str, bool | int | float | str]:
    return {name: _value(value) for name, value in values.items() if value is not None}


def _value(value: object) -> bool | int | float | str:
    """Return what GraphML has a type for; a StrEnum is a string to Python, but not to NetworkX."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        value = [f"{name} {count}" for name, count in value.items()]
    if isinstance(value, Iterable) and not isinstance(value, str):
        return clean(", ".join(map(str, value)))
    return clean(str(value))
