"""The graph: its vertices, its shares, and what is said of each."""

from dataclasses import replace
from math import fsum
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.topology.scenes import Scene, explorer, outcome, state
from webapp.cluster.model import Cluster, Endpoint
from webapp.failure import state_at
from webapp.failure.scenario import Moment
from webapp.failure.state import PodFate, PodState
from webapp.routing import PortOutcome
from webapp.routing import outcome as routed
from webapp.topology import CLIENT, SERVICE, graph
from webapp.topology.attributes import EndpointState, NodeState

if TYPE_CHECKING:
    import networkx as nx


def lost(made: "nx.DiGraph[str]") -> float:
    """Return the share of all new connections that some edge loses."""
    return fsum(its["lost"] for _, _, its in made.edges(data=True))


def test_the_columns_of_the_reference_picture_add_up() -> None:
    """25 x 4 = 100 come in, 18.75 x 4 = 75 reach a pod, 18.75 x 2 = 37.5 are answered."""
    made = explorer().graph()
    entering = [its["share"] for _, _, its in made.out_edges(CLIENT, data=True)]
    reaching = [its["share"] for _, _, its in made.out_edges(SERVICE, data=True)]
    assert (entering, reaching) == ([0.25] * 4, pytest.approx([0.1875] * 4))


def test_a_dead_entry_point_has_no_edge_onward() -> None:
    """Nothing can go there, so nothing can go on."""
    made = explorer().graph()
    assert (list(made.successors("entry/worker-2")), list(made.successors("entry/worker-1"))) == ([], [SERVICE])


def test_every_edge_that_loses_says_why() -> None:
    """A loss without a sentence explains nothing."""
    edges = [its for _, _, its in explorer().graph().edges(data=True)]
    assert all(bool(its["why"]) == (its["lost"] > 0) == (its["result"] != "answered") for its in edges)


@given(
    scene=st.builds(
        explorer,
        down=st.frozensets(st.sampled_from(["worker-1", "worker-2", "worker-3", "worker-4", "web-1", "web-2"])),
        via=st.sampled_from(["dns", "lb", "node/worker-1", "node/worker-4"]),
        at=st.sampled_from([Moment.FAILED, Moment.DETECTED]),
        local=st.booleans(),
        zone_hints=st.booleans(),
    )
)
def test_what_is_not_lost_on_some_edge_is_answered(scene: Scene) -> None:
    """Through every way in, the losses on the edges and the share answered make up what came in."""
    made, found = scene.graph(), outcome(scene)
    came_in = fsum(its["share"] for _, _, its in made.out_edges(CLIENT, data=True))
    assert came_in == pytest.approx(0.0 if scene.via == "lb" and not found.lb_targets else 1.0)
    assert came_in - lost(made) == pytest.approx(found.answered(scene.via))


def test_the_order_of_endpoints_does_not_show() -> None:
    """Slices list endpoints in any order; the graph has one."""
    scene = explorer()
    found, before = outcome(scene), outcome(replace(scene, down=frozenset()))
    turned = replace(found, endpoints=found.endpoints[::-1])
    plain, other = graph(state(scene), found, before), graph(state(scene), turned, before)
    assert list(plain.nodes.items()) == list(other.nodes.items())
    assert list(plain.edges.data()) == list(other.edges.data())


def test_names_are_in_natural_order() -> None:
    """web-2 comes before web-10."""
    pods = {f"web-{i}": "worker-1" for i in (10, 9, 2, 1)}
    made = explorer(pods=pods, down=frozenset()).graph()
    labels = [its["label"] for its in made.nodes.values() if its["kind"] == "endpoint"]
    assert labels == ["web-1", "web-2", "web-9", "web-10"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, EndpointState.NO_ANSWER, id="dead and still picked"),
        pytest.param({"at": Moment.DETECTED}, EndpointState.DOWN, id="dead and no longer picked"),
        pytest.param({"down": frozenset()}, EndpointState.ANSWERS, id="alive and picked"),
        pytest.param({"down": frozenset(), "node_port": None}, EndpointState.NOT_PICKED, id="alive, with no way in"),
    ],
)
def test_an_endpoint_has_one_state(changes: dict[str, object], expected: EndpointState) -> None:
    """Truth and belief together say what becomes of a connection."""
    assert explorer(**changes).graph().nodes["endpoint/default/web-2"]["state"] is expected


@pytest.mark.parametrize(
    ("terminating", "expected"), [(True, EndpointState.TERMINATING), (False, EndpointState.NOT_READY)], ids=str
)
def test_a_live_endpoint_that_is_not_ready_says_which_way(terminating: bool, expected: EndpointState) -> None:
    """It is on its way out, or not yet there."""
    scene = explorer(down=frozenset(), pods={"web-1": "worker-1"})
    key = "default/web-1"
    endpoint = Endpoint(pod=key, port=8080, ready=False, serving=False, terminating=terminating, node="worker-1")
    empty = outcome(explorer(down=frozenset(), pods={}))
    found = replace(empty, endpoints=(endpoint,), live=frozenset({key}))
    assert graph(state(scene), found, found).nodes[f"endpoint/{key}"]["state"] is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"down_nodes": frozenset({"worker-1"})}, NodeState.DOWN, id="off"),
        pytest.param({"unready_nodes": frozenset({"worker-1"})}, NodeState.NOT_READY, id="not seen any more"),
        pytest.param({"cordoned_nodes": frozenset({"worker-1"})}, NodeState.CORDONED, id="cordoned"),
        pytest.param({}, NodeState.UP, id="nothing the matter"),
    ],
)
def test_a_node_has_one_state(changes: dict[str, object], expected: NodeState) -> None:
    """The worst that applies."""
    scene = explorer(down=frozenset())
    its = replace(state(scene), **changes)
    assert graph(its, outcome(scene), outcome(scene)).nodes["node/worker-1"]["state"] is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (Moment.CORDONED, NodeState.CORDONED),
        (Moment.EVICTING, NodeState.EVICTING),
        (Moment.DRAINED, NodeState.DRAINED),
    ],
    ids=str,
)
def test_a_drained_node_says_how_far_it_is(at: Moment, expected: NodeState) -> None:
    """Cordoned first, then its pods are evicted, then they are gone."""
    scene = explorer(down=frozenset())
    plain = state(scene)
    scenario = replace(plain.scenario, drain=("worker-1",), at=at)
    its = replace(plain, scenario=scenario, cordoned_nodes=frozenset({"worker-1"}))
    assert graph(its, outcome(scene), outcome(scene)).nodes["node/worker-1"]["state"] is expected


