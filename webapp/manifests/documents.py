"""Text -> documents -> objects as plain data: chooses the reader and unfolds lists."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from webapp.manifests.characters import NOT_UTF8
from webapp.manifests.json_reader import is_json, read_ordinary_json, read_with_care
from webapp.manifests.stencils import Head, repeated
from webapp.manifests.tree import Document, Exhausted, Unreadable, Usage
from webapp.manifests.yaml_reader import read_yaml


class RawObject(NamedTuple):
    """One object, or what is in its place, with the document around it."""

    data: Any
    line: int
    document: Document
    api_version: Any = None
    """As the object says, else as the list around it does."""
    kind: Any = None
    inherited: Head = (None, None)
    """apiVersion and kind of those that don't say theirs, by the list around them."""
    record: Any = None
    """What it comes to, if that is known from others like it; its `data` is then not looked at."""

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its document."""
        return _is_whole(self.data, self.document)


def read_documents(text: str, usage: Usage) -> Iterator[Document | Unreadable]:
    """Yield the documents of a text, an `Unreadable` in place of each that can't be read."""
    documents = ordinary_json(text, usage)
    yield from read_otherwise(text, usage) if documents is None else documents


def ordinary_json(text: str, usage: Usage) -> list[Document] | None:
    """Return the documents of a text that is JSON from its first character to its last, None if it may not be."""
    return read_ordinary_json(text, usage) if _may_be_json(text) else None


def read_otherwise(text: str, usage: Usage) -> Iterator[Document | Unreadable]:
    """Yield the documents of a text that is not ordinary JSON, an `Unreadable` in place of each that can't be read."""
    if _may_be_json(text):
        used = usage.nodes
        try:
            # All of it first: what JSON yields before a mistake must not be yielded again as YAML.
            yield from list(read_with_care(text, usage))
        except Unreadable:
            # Flow-style YAML, comments or a trailing comma: YAML takes more, and explains better what it doesn't.
            usage.nodes = used
        else:
            return
    yield from read_yaml(text, usage)


def _may_be_json(text: str) -> bool:
    return is_json(text) and NOT_UTF8 not in text


def raw_objects(document: Document, usage: Usage) -> Iterator[RawObject]:
    """Yield the objects of a document: itself, or what its lists hold, lists in lists included.

    An item of a ``PodList`` without kind or apiVersion takes them from the list.

    Raises:
        Exhausted: the upload has too many of them.

    """
    # A stack, not recursion, so that no input decides how deep calls go; its items are reversed, so that they come out
    # in their order.
    waiting: list[_Waiting] = [(document, None, (None, None))]
    while waiting:
        raw = _next_object(*waiting.pop(), usage)
        inside = None if raw.record is not None else _listed(raw)
        if inside is None:
            _count(raw, usage)
            yield raw
            continue
        inherited = _of_items(raw)
        if raw.document.parts and inside is raw.data["items"]:
            waiting.extend((part, None, inherited) for part in reversed(raw.document.parts))
            continue
        lines = raw.document.lines_of(inside)
        waiting.extend(
            (raw.document, (one, line + raw.document.base), inherited)
            for one, line in zip(reversed(inside), reversed(lines), strict=True)
        )


_Waiting = tuple[Document, tuple[Any, int] | None, Head]
"""A document, an object inside it and its line unless it is all of it, and the apiVersion and kind of its list."""


def _next_object(document: Document, inside: tuple[Any, int] | None, inherited: Head, usage: Usage) -> RawObject:
    if inside is None:
        known = repeated(document, (inherited, usage.problems < usage.limits.problems))
        if known is not None:
            record, (api_version, kind) = known
            return RawObject(None, record.source.line, document, api_version, kind, inherited, record)
        inside = document.data[0] if document.is_item else document.data, document.line
    data, line = inside
    if not isinstance(data, dict):
        return RawObject(data, line, document, inherited=inherited)
    first = document.object_line if _is_whole(data, document) else None
    first = first or document.first_line(data, line)
    api_version, kind = inherited
    return RawObject(data, first, document, data.get("apiVersion", api_version), data.get("kind", kind), inherited)


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
