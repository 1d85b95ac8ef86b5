"""Who survives any one node or zone, as a pipeline asks."""

import pytest

from tests.failure.clusters import cluster, explorer, node, pod
from tests.resilience import workloads as given
from webapp.cluster.model import Cluster
from webapp.resilience import survival


@pytest.mark.parametrize(
    ("of", "what", "survives", "reason"),
    [
        pytest.param(explorer(), "node", True, "It survives the loss of any one node.", id="pods on three nodes"),
        pytest.param(explorer(), "zone", True, "It survives the loss of any one zone.", id="pods in two zones"),
        pytest.param(
            cluster([node("n1"), node("n2")], [pod("web-1", "n2")]),
            "node",
            False,
            "It answers no connection without n2.",
            id="one pod",
        ),
        pytest.param(
            cluster([node("n1", "a"), node("n2", "b")], [pod("web-1", "n2"), pod("web-2", "n2")]),
            "zone",
            False,
            "It answers no connection without zone b.",
            id="both pods in one zone",
        ),
        pytest.param(
            cluster([node("n1"), node("n2")], []),
            "node",
            False,
            "It answers no connection even without a failure.",
            id="broken already",
        ),
        pytest.param(
            explorer(publish_not_ready_addresses=True),
            "node",
            False,
            "It answers only 50 % without worker-2.",
            id="dead endpoints stay listed",
        ),
    ],
)
def test_a_service_survives_if_a_balancers_clients_are_all_answered_after_detection(
    of: Cluster,
    what: str,
    survives: bool,
    reason: str,
) -> None:
    """By the share answered through a balancer."""
    (found,) = survival(of, what)  # type: ignore[arg-type]
    assert (found.survives, found.reason) == (survives, reason)


def test_round_robin_by_dns_survives_no_node() -> None:
    """The dead node's address stays in the list."""
    (found,) = survival(explorer(), "node", "dns")
    assert not found.survives
    assert found.answered == 0.75


def test_the_culprits_are_named_the_worst_first() -> None:
    """And the least share answered is given."""
    (found,) = survival(explorer(publish_not_ready_addresses=True))
    assert found.culprits == ("worker-2", "worker-1", "worker-3")
    assert found.answered == 0.5


def test_guaranteed_asks_for_more() -> None:
    """Three pods on three nodes survive as placed, but nothing keeps them apart."""
    nodes = [given.node("n1"), given.node("n2"), given.node("n3")]
    of = given.built(*nodes, given.workload("web", 3), given.service())
    (placed,), (promised,) = survival(of), survival(of, guaranteed=True)
    assert placed.survives
    assert not promised.survives
    assert promised.reason.startswith("Not guaranteed: nothing keeps all its pods from ending up on n")


def test_what_is_promised_survives() -> None:
    """A hard spread keeps the pods apart."""
    nodes = [given.node("n1"), given.node("n2")]
    of = given.built(*nodes, given.workload("web", 2, **given.spread(given.HOST)), given.service())
    (found,) = survival(of, guaranteed=True)
    assert found.survives
    assert found.guaranteed


def test_services_without_node_ports_are_not_asked() -> None:
    """Nobody comes in by them."""
    assert survival(explorer(type="ClusterIP", headless=True)) == ()
