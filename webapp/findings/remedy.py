"""Remedies as YAML: a strategic merge patch of an object, or an object to add."""

from collections.abc import Mapping
from typing import Any

import yaml

from webapp.findings.finding import Subject


def patch(subject: Subject | None, content: Mapping[str, Any] | None) -> str:
    """Return the YAML of a remedy; an object to add names its own kind, a patch gets that of the subject."""
    if content is None:
        return ""
    if "kind" not in content and subject is not None:
        content = {**_head(subject), **content}
    return yaml.dump(_plain(content), Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=120)


def _head(subject: Subject) -> dict[str, Any]:
    meta = subject.metadata
    named = {"name": meta.name, **({"namespace": meta.namespace} if meta.namespace else {})}
    return {"apiVersion": subject.api_version, "kind": subject.kind, "metadata": named}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, and indents lists as kubectl does."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True
