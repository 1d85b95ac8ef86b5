"""What stands in each lane, in words and numbers."""

from dataclasses import replace
from math import fsum

import pytest

from tests.diagram.pictures import SCENES, ZONE_B_DOWN
from tests.topology.scenes import Scene, explorer, fleet, outcome, state
from webapp.cluster.model import Endpoint
from webapp.diagram.arrange import arrange
from webapp.diagram.describe import describe
from webapp.diagram.lanes import Diagram, Lane, LaneKind, Tone
from webapp.diagram.state_signs import PodBadge, PodShape
from webapp.failure.scenario import Moment
from webapp.failure.state import PodFate, PodState
from webapp.numbers import percent
from webapp.topology import graph

SPACE = "\N{NARROW NO-BREAK SPACE}"


def read(scene: Scene, *unfold: str) -> Diagram:
    """Return what the picture of a scene says."""
    return describe(scene.graph(), frozenset(unfold))


def lane(scene: Scene, number: int) -> Lane:
    """Return one lane of a scene."""
    return read(scene).lanes[number]


@pytest.mark.parametrize(
    ("scene", "number", "tone", "words"),
    [
        pytest.param(explorer(), 0, Tone.WARN, "Degraded 50 % (was 100 %)", id="degraded"),
        pytest.param(explorer(), 1, Tone.BAD, "Unavailable (was 100 %)", id="down"),
        pytest.param(explorer(down=frozenset()), 0, Tone.OK, "Healthy 100 %", id="as before"),
        pytest.param(explorer(pods={}), 0, Tone.REFUSED, "Refused", id="no endpoint"),
        pytest.param(explorer(local=True), 3, Tone.BAD, "Unavailable", id="policy Local without a pod, as before"),
        pytest.param(explorer(at=Moment.DETECTED), 0, Tone.OK, "Healthy 100 %", id="detected"),
    ],
)
def test_an_entry_point_says_what_it_answers(scene: Scene, number: int, tone: Tone, words: str) -> None:
    """Now, and before where that differs."""
    entry = lane(scene, number).entry
    assert entry is not None
    assert (entry.tone, entry.words) == (tone, words.replace(" %", f"{SPACE}%"))


@pytest.mark.parametrize(
    ("scene", "number", "note"),
    [
        pytest.param(explorer(), 3, "Its node IP sends to the pods elsewhere.", id="policy Cluster, some pods dead"),
        pytest.param(explorer(down=frozenset()), 3, "Its node IP sends to the pods elsewhere.", id="policy Cluster"),
        pytest.param(explorer(local=True), 3, "Policy Local: packets dropped.", id="policy Local"),
        pytest.param(
            explorer(pods={"web-1": "worker-2"}), 0, "Sends to pods elsewhere; none answers.", id="all pods are dead"
        ),
        pytest.param(explorer(pods={}), 0, "No pod of this service here.", id="no pod anywhere"),
        pytest.param(explorer(pods={}), 1, "No pod of this service.", id="the node is down"),
        pytest.param(fleet(30, zones=""), 0, "No pod of this service here.", id="many nodes, none with a pod"),
    ],
)
def test_a_lane_without_a_pod_says_what_that_means(scene: Scene, number: int, note: str) -> None:
    """An empty place explains itself."""
    assert lane(scene, number).note[-1] == note


@pytest.mark.parametrize(
    ("scene", "line"),
    [
        pytest.param(explorer(), "kube-proxy selects 1 of 4 endpoints at random", id="policy Cluster"),
        pytest.param(explorer(pods={"web-1": "worker-1"}), "kube-proxy sends all to one endpoint", id="one endpoint"),
        pytest.param(explorer(local=True), "policy Local: only pods on the same node", id="policy Local"),
        pytest.param(
            explorer(zone_hints=True, down=frozenset()),
            "nodes select from 2 separate sets of endpoints",
            id="zone hints",
        ),
        pytest.param(explorer(pods={}), "no endpoint", id="no endpoint"),
        pytest.param(
            explorer(pods={"web-2": "worker-2"}, at=Moment.DETECTED), "no endpoint is ready", id="none is ready"
        ),
        pytest.param(explorer(down=frozenset(explorer().nodes)), "no node is up", id="no node"),
        pytest.param(explorer(node_port=None), "no nodePort: no entry point on any node", id="no nodePort"),
        pytest.param(
            explorer(refusal="out of range"),
            "rejected by the API server: spec.ports[0].nodePort: out of range",
            id="not accepted",
        ),
    ],
)
def test_the_service_says_how_it_picks(scene: Scene, line: str) -> None:
    """Or why it picks nothing."""
    assert read(scene).service_line == line


