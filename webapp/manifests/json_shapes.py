"""Objects in the text that kubectl prints, told apart into what many of them share and the scalars that they don't."""

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain, count
from operator import itemgetter
from typing import Any, NamedTuple

from webapp.manifests.kind_spelling import OTHER_KINDS
from webapp.manifests.tree import Notes

# The texts and numbers that are the last on their line, behind a key or the first of a list. No text holds a line end,
# so that what stands there is a whole one, or the text is no JSON. A pattern that begins with fixed characters is found
# ten times faster, and escapes would slow it down for all the texts that have none.
_PLAIN = r"[ !#-\[\]-~]"
_NUMBER = r"-?(?:0|[1-9][0-9]{0,8})"
_SCALAR = re.compile(rf'": ("{_PLAIN}+(?=",?\n)|{_NUMBER}(?=,?\n))')
_WITH_ESCAPES = re.compile(rf"""": ("(?!"){_PLAIN}*+(?:\\["\\/bfnrt]{_PLAIN}*+)*(?=",?\n)|{_NUMBER}(?=,?\n))""")
_FIRST_OF_LIST = re.compile(rf'\[\n *"({_PLAIN}+)(?=",?\n)')
_BEFORE_FIRST = re.compile(rf'(\[\n *"){_PLAIN}+(?=",?\n)')
_UNUSED = OTHER_KINDS - {"List"}
# Characters that are looked through ahead at a time.
_LEAST_AHEAD, _MOST_AHEAD = 1 << 12, 1 << 18
_SLOT, _FIRST_SLOT = "\0", "\1"
_ANY_SLOT = re.compile(f"[{_SLOT}{_FIRST_SLOT}]")


class TakenApart(NamedTuple):
    """The text of an object without its scalars, and these."""

    skeleton: str
    scalars: Sequence[str]
    """Those behind keys, texts with the quotation mark before them."""
    firsts: Sequence[str] = ()
    """The first texts of lists."""
    escaped: bool = False
    """Whether there may be escapes in them."""


def taken_apart(text: str) -> TakenApart:
    """Return what is left of a text without the scalars that are known by their place, and these."""
    escaped = "\\" in text
    parts = (_WITH_ESCAPES if escaped else _SCALAR).split(text)
    skeleton = f'": {_SLOT}'.join(parts[::2])
    if "[\n" not in skeleton:
        return TakenApart(skeleton, parts[1::2], escaped=escaped)
    firsts = _FIRST_OF_LIST.findall(skeleton)
    return TakenApart(_BEFORE_FIRST.sub(rf"\1{_FIRST_SLOT}", skeleton), parts[1::2], firsts, escaped)


class ItemShape:
    """What is the same in all objects that differ in their scalars only."""

    def __init__(self, text: str, taken: TakenApart, data: dict[str, Any], entries: int, first: int) -> None:
        self.skeleton = taken.skeleton
        self.entries = entries
        self.lines = text.count("\n")
        self.first = first
        """The line of its first key, from 1."""
        self.size = most_values(taken.skeleton)
        self.next: ItemShape | None = None
        """What came behind one of it the last time."""
        self._between = _ANY_SLOT.split(taken.skeleton)
        self.behind, self.firsts = len(taken.scalars), len(taken.firsts)
        self._order = _order(taken)
        self._numbers = [slot for slot, scalar in enumerate(taken.scalars) if scalar[0] != '"']
        # The patterns take no other scalars than such.
        self.notes = Notes(self._put_together, taken.skeleton, usual=True)
        self._unused: _Unused | None = None
        if str(data.get("kind")) in _UNUSED:
            self._unused = self._head(data, taken)

    def values(self, taken: TakenApart) -> list[Any]:
        """Return the scalars of one of these objects."""
        values: list[Any] = [one[1:] for one in taken.scalars]
        for slot in self._numbers:
            values[slot] = int(taken.scalars[slot])
        if taken.escaped:
            values = [_unescaped(one) if "\\" in str(one) else one for one in values]
        values += taken.firsts
        return values

    def taken_at(self, begin: int, scalars: "Scalars") -> tuple[TakenApart, int] | None:
        """Return the object that begins there in the text, and its end; None if it is not one of these.

        Whatever the scalars to come are: if the text with them in it is what stands there, they stand in their places.
        """
        found, firsts = scalars.coming(begin, self.behind, self.firsts)
        if len(found) < self.behind or len(firsts) < self.firsts:
            return None
        parts = [""] * (2 * len(self._between) - 1)
        parts[::2] = self._between
        parts[1::2] = found if self._order is None else self._order([*found, *firsts])
        text = "".join(parts)
        if not scalars.text.startswith(text, begin):
            return None
        return TakenApart(self.skeleton, found, firsts, "\\" in text), begin + len(text)

    def unused(self, taken: TakenApart) -> list[Any] | None:
        """Return the object as far as it matters where its kind is not used; None if it has to be read.

        Then only its apiVersion, its kind and its keys do.
        """
        if self._unused is None:
            return None
        known = self._unused
        return known.data if (taken.scalars[known.version], taken.scalars[known.kind]) == known.head else None

    def _head(self, data: dict[str, Any], taken: TakenApart) -> "_Unused | None":
        # Each text is the number of its place, to see where apiVersion and kind stand.
        places = [one if type(one) is int else str(place) for place, one in enumerate(self.values(taken))]
        marked = self._put_together(places)
        version, kind = marked.get("apiVersion"), marked["kind"]
        if type(version) is not str or version == data["apiVersion"] or kind == data["kind"]:
            return None
        small = dict.fromkeys(data) | {key: data[key] for key in ("apiVersion", "kind")}
        return _Unused(int(version), int(kind), (taken.scalars[int(version)], taken.scalars[int(kind)]), [small])

    def _put_together(self, values: Sequence[Any]) -> Any:
        """Return the data of the object that has these scalars."""
        parts = self.skeleton.split(_SLOT)
        scalars = [json.dumps(value).removesuffix('"') for value in values[: len(parts) - 1]]
        firsts = values[len(scalars) :]
        text = "".join(chain(*zip(parts, (*scalars, ""), strict=True)))
        return json.loads("".join(chain(*zip(text.split(_FIRST_SLOT), (*firsts, ""), strict=True))))


