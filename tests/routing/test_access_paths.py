"""Ways in besides nodePorts: externalIPs, balancer addresses, ports that pods open on their node."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.failure import workloads
from tests.failure.clusters import cluster, explorer, node, pod
from webapp.cluster.build import build
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.failure.words import decode
from webapp.manifests import Upload, read
from webapp.manifests.objects import Container, ContainerPort, PodSpec
from webapp.routing import AddressKind, Result, address_paths, host_port_paths

FLOWS = Path(__file__).parents[1] / "data" / "kubernetes" / "conformance" / "flow_cases.json"
MODES = json.loads(FLOWS.read_text())["loadBalancerIPModeCases"]
DOWN = Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="worker-2")}), at=Moment.FAILED)


def test_an_external_ip_follows_the_policy_of_the_service_on_every_node() -> None:
    """The same endpoints as the nodePort, at the service's own port."""
    of = explorer(external_ips=("203.0.113.9",))
    (way,) = address_paths(state_at(of, DOWN), "default/web")
    assert (way.kind, way.address, way.port) == (AddressKind.EXTERNAL_IP, "203.0.113.9", 80)
    assert [entry.answered for entry in way.entries] == [0.5, 0.0, 0.5, 0.5]


def test_an_external_ip_is_open_where_nodeport_addresses_close_the_nodeport() -> None:
    """--nodeport-addresses is about nodePorts alone."""
    of = explorer(external_ips=("203.0.113.9",))
    of = replace(of, options=replace(of.options, nodeport_addresses=("10.0.0.0/8",)))
    (way,) = address_paths(state_at(of, Scenario()), "default/web")
    assert {entry.result for entry in way.entries} == {Result.ANSWERED}


def test_source_ranges_stand_with_the_balancers_address_only() -> None:
    """They don't protect the nodePort, nor an externalIP."""
    of = explorer(
        external_ips=("203.0.113.9",), load_balancer_ips=("1.2.3.4",), load_balancer_source_ranges=("10.0.0.0/8",)
    )
    ways = address_paths(state_at(of, Scenario()), "default/web")
    assert [(w.kind, w.source_ranges) for w in ways] == [
        (AddressKind.EXTERNAL_IP, ()),
        (AddressKind.LOAD_BALANCER, ("10.0.0.0/8",)),
    ]


@pytest.mark.parametrize(
    ("word", "results"),
    [
        pytest.param(None, [Result.ANSWERED], id="while all is well"),
        pytest.param(Target(kind=FailureKind.NODE, name="n1"), [Result.TIMEOUT], id="its node is down"),
        pytest.param(Target(kind=FailureKind.POD, name="default/web-1"), [Result.TIMEOUT], id="the pod is down"),
        pytest.param(Target(kind=FailureKind.NODE, name="n2"), [Result.ANSWERED], id="another node is down"),
    ],
)
def test_a_host_port_goes_with_its_pod(word: Target | None, results: list[Result]) -> None:
    """Only on the node that runs the pod, and nothing stands in."""
    spec = PodSpec(containers=(Container(ports=(ContainerPort(container_port=8080, host_port=80),)),))
    of = cluster([node("n1"), node("n2")], [pod("web-1", "n1", spec=spec)])
    scenario = Scenario(down=frozenset({word} if word else ()), at=Moment.FAILED)
    found = host_port_paths(state_at(of, scenario))
    assert [(w.node, w.port) for w in found] == [("n1", 80)]
    assert [w.entry.result for w in found] == results


@pytest.mark.parametrize(
    ("pairs", "ways"),
    [
        pytest.param([("drain", "node/n1"), ("at", "evicting")], {("n1", "answered"), ("n2", "refused")}, id="leaving"),
        pytest.param([("drain", "node/n1")], {("n1", "refused"), ("n2", "answered")}, id="drained"),
        pytest.param([("down", "node/n1"), ("at", "rescheduled")], {("n1", "timeout"), ("n2", "answered")}, id="lost"),
        pytest.param(
            [("down", "partition/n1"), ("at", "rescheduled")],
            {("n1", "answered"), ("n2", "answered")},
            id="cut off: nobody tells it to end",
        ),
        pytest.param([("down", "deleted/default/web-1"), ("at", "failed")], {("n1", "answered")}, id="being deleted"),
        pytest.param([("down", "deleted/default/web-1")], {("n1", "refused")}, id="deleted, and not made anew yet"),
    ],
)
def test_a_host_port_moves_with_its_pod(pairs: list[tuple[str, str]], ways: set[tuple[str, str]]) -> None:
    """Closed where the pod has ended, open where another was made in its place."""
    spec = PodSpec(containers=(Container(name="c", ports=(ContainerPort(container_port=8080, host_port=80),)),))
    of = workloads.cluster(workloads.nodes("n1", "n2"), [workloads.pod("web-1", "n1", spec=spec)])
    state = state_at(of, decode(pairs, of))
    assert {(way.node, way.entry.result.value) for way in host_port_paths(state)} == ways
    assert host_port_paths(state, ["default/web-1"]) == host_port_paths(state)
    assert host_port_paths(state, ["default/other"]) == ()


def test_a_host_network_pod_opens_its_container_ports() -> None:
    """Whether or not it names a hostPort."""
    spec = PodSpec(host_network=True, containers=(Container(ports=(ContainerPort(container_port=8080),)),))
    (way,) = host_port_paths(state_at(cluster([node("n1")], [pod("web-1", "n1", spec=spec)]), Scenario()))
    assert (way.port, way.host_network, way.entry.client_ip) == (8080, True, "preserved")


@pytest.mark.parametrize("case", MODES, ids=lambda case: case["name"])
def test_kube_proxy_captures_a_balancers_address_in_vip_mode_only(case: dict[str, Any]) -> None:
    """In Proxy mode the packet goes out to the balancer, and comes back by a nodePort."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80}], "selector": {"app": "web"}},
        "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4", "ipMode": case["ipMode"]}]}},
    }
    of = build(read([Upload(name="service.json", data=json.dumps(service).encode())]))
    ways = address_paths(state_at(of, Scenario()), "default/web")
    assert [way.address for way in ways] == (["1.2.3.4"] if case["kubeProxyHandlesLBIP"] else [])
