"""The JSON Schemas of what nodefall writes, generated from the records.

A table's schema describes its lines as objects, a column a property: what ``csv.DictReader`` reads, with an empty cell
for null.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from msgspec.json import schema, schema_components

from webapp.documents.records import EntryRecord, FindingRecord, ResilienceRecord, ServiceRecord, column
from webapp.simulation.schema import SimulationDocument
from webapp.topology.attributes import (
    ClientVertex,
    ClusterQuestion,
    EndpointVertex,
    EntryVertex,
    Flow,
    NodeVertex,
    PendingVertex,
    Question,
    ServiceVertex,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _document(record: type, title: str) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": title, **schema(record)}


def _table(record: type, title: str, **more: Any) -> dict[str, Any]:
    made = schema(record)
    (line,) = made["$defs"].values()
    line["properties"] = {column(name): its for name, its in line["properties"].items()}
    line["required"] = [column(name) for name in line["required"]]
    line |= {"additionalProperties": False, **more}
    return {"$schema": DIALECT, "title": title, "type": "array", "items": line}


_VERTICES = (ClientVertex, NodeVertex, EntryVertex, ServiceVertex, EndpointVertex, PendingVertex)
_STRING = {"type": "string"}


def _topology() -> dict[str, Any]:
    # What msgspec knows no union of: dicts that one key tells apart.
    types = (*_VERTICES, Flow, Question, ClusterQuestion)
    found, definitions = schema_components(types, ref_template="#/$defs/{name}")
    vertices, (flow, *questions) = found[: len(_VERTICES)], found[len(_VERTICES) :]
    graph = {"anyOf": questions, **_object(headline=_STRING, situation=_STRING)}
    members = {
        "schema": {"const": "nodefall/topology/v1"},
        "directed": {"const": True},
        "multigraph": {"const": False},
        "graph": graph,
        "nodes": {"type": "array", "items": {"anyOf": list(vertices), **_object(id=_STRING)}},
        "links": {"type": "array", "items": {"allOf": [flow], **_object(source=_STRING, target=_STRING)}},
    }
    title = "Graph of traffic in node-link form, nodefall/topology/v1"
    return {"$schema": DIALECT, "title": title, **_object(**members), "$defs": definitions}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _matrix() -> dict[str, Any]:
    share = {"type": "number", "minimum": 0, "maximum": 1, "description": "The share answered without it."}
    return _table(ResilienceRecord, "Resilience of service ports", patternProperties={"^(node|zone)/": share})


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = MappingProxyType(
    {
        "simulation": lambda: _document(SimulationDocument, "Simulation of a Scenario, nodefall/simulation/v1"),
        "topology": _topology,
        "services": lambda: _table(ServiceRecord, "Services"),
        "entries": lambda: _table(EntryRecord, "Entry points"),
        "matrix": _matrix,
        "findings": lambda: _table(FindingRecord, "Findings"),
    }
)
"""By name; each is made when it is asked for."""
