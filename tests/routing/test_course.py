"""What each way in answers over time."""

from dataclasses import replace

import pytest

from tests.failure.clusters import explorer
from webapp.cluster.model import Cluster
from webapp.failure import CRASH_MOMENTS, Moment, state_at
from webapp.failure.clock import clock
from webapp.failure.timeline import StepChart
from webapp.failure.words import decode
from webapp.routing import outcome
from webapp.routing.course import charts


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
