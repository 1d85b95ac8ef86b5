"""How new connections spread over entry points and endpoints."""

from dataclasses import replace

import pytest

from tests.topology.scenes import Scene, explorer, outcome
from webapp.topology.shares import arrivals, entry_weight, pools, spreads, weight_at


@pytest.mark.parametrize(
    ("via", "weights"),
    [
        pytest.param("dns", [0.25, 0.25, 0.25, 0.25], id="DNS knows no health"),
        pytest.param("lb", [1 / 3, 0, 1 / 3, 1 / 3], id="a balancer leaves the dead target out"),
        pytest.param("node/worker-2", [0, 1, 0, 0], id="who knows one address uses it, dead or not"),
    ],
)
def test_each_way_in_has_its_weights(via: str, weights: list[float]) -> None:
    """The weights of all entry points sum to one."""
    found = outcome(explorer())
    assert [weight_at(found, via, node) for node in explorer().nodes] == pytest.approx(weights)
    assert sum(weight for _, weight in arrivals(found, via)) == pytest.approx(1)


def test_a_balancer_without_targets_sends_nothing() -> None:
    """All nodes down: no entry point has a share, and nothing divides by zero."""
    scene = explorer(down=frozenset(explorer().nodes))
    assert entry_weight(outcome(scene), "lb") == 0
    assert {weight for _, weight in arrivals(outcome(scene), "lb")} == {0}


def test_the_part_of_the_own_node_is_told_apart() -> None:
    """A quarter of what enters at worker-1 stays on worker-1, the rest of web-1's share comes from elsewhere."""
    found = outcome(explorer())
    web_1 = spreads(found, "dns")["default/web-1"]
    assert (web_1.share, web_1.same_node) == (pytest.approx(0.1875), pytest.approx(0.0625))


@pytest.mark.parametrize(
    ("scene", "count"),
    [
        pytest.param(explorer(down=frozenset()), 1, id="policy Cluster: one pool"),
        pytest.param(explorer(down=frozenset(), local=True), 3, id="policy Local: one for each node with pods"),
        pytest.param(explorer(down=frozenset(), zone_hints=True), 2, id="hints: one for each zone"),
        pytest.param(explorer(pods={}), 0, id="no endpoint: none"),
    ],
)
def test_pools_are_what_exchanges_traffic(scene: Scene, count: int) -> None:
    """Policy and hints part the endpoints."""
    assert len(set(pools(outcome(scene)).values())) == count


def test_pools_that_share_an_endpoint_are_one() -> None:
    """Two entry points that overlap in one endpoint belong together."""
    found = outcome(explorer(down=frozenset()))
    first, second = (
        replace(found.entries[i], shares=dict.fromkeys(keys, 0.5))
        for i, keys in enumerate([("default/web-2", "default/web-3"), ("default/web-1", "default/web-2")])
    )
    assert set(pools(replace(found, entries=(first, second))).values()) == {"default/web-1"}
