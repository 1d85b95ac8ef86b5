"""Pods: what a status says, who owns whom, and what workloads come to."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.given import workload
from webapp.cluster.build import build
from webapp.cluster.model import Cluster, WorkloadRef
from webapp.cluster.pods import owners_of, pod_of, replacement_policy
from webapp.limits import ClusterLimits, TooLargeError
from webapp.manifests import Upload, read
from webapp.manifests.objects import Condition, ObjectMeta, PodObject, PodReadinessGate, PodSpec, PodStatus, Source

DATA = Path(__file__).parents[1] / "data" / "kubernetes" / "conformance" / "endpoint_cases.json"
GATES = json.loads(DATA.read_text())["readinessGateCases"]
SOURCE = Source(file="pods.yaml", line=1)


def _cluster(text: str) -> Cluster:
    return build(read([Upload(name="all.yaml", data=text.encode())]))


def _deployment(name: str = "web", kind: str = "Deployment", replicas: str = "replicas: 2", extra: str = "") -> str:
    return f"""
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}, uid: uid-{name}{extra}}}
spec:
  {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: main, image: nginx}}]}}
---"""


def _pod(name: str, owner: str = "", status: str = "status: {phase: Running, podIP: 10.0.0.1}") -> str:
    owners = f"ownerReferences: [{owner}]" if owner else "annotations: {}"
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: web, pod-template-hash: abc}}, {owners}}}
spec: {{nodeName: n1, containers: [{{name: main, image: nginx}}]}}
{status}
---"""


@pytest.mark.parametrize("case", GATES, ids=lambda case: f"{case['id']} {case['name']}")
def test_a_pod_is_ready_when_its_containers_are_and_every_gate_is_true(case: dict[str, Any]) -> None:
    """As the kubelet sets the Ready condition; a missing gate counts as False."""
    conditions = [Condition(type="ContainersReady", status=str(case["containersReady"]))]
    conditions += [Condition(type=gate, status=status) for gate, status in case["gates"].items() if status]
    given = PodObject(
        metadata=ObjectMeta(name="web"),
        spec=PodSpec(readiness_gates=tuple(PodReadinessGate(condition_type=gate) for gate in case["gates"])),
        status=PodStatus(phase="Running", conditions=tuple(conditions)),
        source=SOURCE,
    )
    assert pod_of(given, owners_of(())).ready == case["podReady"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(None, ("Running", True, True), id="no status: not applied yet, taken to run"),
        pytest.param(PodStatus(), ("Running", True, True), id="an empty status, as kubectl --dry-run writes it"),
        pytest.param(PodStatus(phase="Running"), ("Running", True, False), id="a trimmed dump without conditions"),
        pytest.param(PodStatus(phase="Pending"), ("Pending", False, False), id="pending in the dump"),
        pytest.param(
            PodStatus(phase="Running", conditions=(Condition(type="Ready", status="False"),)),
            ("Running", False, False),
            id="the Ready condition is False",
        ),
    ],
)
def test_a_status_says_how_the_pod_is(status: PodStatus | None, expected: tuple[str, bool, bool]) -> None:
    """Phase, readiness, and whether nodefall had to assume it."""
    pod = pod_of(PodObject(metadata=ObjectMeta(name="web"), status=status, source=SOURCE), owners_of(()))
    assert (pod.phase, pod.ready, pod.assumed) == expected


def test_a_dump_of_deployment_replicaset_and_pods_has_those_pods_once() -> None:
    """Owners are followed by uid, to the outermost."""
    of_web = ", ownerReferences: [{kind: Deployment, name: web, uid: uid-web, controller: true}]"
    text = _deployment() + _deployment("web-abc", "ReplicaSet", extra=of_web)
    of_set = "{kind: ReplicaSet, name: web-abc, uid: uid-web-abc, controller: true}"
    cluster = _cluster(text + _pod("web-abc-1", of_set) + _pod("web-abc-2", of_set))
    assert list(cluster.pods) == ["default/web-abc-1", "default/web-abc-2"]
    assert {p.owner for p in cluster.pods.values()} == {WorkloadRef(kind="Deployment", namespace="default", name="web")}


def test_a_replicaset_of_an_uploaded_deployment_makes_no_pods_of_its_own() -> None:
    """The Deployment counts; its ReplicaSet is what it made."""
    of_web = ", ownerReferences: [{kind: Deployment, name: web, uid: uid-web, controller: true}]"
    cluster = _cluster(_deployment() + _deployment("web-abc", "ReplicaSet", extra=of_web))
    assert list(cluster.pods) == ["default/web-1", "default/web-2"]


def test_a_pod_tells_its_deployment_although_the_replicaset_is_missing() -> None:
    """The ReplicaSet's name is the Deployment's and the pod-template-hash."""
    cluster = _cluster(_deployment() + _pod("web-abc-1", "{kind: ReplicaSet, name: web-abc, controller: true}"))
    assert list(cluster.pods) == ["default/web-abc-1"]


