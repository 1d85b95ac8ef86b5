"""Ordinary clicks, answered in the web process, go first."""

import os

NICE = 10
"""At this value a worker gets a tenth of a core that the web process wants as well."""


def lower_priority() -> None:
    """Give this process, and those that it starts, at most that priority; Windows has none to give."""
    if hasattr(os, "nice"):
        os.nice(max(0, NICE - os.nice(0)))
