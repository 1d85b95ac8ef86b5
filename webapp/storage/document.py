"""The stored form of :class:`Manifests`: compressed JSON with a version, and the steps from older versions."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from webapp.garbage import collection_paused
from webapp.manifests.manifests import VERSION, Manifests
from webapp.manifests.objects import LinesOfShape
from webapp.manifests.writing import COLLECTIONS

# From a version to the next one, on plain JSON. The first one had all lines of each object.
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: lambda plain: plain}
# In front of a number, where no path can have them: lines that others share, and lines like these.
_SHARED, _LIKE = "#", "="


class UnreadableDocumentError(Exception):
    """What was stored can't be read: a newer nodefall stored it, or it was damaged."""


def encode(manifests: Manifests) -> bytes:
    """Return `manifests` as compressed JSON: 10 MB of YAML take less than 1 MB."""
    # Only lines of objects that share them are no plain dict. A higher level takes more than twice as long, for a
    # fifth less.
    return zlib.compress(msgspec.json.encode(manifests, enc_hook=_lines_written_once()), 3)


def _lines_written_once() -> Callable[[LinesOfShape], dict[str, int]]:
    """Return what writes the lines of one object after another: those that many share would be most of the document."""
    numbers: dict[int, int] = {}

    def written(lines: LinesOfShape) -> dict[str, int]:
        number = numbers.get(id(lines.shared))
        if number is not None:
            return {f"{_LIKE}{number}": lines.begin}
        number = numbers[id(lines.shared)] = len(numbers)
        return {f"{_SHARED}{number}": lines.begin, **lines.counted()}

    return written


def _with_all_lines(manifests: Manifests) -> Manifests:
    """Return manifests in whose objects the lines that they share stand again."""
    shared: dict[str, dict[str, int]] = {}
    for source in (each.source for collection in COLLECTIONS for each in getattr(manifests, collection)):
        mark, begin = next(iter(source.lines.items()), ("", 0))
        kind, number = mark[:1], mark[1:]
        if kind == _SHARED:
            shared[number] = {path: line - begin for path, line in source.lines.items() if path != mark}
        if kind in {_SHARED, _LIKE}:
            # The records were made just now, and nobody else has them yet.
            object.__setattr__(source, "lines", LinesOfShape(shared[number], begin))
    return manifests


@collection_paused()
def decode(
    document: bytes,
    version: int,
    migrations: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MIGRATIONS,
) -> Manifests:
    """Return the manifests that were stored as `version`, brought up to this version.

    Raises:
        UnreadableDocumentError: if the document is of no form that was ever stored here.

    """
    try:
        return _decoded(zlib.decompress(document), version, migrations)
    except (zlib.error, msgspec.DecodeError, KeyError) as error:
        # Its text could quote what was uploaded.
        raise UnreadableDocumentError(f"Version {version}: {type(error).__name__}") from None


def _decoded(
    json: bytes, version: int, migrations: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]
) -> Manifests:
    # Straight into records; an older document takes the longer way through plain JSON.
    if version == VERSION:
        return _with_all_lines(msgspec.json.decode(json, type=Manifests))
    plain = msgspec.json.decode(json)
    while version != VERSION:
        plain = migrations[version](plain)
        version += 1
    return _with_all_lines(msgspec.convert(plain | {"version": VERSION}, type=Manifests))
