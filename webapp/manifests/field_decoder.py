"""Plain data -> records, by walking the records' own fields; what has a wrong JSON type is a fault with path and line.

The types are those that the API server's decoding insists on (k8s.io/apimachinery pkg/runtime/serializer/json, which is
encoding/json with case-sensitive names): null is absent, 80.0 is an integer, "80" is not. Everything else that may be
wrong with a value is not checked here.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field, fields, is_dataclass, replace
from functools import cache, partial
from itertools import chain, repeat
from sys import intern
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from zlib import crc32

from webapp.limits import LONGEST_TEXT
from webapp.manifests.faults import (
    MOST_ANNOTATIONS,
    Fault,
    bad_quantity,
    cut,
    large_annotations,
    number_text,
    odd_characters,
    odd_indentation,
    unknown_field,
    wrong_type,
)
from webapp.manifests.known_fields import FIELDS, misplaced
from webapp.manifests.objects import KEPT_ANNOTATIONS, PROBE_HANDLERS, Container, Probe, WorkloadSpec, json_name
from webapp.manifests.syntax_errors import ORDINARY_SPACES, odd_space
from webapp.manifests.tree import Document
from webapp.records import dataclass

_ANY_LINES = repeat(0)
ABSENT: Any = object()
"""What a reader returns for a value that can't be used."""
# An object with more faults than this has no typos: it is something else.
_MOST = 50
# int64 in Go; all other integers that are kept are int32.
LONG = {"toleration_seconds", "termination_grace_period_seconds"}
QUANTITIES = {"requests", "limits", "allocatable", "capacity", "overhead"}
# apimachinery pkg/api/resource/quantity.go
QUANTITY = re.compile(r"[+-]?([0-9]++(\.[0-9]*+)?|\.[0-9]++)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]++)?")
# The API server's messages name Go's structs, and people search for those messages word by word.
_GO_NAMES = {
    "ServicePortSpec": "ServicePort",
    "Resources": "ResourceRequirements",
    "PodTemplate": "PodTemplateSpec",
    "EmptyDir": "EmptyDirVolumeSource",
    "PersistentVolumeClaim": "PersistentVolumeClaimVolumeSource",
    "SliceEndpoint": "Endpoint",
    "_EnvVar": "EnvVar",
}


@dataclass(slots=True)
class DecodeContext:
    """The reading of one object."""

    document: Document
    kind: str
    checked: bool = True
    """Whether unknown fields are looked for."""
    lines: dict[str, int] | None = None
    """Filled with the line of each kept path, unless None. The paths are interned: most objects have the same ones."""
    faults: list[Fault] = field(default_factory=list)

    def where(self, container: Any) -> Iterable[int]:
        """Return the line of each entry of a map or list, and more; no matter what unless lines are wanted."""
        return _ANY_LINES if self.lines is None else chain(self.document.lines_of(container), _ANY_LINES)

    def note(self, fault: Fault) -> None:
        """Add a fault, unless there are too many already."""
        if len(self.faults) < _MOST:
            self.faults.append(fault)

    def wrong_type(self, path: str, owner: str, value: Any, wanted: str, go: str) -> Any:
        """Note that `value` is not the `wanted` type; return ABSENT."""
        self.note(wrong_type(path, owner, value, wanted, go))
        return ABSENT

    def unknown(self, path: str, name: str, struct: str, line: int) -> None:
        """Note a field that no such struct has."""
        if len(self.faults) >= _MOST:
            return
        if not (odd := odd_space(name)):
            fault = unknown_field(path, name, struct, self.kind)
        # Text copied from a web page has such spaces in all its lines: once said is enough.
        elif any(known.hint == ORDINARY_SPACES for known in self.faults):
            return
        else:
            fault = odd_indentation(path, name.strip(), odd)
        self.note(fault)
        if self.lines is not None:
            self.lines[fault.path] = line


FieldDecoder = Callable[[Any, str, DecodeContext, str], Any]
"""Of a value that is not None, its path, the context, and the Go struct that it belongs to."""


def read_record(cls: type, value: Any, prefix: str, context: DecodeContext, struct: str) -> Any:
    """Return the record of the map `value`, whose paths begin with `prefix`; `struct` is Go's name of it.

    Fields that can't be used keep their defaults.
    """
    return cls(**read_fields(cls, value, prefix, context, struct))


