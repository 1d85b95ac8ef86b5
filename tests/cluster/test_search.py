"""Finding things by name, address, port and label, and what an address with a port leads to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.failure.clusters import cluster, node, pod
from webapp.cluster.model import Cluster, Endpoint
from webapp.cluster.search import Addressed, addressed, index, search


def _cluster() -> Cluster:
    nodes = [node("worker-1", "a"), node("worker-2", "b", external_ips=("198.51.100.2",)), node("worker-12", "b")]
    pods = [
        pod("web-1", "worker-1", ips=("10.0.0.1",), labels={"app": "web", "tier": "front"}),
        pod("web-2", "worker-2", ips=("10.0.0.2", "fd00::2")),
    ]
    made = cluster(nodes, pods, external_ips=("203.0.113.80",))
    service = made.services["default/web"]
    by_hand = Endpoint(address="172.20.0.9", port=9000)
    port = replace(service.ports[0], name="http", endpoints=(*service.ports[0].endpoints, by_hand))
    return replace(made, services={service.key: replace(service, ports=(port,))})


CLUSTER = _cluster()
INDEX = index(CLUSTER)


def _found(query: str) -> list[str]:
    return [f"{found.kind} {found.key}" for found in search(INDEX, query).found]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        pytest.param("worker-1", "node worker-1", id="a whole name before a longer one"),
        pytest.param("WORKER-12", "node worker-12", id="in any case"),
        pytest.param("192.168.0.2", "node worker-2", id="a node by its address"),
        pytest.param("198.51.100", "node worker-2", id="a node by the start of its outer address"),
        pytest.param("b", "zone b", id="a zone"),
        pytest.param("topology.kubernetes.io/zone=a", "node worker-1", id="a node by its label"),
        pytest.param("web", "service default/web", id="a service by its name"),
        pytest.param("app=web", "service default/web", id="a service by what it selects"),
        pytest.param("203.0.113.80", "service default/web", id="a service by an external address"),
        pytest.param("30080", "port default/web:0", id="a nodePort"),
        pytest.param("http", "port default/web:0", id="a port by its name"),
        pytest.param("default/web-2", "pod default/web-2", id="a pod with its namespace"),
        pytest.param("fd00::2", "pod default/web-2", id="a pod by its second address"),
        pytest.param("tier=front", "pod default/web-1", id="a pod by its label"),
        pytest.param("web tier", "pod default/web-1", id="several words, all of which fit"),
        pytest.param("172.20.0.9", "endpoint default/web:0 172.20.0.9:9000", id="an endpoint that is no pod"),
    ],
)
def test_the_best_result_comes_first(query: str, first: str) -> None:
    """Whole words before beginnings, beginnings before parts."""
    assert _found(query)[0] == first


@pytest.mark.parametrize("query", ["", "   ", "nothing-like-it", "web nothing-like-it", "\t", "worker-1\nworker-2"])
def test_what_fits_nothing_finds_nothing(query: str) -> None:
    """Lines and tabs of the index can't be asked for."""
    assert _found(query) == []


def test_results_say_by_what_they_were_found() -> None:
    """An address or label; nothing where the name says it already."""
    assert search(INDEX, "10.0.0.1").found[0].matched == "10.0.0.1"
    assert search(INDEX, "front").found[0].matched == "tier=front"
    assert search(INDEX, "worker-12").found[0].matched == ""


def test_results_are_capped_for_each_kind() -> None:
    """Many pods don't push the node away, and the rest is admitted."""
    pods = [pod(f"worker-{i}", "worker-1") for i in range(100)]
    found = search(index(cluster([node("worker-1")], pods)), "worker", limit=10, each=3)
    assert [each.kind.value for each in found.found] == ["node", "pod", "pod", "pod"]
    assert found.more


@given(st.text(max_size=30))
def test_any_query_is_answered(query: str) -> None:
    """Whatever is typed, with every word of it in the result's line."""
    results = search(INDEX, query).found
    indices = {names.kind: names for names in INDEX}
    for found in results:
        line = indices[found.kind].line(indices[found.kind].keys.index(found.key))
        assert all(word in line for word in query.lower().split()[:6])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("worker-1:30080", ("worker-1", None, "default/web"), id="a node's name and a nodePort"),
        pytest.param(" 198.51.100.2:30080", ("worker-2", None, "default/web"), id="an outer address"),
        pytest.param("worker-1:31000", ("worker-1", None, None), id="a port that nobody has"),
        pytest.param("10.0.0.1:8080", (None, "default/web-1", "default/web"), id="a pod's address"),
        pytest.param("[fd00::2]:8080", (None, "default/web-2", "default/web"), id="an IPv6 address"),
        pytest.param("default/web-1:1", (None, "default/web-1", None), id="a port at which the pod is no endpoint"),
    ],
)
def test_an_address_with_a_port_leads_somewhere(
    query: str, expected: tuple[str | None, str | None, str | None]
) -> None:
    """To a node and the service with that nodePort, or to a pod and the service in front of it."""
    found = addressed(CLUSTER, query)
    assert isinstance(found, Addressed)
    assert (found.node, found.pod, found.service) == expected


@pytest.mark.parametrize(
    "query", ["worker-1", "worker-1:", ":30080", "worker-9:30080", "worker-1:99999999999", "worker-1:٣"]
)
def test_anything_else_is_no_address(query: str) -> None:
    """Unknown hosts and numbers that can't be ports."""
    assert addressed(CLUSTER, query) is None
