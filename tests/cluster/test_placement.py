"""Placement of all pods of a cluster: who goes first, who has to go, who is not made at all."""

from typing import Any

import pytest

from tests.resilience.workloads import Plain, built, node, service, spread, workload
from webapp.cluster.model import Cluster


def priority_class(name: str, value: int, **fields: Any) -> Plain:
    """Return a PriorityClass."""
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
        **fields,
    }


def running(name: str, on: str, *, cpu: str = "1", owner: str = "", labels: Plain | None = None, **spec: Any) -> Plain:
    """Return a pod as a dump has it; `owner` is a ReplicaSet."""
    refs = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "controller": True}] if owner else []
    container = {"name": "main", "image": "web", "resources": {"requests": {"cpu": cpu}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels or {"app": "low"}, "ownerReferences": refs},
        "spec": {"nodeName": on, "containers": [container], **spec},
        "status": {"phase": "Running", "podIP": "10.0.0.9", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def where(cluster: Cluster) -> dict[str, str | None]:
    """Return each pod's node, None for what doesn't run."""
    return {pod.name: pod.node if pod.phase == "Running" else None for pod in cluster.pods.values()}


def told(cluster: Cluster, id_: str) -> list[str]:
    """Return the messages with the id."""
    return [problem.message for problem in cluster.problems if problem.id == id_]


HIGH = priority_class("high", 1000)


def test_higher_priority_goes_first_whatever_the_kind() -> None:
    """A Deployment of a high class before a DaemonSet without one: nothing is preempted, the DaemonSet's pod waits."""
    agent = workload("agent", 1, kind="DaemonSet", cpu="1", app="agent")
    found = built(node("n1", cpu="1"), agent, workload("web", 1, cpu="1", priorityClassName="high"), HIGH)
    assert where(found) == {"agent-n1": None, "web-1": "n1"}
    assert told(found, "NP317") == []


@pytest.mark.parametrize(
    ("low", "expected"),
    [
        pytest.param(running("low", "n1"), {"web-1": "n1"}, id="a bare pod is gone for good"),
        pytest.param(running("low", "n1", owner="low"), {"low": None, "web-1": "n1"}, id="one with a controller waits"),
        pytest.param(running("low", "n1", priority=1000), {"low": "n1", "web-1": None}, id="an equal one stays"),
    ],
)
def test_a_new_workload_preempts_what_a_dump_shows_running(low: Plain, expected: dict[str, str | None]) -> None:
    """One node with room for one pod."""
    found = built(node("n1", cpu="1"), low, workload("web", 1, cpu="1", priorityClassName="high"), HIGH)
    assert where(found) == expected


def test_what_is_preempted_is_said() -> None:
    """Of the pod, with the scheduler's reason, and among the assumptions."""
    web = workload("web", 1, cpu="1", priorityClassName="high")
    found = built(node("n1", cpu="1"), running("low", "n1", owner="low"), web, HIGH)
    low = found.pods["default/low"]
    assert low.pending == (
        "Preempted by default/web-1, which has a higher priority. 0/1 nodes are available: 1 Insufficient cpu."
    )
    assert (low.phase, low.ips, low.spec.node_name) == ("Pending", (), None)
    (message,) = told(found, "NP317")
    assert message.startswith("1 pod is preempted (default/low): default/web-1 has a higher priority than default/low")


def test_what_is_preempted_finds_another_node_where_there_is_room() -> None:
    """The newcomer fits only on n1; the pod of lower priority fits on n2 as well."""
    web = workload("web", 1, cpu="2", priorityClassName="high")
    found = built(node("n1", cpu="2"), node("n2", cpu="1"), running("low", "n1", owner="low"), web, HIGH)
    assert where(found) == {"low": "n2", "web-1": "n1"}


def test_assumed_pods_preempt_nobody() -> None:
    """The global default priority counts for them as for all; what was given stays, even where it wants none beside."""
    default = priority_class("normal", 5, globalDefault=True)
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {}}
    alone = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    low = running("low", "n1", priority=0, labels={"role": "db"}, affinity=alone)
    found = built(node("n1", cpu="4"), default, low, service(), assume_pods=1)
    assert where(found) == {"low": "n1", "web-1": None}


def test_assumed_pods_need_no_room_on_a_given_node() -> None:
    """The pods that they stand for run already: it is not known where."""
    full = [running(f"low-{i}", "n1", cpu="10m", labels={"role": "db"}) for i in range(2)]
    found = built(node("n1", cpu="4", pods="2"), *full, service(), assume_pods=1)
    assert where(found) == {"low-0": "n1", "low-1": "n1", "web-1": "n1"}


@pytest.mark.parametrize(
    ("spec", "runs"),
    [
        pytest.param({}, ["web-0"], id="OrderedReady: none after the one that fits nowhere"),
        pytest.param({"podManagementPolicy": "Parallel"}, ["web-0", "web-2"], id="Parallel waits for none"),
    ],
)
def test_a_stateful_set_makes_one_pod_after_another(spec: Plain, runs: list[str]) -> None:
    """The second pod may only run beside the third, by a label of its own: it never does."""
    web = workload("web", 3, kind="StatefulSet", cpu="1")
    web["spec"] |= spec
    apart = workload("apart", 1, app="apart", cpu="3", nodeName="n1")
    repelling = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {POD_NAME: "web-1"}}}
    anti = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [repelling]}}
    apart["spec"]["template"]["spec"]["affinity"] = anti
    found = built(node("n1", cpu="8"), web, apart)
    assert [pod.name for pod in found.pods.values() if pod.labels["app"] == "web" and pod.node] == runs


