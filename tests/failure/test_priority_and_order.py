"""Replacement pods in the scheduler's queue: whom they preempt, and what StatefulSets wait for."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.scheduling.asking import AskedScheduler
from tests.failure.workloads import budget, cluster, node, nodes, pod
from webapp.cluster.model import Cluster, Pod, WorkloadRef
from webapp.failure.drain import drain
from webapp.failure.recovery import Recovery, rescheduled
from webapp.failure.scenario import Moment
from webapp.failure.state import PodFate, PodState
from webapp.manifests.objects import Container, LabelSelector, PodDisruptionBudgetObject, PodSpec, Resources, Taint


def asking(cpu: str = "4", **spec: Any) -> PodSpec:
    """Return the spec of a pod that requests cpu; a node of these tests has 4."""
    return PodSpec(containers=(Container(name="c", resources=Resources(requests={"cpu": cpu})),), **spec)


HIGH, MIDDLE, LOW = asking(priority=9), asking(priority=5), asking(priority=0)


def fates(found: Recovery) -> dict[str, tuple[PodFate, str | None]]:
    """Return what happens to each pod, and its node."""
    return {state.pod.name: (state.fate, state.pod.node) for state in found.pods.values()}


def test_a_replacement_preempts_and_what_it_preempts_is_replaced() -> None:
    """The successor of the one of lower priority fits nowhere now."""
    here = cluster(nodes("n1", "n2"), [pod("web-1", "n1", spec=HIGH), pod("low-1", "n2", "Deployment/low", spec=LOW)])
    found = rescheduled(here, {"n1"})
    assert fates(found) == {
        "web-1": (PodFate.EVICTED, "n1"),
        "web-1-new": (PodFate.MOVED, "n2"),
        "low-1": (PodFate.PREEMPTED, "n2"),
        "low-1-new": (PodFate.PENDING, None),
    }
    assert found.gone == {"default/low-1"}
    assert found.pods["default/low-1"].reason == (
        "Preempted by default/web-1-new, which has a higher priority and fits nowhere otherwise. "
        "Deployment low creates another."
    )


def test_what_is_preempted_preempts_in_its_turn() -> None:
    """High takes the place of middle, middle that of low: three rounds."""
    here = cluster(
        [node("n1"), node("n2"), node("n3", allocatable={"cpu": "4", "pods": "9"}, labels={"disk": "ssd"})],
        [
            pod("web-1", "n1", spec=asking(priority=9, node_selector={"disk": "ssd"})),
            pod("mid-1", "n3", "Deployment/mid", spec=MIDDLE),
            pod("low-1", "n2", "Deployment/low", spec=LOW),
        ],
    )
    found = fates(rescheduled(here, {"n1"}))
    assert {name: on for name, (_, on) in found.items() if name.endswith("-new")} == {
        "web-1-new": "n3",
        "mid-1-new": "n2",
        "low-1-new": None,
    }


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        pytest.param(None, {"p-1": PodFate.PREEMPTED}, id="a bare pod: nothing creates another"),
        pytest.param("StatefulSet/p", {"p-1": PodFate.PENDING}, id="a StatefulSet's: one of the same name waits"),
        pytest.param("DaemonSet/p", {"p-1": PodFate.PREEMPTED, "p-1-new": PodFate.PENDING}, id="a DaemonSet's: there"),
    ],
)
def test_what_happens_after_a_pod_is_preempted(owner: str | None, expected: dict[str, PodFate]) -> None:
    """By its controller."""
    here = cluster(nodes("n1", "n2"), [pod("web-1", "n1", spec=HIGH), pod("p-1", "n2", owner, spec=LOW)])
    found = rescheduled(here, {"n1"})
    assert {name: fate for name, (fate, _) in fates(found).items() if name.startswith("p")} == expected
    if owner == "StatefulSet/p":
        assert found.pods["default/p-1"].reason.startswith("Preempted by default/web-1-new, which has a higher")


def test_a_budget_is_respected_where_another_pod_can_go() -> None:
    """On n2 it forbids what is of no harm on n3."""
    pods = [
        pod("web-1", "n1", spec=HIGH),
        pod("a-1", "n2", "Deployment/a", spec=LOW),
        pod("b-1", "n3", "Deployment/b", spec=LOW),
    ]
    here = cluster(nodes("n1", "n2", "n3"), pods, budgets=[budget(app="a", min_available=1)])
    assert fates(rescheduled(here, {"n1"}))["web-1-new"] == (PodFate.MOVED, "n3")


def test_pods_that_died_unnoticed_don_t_count_for_a_budget() -> None:
    """One of two is wanted, the other one is on the lost node: a-2 can't be spared, so a more important pod goes."""
    covered = LabelSelector(match_labels={"app": "a"})
    pods = [
        pod("web-1", "n1", spec=HIGH),
        pod("a-1", "n1", "DaemonSet/a"),
        pod("a-2", "n2", "Deployment/a", spec=LOW),
        pod("b-1", "n3", "Deployment/b", spec=MIDDLE),
    ]
    here = cluster(nodes("n1", "n2", "n3"), pods, budgets=[budget(selector=covered, min_available=1)])
    assert fates(rescheduled(here, {"n1"}))["web-1-new"] == (PodFate.MOVED, "n3")


