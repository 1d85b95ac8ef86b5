"""The one order in which names are listed: numbers inside them count as numbers."""

import re

_DIGITS = re.compile(r"(\d+)")


def natural(name: str) -> tuple[object, ...]:
    """Return a sort key that puts worker-2 before worker-10; ends in the name itself, so that it is total.

    >>> sorted(["worker-10", "worker-2"], key=natural)
    ['worker-2', 'worker-10']
    """
    parts = _DIGITS.split(name)
    return (*(_number(part) if part.isdecimal() else (1, 0, part) for part in parts), (2, 0, name))


def _number(digits: str) -> tuple[int, int, str]:
    """Return a key in the order of the numbers, however long: Python makes no int of more than 4,300 digits."""
    significant = digits.lstrip("0")
    return 0, len(significant), significant
