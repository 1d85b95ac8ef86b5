"""Documents that differ in their scalars only have one shape: it is worked out once, and each is a copy of it, filled.

A dump of 3,000 pods has a few dozen shapes. Two regular expressions part a text into its scalars and its skeleton; all
that Python does for a document whose skeleton is known is to copy its maps and lists and to put the scalars in.
"""

import re
from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from webapp.manifests.simple_yaml import Simple, read_simple
from webapp.manifests.tree import Notes
from webapp.manifests.yaml_lines import ABSENT, SLOT, Doubt, Lines, Slot, SlotText, scalar
from webapp.records import dataclass

_PLAIN = r"""(?:[\w./(+$~<=^;\\]|:(?=\S))[^\n:#\t]*+(?:(?:(?<!\ )\#|:(?=\S))[^\n:#\t]*+){0,2000}(?<![}\]])"""
# The first is plain as well, and what most of them are: found without looking back.
_WORD = r"[\w.][\w./-]*+(?=\n)"
_SCALARS = re.compile(rf""": ({_WORD}|(?:{_PLAIN}|"[^"\\\n]*"|'[^'\n]*')(?=\n)|[\w./+][\w./+@-]*(?=[,}}]))""")
"""What follows a key up to the end of its line, or up to the next entry in brackets. It also fits in comments and block
texts; the skeleton tells."""
# Characters of all skeletons known at a time. A shape takes about 25 times as many bytes: 100 MB at most.
_MOST = 1 << 22


class _Texts(dict[str, Any]):
    """Scalars as they are written, and their values."""

    _MOST = 100_000
    _LONGEST = 200

    def __missing__(self, text: str) -> Any:
        """Read a scalar that was not seen before."""
        if (value := scalar(text)) is ABSENT:
            raise Doubt
        if len(text) < self._LONGEST:
            if len(self) > self._MOST:
                self.clear()
            self[text] = value
        return value


class _Step(NamedTuple):
    """What is put into which entry of which of the copies."""

    container: int
    key: Any
    source: int
    """An index: scalars first, then copies."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What documents with the same skeleton have in common."""

    simple: Simple
    steps: tuple[_Step, ...]
    texts: tuple[tuple[int, Any, SlotText], ...]
    """Which texts go into which entries of which copies."""
    notes: Notes
    """What others know of all such documents."""

    def filled(self, scalars: Sequence[str], values: Sequence[Any]) -> tuple[Any, dict[int, list[int]]]:
        """Return the data, and by ``id`` of its maps and lists the lines of their entries."""
        # Records keep some of these maps, such as labels: no two documents may share one.
        copies = [one.copy() for one in self.simple.containers]
        sources = [*values, *copies]
        for container, key, source in self.steps:
            copies[container][key] = sources[source]
        for container, key, (text, slot) in self.texts:
            around = text.split(SLOT)
            inner = scalars[slot : slot + len(around) - 1]
            copies[container][key] = "".join(chain(*zip(around, (*inner, ""), strict=True)))
        return copies[0] if copies else None, dict(zip(map(id, copies), self.simple.lines, strict=True))


class Shapes:
    """The shapes of one upload."""

    def __init__(self, deepest: int) -> None:
        self._deepest = deepest
        self._table = Lines()
        self._texts = _Texts()
        self._known: dict[str, Shape | None] = {}
        self._characters = 0

    def read(self, text: str) -> "Filling":
        """Return the shape of a document or item, and what it is filled with.

        Raises:
            Doubt: libyaml has to read it.

        """
        parts = _SCALARS.split(text)
        skeleton = f": {SLOT}".join(parts[::2])
        if skeleton not in self._known:
            self._characters += len(skeleton)
            if self._characters > _MOST:
                self._known.clear()
                self._characters = len(skeleton)
            self._known[skeleton] = self._shape(skeleton)
        shape, scalars = self._known[skeleton], parts[1::2]
        # The text may still be plain where its skeleton is not: slots in a scalar of several lines hide its parts.
        if shape is None:
            shape, scalars = self._made(text), []
        return Filling(shape, scalars, list(map(self._texts.__getitem__, scalars)))

    def _shape(self, skeleton: str) -> Shape | None:
        try:
            return self._made(skeleton)
        except Doubt:
            return None

    def _made(self, text: str) -> Shape:
        simple = read_simple(text[:-1].split("\n"), 0, self._table, self._deepest)
        places = {id(one): index for index, one in enumerate(simple.containers)}
        scalars = text.count(SLOT)
        steps: list[_Step] = []
        texts: list[tuple[int, Any, SlotText]] = []
        for index, container in enumerate(simple.containers):
            for key, value in container.items() if type(container) is dict else enumerate(container):
                if type(value) is Slot:
                    steps.append(_Step(index, key, value.number))
                elif type(value) is SlotText:
                    texts.append((index, key, value))
                elif type(value) in {dict, list}:
                    steps.append(_Step(index, key, scalars + places[id(value)]))
        notes = Notes(text=text)
        shape = Shape(simple, tuple(steps), tuple(texts), notes)
        if simple.containers and scalars and not texts:
            notes.data = partial(_object, shape)
        return shape


class Filling(NamedTuple):
    """A shape, and the scalars of one document or item of it."""

    shape: Shape
    scalars: Sequence[str]
    values: Sequence[Any]

    def filled(self) -> tuple[Any, dict[int, list[int]]]:
        """Return the data, and by ``id`` of its maps and lists the lines of their entries, from 0."""
        return self.shape.filled(self.scalars, self.values)


def _object(shape: Shape, values: Sequence[Any]) -> Any:
    data, _ = shape.filled((), values)
    return data[0] if type(data) is list and len(data) == 1 else data
