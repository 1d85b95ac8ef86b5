"""Nodes that share a vertex."""

from math import isclose

import pytest

from tests.topology.scenes import Scene, fleet, zone_of
from webapp.diagram.arrange import arrange
from webapp.diagram.describe import describe
from webapp.diagram.fold import MOST_LANES
from webapp.diagram.svg import export
from webapp.failure.scenario import Moment

MANY = fleet(400, pods=9)
SCENES = [
    pytest.param(MANY, id="nothing is down"),
    pytest.param(fleet(400, pods=9, down=frozenset({"worker-2"})), id="a node with a pod is down"),
    pytest.param(fleet(400, pods=9, down=frozenset({"worker-77"})), id="a node without a pod is down"),
    pytest.param(fleet(400, pods=9, down=zone_of(MANY, "b")), id="a zone is down"),
    pytest.param(fleet(400, pods=9, down=zone_of(MANY, "b"), at=Moment.DETECTED), id="a zone was lost"),
    pytest.param(fleet(400, pods=9, local=True, via="lb"), id="policy Local behind a balancer"),
    pytest.param(fleet(400, pods=9, zone_hints=True), id="zone hints"),
    pytest.param(fleet(400, pods=9, via="node/worker-300"), id="one address"),
    pytest.param(fleet(400, zones="", assumed=True), id="no pod, no zone, all assumed"),
    pytest.param(fleet(400, pods=400), id="a pod on each"),
    pytest.param(fleet(400, pods=9, node_port=None), id="no way in"),
]


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("unfold", ["", "a.up.0", "nowhere.up.0"])
def test_the_picture_is_the_same(scene: Scene, unfold: str) -> None:
    """Whether each node has a vertex, or only as many as lanes can be drawn."""
    opened = frozenset({unfold, f"{unfold}~24"})
    whole, thin = (export(arrange(describe(scene.graph(alone), opened))) for alone in (None, MOST_LANES))
    assert thin == whole


@pytest.mark.parametrize("scene", SCENES)
def test_every_node_is_there_once(scene: Scene) -> None:
    """As a vertex, or in the name of one."""
    graph = scene.graph(alone=5)
    nodes = [data for _, data in graph.nodes(data=True) if data["kind"] == "node"]
    assert sorted(name for node in nodes for name in (node["label"], *node.get("also", ()))) == sorted(scene.nodes)


@pytest.mark.parametrize("scene", SCENES)
def test_what_enters_stays_the_same(scene: Scene) -> None:
    """The edge to a vertex that stands for many carries what comes in at all of them."""
    sums = [sum(flow["share"] for *_, flow in scene.graph(alone).out_edges("client", data=True)) for alone in (None, 5)]
    assert isclose(*sums)


def test_a_large_cluster_has_few_vertices() -> None:
    """Three zones of like nodes, one of them down."""
    graph = fleet(3000, pods=9, down=zone_of(fleet(3000), "c")).graph(alone=10)
    assert len(graph) < 100
