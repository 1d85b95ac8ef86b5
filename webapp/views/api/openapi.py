"""The OpenAPI 3.1 document: made from the operations, the words of their queries and the types of their answers."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from msgspec.json import schema_components

from webapp import __version__
from webapp.documents.json_records import (
    BaselineDocument,
    CheckDocument,
    ComparisonDocument,
    ErrorDocument,
    FindingsDocument,
    FoundDocument,
    JobDocument,
    SharedViewDocument,
    StoredSet,
    WhyDocument,
)
from webapp.documents.schemas import SCHEMAS
from webapp.simulation.schema import SimulationDocument
from webapp.views.api.blueprint import ApiOperation, Output, operations
from webapp.views.api.responses import EXIT_STATUS
from webapp.views.api.words import Parameter, parameters, shared
from webapp.views.site.problem_documents import ERROR_TYPES, MIMETYPE
from webapp.views.site.uploads import field_names
from webapp.word_help import WORD_HELP

_TYPES = (
    SimulationDocument,
    WhyDocument,
    CheckDocument,
    BaselineDocument,
    FindingsDocument,
    ComparisonDocument,
    FoundDocument,
    JobDocument,
    SharedViewDocument,
    StoredSet,
    ErrorDocument,
)
_REF = "#/components/schemas/{name}"
_STRING = {"type": "string"}
_MANIFESTS = "Manifests: YAML, JSON, or an archive of them; gzip is unpacked."
# What each operation may be answered with beside what it is there for.
_ERRORS = tuple(its.status for its in ERROR_TYPES.values() if its.status is not HTTPStatus.METHOD_NOT_ALLOWED)
_EXIT_STATUSES = frozenset({"why", "check", "diff"})
_LOCATION = {
    "description": "The map of the set that was stored, the short link, or the job that works on it.",
    "schema": {"type": "string", "format": "uri-reference"},
}
_PATH = {"key": "Of the job.", "view_id": "Of the shared view: the end of its short link."}
_PREFER = {
    "name": "Prefer",
    "in": "header",
    "description": "respond-async: answer 202 with a job at once, where a worker does it (RFC 7240).",
    "schema": _STRING,
}
_LATER = {
    "description": "It is worked on: ask again at the address in `Location`, in as many seconds as `Retry-After` says.",
    "headers": {"Location": {"$ref": "#/components/headers/Location"}},
    "content": {"application/json": {"schema": {"$ref": _REF.format(name="JobDocument")}}},
}


def openapi(root: str) -> dict[str, Any]:
    """Return the document; `root` is the path that the app stands under."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "nodefall",
            "version": __version__,
            "summary": "What falls when a node falls: Kubernetes NodePort traffic, simulated from manifests.",
            "description": "What the page and the command line do, about a stored set or about what is sent. "
            "The query has the same words as the page and the command line; a word that an operation doesn't take is "
            "refused. Errors are problem documents (RFC 9457).",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root or "/"}],
        # Where the server asks for no password, none is looked at.
        "security": [{}, {"password": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": {name: _parameter(shared(name)) for name in WORD_HELP} | {"Prefer": _PREFER},
            "responses": {str(int(status)): _error(status) for status in _ERRORS} | {"202": _LATER},
            "headers": {"Location": _LOCATION},
            "securitySchemes": {"password": {"type": "http", "scheme": "basic"}},
        },
    }


def _paths() -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for its in operations():
        paths[its.template] |= dict(_methods(its))
    return dict(paths)


def _methods(of: ApiOperation) -> Iterator[tuple[str, dict[str, Any]]]:
    for method in of.methods:
        name = of.name if method == of.methods[-1] else f"{of.name}By{method.capitalize()}"
        its: dict[str, Any] = {
            "operationId": name,
            "summary": of.summary.rstrip("."),
            "parameters": [*_path(of), *_query(of, method), *_headers(of)],
            "responses": _responses(of, method),
        }
        if method in ("POST", "PATCH") and (of.sides or of.fields):
            its["requestBody"] = _body(of)
        yield method.lower(), its


def _path(of: ApiOperation) -> Iterator[dict[str, Any]]:
    for name in of.page.path:
        yield {"name": name, "in": "path", "required": True, "description": _PATH[name], "schema": _STRING}


def _query(of: ApiOperation, method: str) -> Iterator[dict[str, Any]]:
    for its in parameters(of):
        if its.is_shared:
            yield {"$ref": f"#/components/parameters/{its.name}"}
            continue
        # What is not sent must be named.
        needed = its.name in ("topology", "old", "new") and (method != "POST" or not of.sides)
        yield _parameter(its) | ({"required": True} if needed or its.name == "address" else {})


