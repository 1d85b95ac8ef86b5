"""One object's plain data -> its record: what the generic reading of fields can't know about single kinds."""

from dataclasses import field, replace
from typing import Any, NamedTuple

from webapp.manifests.documents import RawObject
from webapp.manifests.faults import Fault
from webapp.manifests.field_decoder import DecodeContext, read_fields, read_record
from webapp.manifests.manifests import ObjectKind
from webapp.manifests.objects import (
    EndpointSliceObject,
    Labels,
    LabelSelector,
    ObjectMeta,
    SliceEndpoint,
    Source,
    WorkloadObject,
    WorkloadSpec,
)
from webapp.manifests.quick_decoder import Unusual, quick_fields, quick_record
from webapp.manifests.stencils import learn
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.records import dataclass


class Decoded(NamedTuple):
    """An object as far as it could be read, and what was wrong with it."""

    record: Any
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _LabelMap:
    """The selector of a ReplicationController or DeploymentConfig: labels without ``matchLabels``."""

    selector: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _JobTemplate:
    spec: WorkloadSpec = field(default_factory=WorkloadSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CronJobSpec:
    schedule: str | None = None
    suspend: bool | None = None
    job_template: _JobTemplate = field(default_factory=_JobTemplate)


LABEL_MAPS = {"ReplicationController", "DeploymentConfig"}
_DEFAULTED = {"extensions/v1beta1", "apps/v1beta1"}


def decode(kind: ObjectKind, raw: RawObject, api_version: str, file: str, *, checked: bool = True) -> Decoded:
    """Return the record of an object.

    ``source.lines`` is filled for kinds that people write by hand, and for any object in which something is wrong.
    Unknown fields are looked for if `checked`, and only in what no API server has seen yet.
    """
    if raw.record is not None:
        return Decoded(raw.record, ())
    wanted, asked = kind.handwritten and not _owned(kind, raw.data), checked
    checked = checked and not _came_from_a_server(raw.data)
    lines = _lines_of_shape(kind, raw, api_version, checked=checked) if wanted else {}
    if lines is not None:
        try:
            decoded = Decoded(_quickly(kind, api_version, raw, file, lines, checked=checked), ())
        except Unusual:
            pass
        else:
            if raw.is_whole and raw.document.values is not None:
                _learn(kind, api_version, raw, file, lines, asked=asked, checked=checked)
            return decoded
    context = _context(kind, raw, lines=wanted, checked=checked)
    decoded = _decoded(kind, api_version, raw, context, file)
    # Lines of what nobody edits are needed only where something is wrong, which is rare.
    if context.faults and not wanted:
        context = _context(kind, raw, lines=True, checked=checked)
        decoded = _decoded(kind, api_version, raw, context, file)
    elif not context.faults and raw.is_whole and raw.document.notes is not None:
        relative = {path: line - raw.document.base for path, line in (context.lines or {}).items()}
        raw.document.notes.lines[kind.name, api_version, checked] = relative
    return Decoded(decoded, tuple(context.faults))


def _learn(
    kind: ObjectKind, api_version: str, raw: RawObject, file: str, lines: dict[str, int], *, asked: bool, checked: bool
) -> None:
    """Let others of its shape be decoded like this one."""
    base = raw.document.base
    relative = {path: line - base for path, line in lines.items()}

    def decode_like(data: Any) -> Any:
        like = RawObject(data, raw.line - base, raw.document)
        return _quickly(kind, api_version, like, file, relative, checked=checked)

    learn(raw.document, (raw.inherited, asked), (raw.api_version, raw.kind), decode_like)


def _lines_of_shape(kind: ObjectKind, raw: RawObject, api_version: str, *, checked: bool) -> dict[str, int] | None:
    """Return the lines of the paths, if an object of the same shape was decoded before.

    Which paths there are is decided by the keys, and by what is a map or list; so it is the same for the whole shape.
    """
    if not raw.is_whole or raw.document.notes is None:
        return None
    base, relative = raw.document.base, raw.document.notes.lines.get((kind.name, api_version, checked))
    return None if relative is None else {path: line + base for path, line in relative.items()}


def _quickly(
    kind: ObjectKind, api_version: str, raw: RawObject, file: str, lines: dict[str, int], *, checked: bool
) -> Any:
    """Return the record of an object in which nothing is wrong.

    Raises:
        Unusual: something may be.

    """
    data, is_workload = raw.data, kind.record is WorkloadObject
    struct = "Object" if kind.handwritten else kind.name
    given = quick_fields(kind.record, struct, data, checked=checked, skip=_SKIPPED[is_workload])
    if is_workload:
        # Their specs have other shapes, or selectors to fill in; they are rare enough for the careful way.
        if kind.name == "CronJob" or kind.name in LABEL_MAPS or api_version in _DEFAULTED:
            raise Unusual
        given["spec"] = quick_record(WorkloadSpec, f"{kind.name}Spec", data.get("spec"), checked=checked)
    elif kind.record is EndpointSliceObject:
        given["endpoints"] = tuple(map(_with_topology, given.get("endpoints", ())))
    metadata = quick_fields(ObjectMeta, "ObjectMeta", data.get("metadata"), checked=checked)
    metadata["namespace"] = (metadata.get("namespace") or "default") if kind.namespaced else None
    return kind.record(
        **given,
        kind=kind.name,
        api_version=api_version,
        metadata=ObjectMeta(**metadata),
        source=Source(file=file, line=raw.line, lines=lines),
    )


def _owned(kind: ObjectKind, data: dict[str, Any]) -> bool:
    """Return whether a controller made this pod, so that nobody edits it."""
    metadata = data.get("metadata")
    return kind.name == "Pod" and isinstance(metadata, dict) and bool(metadata.get("ownerReferences"))


def _came_from_a_server(data: dict[str, Any]) -> bool:
    """Return whether the object has a uid: it came out of an API server, perhaps one that knows more fields."""
    metadata = data.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("uid"))