def test_a_drain_preempts_too() -> None:
    """The evicted pod's successor takes the place of one of lower priority on another node."""
    here = cluster(nodes("n1", "n2"), [pod("web-1", "n1", spec=HIGH), pod("low-1", "n2", "Deployment/low", spec=LOW)])
    done = drain(here, ("n1",))
    before, after = done.at(Moment.EVICTING), done.at(Moment.DRAINED)
    assert {state.pod.name: state.fate for state in after.pods.values()} == {
        "web-1": PodFate.EVICTED,
        "web-1-new": PodFate.MOVED,
        "low-1": PodFate.PREEMPTED,
        "low-1-new": PodFate.PENDING,
    }
    assert (before.gone, after.gone) == (frozenset(), {"default/web-1", "default/low-1"})
    assert before.pods["default/low-1"].pod.terminating


def test_a_replacement_that_names_its_node_is_rejected_there() -> None:
    """The node has got a taint since the first one came; the scheduler is never asked."""
    ref = WorkloadRef(kind="Deployment", namespace="default", name="web")
    tainted = node("n1", taints=(Taint(key="dedicated", effect="NoExecute"),))
    here = cluster([tainted, node("n2")], [pod("web-1", "n1")], bound_workloads=frozenset({ref}))
    found = rescheduled(here, set(), dead_pods={"default/web-1"})
    assert fates(found)["web-1-new"] == (PodFate.FAILED, "n1")
    assert found.notes == (
        "default/web-1-new: Its kubelet on n1 rejects it: TaintToleration: node(s) had untolerated taint(s).",
    )


@settings(max_examples=80, deadline=None)
@given(
    drawn=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["1", "2", "4"])), max_size=9),
    budgets=st.lists(
        st.builds(budget, st.just("pdb"), st.sampled_from(["w0", "w1"]), min_available=st.just(1)), max_size=1
    ),
)
def test_what_waits_could_not_preempt_anybody_any_more(
    drawn: list[tuple[int, int, str]], budgets: list[PodDisruptionBudgetObject]
) -> None:
    """Whatever is where and however important: no replica is lost, and all that preemption can do is done."""
    pods = [
        pod(f"p-{i}", f"n{on}", f"Deployment/w{priority}", spec=asking(cpu, priority=priority))
        for i, (on, priority, cpu) in enumerate(drawn)
    ]
    here = cluster(nodes("n0", "n1", "n2", "n3"), pods, budgets=budgets)
    found = rescheduled(here, {"n0"})
    old = [one for one in pods if one.key not in found.pods]
    new = [state.pod for state in found.pods.values() if state.fate in (PodFate.MOVED, PodFate.PENDING)]
    assert Counter(one.owner for one in (*old, *new)) == Counter(one.owner for one in pods)
    running = [one for one in (*old, *new) if one.node]
    for one in new:
        if one.node is None:
            assert AskedScheduler([here.nodes[name] for name in ("n1", "n2", "n3")], running).place(one).node is None


# --- StatefulSets -----------------------------------------------------------------------------------------------------

WEB = WorkloadRef(kind="StatefulSet", namespace="default", name="web")


