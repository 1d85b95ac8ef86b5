"""Remedies as YAML: a strategic merge patch of an object, or an object to add.

Only what patches hold is written: maps, lists and scalars, none of them deep. PyYAML's dumper does the same a hundred
times slower, which thousands of findings would feel.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from webapp.findings.finding import Subject

_PLAIN = re.compile(r"[A-Za-z][\w./-]*(?: [\w./-]+)*", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON leaves as it is and YAML doesn't take."""
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""Words that a YAML 1.1 reader takes for something else than text."""


def patch(subject: Subject | None, content: Mapping[str, Any] | None) -> str:
    """Return the YAML of a remedy; an object to add names its own kind, a patch gets that of the subject."""
    if content is None:
        return ""
    if "kind" not in content and subject is not None:
        head = _head(subject)
        content = {**head, **content, "metadata": {**head["metadata"], **content.get("metadata", {})}}
    return "".join(f"{line}\n" for line in _lines(content))


def _head(subject: Subject) -> dict[str, Any]:
    meta = subject.metadata
    named = {"name": meta.name, **({"namespace": meta.namespace} if meta.namespace else {})}
    return {"apiVersion": subject.api_version, "kind": subject.kind, "metadata": named}


def _lines(value: Mapping[str, Any] | list[Any]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _entry(f"{_scalar(key)}:", each, "  " if isinstance(each, Mapping) else "")
        return
    for each in value:
        if isinstance(each, Mapping) and each:
            first, *rest = _lines(each)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
        else:
            yield f"- {_scalar(each)}"


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, (Mapping, list)) and value:
        yield head
        yield from (f"{indent}{line}" for line in _lines(value))
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: Any) -> str:
    """Return a scalar, quoted as JSON (which YAML contains) wherever it could be read as something else."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