def read_fields(
    cls: type, value: Any, prefix: str, context: DecodeContext, struct: str, *, skip: Collection[str] = ()
) -> dict[str, Any]:
    """Return what `value` says of the fields of `cls`, by their names in the record, but for those to `skip`."""
    plan, lines, base = decoders_of(cls), context.lines, context.document.base
    known = FIELDS.get(struct) if context.checked else None
    given = {}
    for (key, item), line in zip(value.items(), context.where(value), strict=False):
        if known is not None and key not in known:
            context.unknown(f"{prefix}{key}", key, struct, line + base)
        elif (entry := plan.get(key)) is not None:
            name, decode = entry
            path = prefix + key
            if lines is not None:
                lines[intern(path)] = line + base
            if item is not None and name not in skip and (read := decode(item, path, context, struct)) is not ABSENT:
                given[name] = read
    if cls is Container:
        add_image_missing(value, given)
    elif cls is Probe:
        add_handlers(value, given)
    return given


def add_image_missing(value: Mapping[str, Any], given: dict[str, Any]) -> None:
    """Add to the fields of a container whether it has an image, in place of what is not kept."""
    given.pop(DROPPED, None)
    if not value.get("image"):
        given["image_missing"] = True


def add_handlers(value: Mapping[str, Any], given: dict[str, Any]) -> None:
    """Add to the fields of a probe what it asks, and the port's name."""
    given["handlers"] = tuple(name for name in PROBE_HANDLERS if value.get(name) is not None)
    ports = (value[name].get("port") for name in given["handlers"] if isinstance(value[name], dict))
    given["port_name"] = next((port for port in ports if isinstance(port, str)), "")


@cache
def decoders_of(cls: type) -> dict[str, tuple[str, FieldDecoder]]:
    """Return by JSON name the name that a field has in the record, and its reader."""
    types = get_type_hints(cls)
    plan = {name: (of.name, _decoder_for(types[of.name], of.name)) for of in fields(cls) if (name := json_name(of))}
    if cls is Container:
        plan.update({key: (DROPPED, decode) for key, (_, decode) in decoders_of(DroppedFields).items()})
    return plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _EnvVar:
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFields:
    """Fields of a container that are looked at and not kept: many objects are refused for a number among them."""

    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: tuple[_EnvVar, ...] = ()
    image: str | None = None


DROPPED = ""
"""The name, in place of a field's, of all that is only looked at."""


def _decoder_for(annotation: Any, name: str) -> FieldDecoder:
    arguments = tuple(one for one in get_args(annotation) if one is not type(None))
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        return _int_or_text if len(arguments) > 1 else _decoder_for(arguments[0], name)
    if origin is tuple:
        return partial(_list, _decoder_for(arguments[0], name), _zero(arguments[0]), _go_type(arguments[0], name))
    if origin is not None:
        return _map_decoder(name)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return partial(_record, annotation, "" if annotation is WorkloadSpec else go_name(annotation))
    return _SCALARS[annotation] if name not in LONG else partial(_integer, bits=64)


def _map_decoder(name: str) -> FieldDecoder:
    if name in QUANTITIES:
        return partial(_map, _quantity, "0")
    return _annotations if name == "annotations" else partial(_map, _text, "")


def _zero(annotation: Any) -> Any:
    """Return what null is in a list: the type's zero value, as for any Go type that is not a pointer."""
    return annotation()


def _go_type(annotation: Any, name: str) -> str:
    if annotation is str:
        return "string"
    return f"v1.{go_name(annotation)}" if is_dataclass(annotation) else name


def go_name(cls: Any, kind: str = "") -> str:
    """Return Go's name of the struct that the record stands for."""
    if cls is WorkloadSpec:
        return f"{kind}Spec"
    name: str = cls.__name__
    return _GO_NAMES.get(name, name.removesuffix("Object"))


def _record(cls: type, struct: str, value: Any, path: str, context: DecodeContext, owner: str) -> Any:
    struct = struct or go_name(cls, context.kind)
    if type(value) is not dict:
        return context.wrong_type(path, owner, value, "a map", f"v1.{struct}")
    return read_record(cls, value, f"{path}.", context, struct)


