"""Which endpoints a node may use: Kubernetes' own table for CategorizeEndpoints, and what it leaves open."""

import json
from pathlib import Path
from typing import Any

import pytest

from webapp.cluster.model import Endpoint
from webapp.routing.categorize import categorize_endpoints

CASES = Path(__file__).parents[1] / "data" / "kubernetes" / "conformance" / "topology_cases.json"
TOPOLOGY = json.loads(CASES.read_text())["cases"]
ZONE = "topology.kubernetes.io/zone"


def _endpoint(given: dict[str, Any], node: str) -> Endpoint:
    return Endpoint(
        address=given["ip"],
        port=given["port"],
        node=node if given["isLocal"] else "elsewhere",
        ready=given["ready"],
        serving=given["serving"],
        terminating=given["terminating"],
        zone_hints=frozenset(given["zoneHints"]),
        node_hints=frozenset(given["nodeHints"]),
    )


def _keys(endpoints: tuple[Endpoint, ...] | None) -> list[str] | None:
    return None if endpoints is None else sorted(endpoint.key for endpoint in endpoints)


@pytest.mark.parametrize("case", TOPOLOGY, ids=lambda case: f"{case['id']} {case['name']}")
def test_a_node_may_use_what_kube_proxy_lets_it_use(case: dict[str, Any]) -> None:
    """The Cluster set, the Local set, their union and "any at all" are those of Kubernetes' table."""
    node, service, expected = case["node"], case["service"], case["expected"]
    external = service["externallyAccessible"]
    internal_local = service["internalTrafficPolicy"] == "Local"
    among = categorize_endpoints([_endpoint(given, node["name"]) for given in case["endpoints"]])
    cluster, local = None, None
    if not internal_local or external:
        cluster = among.cluster(node["name"], (node.get("labels") or {}).get(ZONE) or None)
    if internal_local or (service["externalTrafficPolicy"] == "Local" and external):
        local = among.local(node["name"])
    wanted = {
        key: None if value is None else sorted(value) for key, value in expected.items() if key != "hasAnyEndpoints"
    }
    assert {
        "clusterEndpoints": _keys(cluster),
        "localEndpoints": _keys(local),
        "allReachableEndpoints": _keys(tuple(dict.fromkeys((*(cluster or ()), *(local or ()))))),
    } == wanted
    assert among.has_any == expected["hasAnyEndpoints"]


def _named(name: str, **fields: Any) -> Endpoint:
    return Endpoint(pod=f"default/{name}", address=f"10.0.0.{name[-1]}", port=80, **fields)


def test_the_same_address_and_port_in_two_slices_counts_once() -> None:
    """kube-proxy keeps a set of addresses, so a duplicate gets no second share."""
    among = categorize_endpoints([_named("a1", node="n1"), _named("a1", node="n1"), _named("a2", node="n2")])
    assert [e.pod for e in among.cluster("n1", None)] == ["default/a1", "default/a2"]


def test_of_duplicates_the_first_counts_and_the_order_stays() -> None:
    """Whether an address is ready is said by its first mention; the others keep their places behind it."""
    listed = [_named("a2", node="n1"), _named("a1", node="n1"), _named("a2", node="n1", ready=False, serving=False)]
    assert [e.pod for e in categorize_endpoints(listed).usable] == ["default/a2", "default/a1"]
    assert [e.pod for e in categorize_endpoints(listed[::-1]).usable] == ["default/a1"]


def test_one_pod_on_two_ports_counts_twice() -> None:
    """Slices with different port numbers are different addresses to kube-proxy."""
    twice = [_named("a1", node="n1"), Endpoint(pod="default/a1", address="10.0.0.1", port=81, node="n1")]
    assert len(categorize_endpoints(twice).usable) == 2


def test_pods_without_a_known_address_are_told_apart_by_name() -> None:
    """Pods that nodefall made have no address yet; they are no duplicates of each other."""
    made = [Endpoint(pod="default/a-1", port=80), Endpoint(pod="default/a-2", port=80)]
    assert len(categorize_endpoints(made).usable) == 2


def test_an_endpoint_without_a_node_is_never_local() -> None:
    """Policy Local can't use what no node is known for, whatever its address."""
    among = categorize_endpoints([_named("a1")])
    assert among.local("n1") == ()
    assert (dict(among.local_ready), among.has_any) == ({}, True)
