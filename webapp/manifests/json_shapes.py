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
        self.shortest = len(text)
        """Characters of the shortest one so far."""
        self.next: ItemShape | None = None
        """What came behind one of it the last time."""
        self._between = _ANY_SLOT.split(taken.skeleton)
        self._order = _order(taken)
        self._numbers = [slot for slot, scalar in enumerate(taken.scalars) if scalar[0] != '"']
        # The patterns take no other scalars than such.
        self.notes = Notes(self._put_together, taken.skeleton, usual=True)
        self._unused: tuple[int, int, Sequence[Any], list[Any]] | None = None
        if str(data.get("kind")) in _UNUSED:
            self._unused = self._head(data, self.values(taken))

    def values(self, taken: TakenApart) -> list[Any]:
        """Return the scalars of one of these objects."""
        return self._read(taken.scalars, taken.firsts, escaped=taken.escaped)

    def values_in(self, text: str) -> list[Any] | None:
        """Return the scalars of the object with this text; None if it is not one of these.

        What is between its scalars decides, and each of them stands where one of the shape does: the patterns find
        nothing in what is between, so that none can be missing elsewhere.
        """
        if text.count("\n") != self.lines:
            return None
        escaped = "\\" in text
        found = (_WITH_ESCAPES if escaped else _SCALAR).findall(text)
        firsts = _FIRST_OF_LIST.findall(text) if self._order is not None else ()
        if len(found) + len(firsts) != len(self._between) - 1:
            return None
        parts = [""] * (2 * len(self._between) - 1)
        parts[::2] = self._between
        parts[1::2] = found if self._order is None else self._order([*found, *firsts])
        return self._read(found, firsts, escaped=escaped) if "".join(parts) == text else None

    def _read(self, written: Sequence[str], firsts: Sequence[str], *, escaped: bool) -> list[Any]:
        values: list[Any] = [one[1:] for one in written]
        for slot in self._numbers:
            values[slot] = int(written[slot])
        if escaped:
            values = [_unescaped(one) if "\\" in str(one) else one for one in values]
        values += firsts
        return values

    def unused(self, values: Sequence[Any]) -> list[Any] | None:
        """Return the object as far as it matters where its kind is not used; None if it has to be read.

        Then only its apiVersion, its kind and its keys do.
        """
        if self._unused is None:
            return None
        version, kind, head, data = self._unused
        return data if (values[version], values[kind]) == head else None

    def _head(self, data: dict[str, Any], values: Sequence[Any]) -> tuple[int, int, Sequence[Any], list[Any]] | None:
        # Each text is the number of its place, to see where apiVersion and kind stand.
        places = [one if type(one) is int else str(place) for place, one in enumerate(values)]
        marked = self._put_together(places)
        version, kind = marked.get("apiVersion"), marked["kind"]
        if type(version) is not str or version == data["apiVersion"] or kind == data["kind"]:
            return None
        head = (data["apiVersion"], data["kind"])
        small = dict.fromkeys(data) | dict(zip(("apiVersion", "kind"), head, strict=True))
        return int(version), int(kind), head, [small]

    def _put_together(self, values: Sequence[Any]) -> Any:
        """Return the data of the object that has these scalars."""
        parts = self.skeleton.split(_SLOT)
        scalars = [json.dumps(value).removesuffix('"') for value in values[: len(parts) - 1]]
        firsts = values[len(scalars) :]
        text = "".join(chain(*zip(parts, (*scalars, ""), strict=True)))
        return json.loads("".join(chain(*zip(text.split(_FIRST_SLOT), (*firsts, ""), strict=True))))


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
