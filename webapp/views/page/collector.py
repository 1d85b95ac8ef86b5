"""Python's cycle collector, kept out of the way of large clusters.

Manifests and clusters are trees of records without cycles: going through millions of them finds nothing, takes a
third of the time of building them, and later stops single clicks for half a second.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_LARGE = 10_000
"""Pods from which on a cluster is worth setting aside."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Do something that makes many records, and no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def set_aside(pods: int) -> None:
    """Have the collector look no more at what there is, if it is much; counting references still frees it."""
    if pods > _LARGE:
        gc.freeze()
