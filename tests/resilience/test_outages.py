"""Minimal outage sets, against trying every set of nodes."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.failure.clusters import cluster, explorer, node, pod
from tests.resilience.asking import direct, only
from tests.resilience.drawing import clusters
from webapp.cluster.model import Cluster
from webapp.failure import Moment
from webapp.resilience.outages import Outages, minimal, outages


def _stopping(of: Cluster, via: str) -> Iterator[frozenset[str]]:
    for size in range(len(of.nodes) + 1):
        for lost in map(frozenset, combinations(of.nodes, size)):
            if direct(of, lost, Moment.DETECTED).by(via) == 0:
                yield lost


@settings(max_examples=100, deadline=None)
@given(clusters(), st.sampled_from(["lb", "dns"]))
def test_they_are_those_of_all_sets_that_stop_it(of: Cluster, via: str) -> None:
    """Exactly the minimal ones, up to the size that is stated."""
    found = outages(only(of), via)
    limit = len(of.nodes) if found.exact_to is None else found.exact_to
    expected = {names for names in minimal(_stopping(of, via)) if len(names) <= limit}
    assert set(found.sets) == expected


def _sets(found: Outages) -> list[list[str]]:
    return [sorted(names) for names in found.sets]


EXPLORER = explorer()
ENTRANCES = [["worker-1", "worker-2", "worker-3", "worker-4"]]


@pytest.mark.parametrize(
    ("of", "sets"),
    [
        pytest.param(explorer(), [["worker-1", "worker-2", "worker-3"]], id="all homes of its pods"),
        pytest.param(
            explorer(external_traffic_policy="Local"), [["worker-1", "worker-2", "worker-3"]], id="policy Local"
        ),
        pytest.param(cluster([node("n1"), node("n2")], [pod("web-1", "n1")]), [["n1"]], id="one pod"),
        pytest.param(cluster([node("n1"), node("n2")], []), [[]], id="broken already: losing nothing is enough"),
        pytest.param(
            cluster([node("n1"), node("n2", labels={"node.kubernetes.io/exclude-from-external-load-balancers": ""})],
                    [pod("web-1", "n2"), pod("web-2", "n2")]),
            [["n1"], ["n2"]],
            id="the only target of the balancer, or the only home",
        ),
    ],
)  # fmt: skip
def test_the_sets_of_ordinary_services(of: Cluster, sets: list[list[str]]) -> None:
    """By a balancer."""
    assert _sets(outages(only(of))) == sets


def test_losing_the_control_plane_makes_a_smaller_outage() -> None:
    """Zone a goes on sending to its own dead pod if nobody notices: two nodes instead of three."""
    nodes = [
        node(
            "cp-1",
            "b",
            control_plane=True,
            labels={"node.kubernetes.io/exclude-from-external-load-balancers": "", "topology.kubernetes.io/zone": "b"},
        )
    ]
    nodes += [node("n1", "a"), node("n2", "a"), node("n3", "a")]
    pods = [pod("web-1", "n1"), pod("web-2", "cp-1")]
    of = cluster(nodes, pods, traffic_distribution="PreferSameZone")
    assert _sets(outages(only(of))) == [["cp-1", "n1"], ["n1", "n2", "n3"]]


def test_the_smallest_sets_are_all_of_the_least_size() -> None:
    """Others are minimal, too, but larger."""
    a, b, c = (frozenset(names) for names in ("a", "b", ("c", "d")))
    assert Outages(minimal([c, a, b, a | c])).smallest == (a, b)
