"""Objects that differ from one that was decoded in their scalars only: its record again, with their scalars in it.

A dump of a whole cluster has thousands of objects of a few dozen shapes. What decoding an object comes to depends on
its keys, on the types of its scalars, and on the values of very few of them: these stay the same in what is repeated.
All else is decoded in the ordinary way.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass, make_dataclass
from functools import cache
from itertools import count
from operator import itemgetter
from typing import Any, NamedTuple

from webapp.limits import LONGEST_TEXT
from webapp.manifests.field_decoder import QUANTITIES
from webapp.manifests.objects import LinesOfShape, Source
from webapp.manifests.quick_decoder import Unusual, quantity
from webapp.manifests.tree import Document

Values = Sequence[Any]
"""The scalars of an object, in the order of its text."""
Head = tuple[Any, Any]
"""apiVersion and kind as they are written, or as the list around an object says."""
_Pick = Callable[[Values], Sequence[Any]]

# Markers stand for the scalars of a shape while its record is taken apart. They have to be usual values of every field
# that takes a text or a number, quantities included, and differ from one another.
_FIRST_TEXT = 10_000_019
_FIRST_NUMBER = 1_000_003
_INT32 = range(-(2**31), 2**31)
# To make a stencil takes as long as decoding a dozen objects; most shapes of most uploads occur once or twice.
_WORTH_IT = 4
# Objects of a shape may differ in what is never put in, such as their kind. Each stencil is tried in turn.
_MOST = 7
_MOST_PLANS = 20


def repeated(document: Document, circumstances: Hashable) -> "tuple[Any, Head] | None":
    """Return the record of a document's object, and what it says it is; None if it has to be decoded."""
    for one in document.notes.stencils if document.notes is not None else ():
        if one.circumstances == circumstances and (record := one.record(document.values, document.base)) is not None:
            return record, one.head
    return None


def learn(document: Document, circumstances: Hashable, head: Head, decode: Callable[[Any], Any]) -> None:
    """Take note of an object in which nothing is unusual.

    `circumstances` is what its record depends on beside its data. `decode` returns the record of such data, as if the
    document began at line 0; it raises `Unusual` if something may be wrong with it.
    """
    notes, values = document.notes, document.values
    if notes is None or notes.data is None or values is None or notes.tries >= _MOST:
        return
    notes.tries += 1
    if notes.tries < _WORTH_IT:
        return
    markers = list(map(_marker, range(len(values)), values))
    if any(str(marker) in notes.text for marker in markers if marker is not None):
        return
    data = notes.data([value if marker is None else marker for marker, value in zip(markers, values, strict=True)])
    # Which kind it is decides how all the rest is decoded.
    for key, value in zip(("apiVersion", "kind"), head, strict=True):
        if (marker := data.get(key)) in markers:
            markers[markers.index(marker)] = None
            data[key] = value
    try:
        marked = decode(data)
    except Unusual:
        return
    quantities = set(_in_quantities(data))
    notes.stencils.append(Stencil(circumstances, head, marked, values, markers, quantities, usual=notes.usual))


def _marker(slot: int, value: Any) -> str | int | None:
    """Return what stands for this scalar; None for one that never varies."""
    if type(value) is str:
        return str(_FIRST_TEXT + slot) if _is_usual(value) else None
    return _FIRST_NUMBER + slot if type(value) is int and _is_usual(value) else None


def _is_usual(value: str | int) -> bool:
    """Return whether no decoder looks twice at a text or a number, whatever field it is in."""
    return bool(value) and value.isascii() if isinstance(value, str) else value in _INT32


def _in_quantities(data: Any, *, inside: bool = False) -> Iterator[Any]:
    """Yield the scalars of the maps that hold quantities."""
    if type(data) is dict:
        for key, value in data.items():
            yield from _in_quantities(value, inside=inside or key in QUANTITIES)
    elif type(data) is list:
        for value in data:
            yield from _in_quantities(value, inside=inside)
    elif inside:
        yield data


