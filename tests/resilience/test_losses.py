"""What can be lost at once: one node, of equal ones one for all, or one zone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.failure.clusters import cluster, node, pod
from tests.resilience.asking import direct, only
from tests.resilience.drawing import clusters
from webapp.cluster.model import Cluster
from webapp.failure import Moment
from webapp.resilience.losses import carriers, domains


def test_of_nodes_without_anything_of_the_service_one_stands_for_all() -> None:
    """Ten nodes, one pod: its node, and one that stands for nine."""
    reach = only(cluster([node(f"n{i}") for i in range(1, 11)], [pod("web-1", "n3")]))
    found = [(loss.name, reach.answer(loss.nodes, Moment.DETECTED).lb) for loss in domains(reach, "node")]
    assert found == [("n3", 0.0), ("n1", 1.0)]


def test_a_node_that_is_only_named_by_a_slice_is_asked_about_itself() -> None:
    """The slice says n1, so under policy Local only n1 sends to the pod, which runs on n2: losing n3 costs nothing."""
    of = cluster([node(f"n{i}") for i in (1, 2, 3)], [pod("web-0", "n2")], external_traffic_policy="Local")
    service = of.services["default/web"]
    (port,) = service.ports
    named = replace(port, endpoints=tuple(replace(e, node="n1", elsewhere="n2", managed=False) for e in port.endpoints))
    reach = only(replace(of, services={service.key: replace(service, ports=(named,))}))
    found = {loss.name: reach.answer(loss.nodes, Moment.DETECTED).dns for loss in domains(reach, "node")}
    assert found == {"n1": 0.0, "n2": 0.0, "n3": pytest.approx(1 / 3)}


@settings(max_examples=60, deadline=None)
@given(clusters())
def test_one_loss_speaks_for_all_that_are_equal(of: Cluster) -> None:
    """Each node that carries something is asked about itself, and one of each sort of the others."""
    reach = only(of)
    asked, carrying = {loss.name for loss in domains(reach, "node")}, carriers(reach)
    assert sorted(name for equal in reach.nodes.equal for name in equal) == sorted(of.nodes)
    assert set(carrying) <= asked
    for equal in reach.nodes.equal:
        others = [name for name in equal if name not in carrying]
        assert len(asked & set(others)) == min(len(others), 1)
        for name in others:
            first = reach.answer(frozenset(asked & set(others)), Moment.DETECTED)
            assert first == pytest.approx(direct(of, frozenset({name}), Moment.DETECTED))
