"""Records -> plain data, as a manifest has it: what was kept of an object, since its text is not."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from webapp.manifests.objects import json_name

_LATER = frozenset({"source", "status"})
"""What nobody writes into a manifest."""


def plain_object(given: Any) -> dict[str, Any]:
    """Return an object as its author may have written it: without status, and without what reading filled in."""
    of = _plain(given)
    metadata = of.get("metadata", {})
    if "metadata.namespace" not in given.source.lines:
        metadata.pop("namespace", None)
    return {"apiVersion": given.api_version, "kind": given.kind, **of, "metadata": metadata}


def _plain(record: Any) -> dict[str, Any]:
    found = {}
    for of in fields(record):
        value, name = getattr(record, of.name), json_name(of)
        default = of.default if of.default_factory is MISSING else of.default_factory()
        if name and of.name not in _LATER and value != default:
            found[name] = _value(value)
    return found


def _value(value: Any) -> Any:
    if is_dataclass(value):
        return _plain(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(map(_value, value)) if isinstance(value, tuple) else value
