"""The schedule: what placing, adding and removing pods comes to."""

from dataclasses import replace

import pytest

from tests.cluster.scheduling.asking import AskedScheduler
from webapp.cluster.model import Node, Pod, WorkloadRef
from webapp.cluster.scheduling import Placement
from webapp.manifests.objects import (
    Affinity,
    Container,
    LabelSelectorRequirement,
    NodeAffinity,
    NodeSelector,
    NodeSelectorTerm,
    PodSpec,
    Resources,
    SchedulingGate,
)

ROOM = {"cpu": "4", "memory": "8Gi", "pods": "110"}
HOST = "kubernetes.io/hostname"


def nodes(*names: str, **fields: object) -> list[Node]:
    """Return nodes with room for pods."""
    given = {"allocatable": ROOM, **fields}
    return [Node(name=name, labels={HOST: name}, **given) for name in names]  # type: ignore[arg-type]


def pod(name: str = "web-1", cpu: str = "1", **fields: object) -> Pod:
    """Return a pod that requests cpu."""
    containers = (Container(resources=Resources(requests={"cpu": cpu})),)
    return Pod(**{"namespace": "default", "name": name, "spec": PodSpec(containers=containers), **fields})  # type: ignore[arg-type]


def pods(count: int, name: str = "web", **fields: object) -> list[Pod]:
    """Return the pods of a Deployment."""
    owner, one = WorkloadRef(kind="Deployment", namespace="default", name=name), pod(**fields)  # type: ignore[arg-type]
    return [replace(one, name=f"{name}-{i + 1}", owner=owner) for i in range(count)]


def taken(placements: tuple[Placement, ...]) -> list[str | None]:
    """Return the nodes."""
    return [placement.node for placement in placements]


def test_without_nodes_nothing_can_be_placed() -> None:
    """The scheduler's own words for it."""
    assert AskedScheduler([]).place(pod()) == Placement(None, "no nodes available to schedule pods")


def test_ties_go_to_the_first_node_in_natural_order() -> None:
    """Worker-2 stands before worker-10."""
    assert AskedScheduler(nodes("worker-10", "worker-2")).place(pod()).node == "worker-2"


def test_ties_go_first_to_nodes_with_fewer_pods_of_the_workload() -> None:
    """Then to those with fewer pods at all: on assumed nodes, where resources decide nothing."""
    schedule = AskedScheduler(
        nodes("n1", "n2", assumed=True, allocatable={}), [replace(p, node="n2") for p in pods(3, "db")]
    )
    job = WorkloadRef(kind="Job", namespace="default", name="sum")
    first, second = schedule.place_many([pod("sum-1", owner=job), pod("sum-2", owner=job)])
    assert (first.node, second.node) == ("n1", "n2")


def test_equal_nodes_share_replicas_evenly() -> None:
    """Nine replicas on three nodes: three each."""
    found = taken(AskedScheduler(nodes("n1", "n2", "n3")).place_many(pods(9, cpu="100m")))
    assert sorted(found) == ["n1"] * 3 + ["n2"] * 3 + ["n3"] * 3  # type: ignore[type-var]


def test_placements_come_in_the_order_of_the_pods() -> None:
    """Whatever the order in which they are placed: here the larger pod goes first."""
    small, large = pod("small", cpu="2"), pod("large", cpu="3")
    placements = AskedScheduler(nodes("n1")).place_many([small, large])
    assert placements == (Placement(None, "0/1 nodes are available: 1 Insufficient cpu."), Placement("n1"))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"priority": 1000}, id="a resolved priority"),
        pytest.param({"priority_class_name": "system-cluster-critical"}, id="a built-in class"),
    ],
)
def test_higher_priority_goes_first(fields: dict[str, object]) -> None:
    """Even before larger requests."""
    important = pod("small", cpu="2")
    important = replace(important, spec=replace(important.spec, **fields))  # type: ignore[arg-type]
    assert taken(AskedScheduler(nodes("n1")).place_many([pod("large", cpu="3"), important])) == [None, "n1"]


def test_all_of_a_kind_that_fit_nowhere_say_the_same() -> None:
    """Those that fit are placed before."""
    placements = AskedScheduler(nodes("n1", "n2")).place_many(pods(5, cpu="2"))
    assert taken(placements) == ["n1", "n2", "n1", "n2", None]
    assert placements[4].message == "0/2 nodes are available: 2 Insufficient cpu."


