"""JSON -> documents with Python's own scanner, which is written in C; the items of a list one by one.

It knows neither lines nor limits. Limits are looked at beforehand, and the lines of an item are worked out only if they
are asked for: by the reader that knows them, or from another item that looks the same but for its scalars.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, NoReturn

from webapp.limits import Limits
from webapp.manifests.json_shapes import ItemShape, Scalars, TakenApart, most_values, structure, taken_apart
from webapp.manifests.tree import Document, LateDocument, Notes, Usage

_SPACE = re.compile(r"[ \t\n]*")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*"', re.DOTALL)
# No type of Go holds more, and Python refuses to convert over 4,300.
_MOST_DIGITS = 60
# Characters of all skeletons known at a time.
_MOST = 1 << 22
# The list and the map that items are in.
_AROUND = 2


class NotQuick(Exception):  # noqa: N818 (a way out, not an error)
    """A text that the reader with lines and limits has to read."""


Positional = Callable[[str], Document]
"""Reads one value with its lines."""


def read_quickly(text: str, usage: Usage, positional: Positional) -> list[Document]:
    """Return the values of `text`, which may stand one after another.

    Raises:
        NotQuick: something is wrong with it, or may be.

    """
    reader = _JSONScanner(text, usage.limits, usage.limits.nodes - usage.nodes, positional)
    try:
        documents = list(reader.documents())
    except IndexError:
        raise NotQuick from None
    usage.nodes += reader.entries
    return documents


def _look_out(text: str, deepest: int) -> None:
    """Look at a text before the scanner does.

    Raises:
        NotQuick: it comes near the limit of nesting, or has halves of surrogate pairs.

    """
    # Strings are counted as well: what is near is read with more care.
    if "\\" in text and ("\\ud" in text or "\\uD" in text):
        raise NotQuick
    if _depth(_brackets(text), deepest) >= deepest and _depth(_brackets(_STRING.sub("", text)), deepest) >= deepest:
        raise NotQuick


def _brackets(text: str) -> bytes:
    return structure(text).translate(None, b",")


def _depth(brackets: bytes, most: int) -> int:
    """Return at least how deep the brackets are nested.

    The scanner calls itself for each level, and a thread of musl's has little stack.
    """
    # Pairs are taken away from the inside out, a level at a time: each pass is one run in C, and real manifests need
    # few.
    left, depth = brackets, 0
    while left and depth <= most:
        shorter = left.replace(b"{}", b"").replace(b"[]", b"")
        depth += 1
        if shorter == left:
            return depth + len(left)
        left = shorter
    return depth


class _JSONScanner:
    """Reads one text."""

    def __init__(self, text: str, limits: Limits, left: int, positional: Positional) -> None:
        self.entries = 0
        """Values, and ends of maps."""
        self._text = text
        self._longest = limits.scalar_length
        self._deepest = limits.depth
        # How many values there may be; those in what has been looked at are taken off.
        self._left = left
        self._looked = False
        self._positional = positional
        decoder: Any = json.JSONDecoder(object_pairs_hook=self._map, parse_constant=_refuse, parse_int=_integer)
        # scan_once, since it says where a value ends: others may follow without a separator.
        self._scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once
        self._shapes: dict[str, ItemShape] = {}
        self._scalars = Scalars(text)
        self._characters = 0
        self._last: ItemShape | None = None
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
                document, position = self._document(data, _Span(position, end, line, line)), end
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
                # Each of them is looked at by itself.
                value: Any = [None] * len(parts)
            else:
                value, position = self._value(position)
            pairs.append((key, value))
            position, more = self._comma(position, "}")
        data = self._map(pairs)
        if parts is None:
            return self._document(data, _Span(begin, position + 1, line, first)), position + 1
        # Only a list has objects in its `items`.
        if not str(data.get("kind")).endswith("List"):
            raise NotQuick
        return Document(data, line + 1, parts=parts, object_line=first + 1), position + 1

    def _items(self, position: int) -> tuple[list[Document], int]:
        """Return the items of the list that begins here, each as a list of one, and where it ends."""
        parts = []
        begin = position + 1
        position = _end_of_space(self._text, begin)
        # In a list as kubectl prints it, an item ends at the first bracket that is as far from the margin.
        margin = self._text[begin:position]
        closing, between = f"{margin}}}", f",{margin}{{"
        more = self._text[position] != "]"
        while more:
            item, position = self._item(position, closing)
            parts.append(item)
            if self._text.startswith(between, position):
                position += len(between) - 1
            else:
                position, more = self._comma(position, "]")
        return parts, position + 1

    def _item(self, begin: int, closing: str) -> tuple[Document, int]:
        """Return the item that begins here, and where it ends."""
        line = self._line_at(begin)
        shape = self._last.next if self._last is not None else None
        known = shape.taken_at(begin, self._scalars) if shape is not None else None
        if shape is None or known is None or known[1] > begin + self._longest:
            end = self._text.find(closing, begin) + len(closing)
            taken = taken_apart(self._text[begin:end] if begin < end <= begin + self._longest else "")
            # What has the skeleton of a value is one.
            shape = self._shapes.get(taken.skeleton)
            if shape is None:
                return self._new_item(begin, end, line, taken)
        else:
            taken, end = known
        self._goes_by(shape)
        self.entries += shape.entries
        self._line, self._counted = line + shape.lines, end
        first = line + shape.first
        if (data := shape.unused(taken)) is not None:
            return Document(data, line + 1, object_line=first, is_item=True), end
        read, values = partial(self._read_late, begin, end, line, first - 1), shape.values(taken)
        return LateDocument(read, shape.notes, values, line + 1, first, is_item=True), end

    def _goes_by(self, shape: ItemShape) -> None:
        """Take note of the shape of an item; most stand in runs, and follow others in the same order."""
        self._scalars.pass_by(shape.behind, shape.firsts)
        if self._last is not None:
            self._last.next = shape
        self._last = shape
        if not self._looked:
            self._take_off(shape.size)

    def _new_item(self, begin: int, end: int, line: int, taken: TakenApart) -> tuple[Document, int]:
        piece, before = self._text[begin:end] if taken.skeleton else "", self.entries
        item = self._whole(piece)
        if item is None:
            self.entries = before
            item, end = self._value(begin)
        key = _end_of_space(self._text, begin + 1) if type(item) is dict and item else begin
        first = self._line_at(key)
        notes: Notes | None = None
        values: Sequence[Any] | None = None
        if piece and end == begin + len(piece) and type(item) is dict:
            shape = ItemShape(piece, taken, item, self.entries - before, first - line + 1)
            self._add(shape)
            self._goes_by(shape)
            notes, values = shape.notes, shape.values(taken)
        else:
            self._scalars.get_lost()
        return self._document(item, _Span(begin, end, line, first), is_item=True, notes=notes, values=values), end

    def _whole(self, piece: str) -> Any:
        """Return the value that a piece of the text is, None if it is none."""
        if not piece:
            return None
        _look_out(piece, self._deepest - _AROUND)
        try:
            value, end = self._scan(piece, 0)
        except (ValueError, StopIteration):
            return None
        return value if end == len(piece) else None

    def _read_late(self, begin: int, end: int, line: int, first: int) -> Document:
        item, _ = self._scan(self._text[begin:end], 0)
        return self._document(item, _Span(begin, end, line, first), is_item=True)

    def _add(self, shape: ItemShape) -> None:
        self._characters += len(shape.skeleton)
        if self._characters > _MOST:
            self._shapes.clear()
            self._characters = len(shape.skeleton)
        self._shapes[shape.skeleton] = shape

    def _take_off(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            raise NotQuick

    def _comma(self, position: int, closing: str) -> tuple[int, bool]:
        """Return where the next entry is, or the bracket that closes, and whether there is a next one."""
        position = _end_of_space(self._text, position)
        if self._text[position] == closing:
            return position, False
        if self._text[position] != ",":
            raise NotQuick
        return _end_of_space(self._text, position + 1), True

    def _value(self, begin: int) -> tuple[Any, int]:
        # A single string nests nothing. All else may go on to the end of the text, which is looked at once.
        if not self._looked and self._text[begin] != '"':
            rest = self._text[begin:]
            _look_out(rest, self._deepest)
            self._take_off(most_values(rest))
            self._looked = True
        try:
            value, end = self._scan(self._text, begin)
        except (ValueError, StopIteration):
            raise NotQuick from None
        if not self._looked and self._text.find("\\", begin, end) >= 0:
            _look_out(self._text[begin:end], self._deepest)
        # The limit is on single strings; what is longer as a whole is looked at with more care.
        if end - begin > self._longest:
            raise NotQuick
        return value, end

    def _line_at(self, position: int) -> int:
        """Return the number of the line, from 0, of a position behind all that were asked for before."""
        self._line += self._text.count("\n", self._counted, position)
        self._counted = position
        return self._line

    def _document(
        self,
        read: Any,
        span: "_Span",
        *,
        is_item: bool = False,
        notes: Notes | None = None,
        values: Sequence[Any] | None = None,
    ) -> Document:
        begin, end, line, first = span
        marks: Any = _LateMarks(read, lambda: self._positional(self._text[begin:end]))
        data = [read] if is_item else read
        return Document(
            data, line + 1, (), marks, line + 1, notes=notes, object_line=first + 1, values=values, is_item=is_item
        )


class _Span(NamedTuple):
    """Where a value stands."""

    begin: int
    end: int
    line: int
    """Its first line, from 0."""
    first: int
    """The line of its first key, from 0."""


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
