"""Taint eviction: after how long a pod is deleted from a lost node."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.failure.workloads import cluster, node, nodes, pod
from webapp.cluster.scheduling.taints import UNREACHABLE, pod_tolerations
from webapp.failure.eviction import evict_after, evictions, tolerations_of
from webapp.failure.nodelifecycle import lifecycle
from webapp.manifests.objects import PodSpec, Taint, Toleration

CASES = json.loads(
    (Path(__file__).parent.parent / "data/kubernetes/conformance/node_failure_and_placement_cases.json").read_text()
)["evictionCases"]


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c['id']} {c['name']}") for c in CASES])
def test_the_pod_goes_when_the_taint_eviction_controller_deletes_it(case: dict[str, Any]) -> None:
    """Every case of the table, from the pod's tolerations as they are listed."""
    taints = [Taint(key=key, effect="NoExecute") for key in case["noExecuteTaints"]]
    assert evict_after(taints, tuple(map(toleration, case["tolerations"]))) == case["evictAfterSeconds"]


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c['id']} {c['name']}") for c in CASES])
def test_admission_adds_only_what_a_pod_does_not_say(case: dict[str, Any]) -> None:
    """DefaultTolerationSeconds changes no case: an own toleration is left alone."""
    spec = PodSpec(tolerations=tuple(map(toleration, case["tolerations"])))
    taints = [Taint(key=key, effect="NoExecute") for key in case["noExecuteTaints"]]
    assert evict_after(taints, pod_tolerations(spec)) == case["evictAfterSeconds"]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param((60, 30), 30, id="the least counts"),
        pytest.param((None, 30), 30, id="without a limit for one, with one for the other"),
        pytest.param((None, None), None, id="without any limit: never"),
        pytest.param((-5, 30), 0, id="a negative number is at once"),
    ],
)
def test_two_taints_take_the_least_of_their_tolerations(seconds: tuple[int | None, ...], expected: int | None) -> None:
    """Each taint is met by the first toleration that matches it."""
    keys = ("example.com/a", "example.com/b")
    taints = [Taint(key=key, effect="NoExecute") for key in keys]
    tolerations = [
        Toleration(key=key, operator="Exists", toleration_seconds=s) for key, s in zip(keys, seconds, strict=True)
    ]
    assert evict_after(taints, tolerations) == expected


def test_no_schedule_taints_evict_nobody() -> None:
    """Only NoExecute does."""
    assert evict_after([Taint(key="k", effect="NoSchedule")], ()) is None


@pytest.mark.parametrize(
    ("owner", "changes", "expected"),
    [
        pytest.param("Deployment/web", {}, 300, id="an ordinary pod after the default 300 s"),
        pytest.param("DaemonSet/agent", {}, None, id="a DaemonSet's pod never, though its template says nothing"),
        pytest.param(None, {"static": True}, None, id="a static pod never"),
    ],
)
def test_what_a_pod_really_tolerates(owner: str | None, changes: dict[str, Any], expected: int | None) -> None:
    """The API server, the DaemonSet controller and the kubelet add tolerations of their own."""
    tolerations = tolerations_of(pod("p", "n1", owner, **changes))
    assert evict_after([Taint(key=UNREACHABLE, effect="NoExecute")], tolerations) == expected


def test_nodes_of_one_zone_are_evicted_one_after_another() -> None:
    """The second node of a zone waits ten seconds for its taint."""
    here = cluster(nodes("n1", "n2", "n3", "n4", "n5"), [pod("web-1", "n1"), pod("web-2", "n2")])
    life = lifecycle(here.nodes, {"n1", "n2"}, 36)
    assert evictions(here, life) == {"default/web-1": 300, "default/web-2": 310}


def test_finished_pods_and_other_nodes_are_left_out() -> None:
    """Only pods that still run on the lost nodes count."""
    done = pod("job-1", "n1", "Job/job", phase="Succeeded")
    here = cluster([node("n1"), node("n2")], [done, pod("web-1", "n2")])
    assert evictions(here, lifecycle(here.nodes, {"n1"}, 36)) == {}


def test_taints_of_the_manifests_wait_for_no_turn_and_no_brake() -> None:
    """Three of four nodes are down, so the controller taints none; out-of-service is there already."""
    tainted = node("n1", taints=(Taint(key="node.kubernetes.io/out-of-service", effect="NoExecute"),))
    here = cluster([tainted, *nodes("n2", "n3", "n4")], [pod("web-1", "n1"), pod("web-2", "n2")])
    life = lifecycle(here.nodes, {"n1", "n2", "n3"}, 36)
    assert evictions(here, life) == {"default/web-1": 0, "default/web-2": None}


def toleration(given: dict[str, Any]) -> Toleration:
    """Return the toleration of a case."""
    return Toleration(
        key=given.get("key"),
        operator=given.get("operator"),
        value=given.get("value"),
        effect=given.get("effect"),
        toleration_seconds=given.get("tolerationSeconds"),
    )
