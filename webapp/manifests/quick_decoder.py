"""Plain data -> records, where nothing is wrong with it and nobody asks for lines: most objects of most uploads.

The same answer as that of :mod:`webapp.manifests.field_decoder`, which looks again at whatever is unusual here.
"""

from collections.abc import Callable, Collection
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from itertools import chain
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from webapp.limits import LONGEST_TEXT
from webapp.manifests.faults import MOST_ANNOTATIONS
from webapp.manifests.field_decoder import (
    DROPPED,
    LONG,
    QUANTITIES,
    QUANTITY,
    DroppedFields,
    add_handlers,
    add_image_missing,
    go_name,
    is_kept_annotation,
)
from webapp.manifests.known_fields import FIELDS, is_misplaced
from webapp.manifests.objects import Container, Probe, ServiceSpec, WorkloadSpec, json_name


class Unusual(Exception):  # noqa: N818 (a way out, not an error)
    """A value that is wrong, suspicious or merely rare."""


Decode = Callable[[Any, bool], Any]
"""Of a value that is not None; the flag says whether unknown fields are looked for."""


def quick_record(cls: Any, struct: str, value: Any, *, checked: bool) -> Any:
    """Return the record of the map `value`; `struct` is Go's name of it.

    Raises:
        Unusual: something may be wrong with it.

    """
    return cls(**_fields_decoder(cls, struct)(value, checked))