class Stencil:
    """The record of one shape of objects.

    Scalars count as fixed until one is seen to vary: most containers of a cluster have the same ports and probes, and
    such records are shared.
    """

    def __init__(
        self,
        circumstances: Hashable,
        head: Head,
        marked: Any,
        values: Values,
        markers: Sequence[Any],
        quantities: Set[Any],
        *,
        usual: bool,
    ) -> None:
        self.circumstances = circumstances
        self.head = head
        self._usual = usual
        self._marked = marked
        self._values = values
        self._types = tuple(map(type, values))
        self._slots = {marker: slot for slot, marker in enumerate(markers) if marker is not None}
        # A number in the place of a quantity is a text in the record.
        self._slots |= {str(marker): slot for marker, slot in self._slots.items()}
        self._quantities = frozenset(slot for slot, marker in enumerate(markers) if marker in quantities)
        self._may_vary = frozenset(self._slots.values())
        self._varying: frozenset[int] = frozenset()
        self._loosened = 0
        self._plan()

    def _plan(self) -> None:
        varying = sorted(self._varying)
        self._fixed = _picker([slot for slot in range(len(self._values)) if slot not in self._varying])
        self._fixed_values = self._fixed(self._values)
        self._texts = _picker([slot for slot in varying if self._types[slot] is str])
        self._numbers = _picker([slot for slot in varying if self._types[slot] is int])
        self._measures = _picker([slot for slot in varying if slot in self._quantities])
        places = {marker: slot for marker, slot in self._slots.items() if slot in self._varying}
        fixed = {marker: self._values[slot] for marker, slot in self._slots.items() if slot not in self._varying}
        self._constants, self._steps, used = _plan(self._marked, self._values, places, fixed)
        self._kept_texts = _picker([self._slots[marker] for marker in used if self._types[self._slots[marker]] is str])

    def record(self, values: Values, base: int) -> Any:
        """Return the record of the object with these scalars whose document begins at line `base`.

        None if it has to be decoded: a value is unusual, or differs where none may.
        """
        # True is equal to 1.
        if not self._usual and tuple(map(type, values)) != self._types:
            return None
        if self._fixed(values) != self._fixed_values and not self._let_vary(values):
            return None
        if not (self._usual or self._are_usual(values)) or not self._are_quantities(values):
            return None
        texts = self._kept_texts(values)
        if len("".join(texts)) > LONGEST_TEXT and max(map(len, texts)) > LONGEST_TEXT:
            return None
        pool = [*values, base, *self._constants]
        for make, pick, kind in self._steps:
            made = make(*pick(pool))
            if kind is not None:
                made.__class__ = kind
            pool.append(made)
        return pool[-1]

    def _let_vary(self, values: Values) -> bool:
        """Return whether all scalars that differ may do so, and from now on let them."""
        more = frozenset(slot for slot, (mine, its) in enumerate(zip(self._values, values, strict=True)) if mine != its)
        if not more <= self._may_vary:
            return False
        self._loosened += 1
        # Objects made up so that each differs in another place would have a new plan for each of them.
        self._varying |= more if self._loosened < _MOST_PLANS else self._may_vary
        self._plan()
        return True

    def _are_usual(self, values: Values) -> bool:
        texts = self._texts(values)
        return all(texts) and "".join(texts).isascii() and all(map(_INT32.__contains__, self._numbers(values)))

    def _are_quantities(self, values: Values) -> bool:
        try:
            for measure in self._measures(values):
                quantity(measure)
        except Unusual:
            return False
        return True


# --- what has to be made anew -----------------------------------------------------------------------------------------


class _Making(NamedTuple):
    """A part of a record that is made for each object."""

    make: Callable[..., Any]
    pick: _Pick
    """Picks its arguments among the scalars, the line, what is fixed, and what the steps before made."""
    kind: type | None
    """What an open record becomes when it is filled."""


class _Origin(NamedTuple):
    """Where a part of a record comes from: a scalar or the line, a step, or neither, as it is always the same."""

    place: int | None = None
    step: int | None = None
    fixed: Any = None


