"""The API machinery's field errors, worded as kubectl shows them.

Types and wording follow ``k8s.io/apimachinery/pkg/util/validation/field/errors.go``.
"""

import json
from collections.abc import Iterable
from typing import Any

from webapp.cluster.model import Refusal

# The type of what fails before validation, when the object's JSON is decoded.
DECODE = "Decode"


def invalid(path: str, value: Any, detail: str = "") -> Refusal:
    """Return the error of a value that is malformed or out of bounds."""
    return Refusal(type="FieldValueInvalid", path=path, detail=_joined(f"Invalid value: {_shown(value)}", detail))


def required(path: str, detail: str = "") -> Refusal:
    """Return the error of a value that is missing."""
    return Refusal(type="FieldValueRequired", path=path, detail=_joined("Required value", detail))


def forbidden(path: str, detail: str) -> Refusal:
    """Return the error of a value that may not stand here at all."""
    return Refusal(type="FieldValueForbidden", path=path, detail=f"Forbidden: {detail}")


def duplicate(path: str, value: Any) -> Refusal:
    """Return the error of a value that may stand only once."""
    return Refusal(type="FieldValueDuplicate", path=path, detail=f"Duplicate value: {_shown(value)}")


def not_supported(path: str, value: Any, supported: Iterable[str]) -> Refusal:
    """Return the error of a value that is none of an enumeration."""
    listed = ", ".join(map(_shown, supported))
    return Refusal(
        type="FieldValueNotSupported",
        path=path,
        detail=f"Unsupported value: {_shown(value)}: supported values: {listed}",
    )


def too_many(path: str, count: int, most: int) -> Refusal:
    """Return the error of a list with too many items."""
    return Refusal(type="FieldValueTooMany", path=path, detail=f"Too many: {count}: must have at most {most} items")


def internal(path: str, detail: str) -> Refusal:
    """Return an error that the API server answers with HTTP 500 and without a field; `path` is where to look."""
    return Refusal(type="InternalError", path=path, detail=detail)


def decode_error(path: str, detail: str) -> Refusal:
    """Return the error of an object that fails before validation, when its JSON is decoded."""
    return Refusal(type=DECODE, path=path, detail=detail)


def invalid_each(path: str, value: Any, faults: Iterable[str]) -> Iterable[Refusal]:
    """Return one error for each fault of the value."""
    return (invalid(path, value, fault) for fault in faults)


def _joined(head: str, detail: str) -> str:
    return f"{head}: {detail}" if detail else head


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