def test_a_pod_with_a_node_bypasses_the_scheduler() -> None:
    """It counts there, though the node is cordoned, and also where there is no such node."""
    schedule = AskedScheduler(nodes("n1", unschedulable=True))
    assert schedule.place(pod("a", cpu="4", node="n1")) == Placement("n1")
    assert schedule.place(pod("b", spec=PodSpec(node_name="gone"))) == Placement("gone")
    assert schedule.reasons_by_plugin(pod("c", cpu="1m"))["n1"].keys() == {"NodeUnschedulable", "NodeResourcesFit"}


def test_a_gated_pod_waits() -> None:
    """It is not even looked at."""
    gated = pod(spec=PodSpec(scheduling_gates=(SchedulingGate(name="a"), SchedulingGate(name="b"))))
    assert AskedScheduler(nodes("n1")).place(gated) == Placement(None, "waiting for scheduling gates: [a b]")


def test_contradicting_node_names_are_one_reason_for_all() -> None:
    """Said once, not once for each node."""
    names = tuple(LabelSelectorRequirement(key="metadata.name", operator="In", values=(n,)) for n in ("n1", "n2"))
    required = NodeSelector(node_selector_terms=(NodeSelectorTerm(match_fields=names),))
    contradictory = pod(spec=PodSpec(affinity=Affinity(node_affinity=NodeAffinity(required=required))))
    message = "0/2 nodes are available: pod affinity terms conflict."
    assert AskedScheduler(nodes("n1", "n2")).message(contradictory) == message
    assert AskedScheduler(nodes("n1", "n2")).place(contradictory) == Placement(None, message)


def test_finished_pods_take_nothing() -> None:
    """Succeeded and Failed pods are not on their nodes any more, for the scheduler."""
    over = [pod(f"job-{phase}", cpu="4", node="n1", phase=phase) for phase in ("Succeeded", "Failed")]
    assert AskedScheduler(nodes("n1"), over).place(pod(cpu="4")).node == "n1"


def test_a_removed_pod_makes_room() -> None:
    """Also for pods of a kind that was refused before; removing it twice changes nothing."""
    schedule = AskedScheduler(nodes("n1"), [pod("old", cpu="4", node="n1")])
    assert schedule.place(pod("new", cpu="4")).node is None
    schedule.remove(pod("old"))
    schedule.remove(pod("old"))
    assert schedule.place(pod("new", cpu="4")).node == "n1"


def test_a_pod_that_is_added_twice_counts_once() -> None:
    """As in a dump that holds it twice."""
    schedule = AskedScheduler(nodes("n1"), [pod("old", cpu="2", node="n1")] * 2)
    schedule.add(pod("pending", cpu="4"))
    assert schedule.place(pod("new", cpu="2")).node == "n1"


def test_scores_can_be_asked_for_certain_nodes() -> None:
    """They measure these against each other; without nodes there are none."""
    schedule = AskedScheduler(nodes("n1", "n2", "n3"))
    assert schedule.scores(pod(), ["n1", "n3"]).keys() == {"n1", "n3"}
    assert schedule.scores(pod(), []) == {}
    assert schedule.message(pod()) == ""


def test_daemon_pods_fit_on_their_node_or_stay_pending() -> None:
    """They tolerate cordoning, and compete for room like others."""
    schedule = AskedScheduler(nodes("n1", "n2", unschedulable=True), [pod("old", cpu="3", node="n2")])
    owner = WorkloadRef(kind="DaemonSet", namespace="default", name="agent")
    agents = [pod("agent", cpu="2", node=name, owner=owner) for name in ("n1", "n2", "gone")]
    agents = [replace(agent, name=f"agent-{agent.node}", spec=agents[0].spec) for agent in agents]
    pinned = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
    assert schedule.place_many(agents) == (
        Placement("n1"),
        Placement(None, f"0/2 nodes are available: 1 Insufficient cpu, 1 {pinned}."),
        Placement(None, f"0/2 nodes are available: 2 {pinned}."),
    )
    assert schedule.reasons_by_plugin(pod(cpu="3"))["n1"]["NodeResourcesFit"] == ("Insufficient cpu",)
