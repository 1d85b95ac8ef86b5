"""A property that is computed once for each object, without a lock."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 (used like property)
    """Computes its value when it is first asked for and keeps it in the object, as ``functools.cached_property`` does.

    That one, up to Python 3.11, holds one lock for each property, shared by all objects: while one person's large
    cluster is computed, everybody else's request for the same property waits. Here two threads that ask the same object
    at the same time may both compute the value; it must be the same each time.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object | None, owner: type) -> Self | Value:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._compute(instance)
        return value