def _context(kind: ObjectKind, raw: RawObject, *, lines: bool, checked: bool) -> DecodeContext:
    struct = "Job" if kind.name == "CronJob" else kind.name
    return DecodeContext(raw.document, struct, checked=checked, lines={} if lines else None)


def _decoded(kind: ObjectKind, api_version: str, raw: RawObject, context: DecodeContext, file: str) -> Any:
    data = raw.data
    struct = "Object" if kind.handwritten else kind.name
    given = read_fields(kind.record, data, "", context, struct, skip=_SKIPPED[kind.record is WorkloadObject])
    if kind.record is WorkloadObject:
        given["spec"] = _workload_spec(kind, api_version, data, context)
    if kind.record is EndpointSliceObject:
        given["endpoints"] = tuple(map(_with_topology, given.get("endpoints", ())))
    given["kind"], given["api_version"] = kind.name, api_version
    given["metadata"] = _metadata(kind, data, context)
    given["source"] = Source(file=file, line=raw.line, lines=context.lines or {})
    return kind.record(**given)


_OWN = frozenset({"kind", "api_version", "metadata", "source"})
_SKIPPED = {False: _OWN, True: _OWN | {"spec"}}


def _metadata(kind: ObjectKind, data: dict[str, Any], context: DecodeContext) -> ObjectMeta:
    """Return the metadata; a namespaced object without a namespace is in ``default``, as kubectl has it."""
    written = data.get("metadata")
    if type(written) is not dict:
        if written is not None:
            context.wrong_type("metadata", kind.name, written, "a map", "v1.ObjectMeta")
        written = {}
    given = read_fields(ObjectMeta, written, "metadata.", context, "ObjectMeta")
    given["namespace"] = (given.get("namespace") or "default") if kind.namespaced else None
    if "name" not in given and isinstance(written.get("name"), int | float):
        # It is refused for this, and has to be called something until then.
        given["name"] = str(written["name"])
    return ObjectMeta(**given)


def _workload_spec(kind: ObjectKind, api_version: str, data: dict[str, Any], context: DecodeContext) -> WorkloadSpec:
    written = data.get("spec")
    if not isinstance(written, dict):
        if written is not None:
            context.wrong_type("spec", kind.name, written, "a map", f"v1.{kind.name}Spec")
        return WorkloadSpec()
    if kind.name == "CronJob":
        cron: _CronJobSpec = read_record(_CronJobSpec, written, "spec.", context, "CronJobSpec")
        return replace(cron.job_template.spec, schedule=cron.schedule, suspend=cron.suspend)
    struct = f"{kind.name}Spec"
    if kind.name not in LABEL_MAPS:
        spec: WorkloadSpec = read_record(WorkloadSpec, written, "spec.", context, struct)
        return _with_selector(spec) if api_version in _DEFAULTED else spec
    given = read_fields(WorkloadSpec, written, "spec.", context, struct, skip=("selector",))
    # Not checked: the reading before has noted the unknown fields of this spec.
    labels = read_record(_LabelMap, written, "spec.", replace(context, checked=False), struct).selector
    return _with_selector(WorkloadSpec(**given, selector=LabelSelector(match_labels=labels) if labels else None))


def _with_selector(spec: WorkloadSpec) -> WorkloadSpec:
    """Return the spec with the template's labels as its selector, if it has none.

    So defaulted ReplicationControllers to this day, and the workloads of extensions/v1beta1 and apps/v1beta1
    (k/k pkg/apis/core/v1/defaults.go, pkg/apis/apps/v1beta1/defaults.go).
    """
    if spec.selector is not None or spec.template is None or not spec.template.metadata.labels:
        return spec
    return replace(spec, selector=LabelSelector(match_labels=spec.template.metadata.labels))


def _with_topology(endpoint: SliceEndpoint) -> SliceEndpoint:
    """Return the endpoint with node and zone from v1beta1's ``topology`` map (kubernetes/api discovery/v1beta1)."""
    return replace(
        endpoint,
        node_name=endpoint.node_name or endpoint.topology.get(HOSTNAME),
        zone=endpoint.zone or endpoint.topology.get(ZONE),
    )
