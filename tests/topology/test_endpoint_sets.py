"""Which endpoints the entry points of a service port may use, and what comes in where."""

from dataclasses import replace

import pytest

from tests.topology.scenes import Scene, explorer, outcome
from webapp.routing import PortOutcome
from webapp.topology.arrivals import arrivals, entry_weight
from webapp.topology.endpoint_sets import EndpointSet, endpoint_sets, pools


@pytest.mark.parametrize(
    ("via", "weights"),
    [
        pytest.param("dns", [0.25, 0.25, 0.25, 0.25], id="DNS knows no health"),
        pytest.param("lb", [1 / 3, 0, 1 / 3, 1 / 3], id="a load balancer leaves the dead target out"),
        pytest.param("node/worker-2", [0, 1, 0, 0], id="who knows one address uses it, dead or not"),
    ],
)
def test_each_access_path_has_its_weights(via: str, weights: list[float]) -> None:
    """The edges from the client carry them; they sum to one, and there is none where nothing comes in."""
    made = explorer(via=via).graph()
    entering = {head: flow["share"] for _, head, flow in made.out_edges("client", data=True)}
    expected = {f"entry/{node}": weight for node, weight in zip(explorer().nodes, weights, strict=True) if weight}
    assert entering == pytest.approx(expected)
    assert sum(arrivals(outcome(explorer()), via).values()) == pytest.approx(1)


def test_a_load_balancer_without_targets_sends_nothing() -> None:
    """All nodes down: nothing comes in, and nothing divides by zero."""
    scene = explorer(down=frozenset(explorer().nodes))
    assert entry_weight(outcome(scene), "lb") == 0
    assert not arrivals(outcome(scene), "lb")


def test_the_part_of_the_own_node_is_told_apart() -> None:
    """A quarter of what enters at worker-1 stays on worker-1, the rest of web-1's share comes from elsewhere."""
    flow = explorer().graph().edges["service", "endpoint/default/web-1"]
    assert (flow["share"], flow["same_node"]) == (pytest.approx(0.1875), pytest.approx(0.0625))


def sets(found: PortOutcome) -> tuple[EndpointSet, ...]:
    """Return the sets of an outcome."""
    return endpoint_sets(found, found.endpoints)


@pytest.mark.parametrize(
    ("scene", "count"),
    [
        pytest.param(explorer(down=frozenset()), 1, id="policy Cluster: one set"),
        pytest.param(explorer(down=frozenset(), local=True), 3, id="policy Local: one for each node with pods"),
        pytest.param(explorer(down=frozenset(), zone_hints=True), 2, id="hints: one for each zone"),
        pytest.param(explorer(pods={}), 0, id="no endpoint: none"),
    ],
)
def test_policy_and_hints_give_nodes_different_sets(scene: Scene, count: int) -> None:
    """Each has a service vertex, and is a pool where none overlaps another."""
    its = sets(outcome(scene))
    assert (len(its), len(set(pools(its).values()))) == (count, count)
    vertices = [vertex for vertex, data in scene.graph().nodes(data=True) if data["kind"] == "service"]
    assert vertices == (["service"] if count <= 1 else [f"service/{i}" for i in range(1, count + 1)])


def test_sets_that_share_an_endpoint_are_one_pool() -> None:
    """Two entry points that overlap in one endpoint belong together."""
    found = outcome(explorer(down=frozenset(), local=True))
    overlapping = [("default/web-2", "default/web-3"), ("default/web-1", "default/web-2")]
    groups = tuple(
        replace(group, entry=replace(group.entry, shares=dict.fromkeys(keys, 0.5)))
        for group, keys in zip(found.groups, overlapping, strict=False)
    )
    assert set(pools(sets(replace(found, groups=groups))).values()) == {"default/web-1"}
