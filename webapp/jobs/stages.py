"""How far a job is: whoever does long work names its stages here, and needs not know who listens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the work, said when it begins and again as it goes on."""

    title: str
    detail: str = ""
    share: float | None = None
    """How much of it is done, 0 to 1, where that can be counted."""


_observer: ContextVar[Callable[[Stage], None] | None] = ContextVar("observer", default=None)


def stage(title: str, detail: str = "", share: float | None = None) -> None:
    """Tell the observer of this work, if it has one, at which stage it is."""
    if (observe := _observer.get()) is not None:
        observe(Stage(title, detail, share))


@contextmanager
def observed(observer: Callable[[Stage], None]) -> Iterator[None]:
    """Hand the stages of what is done inside to `observer`."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)
