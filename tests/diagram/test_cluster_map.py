"""The picture of a whole cluster: which services have a bar, what each lane says, where everything stands."""

import json
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from tests.diagram.pictures import HOSTILE, Drawn
from tests.topology.test_paths import SAMPLES, failures, sample
from webapp.cluster.model import Cluster, Endpoint, Node, Pod, Service, ServicePort
from webapp.diagram import FORMATS, draw
from webapp.diagram.cluster_columns import MOST_COLUMNS
from webapp.diagram.cluster_layout import ClusterLayout, arrange_map
from webapp.diagram.cluster_map import ClusterMap, cluster_map
from webapp.diagram.cluster_svg import draw_map, export_map, short_name
from webapp.diagram.links import Links
from webapp.diagram.whole_cluster import MOST_LANES, whole_graph
from webapp.failure import CRASH_MOMENTS, FailureKind, Moment, Scenario, Target, state_at
from webapp.manifests.objects import PodSpec
from webapp.routing import has_entries, outcome

LINKS = Links(
    toggle=lambda target: f"?down={target}",
    unfold=lambda name: f"?unfold={name}",
    focus=lambda service, port: f"?service={service}&port={port}",
    attributes={"hx-get": "{url}"},
)
FIFTY = next(path for path in SAMPLES if path.stem == "fifty-nodes")
SHOP = next(path for path in SAMPLES if path.stem == "shop")


def down(*words: str, at: Moment = Moment.FAILED, via: str = "dns") -> Scenario:
    """Return the Scenario in which these nodes and zones, ``zone/a``, are down."""
    pairs = (word.split("/") for word in words)
    return Scenario(down=frozenset(Target(kind=FailureKind(k), name=n) for k, n in pairs), at=at, via=via)


def described(cluster: Cluster, scenario: Scenario, *unfold: str) -> ClusterMap:
    """Return what the picture says."""
    return cluster_map(whole_graph(state_at(cluster, scenario), unfold=frozenset(unfold)))


def many(nodes: int, services: int, pods: int = 3) -> Cluster:
    """Return a cluster of three zones in which every tenth service has policy Local."""
    names = [f"worker-{i}" for i in range(nodes)]
    zones = {name: "abc"[i % 3] for i, name in enumerate(names)}
    made: dict[str, Service] = {}
    placed: dict[str, Pod] = {}
    for s in range(services):
        on = {f"ns-{s % 7}/web-{s}-{p}": names[(s * 7 + p * 101) % nodes] for p in range(pods)}
        placed |= {
            key: Pod(namespace=key.partition("/")[0], name=key.partition("/")[2], labels={}, spec=PodSpec(), node=node)
            for key, node in on.items()
        }
        endpoints = tuple(Endpoint(pod=key, port=8080, node=node) for key, node in on.items())
        port = ServicePort(port=80, target_port=8080, node_port=30000 + s % 2768, endpoints=endpoints)
        policy = "Cluster" if s % 10 else "Local"
        service = Service(
            namespace=f"ns-{s % 7}", name=f"web-{s}", type="NodePort", ports=(port,), external_traffic_policy=policy
        )
        made[service.key] = service
    by_name = {
        name: Node(name=name, zone=zones[name], labels={"topology.kubernetes.io/zone": zones[name]}) for name in names
    }
    return Cluster(nodes=by_name, pods=placed, services=made)


# --- what it says -----------------------------------------------------------------------------------------------------


def test_the_worst_service_comes_first_and_its_losses_add_up() -> None:
    """25 % at the node IP, 37.5 % at two pods, and the rest is answered."""
    its = described(sample(SHOP), down("node/worker-2"))
    assert [(bar.service, bar.share) for bar in its.bars] == [
        ("web", pytest.approx(0.375)),
        ("api", pytest.approx(0.5625)),
        ("admin", pytest.approx(0.75)),
    ]
    assert [sum(bar.endings.values()) for bar in its.bars] == pytest.approx([1, 1, 1])
    (lane,) = [lane for lane in its.lanes if lane.title == "worker-2"]
    assert ([cell.lost for cell in lane.cells], lane.lost) == (pytest.approx([0.375, 0.1875, 0]), True)


