"""Text -> documents -> objects as plain data: chooses the reader and unfolds lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from webapp.manifests.characters import NOT_UTF8
from webapp.manifests.json_reader import is_json, read_json
from webapp.manifests.tree import Budget, Document, Exhausted, Unreadable
from webapp.manifests.yaml_reader import read_yaml


@dataclass(frozen=True, slots=True)
class Item:
    """One object, or what stands in its place, with the document around it."""

    data: Any
    line: int
    document: Document
    api_version: Any = None
    """As the object says, else as the list around it does."""
    kind: Any = None


def read_documents(text: str, budget: Budget) -> Iterator[Document | Unreadable]:
    """Yield the documents of a text, an `Unreadable` in place of each that can't be read."""
    if is_json(text) and NOT_UTF8 not in text:
        used = budget.nodes
        try:
            yield from list(read_json(text, budget))
        except Unreadable:
            # Flow-style YAML, comments or a trailing comma: YAML takes more, and explains better what it doesn't.
            budget.nodes = used
        else:
            return
    yield from read_yaml(text, budget)


def items(document: Document, budget: Budget) -> Iterator[Item]:
    """Yield the objects of a document: itself, or what its lists hold, lists in lists included.

    An item of ``PodList`` without kind or apiVersion takes them from the list.

    Raises:
        Exhausted: the upload has too many of them.

    """
    waiting = [_item(document.data, document.line, document, None, None)]
    while waiting:
        item = waiting.pop()
        inside = _listed(item)
        if inside is None:
            _count(item, budget)
            yield item
            continue
        api_version, kind = _of_items(item)
        lines = document.lines_of(inside)
        waiting.extend(
            _item(one, line + document.base, document, api_version, kind)
            for one, line in zip(reversed(inside), reversed(lines), strict=True)
        )


def _item(data: Any, line: int, document: Document, api_version: Any, kind: Any) -> Item:
    if not isinstance(data, dict):
        return Item(data, line, document)
    first = document.first_line(data, line)
    return Item(data, first, document, data.get("apiVersion", api_version), data.get("kind", kind))


def _listed(item: Item) -> list[Any] | None:
    """Return what the list holds, None if it is no list."""
    if not isinstance(item.data, dict) or not isinstance(item.kind, str) or not item.kind.endswith("List"):
        return None
    inside = item.data.get("items", ())
    if inside is None or inside == ():
        return [] if "metadata" not in item.data or "spec" not in item.data else None
    return inside if isinstance(inside, list) else None


def _of_items(item: Item) -> tuple[Any, Any]:
    if item.kind == "List":
        return None, None
    return item.api_version, item.kind.removesuffix("List")


def _count(item: Item, budget: Budget) -> None:
    budget.documents += 1
    if budget.documents > budget.limits.documents:
        raise Exhausted(item.line, f"The upload has more than {budget.limits.documents:,} documents.")
