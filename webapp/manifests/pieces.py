"""The documents of a text, each read by itself: by its shape if it is simple, with libyaml otherwise.

The items of lists are read one by one as well, which is what makes a dump of a whole cluster quick. A piece that
libyaml reads without an error by itself holds what it would in its place: nothing is open at its end.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from webapp.manifests.shapes import Shapes
from webapp.manifests.skimming import skim
from webapp.manifests.tree import Document, LateDocument, Unreadable, Usage
from webapp.manifests.yaml_lines import Doubt
from webapp.manifests.yaml_loader import YamlLoader

SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_ODD_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")
"""What libyaml takes for the end of a line, or passes over."""
_BARE_SEPARATOR = re.compile(r"---[ ]*(?:[ ]#.*)?\n")
_AT_MARGIN = re.compile(r"(?: *(?:#[^\n]*)?\n)*(?:\S|\Z)")
"""A text whose first entry is at the first column."""
_LIST = re.compile(r"items:[ ]*\n(?P<indent> *)- ")


def read_pieces(text: str, odd: str, usage: Usage) -> Iterator[Document]:
    """Yield the documents of `text`, each read by itself; the items of lists also. `odd` are its odd characters.

    A line ``---`` separates documents wherever it is, even in what looks like a text or a comment, or is an error.

    Raises:
        Unreadable: something is wrong, or not as it has to be for this.

    """
    pieces = _Pieces(usage)
    has_directives = text.startswith("%") or "\n%" in text
    # A directive holds for what follows it, and an odd line break moves all lines after it. No message: the text is
    # read again as a whole, and that reading says what is wrong.
    if has_directives or _ODD_BREAKS.search(odd):
        raise Unreadable(1, "")
    for part, line in parts(text):
        yield from pieces.documents(part, line)


def parts(text: str) -> Iterator[tuple[str, int]]:
    """Yield the documents of a text with their first lines, from 0."""
    starts = [0, *(found.start() + 1 for found in _NEXT.finditer(text))]
    line = 0
    for start, end in pairwise([*starts, len(text)]):
        yield text[start:end], line
        line += text.count("\n", start, end)


# A pattern that begins with fixed characters is found many times faster than one that begins with ^.
_NEXT = re.compile(r"\n---(?=\s|$)")


_AROUND = 3
"""Events that an item has more as a document: those of the document and of the list that holds it alone."""


class _Pieces:
    """Reads the pieces of one text: by their shape if they are simple, with libyaml otherwise."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage
        self._shapes = Shapes(usage.limits.depth - 1)

    def documents(self, part: str, line: int) -> Iterator[Document]:
        """Yield the document, or whatever it is, that begins at that line.

        Raises:
            Unreadable: something is wrong.

        """
        separator = _BARE_SEPARATOR.match(part)
        try:
            document = self._document(part, line, separator.end() if separator else 0)
        except Doubt:
            yield from YamlLoader(part, line, self._usage).documents()
            return
        # Of comments without a separator libyaml makes no document.
        if separator or not document.is_empty:
            yield document

    def _document(self, part: str, line: int, begin: int) -> Document:
        # A block text that ends without a line end has none either; and what is behind --- on its line is rare.
        if not part.endswith("\n") or (part.startswith("---") and not begin):
            raise Doubt
        body = part[begin:]
        items = 0 if body.startswith("items:") else body.find("\nitems:") + 1
        found = _LIST.match(body, items)
        line += begin > 0
        if found is not None:
            return self._list(body, line, found)
        limits = self._usage.limits
        if (skimmed := skim(body, limits.depth - 1, limits.scalar_length)) is None:
            return self._simple(body, line, begun=line if begin else 0)
        self._usage.count_nodes(skimmed.events, line + 1)
        first = line + skimmed.line + 1
        return Document(skimmed.data, line if begin else first, (), {}, line + 1, object_line=first)

    def _simple(self, text: str, line: int, *, is_item: bool = False, begun: int = 0) -> Document:
        filling = self._shapes.read(text)
        simple, notes = filling.shape.simple, filling.shape.notes
        if len(text) > (most := self._usage.limits.scalar_length) and any(
            len(one) > most for one in _strings(filling.filled()[0])
        ):
            raise Doubt
        self._usage.count_nodes(simple.events - (_AROUND if is_item else 0), line + 1)
        first = line + simple.lines[0][0] + 1 if simple.lines else line + 1

        def read() -> Document:
            data, marks = filling.filled()
            return Document(
                data, begun or first, (), marks, line + 1, notes=notes, values=filling.values, is_item=is_item
            )

        if notes.data is None:
            return read()
        return LateDocument(read, notes, filling.values, line + 1, is_item=is_item)

    def _list(self, text: str, line: int, found: re.Match[str]) -> Document:
        """Return the document whose items `found` begins."""
        starts, end = [], len(text)
        bounds = re.compile(rf"^(?:{found['indent']}- |(?=[^\s#-]))", re.MULTILINE)
        for bound in bounds.finditer(text, found.start("indent")):
            if not bound[0]:
                end = bound.start()
                break
            starts.append(bound.start())
        if _AT_MARGIN.match(text[: found.start()]) is None:
            raise Doubt
        head = self._simple(text[: found.start()], line)
        tail = self._simple(text[end:], line + text.count("\n", 0, end))
        root: dict[str, Any] = {**(head.data or {}), "items": (), **(tail.data or {})}
        # A duplicate key, or a kind whose `items` are no objects.
        if len(root) != len(head.data or ()) + len(tail.data or ()) + 1 or not str(root.get("kind")).endswith("List"):
            raise Doubt
        parts, number = [], line + text.count("\n", 0, starts[0])
        for begin, until in pairwise([*starts, end]):
            parts.append(self._item(text[begin:until], number))
            number += text.count("\n", begin, until)
        # Each of them is looked at by itself.
        root["items"] = [None] * len(parts)
        duplicates = tuple(duplicate for part in parts for duplicate in part.duplicates)
        first = head.line if head.data else line + 1 + text.count("\n", 0, found.start())
        return Document(root, first, duplicates, {id(root): [first - line - 1] * len(root)}, line + 1, parts)

    def _item(self, text: str, line: int) -> Document:
        try:
            return self._simple(text, line, is_item=True)
        except Doubt:
            # libyaml counts what it opens around the item, and in its place the document and the list are there
            # already.
            self._usage.nodes -= _AROUND
            documents = list(YamlLoader(text, line, self._usage, around=1).documents())
            if len(documents) != 1 or type(documents[0].data) is not list or len(documents[0].data) != 1:
                raise Unreadable(line + 1, "") from None
            return replace(documents[0], is_item=True)


def _strings(data: Any) -> Iterator[str]:
    waiting = [data]
    while waiting:
        one = waiting.pop()
        if type(one) is str:
            yield one
        elif type(one) is dict:
            waiting += one.keys()
            waiting += one.values()
        elif type(one) is list:
            waiting += one
