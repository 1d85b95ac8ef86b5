"""Pods counted by topology domain."""

from webapp.cluster.model import Node
from webapp.cluster.scheduling.nodes import Snapshot
from webapp.cluster.scheduling.pair_counts import PairCounts, SpreadPairCounts, TopologyCounts
from webapp.manifests.well_known_labels import HOSTNAME

NODES = Snapshot(
    Node(name=name, labels={HOSTNAME: name, "zone": zone} if zone else {HOSTNAME: name})
    for name, zone in (("n1", "a"), ("n2", "a"), ("n3", "b"), ("n4", None))
)


def topology() -> TopologyCounts:
    """Return a topology for pods that ask for the zone."""
    return TopologyCounts(NODES, frozenset({"zone"}))


def test_pods_are_counted_by_label_value_or_by_host() -> None:
    """Nodes without the key are in no domain."""
    all_counts = topology()
    zones, hosts = all_counts.open(PairCounts, "zone"), all_counts.open(PairCounts, HOSTNAME)
    for pair_counts in (zones, hosts):
        all_counts.count(pair_counts, {"n1": 1, "n2": 2, "n4": 4})
    assert zones.by_domain == {"a": 3}
    assert hosts.by_domain == {"n1": 1, "n2": 2, "n4": 4}
    assert all_counts.host_counts("n2") == (2,)
    assert all_counts.touched() == {"n1", "n2", "n4"}


def test_only_nodes_of_certain_shapes_may_count() -> None:
    """As the inclusion policies of a spread constraint demand."""
    all_counts = topology()
    zones = all_counts.open(PairCounts, "zone")
    all_counts.count(zones, {"n1": 1, "n3": 1}, node_classes=[all_counts.class_of_node["n3"]])
    assert zones.by_domain == {"b": 1}


def test_the_least_number_includes_empty_domains() -> None:
    """It rises once every domain has a pod."""
    all_counts = topology()
    zones = all_counts.open(SpreadPairCounts, "zone")
    zones.open([node_class for node_class in all_counts.node_classes if "zone" in node_class.values])
    zones.add("a", 2)
    assert zones.least(1) == 0
    zones.add("b", 1)
    assert zones.least(1) == 1
    zones.add("b", 2)
    assert zones.least(2) == 2


def test_fewer_domains_than_asked_for_make_the_least_zero() -> None:
    """MinDomains, of which there is at least one: without any domain the least is zero, too."""
    all_counts = topology()
    hosts = all_counts.open(SpreadPairCounts, HOSTNAME)
    hosts.open(all_counts.node_classes)
    for name in ("n1", "n2", "n3", "n4"):
        hosts.add(name, 1)
    assert (hosts.least(4), hosts.least(5)) == (1, 0)
    none = all_counts.open(SpreadPairCounts, "zone")
    none.open(())
    assert none.least(1) == 0
