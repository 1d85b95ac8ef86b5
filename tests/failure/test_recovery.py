"""Recovery from a crash: what is evicted, what takes its place, what is stuck."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.failure.workloads import cluster, node, nodes, pod
from webapp.cluster.model import Cluster, WorkloadRef
from webapp.failure.clock import clock
from webapp.failure.kinds import FailureKind
from webapp.failure.recovery import rescheduled
from webapp.failure.replacement import Reaction, reaction_to
from webapp.failure.scenario import Moment, Scenario, Target
from webapp.failure.state import PodFate
from webapp.manifests.objects import Container, PodSpec, Resources, Taint, Toleration

CASES = json.loads(
    (Path(__file__).parent.parent / "data/kubernetes/conformance/node_failure_and_placement_cases.json").read_text()
)
WEB = WorkloadRef(kind="Deployment", namespace="default", name="web")
REACTIONS = {
    "Deployment/ReplicaSet": [("Deployment/web", {}, Reaction.REPLACES), ("ReplicaSet/web", {}, Reaction.REPLACES)],
    "StatefulSet": [("StatefulSet/db", {}, Reaction.WAITS)],
    "DaemonSet": [("DaemonSet/agent", {}, Reaction.STAYS)],
    "Job": [("Job/job", {}, Reaction.REPLACES), ("Job/careful", {}, Reaction.WAITS)],
    "bare Pod": [(None, {}, Reaction.NOTHING)],
    "static Pod": [(None, {"static": True}, Reaction.STAYS)],
}
"""What each row of workloadReaction means for a pod of that kind; the job ``careful`` has the policy Failed."""
PROSE = {
    "crashTimeline": "told in words; its seconds are checked with the steps in test_nodelifecycle",
    "header": "no cases",
}
ELSEWHERE = {
    "evictionCases": "test_eviction",
    "zoneStateCases": "test_nodelifecycle",
    "zoneEvictionRates": "test_nodelifecycle",
    "drainCases": "test_drain_filters",
    "workloadReaction": "here",
    "hostPortCases": "the scheduler's tests",
}


def test_no_group_of_cases_is_forgotten() -> None:
    """Each group of the table is run somewhere, or is no list of cases."""
    assert CASES.keys() == PROSE.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("row", CASES["workloadReaction"], ids=lambda row: row["kind"])
def test_each_kind_of_workload_reacts_in_its_own_way(row: dict[str, Any]) -> None:
    """What a controller does when its pod is marked for deletion."""
    careful = WorkloadRef(kind="Job", namespace="default", name="careful")
    for owner, changes, expected in REACTIONS[row["kind"]]:
        assert reaction_to(pod("p", "n1", owner, **changes), {careful: "Failed"}) is expected


@pytest.mark.parametrize(
    ("owner", "fate"),
    [
        pytest.param("Deployment/web", PodFate.EVICTED, id="a Deployment's pod is evicted"),
        pytest.param("StatefulSet/web", PodFate.STUCK, id="a StatefulSet's pod is stuck"),
        pytest.param("DaemonSet/web", PodFate.LOST, id="a DaemonSet's pod stays bound"),
        pytest.param("Job/web", PodFate.EVICTED, id="a Job's pod is evicted"),
        pytest.param(None, PodFate.GONE, id="a bare pod is gone for good"),
    ],
)
def test_the_fate_of_a_pod_on_a_crashed_node(owner: str | None, fate: PodFate) -> None:
    """By the kind of its owner; only the first kind gets another."""
    here = cluster(nodes("n1", "n2", "n3"), [pod("p", "n1", owner)])
    found = rescheduled(here, {"n1"}).pods
    assert found["default/p"].fate is fate
    assert ("default/p-new" in found) == (fate is PodFate.EVICTED)


def test_a_replacement_runs_where_it_fits_and_names_what_it_replaces() -> None:
    """The old pod stays listed as Terminating, not ready."""
    here = cluster(nodes("n1", "n2"), [pod("web-1", "n1"), pod("web-2", "n2")])
    found = rescheduled(here, {"n1"})
    old, new = found.pods["default/web-1"], found.pods["default/web-1-new"]
    assert (old.pod.terminating, old.pod.ready, old.pod.node) == (True, False, "n1")
    assert (new.fate, new.replaces, new.from_node) == (PodFate.MOVED, "default/web-1", "n1")
    assert (new.pod.node, new.pod.ready, new.pod.phase) == ("n2", True, "Running")
    assert found.gone == frozenset()


def test_a_replacement_that_fits_nowhere_is_pending_in_the_scheduler_s_words() -> None:
    """Both nodes' reasons are told."""
    big = PodSpec(containers=(Container(name="c", resources=Resources(requests={"cpu": "3"})),))
    here = cluster(nodes("n1", "n2"), [pod("web-1", "n1", spec=big), pod("web-2", "n2", spec=big)])
    new = rescheduled(here, {"n1"}).pods["default/web-1-new"]
    assert (new.fate, new.pod.node, new.pod.ready) == (PodFate.PENDING, None, False)
    assert new.reason.startswith("0/2 nodes are available:")
    assert "untolerated taint" in new.reason
    assert "Insufficient cpu" in new.reason


