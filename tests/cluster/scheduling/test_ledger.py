"""Ledgers of topology domains."""

from webapp.cluster.model import Node
from webapp.cluster.scheduling.ledger import Book, Ledger, SpreadLedger
from webapp.cluster.scheduling.nodes import Nodes
from webapp.cluster.scheduling.terms import HOSTNAME

NODES = Nodes(
    Node(name=name, labels={HOSTNAME: name, "zone": zone} if zone else {HOSTNAME: name})
    for name, zone in (("n1", "a"), ("n2", "a"), ("n3", "b"), ("n4", None))
)


def book() -> Book:
    """Return a book for pods that ask for the zone."""
    return Book(NODES, frozenset({"zone"}))


def test_pods_are_counted_by_label_value_or_by_host() -> None:
    """Nodes without the key are in no domain."""
    ledgers = book()
    zones, hosts = ledgers.open(Ledger, "zone"), ledgers.open(Ledger, HOSTNAME)
    for ledger in (zones, hosts):
        ledgers.count(ledger, {"n1": 1, "n2": 2, "n4": 4})
    assert zones.counts == {"a": 3}
    assert hosts.counts == {"n1": 1, "n2": 2, "n4": 4}
    assert ledgers.dims("n2") == (2,)
    assert ledgers.touched() == {"n1", "n2", "n4"}


def test_only_nodes_of_certain_shapes_may_count() -> None:
    """As the inclusion policies of a spread constraint demand."""
    ledgers = book()
    zones = ledgers.open(Ledger, "zone")
    ledgers.count(zones, {"n1": 1, "n3": 1}, shapes=[ledgers.shape_of["n3"]])
    assert zones.counts == {"b": 1}


def test_the_least_number_includes_empty_domains() -> None:
    """It rises once every domain has a pod."""
    ledgers = book()
    zones = ledgers.open(SpreadLedger, "zone")
    zones.open([shape for shape in ledgers.shapes if "zone" in shape.values])
    zones.add("a", 2)
    assert zones.least(1) == 0
    zones.add("b", 1)
    assert zones.least(1) == 1
    zones.add("b", 2)
    assert zones.least(2) == 2


def test_fewer_domains_than_asked_for_make_the_least_zero() -> None:
    """MinDomains, of which there is at least one: without any domain the least is zero, too."""
    ledgers = book()
    hosts = ledgers.open(SpreadLedger, HOSTNAME)
    hosts.open(ledgers.shapes)
    for name in ("n1", "n2", "n3", "n4"):
        hosts.add(name, 1)
    assert (hosts.least(4), hosts.least(5)) == (1, 0)
    none = ledgers.open(SpreadLedger, "zone")
    none.open(())
    assert none.least(1) == 0
