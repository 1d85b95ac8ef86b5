"""Why an address doesn't answer: the first thing that breaks the path."""

from typing import Any

import pytest

from tests.findings.given import HEALTHY, container, facts, healthy, policy, port, service, workload
from webapp.failure import Kind, Scenario, Target, state_at
from webapp.findings.why import Explanation, why


def explained(
    *docs: dict, where: str = "node-3", at: int = 30080, protocol: str = "TCP", down: str = ""
) -> Explanation:
    """Return the explanation, with one node down if it is named."""
    given = facts(*docs)
    targets = frozenset({Target(kind=Kind.NODE, name=down)}) if down else frozenset()
    return why(given, state_at(given.cluster, Scenario(down=targets)), where, at, protocol)


def test_a_healthy_path_has_no_broken_step():
    """All steps are there, and the causes outside the manifests are named apart."""
    path = explained(*HEALTHY)
    assert path.broken is None
    assert [step.name for step in path.steps] == ["node", "listener", "endpoints", "kube-proxy", "pod"]
    assert path.answered == 1
    assert "outside" in path.verdict


CLUSTER_IP = {"type": "ClusterIP", "ports": [{"port": 80, "targetPort": "http"}]}
HOST = container(ports=[{"name": "http", "containerPort": 8080, "hostPort": 9100}])


@pytest.mark.parametrize(
    ("docs", "asked", "step", "words"),
    [
        pytest.param(HEALTHY, {"where": "10.9.9.9"}, "node", "No node has", id="an address of no node"),
        pytest.param(HEALTHY, {"down": "node-3"}, "node", "node-3 is down", id="the node is down"),
        pytest.param(HEALTHY, {"at": 80}, "listener", "nodePort 30080", id="the port inside the cluster"),
        pytest.param(HEALTHY, {"at": 30081}, "listener", "the nearest nodePort is 30080", id="a number nobody has"),
        pytest.param(HEALTHY, {"protocol": "UDP"}, "listener", "for TCP, not for UDP", id="the other protocol"),
        pytest.param(healthy(service(**CLUSTER_IP)), {"at": 80}, "listener", "has no nodePort", id="a ClusterIP"),
        pytest.param(
            healthy(service(ports=port(nodePort=80))), {"at": 80}, "listener", "the API server refuses", id="refused"
        ),
        pytest.param(
            healthy(service(selector={"app": "wbe"})), {}, "endpoints", "app=web instead of app=wbe", id="a misspelling"
        ),
        pytest.param(
            healthy(service(ports=port(targetPort="htp"))), {}, "endpoints", 'named "htp"', id="a named targetPort"
        ),
        pytest.param(
            healthy(service(externalTrafficPolicy="Local")), {}, "kube-proxy", "Policy Local", id="Local, no pod there"
        ),
        pytest.param(healthy(policy(ingress=[])), {}, "network policy", "isolated by", id="a NetworkPolicy"),
        pytest.param(
            healthy(service(ports=port(targetPort=30080)), without="NetworkPolicy"),
            {},
            "pod",
            "the nodePort's number",
            id="a wrong targetPort",
        ),
    ],
)
def test_the_first_thing_that_breaks_the_path(docs: list[dict], asked: dict[str, Any], step: str, words: str):
    """The broken step is the last one told, and says what is wrong."""
    path = explained(*docs, **asked)
    assert path.broken is path.steps[-1]
    assert path.broken.name == step
    assert words.lower() in path.broken.text.lower()
    assert path.answered == 0


def test_an_address_stands_for_its_node():
    """A node is found by its name or by any of its addresses."""
    assert explained(*HEALTHY, where="10.0.0.3").node == "node-3"


def test_a_host_port_is_a_listener():
    """Where no service has the number, a pod of that node may open it."""
    path = explained(*healthy(workload(kind="DaemonSet", containers=HOST)), at=9100)
    assert path.broken is None
    assert "opens port 9100" in path.steps[1].text


def test_the_remedy_comes_along():
    """A broken step that a rule explains carries that rule's patch."""
    assert "app: web" in explained(*healthy(service(selector={"app": "wbe"}))).broken.remedy


def test_an_address_family_that_the_service_lacks_is_told_apart():
    """The node's IPv6 address is no way to an IPv4 service; that is among the causes to check."""
    nodes = [doc for doc in HEALTHY if doc["kind"] == "Node"]
    two = {**nodes[2], "status": {"addresses": [*nodes[2]["status"]["addresses"],
                                                {"type": "InternalIP", "address": "fd00::3"}]}}  # fmt: skip
    assert any("IPv4 only" in outside.cause for outside in explained(*healthy(two)).outside)
