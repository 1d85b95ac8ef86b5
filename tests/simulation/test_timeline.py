"""The step chart of a failure: levels, seconds and the area lost."""

from dataclasses import replace

import pytest

from tests.failure.clusters import explorer
from webapp.cluster.model import Cluster
from webapp.failure import CRASH_MOMENTS, Moment, state_at
from webapp.failure.clock import clock
from webapp.failure.words import decode
from webapp.routing import outcome
from webapp.simulation.timeline import StepChart, charts, timeline

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


# --- of a service port ------------------------------------------------------------------------------------------------


def _charts(of: Cluster, *down: str) -> dict[str, StepChart]:
    scenario = decode([("down", word) for word in down], of)
    outcomes = {m: outcome(state_at(of, replace(scenario, at=m)), "default/web") for m in CRASH_MOMENTS}
    ways = ("dns", "lb", "node/worker-1", "node/worker-2")
    return dict(charts(outcomes, clock(of, scenario).seconds_at, ways))


@pytest.mark.parametrize(
    ("way", "lost", "still"),
    [
        pytest.param("dns", 31.25, 0.25, id="DNS: five eighths for 50 s, then a quarter for good"),
        pytest.param("lb", 25, 0, id="a balancer: the pods only, for 50 s"),
        pytest.param("node/worker-1", 25, 0, id="a node that lives: the same"),
        pytest.param("node/worker-2", 0, 1, id="the dead one: all, for good"),
    ],
)
def test_what_a_dead_node_costs(way: str, lost: float, still: float) -> None:
    """The README's own example, as the area that is lost."""
    chart = _charts(explorer(), "node/worker-2")[way]
    assert chart.lost == pytest.approx(lost)
    assert chart.still_losing == pytest.approx(still)


def test_without_a_control_plane_it_never_ends() -> None:
    """Dead endpoints stay in use: half of all connections, for good."""
    chart = _charts(explorer(), "node/worker-2", "control-plane")["lb"]
    assert [segment.moment for segment in chart.segments] == [Moment.FAILED]
    assert (chart.lost, chart.still_losing) == (0, 0.5)


def test_a_port_without_entry_points_has_no_chart() -> None:
    """Nothing from outside is lost where nothing comes in."""
    of = explorer()
    web = of.services["default/web"]
    closed = replace(web, ports=tuple(replace(port, node_port=None) for port in web.ports))
    assert _charts(replace(of, services={web.key: closed}), "node/worker-2") == {}
