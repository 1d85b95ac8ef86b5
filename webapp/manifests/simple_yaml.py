"""The YAML of everyday manifests, line by line; for anything else it says that it is in doubt, and libyaml reads it.

Most lines of manifests and dumps occur again and again, so each different line is analysed once. What is accepted here
is a strict part of what libyaml accepts, with the same values: block maps and lists of scalars that begin on the line
of their key. Anchors, tags, directives, nested flow style, tabs and whatever else could be read in two ways are not.
"""

from collections.abc import Sequence
from itertools import accumulate, count, islice, repeat
from typing import Any, NamedTuple

from webapp.manifests.yaml_lines import (
    ABSENT,
    BLANK,
    DOUBTFUL,
    ENTRY,
    FLOW,
    MORE,
    OPEN,
    PLAIN,
    SLOT,
    SLOTTED,
    WHOLE,
    Doubt,
    Line,
    Lines,
    Slot,
    SlotText,
    resolved,
    value_of,
)  # fmt: skip
from webapp.manifests.yaml_texts import block_text, indentation, plain_text, quoted_text


class _Level(NamedTuple):
    """A map or list that is open."""

    column: int
    container: Any
    lines: list[int]
    is_map: bool


class Simple(NamedTuple):
    """What the lines of a document, or of an item of a list, hold."""

    data: Any
    """None if there are only comments."""
    containers: list[Any]
    """Its maps and lists, the outermost first."""
    lines: list[list[int]]
    """Of the entries of each."""
    events: int
    """How many libyaml would have counted."""


def read_simple(lines: Sequence[str], first: int, table: Lines, deepest: int) -> Simple:
    """Return what `lines` hold; `first` is the number of the first one, and `deepest` how far maps and lists may nest.

    Raises:
        Doubt: they are not as simple as they have to be.

    """
    document = _Document(lines, first, deepest)
    column, container, where = _NO_COLUMN, document.level.container, document.level.lines
    # This runs for every line of an upload: what is common is done here on local names, all else by calls.
    for number, line in document.rows:
        entry = table[line]
        indent, hyphen, key, value, sort = entry
        if indent != column or hyphen >= 0:
            if not document.move(number, entry):
                column = _NO_COLUMN
                continue
            column, container, where, _ = document.level
        if sort:
            if sort == OPEN:
                document.opened = number
            else:
                value = document.value(value, sort, number)
        container[key] = value
        where.append(number)
    return document.finished()


# Makes the next line look for its place: -1 is the whole document, and blank lines have -2.
_NO_COLUMN = -3


