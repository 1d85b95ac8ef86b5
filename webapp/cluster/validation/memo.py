"""Remembering answers about short texts, which a snapshot repeats a hundred thousand times."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_Answer = TypeVar("_Answer")

# The longest name that Kubernetes allows; longer texts are wrong anyway, and must not fill the memory.
SHORT = 253


def remembered(rule: Callable[..., _Answer]) -> Callable[..., _Answer]:
    """Return the pure function of texts, remembering up to 16,384 answers about short ones."""
    known = lru_cache(maxsize=16384)(rule)

    @wraps(rule)
    def answer(*texts: str) -> _Answer:
        for text in texts:
            if len(text) > SHORT:
                return rule(*texts)
        return known(*texts)

    return answer
