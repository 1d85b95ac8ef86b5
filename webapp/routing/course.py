"""A failure over time: what each way in answers from moment to moment, with the seconds of the clock."""

from collections.abc import Iterable, Mapping

from webapp.failure.scenario import Moment
from webapp.failure.timeline import StepChart, timeline
from webapp.routing.outcome import PortOutcome


def charts(
    outcomes: Mapping[Moment, PortOutcome], seconds_at: Mapping[Moment, float], ways: Iterable[str]
) -> Mapping[str, StepChart]:
    """Return the step chart of each way in (``dns``, ``lb``, ``node/NAME``); empty for a port without entry points.

    `outcomes` are those of one service port, `seconds_at` what :func:`webapp.failure.clock.clock` expects.
    """
    found = {way: {moment: outcome.answered(way) for moment, outcome in outcomes.items()} for way in ways}
    return {
        way: timeline({moment: share for moment, share in shares.items() if share is not None}, seconds_at)
        for way, shares in found.items()
        if any(share is not None for share in shares.values())
    }
