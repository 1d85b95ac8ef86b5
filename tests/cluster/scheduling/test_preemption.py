"""Preemption: who goes so that a pod of higher priority gets a node."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.scheduling.asking import AskedScheduler
from tests.cluster.scheduling.naive import Naive
from tests.cluster.scheduling.test_batch import clusters, specs
from tests.cluster.scheduling.test_scheduler import HOST, nodes, pod
from tests.failure.workloads import budget
from webapp.cluster.model import Node, Pod, WorkloadRef
from webapp.cluster.scheduling import Placement, Priorities
from webapp.manifests.objects import (
    Affinity,
    LabelSelector,
    ObjectMeta,
    PodAffinity,
    PodAffinityTerm,
    PodDisruptionBudgetObject,
    PodSpec,
    PriorityClassObject,
    Source,
)

A, B = LabelSelector(match_labels={"app": "a"}), LabelSelector(match_labels={"app": "b"})


def low(name: str, node: str = "n1", cpu: str = "2", priority: int = 0, **fields: Any) -> Pod:
    """Return a running pod."""
    given = pod(name, cpu, node=node, **fields)
    return replace(given, spec=replace(given.spec, priority=priority))


def high(name: str = "high", cpu: str = "4", **spec: Any) -> Pod:
    """Return a pod of high priority that has no node yet."""
    given = pod(name, cpu)
    return replace(given, spec=replace(given.spec, **{"priority": 1000, **spec}))


def victims(placement: Placement) -> tuple[str | None, list[str]]:
    """Return the node, and who is preempted there."""
    return placement.node, sorted(one.name for one in placement.victims)


@pytest.mark.parametrize(
    ("running", "expected"),
    [
        pytest.param([low("a"), low("b"), low("c", "n2", "1", 2000)], ("n1", ["a", "b"]), id="both are in the way"),
        pytest.param([low("a"), low("b", "n2", "4", 5)], ("n1", ["a"]), id="the lowest priority goes"),
        pytest.param([low("a", priority=5), low("b", "n2", "1"), low("c", "n2", "1")], ("n2", ["b", "c"]), id="so two"),
        pytest.param([low("a"), low("b"), low("c", "n2", "4")], ("n2", ["c"]), id="the fewest go"),
        pytest.param(
            [low("a", priority=5), low("b", priority=3), low("c", "n2", priority=5), low("d", "n2", priority=1)],
            ("n2", ["c", "d"]),
            id="the least sum of priorities",
        ),
        pytest.param(
            [low("a", start_time="2026-01-01T00:00:00Z"), low("b", "n2", start_time="2026-01-02T00:00:00Z")],
            ("n2", ["b"]),
            id="the latest start",
        ),
        pytest.param([low("a", start_time="soon"), low("b", "n2")], ("n1", ["a"]), id="else the first node"),
        pytest.param([low("a", priority=1000), low("b", "n2", "4", 2000)], (None, []), id="nobody is less important"),
    ],
)
def test_the_node_is_taken_where_least_is_lost(running: list[Pod], expected: tuple[str | None, list[str]]) -> None:
    """In the order of pickOneNodeForPreemption, on two nodes of 4 cpu for a pod that asks for all of one."""
    assert victims(AskedScheduler(nodes("n1", "n2"), running).place(high())) == expected


def test_what_can_stay_stays() -> None:
    """The more important pods are put back first: those of higher priority, then those that started earlier."""
    running = [
        low("old", cpu="1", start_time="2026-01-01T00:00:00Z"),
        low("young", cpu="1", start_time="2026-01-01T00:00:01Z"),
        low("lowest", cpu="1", priority=-1),
        low("higher", cpu="1", priority=1),
    ]
    assert victims(AskedScheduler(nodes("n1"), running).place(high(cpu="2"))) == ("n1", ["lowest", "young"])


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        pytest.param({"preemption_policy": "Never"}, {}, id="its preemptionPolicy is Never"),
        pytest.param({"node_selector": {HOST: "n9"}}, {}, id="the node is not for it"),
        pytest.param({}, {"unschedulable": True}, id="the node is cordoned"),
        pytest.param({}, {"allocatable": {"cpu": "3", "pods": "9"}}, id="the node is too small"),
    ],
)
def test_nobody_goes_where_that_does_not_help(spec: dict[str, Any], fields: dict[str, Any]) -> None:
    """And the pod stays pending, for the same reason as without them."""
    schedule = AskedScheduler(nodes("n1", **fields), [low("a")])
    found = schedule.place(high(**spec))
    assert (victims(found), found.message) == ((None, []), schedule.message(high(**spec)))


@pytest.mark.parametrize(
    ("budgets", "expected"),
    [
        pytest.param([], ("n1", ["a"]), id="without a budget the first"),
        pytest.param(
            [budget(app="a", min_available=1)], ("n2", ["b"]), id="a budget is respected where that is possible"
        ),
        pytest.param(
            [budget("one", app="a", min_available=1), budget("two", app="b", min_available=1)],
            ("n1", ["a"]),
            id="and violated where it is not",
        ),
        pytest.param([budget(app="a", min_available=0)], ("n1", ["a"]), id="one that allows it does not count"),
        pytest.param([budget(selector=LabelSelector(), min_available=9)], ("n1", ["a"]), id="{} covers nobody here"),
    ],
)
def test_budgets_are_respected_where_possible(
    budgets: list[PodDisruptionBudgetObject], expected: tuple[str, list[str]]
) -> None:
    """Two nodes, a pod on each that fills it."""
    running = [low("a", labels={"app": "a"}), low("b", "n2", labels={"app": "b"})]
    schedule = AskedScheduler(nodes("n1", "n2"), running, budgets=budgets)
    assert victims(schedule.place(high())) == expected


def test_a_budget_is_spent_victim_by_victim() -> None:
    """It lets one of two pods go; the second preemption violates it, so another pod goes instead."""
    running = [low("a1", labels={"app": "a"}), low("a2", "n2", labels={"app": "a"}), low("b", "n3", priority=9)]
    schedule = AskedScheduler(nodes("n1", "n2", "n3"), running, budgets=[budget(app="a", min_available=1)])
    assert [victims(it) for it in schedule.place_many([high("h1"), high("h2")])] == [("n1", ["a1"]), ("n3", ["b"])]


def test_a_pod_repelled_by_another_preempts_that_one() -> None:
    """Anti-affinity is no different from room; a third pod on the node stays."""
    away = Affinity(pod_anti_affinity=PodAffinity(required=(PodAffinityTerm(label_selector=A, topology_key=HOST),)))
    running = [low("a", cpu="1", labels={"app": "a"}), low("b", cpu="1", labels={"app": "b"})]
    assert victims(AskedScheduler(nodes("n1"), running).place(high(cpu="1", affinity=away))) == ("n1", ["a"])


def test_one_victim_may_make_room_for_two() -> None:
    """The second pod finds room and preempts nobody."""
    schedule = AskedScheduler(nodes("n1", "n2"), [low("a", cpu="4"), low("b", "n2", "4")])
    found = schedule.place_many([high("h1", "2"), high("h2", "2"), high("h3", "2")])
    assert [victims(it) for it in found] == [("n1", ["a"]), ("n1", []), ("n2", ["b"])]


def test_a_daemonsets_pod_preempts_on_its_own_node() -> None:
    """It is tied to that one."""
    owner = WorkloadRef(kind="DaemonSet", namespace="default", name="agent")
    agent = replace(high("agent", "1"), owner=owner, node="n2")
    schedule = AskedScheduler(nodes("n1", "n2"), [low("a", "n1", "1"), low("b", "n2", "4")])
    assert victims(schedule.place_many([agent])[0]) == ("n2", ["b"])


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, (7, True), id="none: the least of the global defaults"),
        pytest.param({"priority_class_name": "never"}, (50, False), id="a class with preemptionPolicy Never"),
        pytest.param({"preemption_policy": "Never", "priority": 3}, (3, False), id="the pod's own policy"),
        pytest.param({"priority_class_name": "unknown"}, (0, True), id="a class that was not uploaded"),
        pytest.param({"priority_class_name": "system-node-critical"}, (2_000_001_000, True), id="a built-in class"),
        pytest.param({"priority_class_name": "never", "priority": 0}, (0, False), id="resolved in a dump, though 0"),
    ],
)
def test_the_priority_of_a_pod(spec: dict[str, Any], expected: tuple[int, bool]) -> None:
    """As the admission plugin works it out."""
    classes = [
        _class("never", value=50, preemption_policy="Never"),
        _class("normal", value=8, global_default=True),
        _class("lower", value=7, global_default=True),
    ]
    assert Priorities(classes).of(PodSpec(**spec)) == expected


def _class(name: str, **fields: Any) -> PriorityClassObject:
    return PriorityClassObject(metadata=ObjectMeta(name=name), source=Source(file="pc.yaml", line=1), **fields)


# --- against the second implementation --------------------------------------------------------------------------------

running_pods = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 2), st.sampled_from("ab"), specs, st.sampled_from(("", "1", "2"))),
    max_size=9,
)
newcomers = st.tuples(specs, st.sampled_from("ab"), st.integers(1, 4), st.integers(0, 9))
budgets_over_one_app = st.builds(budget, st.just("pdb"), st.sampled_from("ab"), min_available=st.integers(0, 4))
some_budgets = st.lists(budgets_over_one_app, max_size=1)


@settings(max_examples=150, deadline=None)
@given(clusters, running_pods, newcomers, some_budgets)
def test_each_preemption_is_the_one_of_the_second_implementation(
    given_nodes: list[Node],
    running: list[tuple[int, int, str, PodSpec, str]],
    new: tuple[PodSpec, str, int, int],
    budgets: list[PodDisruptionBudgetObject],
) -> None:
    """Where a pod fits nothing is preempted; where it does not, the same pods go from the same node, or none."""
    placed = [_placed(i, one, given_nodes) for i, one in enumerate(running) if given_nodes]
    spec, app, count, never = new
    spec = replace(spec, priority=2, preemption_policy=None if never else "Never")
    coming = [Pod(namespace="default", name=f"new-{i}", labels={"app": app}, spec=spec) for i in range(count)]
    schedule, naive = AskedScheduler(given_nodes, placed, budgets=budgets), Naive(given_nodes, placed, budgets)
    for one, placement in zip(coming, schedule.place_many(coming), strict=True):
        fitting = [node.name for node in given_nodes if naive.fits(one, node.name)]
        if placement.node is None or placement.victims:
            assert not fitting
            assert naive.preempts(one) == (victims(placement) if placement.node else None)
        else:
            assert placement.node in fitting
        if placement.node:
            naive.pods = [*naive.pods, replace(one, node=placement.node)]


def _placed(number: int, existing_weighted: tuple[int, int, str, PodSpec, str], given_nodes: list[Node]) -> Pod:
    node, priority, app, spec, day = existing_weighted
    return Pod(
        namespace="default",
        name=f"old-{number}",
        labels={"app": app},
        spec=replace(spec, priority=priority),
        node=given_nodes[node % len(given_nodes)].name,
        start_time=f"2026-01-0{day}T00:00:00Z" if day else None,
    )
