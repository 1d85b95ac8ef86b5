"""Counting against the rules: every answer of a Reach is that of the state and its outcome."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings

from tests.failure.clusters import cluster, explorer, node, pod
from tests.resilience.asking import direct, only
from tests.resilience.drawing import clusters
from webapp.cluster.model import Cluster
from webapp.failure import Moment

MOMENTS = (Moment.FAILED, Moment.DETECTED)


@settings(max_examples=100, deadline=None)
@given(clusters())
def test_an_answer_is_that_of_the_state_and_its_outcome(of: Cluster) -> None:
    """For every set of up to three lost nodes, at both moments and by both ways in."""
    reach = only(of)
    for size in range(min(len(of.nodes), 3) + 1):
        for lost in map(frozenset, combinations(of.nodes, size)):
            for at in MOMENTS:
                assert reach.answer(lost, at) == pytest.approx(direct(of, lost, at)), (sorted(lost), at)


def test_the_ordinary_service_is_plain_and_the_readmes_numbers_come_out() -> None:
    """Four nodes, two of four pods on worker-2: 37.5 % by DNS just after its failure, 75 % later."""
    reach = only(explorer())
    lost = frozenset({"worker-2"})
    assert reach.plain
    assert reach.answer(lost, Moment.FAILED) == (0.375, 0.5)
    assert reach.answer(lost, Moment.DETECTED) == (0.75, 1.0)


@pytest.mark.parametrize(
    ("fields", "plain"),
    [
        pytest.param({}, True, id="ordinary"),
        pytest.param({"external_traffic_policy": "Local"}, True, id="policy Local"),
        pytest.param({"traffic_distribution": "PreferSameZone"}, True, id="hints only matter until detection"),
        pytest.param({"publish_not_ready_addresses": True}, False, id="dead endpoints stay listed"),
    ],
)
def test_counting_is_enough_where_nothing_is_special(fields: dict[str, object], plain: bool) -> None:
    """The rest goes by the rules."""
    assert only(explorer(**fields)).plain is plain


def test_an_endpoint_that_the_controller_will_list_as_ready_counts() -> None:
    """With publishNotReadyAddresses, one that its slice says is not ready, on a node that goes down."""
    pods = [pod(f"web-{i}", on, assumed=False, ips=(f"10.0.0.{i}",)) for i, on in enumerate(("n1", None))]
    made = cluster([node("n1"), node("n2")], pods, publish_not_ready_addresses=True)
    service = made.services["default/web"]
    first, *others = service.ports[0].endpoints
    ports = (replace(service.ports[0], endpoints=(replace(first, ready=False, serving=False), *others)),)
    of = replace(made, services={service.key: replace(service, ports=ports)})
    lost = frozenset({"n1"})
    assert only(of).answer(lost, Moment.DETECTED) == direct(of, lost, Moment.DETECTED) == (0.25, 0.5)


@pytest.mark.parametrize(
    ("policy", "load"),
    [pytest.param("Cluster", 4 / 2, id="pods remain"), pytest.param("Local", 3 / 2, id="nodes with pods remain")],
)
def test_the_load_of_those_that_remain_grows(policy: str, load: float) -> None:
    """By n / (n - k), counted in pods, or under policy Local in nodes."""
    assert only(explorer(external_traffic_policy=policy)).load(frozenset({"worker-2"})) == load


def test_nobody_remains_to_bear_a_load() -> None:
    """Then there is no number."""
    reach = only(cluster([node("n1"), node("n2")], [pod("web-1", "n1")]))
    assert reach.load(frozenset({"n1"})) is None
