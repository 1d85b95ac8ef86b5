"""Caches: what was worked out last stays for the next click. They save work and decide nothing."""

from collections.abc import Callable, Hashable
from threading import Condition
from typing import Any, ParamSpec, TypeVar

from cachetools import LRUCache, cached

Asked = ParamSpec("Asked")
Value = TypeVar("Value")


def keep_latest(
    size: int, key: Callable[Asked, Hashable], weight: Callable[[Any], int] = lambda _: 1
) -> Callable[[Callable[Asked, Value]], Callable[Asked, Value]]:
    """Return a decorator that keeps what a function returned last, by their key: values that weigh up to `size` in all.

    Threads that ask for the same key at once build it once. Building happens outside the lock, so nobody waits for
    another key: a cluster of 5,000 nodes takes seconds.
    """
    latest: LRUCache[Hashable, Any] = LRUCache(size, weight)
    return cached(latest, key=key, condition=Condition())
