"""How far a job is: whoever does long work names its stages here, and needs not know who listens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from webapp.progress import counting


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What is known of a set before it can be drawn: whoever waits for it sees that at once."""

    name: str
    nodes: int
    """0 while it isn't known: without Node objects they are assumed later."""
    zones: int
    services: int
    """Those with a node port."""
    local: int
    """Those among them whose externalTrafficPolicy is Local."""
    pods: int
    is_placed: bool
    """The pods have their nodes."""
    lanes: tuple[tuple[str, int], ...]
    """The name and the number of nodes of each lane of the picture."""
    columns: int
    """For how many service ports the picture has a bar."""
    bars: tuple[str, ...] = ()
    """The service of each bar, in the picture's order, once that is worked out: the worst comes first."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the work, said when it begins and again as it goes on."""

    title: str
    detail: str = ""
    share: float | None = None
    """How much of it is done, 0 to 1, where that can be counted."""
    sketch: Sketch | None = None
    """What is known by now, said once for each change."""


_observer: ContextVar[Callable[[Stage], None] | None] = ContextVar("observer", default=None)


def stage(title: str, detail: str = "", share: float | None = None, sketch: Callable[[], Sketch] | None = None) -> None:
    """Tell the observer of this work, if it has one, at which stage it is."""
    if (observe := _observer.get()) is not None:
        observe(Stage(title, detail, share, sketch() if sketch else None))


@contextmanager
def counted_stage(title: str, detail: str = "", sketch: Callable[[], Sketch] | None = None) -> Iterator[None]:
    """Tell of a stage, and inside it how much of it is done, as it is counted off."""
    stage(title, detail, sketch=sketch)
    if _observer.get() is None:
        yield
        return
    with counting(lambda share: stage(title, detail, share)):
        yield


@contextmanager
def observed(observer: Callable[[Stage], None]) -> Iterator[None]:
    """Hand the stages of what is done inside to `observer`."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)