def test_affected_services_have_a_bar_and_the_rest_is_counted() -> None:
    """A zone of fifty nodes is lost: 13 of 24 service ports lose something, the others are as before."""
    its = described(sample(FIFTY), down("zone/eu-west-1b", via="lb"))
    assert all(bar.share < bar.before for bar in its.bars)
    assert (len(its.bars), [folded.words for folded in its.folded]) == (
        13,
        ["10 healthy, as before", "1 refused, as before"],
    )
    namespaces = [bar.namespace for bar in its.bars]
    assert sum(a != b for a, b in pairwise(namespaces)) == len(set(namespaces)) - 1


def test_many_nodes_share_a_lane_by_zone_and_state_and_open_again() -> None:
    """Fifty nodes are three lanes; an opened one shows its first nodes."""
    folded = described(sample(FIFTY), down("zone/eu-west-1b"))
    assert [(lane.title, lane.nodes) for lane in folded.lanes] == [
        ("eu-west-1a", 17),
        ("eu-west-1b", 17),
        ("eu-west-1c", 16),
    ]
    opened = described(sample(FIFTY), down("zone/eu-west-1b"), folded.lanes[0].unfold)
    assert [lane.nodes for lane in opened.zones[0].lanes] == [1] * 12 + [5]
    assert sum(lane.nodes for lane in opened.lanes) == 50


def test_the_node_that_clients_use_has_a_lane() -> None:
    """However many others there are."""
    its = described(many(100, 3), Scenario(via="node/worker-50"))
    assert [(lane.title, lane.arrives) for lane in its.lanes if lane.arrives] == [
        ("worker-50", "100\N{NARROW NO-BREAK SPACE}%")
    ]


@pytest.mark.parametrize("at", CRASH_MOMENTS, ids=str)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_number_is_that_of_the_simulation(path, at: Moment) -> None:
    """Of all samples, at every moment."""
    cluster = sample(path)
    scenario = down(f"node/{next(iter(cluster.nodes))}", at=at)
    its, state = described(cluster, scenario), state_at(cluster, scenario)
    exposed = sum(has_entries(s, port) for s in cluster.services.values() for port in s.ports)
    assert len(its.bars) + sum(folded.count for folded in its.folded) == exposed
    for bar in its.bars:
        key = f"{bar.namespace}/{bar.service}"
        index = next(
            i
            for i, port in enumerate(cluster.services[key].ports)
            if bar.ports == f"{port.port} ← {port.node_port}" and has_entries(cluster.services[key], port)
        )
        assert bar.share == pytest.approx(outcome(state, key, index).dns)


# --- where it stands --------------------------------------------------------------------------------------------------


def assert_sound(layout: ClusterLayout) -> None:
    """Nothing overlaps, nothing sticks out, trunks stay inside of their bars."""
    for above, below in pairwise(layout.lanes):
        assert above.box.bottom < below.box.y
    for left, right in pairwise(layout.bars):
        assert left.header.right <= right.header.x
    for lane in layout.lanes:
        boxes = [pod.box for cell in lane.cells for pod in cell.pods] + [cell.dots for cell in lane.cells if cell.dots]
        assert all(box.y >= lane.rail and box.bottom <= lane.box.bottom for box in boxes)
        assert lane.box.right <= layout.width
        assert lane.box.bottom <= layout.height
    for bar in layout.bars:
        assert all(bar.spine.y <= trunk.top <= trunk.bottom <= bar.spine.bottom for trunk in bar.trunks)