def test_a_controller_makes_no_more_than_its_replicas() -> None:
    """Three pods of a Deployment that wants two: the surplus is not made up for."""
    pods = [pod("web-1", "n1"), pod("web-2", "n1"), pod("web-3", "n2")]
    found = rescheduled(cluster(nodes("n1", "n2"), pods, {"Deployment/web": 2}), {"n1"}).pods
    assert {key for key, s in found.items() if s.fate is PodFate.MOVED} == {"default/web-1-new"}


@pytest.mark.parametrize(
    ("names", "lost"),
    [
        pytest.param(("n1", "n2", "n3", "n4", "n5"), {"n1", "n2", "n3"}, id="three of five nodes are too many"),
        pytest.param(("n1",), {"n1"}, id="no node is left"),
    ],
)
def test_nothing_moves_while_the_zone_brakes_hold(names: tuple[str, ...], lost: Collection[str]) -> None:
    """Partial disruption of a small zone, and full disruption of all: nobody is evicted, and the notes say why."""
    here = cluster(nodes(*names), [pod("web-1", "n1")])
    found = rescheduled(here, lost)
    assert (found.pods["default/web-1"].fate, len(found.pods)) == (PodFate.LOST, 1)
    assert "not ready" in found.notes[0]
    assert Moment.RESCHEDULED not in _seconds(here, lost)


def _seconds(here: Cluster, lost: Collection[str]) -> Mapping[Moment, float]:
    """Return when each time after the failure is expected."""
    down = frozenset(Target(kind=FailureKind.NODE, name=name) for name in lost)
    return clock(here, Scenario(down=down)).seconds_at


def test_a_pod_that_tolerates_forever_stays() -> None:
    """A missing tolerationSeconds means without limit."""
    patient = PodSpec(tolerations=(Toleration(operator="Exists"),))
    found = rescheduled(cluster(nodes("n1", "n2"), [pod("web-1", "n1", spec=patient)]), {"n1"})
    assert found.pods["default/web-1"].fate is PodFate.LOST
    assert "without a time limit" in found.pods["default/web-1"].reason


def test_without_a_control_plane_nothing_happens() -> None:
    """No pod changes."""
    found = rescheduled(cluster(nodes("n1", "n2"), [pod("web-1", "n1")]), {"n1"}, control_plane_up=False)
    assert found.pods == {}
    assert found.notes == ("The control plane is down: nothing is detected and nothing moves.",)


def test_a_job_that_waits_for_the_end_of_its_pod_is_stuck() -> None:
    """With podReplacementPolicy Failed only a terminal phase counts."""
    job = WorkloadRef(kind="Job", namespace="default", name="job")
    here = cluster(nodes("n1", "n2"), [pod("job-1", "n1", "Job/job")], pod_replacement_policies={job: "Failed"})
    assert rescheduled(here, {"n1"}).pods["default/job-1"].fate is PodFate.STUCK


OUT_OF_SERVICE = Taint(key="node.kubernetes.io/out-of-service", effect="NoExecute")


