"""How much of a long loop is done: whoever goes through many things counts them off, and needs not know who listens."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")

_listener: ContextVar[Callable[[float], None] | None] = ContextVar("listener", default=None)


def counted_off(items: Sequence[Item]) -> Iterator[Item]:
    """Yield the items; before each, tell the listener, if there is one, which share of them is done.

    What is counted off meanwhile is part of one item, and not told.
    """
    listen = _listener.get()
    if listen is None:
        yield from items
        return
    _listener.set(None)
    try:
        for number, item in enumerate(items):
            listen(number / len(items))
            yield item
    finally:
        _listener.set(listen)


@contextmanager
def counting(listener: Callable[[float], None]) -> Iterator[None]:
    """Tell `listener` of what is counted off inside."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
