"""Remembering answers about short texts and about objects, which a snapshot repeats a hundred thousand times."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Generic, TypeVar

_Answer = TypeVar("_Answer")
_Object = TypeVar("_Object")

# The longest name that Kubernetes allows; longer texts are wrong anyway, and must not fill the memory.
SHORT = 253


def remembered(rule: Callable[..., _Answer]) -> Callable[..., _Answer]:
    """Return the pure function of texts, remembering up to 16,384 answers about short ones."""
    known = lru_cache(maxsize=16384)(rule)

    @wraps(rule)
    def answer(*texts: str) -> _Answer:
        # Of one text or two.
        return rule(*texts) if len(texts[0]) > SHORT or len(texts[-1]) > SHORT else known(*texts)

    return answer


class SameObject(Generic[_Object]):
    """A key that stands for this very object, which may have no hash; kept as long as the key is."""

    __slots__ = ("it",)

    def __init__(self, it: _Object) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameObject) and other.it is self.it
