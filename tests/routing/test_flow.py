"""Packets from outside, told as kube-proxy's own tests tell them: DNAT, REJECT, DROP or no rule at all."""

import json
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.failure.clusters import cluster, node, pod
from webapp.cluster.model import Endpoint
from webapp.failure import Scenario, State
from webapp.routing import Cause, Entry, Plan, PlanNode, evaluate, load_balancer_targets
from webapp.routing.health_check import health_answers

FLOWS = json.loads((Path(__file__).parents[1] / "data" / "kubernetes" / "conformance" / "flow_cases.json").read_text())
KEY = "default/web"
OUTSIDE = {"nodePort-on-node-ip", "loadBalancerIP", "externalIP"}
APART = {
    "pod": "nodefall computes what clients outside the cluster get",
    "node": "nodefall computes what clients outside the cluster get",
    "localhost": "nodefall computes what clients outside the cluster get",
    "clusterIP": "a ClusterIP is not routed outside the cluster",
    "unallocated-clusterIP": "a ClusterIP is not routed outside the cluster",
    "healthCheckNodePort-on-node-ip": "answered by kube-proxy itself; what it says is run below",
    "loadBalancerIP": "a balancer that talks to itself: the packet's source is its own address",
}
GROUPS = {
    "noLocalEndpointCases": "run below",
    "healthCheckReadyCases": "run below",
    "loadBalancerIPModeCases": "run with whole services: tests/routing/test_ways.py",
    "serviceMapCases": "counts of kube-proxy's internal table; that ExternalName opens nothing: test_outcomes.py",
    "healthCheckHTTPCases": "run below, but those of a kube-proxy that is unhealthy though it runs: no state here",
}


def _reason(case: dict[str, Any]) -> str | None:
    """Return why a case doesn't apply, or None if it does."""
    flow = case["flow"]
    return APART.get(flow["sourceKind"]) or (None if flow["destKind"] in OUTSIDE else APART.get(flow["destKind"], ""))


APPLY = [case for case in FLOWS["cases"] if _reason(case) is None]


def test_every_case_applies_or_has_its_reason() -> None:
    """Nothing is left out silently."""
    assert all(_reason(case) != "" for case in FLOWS["cases"])
    assert set(FLOWS) - {"header", "clientView", "topologies", "cases"} == set(GROUPS)


def _endpoints(topology: dict[str, Any], service: dict[str, Any], port: str) -> tuple[Endpoint, ...]:
    return tuple(
        Endpoint(
            address=e["ip"],
            port=e["port"][port] if isinstance(e["port"], dict) else e["port"],
            node=e["nodeName"],
            ready=e["ready"],
            serving=e["serving"],
            terminating=e["terminating"],
        )
        for e in topology["endpointsByService"].get(service["name"], [])
    )


