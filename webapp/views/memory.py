"""Memory is bounded by bytes: where the process has grown, all of its objects are looked at for what nobody uses."""

import gc
from collections.abc import Callable

import psutil
from flask import Flask

GROWN = 64 << 20
"""Bytes by which the process may grow, or an eighth of what it has, before that is done again."""


def init_app(app: Flask) -> None:
    """Look after each request."""
    watch = MemoryWatch()
    app.teardown_request(lambda _: watch.look())


class MemoryWatch:
    """Looks for cyclic garbage whenever the process has grown.

    Python's collector counts objects, not bytes, and looks at old ones once a quarter has been added to them; as large
    clusters are made old at once, its turn for these practically never comes. Pages leave cycles behind: Jinja's
    macros and NetworkX's views know what they belong to.
    """

    def __init__(
        self, grown: int = GROWN, resident: Callable[[], int] = lambda: int(psutil.Process().memory_info().rss)
    ) -> None:
        self._grown, self._resident = grown, resident
        self._before = resident()

    def look(self) -> None:
        """Collect if the process has grown since that was done last."""
        now = self._resident()
        if now - self._before < max(self._grown, self._before >> 3):
            return
        # First, so that no other thread does the same meanwhile.
        self._before = now
        gc.collect()
        # What was freed may stay with the allocator, for the next objects.
        self._before = self._resident()
