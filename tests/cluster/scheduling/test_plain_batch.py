"""Plain pods, whose batches go through remembered states: the same nodes as in any other batch."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.cluster.model import Node, Pod, WorkloadRef
from webapp.cluster.scheduling import Scheduler, plain_batch, spread_states
from webapp.cluster.scheduling.batch import Batch
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.plain_batch import PlainBatch
from webapp.cluster.scheduling.ranked_nodes import RankedNodes
from webapp.cluster.scheduling.template import Template
from webapp.manifests.objects import Container, PodSpec, Resources, Taint

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
SIZES = ({"cpu": "4", "memory": "8Gi", "pods": "110"}, {"cpu": "1", "memory": "2Gi", "pods": "4"})


class _OrdinaryBatches(Scheduler):
    """Places plain pods as it does all others."""

    def _batch(self, template: Template) -> PlainBatch | Batch:
        cycle = SchedulingCycle(template, self.snapshot, self._placed)
        return Batch(cycle, self._order_for(cycle.keys, template.pod_resources))


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
specs = st.sampled_from(
    [
        PodSpec(containers=(Container(resources=Resources(requests=requests)),))
        for requests in ({}, {"cpu": "300m"}, {"cpu": "100m", "memory": "512Mi"})
    ]
)
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
    plain, ordinary = Scheduler(nodes), _OrdinaryBatches(nodes)
    for some in (pods[:already], pods[already:]):
        assert plain.place_many(some) == ordinary.place_many(some)


def test_states_that_had_to_be_forgotten_are_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for three only, on nodes that get full one by one."""
    monkeypatch.setattr(spread_states, "_MOST_STATES", 3)
    monkeypatch.setattr(plain_batch, "_MOST_STARTS", 1)
    nodes = [
        _node(n, "abc"[n % 3], {"cpu": "4", "memory": "8Gi", "pods": str(2 + n % 5)}, taint=False) for n in range(12)
    ]
    pods = _pods([(PodSpec(), 9), (PodSpec(), 12), (PodSpec(), 40)])
    assert Scheduler(nodes).place_many(pods) == _OrdinaryBatches(nodes).place_many(pods)


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
