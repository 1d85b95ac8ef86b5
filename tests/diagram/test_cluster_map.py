"""The picture of a whole cluster: which services have a bar, what each lane says, where everything stands."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from tests.diagram.pictures import HOSTILE, Drawn
from tests.topology.test_paths import SAMPLES, failures, sample
from webapp.cluster.build import build
from webapp.cluster.model import Cluster, Endpoint, Node, Pod, Service, ServicePort
from webapp.cluster.options import ClusterOptions
from webapp.diagram import FORMATS, draw
from webapp.diagram.cluster_columns import MOST_COLUMNS
from webapp.diagram.cluster_layout import ClusterLayout, arrange_map
from webapp.diagram.cluster_legend import map_legend
from webapp.diagram.cluster_map import ClusterMap, cluster_map
from webapp.diagram.cluster_svg import draw_map, export_map, short_name
from webapp.diagram.links import Links
from webapp.diagram.whole_cluster import MOST_LANES, whole_graph
from webapp.failure import CRASH_MOMENTS, FailureKind, Moment, Scenario, Target, state_at
from webapp.manifests import Upload, read
from webapp.manifests.objects import PodSpec
from webapp.routing import has_entries, outcome

LINKS = Links(
    toggle=lambda target: f"?down={target}",
    unfold=lambda name: f"?unfold={name}",
    focus=lambda service, port: f"?service={service}&port={port}",
    connect=lambda node: f"?via=node/{node}",
    connected="worker-1",
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


# --- what has a bar ---------------------------------------------------------------------------------------------------


def folded_words(its: ClusterMap) -> list[str]:
    """Return what is said of the service ports without a bar."""
    return [folded.words.replace("\N{NARROW NO-BREAK SPACE}", " ") for folded in its.folded]


def test_what_has_no_room_is_counted_by_namespace() -> None:
    """Of 24 service ports 22 lose something: the worst have bars, and each namespace says what else it has."""
    its = described(sample(FIFTY), down("zone/eu-west-1b"))
    assert folded_words(its) == [
        "6 more in platform, 44–66 %",
        "5 more in shop, 44–66 %",
        "1 degraded, as before",
        "1 refused, as before",
    ]
    assert len(its.bars) + len(its.folded) == MOST_COLUMNS
    worst = max(bar.share for bar in its.bars if bar.namespace == "shop")
    assert worst <= 0.44


def test_unfolding_gives_bars_to_what_was_counted() -> None:
    """A namespace, or those that are as before; what then has no room is counted in its place."""
    state = down("zone/eu-west-1b", via="lb")
    healthy = described(sample(FIFTY), state, "services.answered")
    assert sum(bar.word == "Healthy" for bar in healthy.bars) == 10
    assert any(folded.affected for folded in healthy.folded)
    platform = described(sample(FIFTY), down("zone/eu-west-1b"), "namespace.platform")
    assert sum(bar.namespace == "platform" for bar in platform.bars) == 6


def test_one_service_port_has_a_bar_and_is_no_number() -> None:
    """The column is the same, and a bar says more."""
    for scenario in (down("zone/eu-west-1b"), down("zone/eu-west-1a"), down("node/worker-7")):
        its = described(sample(FIFTY), scenario)
        assert all(folded.count > 1 for folded in its.folded if folded.affected)


def test_with_nothing_down_the_worst_placed_come_first() -> None:
    """Two of web's four pods are on one node; the pods of the others are each on their own."""
    its = described(sample(SHOP), Scenario())
    assert its.bars[0].service == "web"


def test_namespaces_that_have_no_bars_at_all_share_one_number() -> None:
    """So that no picture is wider than a window, however many namespaces there are."""
    its = described(many(12, 400), down("node/worker-1", "node/worker-2", "node/worker-3"))
    assert len(its.bars) + len(its.folded) <= MOST_COLUMNS
    counted = len(its.bars) + sum(folded.count for folded in its.folded)
    assert counted == 400


# --- which nodes share a lane -----------------------------------------------------------------------------------------


def test_nodes_with_equally_many_pods_share_a_lane() -> None:
    """Of forty nodes two have pods of the only services shown, so the others of their zones are one lane each."""
    its = described(many(40, 2, pods=1), Scenario())
    assert sorted(lane.nodes for lane in its.lanes) == [1, 1, 12, 13, 13]


def test_what_is_down_or_found_by_name_stays_apart() -> None:
    """Each of two nodes that were taken down, and one that somebody looks for."""
    state = state_at(sample(FIFTY), down("node/worker-7", "node/worker-8"))
    its = cluster_map(whole_graph(state, found="worker-9"))
    assert {"worker-7", "worker-8", "worker-9"} <= {lane.title for lane in its.lanes}
    assert sum(lane.nodes for lane in its.lanes) == 50


# --- pods on no node --------------------------------------------------------------------------------------------------

UNPLACED = """
apiVersion: v1
kind: Node
metadata: {name: worker-1}
status: {allocatable: {cpu: "1", memory: 1Gi, pods: "10"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, resources: {requests: {cpu: 700m}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {type: NodePort, ports: [{port: 80, nodePort: 30081}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
ports: [{port: 80, name: ""}]
endpoints: [{addresses: [10.9.9.9]}]
"""