POD_NAME = "statefulset.kubernetes.io/pod-name"


def test_a_pod_that_is_not_made_yet_says_what_it_waits_for() -> None:
    """It takes no room either: the Deployment's pod has it."""
    web = workload("web", 2, kind="StatefulSet", cpu="4")
    found = built(node("n1", cpu="3"), web)
    assert found.pods["default/web-0"].pending == "0/1 nodes are available: 1 Insufficient cpu."
    assert found.pods["default/web-1"].pending == "StatefulSet web creates web-1 only once web-0 is running and ready."
    (message,) = told(found, "NP304")
    assert message.startswith("2 pods have no node (default/web-0, default/web-1). default/web-0: 0/1 nodes")


def test_what_the_kubelet_rejects_is_said() -> None:
    """Not pending: it has its node, and has failed there."""
    found = built(node("n1", cpu="1"), workload("web", 2, cpu="1", nodeName="n1"), service())
    assert [pod.phase for pod in found.pods.values()] == ["Running", "Failed"]
    (message,) = told(found, "NP318")
    assert message.startswith(
        "1 pod names its node and is rejected by the kubelet there (default/web-2). default/web-2: "
    )
    assert [endpoint.key for endpoint in found.services["default/web"].ports[0].endpoints] == ["default/web-1"]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_match_label_keys_tell_revisions_apart(kind: str) -> None:
    """Two old pods on n1 don't count for the new revision, so each node gets one of its pods."""
    key = {"Deployment": "pod-template-hash", "StatefulSet": "controller-revision-hash"}[kind]
    old = [running(f"old-{i}", "n1", labels={"app": "web", key: "old"}) for i in range(2)]
    web = workload("web", 2, kind=kind, **spread("kubernetes.io/hostname", matchLabelKeys=[key]))
    found = where(built(node("n1"), node("n2"), *old, web))
    assert sorted(str(on) for name, on in found.items() if name.startswith("web")) == ["n1", "n2"]


def test_what_fits_nowhere_is_tried_again_once_somebody_is_preempted() -> None:
    """The victim leaves more room than the pod of high priority takes, so what failed before it has room now."""
    web = workload("web", 1, cpu="2", priorityClassName="high", nodeSelector={"kubernetes.io/hostname": "n2"})
    bulk = running("bulk", "n2", cpu="4", priority=0)
    small = workload("small", 1, cpu="1", app="small", priorityClassName="higher", preemptionPolicy="Never")
    found = built(node("n2", cpu="4"), bulk, web, small, HIGH, priority_class("higher", 2000))
    assert where(found) == {"small-1": "n2", "web-1": "n2"}


@pytest.mark.parametrize(("minor", "running"), [pytest.param(33, 4, id="1.33"), pytest.param(34, 2, id="1.34")])
def test_resources_of_a_whole_pod_count_where_the_api_server_keeps_them(minor: int, running: int) -> None:
    """Four pods whose containers request 1 CPU each, and 2 as a whole, on a node of 4 (KEP-2837)."""
    web = workload("web", 4, cpu="1", resources={"requests": {"cpu": "2"}})
    found = built(node("n1", cpu="4"), web, minor_version=minor)
    assert list(where(found).values()).count("n1") == running


def test_a_pod_that_is_preempted_is_not_said_to_be_adopted() -> None:
    """A bare pod is gone, and no controller has to do with it."""
    found = built(
        node("n1", cpu="1"), running("low", "n1"), workload("web", 1, cpu="1", priorityClassName="high"), HIGH
    )
    assert (told(found, "NP314"), len(told(found, "NP317"))) == ([], 1)


@pytest.mark.parametrize(
    ("given", "number"),
    [
        pytest.param({"priorityClassName": "high"}, 1, id="not in the upload"),
        pytest.param({"priorityClassName": "high", "priority": 1000}, 0, id="a dump says its value"),
        pytest.param({"priorityClassName": "system-node-critical"}, 0, id="one that every cluster has"),
        pytest.param({}, 0, id="none"),
    ],
)
def test_the_value_of_a_priority_class_that_is_only_named_is_assumed(given: Plain, number: int) -> None:
    """That it is missing from an upload says nothing."""
    assert len(told(built(node("n1"), workload("web", 1, **given)), "NP321")) == number
    assert told(built(node("n1"), workload("web", 1, **given), HIGH), "NP321") == []
