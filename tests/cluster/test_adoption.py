"""Bare pods that a controller's selector matches."""

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.manifests import Upload, read

WORKLOAD = """
apiVersion: API
kind: KIND
metadata: {name: web}
spec:
  replicas: COUNT
  selector: {SELECTOR}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: nginx}]}
---
"""


def _pod(name: str, labels: str = "app: web", spec: str = "", status: str = "", meta: str = "") -> str:
    return (
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{{labels}}}{meta}}},"
        f" spec: {{{spec}containers: [{{name: main, image: nginx}}]}}{status}}}\n---\n"
    )


def _built(kind: str, count: int, *pods: str) -> Cluster:
    api, selector = ("v1", "app: web") if kind == "ReplicationController" else ("apps/v1", "matchLabels: {app: web}")
    text = WORKLOAD.replace("API", api).replace("KIND", kind).replace("COUNT", str(count)).replace("SELECTOR", selector)
    return build(read([Upload(name="all.yaml", data="".join((text, *pods)).encode())]))


def _names(cluster: Cluster) -> list[str]:
    return [pod.name for pod in cluster.pods.values()]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        pytest.param("ReplicaSet", ["early", "web-1"], id="a ReplicaSet"),
        pytest.param("ReplicationController", ["early", "web-1"], id="a ReplicationController"),
        pytest.param("Deployment", ["early", "web-1", "web-2"], id="not a Deployment: pod-template-hash"),
        pytest.param("StatefulSet", ["early", "web-0", "web-1"], id="not a StatefulSet: the name"),
    ],
)
def test_a_bare_pod_counts_as_a_replica(kind: str, names: list[str]) -> None:
    """Of a controller whose selector matches."""
    cluster = _built(kind, 2, _pod("early"))
    assert _names(cluster) == names
    early = cluster.pods["default/early"]
    assert ((early.owner.kind if early.owner else None), early.controlled) == (
        (kind, True) if len(names) == 2 else (None, False)
    )


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(_pod("early", "app: other"), id="other labels"),
        pytest.param(_pod("early", meta=", namespace: other"), id="another namespace"),
        pytest.param(_pod("early", status=", status: {phase: Succeeded}"), id="finished"),
        pytest.param(_pod("early", meta=", deletionTimestamp: 2024-01-01T00:00:00Z"), id="terminating"),
        pytest.param(
            _pod("early", meta=", ownerReferences: [{kind: Job, name: j, uid: u, controller: true}]"), id="controlled"
        ),
    ],
)
def test_who_is_not_adopted(pod: str) -> None:
    """Only active pods without a controller are, in the controller's namespace."""
    assert {"web-1", "web-2"} <= set(_names(_built("ReplicaSet", 2, pod)))


def test_a_controller_with_too_many_deletes_some() -> None:
    """Those without a node first."""
    pods = [_pod("a"), _pod("b", spec="nodeName: n1, "), _pod("c", spec="nodeName: n1, ")]
    cluster = _built("ReplicaSet", 1, *pods)
    assert _names(cluster) == ["b"]
    told = [problem.message for problem in cluster.problems if problem.id == "NP314"]
    assert [message.partition(":")[0] for message in told] == ["default/b", "default/a, default/c"]


def test_a_statefulset_adopts_by_name_and_deletes_what_is_out_of_its_range() -> None:
    """web-1 is a member with its ordinal, web-7 a condemned one; both match the selector."""
    cluster = _built("StatefulSet", 3, _pod("web-1"), _pod("web-7"))
    assert _names(cluster) == ["web-0", "web-1", "web-2"]
    assert cluster.pods["default/web-1"].controlled


def test_two_controllers_do_not_share_a_pod() -> None:
    """The first has it."""
    other = WORKLOAD.replace("API", "apps/v1").replace("KIND", "ReplicaSet").replace("COUNT", "1")
    other = other.replace("SELECTOR", "matchLabels: {app: web}").replace("{name: web}", "{name: xeb}")
    assert _names(_built("ReplicaSet", 1, _pod("early"), other)) == ["early", "xeb-1"]


def test_a_daemonset_keeps_one_pod_on_each_of_its_nodes() -> None:
    """One that is there already counts, a second one is deleted, and so is one that has no node yet."""
    started = {"a": "2024-01-02T00:00:00Z", "b": "2024-01-01T00:00:00Z"}
    status = ", status: {{phase: Running, startTime: {}}}"
    there = [_pod(name, spec="nodeName: n1, ", status=status.format(time)) for name, time in started.items()]
    cluster = _built("DaemonSet", 0, *there, _pod("c"), _pod("other", "app: other", "nodeName: n2, "))
    assert {pod.name: pod.node for pod in cluster.pods.values()} == {"b": "n1", "other": "n2", "web-n2": "n2"}
    assert cluster.pods["default/b"].controlled
