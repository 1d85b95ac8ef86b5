"""How much work something is, in bytecodes: the same on every machine, however busy it is."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def operations(work: Callable[[], object]) -> int:
    """Return how many bytecodes run until the work is done."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(make: Callable[[int], Callable[[], object]], size: int) -> float:
    """Return how many times as much work twice the size is: 2 where it is in proportion, 4 where it is quadratic."""
    make(size)()  # what is worked out once for all sizes
    return operations(make(2 * size)) / operations(make(size))