def test_pods_of_the_service_that_fit_nowhere_are_vertices() -> None:
    """They are no endpoints, but whoever looks for the missing replica finds it here, with the scheduler's words."""
    made = explorer(pods={"web-1": "worker-1", "web-2": None}).graph()
    assert made.nodes["pending/default/web-2"]["reason"] == "0/4 nodes are available: 4 Insufficient cpu."


def test_pods_of_others_that_fit_nowhere_are_not() -> None:
    """Only the selector tells whose they are."""
    scene = explorer(pods={"web-1": "worker-1", "web-2": None})
    service = replace(outcome(scene).service, selector={"app": "other"})
    found = replace(outcome(scene), service=service)
    assert "pending/default/web-2" not in graph(state(scene), found, found)


def test_a_service_without_selector_has_no_pods_that_wait() -> None:
    """Nothing tells which pods would be its own."""
    scene = explorer(pods={"web-1": "worker-1", "web-2": None})
    found = replace(outcome(scene), service=replace(outcome(scene).service, selector={}))
    assert "pending/default/web-2" not in graph(state(scene), found, found)


def test_a_replacement_says_from_where_it_came() -> None:
    """The fate of a pod travels with it."""
    scene = explorer()
    plain = state(scene)
    pod = plain.cluster.pods["default/web-1"]
    moved = PodState(pod=pod, fate=PodFate.MOVED, replaces="default/web-9", from_node="worker-2")
    made = graph(replace(plain, pods={pod.key: moved}), outcome(scene), outcome(scene))
    vertex = made.nodes["endpoint/default/web-1"]
    assert (vertex["fate"], vertex["from_node"]) == ("moved", "worker-2")
    assert (vertex["replaces"], vertex["changed"]) == ("default/web-9", True)


def test_the_failure_changes_what_it_took() -> None:
    """The two pods on the dead node, and no other; before the failure nothing has changed."""
    changed = {key for key, data in explorer().graph().nodes(data=True) if data.get("changed")}
    assert changed == {"endpoint/default/web-2", "endpoint/default/web-3"}
    made = explorer(at=Moment.BEFORE, down=frozenset()).graph()
    assert not any(data.get("changed") for _, data in made.nodes(data=True))


def test_two_addresses_of_one_pod_are_one_vertex() -> None:
    """A dual-stack pod stands in two slices and is one box."""
    scene = explorer(down=frozenset())
    found = outcome(scene)
    second = replace(found.endpoints[0], address="fd00::1")
    made = graph(state(scene), replace(found, endpoints=(*found.endpoints, second)), found)
    assert made.nodes["endpoint/default/web-1"]["address"] == "10.244.0.1"


def test_the_graph_carries_the_question() -> None:
    """Who reads the graph alone knows what was asked."""
    asked = explorer(via="lb").graph().graph
    assert (asked["service"], asked["at"], asked["via"], asked["down"]) == (
        "default/web",
        "failed",
        "lb",
        ("node/worker-2",),
    )


def test_a_refused_service_has_no_way_in() -> None:
    """No entry points, no share answered, and the reason on the service."""
    made = explorer(refusal="provided port is not in the valid range").graph()
    assert (made.nodes[SERVICE]["accepted"], made.graph["answered"], made.out_degree(CLIENT)) == (False, None, 0)
    assert made.nodes[SERVICE]["refusal"].endswith("provided port is not in the valid range")


@pytest.mark.parametrize("at", [Moment.FAILED, Moment.DETECTED], ids=str)
@pytest.mark.parametrize("via", ["dns", "lb", "node/worker-1"])
@pytest.mark.parametrize("local", [False, True], ids=["Cluster", "Local"])
def test_the_real_state_and_outcome_come_to_the_same_graph(at: Moment, via: str, local: bool) -> None:
    """The records that these tests make by hand are those of failure and routing: same vertices, same shares."""
    scene = explorer(at=at, via=via, local=local)
    asked = state(scene).scenario
    cluster = with_endpoints(state(scene).cluster, outcome(replace(scene, down=frozenset())))
    states = [state_at(cluster, its) for its in (asked, replace(asked, at=Moment.BEFORE))]
    made = graph(states[0], *(routed(each, "default/web") for each in states))
    assert made.nodes.keys() == scene.graph().nodes.keys()
    assert shares(made) == pytest.approx(shares(scene.graph()))


def with_endpoints(cluster: Cluster, found: PortOutcome) -> Cluster:
    """Return the cluster with the endpoints that an outcome lists."""
    port = replace(found.port, endpoints=found.endpoints)
    return replace(cluster, services={found.service.key: replace(found.service, ports=(port,))})


def shares(made: "nx.DiGraph[str]") -> dict[tuple[str, str], float]:
    """Return the share of each edge."""
    return {(tail, head): its["share"] for tail, head, its in made.edges(data=True)}
