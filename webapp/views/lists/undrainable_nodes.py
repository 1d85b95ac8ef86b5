"""The drains on the page of resilience: the nodes that cannot be drained now, and what blocks them."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.failure.drain import DrainResult
from webapp.numbers import counted
from webapp.resilience import Undrainable, Voluntary
from webapp.views.page.state import PageState

MAX_DRAINS = 20
"""How many are listed."""


@dataclass(frozen=True, slots=True)
class UndrainableNode:
    """A node that cannot be drained."""

    node: str
    url: str
    result: str
    obstacles: tuple[tuple[str, str], ...]
    """What blocks it, and the reason."""


_RESULTS = {
    DrainResult.REFUSED: "is aborted by kubectl",
    DrainResult.FAILED: "fails",
    DrainResult.ENDLESS: "never ends",
    DrainResult.NOT_REACHED: "is not reached",
}


def undrainable_nodes(page: PageState, found: Voluntary) -> Iterator[UndrainableNode]:
    """Yield the first of them."""
    return (_node(page, it) for it in found.undrainable[:MAX_DRAINS])


def _node(page: PageState, it: Undrainable) -> UndrainableNode:
    obstacles = tuple(
        (f"PodDisruptionBudget {obstacle.budget}" if obstacle.budget else "", obstacle.reason)
        for obstacle in it.obstacles
    )
    return UndrainableNode(
        # A drain is never asked together with what is down.
        it.node,
        page.reset().draining(it.node).url(),
        _RESULTS.get(it.result, it.result.value),
        obstacles,
    )


def unlisted_nodes(found: Voluntary) -> str:
    """Return what is said of the others; empty if there are none."""
    more = len(found.undrainable) - MAX_DRAINS
    told = [f"{counted(more, 'more node')} can’t be drained."] if more > 0 else []
    if found.untried:
        were = "was" if len(found.untried) == 1 else "were"
        told.append(f"{counted(len(found.untried), 'more node')} {were} not tried: the cluster is very large.")
    return " ".join(told)
