"""Batches: many pods at once, on random small clusters, against one decision at a time."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.scheduling.asking import AskedScheduler
from webapp.cluster.model import Node, Pod, Service, WorkloadRef
from webapp.cluster.scheduling import Placement
from webapp.manifests.objects import (
    Affinity,
    Container,
    ContainerPort,
    LabelSelector,
    LabelSelectorRequirement,
    NodeAffinity,
    NodeSelectorTerm,
    PodAffinity,
    PodAffinityTerm,
    PodSpec,
    PreferredSchedulingTerm,
    Resources,
    Taint,
    Toleration,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
keys = st.sampled_from((HOST, ZONE, "disk"))
selectors = st.sampled_from(
    (None, LabelSelector(), LabelSelector(match_labels={"app": "a"}), LabelSelector(match_labels={"app": "b"}))
)
terms = st.builds(PodAffinityTerm, label_selector=selectors, topology_key=keys)
pod_affinities = st.none() | st.builds(
    PodAffinity,
    required=st.lists(terms, max_size=1).map(tuple),
    preferred=st.lists(
        st.builds(WeightedPodAffinityTerm, weight=st.integers(1, 100), pod_affinity_term=terms), max_size=1
    ).map(tuple),
)
on_ssd = NodeSelectorTerm(match_expressions=(LabelSelectorRequirement(key="disk", operator="In", values=("ssd",)),))
node_affinities = st.none() | st.builds(
    NodeAffinity,
    preferred=st.lists(
        st.builds(PreferredSchedulingTerm, weight=st.integers(1, 100), preference=st.just(on_ssd)), max_size=1
    ).map(tuple),
)
affinities = st.none() | st.builds(
    Affinity, node_affinity=node_affinities, pod_affinity=pod_affinities, pod_anti_affinity=pod_affinities
)
constraints = st.builds(
    TopologySpreadConstraint,
    max_skew=st.integers(1, 2),
    topology_key=keys,
    when_unsatisfiable=st.sampled_from(("DoNotSchedule", "ScheduleAnyway")),
    label_selector=selectors,
    min_domains=st.none() | st.integers(1, 3),
    node_taints_policy=st.sampled_from((None, "Honor")),
)
containers = st.builds(
    Container,
    ports=st.lists(st.builds(ContainerPort, host_port=st.integers(80, 81)), max_size=1).map(tuple),
    resources=st.builds(
        Resources,
        requests=st.dictionaries(st.sampled_from(("cpu", "memory")), st.sampled_from(("1", "300m", "2")), max_size=2),
    ),
)
specs = st.builds(
    PodSpec,
    containers=st.tuples(containers),
    affinity=affinities,
    tolerations=st.lists(st.just(Toleration(key="dedicated", operator="Exists")), max_size=1).map(tuple),
    topology_spread_constraints=st.lists(constraints, max_size=2).map(tuple),
)


def _node(number: int, zone: str | None, disk: str | None, host: bool, taint: str | None, cordoned: bool) -> Node:
    labels = {ZONE: zone, "disk": disk, HOST: f"host-{number}" if host else None}
    return Node(
        name=f"n{number}",
        labels={key: value for key, value in labels.items() if value},
        taints=(Taint(key="dedicated", effect=taint),) if taint else (),
        unschedulable=cordoned,
        allocatable={"cpu": "4", "memory": "5", "pods": "4"},
    )


clusters = st.lists(
    st.builds(
        _node,
        number=st.integers(1, 20),
        zone=st.sampled_from((None, "a", "b")),
        disk=st.sampled_from((None, "ssd")),
        host=st.integers(0, 9).map(bool),
        taint=st.sampled_from((None, None, "NoSchedule", "PreferNoSchedule")),
        cordoned=st.integers(0, 9).map(lambda n: n == 9),
    ),
    max_size=6,
    unique_by=lambda node: node.name,
)


@st.composite
def workloads(draw: st.DrawFn) -> list[Pod]:
    """Draw the pods of a few workloads, two of which may look alike."""
    pods: list[Pod] = []
    for number in range(draw(st.integers(1, 3))):
        spec, app = draw(specs), draw(st.sampled_from(("a", "b")))
        kind = draw(st.sampled_from(("Deployment", "DaemonSet")))
        owner = WorkloadRef(kind=kind, namespace="default", name=f"w{number}")
        pods += [
            Pod(namespace="default", name=f"w{number}-{i}", labels={"app": app}, spec=spec, owner=owner)
            for i in range(draw(st.integers(1, 6)))
        ]
    return pods


def _placed(pods: list[Pod], placements: tuple[Placement, ...]) -> dict[str, Placement]:
    return {pod.name: placement for pod, placement in zip(pods, placements, strict=True)}


@settings(max_examples=150, deadline=None)
@given(clusters, workloads(), st.booleans())
def test_each_pod_of_a_batch_gets_a_node_that_is_best_at_its_turn(
    nodes: list[Node], pods: list[Pod], has_service: bool
) -> None:
    """One workload after another, every placement is feasible and of highest score as asked one at a time."""
    services = [Service(namespace="default", name="a", selector={"app": "a"})] if has_service else []
    check_each_turn(nodes, pods, services)


@pytest.mark.parametrize("count", range(2, 8))
def test_scores_follow_when_the_number_of_feasible_nodes_changes(count: int) -> None:
    """Spreading over hosts weighs less once a node is full, also for nodes that are in no zone."""
    zones = ("a", None, "b", None, None, "a", None)[:count]
    nodes = [_node(at, zone, None, True, None, False) for at, zone in enumerate(zones)]
    nodes = [
        replace(node, allocatable={**node.allocatable, "pods": str(2 + 5 * (at % 2))}) for at, node in enumerate(nodes)
    ]
    owner = WorkloadRef(kind="Deployment", namespace="default", name="web")
    spec = PodSpec(containers=(Container(resources=Resources(requests={"cpu": "10m"})),))
    pods = [Pod(namespace="default", name=f"web-{i}", spec=spec, labels={"app": "a"}, owner=owner) for i in range(30)]
    check_each_turn(nodes, pods, [])


def check_each_turn(nodes: list[Node], pods: list[Pod], services: list[Service]) -> None:
    """Check that each pod gets one of the nodes that are best when asked one at a time."""
    batched, asked = AskedScheduler(nodes, services=services), AskedScheduler(nodes, services=services)
    for owner in dict.fromkeys(pod.owner for pod in pods):
        own = [pod for pod in pods if pod.owner == owner]
        for pod, placement in zip(own, batched.place_many(own), strict=True):
            if placement.node is None:
                assert placement.message == asked.message(pod) != ""
            else:
                scores = asked.scores(pod)
                assert scores[placement.node] == max(scores.values())
                asked.add(replace(pod, node=placement.node))


@settings(max_examples=60, deadline=None)
@given(clusters, workloads(), st.randoms(use_true_random=False))
def test_the_order_of_nodes_and_pods_changes_nothing(nodes: list[Node], pods: list[Pod], order: object) -> None:
    """A permutation of the input gives every pod the same node and the same message."""
    expected = _placed(pods, AskedScheduler(nodes).place_many(pods))
    order.shuffle(nodes)  # type: ignore[attr-defined]
    order.shuffle(pods)  # type: ignore[attr-defined]
    assert _placed(pods, AskedScheduler(nodes).place_many(pods)) == expected


@settings(max_examples=60, deadline=None)
@given(clusters, workloads())
def test_a_removed_pod_leaves_no_trace(nodes: list[Node], pods: list[Pod]) -> None:
    """Placed and removed, pods leave a schedule that places others as a fresh one does."""
    used = AskedScheduler(nodes)
    for pod, placement in zip(pods, used.place_many(pods), strict=True):
        used.remove(replace(pod, node=placement.node))
    assert used.place_many(pods) == AskedScheduler(nodes).place_many(pods)