def test_pending_pods_and_endpoints_on_no_node_have_rows_of_their_own() -> None:
    """Bars end above pods that have no node yet: nothing is sent there."""
    its = described(build(read([Upload("set.yaml", UNPLACED.encode())]), ClusterOptions()), Scenario())
    rows = {lane.title: [pod.words for cell in lane.cells for pod in cell.pods] for lane in its.lanes}
    assert list(rows) == ["worker-1", "On no node", "No node yet"]
    assert [words.partition(":")[0] for words in rows["No node yet"]] == ["Pending"]
    layout = arrange_map(its)
    below = layout.lanes[-1].box
    assert all(bar.spine.bottom <= below.y for bar in layout.bars)
    svg = draw_map(layout, LINKS)
    assert "No node yet" in svg
    assert "10.9.9.9" in svg


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
        # What a file or a page refers to is in it, and no sign else.
        legend = "".join(item.sample for item in map_legend(layout))
        used = set(re.findall(r'(?:href="|url\()#([a-z-]+)', svg + legend))
        assert used == {name for name in ids if name.startswith("s-")} | used & {"hatch", "tape", "dots"}
        assert used <= set(ids)


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


def test_what_is_lost_along_a_bar_is_dashed_from_where_the_last_pod_answers() -> None:
    """The first lane is down: from it to the first live one nothing runs that is answered."""
    layout = arrange_map(described(sample(SHOP), down("node/worker-1", "node/worker-2")))
    (web,) = [bar for bar in layout.bars if bar.bar.service == "web"]
    assert [trunk.lost for trunk in web.trunks] == [True, False]
    assert web.trunks[0].bottom == web.trunks[1].top


def test_headers_of_a_namespace_stand_in_one_frame() -> None:
    """Side by side, with how many service ports it has in all."""
    layout = arrange_map(described(sample(FIFTY), down("zone/eu-west-1b")))
    assert [(frame.name, frame.count) for frame in layout.namespaces] == [
        ("shop", 7),
        ("games", 3),
        ("media", 3),
        ("default", 3),
        ("platform", 6),
    ]
    for frame in layout.namespaces:
        headers = [bar.header for bar in layout.bars if bar.bar.namespace == frame.name]
        assert all(frame.box.x <= header.x and header.right <= frame.box.right for header in headers)
    assert layout.width <= 1360


# --- how it is drawn --------------------------------------------------------------------------------------------------


def test_lanes_bars_zones_and_pods_are_links() -> None:
    """To the state without them, or to one service's map; an exported file has none."""
    layout = arrange_map(described(sample(SHOP), down("node/worker-2")))
    addresses = [link.attrib["href"] for link in Drawn.of(draw_map(layout, LINKS)).links]
    assert {"?down=node/worker-1", "?down=zone/a", "?service=default/web&port=80"} <= set(addresses)
    assert any(address.startswith("?down=pod/default/web-") for address in addresses)
    assert "<a " not in export_map(layout)


def test_the_chip_of_an_entry_point_connects_via_its_node_ip() -> None:
    """And back via DNS where clients do so; its name begins with what is read in it."""
    drawn = draw_map(arrange_map(described(sample(SHOP), down("node/worker-2"))), LINKS)
    links = re.findall(r'<a class="entry"[^>]*>', drawn)
    assert len(links) == 12
    assert 'href="?via=node/worker-3"' in links[6]
    assert 'aria-label="50\N{NARROW NO-BREAK SPACE}%, worker-3: connect via this node IP"' in links[6]
    assert "worker-1: connect via DNS" in links[0]
    assert all('tabindex="-1"' in link for link in links)


def test_a_click_on_the_stroke_of_a_node_takes_it_down() -> None:
    """Of a lane of many; a file has the strokes without links."""
    layout = arrange_map(described(sample(FIFTY), down("zone/eu-west-1b", via="lb")))
    addresses = {link.attrib["href"] for link in Drawn.of(draw_map(layout, LINKS)).links}
    assert {f"?down=node/{name}" for name in sample(FIFTY).nodes} <= addresses


def test_an_entry_point_repeats_no_number_that_the_header_has() -> None:
    """Via a load balancer both are 50 %; via DNS the header also counts the node IP that is gone."""
    half = ">50\N{NARROW NO-BREAK SPACE}%<"
    shares = {}
    for via in ("lb", "dns"):
        layout = arrange_map(described(sample(SHOP), down("node/worker-2", via=via)))
        shares[via] = draw_map(layout, LINKS).count(half)
    assert shares == {"lb": 1, "dns": 3}


def test_what_is_healthy_as_before_is_told_by_its_tick() -> None:
    """No picture says 100 % of everything; after a failure it says what is answered where something is lost."""
    whole = "100\N{NARROW NO-BREAK SPACE}%"
    assert f">{whole}<" not in export_map(arrange_map(described(sample(SHOP), Scenario())))
    assert ">healthy<" in export_map(arrange_map(described(sample(SHOP), Scenario())))
    failed = export_map(arrange_map(described(sample(SHOP), down("node/worker-2"))))
    assert ">75\N{NARROW NO-BREAK SPACE}%<" in failed


def test_what_policy_local_drops_ends_at_a_stroke() -> None:
    """In its piece of the bar, and as upright stripes in the gauge."""
    svg = export_map(arrange_map(described(sample(FIFTY), Scenario())))
    assert "dropped: Local, no pod" in svg
    assert "dropped: Local, no pod" not in export_map(arrange_map(described(sample(SHOP), Scenario())))


def test_the_label_of_a_link_has_the_whole_names() -> None:
    """Also where the picture shortens them."""
    layout = arrange_map(described(sample(FIFTY), down("zone/eu-west-1b", via="lb")))
    labels = [link.attrib["aria-label"] for link in Drawn.of(draw_map(layout, LINKS)).links]
    for bar in layout.map.bars:
        assert any(label.startswith(f"{bar.namespace}/{bar.service}, ") for label in labels)


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
    services = [replace(s, name=HOSTILE[i]) for i, s in enumerate(plain.services.values())]
    cluster = Cluster(nodes=nodes, pods=plain.pods, services={s.key: s for s in services})
    for name in ("svg", "html", "mmd", "drawio", "graphml"):
        assert "<script>alert" not in draw(cluster, Scenario(), name).decode()
