"""The sketch of a set: what is known before it is drawn has the counts, lanes and bars of the picture that follows."""

from itertools import pairwise

import pytest

from tests.benchmarks.generate import cluster as large_cluster
from tests.benchmarks.generate import text
from webapp.cluster.build import build
from webapp.diagram.cluster_map import cluster_map
from webapp.diagram.whole_cluster import whole_graph
from webapp.failure import Moment, Scenario, state_at
from webapp.manifests import Upload, read
from webapp.manifests.manifests import Manifests
from webapp.samples import SAMPLES
from webapp.views.forming_map import WIDTH, forming_map
from webapp.views.page.sketch import expected_pods, sketch_of_cluster, sketch_of_manifests, sketch_of_picture

NODE = "apiVersion: v1\nkind: Node\nmetadata: {name: worker-%d, labels: {%s}}"
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: web-%d, namespace: team-%d}
spec: {type: NodePort, selector: {app: web}, ports: %s}"""


def shop(*, nodes: int, zones: int, ports: str = "[{port: 80}]", services: int = 2) -> Manifests:
    """Return a set of nodes, some without a zone, and of services in two namespaces."""
    documents = [NODE % (n, _zone(n, zones)) for n in range(nodes)]
    documents += [SERVICE % (n, n % 2, ports) for n in range(services)]
    return read([Upload("shop.yaml", "\n---\n".join(documents).encode())])


def _zone(node: int, zones: int) -> str:
    return f"topology.kubernetes.io/zone: z{node % zones}" if zones and node % 7 != 6 else ""


MANY_PORTS = "[{name: a, port: 80}, {name: b, port: 443}]"
SETS = [
    pytest.param(shop(nodes=4, zones=0), [1] * 4, 2, id="few nodes"),
    pytest.param(shop(nodes=12, zones=3), [1] * 12, 2, id="as many nodes as have a lane each"),
    pytest.param(shop(nodes=13, zones=3), [4, 4, 4, 1], 2, id="zones, the last for nodes without one"),
    pytest.param(shop(nodes=40, zones=30), [40], 2, id="more zones than lanes"),
    pytest.param(shop(nodes=2, zones=1, services=20), [1, 1], 15, id="more services than bars"),
    pytest.param(shop(nodes=2, zones=1, services=6, ports=MANY_PORTS), [1, 1], 12, id="several ports"),
    pytest.param(read([Upload("x.yaml", text(large_cluster(300, 40, 2)))]), [100] * 3, 15, id="many of all"),
]


@pytest.mark.parametrize(("manifests", "lanes", "columns"), SETS)
def test_lanes_and_columns_are_known_once_it_is_read(manifests: Manifests, lanes: list[int], columns: int) -> None:
    """And are the same once the pods have nodes, so that nothing jumps."""
    for sketch in (sketch_of_manifests(manifests, "x"), sketch_of_cluster(build(manifests), "x")):
        assert [nodes for _, nodes in sketch.lanes] == lanes
        assert (sketch.columns, sketch.bars) == (columns, ())


@pytest.mark.parametrize("manifests", [each.values[0] for each in SETS])
def test_bars_come_in_the_places_of_the_picture(manifests: Manifests) -> None:
    """Once the worst is known, which comes first."""
    cluster = build(manifests)
    its = cluster_map(whole_graph(state_at(cluster, Scenario(at=Moment.BEFORE))))
    sketch = sketch_of_picture(its, cluster, "x")
    assert [nodes for _, nodes in sketch.lanes] == [lane.nodes for lane in its.lanes]
    assert list(sketch.bars) == [bar.service for bar in its.bars]
    forming = forming_map(sketch)
    assert forming is not None
    assert [bar.whole for bar in forming.bars] == list(sketch.bars)
    to_come = forming_map(sketch_of_cluster(cluster, "x"))
    assert to_come is not None
    assert [bar.x for bar in forming.bars] == [bar.x for bar in to_come.bars][: len(forming.bars)]


@pytest.mark.parametrize("slug", [sample.slug for sample in SAMPLES])
def test_what_was_read_has_the_counts_of_the_cluster(slug: str) -> None:
    """Unless the API server rejects something, or what is missing is assumed."""
    sample = next(sample for sample in SAMPLES if sample.slug == slug)
    manifests = read([Upload(sample.file, sample.path.read_bytes())])
    before, after = sketch_of_manifests(manifests, "x"), sketch_of_cluster(build(manifests), "x")
    assert (before.is_placed, after.is_placed) == (False, True)
    assert before.nodes in (0, after.nodes)
    assert before.services >= after.services
    if not any(problem.severity == "error" for problem in build(manifests).problems):
        assert (before.services, before.local) == (after.services, after.local)


def test_pods_of_a_daemonset_are_one_for_each_node() -> None:
    """And assumed ones count like those that workloads make."""
    daemon = b"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec: {selector: {}, template: {}}"
    manifests = read([Upload("x.yaml", daemon)])
    assert (expected_pods(manifests, 5), expected_pods(manifests, 5, assumed=3)) == (5, 8)


@pytest.mark.parametrize("manifests", [each.values[0] for each in SETS])
def test_the_forming_map_stays_in_its_frame(manifests: Manifests) -> None:
    """Lanes and bars lie side by side."""
    its = forming_map(sketch_of_manifests(manifests, "x"))
    assert its is not None
    edges = [(lane.y, lane.y + lane.height) for lane in its.lanes]
    assert all(upper[1] < lower[0] for upper, lower in pairwise(edges))
    assert edges[-1][1] < its.height
    xs = [bar.x for bar in its.bars]
    assert all(right - left >= 22 for left, right in pairwise(xs))
    assert xs[-1] + 10 < WIDTH - 9


def test_there_is_no_map_before_a_node_is_known() -> None:
    """Nodes that are assumed come with the cluster."""
    assert forming_map(sketch_of_manifests(shop(nodes=0, zones=0), "x")) is None
