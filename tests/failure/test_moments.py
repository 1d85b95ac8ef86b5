"""What each moment of a failure comes to, told on the cluster that the README draws."""

from dataclasses import replace

import pytest

from tests.failure.clusters import cluster, explorer, node, pod
from webapp.cluster.model import Cluster
from webapp.failure import Moment, Scenario, Target, endpoints_at, state_at
from webapp.failure.kinds import FailureKind
from webapp.routing import PortOutcome, Result, outcome

KEY = "default/web"


def _down(*words: str, at: Moment) -> Scenario:
    targets = (word.partition("/") for word in words)
    return Scenario(down=frozenset(Target(kind=FailureKind(k), name=n) for k, _, n in targets), at=at)


def _answered(of: Cluster, *words: str, at: str) -> tuple[float | None, float | None]:
    found = _outcome(of, *words, at=at)
    return found.dns, found.lb


def _outcome(of: Cluster, *words: str, at: str) -> PortOutcome:
    return outcome(state_at(of, _down(*words, at=Moment(at))), KEY)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("before", (1.0, 1.0), id="before: all nodes are up, whatever the scenario names"),
        pytest.param("failed", (0.375, 0.5), id="failed: a quarter hits the dead address, half the rest dead pods"),
        pytest.param("detected", (0.75, 1.0), id="detected: only the dead address is left"),
    ],
)
def test_a_node_with_two_of_four_pods_crashes(at: str, expected: tuple[float, float]) -> None:
    """The numbers of the README's picture: 37.5 %, 75 %, and a balancer's 50 % and 100 %."""
    assert _answered(explorer(), "node/worker-2", at=at) == expected


def test_a_zone_is_all_its_nodes() -> None:
    """Zone a holds worker-1 and worker-2."""
    by_zone = state_at(explorer(), _down("zone/a", at=Moment.FAILED))
    assert by_zone.down_nodes == {"worker-1", "worker-2"}


def test_a_vanished_pod_times_out_until_it_is_noticed() -> None:
    """A quarter of the connections at first, none afterwards."""
    assert _answered(explorer(), "pod/default/web-1", at="failed") == (0.75, 0.75)
    assert _answered(explorer(), "pod/default/web-1", at="detected") == (1.0, 1.0)


def test_nothing_left_is_refused_after_detection_but_times_out_before() -> None:
    """The two look alike only to those who don't look."""
    of = cluster([node("n1"), node("n2")], [pod("web-1", "n1")])
    results = [[e.result for e in _outcome(of, "node/n1", at=at).entries] for at in ("failed", "detected")]
    assert results == [[Result.TIMEOUT, Result.TIMEOUT], [Result.TIMEOUT, Result.REFUSED]]


def test_publish_not_ready_addresses_keeps_dead_pods_in_use() -> None:
    """Ready stays true, so kube-proxy goes on sending to them."""
    of = explorer(publish_not_ready_addresses=True)
    assert _answered(of, "node/worker-2", at="detected") == _answered(of, "node/worker-2", at="failed")


def test_endpoints_written_by_hand_stay_as_they_are() -> None:
    """No controller looks after them."""
    of = explorer()
    service = of.services[KEY]
    (port,) = service.ports
    by_hand = replace(port, endpoints=tuple(replace(e, managed=False) for e in port.endpoints))
    of = replace(of, services={KEY: replace(service, ports=(by_hand,))})
    assert _answered(of, "node/worker-2", at="detected") == (0.375, 0.5)


def test_without_a_control_plane_nothing_is_detected() -> None:
    """The same as just failed, and said so."""
    planes = [node("cp-1", control_plane=True), node("n1"), node("n2")]
    of = cluster(planes, [pod("web-1", "n1"), pod("web-2", "n2")])
    state = state_at(of, _down("node/cp-1", "node/n1", at=Moment.DETECTED))
    assert outcome(state, KEY).lb == 0.5
    assert "nothing is detected" in " ".join(state.notes)


def test_the_control_plane_may_be_down_without_being_known() -> None:
    """A managed cluster shows no control-plane node; the word says it all the same."""
    assert _answered(explorer(), "control-plane", "node/worker-2", at="detected") == (0.375, 0.5)


def test_a_partitioned_node_works_on_with_what_it_knew() -> None:
    """Other nodes drop its pods; it answers itself, and still sends to everybody."""
    found = _outcome(explorer(), "partition/worker-2", at="detected")
    shares = {entry.node: len(entry.shares) for entry in found.entries}
    assert shares == {"worker-1": 2, "worker-2": 4, "worker-3": 2, "worker-4": 2}
    assert found.dns == 1.0


def test_a_dead_kube_proxy_keeps_the_endpoints_of_before() -> None:
    """Its node goes on losing connections after all others have stopped."""
    found = _outcome(explorer(), "kube-proxy/worker-1", "node/worker-2", at="detected")
    assert {e.node: e.answered for e in found.entries} == {
        "worker-1": 0.5,
        "worker-2": 0.0,
        "worker-3": 1.0,
        "worker-4": 1.0,
    }


def test_zone_hints_are_computed_anew_when_a_failure_is_noticed() -> None:
    """PreferClose: while it isn't, zone a sends all to its one dead pod; afterwards it uses zone b's."""
    nodes = [node("n1", "a"), node("n2", "b"), node("n3", "a")]
    of = cluster(nodes, [pod("web-1", "n1"), pod("web-2", "n2")], traffic_distribution="PreferClose")
    for at, expected in (("failed", [0.0, 1.0, 0.0]), ("detected", [0.0, 1.0, 1.0])):
        assert [e.answered for e in _outcome(of, "node/n1", at=at).entries] == expected


def test_belief_at_detected_is_that_the_pods_are_not_ready() -> None:
    """Neither ready nor serving, and not terminating either."""
    state = state_at(explorer(), _down("node/worker-2", at=Moment.DETECTED))
    listed = endpoints_at(state, state.cluster.services[KEY], 0)
    assert [(e.ready, e.serving, e.terminating) for e in listed] == [
        (True, True, False),
        (False, False, False),
        (False, False, False),
        (True, True, False),
    ]
