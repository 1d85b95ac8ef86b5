"""Plain pods, whose batches go through remembered states: the same nodes as in any other batch."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.cluster.model import Node, Pod, Service, WorkloadRef
from webapp.cluster.scheduling import Scheduler, plain_start, spread_states
from webapp.cluster.scheduling.batch import Batch
from webapp.cluster.scheduling.batches import Batches
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.ranked_nodes import RankedNodes
from webapp.cluster.scheduling.template import Template
from webapp.manifests.objects import Container, PodSpec, Resources, Taint

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
SIZES = ({"cpu": "4", "memory": "8Gi", "pods": "110"}, {"cpu": "1", "memory": "2Gi", "pods": "4"})


class _NoPlainBatches(Batches):
    """Places plain pods as it does all others."""

    def of(self, template: Template) -> Batch:
        cycle = SchedulingCycle(template, self._snapshot, self._placed)
        return Batch(cycle, self._orders.get(cycle.keys, template.pod_resources))


class OrdinaryBatches(Scheduler):
    """Places all pods so."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._batches = _NoPlainBatches(self.snapshot, self._placed, self._orders)


def _node(number: int, zone: str | None, size: Mapping[str, str], taint: bool) -> Node:
    labels = {HOST: f"n{number}", **({ZONE: zone} if zone else {})}
    taints = (Taint(key="dedicated", effect="NoSchedule"),) if taint else ()
    return Node(name=f"n{number}", labels=labels, allocatable=size, taints=taints)


clusters = st.lists(
    st.builds(
        _node,
        number=st.integers(1, 40),
        zone=st.sampled_from(("a", "b", "c", None)),
        size=st.sampled_from(SIZES),
        taint=st.integers(0, 5).map(lambda n: n == 5),
    ),
    max_size=15,
    unique_by=lambda node: node.name,
)


def specs_of(requests: Mapping[str, str]) -> PodSpec:
    """Return the spec of a pod that asks for so much."""
    return PodSpec(containers=(Container(resources=Resources(requests=requests)),))


specs = st.sampled_from([specs_of(each) for each in ({}, {"cpu": "300m"}, {"cpu": "100m", "memory": "512Mi"})])
workloads = st.lists(st.tuples(specs, st.integers(0, 25)), min_size=1, max_size=5)


def _pods(drawn: list[tuple[PodSpec, int]]) -> list[Pod]:
    refs = [WorkloadRef(kind="Deployment", namespace="default", name=f"w{at}") for at in range(len(drawn))]
    return [
        Pod(namespace="default", name=f"{ref.name}-{i}", labels={"app": ref.name}, spec=spec, owner=ref)
        for ref, (spec, count) in zip(refs, drawn, strict=True)
        for i in range(count)
    ]


@settings(max_examples=150, deadline=None)
@given(clusters, workloads, st.integers(0, 12))
def test_plain_pods_get_the_nodes_that_any_other_batch_would_give_them(
    nodes: list[Node], drawn: list[tuple[PodSpec, int]], already: int
) -> None:
    """Also beside pods of the same workloads that run already, and where nodes get full."""
    pods = _pods(drawn)
    plain, ordinary = Scheduler(nodes), OrdinaryBatches(nodes)
    for some in (pods[:already], pods[already:]):
        assert plain.place_many(some) == ordinary.place_many(some)


def _running(
    nodes: list[Node], drawn: list[tuple[PodSpec, int]], there: list[tuple[int, int, bool, bool]]
) -> list[Pod]:
    """Return pods of the workloads that are on nodes, some on their way out, some of an older revision."""
    pods = _pods([(spec, 1) for spec, _ in drawn])
    return [
        replace(
            like,
            name=f"{like.name}-old-{i}",
            node=nodes[at % len(nodes)].name,
            terminating=going,
            labels={**like.labels, "pod-template-hash": "old"} if older else like.labels,
        )
        for i, (of, at, going, older) in enumerate(there)
        if nodes
        for like in (pods[of % len(pods)],)
    ]


@settings(max_examples=150, deadline=None)
@given(
    clusters,
    workloads,
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 14), st.booleans(), st.booleans()), max_size=20),
    st.sampled_from(({}, {"pod-template-hash": "new"})),
)
def test_plain_pods_come_beside_others_as_in_any_other_batch(
    nodes: list[Node],
    drawn: list[tuple[PodSpec, int]],
    there: list[tuple[int, int, bool, bool]],
    revision: Mapping[str, str],
) -> None:
    """What a Service's selector and the revision's label don't select counts as of the workload, not for the spread."""
    running = _running(nodes, drawn, there)
    pods = [replace(pod, labels={**pod.labels, **revision}) for pod in _pods(drawn)]
    services = [Service(namespace="default", name="w0", selector={"app": "w0"})]
    # Single pods first: what the first of an ordinary template finds is the start of all others.
    plain, ordinary = (of(nodes, running, (), services) for of in (Scheduler, OrdinaryBatches))
    for some in (pods[:1], pods[1:4], pods[4:]):
        assert plain.place_many(some) == ordinary.place_many(some)