def quick_fields(
    cls: Any, struct: str, value: Any, *, checked: bool, skip: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Return what `value` says of the fields of `cls`, by their names in the record, but for those to `skip`.

    Raises:
        Unusual: something may be wrong with it.

    """
    given: dict[str, Any] = _fields_decoder(cls, struct, skip)(value, checked)
    return given


@cache
def _fields_decoder(cls: Any, struct: str, skip: frozenset[str] = frozenset()) -> Decode:
    """Return the decoder of the fields of a record, in which all that can be known beforehand is looked up once."""
    known = FIELDS.get(struct)
    get = _plan(cls, struct, skip).get
    add = {Container: add_image_missing, Probe: add_handlers}.get(cls)

    def decode_fields(value: Any, checked: bool) -> dict[str, Any]:
        if type(value) is not dict:
            raise Unusual
        given: dict[str, Any] = {}
        for key, item in value.items():
            entry = get(key)
            if entry is None:
                if checked and known is not None and key not in known:
                    raise Unusual
            elif item is not None:
                name, is_text, decode = entry
                if is_text and type(item) is str:
                    # Invisible characters and curly quotes are looked for with more care, and what is long is cut.
                    if not item.isascii() or len(item) > LONGEST_TEXT:
                        raise Unusual
                    given[name] = item
                else:
                    given[name] = decode(item, checked)
        if add is not None:
            add(value, given)
        return given

    return decode_fields


def _plan(cls: Any, struct: str, skip: frozenset[str]) -> dict[str, tuple[str, bool, Decode]]:
    """Return by JSON name the name that a field has in the record, whether it is text, and its decoder."""
    types, known = get_type_hints(cls), FIELDS.get(struct)
    plan = {
        name: (of.name, _bare(types[of.name]) is str, _decoder(types[of.name], of.name, struct))
        for of in fields(cls)
        if (name := json_name(of)) and of.name not in skip and (known is None or name in known)
    }
    if cls is Container:
        plan.update({key: (DROPPED, *entry[1:]) for key, entry in _plan(DroppedFields, struct, skip).items()})
    if cls is ServiceSpec:
        plan["selector"] = ("selector", False, _selector)
    return plan


def _bare(annotation: Any) -> Any:
    """Return the type of a field that may be None."""
    arguments = [one for one in get_args(annotation) if one is not type(None)]
    return arguments[0] if get_origin(annotation) in {Union, UnionType} and len(arguments) == 1 else annotation


def _decoder(annotation: Any, name: str, struct: str) -> Decode:
    annotation = _bare(annotation)
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        return _int_or_text
    if origin is tuple:
        return _list_decoder(get_args(annotation)[0], name)
    if origin is not None:
        return _quantities if name in QUANTITIES else _annotations if name == "annotations" else _texts
    if is_dataclass(annotation):
        return _record_decoder(annotation, struct.removesuffix("Spec") if annotation is WorkloadSpec else "")
    return {str: _text, bool: _boolean, int: _long if name in LONG else _integer}[annotation]


def _record_decoder(cls: Any, kind: str) -> Decode:
    struct = go_name(cls, kind)
    decode = _fields_decoder(cls, struct)
    return lambda value, checked: cls(**decode(value, checked))


def _list_decoder(annotation: Any, name: str) -> Decode:
    if annotation is str:
        return _text_list
    decode = _decoder(annotation, name, "")
    return lambda value, checked: tuple([decode(one, checked) for one in _list(value)])


def _list(value: Any) -> list[Any]:
    # null in a list stands for the type's zero value, which the careful way fills in.
    if type(value) is not list or None in value:
        raise Unusual
    return value


def _text_list(value: Any, _: bool) -> tuple[str, ...]:
    if _ascii(_list(value)) > LONGEST_TEXT and max(map(len, value)) > LONGEST_TEXT:
        raise Unusual
    return tuple(value)


def _ascii(texts: Collection[Any]) -> int:
    """Return how long the texts are in all, having seen that they are texts, and ASCII."""
    try:
        joined = "".join(texts)
    except TypeError:
        raise Unusual from None
    if not joined.isascii():
        raise Unusual
    return len(joined)


def _texts(value: Any, _: bool) -> dict[str, str]:
    if type(value) is not dict:
        raise Unusual
    # Keys are looked at as well: several short ones are longer than that only where there are very many.
    if (
        _ascii(value.values()) + len("".join(value)) > LONGEST_TEXT
        and max(map(len, chain(value, value.values()))) > LONGEST_TEXT
    ):
        raise Unusual
    return value


def _selector(value: Any, checked: bool) -> dict[str, str]:
    labels = _texts(value, checked)
    if any(map(is_misplaced, labels)):
        raise Unusual
    return labels


def _annotations(value: Any, _: bool) -> dict[str, str]:
    if type(value) is not dict or _ascii(value) + _ascii(value.values()) > MOST_ANNOTATIONS:
        raise Unusual
    kept = {key: text for key, text in value.items() if is_kept_annotation(key)}
    if kept and max(map(len, chain(kept, kept.values()))) > LONGEST_TEXT:
        raise Unusual
    return kept


def _quantities(value: Any, _: bool) -> dict[str, str]:
    if type(value) is not dict:
        raise Unusual
    return {key: quantity(one) for key, one in value.items()}


@lru_cache(maxsize=4096, typed=True)
def _quantity_text(value: str) -> bool:
    return QUANTITY.fullmatch(value) is not None


def quantity(value: Any) -> str:
    """Return the quantity as it is kept.

    Raises:
        Unusual: it may be none.

    """
    if type(value) is str and len(value) < 64 and _quantity_text(value):
        return value
    if type(value) is int and abs(value) < 10**15:
        return str(value)
    raise Unusual


def _text(value: Any, _: bool) -> str:
    if type(value) is not str or not value.isascii() or len(value) > LONGEST_TEXT:
        raise Unusual
    return value


def _boolean(value: Any, _: bool) -> bool:
    if type(value) is not bool:
        raise Unusual
    return value


def _integer(value: Any, _: bool) -> int:
    if type(value) is not int or not -(2**31) <= value < 2**31:
        raise Unusual
    return value


def _long(value: Any, _: bool) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise Unusual
    return value


def _int_or_text(value: Any, checked: bool) -> int | str:
    return _text(value, checked) if type(value) is str else _integer(value, checked)
