"""The share answered over time after a failure, for each access path: the numbers of a step chart."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from webapp.failure.scenario import CRASH_MOMENTS, Moment
from webapp.records import dataclass
from webapp.routing.outcome import PortOutcome

_SAME = 1e-9
"""Shares are sums of floats; levels closer than this are one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSegment:
    """One level of the chart."""

    moment: Moment
    seconds_from: float
    seconds_to: float | None
    """None for the last one: it stays like that."""
    answered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChart:
    """The share of new connections that are answered, from the failure on, for one access path."""

    before: float
    segments: tuple[TimelineSegment, ...]
    settled_at: float
    """The second from which on nothing changes any more."""
    lost: float
    """The area between before and the steps until then: requests lost per request and second sent."""
    still_losing: float
    """The share that goes on being lost after that; 0 when all is as before."""


def charts(
    outcomes: Mapping[Moment, PortOutcome], seconds_at: Mapping[Moment, float], paths: Iterable[str]
) -> Mapping[str, StepChart]:
    """Return the step chart of each access path (``dns``, ``lb``, ``node/NAME``); none for a port without entries.

    `outcomes` are those of one service port, `seconds_at` is what :func:`webapp.failure.clock.clock` expects.
    """
    answered = {path: {moment: outcome.answered(path) for moment, outcome in outcomes.items()} for path in paths}
    return {
        path: timeline({moment: share for moment, share in shares.items() if share is not None}, seconds_at)
        for path, shares in answered.items()
        if any(share is not None for share in shares.values())
    }


def timeline(answered_at: Mapping[Moment, float], seconds_at: Mapping[Moment, float]) -> StepChart:
    """Return the step chart of one access path, from the share answered at each moment and the seconds of each.

    A moment without seconds never comes, so the one before it lasts. What got no answer before the failure is not
    counted as lost by it.
    """
    moments = [moment for moment in CRASH_MOMENTS[1:] if moment in seconds_at and moment in answered_at]
    starts = [seconds_at[moment] for moment in moments]
    before = answered_at.get(Moment.BEFORE, 1.0)
    # The last level has no end: it stays like that.
    segments = tuple(
        TimelineSegment(moment=moment, seconds_from=start, seconds_to=end, answered=answered_at[moment])
        for moment, start, end in zip(moments, starts, [*starts[1:], None], strict=False)
    )
    # Levels that last are no longer a transient loss; they are told as a share.
    passing = segments[: len(segments) - _settled(segments)]
    return StepChart(
        before=before,
        segments=segments,
        settled_at=segments[len(passing)].seconds_from if segments else 0.0,
        lost=sum(_lost(before, one, following) for one, following in zip(passing, segments[1:], strict=False)),
        still_losing=max(before - segments[-1].answered, 0.0) if segments else 0.0,
    )


def _settled(segments: Sequence[TimelineSegment]) -> int:
    """Return how many segments at the end are of one level."""
    # Compared with the last level, from the end: a dip between two equal levels is a loss that passes.
    return sum(1 for _ in takewhile(lambda s: abs(s.answered - segments[-1].answered) < _SAME, reversed(segments)))


def _lost(before: float, segment: TimelineSegment, following: TimelineSegment) -> float:
    return max(before - segment.answered, 0.0) * (following.seconds_from - segment.seconds_from)
