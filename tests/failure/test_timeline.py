"""The step chart of a failure: levels, seconds and the area lost."""

import pytest

from webapp.failure.scenario import Moment
from webapp.failure.timeline import timeline

SECONDS = {Moment.FAILED: 0.0, Moment.DETECTED: 50.0, Moment.RESCHEDULED: 350.0}


def test_each_moment_is_a_level_from_its_second_to_the_next() -> None:
    """The last one has no end."""
    chart = timeline({Moment.FAILED: 0.375, Moment.DETECTED: 0.75, Moment.RESCHEDULED: 0.75}, SECONDS)
    assert [(s.seconds_from, s.seconds_to, s.answered) for s in chart.segments] == [
        (0, 50, 0.375),
        (50, 350, 0.75),
        (350, None, 0.75),
    ]


@pytest.mark.parametrize(
    ("answered", "lost", "still"),
    [
        pytest.param((1, 0.375, 1, 1), 31.25, 0, id="five eighths for fifty seconds"),
        pytest.param((1, 0.375, 0.75, 0.75), 31.25, 0.25, id="what stays lost is told as a share"),
        pytest.param((1, 0.5, 0.75, 1), 25 + 75, 0, id="until pods are replaced"),
        pytest.param((1, 0.5, 0.5, 0.5), 0, 0.5, id="a loss that is there to stay"),
        pytest.param((0.5, 0.25, 0.5, 0.5), 12.5, 0, id="what got no answer before is not lost"),
        pytest.param((0.5, 0.25, 0.75, 1), 12.5, 0, id="more than before is no gain against the loss"),
    ],
)
def test_the_area_lost(answered: tuple[float, ...], lost: float, still: float) -> None:
    """Up to the last level; from there on only the share is told."""
    moments = (Moment.BEFORE, Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED)
    chart = timeline(dict(zip(moments, answered, strict=True)), SECONDS)
    assert chart.lost == pytest.approx(lost)
    assert chart.still_losing == pytest.approx(still)


def test_a_moment_that_never_comes_leaves_the_one_before_it() -> None:
    """Without a control plane the failure stays as it is."""
    chart = timeline({Moment.BEFORE: 1, Moment.FAILED: 0.5, Moment.DETECTED: 1}, {Moment.FAILED: 0})
    assert (len(chart.segments), chart.lost, chart.still_losing) == (1, 0, 0.5)


def test_no_failure_is_an_empty_chart() -> None:
    """Nothing is lost when nothing happens."""
    chart = timeline({Moment.BEFORE: 1}, {})
    assert (chart.segments, chart.lost, chart.still_losing) == ((), 0, 0)
