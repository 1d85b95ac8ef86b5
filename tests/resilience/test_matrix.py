"""The matrix of services by nodes and zones."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from yaml import safe_load_all

from tests.failure.clusters import cluster, explorer, node, pod
from tests.resilience.drawing import KEY, clusters
from tests.resilience.workloads import HOST, built, service, spread, workload
from tests.resilience.workloads import node as given_node
from webapp.cluster.model import Cluster
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.numbers import percent
from webapp.resilience import Grade, matrix, reaches
from webapp.resilience.losses import What, losses_of
from webapp.resilience.matrix import MAX_NODE_COLUMNS
from webapp.routing import outcome

WHATS: tuple[What, ...] = ("node", "zone")
ROOT = Path(__file__).parents[2]


@settings(max_examples=40, deadline=None)
@given(clusters())
def test_a_cell_is_what_the_simulation_says_of_that_failure(of: Cluster) -> None:
    """For each node and zone, moment and way in."""
    for moment in (Moment.FAILED, Moment.DETECTED):
        for via in ("dns", "lb"):
            found = matrix(of, moment, via)
            for column, cell in zip(found.columns, found.rows[0].cells, strict=True):
                down = frozenset({Target(kind=FailureKind(column.what), name=column.name)})
                assert cell == pytest.approx(outcome(state_at(of, Scenario(down=down, at=moment)), KEY).answered(via))


@settings(max_examples=20, deadline=None)
@given(clusters())
def test_what_a_row_was_counted_from_answers_later_as_before(of: Cluster) -> None:
    """The page keeps rows, whose answers were given back."""
    for row in matrix(of).rows:
        reach, (fresh,) = row.verdict.reach, reaches(of)
        for what in WHATS:
            assert losses_of(reach, what) == losses_of(fresh, what)
            for domain, answered in losses_of(reach, what):
                assert reach.answer(domain.nodes, Moment.DETECTED) == answered
                assert reach.answer(domain.nodes, Moment.FAILED) == fresh.answer(domain.nodes, Moment.FAILED)


def test_just_after_the_failure_the_readmes_numbers_stand_in_the_row() -> None:
    """Through a balancer: two of four pods are on worker-2."""
    found = matrix(explorer(), Moment.FAILED)
    words = [column.word for column in found.columns]
    assert words == ["node/worker-1", "node/worker-2", "node/worker-3", "node/worker-4", "zone/a", "zone/b"]
    assert found.rows[0].cells == (0.75, 0.5, 0.75, 1.0, 0.25, 0.75)


def test_the_critical_node_is_the_one_that_stops_most() -> None:
    """And its column says how many."""
    found = matrix(cluster([node("n1", "a"), node("n2", "b")], [pod("web-1", "n2"), pod("web-2", "n2")]))
    assert found.node is not None
    assert (found.node.name, found.node.stopped, found.node.reason) == ("n2", ("default/web",), "stops 1 service port")
    assert found.zone is not None
    assert found.zone.name == "b"
    assert [column.stopped for column in found.columns] == [0, 1, 0, 1]


def test_without_a_full_stop_the_critical_node_costs_most() -> None:
    """Here half of all connections, until detection."""
    found = matrix(explorer(), Moment.FAILED)
    assert found.node is not None
    assert found.node.name == "worker-2"
    assert found.node.reason.startswith("costs 50 %")


def test_what_the_critical_zone_costs_is_the_mean_over_all_service_ports() -> None:
    """Each of three services loses some, one and a half times all connections of one when added up."""
    documents = safe_load_all((ROOT / "samples" / "shop.yaml").read_text())
    found = matrix(built(*documents), Moment.FAILED)
    for critical in (found.node, found.zone):
        assert critical is not None
        at = next(n for n, column in enumerate(found.columns) if column.name == critical.name)
        lost = [row.before - row.cells[at] for row in found.rows]
        assert critical.lost == pytest.approx(sum(lost))
        assert critical.reason == f"costs {percent(sum(lost) / 3)} of new connections, averaged over 3 service ports"
    assert found.zone is not None
    assert found.zone.lost > 1


def test_no_node_is_critical_where_none_costs_anything() -> None:
    """After detection all is well again."""
    assert matrix(explorer()).node is None


def test_a_broken_service_stops_with_nobody() -> None:
    """It is not counted in the last row."""
    found = matrix(cluster([node("n1"), node("n2")], []))
    assert [column.stopped for column in found.columns] == [0, 0]
    assert found.grade == Grade.F


def test_only_the_worst_of_many_nodes_get_a_column() -> None:
    """Those that carry the pods are among them."""
    nodes = [node(f"n{i}") for i in range(1, 41)]
    found = matrix(cluster(nodes, [pod("web-1", "n33"), pod("web-2", "n33")]))
    names = [column.name for column in found.columns]
    assert len(names) == MAX_NODE_COLUMNS
    assert found.folded == 40 - MAX_NODE_COLUMNS
    assert "n33" in names


def test_the_sentence_counts_who_survives() -> None:
    """As placed, and guaranteed."""
    nodes = [given_node("n1"), given_node("n2")]
    promised = workload("web", 2, **spread(HOST))
    assert matrix(built(*nodes, promised, service())).sentence == (
        "1 of 1 service port survives any one node with the current placement, 1 guaranteed."
    )
    assert matrix(built(*nodes)).sentence == "No service has a node port."


def test_the_worst_row_has_the_least_key() -> None:
    """Broken before stopped before reduced."""
    broken, stopped = (matrix(cluster([node("n1"), node("n2")], pods)).rows[0] for pods in ([], [pod("web-1", "n1")]))
    assert broken.harm < stopped.harm < matrix(explorer()).rows[0].harm
