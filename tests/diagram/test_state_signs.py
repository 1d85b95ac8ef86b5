"""States of nodes and pods differ in shape: whoever sees no colours sees the same."""

import re
from itertools import product

import pytest

from tests.topology.test_paths import SAMPLES, sample
from webapp.cluster.build import build
from webapp.cluster.options import ClusterOptions
from webapp.diagram.lanes import Tone
from webapp.diagram.layout import Box
from webapp.diagram.signs import definitions
from webapp.diagram.state_signs import (
    PodBadge,
    PodShape,
    lane_ground,
    lane_sign,
    pod_badge,
    pod_outline,
    pod_shape,
    pod_sign,
)
from webapp.diagram.whole_cluster import every_port_graph
from webapp.failure import FailureKind, Moment, Scenario, Target, state_at
from webapp.manifests import Upload, read
from webapp.topology.attributes import NodeState, VertexKind
from webapp.topology.reading import of_kind

BOX = Box(0, 0, 120, 64)
SHOP = next(path for path in SAMPLES if path.stem == "shop")


def colourless(markup: str) -> str:
    """Return the drawing without its paint; patterns stay, as they are no colour."""
    return re.sub(r' (class|(fill|stroke)="#)[^ />]*', "", markup)


def test_no_two_states_of_a_node_differ_by_colour_alone() -> None:
    """Assumed or not, by the ground of the lane and the sign at its title."""
    # The nodes of both are cordoned: the word in the lane says how far the drain is.
    states = [state for state in NodeState if state is not NodeState.DRAINED]
    looks = {
        (state, assumed): colourless(lane_ground(BOX, state, assumed=assumed)) + lane_sign(state, assumed=assumed)
        for state, assumed in product(states, (False, True))
    }
    assert len(set(looks.values())) == len(looks)


def test_no_two_shapes_or_badges_of_a_pod_differ_by_colour_alone() -> None:
    """By its outline, its sign and its badge."""
    looks = {
        (shape, badge): colourless(pod_outline(BOX, shape, Tone.QUIET, badge)) + pod_sign(shape, Tone.QUIET)
        for shape, badge in product(PodShape, (None, *PodBadge))
    }
    assert len(set(looks.values())) == len(looks)


def test_every_sign_and_ground_that_a_state_needs_is_defined() -> None:
    """A reference to nothing would show nothing."""
    drawn = "".join(
        lane_ground(BOX, state) + f'"#s-{lane_sign(state)}"' for state in NodeState if state is not NodeState.UP
    )
    drawn += "".join(pod_outline(BOX, shape, Tone.OK, badge) for shape, badge in product(PodShape, PodBadge))
    drawn += "".join(f'"#s-{pod_sign(shape, Tone.OK)}"' for shape in PodShape)
    for name in re.findall(r"#([a-z-]+)[)\"]", drawn):
        assert f'id="{name}"' in definitions(drawn)


def partitioned(at: Moment) -> Scenario:
    """Return the Scenario in which a node of the shop can't be reached by the control plane."""
    return Scenario(down=frozenset({Target(kind=FailureKind.PARTITION, name="worker-2")}), at=at)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (Moment.BEFORE, NodeState.UP),
        (Moment.FAILED, NodeState.PARTITIONED),
        (Moment.DETECTED, NodeState.PARTITIONED),
        (Moment.RESCHEDULED, NodeState.PARTITIONED),
    ],
)
def test_a_partitioned_node_says_so_and_its_pods_are_cut_off(at: Moment, state: NodeState) -> None:
    """From the first moment on, though Kubernetes notices later; nothing of it before."""
    graph = every_port_graph(state_at(sample(SHOP), partitioned(at)))
    assert graph.nodes["node/worker-2"]["state"] is state
    there = [data for _, data in of_kind(graph, VertexKind.ENDPOINT) if data["node"] == "worker-2"]
    assert there
    assert {pod_badge(data) for data in there} == {PodBadge.CUT_OFF if state is NodeState.PARTITIONED else None}


BLOCKED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
"""


@pytest.mark.parametrize("at", [Moment.CORDONED, Moment.EVICTING, Moment.DRAINED])
def test_a_pod_that_a_budget_holds_is_marked_once_its_eviction_is_tried(at: Moment) -> None:
    """Cordoning asks no budget."""
    cluster = build(read([Upload("web.yaml", BLOCKED.encode())]), ClusterOptions())
    name = next(node for node in cluster.nodes if cluster.pods_on.get(node))
    graph = every_port_graph(state_at(cluster, Scenario(drain=(name,), at=at)))
    badges = {data["node"]: pod_badge(data) for _, data in of_kind(graph, VertexKind.ENDPOINT)}
    assert badges[name] is (None if at is Moment.CORDONED else PodBadge.BLOCKED)
    assert {badge for node, badge in badges.items() if node != name} == {None}


def test_a_replacement_is_marked_as_recreated_and_a_dead_pod_as_dead() -> None:
    """The one elsewhere, the other where it was."""
    scenario = Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="worker-2")}), at=Moment.RESCHEDULED)
    data = [data for _, data in of_kind(every_port_graph(state_at(sample(SHOP), scenario)), VertexKind.ENDPOINT)]
    assert {pod_shape(pod) for pod in data if pod["node"] == "worker-2"} <= {PodShape.DEAD}
    assert PodBadge.RECREATED in {pod_badge(pod) for pod in data if pod["node"] != "worker-2"}
