"""Our dataclasses are those of the standard library, made faster: whatever can be asked of one has the same answer."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, fields, replace
from typing import Any

import pytest

from webapp import records


def plain(make: Callable[..., Any]) -> type:
    """Return a record with a default of each kind."""

    @make(frozen=True, slots=True)
    class Plain:
        name: str
        number: int = 0
        labels: dict[str, str] = field(default_factory=dict)
        source: object = field(default=None, compare=False, repr=False)

        @property
        def upper(self) -> str:
            return self.name.upper()

    return Plain


def large(make: Callable[..., Any]) -> type:
    """Return a record of many fields, some of them called as other things are."""

    @make(frozen=True, slots=True)
    class Large:
        kind: str
        name: str
        a: int = 0
        b: int = 0
        c: int = 0
        d: int = 0
        e: int = 0
        unfrozen: bool = False
        labels: dict[str, str] = field(default_factory=dict)

    return Large


def named(make: Callable[..., Any]) -> type:
    """Return a record whose fields must be named, in any order of defaults."""

    @make(frozen=True, slots=True, kw_only=True)
    class Named:
        number: int = 0
        name: str

    return Named


def derived(make: Callable[..., Any]) -> type:
    """Return a record that adds a field, which must be named, to those of another."""

    @make(frozen=True, slots=True)
    class Derived(plain(make)):  # type: ignore[misc]
        more: int = field(default=3, kw_only=True)

    return Derived


def empty(make: Callable[..., Any]) -> type:
    """Return a record without a field."""

    @make(frozen=True, slots=True)
    class Empty:
        pass

    return Empty


def own(make: Callable[..., Any]) -> type:
    """Return a record that compares and shows itself in its own way."""

    @make(frozen=True, slots=True)
    class Own:  # noqa: PLW1641 - the decorator adds the hash
        name: str
        other: int = 0

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self)) and self.name == other.name

        def __repr__(self) -> str:
            return self.name

    return Own


CASES = [
    pytest.param(plain, {"name": "a"}, {"name": "a", "number": 1}, id="plain"),
    pytest.param(plain, {"name": "a", "source": 1}, {"name": "b", "source": 1}, id="a field that is not compared"),
    pytest.param(large, {"kind": "Pod", "name": "a"}, {"kind": "Pod", "name": "a", "e": 1}, id="large"),
    pytest.param(named, {"name": "a"}, {"name": "a", "number": 1}, id="named"),
    pytest.param(derived, {"name": "a", "more": 1}, {"name": "a"}, id="derived"),
    pytest.param(empty, {}, {}, id="empty"),
    pytest.param(own, {"name": "a"}, {"name": "b"}, id="its own methods"),
]


@pytest.mark.parametrize(("of", "one", "other"), CASES)
def test_a_record_is_a_dataclass(of: Callable[..., type], one: dict[str, Any], other: dict[str, Any]) -> None:
    """Signature, fields, repr, equality, hash, replacing, matching."""
    theirs, ours = of(dataclasses.dataclass), of(records.dataclass)
    assert [(it.name, it.kw_only, it.compare) for it in fields(ours)] == [
        (it.name, it.kw_only, it.compare) for it in fields(theirs)
    ]
    parameters = [[(p.name, p.kind) for p in inspect.signature(cls).parameters.values()] for cls in (theirs, ours)]
    assert parameters[0] == parameters[1]
    assert ours.__init__.__annotations__ == theirs.__init__.__annotations__
    assert (ours.__match_args__, ours.__slots__) == (theirs.__match_args__, theirs.__slots__)
    for kwargs in (one, other):
        a, b = theirs(**kwargs), ours(**kwargs)
        assert repr(a) == repr(b)
        assert {it.name: getattr(a, it.name) for it in fields(a)} == {it.name: getattr(b, it.name) for it in fields(b)}
        assert b == ours(**kwargs)
        assert b != a
        assert repr(replace(b)) == repr(b)
    assert (ours(**one) == ours(**other)) == (theirs(**one) == theirs(**other))
    assert type(ours(**one)) is ours
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        ours(**one).name = "b"


@pytest.mark.parametrize("make", [dataclasses.dataclass, records.dataclass])
def test_hash_follows_what_is_compared(make: Callable[..., Any]) -> None:
    """What is equal has the same hash, a record that says `__eq__` has one as well, a dict in it has none."""
    cls, own_way = plain(make), own(make)
    assert hash(cls("a", labels=(), source=1)) == hash(cls("a", labels=(), source=2))
    assert hash(own_way("a")) == hash(own_way("a"))
    with pytest.raises(TypeError, match="unhashable"):
        hash(cls("a"))


@pytest.mark.parametrize("make", [dataclasses.dataclass, records.dataclass])
def test_nothing_can_be_assigned(make: Callable[..., Any]) -> None:
    """Nor deleted, nor added; wrong arguments are refused, and no default is shared."""
    one = plain(make)("a")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        one.name = "b"
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'name'"):
        del one.name
    # The standard library's has its own words for it.
    with pytest.raises((FrozenInstanceError, TypeError)):
        one.more = 1
    with pytest.raises(TypeError, match="missing 1 required"):
        plain(make)()
    with pytest.raises(TypeError, match="positional"):
        named(make)("a")
    assert one.labels is not plain(make)("a").labels


@records.dataclass(frozen=True, slots=True)
class Kept:
    """A record at the top of a module, where pickling finds it."""

    name: str
    inside: object = None


def test_it_can_be_copied_and_pickled() -> None:
    """As it crosses from process to process."""
    one = Kept("a", Kept("b"))
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    assert copy.deepcopy(one) == one
    assert copy.copy(one) == one


def test_what_is_not_a_record_is_left_to_the_standard_library() -> None:
    """Such as what is changed, what has no slots, and what is worked out from others."""

    @records.dataclass(slots=True)
    class Changed:
        name: str = ""

    @records.dataclass(frozen=True, slots=True)
    class Worked:
        name: str = ""
        length: int = field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "length", len(self.name))

    changed = Changed()
    changed.name = "a"
    assert (changed, Worked("abc").length) == (Changed("a"), 3)
    with pytest.raises(TypeError, match="a field that is not an argument"):

        @records.dataclass(frozen=True, slots=True)
        class Wrong:
            name: str = field(init=False)