def stateful(*on: str, **changes: dict[str, Any]) -> list[Pod]:
    """Return web-0, web-1 ... on these nodes."""
    return [pod(f"web-{i}", name, "StatefulSet/web", **changes.get(f"web_{i}", {})) for i, name in enumerate(on)]


def states(here: Cluster, lost: set[str], **scenario: Any) -> dict[str, PodState]:
    """Return what happens to the pods, by name."""
    return {state.pod.name: state for state in rescheduled(here, lost, **scenario).pods.values()}


@pytest.mark.parametrize(
    ("parallel", "fate"),
    [
        pytest.param(False, PodFate.PENDING, id="OrderedReady waits"),
        pytest.param(True, PodFate.MOVED, id="Parallel does not"),
    ],
)
def test_after_a_return_a_stateful_set_waits_for_lower_ordinals(*, parallel: bool, fate: PodFate) -> None:
    """Pod web-0 is stuck on n1, which stays down; n2 is back and has ended web-1."""
    policies = frozenset({WEB}) if parallel else frozenset()
    here = cluster(nodes("n1", "n2", "n3"), stateful("n1", "n2"), parallel_workloads=policies)
    found = states(here, {"n1"}, returned_nodes={"n2"})
    assert (found["web-0"].fate, found["web-1"].fate) == (PodFate.STUCK, fate)
    if not parallel:
        assert found["web-1"].reason == "StatefulSet web creates web-1 only once web-0 is running and ready."


@pytest.mark.parametrize(
    ("changes", "scenario", "fate"),
    [
        pytest.param({}, {}, PodFate.MOVED, id="all is well: made again"),
        pytest.param({"web_0": {"ready": False}}, {}, PodFate.PENDING, id="web-0 was not ready in the dump"),
        pytest.param({}, {"unready_pods": {"default/web-0"}}, PodFate.PENDING, id="web-0 hangs"),
        pytest.param({"web_0": {"terminating": True}}, {}, PodFate.PENDING, id="web-0 is being deleted"),
        pytest.param({"web_2": {"ready": False}}, {}, PodFate.MOVED, id="a higher ordinal does not matter"),
    ],
)
def test_a_dead_pod_is_made_again_once_all_before_it_are_ready(
    changes: dict[str, Any], scenario: dict[str, Any], fate: PodFate
) -> None:
    """Pod web-1 dies on a living node."""
    here = cluster(nodes("n1", "n2"), stateful("n1", "n1", "n2", **changes))
    assert states(here, set(), dead_pods={"default/web-1"}, **scenario)["web-1"].fate is fate


def test_pods_that_are_made_again_in_order_are_all_made() -> None:
    """Three die at once: each waits for the one before it, which is ready in no time here."""
    here = cluster(nodes("n1"), stateful("n1", "n1", "n1"))
    found = states(here, set(), dead_pods={f"default/web-{i}" for i in range(3)})
    assert {name: state.fate for name, state in found.items()} == dict.fromkeys(
        ("web-0", "web-1", "web-2"), PodFate.MOVED
    )


def test_one_that_fits_nowhere_holds_back_those_after_it() -> None:
    """A drain: web-0 needs what only n1 has, so web-1 is not made though it would fit."""
    special = asking("1", node_selector={"disk": "ssd"})
    here = cluster([node("n1", labels={"disk": "ssd"}), node("n2")], stateful("n1", "n1", web_0={"spec": special}))
    found = {state.pod.name: state for state in drain(here, ("n1",)).at(Moment.DRAINED).pods.values()}
    assert [found[name].fate for name in ("web-0", "web-1")] == [PodFate.PENDING, PodFate.PENDING]
    assert found["web-1"].reason.startswith("StatefulSet web creates web-1 only once web-0")


def test_out_of_service_lets_the_set_go_on() -> None:
    """The stuck pod is deleted by force and made again, and then the next one."""
    taint = Taint(key="node.kubernetes.io/out-of-service", effect="NoExecute")
    here = cluster([node("n1", taints=(taint,)), node("n2")], stateful("n1", "n1"))
    assert {name: s.pod.node for name, s in states(here, {"n1"}).items()} == {"web-0": "n2", "web-1": "n2"}
