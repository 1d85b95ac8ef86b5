"""Nodes grouped by what a kind of pod can ask of them."""

from webapp.cluster.model import Node
from webapp.cluster.scheduling.nodes import NAME_KEY, Snapshot
from webapp.manifests.objects import Taint
from webapp.manifests.well_known_labels import HOSTNAME


def node(name: str, taint: str | None = None, **labels: str) -> Node:
    """Return a node with its host name."""
    taints = (Taint(key=taint, effect="NoSchedule"),) if taint else ()
    return Node(name=name, labels={HOSTNAME: name, **labels}, taints=taints)


def names(nodes: Snapshot, *keys: str) -> list[list[str]]:
    """Return the names of the nodes of each class."""
    return [
        [node_info.name for node_info in node_class.nodes] for node_class in nodes.classes(frozenset(keys)).node_classes
    ]


def test_nodes_are_in_natural_order() -> None:
    """Not in that of the documents, nor of the alphabet."""
    assert [node_info.name for node_info in Snapshot([node("n10"), node("n9"), node("n1")]).node_infos] == [
        "n1",
        "n9",
        "n10",
    ]


def test_nodes_that_differ_in_nothing_asked_for_have_one_shape() -> None:
    """Labels count if asked for, taints always."""
    nodes = Snapshot([node("n1", zone="a"), node("n2", zone="b"), node("n3", taint="gpu", zone="a")])
    assert names(nodes) == [["n1", "n2"], ["n3"]]
    assert names(nodes, "zone") == [["n1"], ["n2"], ["n3"]]
    assert names(nodes, NAME_KEY) == [["n1"], ["n2"], ["n3"]]


def test_having_a_host_name_counts_even_if_its_value_does_not() -> None:
    """A topology key that a node lacks rules it out."""
    nodes = Snapshot([node("n1"), node("n2"), Node(name="n3")])
    assert nodes.hosts_unique
    assert names(nodes) == [["n1", "n2"], ["n3"]]


def test_nodes_may_share_a_host_name() -> None:
    """Copied by hand, say; pods per host can't be counted by node then."""
    assert not Snapshot([node("n1"), Node(name="n2", labels={HOSTNAME: "n1"})]).hosts_unique
