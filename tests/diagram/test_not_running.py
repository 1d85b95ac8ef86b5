"""Pods of a service that don't run: drawn at the bottom, each with its word and its reason."""

import pytest

from tests.resilience.workloads import Plain, built, node, service, workload
from webapp.diagram.describe import describe
from webapp.diagram.lanes import Lane, Tone
from webapp.failure import state_at
from webapp.failure.words import decode
from webapp.routing import outcome
from webapp.topology import graph

WEB = "default/web"
STATEFUL = workload("db", 2, kind="StatefulSet", cpu="9")


def bound(replicas: int, cpu: str = "1") -> Plain:
    """Return a Deployment whose pods name the node n1, which has 1 cpu."""
    return workload("web", replicas, cpu=cpu, nodeName="n1")


def last_lane(*documents: Plain, down: str = "") -> Lane:
    """Return what the picture says at the bottom, once all has settled."""
    cluster = built(node("n1", cpu="1"), node("n2", cpu="1"), *documents, service())
    asked = [("service", WEB), ("at", "before")]
    later = [("service", WEB), ("at", "rescheduled"), ("down", down)] if down else asked
    before, now = (state_at(cluster, decode(words, cluster)) for words in (asked, later))
    return describe(graph(now, outcome(now, WEB), outcome(before, WEB))).lanes[-1]


@pytest.mark.parametrize(
    ("documents", "title", "quiet", "words"),
    [
        pytest.param((STATEFUL,), "No node yet", "2 pods pending, so no endpoint", ["Pending"] * 2, id="pending"),
        pytest.param((bound(2),), "Failed", "1 pod rejected by a kubelet, so no endpoint", ["Failed"], id="failed"),
        pytest.param(
            (STATEFUL, bound(2)),
            "Not running",
            "3 pods, 1 of them rejected by a kubelet: no endpoints",
            ["Pending", "Pending", "Failed"],
            id="both",
        ),
    ],
)
def test_pods_that_don_t_run_have_a_lane(
    documents: tuple[Plain, ...], title: str, quiet: str, words: list[str]
) -> None:
    """Its title and the word of each say why they answer nothing."""
    lane = last_lane(*documents)
    assert (lane.title, lane.quiet, [pod.words for pod in lane.pods]) == (title, quiet, words)


def test_a_rejected_pod_names_the_node_and_the_reason() -> None:
    """In the box, and for whoever points at it."""
    (pod,) = last_lane(bound(2)).pods
    assert (pod.detail, pod.tone) == ("rejected by n1", Tone.BAD)
    assert pod.reason.startswith("OutOfcpu: Node didn't have enough resource: cpu")


def test_many_are_counted_by_what_keeps_them() -> None:
    """One box each for those without a node and those that are rejected."""
    many = last_lane(workload("db", 9, kind="StatefulSet", cpu="9"), bound(9)).pods
    assert [(pod.name, pod.words, pod.count) for pod in many] == [("9 pods", "Pending", 9), ("8 pods", "Failed", 8)]


def test_a_pod_that_is_preempted_waits_in_the_picture() -> None:
    """The pod of higher priority has its place; its successor says why it fits nowhere."""
    high = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 9}
    vip = workload("vip", 1, cpu="1", app="vip", priorityClassName="high")
    lane = last_lane(high, vip, workload("low", 1, cpu="1"), down="node/n1")
    assert [(pod.name, pod.words, pod.detail) for pod in lane.pods] == [("low-1-new", "Pending", "from n2")]
    assert lane.pods[0].reason.startswith("0/2 nodes are available")