class _Planner:
    """Takes a record apart."""

    def __init__(self, base: int, places: Mapping[Any, int], fixed: Mapping[Any, Any]) -> None:
        self.steps: list[tuple[Callable[..., Any], list[_Origin], type | None]] = []
        self._base = _Origin(place=base)
        self._places = places
        self._fixed = fixed
        self.used: dict[Any, None] = {}
        """The markers that were found."""

    def part(self, marked: Any) -> _Origin:
        """Return where this part comes from, having added the steps that make it."""
        kind = type(marked)
        if kind is str or kind is int:
            return self._scalar(marked)
        if kind is tuple:
            return self._step(lambda *items: items, map(self.part, marked))
        if kind is dict:
            keys = tuple(marked)
            # The picker picks one for each key; to ask for that would take as long as the rest.
            return self._step(lambda *items: dict(zip(keys, items)), map(self.part, marked.values()))  # noqa: B905
        if kind is Source:
            return self._source(marked)
        if is_dataclass(kind):
            items = (self.part(getattr(marked, one.name)) for one in fields(kind))
            return self._step(_open_kind(kind), items, kind)
        return _Origin(fixed=marked)

    def _scalar(self, marked: str | int) -> _Origin:
        if marked in self._fixed or marked in self._places:
            self.used[marked] = None
        if marked in self._fixed:
            value = self._fixed[marked]
            return _Origin(fixed=str(value) if type(marked) is str else value)
        if marked not in self._places:
            return _Origin(fixed=marked)
        slot = _Origin(place=self._places[marked])
        return self._step(str, [slot]) if type(marked) is str and len(marked) < len(str(_FIRST_TEXT)) else slot

    def _source(self, marked: Source) -> _Origin:
        file, line, lines = marked.file, marked.line, marked.lines
        open_source = _open_kind(Source)

        def source(base: int) -> Any:
            return open_source(file, line + base, LinesOfShape(lines, base) if lines else lines)

        return self._step(source, [self._base], Source)

    def _step(self, make: Callable[..., Any], items: Iterable[_Origin], kind: type | None = None) -> _Origin:
        parts = list(items)
        if all(part.place is None and part.step is None for part in parts):
            made = make(*[part.fixed for part in parts])
            if kind is not None:
                made.__class__ = kind
            return _Origin(fixed=made)
        self.steps.append((make, parts, kind))
        return _Origin(step=len(self.steps) - 1)


def _plan(
    marked: Any, values: Values, places: Mapping[Any, int], fixed: Mapping[Any, Any]
) -> tuple[tuple[Any, ...], tuple[_Making, ...], Iterable[Any]]:
    """Return what never changes in a record, the steps that make one, and the markers in it.

    `fixed` has what its markers stand for.
    """
    planner = _Planner(len(values), places, fixed)
    planner.part(marked)
    constants = [
        part.fixed for _, parts, _ in planner.steps for part in parts if part.place is None and part.step is None
    ]
    first, constant = len(values) + 1 + len(constants), count(len(values) + 1)
    steps = [
        _Making(make, _picker([_place(part, first, constant) for part in parts]), kind)
        for make, parts, kind in planner.steps
    ]
    return tuple(constants), tuple(steps), planner.used


def _place(part: _Origin, first: int, constant: Iterator[int]) -> int:
    if part.place is not None:
        return part.place
    return next(constant) if part.step is None else first + part.step


@cache
def _open_kind(kind: type) -> type:
    """Return a record with the same slots that is not frozen, and becomes the frozen one once it is filled.

    The constructor of a frozen record sets each field by a call, which takes five times as long.
    """
    return make_dataclass(kind.__name__, [(one.name, Any) for one in fields(kind)], slots=True)


def _picker(places: Sequence[int]) -> _Pick:
    """Return what picks the values at these places."""
    if len(places) > 1:
        return itemgetter(*places)
    # An itemgetter of one place returns what is there, and not a sequence of one.
    return itemgetter(slice(places[0], places[0] + 1)) if places else itemgetter(slice(0))
