"""On which nodes a DaemonSet runs."""

import pytest

from webapp.cluster.model import Node, Pod
from webapp.cluster.scheduling.daemonset import daemon_spec, daemonset_nodes
from webapp.manifests.objects import PodSpec, Taint

RUNS, STAYS, NEITHER = (True, True), (False, True), (False, False)


def decide(node: Node, spec: PodSpec | None = None) -> tuple[bool, bool]:
    """Return whether the DaemonSet should run on the node, and may continue there."""
    pod = Pod(namespace="default", name="agent", spec=spec or PodSpec())
    return daemonset_nodes(pod, [node])[node.name]


@pytest.mark.parametrize(
    ("taint", "decision"),
    [
        pytest.param(Taint(key="gpu", effect="NoSchedule"), STAYS, id="NoSchedule keeps new pods away"),
        pytest.param(Taint(key="gpu", effect="NoExecute"), NEITHER, id="NoExecute ends running ones"),
        pytest.param(Taint(key="gpu", effect="PreferNoSchedule"), RUNS, id="PreferNoSchedule is no matter"),
        pytest.param(
            Taint(key="node.kubernetes.io/not-ready", effect="NoExecute"), RUNS, id="a node that is not ready"
        ),
        pytest.param(Taint(key="node.kubernetes.io/not-ready", effect="NoSchedule"), STAYS, id="its other taint"),
        pytest.param(Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule"), RUNS, id="a cordoned node"),
        pytest.param(Taint(key="node.kubernetes.io/network-unavailable", effect="NoSchedule"), STAYS, id="no network"),
    ],
)
def test_taints_decide(taint: Taint, decision: tuple[bool, bool]) -> None:
    """By the tolerations that the controller adds."""
    assert decide(Node(name="n", taints=(taint,))) == decision


def test_pods_on_the_hosts_network_need_no_network() -> None:
    """They tolerate network-unavailable, too."""
    taint = Taint(key="node.kubernetes.io/network-unavailable", effect="NoSchedule")
    assert decide(Node(name="n", taints=(taint,)), PodSpec(host_network=True)) == RUNS


def test_the_node_selector_and_name_decide_both() -> None:
    """A node that no longer matches loses its pod."""
    assert decide(Node(name="n"), PodSpec(node_selector={"disk": "ssd"})) == NEITHER
    assert decide(Node(name="n", labels={"disk": "ssd"}), PodSpec(node_selector={"disk": "ssd"})) == RUNS
    assert decide(Node(name="n"), PodSpec(node_name="other")) == NEITHER
    assert decide(Node(name="n"), PodSpec(node_name="n")) == RUNS


def test_neither_cordoning_nor_resources_count() -> None:
    """Where a pod doesn't fit it is created and stays pending."""
    assert decide(Node(name="n", unschedulable=True, allocatable={"pods": "0"})) == RUNS


def test_the_controllers_tolerations_come_after_the_templates() -> None:
    """Six, and one more on the host's network."""
    assert len(daemon_spec(PodSpec()).tolerations) == 6
    assert len(daemon_spec(PodSpec(host_network=True)).tolerations) == 7
