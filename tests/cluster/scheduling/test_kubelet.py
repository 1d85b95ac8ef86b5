"""The kubelet's admission of pods that were created with a node's name."""

from dataclasses import replace
from typing import Any

import pytest

from tests.cluster.scheduling.asking import AskedScheduler
from tests.cluster.scheduling.test_scheduler import HOST, nodes, pod
from webapp.cluster.model import Pod
from webapp.manifests.objects import Container, ContainerPort, PodSpec, Resources, Taint, Toleration

TAINT = Taint(key="dedicated", value="db", effect="NoExecute")
PORT = Container(ports=(ContainerPort(container_port=80, host_port=80),))


def asking(**requests: str) -> PodSpec:
    """Return the spec of a pod with these requests."""
    return PodSpec(containers=(Container(resources=Resources(requests=requests)),))


def out_of(name: str, requested: int, used: int, capacity: int) -> str:
    """Return the kubelet's words for too little of a resource."""
    amounts = f"requested: {requested}, used: {used}, capacity: {capacity}"
    return f"OutOf{name}: Node didn't have enough resource: {name}, {amounts}"


@pytest.mark.parametrize(
    ("spec", "node", "reason"),
    [
        pytest.param(
            asking(cpu="3"),
            {},
            out_of("cpu", 3000, 2000, 4000),
            id="cpu",
        ),
        pytest.param(
            asking(memory="9Gi"),
            {},
            out_of("memory", 9663676416, 0, 8589934592),
            id="memory",
        ),
        pytest.param(
            PodSpec(),
            {"allocatable": {"cpu": "4", "pods": "1"}},
            out_of("pods", 1, 1, 1),
            id="pods",
        ),
        pytest.param(
            PodSpec(node_selector={"disk": "ssd"}),
            {},
            "NodeAffinity: node(s) didn't match Pod's node affinity/selector",
            id="a node selector",
        ),
        pytest.param(
            PodSpec(containers=(PORT,)),
            {},
            "NodePorts: node(s) didn't have free ports for the requested pod ports",
            id="a host port",
        ),
        pytest.param(
            PodSpec(), {"taints": (TAINT,)}, "TaintToleration: node(s) had untolerated taint(s)", id="a NoExecute taint"
        ),
        pytest.param(
            PodSpec(tolerations=(Toleration(key="dedicated", operator="Exists"),)),
            {"taints": (TAINT,)},
            "",
            id="which it tolerates",
        ),
        pytest.param(
            PodSpec(), {"taints": (replace(TAINT, effect="NoSchedule"),)}, "", id="NoSchedule is not looked at"
        ),
        pytest.param(PodSpec(), {"unschedulable": True}, "", id="nor is a cordon"),
        pytest.param(
            PodSpec(),
            {"taints": (Taint(key="node.kubernetes.io/unreachable", effect="NoExecute"),)},
            "",
            id="unreachable is tolerated for a while",
        ),
        pytest.param(asking(**{"example.com/gpu": "1"}), {}, "", id="an extended resource that the node doesn't know"),
        pytest.param(
            asking(**{"example.com/gpu": "2"}),
            {"allocatable": {"cpu": "4", "pods": "9", "example.com/gpu": "1"}},
            out_of("example.com/gpu", 2, 0, 1),
            id="one that it does know",
        ),
        pytest.param(
            PodSpec(node_selector={"disk": "ssd"}), {"assumed": True}, "", id="an assumed node's labels aren't known"
        ),
    ],
)
def test_why_the_kubelet_fails_a_pod(spec: PodSpec, node: dict[str, Any], reason: str) -> None:
    """Beside a pod with 2 cpu and host port 80, on a node of 4 cpu."""
    running = pod("old", "2", node="n1")
    running = replace(running, spec=replace(running.spec, containers=(*running.spec.containers, PORT)))
    schedule = AskedScheduler(nodes("n1", **node), [running])
    found = schedule.place(Pod(namespace="default", name="new", spec=replace(spec, node_name="n1")))
    assert (found.node, found.rejected) == ("n1", reason)


def test_static_pods_are_asked_for_no_toleration() -> None:
    """They are the kubelet's own."""
    static = Pod(namespace="default", name="etcd", spec=PodSpec(), node="n1", static=True)
    assert AskedScheduler(nodes("n1", taints=(TAINT,))).place(static).rejected == ""


def test_a_rejected_pod_takes_no_room() -> None:
    """Pods that name the same node come in the order of their names; whoever doesn't fit leaves room to the next."""
    named = [replace(pod(f"p{i}", cpu), node="n1", labels={HOST: ""}) for i, cpu in enumerate(("3", "2", "1"))]
    assert [bool(at.rejected) for at in AskedScheduler(nodes("n1")).place_many(named[::-1])] == [False, True, False]
