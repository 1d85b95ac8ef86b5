"""Records -> manifests again: plain data with everything that was kept of an upload, and nothing else.

Read again, it gives the same records, but for where they were read, and for the problems of what was not kept. So it is
what a snapshot holds and what a picture carries: no Secret, command, environment or image name is in a record, and
none can be written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any

from webapp.manifests.manifests import KIND_CLUSTER, KINDS, Manifests, subject
from webapp.manifests.object_decoder import LABEL_MAPS
from webapp.manifests.objects import ObjectMeta, WorkloadObject, WorkloadSpec, json_name
from webapp.manifests.objects.pods import Container, Probe

COLLECTIONS = tuple(dict.fromkeys(kind.collection for kind in (*KINDS.values(), KIND_CLUSTER)))
"""The fields of :class:`Manifests` that hold objects."""
_NOT_KEPT = "not-kept-by-nodefall"
"""In place of an image's name, which the API server insists on."""
# Most of what is in records; asking for a dataclass or a mapping takes ten times as long.
_SCALARS = frozenset({str, int, bool, float})
# Ports of probes are kept where they are names; the API server wants a number in place of any other.
_ANY_PORT = 1


def written(manifests: Manifests) -> list[dict[str, Any]]:
    """Return each object as plain data, in an order of its own: kind by kind.

    Objects that the API server could not decode are left out: what is wrong in them was not kept, and without it they
    would be accepted. :func:`left_out` names them.
    """
    objects = (each for collection in COLLECTIONS for each in getattr(manifests, collection))
    refused = manifests.undecodable
    return [_object(each) for each in objects if subject(each) not in refused]


def left_out(manifests: Manifests) -> tuple[str, ...]:
    """Return the objects that :func:`written` leaves out: ``Service default/web``."""
    return tuple(manifests.undecodable)


def _object(record: Any) -> dict[str, Any]:
    given = {"apiVersion": record.api_version, "kind": record.kind}
    if record.metadata != ObjectMeta() or record.kind != KIND_CLUSTER.name:
        given["metadata"] = _plain(record.metadata)
    rest = dict(_given(record, skip=("kind", "api_version", "metadata", "source", "spec")))
    if hasattr(record, "spec"):
        spec = _workload_spec(record) if isinstance(record, WorkloadObject) else _plain(record.spec)
        if spec:
            given["spec"] = spec
    return given | rest


def _workload_spec(record: WorkloadObject) -> dict[str, Any]:
    spec: WorkloadSpec = record.spec
    plain: dict[str, Any] = _plain(spec)
    if record.kind in LABEL_MAPS and spec.selector is not None:
        plain["selector"] = dict(spec.selector.match_labels)
    if record.kind == "CronJob":
        own = {name: plain.pop(name) for name in ("schedule", "suspend") if name in plain}
        return own | {"jobTemplate": {"spec": plain}}
    return plain


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple:
        return [_plain(each) for each in value]
    if is_dataclass(value):
        plain = dict(_given(value))
        if isinstance(value, Probe):
            plain |= {handler: _handler(handler, value.port_name) for handler in value.handlers}
        elif isinstance(value, Container) and not value.image_missing:
            plain["image"] = _NOT_KEPT
        return plain
    return dict(value) if isinstance(value, Mapping) else value


def _handler(name: str, port: str) -> dict[str, Any]:
    return {"command": ["true"]} if name == "exec" else {"port": port or _ANY_PORT}


def _given(record: Any, skip: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield the fields that say something else than a manifest without them."""
    kind: type = type(record)
    for name, json, default in _fields(kind):
        value = getattr(record, name)
        if value is not default and value != default and name not in skip:
            yield json, _plain(value)


@cache
def _fields(record: type) -> tuple[tuple[str, str, Any], ...]:
    """Return name, name in a manifest, and default of each field that a manifest can have."""
    return tuple((field.name, json_name(field), _default(field)) for field in fields(record) if json_name(field))


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