def _aimed_at(topology: dict[str, Any], flow: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the service and port that the packet is for."""
    for service in topology["services"]:
        own = {"loadBalancerIP": service["loadBalancerIPs"], "externalIP": service["externalIPs"]}
        for port in service["ports"]:
            if port["protocol"] != flow["protocol"]:
                continue
            if flow["destKind"] in own:
                if flow["destIP"] in own[flow["destKind"]] and port["port"] == flow["destPort"]:
                    return service, port
            elif port["nodePort"] == flow["destPort"]:
                return service, port
    return None


def _listens(topology: dict[str, Any], flow: dict[str, Any]) -> bool:
    ranges = topology["config"]["nodePortAddresses"]
    if flow["destKind"] != "nodePort-on-node-ip" or ranges is None:
        return True
    return any(ip_address(flow["destIP"]) in ip_network(r) for r in ranges if ("." in r) == ("." in flow["destIP"]))


def _entry(case: dict[str, Any], service: dict[str, Any], port: dict[str, Any]) -> Entry:
    topology, flow = FLOWS["topologies"][case["topology"]], case["flow"]
    node = PlanNode(name=topology["config"]["receivingNode"]["name"], listens=_listens(topology, flow))
    deleted = case.get("state") == "endpoints-deleted"
    plan = Plan(
        service=service["name"],
        local=service["externalTrafficPolicy"] == "Local",
        endpoints=() if deleted else _endpoints(topology, service, port["name"]),
        nodes=(node,),
        iptables="nftables" not in case["proxyModes"],
    )
    (entry,) = evaluate(plan)
    return entry


ACTIONS = {
    Cause.ANSWERED: "DNAT",
    Cause.NO_ENDPOINT: "REJECT",
    Cause.NO_LOCAL_ENDPOINT: "DROP",
    Cause.ADDRESS_EXCLUDED: "NONE",
}


@pytest.mark.parametrize("case", APPLY, ids=lambda case: f"{case['id']} {case['name']}")
def test_a_packet_from_outside_goes_where_kube_proxy_sends_it(case: dict[str, Any]) -> None:
    """The action, the endpoints it may be sent to, and whether its source is rewritten."""
    expected = case["expected"]
    aimed = _aimed_at(FLOWS["topologies"][case["topology"]], case["flow"])
    if aimed is None:
        assert expected["action"] == "NONE"
        return
    if not _allowed(aimed[0], case["flow"]):
        assert expected["action"] == "DROP"
        return
    entry = _entry(case, *aimed)
    assert ACTIONS[entry.cause] == expected["action"]
    assert sorted(entry.shares) == sorted(expected["endpoints"])
    if "masquerade" in expected:
        assert (entry.client_ip == "node") == expected["masquerade"]


def _allowed(service: dict[str, Any], flow: dict[str, Any]) -> bool:
    """Return whether loadBalancerSourceRanges let the client through; they guard the balancer's address alone."""
    ranges = service["loadBalancerSourceRanges"]
    if flow["destKind"] != "loadBalancerIP" or not ranges:
        return True
    return any(ip_address(flow["sourceIP"]) in ip_network(r) for r in ranges)


@pytest.mark.parametrize("case", FLOWS["healthCheckReadyCases"], ids=lambda case: case["name"])
def test_the_health_check_counts_local_ready_endpoints_only(case: dict[str, Any]) -> None:
    """A balancer keeps a node while its healthCheckNodePort answers 200."""
    endpoints = tuple(
        Endpoint(
            address=f"10.0.0.{i}",
            port=80,
            node="here" if e["local"] else "there",
            ready=e["ready"],
            serving=e.get("serving", e["ready"]),
            terminating=e.get("terminating", False),
        )
        for i, e in enumerate(case["endpoints"])
    )
    plan = Plan(service="s", local=True, endpoints=endpoints, nodes=(PlanNode(name="here"),))
    assert len(list(load_balancer_targets(plan))) == case["expectedServicesWithLocalReadyEndpoints"]


@pytest.mark.parametrize(
    "case",
    [case for case in FLOWS["healthCheckHTTPCases"] if case["kubeProxyHealthy"]],
    ids=lambda case: f"{case['localReadyEndpoints']} ready",
)
def test_the_health_check_answers_with_the_status_of_the_table(case: dict[str, Any]) -> None:
    """200 with a ready endpoint on the node, else 503."""
    pods = [pod(f"web-{i}", "n1") for i in range(case["localReadyEndpoints"])]
    of = cluster([node("n1")], pods)
    service = replace(of.services[KEY], external_traffic_policy="Local", health_check_node_port=31000)
    state = State(cluster=replace(of, services={KEY: service}), scenario=Scenario())
    assert [answer.code for answer in health_answers(state, KEY)] == [case["httpStatus"]]


@pytest.mark.parametrize("case", FLOWS["noLocalEndpointCases"], ids=lambda case: case["name"])
def test_a_local_policy_without_local_endpoints_is_what_kube_proxy_counts(case: dict[str, Any]) -> None:
    """Its metric for external traffic counts the ports that drop here although endpoints exist elsewhere."""
    endpoints = tuple(Endpoint(address=f"10.0.0.{i}", port=80, node=n) for i, n in enumerate(case["endpointNodes"]))
    local = case["service"]["externalTrafficPolicy"] == "Local"
    plan = Plan(service="s", local=local, endpoints=endpoints, nodes=(PlanNode(name=case["receivingNode"]),))
    (entry,) = evaluate(plan)
    assert (entry.cause is Cause.NO_LOCAL_ENDPOINT) == bool(case["expected"]["externalNoLocalEndpoints"])
