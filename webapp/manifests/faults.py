"""What is wrong with one field of an object, in words: ours and those of the API server's decoder."""

import re
from collections.abc import Iterator
from typing import Any

from webapp.manifests.characters import invisible
from webapp.manifests.known_fields import belongs, nearest
from webapp.manifests.syntax_errors import ORDINARY_SPACES, odd_space
from webapp.records import dataclass

_SHOWN = 40
_INDEX = re.compile(r"\[\d+\]")
# People put passwords into these, and whoever has the link to a page sees its problems.
_PRIVATE = re.compile(r"\.(args|command|env)\[\d+\]")
"""Paths of what no message may quote."""
# Bytes of all keys and values (apimachinery pkg/api/validation/objectmeta.go, TotalAnnotationSizeLimitB).
MOST_ANNOTATIONS = 256 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one field."""

    path: str
    message: str
    hint: str
    refusal: str
    """What the API server's decoder would say; empty for an unknown field, which it drops."""
    id: str = ""
    """Of the problem that it is, unless that follows from the refusal."""


def wrong_type(path: str, owner: str, value: Any, wanted: str, go: str) -> Fault:
    """Return what is wrong with a value that is not the `wanted` type; `owner` and `go` are Go's names."""
    return Fault(
        path=path,
        message=f"{path} must be {wanted}, not {_described(value, quote=not _PRIVATE.search(path))}.",
        hint=_hint(value, wanted),
        # encoding/json names the path without the indices of lists: ServiceSpec.ports.port.
        refusal=f"json: cannot unmarshal {_json_type(value, go)} into Go struct field"
        f" {owner}.{_INDEX.sub('', path)} of type {go}",
    )


def bad_quantity(path: str, value: Any) -> Fault:
    """Return what is wrong with a resource quantity that is none."""
    return Fault(
        path=path,
        message=f"{path} must be a quantity, not {_described(value)}.",
        hint="A quantity is a number, with a suffix such as m, k, M, Ki or Gi where needed: 100m, 1.5Gi.",
        refusal="quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    )


def unknown_field(path: str, name: str, struct: str, kind: str) -> Fault:
    """Return what is wrong with a field that no such struct has."""
    meant = nearest(name, struct)
    place = None if meant else belongs(name, struct, kind)
    path = cut(path, 80)
    return Fault(
        path=path,
        message=f"{path} is an unknown field in {struct}, so it has no effect."
        + (f" Did you mean {meant}?" if meant else "")
        + (f" It belongs under {place}." if place else ""),
        hint=f'Field names are case-sensitive; kubectl says: unknown field "{path}".',
        refusal="",
    )


def odd_indentation(path: str, name: str, odd: str) -> Fault:
    """Return what is wrong with a field that has another character than a space before it."""
    message = f"There is a {odd} before {cut(name)} instead of a space, so it is not a field of what is above it."
    return Fault(path=cut(path, 80), message=message, hint=ORDINARY_SPACES, refusal="", id="NP029")


def odd_characters(path: str, value: str) -> Iterator[Fault]:
    """Yield what is suspicious about a string: the API server takes it as it is."""
    if value and value[0] in _CURLY and value[-1] in _CURLY:
        message = f"{path} is in curly quotes ({value[0]} {value[-1]}), which YAML reads as part of the string."
        yield Fault(path=path, message=message, hint="", refusal="", id="NP029")
    if name := invisible(value):
        message = f"{path} contains a {name}, which is invisible but counts."
        yield Fault(path=path, message=message, hint=_TYPE_AGAIN, refusal="", id="NP029")


_TYPE_AGAIN = "Type the value again: text copied from a web page or a chat often holds such characters."


def large_annotations(path: str, size: int) -> Fault:
    """Return what is wrong with annotations of that many bytes."""
    return Fault(
        path=path,
        message=f"{path} take {size:,} bytes in total.",
        hint=f"The API server takes {MOST_ANNOTATIONS:,} at most; `kubectl apply --server-side` adds none.",
        refusal=f"{path}: Too long: may not be more than {MOST_ANNOTATIONS} bytes",
        id="NP030",
    )


def number_text(value: float) -> str:
    """Return the number as JSON writes it, a whole one without a fraction."""
    # encoding/json writes floats with an exponent from 1e21 on.
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e21 else repr(value)


def _json_type(value: Any, go: str) -> str:
    if type(value) in {int, float}:
        return f"number {number_text(value)}" if go.startswith("int") else "number"
    return {bool: "bool", str: "string", dict: "object", list: "array"}[type(value)]


def _described(value: Any, *, quote: bool = True) -> str:
    if type(value) is str:
        return f'the string "{cut(value)}"' if quote else "a string"
    if type(value) is bool:
        return f"the boolean {str(value).lower()}" if quote else "a boolean"
    if type(value) in {int, float}:
        return f"the number {cut(number_text(value))}" if quote else "a number"
    return "a map" if type(value) is dict else "a list"


def cut(text: str, longest: int = _SHOWN) -> str:
    """Return the beginning of a text, of which every character can be shown."""
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(char if char.isprintable() else "�" for char in shown)


def _hint(value: Any, wanted: str) -> str:
    if type(value) is str:
        return _text_hint(value, wanted)
    if wanted == "a string" and type(value) is bool:
        return "Put it in quotes: YAML reads true, yes, on, y and their opposites as booleans."
    return "Put it in quotes." if wanted == "a string" and type(value) in {int, float} else ""


def _text_hint(value: str, wanted: str) -> str:
    if value and value[0] in _CURLY:
        return "Write it without these curly quotes."
    if odd := odd_space(value):
        return f"A {odd} follows the colon: write an ordinary space."
    if _PLACEHOLDER.search(value):
        return "Replace the placeholder with its value."
    is_right = wanted in {"a number", "true or false"} and _LOOKS_RIGHT.fullmatch(value)
    return "Write it without quotes." if is_right else ""


_CURLY = "“”„‟‘’‚‛"
_PLACEHOLDER = re.compile(r"\$[({\w]|\{\{|^<.*>$|^[A-Z_]+$|^%.*%$")
_LOOKS_RIGHT = re.compile(r"[0-9]+|true|false")