def _parameter(of: Parameter) -> dict[str, Any]:
    made: dict[str, Any] = {"name": of.name, "in": "query", "description": of.help, "schema": _value(of)}
    if of.example:
        made["example"] = [of.example] if of.repeats else of.example
    return made


def _value(of: Parameter) -> dict[str, Any]:
    if of.repeats:
        return {"type": "array", "items": _STRING}
    if not of.values:
        return _STRING
    default = {"default": of.default} if of.default else {}
    return {"type": "string", "enum": [value for value in of.values if value], **default}


def _headers(of: ApiOperation) -> Iterator[dict[str, Any]]:
    if not of.is_quick:
        yield {"$ref": "#/components/parameters/Prefer"}
    for name, told in of.headers.items():
        yield {"name": name, "in": "header", "description": told, "schema": _STRING}


def _body(of: ApiOperation) -> dict[str, Any]:
    file = {"type": "string", "contentMediaType": "application/yaml"}
    fields: dict[str, Any] = {}
    for side in of.sides:
        several, single, pasted = field_names(side)
        fields[several] = {"type": "array", "items": file, "description": _MANIFESTS}
        fields[single] = {**file, "description": "One file."}
        fields[pasted] = {**_STRING, "description": "The same as text."}
    fields |= {name: {**_STRING, "description": told} for name, told in of.fields.items()}
    content: dict[str, Any] = {
        "multipart/form-data": {"schema": {"type": "object", "properties": fields, "additionalProperties": False}}
    }
    # Two sides need names to tell them apart.
    if of.sides == ("",):
        content |= {"application/yaml": {"schema": _STRING}, "application/json": {"schema": {"type": "object"}}}
    return {"content": content}


def _responses(of: ApiOperation, method: str) -> dict[str, Any]:
    status = HTTPStatus.NO_CONTENT if method == "DELETE" else of.status
    told: dict[str, Any] = {"description": "It is done." if status is HTTPStatus.NO_CONTENT else "What was asked for."}
    if of.outputs and status is not HTTPStatus.NO_CONTENT:
        told["content"] = _content(of.outputs)
    if of.name in _EXIT_STATUSES:
        said = {"description": "What the command of the same name would exit with.", "schema": {"type": "string"}}
        told["headers"] = {EXIT_STATUS: said}
    if of.status == HTTPStatus.CREATED:
        told["headers"] = {"Location": _LOCATION} | {
            name: {"description": said, "schema": _STRING} for name, said in of.gives.items()
        }
    errors = {str(int(status)): {"$ref": f"#/components/responses/{int(status)}"} for status in _ERRORS}
    # How far it is, of what takes long; a job may be answered with whatever was asked for.
    later = {"202": {"$ref": "#/components/responses/202"}} if of.name == "job" or not of.is_quick else {}
    return {str(int(status)): told, **later, **errors}


def _content(outputs: tuple[Output, ...]) -> dict[str, Any]:
    by_type: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for output in outputs:
        by_type[output.mimetype] += [{"$ref": _REF.format(name=output.schema)}] if output.schema else []
    return {
        mimetype: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}} if schemas else {}
        for mimetype, schemas in by_type.items()
    }


def _error(status: HTTPStatus) -> dict[str, Any]:
    its = next(each for each in ERROR_TYPES.values() if each.status is status)
    content = {MIMETYPE: {"schema": {"$ref": _REF.format(name="ErrorDocument")}}}
    return {"description": f"{its.title}. {its.meaning}", "content": content}


@cache
def _schemas() -> dict[str, Any]:
    _, found = schema_components(_TYPES, ref_template=_REF)
    scenario = {"at": _STRING, "down": _list(_STRING), "drain": _list(_STRING), "via": _STRING}
    return {
        **found,
        "ServicesDocument": _object("nodefall/services/v1", **scenario, services=SCHEMAS["services"]()),
        "MatrixDocument": _object(
            "nodefall/matrix/v1",
            moment=_STRING,
            through=_STRING,
            verdict=_STRING,
            columns=_list(_STRING),
            nodesWithoutColumn={"type": "integer"},
            rows=SCHEMAS["matrix"](),
        ),
    }


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _object(schema: str, **properties: dict[str, Any]) -> dict[str, Any]:
    # A dialect is said once, for the whole document.
    its = {name: {key: value for key, value in each.items() if key != "$schema"} for name, each in properties.items()}
    members = {"schema": {"const": schema}, **its}
    return {"type": "object", "properties": members, "required": list(members)}
