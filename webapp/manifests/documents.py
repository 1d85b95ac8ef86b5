"""Text -> documents -> objects as plain data: chooses the reader and unfolds lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from webapp.manifests.characters import NOT_UTF8
from webapp.manifests.json_reader import is_json, read_json
from webapp.manifests.tree import Document, Exhausted, Unreadable, Usage
from webapp.manifests.yaml_reader import read_yaml


@dataclass(frozen=True, slots=True)
class RawObject:
    """One object, or what is in its place, with the document around it."""

    data: Any
    line: int
    document: Document
    api_version: Any = None
    """As the object says, else as the list around it does."""
    kind: Any = None

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its document."""
        return _is_whole(self.data, self.document)


def read_documents(text: str, usage: Usage) -> Iterator[Document | Unreadable]:
    """Yield the documents of a text, an `Unreadable` in place of each that can't be read."""
    if is_json(text) and NOT_UTF8 not in text:
        used = usage.nodes
        try:
            # All of it first: what JSON yields before a mistake must not be yielded again as YAML.
            yield from list(read_json(text, usage))
        except Unreadable:
            # Flow-style YAML, comments or a trailing comma: YAML takes more, and explains better what it doesn't.
            usage.nodes = used
        else:
            return
    yield from read_yaml(text, usage)


def raw_objects(document: Document, usage: Usage) -> Iterator[RawObject]:
    """Yield the objects of a document: itself, or what its lists hold, lists in lists included.

    An item of a ``PodList`` without kind or apiVersion takes them from the list.

    Raises:
        Exhausted: the upload has too many of them.

    """
    # A stack, not recursion, so that no input decides how deep calls go; its items are reversed, so that they come out
    # in their order.
    waiting = [_raw_object(document.data, document.line, document, None, None)]
    while waiting:
        raw = waiting.pop()
        inside = _listed(raw)
        if inside is None:
            _count(raw, usage)
            yield raw
            continue
        api_version, kind = _of_items(raw)
        if raw.document.parts and inside is raw.data["items"]:
            waiting.extend(
                _raw_object(part.data[0], part.line, part, api_version, kind) for part in reversed(raw.document.parts)
            )
            continue
        lines = raw.document.lines_of(inside)
        waiting.extend(
            _raw_object(one, line + raw.document.base, raw.document, api_version, kind)
            for one, line in zip(reversed(inside), reversed(lines), strict=True)
        )


def _raw_object(data: Any, line: int, document: Document, api_version: Any, kind: Any) -> RawObject:
    if not isinstance(data, dict):
        return RawObject(data, line, document)
    first = document.object_line if _is_whole(data, document) else None
    first = first or document.first_line(data, line)
    return RawObject(data, first, document, data.get("apiVersion", api_version), data.get("kind", kind))


def _is_whole(data: Any, document: Document) -> bool:
    whole = document.data
    return data is whole or (type(whole) is list and len(whole) == 1 and data is whole[0])


def _listed(raw: RawObject) -> list[Any] | None:
    """Return what the list holds, None if it is not one."""
    if not isinstance(raw.data, dict) or not isinstance(raw.kind, str) or not raw.kind.endswith("List"):
        return None
    inside = raw.data.get("items", ())
    # A CustomResourceDefinition may give its kind a name that ends in List: with metadata and spec it is an object.
    if inside is None or inside == ():
        return [] if "metadata" not in raw.data or "spec" not in raw.data else None
    return inside if isinstance(inside, list) else None


def _of_items(raw: RawObject) -> tuple[Any, Any]:
    # kubectl's List holds objects of any kind, each of which says its own.
    if raw.kind == "List":
        return None, None
    return raw.api_version, raw.kind.removesuffix("List")


def _count(raw: RawObject, usage: Usage) -> None:
    usage.documents += 1
    if usage.documents > usage.limits.documents:
        raise Exhausted(raw.line, f"The upload has more than {usage.limits.documents:,} documents.")