def test_folded_lanes_count_and_add_up() -> None:
    """5,000 nodes in six lanes, whose shares are those of all nodes."""
    found = read(ZONE_B_DOWN)
    assert [lane.title for lane in found.lanes[:2]] == ["40 nodes", "1,626 nodes"]
    assert fsum(lane.entry.share for lane in found.lanes if lane.entry) == pytest.approx(1)
    assert [pod.name for lane in found.lanes for pod in lane.pods] == ["40 pods"] * 3


def test_folded_lanes_name_what_their_nodes_share() -> None:
    """The pattern of the names, and how many pods each has."""
    assert read(ZONE_B_DOWN).lanes[0].quiet == "worker-* · with 1 pod each"


def test_a_zone_that_is_down_says_so() -> None:
    """Only if all of it is."""
    assert [zone.down for zone in read(ZONE_B_DOWN).zones] == [False, True, False]


def test_many_pods_on_one_node_are_counted() -> None:
    """Ten alike are one box, which opens."""
    (pod,) = lane(SCENES["many-pods"], 0).pods
    assert (pod.name, pod.words, pod.share) == ("10 pods", "Healthy", pytest.approx(0.375))
    assert len(read(SCENES["many-pods"], pod.unfold).lanes[0].pods) == 10


def test_pods_that_wait_for_a_node_have_a_lane() -> None:
    """At the bottom, without a way in."""
    last = read(SCENES["pending"]).lanes[-1]
    assert (last.sort, last.entry, [pod.words for pod in last.pods]) == (LaneKind.PENDING, None, ["Pending"])


def test_many_pods_that_wait_are_counted() -> None:
    """One box says how many, and what their names share."""
    scene = explorer(pods={f"web-7c9d-{i}": None for i in range(9)})
    (pod,) = read(scene).lanes[-1].pods
    assert (pod.name, pod.detail, pod.count) == ("9 pods", "web-7c9d-*", 9)


def test_a_node_whose_rules_are_stale_says_so() -> None:
    """Its kube-proxy no longer follows; a control-plane node says that, too."""
    scene = explorer(down=frozenset())
    plain = state(scene)
    plane = replace(plain.cluster.nodes["worker-1"], control_plane=True)
    cluster = replace(plain.cluster, nodes={**plain.cluster.nodes, "worker-1": plane})
    its = replace(plain, cluster=cluster, stale_nodes=frozenset({"worker-1"}))
    lane = describe(graph(its, outcome(scene), outcome(scene))).lanes[0]
    assert lane.quiet == "control plane · stale rules"


def test_a_folded_lane_of_different_nodes_gives_ranges() -> None:
    """Where only a coarse likeness leaves few enough lanes."""
    names = {f"worker-{i}": f"z{i % 200}" for i in range(1000)}
    pods = {f"web-{i}": f"worker-{i * i % 500}" for i in range(1000)}
    quiet = [lane.quiet for lane in read(replace(fleet(1), nodes=names, pods=pods)).lanes]
    assert quiet == ["worker-* · with 8 to 40 pods each", "worker-* · without a pod of this service"]


def test_a_client_that_knows_one_address_is_named_so() -> None:
    """The bar of clients says which address it is."""
    lines = arrange(read(explorer(via="node/worker-1"))).client_lines
    assert " ".join(line.runs[0].text for line in lines) == "External clients worker-1's IP"


