"""The garbage collector, out of the way while very many objects are made that all stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def collect_rarely() -> None:
    """Have the collector look for cyclic garbage so rarely as suits a process of nodefall's own."""
    # A large cluster is millions of records that stay: looking through them at each thousand new ones takes longer
    # than making them.
    gc.set_threshold(100_000, 50, 50)


@contextmanager
def collection_paused() -> Iterator[None]:
    """Let no cyclic garbage be looked for meanwhile; counting references frees memory as ever."""
    # The collector looks at all objects again for each quarter that is added: a third of the time that 10 MB of
    # manifests take to read, and of that which a cluster of 150,000 pods takes to build, though nothing there is
    # garbage. In another thread it is only late.
    if not gc.isenabled():
        yield
        return
    # Cycles of the pages before, which would be made old below, and stay for long.
    gc.collect(0)
    gc.disable()
    try:
        yield
    finally:
        # This makes old what was made, so that the next collection of young objects is as short as any. What was set
        # aside for good stays so: thawed, it would be looked at with all the rest.
        if not _is_anything_aside:
            gc.freeze()
            gc.unfreeze()
        gc.enable()


# Python would count all that is set aside to tell: a quarter of a second for one large cluster.
_is_anything_aside = False


def set_aside() -> None:
    """Have the collector look no more at what there is; counting references still frees it."""
    global _is_anything_aside  # noqa: PLW0603 - it is about the process, as the collector is
    _is_anything_aside = True
    gc.freeze()
