"""Nodes that cannot be drained, and what stands in the way."""

import pytest

from tests.resilience.workloads import Plain, built, node, service, workload
from webapp.cluster.model import Cluster
from webapp.failure.drain import DrainResult, drain
from webapp.resilience import voluntary_loss

NODES = [node("n1"), node("n2")]


def _budget(**spec: object) -> Plain:
    selector = {"matchLabels": {"app": "web"}}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": {"selector": selector, **spec},
    }


def _bare() -> Plain:
    containers = [{"name": "main", "image": "web"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare"},
        "spec": {"nodeName": "n1", "containers": containers},
    }


def test_a_budget_that_allows_nothing_holds_every_node_of_its_pods() -> None:
    """It is named with the pods and with what the Eviction API says."""
    found = voluntary_loss(built(*NODES, workload("web", 2), _budget(minAvailable=2), service()))
    assert [(it.node, it.result) for it in found.undrainable] == [
        ("n1", DrainResult.ENDLESS),
        ("n2", DrainResult.ENDLESS),
    ]
    (obstacle,) = found.undrainable[0].obstacles
    assert (obstacle.budget, obstacle.pods) == ("default/web", ("default/web-1",))
    assert "disruption budget web" in obstacle.reason


def test_a_pod_without_controller_stops_kubectl_itself() -> None:
    """No budget is asked."""
    (found,) = voluntary_loss(built(*NODES, _bare())).undrainable
    (obstacle,) = found.obstacles
    assert (found.node, found.result, obstacle.budget) == ("n1", DrainResult.REFUSED, None)
    assert obstacle.pods == ("default/bare",)


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(built(*NODES, workload("web", 2), service()), id="no budget"),
        pytest.param(built(*NODES, workload("web", 2), _budget(maxUnavailable=1)), id="one at a time is allowed"),
        pytest.param(built(*NODES, workload("web", 2), _budget(minAvailable=2), _bare()), id="both kinds"),
        pytest.param(built(*NODES, workload("web", 0, kind="DaemonSet"), _budget(minAvailable=2)), id="a DaemonSet"),
    ],
)
def test_only_nodes_that_may_be_in_the_way_are_drained_and_none_is_missed(of: Cluster) -> None:
    """The same as draining each node to see."""
    expected = {name for name in of.nodes if drain(of, (name,)).nodes[0].result is not DrainResult.DRAINED}
    assert {it.node for it in voluntary_loss(of).undrainable} == expected


def test_of_a_very_large_cluster_some_nodes_are_left_out_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than taking minutes."""
    monkeypatch.setattr("webapp.resilience.voluntary.MAX_DRAINED_PODS", 2)
    found = voluntary_loss(built(*NODES, workload("web", 2), _budget(minAvailable=2)))
    assert [it.node for it in found.undrainable] == ["n1"]
    assert found.untried == ("n2",)