@pytest.mark.parametrize(
    ("owner", "changes", "expected"),
    [
        pytest.param("Deployment/web", {}, {"p": PodFate.EVICTED, "p-new": PodFate.MOVED}, id="a Deployment's pod"),
        pytest.param("StatefulSet/db", {}, {"p": PodFate.MOVED}, id="a StatefulSet's comes back elsewhere"),
        pytest.param("Job/careful", {}, {"p": PodFate.EVICTED, "p-new": PodFate.MOVED}, id="a Job's that waits for it"),
        pytest.param("DaemonSet/agent", {}, {"p": PodFate.GONE}, id="a DaemonSet's does not tolerate the taint"),
        pytest.param("StatefulSet/db", {"terminating": True}, {"p": PodFate.MOVED}, id="one that terminates already"),
        pytest.param("Deployment/web", {"terminating": True}, {"p": PodFate.GONE}, id="the same: replaced long ago"),
        pytest.param(None, {}, {"p": PodFate.GONE}, id="a bare pod"),
        pytest.param(None, {"static": True}, {"p": PodFate.LOST}, id="a static pod tolerates every NoExecute taint"),
    ],
)
def test_what_terminates_on_a_node_out_of_service_is_deleted_by_force(
    owner: str | None, changes: dict[str, Any], expected: dict[str, PodFate]
) -> None:
    """So it is no endpoint any more, and whoever waits for its end creates another (podgc, gcTerminating)."""
    careful = WorkloadRef(kind="Job", namespace="default", name="careful")
    here = cluster([node("n1", taints=(OUT_OF_SERVICE,)), node("n2")], [pod("p", "n1", owner, **changes)])
    found = rescheduled(replace(here, pod_replacement_policies={careful: "Failed"}), {"n1"})
    assert {key.removeprefix("default/"): state.fate for key, state in found.pods.items()} == expected
    assert found.gone == ({"default/p"} if expected["p"] in (PodFate.EVICTED, PodFate.GONE) else frozenset())


def test_out_of_service_without_no_execute_waits_for_the_eviction() -> None:
    """PodGC asks for no effect; what marks the pod for deletion is then the taint unreachable, after 300 s."""
    taint = Taint(key="node.kubernetes.io/out-of-service", effect="NoSchedule")
    here = cluster([node("n1", taints=(taint,)), node("n2")], [pod("db-0", "n1", "StatefulSet/db")])
    found = rescheduled(here, {"n1"})
    assert (found.pods["default/db-0"].pod.node, _seconds(here, {"n1"})[Moment.RESCHEDULED]) == ("n2", 350)


def test_the_moments_have_their_seconds() -> None:
    """Fifty to notice, three hundred of toleration: about six minutes in all with the start of the new pod."""
    here = cluster(nodes("n1", "n2"), [pod("web-1", "n1")])
    assert _seconds(here, {"n1"}) == {Moment.FAILED: 0, Moment.DETECTED: 50, Moment.RESCHEDULED: 350}


def test_names_of_replacements_are_free() -> None:
    """A pod that happens to be called so is left alone."""
    here = cluster(nodes("n1", "n2"), [pod("web-1", "n1"), pod("web-1-new", "n2")])
    assert "default/web-1-new-2" in rescheduled(here, {"n1"}).pods


def test_a_pod_that_was_being_deleted_waits_for_its_node() -> None:
    """Its controller has made another long ago."""
    found = rescheduled(cluster(nodes("n1", "n2"), [pod("web-1", "n1", terminating=True)]), {"n1"})
    assert (found.pods["default/web-1"].fate, len(found.pods)) == (PodFate.STUCK, 1)


@pytest.mark.parametrize(
    ("owner", "changes", "expected"),
    [
        pytest.param(
            "Deployment/web", {}, {"p": PodFate.EVICTED, "p-new": PodFate.MOVED}, id="a Deployment creates another"
        ),
        pytest.param("StatefulSet/db", {}, {"p": PodFate.MOVED}, id="a StatefulSet makes the same again"),
        pytest.param(
            "DaemonSet/a", {}, {"p": PodFate.EVICTED, "p-new": PodFate.MOVED}, id="a DaemonSet creates another"
        ),
        pytest.param(None, {"static": True}, {"p": PodFate.MOVED}, id="the kubelet runs a static pod again"),
        pytest.param(None, {}, {"p": PodFate.GONE}, id="nothing makes a bare pod again"),
    ],
)
def test_a_pod_that_dies_on_a_living_node(
    owner: str | None, changes: dict[str, Any], expected: dict[str, PodFate]
) -> None:
    """Its object is deleted at once, so it's no endpoint any more unless one of its name comes back."""
    found = rescheduled(cluster([node("n1")], [pod("p", "n1", owner, **changes)]), (), dead_pods={"default/p"})
    assert {key.removeprefix("default/"): s.fate for key, s in found.pods.items()} == expected
    assert ("default/p" in found.gone) == (expected["p"] is not PodFate.MOVED)


