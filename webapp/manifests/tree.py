"""Builds the plain data of one document out of a reader's events, within the limits, with the lines of everything.

An explicit stack in place of recursion: no input can exhaust the C stack. Both the YAML and the JSON reader feed it.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from webapp.limits import Limits
from webapp.manifests.scalars import key_text
from webapp.records import dataclass


class Unreadable(Exception):  # noqa: N818 (no fault of the program)
    """A document that can't be read: where, why, and what to do about it."""

    def __init__(self, line: int, message: str, hint: str = "", *, id_: str = "NP001", stopped: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.stopped = stopped or line
        """The line at which the reader gave up; a missing quote is noticed long after the line where it's missing."""
        self.message = message
        self.hint = hint
        self.id = id_


class Exhausted(Unreadable):
    """A limit on the whole upload was hit: nothing more is read."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(line, message, hint, id_="NP002")


def too_deep(line: int, limits: Limits) -> Unreadable:
    """Return the error that says that maps and lists are nested too deep at that line."""
    return Unreadable(
        line,
        f"Maps and lists are nested more than {limits.depth} levels deep here.",
        "No Kubernetes object is that deep; look for a bracket that is never closed.",
        id_="NP002",
    )


@dataclass(slots=True)
class Usage:
    """What one upload has used up of its limits."""

    limits: Limits
    nodes: int = 0
    documents: int = 0
    aliases: int = 0
    """Of the file that is being read."""
    unpacked: int = 0
    problems: int = 0
    """Faults of single objects so far; once they can't all be listed, unknown fields are no longer looked for."""

    def count_nodes(self, more: int, line: int) -> None:
        """Count `more` values.

        Raises:
            Exhausted: there are too many.

        """
        self.nodes += more
        if self.nodes > self.limits.nodes:
            raise self.exhausted(line)

    def exhausted(self, line: int) -> Exhausted:
        """Return the error that says that there are too many values."""
        return Exhausted(
            line,
            f"The upload has more than {self.limits.nodes:,} values; reading stopped here.",
            "Upload the Services, workloads, Pods and Nodes only, or fewer of them.",
        )


@dataclass(frozen=True, slots=True)
class Document:
    """One document as plain data, with the line of everything in it."""

    data: Any
    line: int
    """Its first line, from 1."""
    duplicates: tuple[tuple[int, str], ...] = ()
    """Keys that stand twice in one map: the line of the later one, which holds."""
    marks: Mapping[int, Any] = field(default_factory=dict)
    """By ``id`` of a map or list of `data`, while that lives: the lines of its entries, less `base`."""
    base: int = 1
    parts: Sequence["Document"] = ()
    """Of a list whose items were read one by one: each of them, as a list of one. In `data` None stands for each."""
    notes: "Notes | None" = None
    """What is known of all documents that differ from this one in their scalars only; None if that isn't looked at."""
    object_line: int | None = None
    """The line of its object, where that is known without `marks`."""
    values: Sequence[Any] | None = None
    """The scalars in which it differs from those, in the order of the text; None if they weren't told apart."""
    is_item: bool = False
    """It is an item of a list, read by itself: `data` is a list of one."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it but comments."""
        return self.data is None

    def lines_of(self, container: Any) -> Sequence[int]:
        """Return the lines of the entries of a map or list, in their order, less `base`."""
        marks: Any = self.marks.get(id(container), ())
        if isinstance(marks, dict):
            return [marks[key] for key in container]
        # A tree marks keys and values alike.
        lines: Sequence[int] = marks[::2] if type(marks) is array and type(container) is dict else marks
        return lines

    def first_line(self, container: Any, default: int) -> int:
        """Return the line of the first entry of a map or list, `default` if it is empty."""
        return min(self.lines_of(container), default=default - self.base) + self.base


@dataclass(slots=True)
class Notes:
    """What is known of all documents, or items of lists, that differ in their scalars only."""

    data: Callable[[Sequence[Any]], Any] | None = None
    """Returns the object that has these scalars; None if they can't be put in."""
    text: str = ""
    """What is the same in all of them."""
    usual: bool = False
    """No scalar of theirs is one that a decoder looks at twice, but for quantities; in each place all are texts, or all
    are numbers."""
    lines: dict[Any, dict[str, int]] = field(default_factory=dict)
    """By how an object is decoded: the lines of its paths, less `Document.base`."""
    stencils: list[Any] = field(default_factory=list)
    """What makes their records; see :mod:`webapp.manifests.stencils`."""
    tries: int = 0
    """How often a stencil was to be made."""


class LateDocument(Document):
    """A document whose data is worked out only if somebody asks: most often its scalars are enough."""

    __slots__ = ("_read", "_whole")
    _read: Callable[[], Document]
    _whole: Document | None

    # Made by the thousand: its attributes are set as those of any object.
    __setattr__ = object.__setattr__

    duplicates = ()
    parts = ()
    is_empty = False

    def __init__(
        self,
        read: Callable[[], Document],
        notes: Notes,
        values: Sequence[Any],
        base: int,
        object_line: int | None = None,
        *,
        is_item: bool,
    ) -> None:
        self._read = read
        self._whole = None
        self.base = base  # type: ignore[misc]
        self.notes = notes  # type: ignore[misc]
        self.object_line = object_line  # type: ignore[misc]
        self.values = values  # type: ignore[misc]
        self.is_item = is_item  # type: ignore[misc]

    def _document(self) -> Document:
        self._whole = whole = self._whole or self._read()
        return whole

    @property
    def line(self) -> int:
        """Its first line, from 1."""
        return self._document().line

    @property
    def data(self) -> Any:
        """The data, read now if it wasn't before."""
        return self._document().data

    @property
    def marks(self) -> Mapping[int, Any]:
        """The lines of its entries."""
        return self._document().marks


@dataclass(frozen=True, slots=True)
class _Anchor:
    value: Any
    nodes: int = 1
    height: int = 0


_OPEN = _Anchor(None, 0, 0)
"""An anchor whose map or list isn't complete: an alias of it would be a cycle."""


class Tree:
    """One document in the making.

    A reader calls `open`, `close` and, for each scalar, `append` with its value and `mark` with its line (from 0). The
    keys and values of a map come in turn.
    """

    __slots__ = (
        "_anchors", "_base", "_deepest", "_duplicates", "_extra", "_height", "_is_map", "_items", "_lines", "_marks",
        "_stack", "_usage", "append", "mark",
    )  # fmt: skip

    # Bound methods of the innermost lists: a reader calls them a million times, and each call stays in C.
    append: Callable[[Any], None]
    mark: Callable[[int], None]

    def __init__(self, usage: Usage, base: int = 1, around: int = 0) -> None:
        self._usage = usage
        self._base = base
        self._deepest = usage.limits.depth - around
        self._stack: list[tuple[Any, ...]] = []
        self.start()

    def start(self) -> None:
        """Forget the document before."""
        self._stack.clear()
        self._anchors: dict[str, _Anchor] = {}
        self._lines: dict[int, Any] = {}
        self._duplicates: list[tuple[int, str]] = []
        self._items: list[Any] = []
        # Four bytes for each line; a list of integers would take 36.
        self._marks = array("i")
        self._is_map = False
        # Of the containers closed inside: how many values they hold, and how deep they go.
        self._extra = self._height = 0
        self.append, self.mark = self._items.append, self._marks.append

    def document(self, line: int) -> Document:
        """Return what was built since `start`; `line` is where it began, from 0."""
        (root,) = self._items or (None,)
        return Document(root, line + self._base, tuple(self._duplicates), self._lines, self._base)

    def open(self, line: int, anchor: str | None, is_map: bool) -> None:
        """Begin a map or list.

        Raises:
            Unreadable: it is nested too deep.

        """
        stack = self._stack
        if len(stack) >= self._deepest:
            raise too_deep(line + self._base, self._usage.limits)
        if anchor is not None:
            self._anchors[anchor] = _OPEN
        self.mark(line)
        stack.append((self._items, self._marks, self._is_map, self._extra, self._height, anchor))
        self._items, self._marks = [], array("i")
        self.append, self.mark = self._items.append, self._marks.append
        self._is_map = is_map
        self._extra = self._height = 0

    def close(self) -> None:
        """End the innermost map or list."""
        value, where = self._map() if self._is_map else (self._items, self._marks)
        # Assigned even when empty: a value that a later key replaced is gone, and its id may come again.
        self._lines[id(value)] = where
        nodes, height = len(self._items) + self._extra, self._height + 1
        items, marks, self._is_map, extra, above, anchor = self._stack.pop()
        self._items, self._marks = items, marks
        self.append, self.mark = items.append, marks.append
        self._extra, self._height = extra + nodes, above if above > height else height
        items.append(value)
        if anchor is not None:
            self._anchors[anchor] = _Anchor(value, nodes + 1, height)

    def anchor(self, name: str) -> None:
        """Name the scalar that was appended last."""
        self._anchors[name] = _Anchor(self._items[-1])

    def alias(self, name: str, line: int) -> None:
        """Repeat what `name` stands for; the limits count it as if it were written out.

        Raises:
            Unreadable: it stands for nothing, for what it is part of, or for more than the limits allow.

        """
        limits = self._usage.limits
        known = self._anchors.get(name)
        self._usage.aliases += 1
        if known is None:
            raise self._unreadable(line, "An alias (*) refers to an anchor (&) that is not defined before it.", _STAR)
        if known is _OPEN:
            raise self._unreadable(line, "An alias refers to the map or list that contains it.")
        if self._usage.aliases > limits.aliases:
            raise Unreadable(line + self._base, f"The file uses more than {limits.aliases:,} aliases.", id_="NP002")
        # Aliases of aliases would otherwise nest as deep as there are lines.
        if len(self._stack) + known.height > self._deepest:
            raise too_deep(line + self._base, limits)
        if self._is_map and self._items[-1:] == ["<<"] and not isinstance(known.value, dict):
            raise self._unreadable(line, "`<<` merges something that is not a map.", _MERGE)
        # As if written out: nine short lines of aliases can stand for a billion values.
        self._usage.count_nodes(known.nodes, line + self._base)
        self._extra += known.nodes - 1
        self._height = max(self._height, known.height)
        self.append(known.value)
        self.mark(line)

    def _unreadable(self, line: int, message: str, hint: str = "") -> Unreadable:
        return Unreadable(line + self._base, message, hint)

    def _map(self) -> tuple[Any, Any]:
        """Return the map that the items make, and where its entries stand."""
        keys = self._items[::2]
        try:
            value = dict(zip(keys, self._items[1::2], strict=True))
            "".join(keys)  # the quickest way to ask whether all of them are texts
        except TypeError:
            return self._map_by_entry()
        return (value, self._marks) if len(value) == len(keys) and "<<" not in value else self._map_by_entry()

    def _map_by_entry(self) -> tuple[dict[str, Any], dict[str, int]]:
        """Return the map as Go builds it, entry by entry: what comes later wins, merged maps (``<<``) included."""
        value: dict[str, Any] = {}
        marks: dict[str, int] = {}
        own: set[str] = set()
        for key, item, line in zip(self._items[::2], self._items[1::2], self._marks[::2], strict=True):
            if key == "<<":
                self._merge(value, marks, item, line)
                continue
            if isinstance(key, dict | list):
                raise self._unreadable(line, "A map or list can't be a key.", _BRACES)
            if (name := key_text(key)) is None:
                raise self._unreadable(line, "An empty value (null) can't be a key.", _BRACES)
            if name in own:
                self._duplicates.append((line + self._base, name))
            own.add(name)
            value[name], marks[name] = item, line
        return value, marks

    def _merge(self, value: dict[str, Any], marks: dict[str, int], merged: Any, line: int) -> None:
        # Of a list the earlier maps take precedence (goyaml.v2/decode.go, merge).
        for one in reversed(merged) if isinstance(merged, list) else (merged,):
            if not isinstance(one, dict):
                raise self._unreadable(line, "`<<` merges something that is not a map.", _MERGE)
            # Merging copies: maps that merge maps would double the work with each line.
            self._usage.count_nodes(len(one), line + self._base)
            value.update(one)
            marks.update(dict.fromkeys(one, line))


_STAR = "A string that begins with * or & needs quotes."
_BRACES = "Text in double braces {{ }} is a template's; anything else that begins with { or [ needs quotes."
_MERGE = "`<<:` takes an alias of a map such as `<<: *defaults`, or a list of these."