class _Document:
    """A document in the making: which maps and lists are open, and scalars of several lines."""

    def __init__(self, lines: Sequence[str], first: int, deepest: int) -> None:
        self.level = _Level(-1, {}, [], is_map=True)
        """The innermost open one; the first holds the document under the key None."""
        self.opened = first - 1
        """The last line that ended with its key: what is indented more, or a list, is its value."""
        self.rows = enumerate(lines, first)
        self._lines = lines
        self._first = first
        self._deepest = deepest
        self._root = self.level
        self._stack = [self.level]
        self._levels: list[_Level] = []
        self._slots = [0, *accumulate(map(str.count, lines, repeat(SLOT)))]

    def move(self, number: int, entry: Line) -> bool:
        """Make `level` the map that the entry belongs to; return False if nothing remains to be done about it.

        Raises:
            Doubt: it fits nowhere.

        """
        indent, hyphen, key, value, sort = entry
        if sort == BLANK:
            self.opened += self.opened == number - 1
            return False
        level, is_item, edge = self.level, hyphen >= 0, indent if hyphen < 0 else hyphen
        if sort == DOUBTFUL or (edge > level.column and self.opened != number - 1):
            self._continue(number)
            return False
        # A list may begin at the column of its key.
        if edge > level.column or (edge == level.column and is_item and level.is_map and self.opened == number - 1):
            level = self._open(edge, level, is_map=not is_item)
        else:
            while level.column > edge or (level.column == edge and not is_item and not level.is_map):
                self._stack.pop()
                level = self._stack[-1]
            if level.column != edge or level.is_map is is_item:
                raise Doubt
        self.level = level
        if is_item:
            level.lines.append(number)
            if key is None:
                level.container.append(self.value(value, sort, number) if sort else value)
                return False
            self.level = self._open(indent, level, is_map=True)
        return True

    def _open(self, column: int, parent: _Level, *, is_map: bool) -> _Level:
        """Return a new map or list in the last entry of its parent, or the next one of a list."""
        level = _Level(column, {} if is_map else [], [], is_map)
        if parent.is_map:
            parent.container[next(reversed(parent.container), None)] = level.container
        else:
            parent.container.append(level.container)
        self._levels.append(level)
        self._stack.append(level)
        if len(self._stack) > self._deepest:
            raise Doubt
        return level

    def finished(self) -> Simple:
        """Return the result.

        Raises:
            Doubt: a key is duplicate.

        """
        entries = items = 0
        for _, container, lines, is_map in self._levels:
            # Each key has its line: fewer keys than lines means that one is there twice.
            if len(container) != len(lines):
                raise Doubt
            entries += len(lines)
            items += 0 if is_map else len(lines)
        data = self._root.container.get(None)
        _, containers, numbers, _ = zip(*self._levels, strict=True) if self._levels else ((),) * 4
        # A map has a start, an end, and a key with each entry; the root is not an entry of anything.
        return Simple(data, list(containers), list(numbers), 2 * entries - items + len(self._levels) + 2)

    def value(self, value: Any, sort: int, number: int) -> Any:
        """Return the value that is more than one scalar on one line."""
        slot = self._slots[number - self._first]
        if sort == SLOTTED:
            return Slot(slot)
        if sort == FLOW:
            slots = count(slot)
            made: Any = (
                {key: Slot(next(slots)) if one is ABSENT else one for key, one in value}
                if type(value) is list
                else [Slot(next(slots)) if one is ABSENT else one for one in value]
            )
            self._levels.append(_Level(0, made, [number] * len(value), type(value) is list))
            return made
        begin = number - self._first + 1
        end, text = self._text(begin, *value)
        self._skip(end - begin)
        return SlotText(text, slot) if SLOT in text else text

    def _text(self, begin: int, style: str, rest: str) -> tuple[int, str]:
        """Return where a scalar ends that goes on at the line `begin`, and its text."""
        if style in "|>":
            return block_text(self._lines, begin, self.level.column, style, rest)
        return quoted_text(self._lines, begin, style, rest)

    def _continue(self, number: int) -> None:
        """Add to the entry of the line before what this line says of it: its value, or more of a plain scalar.

        Raises:
            Doubt: it is not that.

        """
        at, level = number - self._first, self.level
        before = ENTRY.fullmatch(self._lines[at - 1]) if level.lines and level.lines[-1] == number - 1 else None
        if before is None:
            raise Doubt
        text, end = before["rest"], at
        if self.opened == number - 1 and indentation(self._lines[at]) > level.column and not text:
            text, end = self._lines[at].strip(" "), at + 1
        value, sort = value_of(text)
        if found := PLAIN.fullmatch(text):
            if "#" in text[found.end(1) :]:
                raise Doubt
            end, plain = plain_text(self._lines, end, level.column, found[1].strip(" "))
            value = resolved(plain)
        elif sort == MORE and end > at:
            first = self._slots[end]
            end, value = self._text(end, *value)
            value = SlotText(value, first) if SLOT in value else value
        elif sort == FLOW and not value and end > at:
            value = self.value(value, sort, number)
        elif sort != WHOLE:
            raise Doubt
        if end == at:
            raise Doubt
        level.container[next(reversed(level.container)) if level.is_map else -1] = value
        self._skip(end - at - 1)

    def _skip(self, count: int) -> None:
        next(islice(self.rows, count, count), None)
