"""Workloads that are alike and follow one another: the same nodes as if each were looked at by itself."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest

from tests.cluster.scheduling.test_plain_batch import HOST, ZONE, OrdinaryBatches, specs_of
from webapp.cluster.model import Node, Pod, WorkloadRef
from webapp.cluster.replicas import Replicas
from webapp.cluster.scheduling import Scheduler
from webapp.manifests.objects import PodSpec

SIZES = [
    {"cpu": "64", "memory": "64Gi", "pods": "110"},
    {"cpu": "8", "memory": "64Gi", "pods": "30"},
    {"cpu": "2", "memory": "2Gi", "pods": "5"},
]
# What runs already, and makes nodes uneven.
BUSY = [{"cpu": "100m"}, {"cpu": "1500m"}, {"memory": "1Gi"}, {"memory": "16Gi"}]


def _node(number: int, zone: str, size: Mapping[str, str]) -> Node:
    return Node(name=f"n{number}", labels={HOST: f"n{number}", ZONE: zone}, allocatable=size)


def _replicas(drawn: list[tuple[PodSpec, int]]) -> list[Replicas]:
    """Return the replicas of workloads, by spec and number of pods."""
    return [
        Replicas(
            Pod(
                namespace="default",
                name=f"w{at}-1",
                labels={"app": f"w{at}"},
                spec=spec,
                owner=WorkloadRef(kind="Deployment", namespace="default", name=f"w{at}"),
            ),
            f"default/w{at}-",
            range(1, count + 1),
        )
        for at, (spec, count) in enumerate(drawn)
    ]


ASKED = [specs_of(each) for each in ({}, {"cpu": "300m"}, {"cpu": "100m", "memory": "512Mi"})]


@pytest.mark.parametrize("seed", range(80))
def test_workloads_that_are_alike_get_the_nodes_that_each_would_get_by_itself(seed: int) -> None:
    """Also on nodes that are filled unevenly or get full, and where some workloads have pods already."""
    random = Random(seed)  # noqa: S311 (the same clusters each time)
    zones, sizes, most = (
        "abcd"[: random.randint(1, 4)],
        random.sample(SIZES, random.randint(1, 2)),
        3 ** random.randint(1, 3),
    )
    nodes = [_node(at, random.choice(zones), random.choice(sizes)) for at in range(random.randint(6, 45))]
    asked = random.sample(ASKED, random.randint(1, 2))
    together = _replicas([(random.choice(asked), random.randint(0, most)) for _ in range(600 // most)])
    # Zones are busy with different things, and some nodes more than others.
    busy = {zone: random.choices(BUSY, k=random.randint(0, 4)) for zone in zones}
    running = [
        Pod(namespace="default", name=f"busy-{node.name}-{n}", spec=specs_of(requests), node=node.name)
        for node in nodes
        for n, requests in enumerate(busy[node.labels[ZONE]])
        if random.random() < 0.9
    ]
    old = random.sample([replace(its.pod, name=f"{its.pod.name}-old") for its in together], random.randint(0, 3))
    running += [replace(pod, node=random.choice(nodes).name) for pod in old]
    assert Scheduler(nodes, running).place_all((), together) == OrdinaryBatches(nodes, running).place_all((), together)


def test_a_workload_that_stands_twice_finds_the_pods_of_the_first_one() -> None:
    """Nobody makes such replicas, but they would not be alike."""
    nodes = [_node(at, "abc"[at % 3], SIZES[0]) for at in range(12)]
    first, other = _replicas([(ASKED[1], 4), (ASKED[1], 4)])
    twice = [first, other, replace(other, prefix="default/w1-again-")]
    assert Scheduler(nodes).place_all((), twice) == OrdinaryBatches(nodes).place_all((), twice)


@pytest.mark.parametrize("priority", [0, 1])
def test_workloads_that_fit_nowhere_say_the_same_or_preempt(priority: int) -> None:
    """Why is worked out once for all of them, unless a pod of higher priority may take others away."""
    nodes = [_node(at, "abc"[at % 3], SIZES[2]) for at in range(6)]
    running = [
        Pod(namespace="default", name=f"busy-{node.name}", spec=specs_of(SIZES[2]), node=node.name) for node in nodes
    ]
    spec = replace(ASKED[2], priority=priority)
    together = _replicas([(spec, count) for count in (4, 4, 0, 4, 4)])
    placed = Scheduler(nodes, running).place_all((), together)
    assert placed == OrdinaryBatches(nodes, running).place_all((), together)
    assert {bool(each.message) for each in placed[1] if each.places} == {not priority}
    assert any(each.victims for each in placed[1]) == bool(priority)