@settings(deadline=None, max_examples=60)
@given(failures())
def test_every_picture_is_sound(asked: tuple[Cluster, Scenario]) -> None:
    """Whatever the policies, hints and failures; ids are unique, on the page and in a file."""
    layout = arrange_map(described(*asked))
    assert_sound(layout)
    for svg in (export_map(layout), draw_map(layout, LINKS)):
        ids = Drawn.of(svg).ids
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(Scenario(at=Moment.BEFORE), id="nothing is down"),
        pytest.param(down("zone/b"), id="a zone is down"),
        pytest.param(down("node/worker-7", at=Moment.DETECTED, via="lb"), id="a node was lost"),
    ],
)
@pytest.mark.parametrize("unfold", [(), ("a.up", "b.up", "c.up")], ids=["folded", "opened"])
def test_a_large_cluster_stays_a_picture(scenario: Scenario, unfold: tuple[str, ...]) -> None:
    """At most 15 columns and 24 lanes, and 2,500 elements."""
    layout = arrange_map(described(many(1000, 400), scenario, *unfold))
    assert_sound(layout)
    assert (len(layout.bars) + len(layout.folded) <= MOST_COLUMNS, len(layout.lanes) <= MOST_LANES) == (True, True)
    assert len(list(Drawn.of(draw_map(layout, LINKS)).root.iter())) <= 2500


def test_few_services_on_many_pods_stay_a_picture() -> None:
    """Names only as long as there is room for them."""
    layout = arrange_map(described(many(12, 6, pods=60), down("node/worker-3")))
    assert len(list(Drawn.of(draw_map(layout, LINKS)).root.iter())) <= 2500


def test_under_policy_local_nothing_runs_from_lane_to_lane() -> None:
    """The bar is in pieces, one for each lane, and so is what runs along it."""
    layout = arrange_map(described(many(3, 11), Scenario()))
    local = [bar for bar in layout.bars if bar.bar.local]
    assert local
    for bar in local:
        assert len(bar.pieces) == 3
        assert all(any(p.y <= t.top <= t.bottom <= p.bottom for p in bar.pieces) for t in bar.trunks)


# --- how it is drawn --------------------------------------------------------------------------------------------------


def test_lanes_bars_zones_and_pods_are_links() -> None:
    """To the state without them, or to one service's map; an exported file has none."""
    layout = arrange_map(described(sample(SHOP), down("node/worker-2")))
    addresses = [link.attrib["href"] for link in Drawn.of(draw_map(layout, LINKS)).links]
    assert {"?down=node/worker-1", "?down=zone/a", "?service=default/web&port=80"} <= set(addresses)
    assert any(address.startswith("?down=pod/default/web-") for address in addresses)
    assert "<a " not in export_map(layout)


def test_the_telling_end_of_a_pods_name_stays() -> None:
    """What comes after the ReplicaSet's hash; whole where there is room."""
    assert short_name("storefront-web-7c9d5f8b6d-8mmzq", 60) == "…-8mmzq"
    assert short_name("web-1", 60) == "web-1"


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"png", "pdf"}))
def test_every_format_has_the_whole_cluster(name: str) -> None:
    """If no service is named and more than one is exposed."""
    text = draw(sample(SHOP), down("node/worker-2"), name).decode()
    for service in ("web", "api", "admin"):
        assert re.search(rf"\b{service}\b", text)
    if name in ("svg", "drawio", "graphml"):
        ET.fromstring(text)  # noqa: S314 - our own
    if name == "json":
        assert json.loads(text)["graph"]["others"] == {}


def test_with_a_service_named_the_picture_is_that_of_the_service() -> None:
    """As it is with only one exposed."""
    assert "default/web:80 answers" in draw(sample(SHOP), Scenario(service="default/web"), "svg").decode()


def test_hostile_names_stay_text() -> None:
    """In every format that a browser might read; Graphviz and D2 quote them."""
    plain = many(2, 2)
    nodes = {name: Node(name=name) for name in HOSTILE}
    services = {
        key: Service(
            **{f: getattr(s, f) for f in ("namespace", "type", "ports", "external_traffic_policy")}, name=HOSTILE[i]
        )
        for i, (key, s) in enumerate(plain.services.items())
    }
    cluster = Cluster(nodes=nodes, pods=plain.pods, services=services)
    for name in ("svg", "html", "mmd", "drawio", "graphml"):
        assert "<script>" not in draw(cluster, Scenario(), name).decode()
