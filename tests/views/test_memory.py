"""Where the process has grown, what nobody uses is given back; pages leave little behind that needs it."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from webapp.views.memory import MemoryWatch


class Tied:
    """Something that knows itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def by_hand() -> Iterator[None]:
    """Let Python's collector do nothing by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize(
    ("sizes", "collected"),
    [
        pytest.param([40, 49], False, id="grown by less"),
        pytest.param([40, 50, 45], True, id="grown by as much"),
        pytest.param([800, 850], False, id="by less than an eighth of a large process"),
        pytest.param([800, 900, 850], True, id="by an eighth of a large process"),
    ],
)
def test_garbage_is_looked_for_where_the_process_has_grown(sizes: list[int], collected: bool) -> None:
    """However few objects it was."""
    told = iter(sizes)
    watch = MemoryWatch(10, lambda: next(told))
    gone = weakref.ref(Tied())
    watch.look()
    assert (gone() is None) == collected


def test_growth_is_counted_from_what_was_left() -> None:
    """Memory that the allocator keeps is not collected for again and again."""
    told = iter([40, 50, 48, 57, 58, 50])
    watch = MemoryWatch(10, lambda: next(told))
    watch.look()
    watch.look()
    watch.look()
    assert next(told, None) is None


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize("query", ["", "?down=node/worker-1", "?service=default/web&drawer=table"])
def test_a_page_leaves_nothing_of_what_it_shows_in_cycles(client: FlaskClient, query: str) -> None:
    """A macro of a whole template knows all that the page shows, and is known by it."""
    address = f"/t/sample-shop{query}"
    client.get(address)
    gc.collect()
    client.get(address)
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        left = {type(each).__name__ for each in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert not left & {"PageState", "Header", "Download", "WholeMap", "Explorer", "Verdict", "Panel"}
