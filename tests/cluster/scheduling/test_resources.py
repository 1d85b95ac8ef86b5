"""Requests, whether they fit, and the scores of resources."""

import pytest

from webapp.cluster.scheduling.resources import Capacity, pod_requests
from webapp.manifests.objects import Container, PodSpec, Resources

MI = 1024 * 1024


def container(restart_policy: str | None = None, limits: dict[str, str] | None = None, **requests: str) -> Container:
    """Return a container with these requests."""
    return Container(resources=Resources(requests=requests, limits=limits or {}), restart_policy=restart_policy)


@pytest.mark.parametrize(
    ("spec", "amounts"),
    [
        pytest.param(
            PodSpec(containers=(container(cpu="1"), container(cpu="500m"))), {"cpu": 1500}, id="the sum over containers"
        ),
        pytest.param(
            PodSpec(containers=(container(limits={"cpu": "1"}),)), {"cpu": 1000}, id="a limit sets the request"
        ),
        pytest.param(
            PodSpec(containers=(container(limits={"cpu": "2"}, cpu="1"),)), {"cpu": 1000}, id="unless there is one"
        ),
        pytest.param(
            PodSpec(containers=(container(cpu="1"),), init_containers=(container(cpu="3"),)),
            {"cpu": 3000},
            id="a larger init container",
        ),
        pytest.param(
            PodSpec(
                containers=(container(cpu="1"),), init_containers=(container("Always", cpu="1"), container(cpu="2"))
            ),
            {"cpu": 3000},
            id="an init container beside a sidecar",
        ),
        pytest.param(
            PodSpec(
                containers=(container(cpu="1"),), init_containers=(container(cpu="1"), container("Always", cpu="2"))
            ),
            {"cpu": 3000},
            id="a sidecar beside the containers",
        ),
        pytest.param(
            PodSpec(containers=(container(cpu="1"),), overhead={"cpu": "250m"}), {"cpu": 1250}, id="overhead on top"
        ),
        pytest.param(
            PodSpec(containers=(container(cpu="1"),), resources=Resources(requests={"cpu": "3"})),
            {"cpu": 3000},
            id="pod-level requests",
        ),
        pytest.param(
            PodSpec(containers=(container(cpu="1"),), resources=Resources(limits={"cpu": "3", "memory": "1Mi"})),
            {"cpu": 1000, "memory": MI},
            id="pod-level limits set what no container requests",
        ),
        pytest.param(
            PodSpec(containers=(container(memory="0.4"), container(memory="0.4"))),
            {"memory": 1},
            id="rounded up after adding",
        ),
        pytest.param(
            PodSpec(containers=(container(storage="1Gi", cpu="0"),)), {}, id="zeros and unknown resources are left out"
        ),
        pytest.param(
            PodSpec(containers=(container(**{"nvidia.com/gpu": "1"}),)), {"nvidia.com/gpu": 1}, id="extended resources"
        ),
    ],
)
def test_a_pod_requests(spec: PodSpec, amounts: dict[str, int]) -> None:
    """The effective request of each resource."""
    assert pod_requests(spec).amounts == amounts


def test_scores_assume_the_usual_where_a_container_requests_nothing() -> None:
    """100m of cpu and 200Mi of memory for each such container; what fits is not affected."""
    requests = pod_requests(PodSpec(containers=(container(cpu="1"), container())))
    assert (requests.scored_cpu, requests.scored_memory) == (1100, 400 * MI)
    assert requests.amounts == {"cpu": 1000}


def test_shortages_name_every_resource_that_lacks() -> None:
    """The number of pods first, then resources: native before extended ones."""
    capacity = Capacity({"cpu": "1", "memory": "1Gi", "pods": "1"}, unlimited=False)
    capacity.add(pod_requests(PodSpec(containers=(container(cpu="1"),))))
    wanted = pod_requests(PodSpec(containers=(container(cpu="1m", memory="2Gi", **{"example.com/a": "1"}),)))
    assert capacity.shortages(wanted) == (
        "Too many pods",
        "Insufficient cpu",
        "Insufficient memory",
        "Insufficient example.com/a",
    )


def test_an_overcommitted_node_still_takes_a_pod_without_requests() -> None:
    """Only what is requested is looked at."""
    capacity = Capacity({"cpu": "1", "pods": "9"}, unlimited=False)
    capacity.add(pod_requests(PodSpec(containers=(container(cpu="2"),))))
    assert capacity.shortages(pod_requests(PodSpec(containers=(container(),)))) == ()


def test_an_unlimited_node_takes_110_pods_of_any_size() -> None:
    """Which is what assumed nodes are."""
    capacity, large = Capacity({}, unlimited=True), pod_requests(PodSpec(containers=(container(cpu="999"),)))
    for _ in range(110):
        assert capacity.shortages(large) == ()
        capacity.add(large)
    assert capacity.shortages(large) == ("Too many pods",)


def test_what_is_given_back_is_free_again() -> None:
    """Removing a pod restores scores and room."""
    capacity = Capacity({"cpu": "4", "memory": "8Gi", "pods": "9"}, unlimited=False)
    requests = pod_requests(PodSpec(containers=(container(cpu="3"),)))
    before = capacity.score(requests)
    capacity.add(requests)
    assert capacity.shortages(requests) == ("Insufficient cpu",)
    capacity.add(requests, -1)
    assert (capacity.shortages(requests), capacity.score(requests)) == ((), before)


@pytest.mark.parametrize(
    ("requests", "score"),
    [
        pytest.param({}, 97, id="without requests only how empty the node is"),
        pytest.param({"cpu": "2", "memory": "4Gi"}, 50 + 75, id="even use"),
        pytest.param({"cpu": "4"}, (0 + 97) // 2 + 50, id="uneven use"),
    ],
)
def test_resource_scores(requests: dict[str, str], score: int) -> None:
    """LeastAllocated plus BalancedAllocation on an empty node of 4 cpus and 8Gi."""
    capacity = Capacity({"cpu": "4", "memory": "8Gi", "pods": "9"}, unlimited=False)
    assert capacity.score(pod_requests(PodSpec(containers=(container(**requests),)))) == score


def test_a_node_without_cpu_or_memory_scores_by_what_it_has() -> None:
    """A resource it lacks is left out of the mean, and evenness means nothing."""
    requests = pod_requests(PodSpec(containers=(container(cpu="1"),)))
    assert Capacity({"cpu": "4", "pods": "9"}, unlimited=False).score(requests) == 75 + 75
    assert Capacity({"pods": "9"}, unlimited=False).score(requests) == 0 + 75
