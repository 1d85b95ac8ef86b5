"""JSON -> documents with Python's own scanner, which is written in C; the items of a list one by one.

It knows neither lines nor limits. Limits are looked at beforehand, and the lines of an item are worked out only if they
are asked for: by the reader that knows them, or from another item that looks the same but for its scalars.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from webapp.manifests.manifests import KINDS
from webapp.manifests.tree import Document, Usage

_SPACE = re.compile(r"[ \t\n]*")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*"', re.DOTALL)
_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
# No type of Go holds more, and Python refuses to convert over 4,300.
_MOST_DIGITS = 60
_SCALAR = re.compile(r'": ("[^"\\\n]*"|[-+.0-9eE]+|true|false|null)(?=,?\n)')


class NotQuick(Exception):  # noqa: N818 (a way out, not an error)
    """A text that the reader with lines and limits has to read."""


Positional = Callable[[str], Document]
"""Reads one value with its lines."""


def read_quickly(text: str, usage: Usage, positional: Positional) -> list[Document]:
    """Return the values of `text`, which may stand one after another.

    Raises:
        NotQuick: something is wrong with it, or may be.

    """
    # Strings are counted as well: what comes near a limit, or has halves of surrogate pairs, is read with more care.
    values = text.count(",") + 2 * (text.count("{") + text.count("["))
    deepest = usage.limits.depth
    if usage.nodes + values > usage.limits.nodes or "\\ud" in text or "\\uD" in text:
        raise NotQuick
    if _depth(text, deepest) >= deepest and _depth(_STRING.sub("", text), deepest) >= deepest:
        raise NotQuick
    reader = _JSONScanner(text, usage.limits.scalar_length, positional)
    try:
        documents = list(reader.documents())
    except IndexError:
        raise NotQuick from None
    usage.nodes += reader.entries
    return documents


def _depth(text: str, most: int) -> int:
    """Return at least how deep the brackets are nested, strings included.

    The scanner calls itself for each level, and a thread of musl's has little stack.
    """
    # Pairs are taken away from the inside out, a level at a time: each pass is one run in C, and real manifests need
    # few.
    left, depth = text.encode().translate(None, _BRACKETS), 0
    while left and depth <= most:
        shorter = left.replace(b"{}", b"").replace(b"[]", b"")
        depth += 1
        if shorter == left:
            return depth + len(left)
        left = shorter
    return depth


class _JSONScanner:
    """Reads one text."""

    def __init__(self, text: str, longest: int, positional: Positional) -> None:
        self.entries = 0
        """Values, and ends of maps."""
        self._text = text
        self._longest = longest
        self._positional = positional
        decoder: Any = json.JSONDecoder(object_pairs_hook=self._map, parse_constant=_refuse, parse_int=_integer)
        # scan_once, since it says where a value ends: others may follow without a separator.
        self._scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once
        self._notes: dict[str, dict[Any, Any]] = {}
        self._counted = self._line = 0

    def _map(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # Of keys that are there twice, the scanner would keep the last one in silence.
        made = dict(pairs)
        if len(made) != len(pairs):
            raise NotQuick
        self.entries += len(pairs) + 2
        return made

    def documents(self) -> Iterator[Document]:
        """Yield the values.

        Raises:
            NotQuick: something is wrong, or may be.
            IndexError: it ends too early.

        """
        position = _end_of_space(self._text, 0)
        while position < len(self._text):
            if self._text[position] == "{":
                document, position = self._top(position)
            else:
                line = self._line_at(position)
                data, end = self._value(position)
                document, position = self._document(data, line, line, position, end), end
            yield document
            position = _end_of_space(self._text, position)

    def _top(self, begin: int) -> tuple[Document, int]:
        """Return the map that begins here, and where it ends; of a list of objects the items are parts of it."""
        pairs: list[tuple[str, Any]] = []
        parts: list[Document] | None = None
        line = self._line_at(begin)
        position = _end_of_space(self._text, begin + 1)
        first = self._line_at(position)
        more = self._text[position] != "}"
        while more:
            key, position = self._value(position)
            position = _end_of_space(self._text, position)
            if type(key) is not str or self._text[position] != ":":
                raise NotQuick
            position = _end_of_space(self._text, position + 1)
            if key == "items" and self._text[position] == "[":
                parts, position = self._items(position)
                value: Any = [part.data[0] for part in parts]
            else:
                value, position = self._value(position)
            pairs.append((key, value))
            position, more = self._comma(position, "}")
        data = self._map(pairs)
        if parts is None:
            return self._document(data, line, first, begin, position + 1), position + 1
        # Only a list has objects in its `items`.
        if not str(data.get("kind")).endswith("List"):
            raise NotQuick
        return Document(data, line + 1, parts=parts, object_line=first + 1), position + 1

    def _items(self, position: int) -> tuple[list[Document], int]:
        """Return the items of the list that begins here, each as a list of one, and where it ends."""
        parts = []
        position = _end_of_space(self._text, position + 1)
        more = self._text[position] != "]"
        while more:
            begin, line = position, self._line_at(position)
            item, position = self._value(begin)
            key = _end_of_space(self._text, begin + 1) if type(item) is dict and item else begin
            parts.append(self._document(item, line, self._line_at(key), begin, position, is_item=True))
            position, more = self._comma(position, "]")
        return parts, position + 1

    def _comma(self, position: int, closing: str) -> tuple[int, bool]:
        """Return where the next entry is, or the bracket that closes, and whether there is a next one."""
        position = _end_of_space(self._text, position)
        if self._text[position] == closing:
            return position, False
        if self._text[position] != ",":
            raise NotQuick
        return _end_of_space(self._text, position + 1), True

    def _value(self, begin: int) -> tuple[Any, int]:
        try:
            value, end = self._scan(self._text, begin)
        except (ValueError, StopIteration):
            raise NotQuick from None
        # The limit is on single strings; what is longer as a whole is looked at with more care.
        if end - begin > self._longest:
            raise NotQuick
        return value, end

    def _line_at(self, position: int) -> int:
        """Return the number of the line, from 0, of a position behind all that were asked for before."""
        self._line += self._text.count("\n", self._counted, position)
        self._counted = position
        return self._line

    def _document(self, read: Any, line: int, first: int, begin: int, end: int, *, is_item: bool = False) -> Document:
        marks: Any = _LateMarks(read, lambda: self._positional(self._text[begin:end]))
        notes = self._notes_of(read, begin, end)
        data = [read] if is_item else read
        return Document(data, line + 1, (), marks, line + 1, object_line=first + 1, notes=notes)

    def _notes_of(self, data: Any, begin: int, end: int) -> dict[Any, Any] | None:
        """Return what is known of all objects that differ from this one in their scalars only."""
        kind = KINDS.get(str(data.get("kind"))) if type(data) is dict else None
        if kind is None or not kind.handwritten:
            return None
        skeleton = "".join(_SCALAR.split(self._text[begin:end])[::2])
        return self._notes.setdefault(skeleton, {})


def _integer(digits: str) -> int:
    return int(digits) if len(digits) < _MOST_DIGITS else _refuse(digits)


def _refuse(constant: str) -> NoReturn:
    raise NotQuick(constant)


def _end_of_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


class _LateMarks:
    """The lines of the entries of maps and lists, by their ``id``, worked out when one is asked for."""

    def __init__(self, data: Any, read: Callable[[], Document]) -> None:
        self._data = data
        self._read = read
        self._marks: dict[int, Any] = {}

    def get(self, key: int, default: Any = None) -> Any:
        """Return the lines of the entries of the map or list with this ``id``."""
        if not self._marks:
            self._work_out()
        return self._marks.get(key, default)

    def _work_out(self) -> None:
        document = self._read()
        waiting = [(self._data, document.data)]
        while waiting:
            mine, its = waiting.pop()
            if type(mine) in {dict, list}:
                self._marks[id(mine)] = list(document.lines_of(its))
                waiting += (
                    zip(mine.values(), its.values(), strict=True) if type(mine) is dict else zip(mine, its, strict=True)
                )
