"""What a state does to all services of a cluster, as one value: the range of their shares, or how many it affects."""

from collections.abc import Callable, Iterable, Sequence

from webapp.diagram.cluster_columns import PortChange
from webapp.numbers import figure, percent

# Up to so many service ports a range of shares says more than how many of them lose something.
MAX_RANGE = 6

Changes = Sequence[PortChange]


def range_or_count(changes: Changes) -> str:
    """Return ``37.5–75 %`` of few services, ``13 affected`` of many."""
    if len(changes) > MAX_RANGE:
        return f"{sum(change.affected for change in changes):,} affected"
    low, high = (pick(change.share for change in changes) for pick in (min, max))
    return percent(low) if percent(low) == percent(high) else f"{figure(low)}–{percent(high)}"


def level(changes: Changes, pick: Callable[[Iterable[float]], float]) -> float:
    """Return where the line is: the share of the worst or best of few services, else the share of those untouched."""
    if len(changes) > MAX_RANGE:
        return 1 - sum(change.affected for change in changes) / len(changes)
    return pick(change.share for change in changes)
