"""The cycle collector is paused and comes back."""

import gc

import pytest

from webapp.garbage import collection_paused
from webapp.views.page.topologies import set_aside


def test_the_collector_comes_back_after_an_error() -> None:
    """Whatever happens meanwhile."""
    with pytest.raises(ZeroDivisionError):
        _fail()
    assert gc.isenabled()


def _fail() -> None:
    with collection_paused():
        1 / int(gc.isenabled())


def test_only_large_clusters_are_set_aside() -> None:
    """A small one is no burden."""
    before = gc.get_freeze_count()
    set_aside(100)
    assert gc.get_freeze_count() == before
    set_aside(100_000)
    assert gc.get_freeze_count() > before
    gc.unfreeze()


def test_what_was_set_aside_stays_so_after_a_pause() -> None:
    """Reading a small upload must not bring a large cluster back into every full collection."""
    set_aside(100_000)
    frozen = gc.get_freeze_count()
    with collection_paused():
        pass
    assert gc.get_freeze_count() >= frozen > 0
    gc.unfreeze()
