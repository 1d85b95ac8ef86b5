"""Dataclasses whose classes are made fast: that was a third of what a short command takes, for two hundred of them.

The standard library compiles six methods of each class, each from text of its own. Here only ``__init__`` is compiled;
the others do by closures what its own do. Only frozen records with slots, which nearly all are, take this way.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, fields
from functools import cache
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "unfrozen"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:
        """Make a dataclass, as `dataclasses.dataclass` does."""
        wanted = {name for name, value in options.items() if value}
        is_record = wanted - {"kw_only"} == {"frozen", "slots"} and all(options.values())

        def made(it: type) -> type:
            # One that stands on another dataclass, or works fields out, is rare as well.
            if is_record and not hasattr(it, "__post_init__") and not dataclasses.is_dataclass(it):
                return _record(it, kw_only="kw_only" in wanted)
            return dataclasses.dataclass(**options)(it)

        return made if cls is None else made(cls)


# With fewer fields, changing the class twice takes as long as it saves.
_MANY = 8


@cache
def unfrozen(kind: type) -> type[Any]:
    """Return a class with the record's slots, all of which can be set."""
    return type(f"Unfrozen{kind.__name__}", (), {"__slots__": kind.__slots__})  # type: ignore[attr-defined]


def _record(cls: type, *, kw_only: bool) -> type:
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
    if not all(of.init for of in fields(made)):
        raise TypeError(f"{cls.__name__} has a field that is not an argument: use dataclasses.dataclass")
    # Who asks, as `dataclasses` does of a base class, is told so.
    made.__dataclass_params__.frozen = True
    for name, method in {"__init__": _init(made), **_methods(made)}.items():
        # What a class says itself stays. One that says `__eq__` gets `__hash__ = None` from Python.
        if cls.__dict__.get(name) is None:
            method.__name__, method.__qualname__ = name, f"{cls.__qualname__}.{name}"
            setattr(made, name, method)
    result: type = made
    return result


def _init(cls: Any) -> Callable[..., None]:
    scope: dict[str, Any] = {"missing": MISSING}
    # Those that must be named come last.
    ordered = sorted(fields(cls), key=lambda of: bool(of.kw_only))
    first_named = next((of.name for of in ordered if of.kw_only), None)
    parameters, lines = ["self"], []
    # The class refuses assignments. A slot's own way in is a call for each; many are set while it is another class.
    by_class = len(ordered) >= _MANY and cls.__bases__ == (object,)
    if by_class:
        # No field's name begins so.
        scope |= {"_kind": cls, "_unfrozen": unfrozen(cls), "_set_class": object.__dict__["__class__"].__set__}
        lines.append("    _set_class(self, _unfrozen)\n")
    for of in ordered:
        if of.name == first_named:
            parameters.append("*")
        if not by_class:
            scope[f"set_{of.name}"] = getattr(cls, of.name).__set__
        value = of.name
        if of.default is not MISSING:
            scope[f"default_{of.name}"] = of.default
            parameters.append(f"{of.name}=default_{of.name}")
        elif of.default_factory is not MISSING:
            scope[f"make_{of.name}"] = of.default_factory
            parameters.append(f"{of.name}=missing")
            value = f"make_{of.name}() if {of.name} is missing else {of.name}"
        else:
            parameters.append(of.name)
        lines.append(f"    self.{of.name} = {value}\n" if by_class else f"    set_{of.name}(self, {value})\n")
    if by_class:
        lines.append("    self.__class__ = _kind\n")
    text = f"def init({', '.join(parameters)}):\n{''.join(lines) or '    pass'}"
    exec(text, scope)  # noqa: S102 - names of fields, which the class statement has checked
    init: Callable[..., None] = scope["init"]
    init.__annotations__ = {of.name: of.type for of in ordered} | {"return": None}
    return init


def _methods(cls: Any) -> dict[str, Callable[..., Any]]:
    names = [of.name for of in fields(cls)]
    compared = [of.name for of in fields(cls) if of.compare]
    shown = [of.name for of in fields(cls) if of.repr]
    values = attrgetter(*compared) if compared else lambda _: ()

    def equal(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    @recursive_repr()
    def shown_as(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def refuse_to_set(self: Any, name: str, value: object) -> None:  # noqa: ARG001 - as Python calls it
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def refuse_to_delete(self: Any, name: str) -> None:  # noqa: ARG001 - as Python calls it
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def state(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def restore(self: Any, values: list[Any]) -> None:
        for name, value in zip(names, values, strict=True):
            object.__setattr__(self, name, value)

    return {
        "__eq__": equal,
        "__hash__": hashed,
        "__repr__": shown_as,
        "__setattr__": refuse_to_set,
        "__delattr__": refuse_to_delete,
        "__getstate__": state,
        "__setstate__": restore,
    }