@pytest.mark.parametrize("wanted", range(1, 8))
def test_a_last_round_is_for_the_best_nodes_of_the_zones(wanted: int) -> None:
    """Fewer pods than zones: these go to the emptiest nodes, and what follows counts them in the right zones."""
    nodes = [_node(n, "abc"[n % 3], SIZES[0], taint=False) for n in range(24)]
    busy = Pod(namespace="default", name="busy", spec=specs_of({"cpu": "1"}), node="n0", labels={"app": "busy"})
    schedulers = [of(nodes, [busy]) for of in (Scheduler, OrdinaryBatches)]
    for pods in (_pods([(specs_of({"cpu": "300m"}), wanted)]), _pods([(specs_of({"cpu": "300m"}), 9)])[wanted:]):
        plain, ordinary = (scheduler.place_many(pods) for scheduler in schedulers)
        assert plain == ordinary
        assert all(placement.node for placement in plain)


@pytest.mark.parametrize("of", [Scheduler, OrdinaryBatches])
def test_pods_get_the_same_nodes_in_turns_as_at_once(of: type[Scheduler]) -> None:
    """Also one by one, which takes a shorter way."""
    pods = _pods([(specs_of({"cpu": "100m"}), 40)])
    found = []
    for turns in ((40,), (1, 2, 7, 30), (3,) * 13 + (1,), (1,) * 40):
        scheduler, coming = of([_node(n, "abcd"[n % 4], SIZES[n % 2], taint=False) for n in range(30)]), iter(pods)
        found.append([at.node for wanted in turns for at in scheduler.place_many([*islice(coming, wanted)])])
    assert found[0] == found[1] == found[2] == found[3]
    assert all(found[0])


@settings(max_examples=150, deadline=None)
@given(
    clusters,
    workloads,
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 14), st.booleans(), st.booleans()), max_size=20),
    st.randoms(use_true_random=False),
)
def test_single_pods_that_come_and_go_get_the_nodes_that_any_other_batch_would_give_them(
    nodes: list[Node],
    drawn: list[tuple[PodSpec, int]],
    there: list[tuple[int, int, bool, bool]],
    random: Random,
) -> None:
    """As a drain does it: one pod of a workload goes, another one comes, and so on with the next workload."""
    running = _running(nodes, drawn, there)
    schedulers = [of(nodes, running) for of in (Scheduler, OrdinaryBatches)]
    for pod in random.sample(pods := _pods(drawn), len(pods)):
        if running and random.random() < 0.4:
            gone = running.pop(random.randrange(len(running)))
            for scheduler in schedulers:
                scheduler.remove(gone)
        plain, ordinary = (scheduler.place_many([pod]) for scheduler in schedulers)
        assert plain == ordinary
        running += [replace(pod, node=at.node) for at in plain if at.node]


def test_a_zone_with_fewer_pods_loses_to_one_whose_nodes_are_much_emptier() -> None:
    """The spread is ahead by little where many pods are there already."""
    nodes = [_node(n, "ab"[n % 2], {"cpu": "4", "memory": "8Gi", "pods": "110"}, taint=False) for n in range(50)]
    ref = WorkloadRef(kind="Deployment", namespace="default", name="w0")
    like = Pod(namespace="default", name="w0", labels={"app": "w0"}, spec=PodSpec(), owner=ref)
    there = [replace(like, name=f"old-{n}", node=f"n{n}") for n in range(41)]
    # In zone b are 20 of them, in zone a 21; the nodes of zone b have other work.
    busy = Pod(namespace="default", name="busy", labels={}, spec=specs_of({"cpu": "3", "memory": "1Gi"}))
    work = [replace(busy, name=f"busy-{n}", node=f"n{n}") for n in range(1, 50, 2)]
    pods = _pods([(specs_of({"cpu": "200m"}), 3), (specs_of({"cpu": "200m"}), 120)])
    plain, ordinary = (of(nodes, [*there, *work]) for of in (Scheduler, OrdinaryBatches))
    # What one more pod makes of the nodes is known from others that ask for the same.
    assert plain.place_many(pods[3:]) == ordinary.place_many(pods[3:])
    found = plain.place_many(pods[:3])
    assert found == ordinary.place_many(pods[:3])
    assert found[0].node in {f"n{n}" for n in range(42, 50, 2)}


def test_states_that_had_to_be_forgotten_are_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for three only, on nodes that get full one by one."""
    monkeypatch.setattr(spread_states, "_MOST_STATES", 3)
    monkeypatch.setattr(plain_start, "_MOST_STARTS", 1)
    nodes = [
        _node(n, "abc"[n % 3], {"cpu": "4", "memory": "8Gi", "pods": str(2 + n % 5)}, taint=False) for n in range(12)
    ]
    pods = _pods([(PodSpec(), 9), (PodSpec(), 12), (PodSpec(), 40)])
    assert Scheduler(nodes).place_many(pods) == OrdinaryBatches(nodes).place_many(pods)


@given(st.lists(st.tuples(st.integers(-3, 0), st.integers(0, 3), st.integers(0, 99)), unique_by=lambda each: each[2]))
def test_nodes_leave_their_line_by_rank_and_then_by_position(entries: list[tuple[int, int, int]]) -> None:
    """In whatever order they came, and though some were taken out from the middle."""
    ranked = RankedNodes()
    for score, pods, position in entries:
        ranked.add((score, pods), position)
    for score, pods, position in entries[::3]:
        ranked.remove((score, pods), position)
    left = sorted(entry for at, entry in enumerate(entries) if at % 3)
    assert [ranked.pop() for _ in left] == [position for _, _, position in left]
    assert not ranked.ranks
