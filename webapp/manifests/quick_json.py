"""JSON -> documents with Python's own scanner, which is written in C; the items of a list one by one.

It knows neither lines nor limits. Limits are looked at beforehand, and the lines of an item are worked out only if they
are asked for: by the reader that knows them, or from another item that looks the same but for its scalars.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, NoReturn

from webapp.manifests.tree import Document, LateDocument, Notes, Usage
from webapp.records import dataclass

_SPACE = re.compile(r"[ \t\n]*")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*"', re.DOTALL)
_NO_STRUCTURE = bytes(set(range(256)) - set(b"{}[],"))
# No type of Go holds more, and Python refuses to convert over 4,300.
_MOST_DIGITS = 60
# In a text as kubectl prints it: the texts and numbers that are the last on their line, behind a key or the first of a
# list. No text holds a line end, so that what stands there is a whole one, or the text is no JSON. A pattern that
# begins with fixed characters is found ten times faster.
_SCALAR = re.compile(r'": ("[ !#-\[\]-~]+(?=",?\n)|-?[0-9]{1,9}(?=,?\n))')
_FIRST_OF_LIST = re.compile(r'\[\n *"([ !#-\[\]-~]+)(?=",?\n)')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_SLOT, _FIRST_SLOT = "\0", "\1"
# Characters of all skeletons known at a time.
_MOST = 1 << 22


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
    structure = text.encode().translate(None, _NO_STRUCTURE)
    brackets = structure.translate(None, b",")
    values = len(structure) - len(brackets) + 2 * (brackets.count(b"{") + brackets.count(b"["))
    deepest = usage.limits.depth
    if usage.nodes + values > usage.limits.nodes or ("\\" in text and ("\\ud" in text or "\\uD" in text)):
        raise NotQuick
    if _depth(brackets, deepest) >= deepest and _depth(_brackets(_STRING.sub("", text)), deepest) >= deepest:
        raise NotQuick
    reader = _JSONScanner(text, usage.limits.scalar_length, positional)
    try:
        documents = list(reader.documents())
    except IndexError:
        raise NotQuick from None
    usage.nodes += reader.entries
    return documents


def _brackets(text: str) -> bytes:
    return text.encode().translate(None, _NO_STRUCTURE).translate(None, b",")


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

    def __init__(self, text: str, longest: int, positional: Positional) -> None:
        self.entries = 0
        """Values, and ends of maps."""
        self._text = text
        self._longest = longest
        self._positional = positional
        decoder: Any = json.JSONDecoder(object_pairs_hook=self._map, parse_constant=_refuse, parse_int=_integer)
        # scan_once, since it says where a value ends: others may follow without a separator.
        self._scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once
        self._forms: dict[str, _Form] = {}
        self._characters = 0
        self._scalars = _Scalars()
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
        found = self._text.find(closing, begin) + len(closing)
        piece = self._text[begin:found] if begin < found <= begin + self._longest else ""
        skeleton, scalars = _taken_apart(piece)
        form = self._forms.get(skeleton)
        # What has the skeleton of a value is one.
        if form is not None:
            self.entries += form.entries
            self._line, self._counted = line + form.lines, found
            read = partial(self._read_late, begin, line, line + form.first - 1)
            late = LateDocument(read, form.notes, self._values(scalars), line + 1, line + form.first, is_item=True)
            return late, found
        before = self.entries
        item, end = self._value(begin)
        key = _end_of_space(self._text, begin + 1) if type(item) is dict and item else begin
        first = self._line_at(key)
        notes: Notes | None = None
        values: Sequence[Any] | None = None
        if end == found and type(item) is dict:
            # `_SCALAR` and `_FIRST_OF_LIST` take no other scalars.
            notes = Notes(lambda values: _put_together(skeleton, values), skeleton, usual=True)
            self._add(skeleton, _Form(self.entries - before, piece.count("\n"), first - line + 1, notes))
            values = self._values(scalars)
        span = _Span(begin, end, line, first)
        return self._document(item, span, is_item=True, notes=notes, values=values), end

    def _values(self, scalars: tuple[list[str], list[str]]) -> list[Any]:
        behind_keys, firsts = scalars
        return [*map(self._scalars.__getitem__, behind_keys), *firsts]

    def _read_late(self, begin: int, line: int, first: int) -> Document:
        item, end = self._value(begin)
        return self._document(item, _Span(begin, end, line, first), is_item=True)

    def _add(self, skeleton: str, form: "_Form") -> None:
        self._characters += len(skeleton)
        if self._characters > _MOST:
            self._forms.clear()
            self._characters = len(skeleton)
        self._forms[skeleton] = form

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


@dataclass(frozen=True, slots=True)
class _Form:
    """What is the same in all objects that differ in their scalars only."""

    entries: int
    lines: int
    """Line ends in its text."""
    first: int
    """The line of its first key, from 1."""
    notes: Notes


class _Scalars(dict[str, Any]):
    """Scalars as they are written, texts without the closing quotation mark, and their values."""

    _MOST = 100_000

    def __missing__(self, written: str) -> Any:
        """Read a scalar that was not seen before."""
        if written.startswith('"'):
            value: Any = written[1:]
        elif _NUMBER.fullmatch(written):
            value = int(written)
        else:
            raise NotQuick
        if len(self) > self._MOST:
            self.clear()
        self[written] = value
        return value


def _taken_apart(text: str) -> tuple[str, tuple[list[str], list[str]]]:
    """Return the text without its scalars, and these: those behind keys, and the first ones of lists."""
    parts = _SCALAR.split(text)
    skeleton = f'": {_SLOT}'.join(parts[::2])
    if "[\n" not in skeleton:
        return skeleton, (parts[1::2], [])
    firsts = _FIRST_OF_LIST.split(skeleton)
    return f'[\n"{_FIRST_SLOT}'.join(firsts[::2]), (parts[1::2], firsts[1::2])


def _put_together(skeleton: str, values: Sequence[Any]) -> Any:
    """Return the data of the object that has these scalars."""
    parts = skeleton.split(_SLOT)
    scalars = [json.dumps(value).removesuffix('"') for value in values[: len(parts) - 1]]
    firsts = values[len(scalars) :]
    text = "".join(chain(*zip(parts, (*scalars, ""), strict=True)))
    return json.loads("".join(chain(*zip(text.split(_FIRST_SLOT), (*firsts, ""), strict=True))))


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
