"""The graph as GraphML, for yEd, Gephi, Cytoscape and the like."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from webapp.diagram.text import clean

if TYPE_CHECKING:
    import networkx as nx

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_TYPES = {bool: "boolean", int: "long", float: "double"}
"""GraphML's names; what is none of these is a string."""

Values = Mapping[str, object]


def render(graph: "nx.DiGraph[str]") -> bytes:
    """Return a GraphML document; attributes that are not known are left out, as GraphML has no null."""
    root = Element("graphml", xmlns=_NAMESPACE)
    drawn = Element("graph", id="topology", edgedefault="directed")
    keys: dict[tuple[str, str, str], str] = {}
    _data(drawn, "graph", graph.graph, keys)
    for vertex, data in graph.nodes.items():
        _data(SubElement(drawn, "node", id=clean(vertex)), "node", data, keys)
    for a, b, data in graph.edges(data=True):
        _data(SubElement(drawn, "edge", source=clean(a), target=clean(b)), "edge", data, keys)
    for (domain, name, type_), id_ in keys.items():
        SubElement(root, "key", {"id": id_, "for": domain, "attr.name": name, "attr.type": type_})
    root.append(drawn)
    indent(root, " ")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(tostring(root, encoding="utf-8")) + b"\n"


def _data(parent: Element, domain: str, values: Values, keys: dict[tuple[str, str, str], str]) -> None:
    for name, value in values.items():
        if value is None:
            continue
        type_ = _TYPES.get(type(value), "string")
        id_ = keys.setdefault((domain, name, type_), f"d{len(keys)}")
        SubElement(parent, "data", key=id_).text = _written(value)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return clean(", ".join(map(str, value)))
    return clean(str(value))