@pytest.mark.parametrize(
    ("kind", "replicas", "names"),
    [
        pytest.param("Deployment", "replicas: 2", ["web-1", "web-2"], id="a Deployment's count from 1"),
        pytest.param("Deployment", "paused: false", ["web-1"], id="one if it doesn't say"),
        pytest.param("Deployment", "replicas: 0", [], id="none if it says none"),
        pytest.param("Deployment", "paused: true", [], id="a paused one makes none"),
        pytest.param("StatefulSet", "replicas: 2", ["web-0", "web-1"], id="a StatefulSet's from 0"),
        pytest.param("StatefulSet", "{replicas: 2, ordinals: {start: 5}}", ["web-5", "web-6"], id="or from its start"),
        pytest.param("DaemonSet", "paused: false", ["web-node-1", "web-node-2", "web-node-3"], id="one on each node"),
        pytest.param("Job", "parallelism: 3", [], id="a Job's have finished"),
    ],
)
def test_a_workload_becomes_its_pods(kind: str, replicas: str, names: list[str]) -> None:
    """Names are made so that they say where they come from."""
    if replicas.startswith("{"):
        replicas = replicas.strip("{}").replace(", ", "\n  ", 1)
        replicas = replicas.replace("ordinals: {start: 5", "ordinals: {start: 5}")
    text = _deployment(kind=kind, replicas=replicas)
    text = text.replace("apps/v1", "batch/v1") if kind == "Job" else text
    assert [pod.name for pod in _cluster(text).pods.values()] == names


def test_a_statefulsets_pods_carry_their_own_name_as_a_label() -> None:
    """A service per pod selects on it."""
    cluster = _cluster(_deployment(kind="StatefulSet"))
    assert cluster.pods["default/web-1"].labels["statefulset.kubernetes.io/pod-name"] == "web-1"


def test_names_that_are_taken_are_not_given_twice() -> None:
    """A bare pod may have the name that a Deployment's pod would get."""
    cluster = _cluster(_pod("web-1") + _deployment())
    assert sorted(cluster.pods) == ["default/web-1", "default/web-1-deployment", "default/web-2"]


@pytest.mark.parametrize(
    ("manifests", "who"),
    [
        pytest.param("replicas: 1000000000", "Deployment default/web asks for 1,000,000,000", id="a typo"),
        pytest.param("replicas: 401", "Deployment default/web asks for 401", id="one too many"),
    ],
)
def test_more_pods_than_a_cluster_may_have_are_not_made(
    manifests: str, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is a part of them, which would be a wrong picture: the message says what asks for how many."""
    monkeypatch.setattr("webapp.cluster.pods.CLUSTER", ClusterLimits(pods=400))
    with pytest.raises(TooLargeError, match=f"More than 400 pods: nodefall doesn't draw such a cluster. {who}"):
        _cluster(_deployment(replicas=manifests))
    assert len(_cluster(_deployment(replicas="replicas: 400")).pods) == 400


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_pods_of_all_workloads_are_counted_together(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them asks for too many, all of them do."""
    monkeypatch.setattr("webapp.cluster.pods.CLUSTER", ClusterLimits(pods=6))
    two = _deployment(kind=kind, replicas="replicas: 3") + _deployment(kind=kind, name="api", replicas="replicas: 3")
    assert len(_cluster(two).pods) == 6
    with pytest.raises(TooLargeError):
        _cluster(two + _deployment(name="one", replicas="replicas: 1"))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, None, id="nothing said: TerminatingOrFailed"),
        pytest.param({"podFailurePolicy": {"rules": []}}, "Failed", id="with a podFailurePolicy: Failed"),
        pytest.param({"podReplacementPolicy": "Failed"}, "Failed", id="said"),
        pytest.param({"podReplacementPolicy": "TerminatingOrFailed"}, "TerminatingOrFailed", id="said, the default"),
    ],
)
def test_when_a_job_replaces_a_pod_that_terminates(spec: dict[str, object], expected: str | None) -> None:
    """By its podReplacementPolicy, whose default depends on whether there is a podFailurePolicy."""
    assert replacement_policy(workload("Job", spec)) == expected


def test_a_paused_deployments_replicaset_has_pods_if_it_was_uploaded() -> None:
    """Pausing stops rollouts, not what is there already."""
    of_web = ", ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: uid-web, controller: true}]"
    replica_set = _deployment("web-abc", "ReplicaSet", extra=of_web)
    paused = _deployment(replicas="paused: true")
    assert list(_cluster(paused + replica_set).pods) == ["default/web-abc-1", "default/web-abc-2"]
    dumped = _pod("web-abc-x", "{kind: ReplicaSet, name: web-abc, uid: uid-web-abc, controller: true}")
    assert list(_cluster(paused + replica_set + dumped).pods) == ["default/web-abc-x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(_deployment(replicas="paused: true"), "NP313", id="a Deployment that is paused from the start"),
        pytest.param(_pod("web"), "NP316", id="Running, and no conditions in the dump"),
        pytest.param(
            _pod("web", status="status: {phase: Running, conditions: [{type: ContainersReady, status: 'True'}]}"),
            "NP316",
            id="the containers are ready, and Ready itself is missing",
        ),
    ],
)
def test_what_is_taken_for_granted_is_told(text: str, said: str) -> None:
    """As an assumption."""
    assert said in {problem.id for problem in _cluster(text).problems}


def test_a_pod_whose_dump_holds_conditions_is_ready_only_by_its_ready_condition() -> None:
    """IsPodReady; then nothing is assumed."""
    scheduled = "status: {phase: Running, podIP: 10.0.0.1, conditions: [{type: PodScheduled, status: 'True'}]}"
    cluster = _cluster(_pod("web", status=scheduled))
    assert not cluster.pods["default/web"].ready
    assert "NP316" not in {problem.id for problem in cluster.problems}
