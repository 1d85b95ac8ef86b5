"""Every single node and zone, by kinds."""

from dataclasses import replace

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


def test_a_node_that_is_only_named_by_a_slice_is_asked_about_itself() -> None:
    """The slice says n1, so under policy Local only n1 sends to the pod, which runs on n2: losing n3 costs nothing."""
    of = cluster([node(f"n{i}") for i in (1, 2, 3)], [pod("web-0", "n2")], external_traffic_policy="Local")
    service = of.services["default/web"]
    (port,) = service.ports
    named = replace(port, endpoints=tuple(replace(e, node="n1", elsewhere="n2", managed=False) for e in port.endpoints))
    of = replace(of, services={service.key: replace(service, ports=(named,))})
    found = {loss.name: loss.detected.dns for loss in sweep(only(of)) if loss.what == "node"}
    assert found == {"n1": 0.0, "n2": 0.0, "n3": pytest.approx(1 / 3)}


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
