"""The load on the pods that are left."""

import pytest

from tests.failure.clusters import cluster, explorer, node, pod
from webapp.cluster.model import Cluster
from webapp.failure import Moment, Scenario, state_at
from webapp.failure.words import decode
from webapp.routing import outcome
from webapp.simulation.load import Load, pod_loads, surviving_load


def _load(of: Cluster, way: str, *pairs: tuple[str, str]) -> Load | None:
    before = outcome(state_at(of, Scenario(at=Moment.BEFORE)), "default/web")
    now = outcome(state_at(of, decode(pairs, of)), "default/web")
    return surviving_load(before, now, way)


@pytest.mark.parametrize(
    ("way", "at", "factor"),
    [
        pytest.param("lb", "failed", 1, id="dead pods still swallow their part"),
        pytest.param("lb", "detected", 2, id="two of four pods take all: 4/2"),
        pytest.param("dns", "detected", 1.5, id="a quarter never reaches a node"),
        pytest.param("node/worker-1", "detected", 2, id="one node that lives"),
    ],
)
def test_each_pod_that_is_left_takes_its_part_of_all(way: str, at: str, factor: float) -> None:
    """n/(n-k) of what it had, as far as connections still come in."""
    load = _load(explorer(), way, ("down", "node/worker-2"), ("at", at))
    assert load is not None
    assert load.factor == pytest.approx(factor)


def test_under_policy_local_the_pod_alone_on_its_node_takes_most() -> None:
    """Each node gets the same, whatever it holds."""
    pods = [pod("web-1", "n1"), pod("web-2", "n1"), pod("web-3", "n2")]
    of = cluster([node("n1"), node("n2")], pods, external_traffic_policy="Local")
    load = _load(of, "lb")
    assert load is not None
    assert load.busiest == "default/web-3"
    assert load.factor == pytest.approx(1.5)


@pytest.mark.parametrize(
    "way",
    [
        pytest.param("node/worker-2", id="through the dead node"),
        pytest.param("node/unknown", id="through a node that isn't there"),
    ],
)
def test_where_nothing_arrives_no_pod_has_a_load(way: str) -> None:
    """None, not zero times."""
    assert _load(explorer(), way, ("down", "node/worker-2")) is None


def test_loads_count_only_what_is_answered() -> None:
    """And sum to the share answered."""
    found = outcome(
        state_at(explorer(), decode([("down", "node/worker-2"), ("at", "failed")], explorer())), "default/web"
    )
    loads = pod_loads(found, "dns")
    assert set(loads) == {"default/web-1", "default/web-4"}
    assert sum(loads.values()) == pytest.approx(found.dns)
