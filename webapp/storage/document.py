"""The stored form of :class:`Manifests`: compressed JSON with a version, and the steps from older versions."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from webapp.manifests.manifests import VERSION, Manifests
from webapp.manifests.objects import LinesOfShape

# From a version to the next one, on plain JSON; empty as long as there has been one version only.
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


class UnreadableDocumentError(Exception):
    """What was stored can't be read: a newer nodefall stored it, or it was damaged."""


def encode(manifests: Manifests) -> bytes:
    """Return `manifests` as compressed JSON: 10 MB of YAML take about 0.5 MB."""
    # Only lines of objects that share them are no plain dict. A higher level takes more than twice as long, for a
    # fifth less.
    return zlib.compress(msgspec.json.encode(manifests, enc_hook=LinesOfShape.counted), 3)


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
        return msgspec.json.decode(json, type=Manifests)
    plain = msgspec.json.decode(json)
    while version != VERSION:
        plain = migrations[version](plain)
        version += 1
    return msgspec.convert(plain | {"version": VERSION}, type=Manifests)
