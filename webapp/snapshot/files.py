"""The kept objects as bytes: YAML documents, or a List in JSON, compressed where the file's name says so."""

import gzip
import json
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import yaml

from webapp.manifests import Manifests
from webapp.manifests.writing import written

Objects = list[dict[str, Any]]


class SnapshotError(ValueError):
    """There is no such snapshot; the message says why."""


def format_of(name: str) -> str:
    """Return the format, a name of `FORMATS`, that a file's extension says, without ``.gz``.

    Raises:
        SnapshotError: it says none.

    """
    path = PurePath(name.casefold())
    found = (PurePath(path.stem) if path.suffix == ".gz" else path).suffix.removeprefix(".")
    found = "yaml" if found == "yml" else found
    if found not in FORMATS:
        raise SnapshotError(f"{name}: the extension must be .yaml or .json, or one of them with .gz.")
    return found


def snapshot(manifests: Manifests, name: str) -> bytes:
    """Return what was kept of the manifests, as the file of this name has it.

    The same objects give the same bytes.

    Raises:
        SnapshotError: the extension says no format, or nothing was kept.

    """
    write, objects = FORMATS[format_of(name)], written(manifests)
    if not objects:
        raise SnapshotError("the API server could decode none of the objects.")
    text = write(objects)
    # Names may hold lone surrogates, which UTF-8 has no bytes for.
    data = text.encode(errors="replace")
    # Without a time, so that the same objects are the same file.
    return gzip.compress(data, mtime=0) if name.casefold().endswith(".gz") else data


def _json(objects: Objects) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, ensure_ascii=False, indent=1) + "\n"


def _yaml(objects: Objects) -> str:
    return "".join("---\n" + _document(each) for each in objects)


def _document(item: dict[str, Any]) -> str:
    text: str = yaml.dump(item, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


class _Dumper(yaml.CSafeDumper):
    """libyaml's, which writes a value that several objects share wherever it is used."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (PyYAML's name)
        """Never write an anchor: a reader of a snapshot should see each object whole."""
        return True


FORMATS: dict[str, Callable[[Objects], str]] = {"yaml": _yaml, "json": _json}
"""By the file's extension."""
