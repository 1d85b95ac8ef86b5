"""Topology spread constraints: what filters, what scores."""

from dataclasses import replace

import pytest

from tests.cluster.scheduling.asking import AskedScheduler
from webapp.cluster.model import Node, Pod
from webapp.manifests.objects import LabelSelector, PodSpec, Taint, TopologySpreadConstraint

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
WEB = LabelSelector(match_labels={"app": "web"})
SKEW = ("node(s) didn't match pod topology spread constraints",)
NO_KEY = ("node(s) didn't match pod topology spread constraints (missing required label)",)


def node(name: str, zone: str | None = None, **fields: object) -> Node:
    """Return a node, in a zone or in none."""
    labels = {HOST: name} | ({ZONE: zone} if zone else {})
    return Node(**{"name": name, "labels": labels, "allocatable": {"pods": "110"}, **fields})  # type: ignore[arg-type]


def web(name: str, on: str | None = None, **constraint: object) -> Pod:
    """Return a pod with one constraint: by zone, on pods like itself, unless told otherwise."""
    given = {"max_skew": 1, "topology_key": ZONE, "label_selector": WEB, **constraint}
    spec = PodSpec(topology_spread_constraints=(TopologySpreadConstraint(**given),))  # type: ignore[arg-type]
    return Pod(namespace="default", name=name, labels={"app": "web"}, spec=spec, node=on)


def refused(nodes: list[Node], placed: list[Pod], pod: Pod) -> dict[str, tuple[str, ...]]:
    """Return what the plugin alone says against each node."""
    found = AskedScheduler(nodes, placed).reasons_by_plugin(pod)
    return {name: plugins["PodTopologySpread"] for name, plugins in found.items() if "PodTopologySpread" in plugins}


A1, A2, B1 = node("a1", "a"), node("a2", "a"), node("b1", "b")


def test_the_skew_may_not_exceed_its_maximum() -> None:
    """With one pod in zone a and none in b the next must go to b, unless a skew of two is allowed."""
    assert refused([A1, A2, B1], [web("1", "a1")], web("new")) == {"a1": SKEW, "a2": SKEW}
    assert refused([A1, A2, B1], [web("1", "a1")], web("new", max_skew=2)) == {}


def test_hosts_are_domains_too() -> None:
    """Each node by its host name."""
    assert refused([A1, A2, B1], [web("1", "a1")], web("new", topology_key=HOST)) == {"a1": SKEW}


def test_nodes_that_share_a_host_name_are_one_domain() -> None:
    """A filter goes by the label's value."""
    twin = replace(A2, labels=A1.labels)
    assert refused([A1, twin, B1], [web("1", "a1")], web("new", topology_key=HOST)) == {"a1": SKEW, "a2": SKEW}


def test_a_node_without_the_key_is_refused() -> None:
    """And is no domain."""
    assert refused([A1, node("x")], [web("1", "a1")], web("new")) == {"x": NO_KEY}


def test_an_empty_zone_counts_even_if_nothing_can_run_there() -> None:
    """A cordoned node's zone is a domain with no pods, and blocks the others."""
    cordoned = node("b1", "b", unschedulable=True)
    assert refused([A1, cordoned], [web("1", "a1")], web("new")) == {"a1": SKEW}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [pytest.param(None, {"a1": SKEW}, id="Ignore by default"), pytest.param("Honor", {"b1": SKEW}, id="Honor")],
)
def test_tainted_nodes_count_unless_taints_are_honored(
    policy: str | None, expected: dict[str, tuple[str, ...]]
) -> None:
    """With Honor, pods on them don't count either."""
    tainted = node("b1", "b", taints=(Taint(key="gpu", effect="NoSchedule"),))
    placed = [web("1", "a1")] if policy is None else [web("1", "b1")]
    found = refused([A1, tainted], placed, web("new", node_taints_policy=policy))
    assert found == (expected if policy is None else {})


def test_too_few_domains_make_the_minimum_zero() -> None:
    """MinDomains 3 with two zones: one pod each is all there may be."""
    placed = [web("1", "a1"), web("2", "b1")]
    assert refused([A1, B1], placed, web("new", min_domains=3)) == {"a1": SKEW, "b1": SKEW}
    assert refused([A1, B1], placed, web("new", min_domains=2)) == {}


def test_pods_that_are_being_deleted_and_those_of_other_namespaces_do_not_count() -> None:
    """Only what will stay, in the pod's own namespace."""
    placed = [replace(web("1", "a1"), terminating=True), replace(web("2", "a1"), namespace="other")]
    assert refused([A1, B1], placed, web("new")) == {}


def test_soft_constraints_only_score() -> None:
    """The emptier zone wins by twice a hundred points at most, and nodes without the key score nothing."""
    soft = web("new", when_unsatisfiable="ScheduleAnyway")
    scores = AskedScheduler([A1, B1, node("x")], [web("1", "a1")]).scores(soft)
    assert refused([A1, B1], [web("1", "a1")], soft) == {}
    assert scores["b1"] - scores["x"] == 200
    assert scores["a1"] == scores["x"]
