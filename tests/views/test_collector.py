"""The cycle collector is paused and comes back."""

import gc

import pytest

from webapp.garbage import collection_paused
from webapp.views.page.topologies import set_large_aside


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
    kept = [object()]
    set_large_aside(100)
    assert any(tracked is kept for tracked in gc.get_objects())
    set_large_aside(100_000)
    assert not any(tracked is kept for tracked in gc.get_objects())
    gc.unfreeze()


def test_what_was_set_aside_stays_so_after_a_pause() -> None:
    """Reading a small upload must not bring a large cluster back into every full collection."""
    large = [object()]
    set_large_aside(100_000)
    with collection_paused():
        pass
    # One object is asked for, not how many there are: what is set aside still goes when nobody holds it any more.
    assert not any(tracked is large for tracked in gc.get_objects())
    gc.unfreeze()
    assert any(tracked is large for tracked in gc.get_objects())
