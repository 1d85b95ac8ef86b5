"""What a picture carries to be opened again: the objects that were kept, and the state that was seen, as one text.

Whatever is in it has left this machine: it is read like any other upload, by the same reader with the same limits.
"""

import base64
import binascii
import json
import zlib
from typing import Any, NamedTuple

from webapp.manifests.manifests import Manifests
from webapp.manifests.writing import COLLECTIONS, written
from webapp.records import dataclass

VERSION = 1
MOST = 256 * 1024
"""Characters of the text: several times the picture itself."""
MOST_OBJECTS = 5_000
"""So many take a third of a second to write and compress."""


class CapsuleError(ValueError):
    """It is damaged, of a later nodefall, or too large."""


@dataclass(frozen=True, slots=True)
class Capsule:
    """What was read from one."""

    manifests: bytes
    """A List in JSON, for the reader."""
    query: tuple[tuple[str, str], ...]
    """The state, as a map's address has it."""


class _Carried(NamedTuple):
    version: int
    query: list[tuple[str, str]]
    items: list[dict[str, Any]]


def pack(manifests: Manifests, query: list[tuple[str, str]]) -> str:
    """Return the text: base64 of compressed JSON; empty if it is too much to be carried.

    The same objects and the same state give the same text, wherever it is made.
    """
    if sum(len(getattr(manifests, collection)) for collection in COLLECTIONS) > MOST_OBJECTS:
        return ""
    carried = _Carried(VERSION, query, written(manifests))._asdict()
    text = base64.b64encode(
        zlib.compress(json.dumps(carried, ensure_ascii=False).encode("utf-8", "replace"), 9)
    ).decode()
    return text if len(text) <= MOST else ""


def unpack(text: str, most: int) -> Capsule:
    """Return what a text holds, unpacked no more than `most` bytes.

    Raises:
        CapsuleError: it can't be opened.

    """
    try:
        packed = base64.b64decode(text, validate=True)
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, most)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise CapsuleError("What this picture carries is damaged, or larger than an upload may be.")
        carried = json.loads(data)
        if carried["version"] != VERSION:
            raise CapsuleError("This picture was made by a later nodefall.")
        query = tuple((str(name), str(value)) for name, value in carried["query"])
        items = {"apiVersion": "v1", "kind": "List", "items": list(carried["items"])}
    except (binascii.Error, zlib.error, RecursionError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, CapsuleError):
            raise
        raise CapsuleError("What this picture carries is damaged.") from error
    return Capsule(json.dumps(items, ensure_ascii=False).encode("utf-8", "replace"), query)
