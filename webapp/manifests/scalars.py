"""Plain YAML scalars as kubectl reads them: by the rules of Go's yaml.v2, which are not PyYAML's.

Source: kubernetes-sigs/yaml goyaml.v2/resolve.go (what a scalar is) and yaml.go (how a key becomes a string).
"""

import base64
import binascii
import math
import re
from functools import lru_cache

Scalar = str | int | float | bool | None

_PREFIX = "tag:yaml.org,2002:"
# YAML 1.1's booleans with y and n among them, which PyYAML takes for text and kubectl doesn't.
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
# Base 0 of strconv.ParseInt: a leading 0 is octal, and 08 is therefore no integer but the float 8.
_BASES = (
    (re.compile(r"[+-]?0[xX]([0-9a-fA-F]+)"), 16),
    (re.compile(r"[+-]?0[bB]([01]+)"), 2),
    (re.compile(r"[+-]?0[oO]?([0-7]+)"), 8),
    (re.compile(r"[+-]?(0|[1-9][0-9]*)"), 10),
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
HINTS = frozenset(("", *"+-.0123456789yYnNtTfFoO~"))
"""First characters of the plain scalars that may be something other than text, as in Go's resolveTable."""
# Python refuses to convert decimal integers of thousands of digits, and nothing needs them exact.
_LONGEST_INTEGER = 64


class TagError(ValueError):
    """A scalar is not what its explicit tag says."""


def resolve(text: str) -> Scalar:
    """Return the value of a plain, untagged scalar.

    ``y`` and ``off`` are booleans, 0120 is 80, 8_080 is 8080, 8e1 is 80.0; 1:20 and dates are text.

    >>> resolve("8080"), resolve("yes"), resolve("~"), resolve("30_080")
    (8080, True, None, 30080)
    """
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first == ".":
        return _float(text, text)
    if first in "+-0123456789":
        return _number(text)
    return text


# Short texts repeat; a cache of long ones could grow to gigabytes.
resolve_short = lru_cache(maxsize=8192)(resolve)
SHORT = 64


# Whatever is not like this is text: most of what begins with a digit is an address, a time or a uid.
_NUMBER = re.compile(r"[-+]?[0-9a-fA-FxXoO_]*+\.?[0-9_]*+([eE][-+]?[0-9_]++)?")


def _number(text: str) -> Scalar:
    if _NUMBER.fullmatch(text) is None:
        return text
    plain = text.replace("_", "")
    for pattern, base in _BASES:
        if digits := pattern.fullmatch(plain):
            if len(plain) > _LONGEST_INTEGER:
                # Too large for Go's integers, a decimal one becomes a float64 and any other stays text.
                return math.inf if base == 10 else text
            value = int(digits[1], base)
            return -value if plain[0] == "-" else value
    return _float(plain, text)


def _float(plain: str, text: str) -> Scalar:
    """Return the float, or the text: what is out of a float64's range stays text, as in Go."""
    if not _FLOAT.fullmatch(plain):
        return text
    value = float(plain)
    return text if math.isinf(value) else value


def tagged(tag: str, text: str) -> Scalar:
    """Return the value of a scalar with an explicit tag; tags that Kubernetes has no use for leave the text as it is.

    >>> tagged("!!str", "8080")
    '8080'

    Raises:
        TagError: the text is not such a value, ``!!int abc``.

    """
    short = tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else None
    if short == "binary":
        return _binary(text)
    if short not in _TYPES:
        return text
    value = resolve(text)
    if short == "float" and type(value) is int:
        return float(value)
    if type(value) is not _TYPES[short]:
        raise TagError(short)
    return value


_TYPES: dict[str | None, type] = {"bool": bool, "int": int, "float": float, "null": type(None)}


def _binary(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except binascii.Error as error:
        raise TagError("binary") from error


def key_text(value: Scalar) -> str | None:
    """Return the string that a key becomes in JSON, None for those that can't be one (``~``).

    ``true`` becomes "true", 1 becomes "1", 0x10 becomes "16", 1.10 becomes "1.1" (sigs.k8s.io/yaml, yaml.go).
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -(2**63) <= value < 2**63 else None
    return None if value is None else _float_key(value)


def _float_key(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    # strconv.FormatFloat(value, 'g', -1, 32): an exponent from 1e+21 on, and below 1e-04.
    text = repr(value)
    return text.removesuffix(".0")