class _Unused(NamedTuple):
    """What there is to know of an object whose kind is not used."""

    version: int
    """Which of its scalars is its apiVersion."""
    kind: int
    head: tuple[str, str]
    """Both as they are written."""
    data: list[Any]
    """An object with these and its keys, as a list of one."""


class Scalars:
    """The scalars of the items of a list in their order, found ahead of those who ask for them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._behind, self._firsts = _Ahead(text, _SCALAR, _WITH_ESCAPES), _Ahead(text, _FIRST_OF_LIST, _FIRST_OF_LIST)
        self._lost = True

    def coming(self, begin: int, behind: int, firsts: int) -> tuple[Sequence[str], Sequence[str]]:
        """Return so many scalars behind keys, and first texts of lists, as come from the item on that begins here.

        Fewer if there are no more.
        """
        if self._lost:
            self._behind.restart(begin)
            self._firsts.restart(begin)
            self._lost = False
        return self._behind.coming(behind), self._firsts.coming(firsts) if firsts else ()

    def pass_by(self, behind: int, firsts: int) -> None:
        """Go on to the next item, this one having so many of them."""
        self._behind.passed += behind
        self._firsts.passed += firsts

    def get_lost(self) -> None:
        """Go on to the next item, nobody knowing how many this one has."""
        self._lost = True


class _Ahead:
    """What a pattern finds in a text, in its order."""

    def __init__(self, text: str, plain: re.Pattern[str], with_escapes: re.Pattern[str]) -> None:
        self._text = text
        self._plain, self._with_escapes = plain, with_escapes
        self.restart(0)

    def restart(self, begin: int) -> None:
        """Go to this place."""
        self._end = begin
        self._size = _LEAST_AHEAD
        self._found: list[str] = []
        self.passed = 0
        """How many of those that come next are of no interest any more, whether they were found already or not."""

    def coming(self, number: int) -> list[str]:
        """Return so many, fewer if there are no more."""
        while len(self._found) < self.passed + number and self._end < len(self._text):
            self._look()
        return self._found[self.passed : self.passed + number]

    def _look(self) -> None:
        begin, end = self._end, self._end_of_line(self._end + self._size)
        # The first text of a list is a line below its bracket.
        while self._text.endswith("[\n", begin, end) and end < len(self._text):
            end = self._end_of_line(end)
        pattern = self._plain if self._text.find("\\", begin, end) < 0 else self._with_escapes
        known = min(self.passed, len(self._found))
        self._found[:known] = ()
        self.passed -= known
        self._found += pattern.findall(self._text, begin, end)
        # Who goes elsewhere the next time has wasted no more than was of use before.
        self._end, self._size = end, min(2 * self._size, _MOST_AHEAD)

    def _end_of_line(self, position: int) -> int:
        return self._text.find("\n", position) + 1 or len(self._text)


@lru_cache(maxsize=1024)
def _unescaped(text: str) -> Any:
    return json.loads(f'"{text}"')


def _order(taken: TakenApart) -> Callable[[Sequence[str]], Sequence[str]] | None:
    """Return what brings scalars, those behind keys first, into the order of the text; None if they are in it."""
    if not taken.firsts:
        return None
    slots = _ANY_SLOT.findall(taken.skeleton)
    behind, first = count(), count(slots.count(_SLOT))
    places = [next(behind if mark == _SLOT else first) for mark in slots]
    # An itemgetter of one place returns what is there, and not a sequence of one.
    return itemgetter(*places) if len(places) > 1 else None


_NO_STRUCTURE = bytes(set(range(256)) - set(b"{}[],"))


def structure(text: str) -> bytes:
    """Return the brackets and commas of a text, those in strings included."""
    return text.encode().translate(None, _NO_STRUCTURE)


def most_values(text: str) -> int:
    """Return how many values and ends of maps and lists there are at most, each of which counts."""
    marks = structure(text)
    return marks.count(b",") + 2 * (marks.count(b"{") + marks.count(b"[")) + 1