def test_endpoints_on_no_node_have_a_lane() -> None:
    """An EndpointSlice written by hand may point anywhere."""
    scene = explorer(down=frozenset(), pods={})
    endpoint = Endpoint(address="203.0.113.7", port=5432)
    found = replace(outcome(scene), endpoints=(endpoint,), live=frozenset({endpoint.key}))
    last = describe(graph(state(scene), found, found)).lanes[-1]
    assert (last.sort, last.pods[0].name, last.pods[0].takes) == (LaneKind.ELSEWHERE, "203.0.113.7:5432", None)


@pytest.mark.parametrize(
    ("fate", "words", "detail"),
    [
        pytest.param(PodFate.MOVED, "Healthy", "10.244.0.1:8080 · from worker-9", id="moved"),
        pytest.param(PodFate.STUCK, "Healthy", "10.244.0.1:8080 · stuck", id="stuck"),
    ],
)
def test_a_pod_says_what_befell_it(fate: PodFate, words: str, detail: str) -> None:
    """In the second line of its box."""
    scene = explorer(down=frozenset())
    plain = state(scene)
    pod = plain.cluster.pods["default/web-1"]
    its = replace(plain, pods={pod.key: PodState(pod=pod, fate=fate, from_node="worker-9")})
    box = describe(graph(its, outcome(scene), outcome(scene))).lanes[0].pods[0]
    assert (box.words, box.detail) == (words, detail)
    assert (box.badge is PodBadge.RECREATED) == (fate is PodFate.MOVED)
    assert (box.shape is PodShape.TERMINATING) == (fate is PodFate.STUCK)


def test_a_lost_pod_says_where_its_replacement_is() -> None:
    """And the replacement knows the box from whose place it came."""
    scene = explorer()
    plain = state(scene)
    moved = PodState(
        pod=plain.cluster.pods["default/web-4"], fate=PodFate.MOVED, replaces="default/web-2", from_node="worker-2"
    )
    its = replace(plain, pods={"default/web-4": moved})
    pods = {
        pod.name: pod
        for lane in describe(graph(its, outcome(scene), outcome(replace(scene, down=frozenset())))).lanes
        for pod in lane.pods
    }
    assert (pods["web-2"].told, pods["web-4"].told) == ("now on worker-3", "from worker-2")
    assert pods["web-4"].came_from == pods["web-2"].id
    assert [name for name, pod in pods.items() if pod.changed] == ["web-2", "web-3", "web-4"]


def test_a_pod_on_its_way_out_has_a_pointed_end() -> None:
    """It still answers while it terminates."""
    scene = explorer(down=frozenset(), pods={"web-1": "worker-1"})
    found = outcome(scene)
    leaving = replace(found, endpoints=(replace(found.endpoints[0], ready=False, terminating=True),))
    box = describe(graph(state(scene), leaving, found)).lanes[0].pods[0]
    assert (box.shape, box.words, box.detail) == (PodShape.TERMINATING, "Healthy", "10.244.0.1:8080 · terminating")


@pytest.mark.parametrize(
    ("scene", "calm"),
    [
        pytest.param(explorer(down=frozenset()), True, id="nothing is down"),
        pytest.param(explorer(), False, id="a node is down"),
        pytest.param(explorer(down=frozenset(), local=True), False, id="policy Local, a node without a pod"),
        pytest.param(explorer(down=frozenset(), pods={}), False, id="no pod"),
    ],
)
def test_a_picture_is_calm_where_ticks_say_all(scene: Scene, calm: bool) -> None:
    """Nothing is down, and each entry point answers every connection."""
    assert read(scene).calm is calm


def test_ids_are_the_same_before_and_after() -> None:
    """What stays keeps its id, so that a page can move it instead of drawing it anew."""

    def ids(scene: Scene) -> list[str]:
        return [id_ for lane in read(scene).lanes for id_ in (lane.id, *(pod.id for pod in lane.pods))]

    assert ids(explorer()) == ids(explorer(down=frozenset())) == ids(explorer(down=frozenset({"web-1"})))


def test_shares_in_boxes_are_those_of_the_graph() -> None:
    """18.75 % for each of four pods."""
    shares = {percent(pod.share) for its in read(explorer()).lanes for pod in its.pods}
    assert shares == {f"18.75{SPACE}%"}
