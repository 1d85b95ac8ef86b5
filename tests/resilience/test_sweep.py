"""Every single node and zone, by kinds."""

import pytest
from hypothesis import given, settings

from tests.failure.clusters import cluster, explorer, node, pod
from tests.resilience.asking import direct, only
from tests.resilience.drawing import clusters
from webapp.cluster.model import Cluster
from webapp.failure import Moment
from webapp.resilience import sweep
from webapp.resilience.losses import carriers


def test_nodes_without_anything_of_the_service_are_one_kind() -> None:
    """Ten nodes, one pod: its node, and one that stands for nine."""
    found = list(sweep(only(cluster([node(f"n{i}") for i in range(1, 11)], [pod("web-1", "n3")]))))
    assert [(loss.name, loss.alike, loss.detected.lb) for loss in found] == [("n3", 1, 0.0), ("n1", 9, 1.0)]


def test_a_loss_tells_shares_and_the_load_of_those_that_remain() -> None:
    """Two of four pods are on worker-2."""
    (loss,) = (loss for loss in sweep(only(explorer())) if loss.name == "worker-2")
    assert (loss.failed, loss.detected, loss.load) == ((0.375, 0.5), (0.75, 1.0), 2.0)


@settings(max_examples=60, deadline=None)
@given(clusters())
def test_a_kind_speaks_for_all_its_nodes(of: Cluster) -> None:
    """Each node that stands for itself or for others was asked; together they are all."""
    reach = only(of)
    losses = [loss for loss in sweep(reach) if loss.what == "node"]
    assert sum(loss.alike for loss in losses) == len(of.nodes)
    for loss in losses:
        members = reach.entrances.crowds[reach.entrances.crowd_of[loss.name]].members
        same = {loss.name, *members} - set(carriers(reach)) if loss.alike > 1 else {loss.name}
        for name in same:
            assert loss.detected == pytest.approx(direct(of, frozenset({name}), Moment.DETECTED))