class TestANodeThatReturns:
    """A node that was down and is back after its pods were moved."""

    def test_its_evicted_pods_are_gone_and_their_successors_stay_where_they_are(self) -> None:
        """Nothing is rebalanced."""
        found = rescheduled(two_nodes("Deployment/web"), (), returned_nodes={"n1"})
        assert found.gone == {"default/web-1"}
        assert found.pods["default/web-1-new"].pod.node == "n2"
        assert found.notes == (
            "n1 is back: what was evicted from it is gone permanently, and no running pod moves back by itself.",
        )

    def test_its_daemonset_pods_are_as_before(self) -> None:
        """They never left."""
        assert rescheduled(two_nodes("DaemonSet/agent"), (), returned_nodes={"n1"}).pods == {}

    def test_its_stuck_statefulset_pod_ends_and_is_made_again(self) -> None:
        """The same name, placed anew, maybe on the node that is back."""
        found = rescheduled(two_nodes("StatefulSet/db"), (), returned_nodes={"n1"})
        assert (found.pods["default/web-1"].fate, found.gone) == (PodFate.MOVED, frozenset())

    def test_what_was_pending_may_fit_again(self) -> None:
        """The returned node has room."""
        big = PodSpec(containers=(Container(name="c", resources=Resources(requests={"cpu": "3"})),))
        here = cluster(nodes("n1", "n2"), [pod("web-1", "n1", spec=big), pod("web-2", "n2", spec=big)])
        new = rescheduled(here, (), returned_nodes={"n1"}).pods["default/web-1-new"]
        assert (new.fate, new.pod.node) == (PodFate.MOVED, "n1")

    def test_what_is_pending_still_says_why_it_is_now(self) -> None:
        """The node that is back is not tainted any more, and has no room either."""
        big = PodSpec(containers=(Container(name="c", resources=Resources(requests={"cpu": "3"})),))
        pods = [pod("web-1", "n1", spec=big), pod("web-2", "n2", spec=big), pod("ds-1", "n3", "DaemonSet/ds", spec=big)]
        found = rescheduled(cluster(nodes("n1", "n2", "n3"), pods), {"n1"}, returned_nodes={"n3"})
        new = found.pods["default/web-1-new"]
        assert new.fate is PodFate.PENDING
        assert "1 node(s) had untolerated taint(s)" in new.reason
        assert "2 Insufficient cpu" in new.reason


def two_nodes(owner: str) -> Cluster:
    """Return two nodes with a pod of the owner on each."""
    return cluster(nodes("n1", "n2"), [pod("web-1", "n1", owner), pod("web-2", "n2", owner)])


def test_a_template_that_names_the_dead_node_gets_no_pod_elsewhere() -> None:
    """The scheduler is never asked."""
    here = cluster(nodes("n1", "n2"), [pod("web-1", "n1")], bound_workloads=frozenset({WEB}))
    new = rescheduled(here, {"n1"}).pods["default/web-1-new"]
    assert (new.fate, new.reason) == (PodFate.PENDING, "It must run on n1, which is down.")


@settings(max_examples=80, deadline=None)
@given(
    pods=st.lists(
        st.tuples(
            st.sampled_from(("n1", "n2", "n3", "n4")), st.sampled_from(("Deployment/web", "StatefulSet/db", None))
        ),
        max_size=10,
    ),
    lost=st.sets(st.sampled_from(("n1", "n2"))),
    returned=st.sets(st.sampled_from(("n2", "n3"))),
)
def test_no_replica_is_lost_or_made_twice(
    pods: list[tuple[str, str | None]], lost: set[str], returned: set[str]
) -> None:
    """Whatever is down or back: a Deployment ends with its replicas, on nodes that are up, unless brakes hold."""
    given_pods = [pod(f"p-{i}", on, owner) for i, (on, owner) in enumerate(pods)]
    here = cluster(nodes("n1", "n2", "n3", "n4"), given_pods)
    found = rescheduled(here, lost, returned_nodes=returned - lost)
    made = [s.pod for s in found.pods.values() if s.fate in (PodFate.MOVED, PodFate.PENDING)]
    assert not {p.node for p in made} & lost
    assert not found.gone & {p.key for p in made}
    if len(lost | returned) < 3:
        left = [p for p in given_pods if p.key not in found.pods]
        wanted = sum(owner == "Deployment/web" for _, owner in pods)
        assert sum(p.owner == WEB for p in (*made, *left)) == wanted


def test_the_order_of_pods_and_nodes_changes_nothing() -> None:
    """The same cluster written the other way round recovers in the same way."""
    pods = [pod(f"web-{i}", f"n{i % 3}") for i in range(9)]
    one = cluster(nodes("n0", "n1", "n2"), pods)
    other = cluster(nodes("n0", "n1", "n2"), reversed(pods))
    assert rescheduled(one, {"n0", "n1"}).pods == rescheduled(other, {"n1", "n0"}).pods