def _list(item: FieldDecoder, zero: Any, go: str, value: Any, path: str, context: DecodeContext, owner: str) -> Any:
    if type(value) is not list:
        return context.wrong_type(path, owner, value, "a list", f"[]{go}")
    lines, base = context.lines, context.document.base
    found = []
    for index, (one, line) in enumerate(zip(value, context.where(value), strict=False)):
        at = f"{path}[{index}]"
        if lines is not None:
            lines[intern(at)] = line + base
        read = zero if one is None else item(one, at, context, owner)
        if read is not ABSENT:
            found.append(read)
    return tuple(found)


def _map(item: FieldDecoder, zero: str, value: Any, path: str, context: DecodeContext, owner: str) -> Any:
    if type(value) is not dict:
        return context.wrong_type(path, owner, value, "a map", "map[string]string")
    found = {}
    for key, one in value.items():
        read = zero if one is None else item(one, path, context, owner)
        if read is not ABSENT:
            found[shortened(key)] = read
            if hint := misplaced(key, path, context.kind):
                message = f"{path}.{key} selects pods by a label of that name."
                context.note(Fault(path=path, message=message, hint=hint, refusal="", id="NP010"))
        elif context.faults[-1].path == path:
            _name_entry(context, path, key, value)
    return found


def _name_entry(context: DecodeContext, path: str, key: str, container: Any) -> None:
    """Let the last fault speak of the entry; decoding itself names only the map."""
    fault = context.faults[-1]
    entry = f"{path}.{cut(key)}"
    hint = misplaced(key, path, context.kind) or fault.hint
    context.faults[-1] = replace(fault, path=entry, message=entry + fault.message.removeprefix(path), hint=hint)
    if context.lines is not None:
        line = dict(zip(container, context.where(container), strict=False))[key]
        context.lines[entry] = line + context.document.base


def _annotations(value: Any, path: str, context: DecodeContext, owner: str) -> Any:
    """Return the annotations that are kept; the others are decoded too, as the API server would."""
    every = _map(_text, "", value, path, context, owner)
    if every is ABSENT:
        return ABSENT
    # As they are written: what was read of long ones is cut.
    written = chain(value, (text for text in value.values() if type(text) is str))
    if (size := sum(len(text.encode()) for text in written)) > MOST_ANNOTATIONS:
        context.note(large_annotations(path, size))
    return {key: shortened(text) for key, text in every.items() if is_kept_annotation(key)}


def shortened(text: str) -> str:
    """Return a text that is longer than any that the API server accepts cut, and told from others cut at that place.

    It is still too long to be accepted, so that it is refused for what it is.
    """
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[: LONGEST_TEXT - 9]}…{crc32(text.encode(errors='replace')):08x}"


def is_kept_annotation(key: str) -> bool:
    """Return whether an annotation steers traffic or placement."""
    return key in KEPT_ANNOTATIONS or key.startswith("nodefall.io/")


def _text(value: Any, path: str, context: DecodeContext, owner: str) -> Any:
    if type(value) is not str:
        return context.wrong_type(path, owner, value, "a string", "string")
    if not value.isascii():
        for fault in odd_characters(path, value):
            context.note(fault)
    return shortened(value)


def _boolean(value: Any, path: str, context: DecodeContext, owner: str) -> Any:
    return value if type(value) is bool else context.wrong_type(path, owner, value, "true or false", "bool")


def _integer(
    value: Any, path: str, context: DecodeContext, owner: str, bits: int = 32, wanted: str = "a number"
) -> Any:
    # 80.0 and 8e1 are integers to the API server, as they are in JSON.
    number = int(value) if type(value) is float and value.is_integer() else value
    if type(number) is not int:
        wanted = "a whole number" if type(value) is float else wanted
    elif -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        return number
    else:
        wanted = f"a {bits}-bit number"
    return context.wrong_type(path, owner, value, wanted, f"int{bits}")


def _int_or_text(value: Any, path: str, context: DecodeContext, owner: str) -> Any:
    if type(value) is str:
        return shortened(value)
    return _integer(value, path, context, owner, wanted="a number or a string")


def _quantity(value: Any, path: str, context: DecodeContext, _owner: str) -> Any:
    """Return the text of a resource quantity such as 100m, 1.5Gi or the number 2."""
    if type(value) in {int, float} and math.isfinite(value):
        return number_text(value)
    if type(value) is str and QUANTITY.fullmatch(value):
        return value
    context.note(bad_quantity(path, value))
    return ABSENT


_SCALARS: dict[Any, FieldDecoder] = {str: _text, bool: _boolean, int: _integer}
