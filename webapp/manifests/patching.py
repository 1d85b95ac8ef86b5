"""Patches: a strategic merge patch of an object that was read, as ``kubectl patch`` would apply it.

Only fields that are kept can change; the others of a patch are checked and have no effect. Source of the merge keys:
``patchMergeKey`` in kubernetes/api core/v1 types.go.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

from webapp.manifests.documents import RawObject
from webapp.manifests.faults import Fault
from webapp.manifests.field_decoder import (
    ABSENT,
    DROPPED,
    DecodeContext,
    FieldDecoder,
    add_handlers,
    decoders_of,
    go_name,
    read_record,
)
from webapp.manifests.known_fields import FIELDS
from webapp.manifests.manifests import ObjectKind
from webapp.manifests.object_decoder import LABEL_MAPS, Decoded, decode
from webapp.manifests.objects import PROBE_HANDLERS, Container, PodSpec, Probe, ServiceSpec
from webapp.manifests.tree import Document
from webapp.records import dataclass

_MERGE_KEYS: Mapping[tuple[type, str], str] = MappingProxyType(
    {
        (ServiceSpec, "ports"): "port",
        (Container, "ports"): "containerPort",
        (PodSpec, "containers"): "name",
        (PodSpec, "initContainers"): "name",
        (PodSpec, "volumes"): "name",
        (PodSpec, "topologySpreadConstraints"): "topologyKey",
        (PodSpec, "schedulingGates"): "name",
        (PodSpec, "readinessGates"): "conditionType",
    }
)
"""By record and field: what tells the items of a list apart; any other list is replaced as a whole."""
_NO_DOCUMENT = Document(data=None, line=0)
_IDENTITY = ("name", "namespace")


def patched(given: Any, kind: ObjectKind, content: Mapping[str, Any]) -> Decoded:
    """Return the object with a patch applied, and what is wrong with the patch.

    The patch is the content below kind and apiVersion, which can't change; neither can name and namespace.
    """
    context = DecodeContext(_NO_DOCUMENT, kind.name)
    if kind.name == "CronJob":
        context.note(_impossible("", "A CronJob has no Pods behind a Service: it can't be patched here."))
        return Decoded(given, tuple(context.faults))
    for path, now in (("kind", kind.name), ("apiVersion", given.api_version)):
        if content.get(path, now) != now:
            context.note(_impossible(path, f"{path} of a patch is that of the object, {now}."))
    metadata = content.get("metadata", {})
    if not isinstance(metadata, Mapping):
        context.note(_impossible("metadata", "metadata must be a map."))
    for name in _IDENTITY if isinstance(metadata, Mapping) else ():
        if (now := getattr(given.metadata, name)) and metadata.get(name, now) != now:
            context.note(_impossible(f"metadata.{name}", f"A patch can't change metadata.{name}."))
    # Of these two the selector is read by other rules, and no patch of a running one may change it.
    spec = content.get("spec")
    if kind.name in LABEL_MAPS and isinstance(spec, Mapping) and "selector" in spec:
        context.note(_impossible("spec.selector", "A patch can't change spec.selector."))
    body = {key: value for key, value in content.items() if key not in ("kind", "apiVersion")}
    struct = "Object" if kind.handwritten else kind.name
    merged = given if context.faults else _Merge(context).merged(given, body, "", struct)
    return Decoded(merged, tuple(context.faults))


def added(kind: ObjectKind, content: Mapping[str, Any]) -> Decoded:
    """Return the object of a manifest that was never a file, and what is wrong with it."""
    raw = RawObject(data=dict(content), line=0, document=Document(data=content, line=0))
    return decode(kind, raw, str(content.get("apiVersion") or kind.api_version), "")


def _impossible(path: str, message: str) -> Fault:
    return Fault(path=path, message=message, hint="", refusal="")


@dataclass(frozen=True, slots=True)
class _Merge:
    """One patch being applied."""

    context: DecodeContext

    def merged(self, old: Any, patch: Mapping[str, Any], prefix: str, struct: str) -> Any:
        """Return the record with the map of a patch applied; null takes a field away."""
        cls, known, changes = old.__class__, FIELDS.get(struct), {}
        decoders = decoders_of(cls)
        for key, value in patch.items():
            path = f"{prefix}{key}"
            if known is not None and key not in known:
                self.context.unknown(path, key, struct, 0)
                continue
            name, decoder = decoders.get(key, (DROPPED, None))
            if name == DROPPED or decoder is None:
                continue
            if value is None:
                changes[name] = _default(cls, name)
            elif (new := self._value(old, name, key, value, path, decoder)) is not ABSENT:
                changes[name] = new
        return replace(old, **changes)

    def _value(self, old: Any, name: str, key: str, value: Any, path: str, decoder: FieldDecoder) -> Any:
        """Return what becomes of one field."""
        now, cls = getattr(old, name), old.__class__
        struct = go_name(cls, self.context.kind)
        item, merge_key = _record_in(cls, name), _MERGE_KEYS.get((cls, key))
        if item is not None and isinstance(now, item) and isinstance(value, Mapping):
            new = self.merged(now, value, f"{path}.", go_name(item, self.context.kind))
            return _asking(new, value) if isinstance(new, Probe) else new
        if item is not None and merge_key and isinstance(value, list):
            return self._list(now, value, path, item, merge_key)
        if isinstance(now, Mapping) and isinstance(value, Mapping):
            read = decoder({k: v for k, v in value.items() if v is not None}, path, self.context, struct)
            if read is ABSENT:
                return read
            merged = {key: each for key, each in {**now, **read}.items() if value.get(key, "") is not None}
            # Sorted, as the API server has maps: in which order patches came must not show.
            return dict(sorted(merged.items()))
        return decoder(value, path, self.context, struct)

    def _list(self, now: Iterable[Any], patch: list[Any], path: str, item: type, merge_key: str) -> Any:
        """Return a list in which the items with the same key are merged, and new ones come last."""
        struct, (name, _) = go_name(item, self.context.kind), decoders_of(item)[merge_key]
        by_key = {getattr(each, name): each for each in now}
        for index, each in enumerate(patch):
            at = f"{path}[{index}]"
            if not isinstance(each, Mapping) or not isinstance(each.get(merge_key), str | int):
                self.context.note(_impossible(at, f"{at} needs {merge_key}, by which a patch tells the items apart."))
            elif each.get("$patch") == "delete":
                by_key.pop(each[merge_key], None)
            elif (old := by_key.get(each[merge_key])) is not None:
                by_key[each[merge_key]] = self.merged(old, each, f"{at}.", struct)
            else:
                by_key[each[merge_key]] = read_record(item, each, f"{at}.", self.context, struct)
        return tuple(by_key.values())


def _asking(probe: Probe, patch: Mapping[str, Any]) -> Probe:
    """Return the probe with the ways of asking that a patch adds or takes away; two of them get it rejected."""
    given: dict[str, Any] = {}
    add_handlers(patch, given)
    gone = {name for name in PROBE_HANDLERS if name in patch and patch[name] is None}
    asks = {*probe.handlers, *given["handlers"]} - gone
    return replace(
        probe,
        handlers=tuple(name for name in PROBE_HANDLERS if name in asks),
        port_name=given["port_name"] if given["handlers"] else probe.port_name,
    )


def _default(cls: type, name: str) -> Any:
    its: Field[Any] = next(each for each in fields(cls) if each.name == name)
    return its.default if its.default_factory is MISSING else its.default_factory()


@cache
def _record_in(cls: Hashable, name: str) -> type | None:
    """Return the record that a field holds, alone or in a list; None for a scalar or a map of text."""
    annotation = get_type_hints(cls)[name]
    candidates = (annotation, *(() if get_origin(annotation) is Mapping else get_args(annotation)))
    return next((each for each in candidates if isinstance(each, type) and is_dataclass(each)), None)
