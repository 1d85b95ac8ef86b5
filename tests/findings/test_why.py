"""Why an address doesn't answer: the first thing that breaks the path, for whatever people type."""

from typing import Any

import pytest

from tests.findings.given import HEALTHY, container, facts, healthy, node, policy, port, service, workload
from webapp.cluster.address import parse_address
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.findings.explanation import Explanation, Mark
from webapp.findings.why import why


def explained(*docs: dict[str, Any], where: str = "node-3:30080", protocol: str = "TCP", down: str = "") -> Explanation:
    """Return the explanation, with one node just failed if it is named."""
    given, typed = facts(*docs), parse_address(where)
    assert typed
    targets = frozenset({Target(kind=FailureKind.NODE, name=down)}) if down else frozenset()
    return why(given, state_at(given.cluster, Scenario(down=targets, at=Moment.FAILED)), typed, protocol)


def without_nodes(*changed: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the healthy set without Node objects."""
    return healthy(*changed, without="Node")


def given_node(name: str, *addresses: tuple[str, str], **status: Any) -> dict[str, Any]:
    """Return a node with these addresses by type."""
    listed = [{"type": kind, "address": address} for kind, address in addresses]
    return {**node(name), "status": {"addresses": listed, **status}}


def test_a_healthy_path_has_no_broken_step() -> None:
    """All steps are there, and the causes outside the manifests are named apart."""
    path = explained(*HEALTHY)
    assert path.broken is path.unknown is path.losing is None
    assert [step.name for step in path.steps] == ["node", "port", "endpoints", "kube-proxy", "pod"]
    assert path.answered == 1
    assert path.headline == "node-3:30080 should answer"
    assert "Nodes can't reach pods of other nodes" in " ".join(outside.cause for outside in path.outside)


CLUSTER_IP = {"type": "ClusterIP", "clusterIP": "10.96.0.9", "ports": [{"port": 80, "targetPort": "http"}]}
HOST = container(ports=[{"name": "http", "containerPort": 8080, "hostPort": 9100}])
UDP = service(ports=[{"port": 80, "targetPort": 8080, "protocol": "UDP"}])
LOCAL = {"externalTrafficPolicy": "Local"}
TWO = given_node("node-3", ("InternalIP", "10.0.0.3"), ("InternalIP", "fd00::3"), ("ExternalIP", "198.51.100.3"))
BALANCED = {
    **service(type="LoadBalancer", healthCheckNodePort=31000, **LOCAL),
    "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}, {"hostname": "lb.example.com"}]}},
}


@pytest.mark.parametrize(
    ("docs", "asked", "step", "words"),
    [
        pytest.param(HEALTHY, {"where": "10.9.9.9:30080"}, "node", "No node has", id="an address of no node"),
        pytest.param(HEALTHY, {"down": "node-3"}, "node", "node-3 is down", id="the node is down"),
        pytest.param(HEALTHY, {"where": "node-3:80"}, "port", "nodePort 30080", id="the port inside the cluster"),
        pytest.param(HEALTHY, {"where": "node-3:8080"}, "port", "the port of the pods behind", id="the pods' port"),
        pytest.param(HEALTHY, {"where": "node-3:30081"}, "port", "the nearest nodePort is 30080", id="nobody's number"),
        pytest.param(HEALTHY, {"protocol": "UDP"}, "port", "for TCP, not for UDP", id="the other protocol"),
        pytest.param(
            healthy(service(**CLUSTER_IP)), {"where": "node-3:80"}, "port", "has no nodePort", id="a ClusterIP"
        ),
        pytest.param(healthy(service(ports=port(nodePort=80))), {"where": "node-3:80"}, "port",
                     "the API server rejects", id="a rejected service"),
        pytest.param(healthy(service(selector={"app": "wbe"})), {}, "endpoints", "no pod matches its selector",
                     id="a misspelled selector"),
        pytest.param(healthy(service(ports=port(targetPort="htp"))), {}, "endpoints", 'named "htp"', id="a port name"),
        pytest.param(healthy(workload(containers=container(name="A_B"))), {}, "endpoints", "Deployment web is rejected",
                     id="a rejected workload"),
        pytest.param(healthy(service(**LOCAL)), {}, "kube-proxy", "Policy Local", id="policy Local, no pod there"),
        pytest.param(healthy(BALANCED), {"where": "node-3:31000"}, "port", "healthCheckNodePort", id="a health check"),
        pytest.param(healthy(workload(replicas=1)), {"down": "node-1"}, "pod", "dead", id="all its pods are dead"),
        pytest.param(healthy(TWO), {"where": "[fd00::3]:30080"}, "port", "IPv4 only", id="the other IP family"),
        pytest.param(HEALTHY, {"where": "web.shop.svc:80"}, "client", "call nodePort 30080", id="a name inside"),
        pytest.param(healthy(service(**CLUSTER_IP)), {"where": "10.96.0.9:80"}, "client", "the clusterIP of shop/web",
                     id="a clusterIP"),
        pytest.param(healthy(BALANCED), {"where": "203.0.113.7:30080"}, "port", "use it with a node's own address",
                     id="a nodePort at the load balancer"),
        pytest.param(HEALTHY, {"where": "db.shop.svc.cluster.local:5432"}, "service", "no uploaded Service",
                     id="a Service that isn't there"),
    ],
)  # fmt: skip
def test_the_first_thing_that_breaks_the_path(docs: list[dict], asked: dict[str, Any], step: str, words: str) -> None:
    """The broken step is the last one, and says what is wrong."""
    path = explained(*docs, **asked)
    assert path.broken is path.steps[-1]
    assert path.broken.name == step
    assert words.lower() in path.broken.text.lower()
    assert path.answered == 0
    assert path.headline.endswith("does not answer")


@pytest.mark.parametrize(
    "where",
    [
        "node-3:30080",
        "http://NODE-3:30080/shop?x=1",
        "node-3",
        "10.0.0.3:30080",
        "198.51.100.3:30080",
        "host-3:30080",
        "node-3.internal.:30080",
        "ec2-198-51-100-3.example.com:30080",
    ],
)
def test_a_node_is_known_by_whatever_people_type(where: str) -> None:
    """Its names, its addresses of all types, in URLs and in capitals; without a port the only one is meant."""
    names = [("Hostname", "Host-3"), ("InternalDNS", "node-3.internal"),
             ("ExternalDNS", "ec2-198-51-100-3.example.com")]  # fmt: skip
    addresses = [("InternalIP", "10.0.0.3"), ("ExternalIP", "198.51.100.3"), *names]
    path = explained(*healthy(given_node("node-3", *addresses)), where=where)
    assert (path.node, path.service, path.port, path.answered) == ("node-3", "shop/web", 30080, 1)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("localhost:30080", "your own machine"),
        ("127.0.0.1:30080", "extraPortMappings"),
        ("[::1]:30080", "port mapping"),
        ("192.168.49.2:30080", "minikube service"),
        ("172.18.0.3:30080", "kind config"),
    ],
)
def test_the_addresses_of_local_clusters_get_an_answer_of_their_own(where: str, words: str) -> None:
    """What maps there, not "no such node"; what happens behind the port is told as well."""
    path = explained(*without_nodes(), where=where)
    assert path.unknown is path.steps[0]
    assert words in path.unknown.text
    assert [step.mark for step in path.steps[1:]] == [Mark.OK] * 4


KIND = {
    "apiVersion": "kind.x-k8s.io/v1alpha4",
    "kind": "Cluster",
    "metadata": {"name": "kind"},
    "nodes": [{"extraPortMappings": [{"containerPort": 30080, "hostPort": 8080}]}],
}


@pytest.mark.parametrize(
    ("where", "answered", "words"),
    [
        ("localhost:8080", 1.0, "kind maps port 8080 of your machine to port 30080 of its node"),
        ("localhost:30080", 0.0, "maps 8080/TCP there only"),
    ],
)
def test_a_kind_configuration_says_what_maps_at_localhost(where: str, answered: float, words: str) -> None:
    """Where it is in the upload."""
    path = explained(*without_nodes(KIND), where=where)
    assert words in path.steps[0].text
    assert path.answered == answered
    assert path.asked == where


@pytest.mark.parametrize(
    ("docs", "where", "mark", "answered"),
    [
        pytest.param(without_nodes(), "10.1.1.1:30080", None, 1.0, id="whichever node it is"),
        pytest.param(
            without_nodes(service(**LOCAL)), "10.1.1.1:30080", Mark.UNKNOWN, None, id="it depends on the node"
        ),
        pytest.param(without_nodes(service(selector={"a": "b"})), "10.1.1.1:30080", Mark.BREAKS, 0.0, id="none does"),
        pytest.param(without_nodes(), "elsewhere.example.com:30080", Mark.UNKNOWN, None, id="a name"),
        pytest.param(without_nodes(), "10.1.1.1:31111", Mark.BREAKS, 0.0, id="no such nodePort"),
    ],
)
def test_an_address_may_be_one_of_the_assumed_nodes(
    docs: list[dict], where: str, mark: Mark | None, answered: float | None
) -> None:
    """It is told as far as all of them agree."""
    path = explained(*docs, where=where)
    found = path.broken or path.unknown
    assert (found.mark if found else None) is mark
    assert path.answered == answered


INGRESS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"rules": [{"host": "shop.example.com"}, {"host": "*.api.example.com"}]},
}


@pytest.mark.parametrize(
    ("where", "mark", "words"),
    [
        ("http://shop.example.com/cart", Mark.UNKNOWN, "a host of Ingress shop/web"),
        ("https://v1.api.example.com", Mark.UNKNOWN, "a host of Ingress shop/web"),
        ("other.example.com:30080", Mark.UNKNOWN, "Ask about the address that the name resolves to"),
        ("nod-3:30080", Mark.BREAKS, "Did you mean node-3?"),
    ],
)
def test_a_name_that_is_no_nodes_is_told_as_far_as_it_is_known(where: str, mark: Mark, words: str) -> None:
    """DNS isn't in the manifests, but for the hosts of Ingresses."""
    (step,) = explained(*HEALTHY, INGRESS, where=where).steps
    assert step.mark is mark
    assert words in step.text


@pytest.mark.parametrize("where", ["203.0.113.7:80", "203.0.113.7", "http://LB.example.com/"])
def test_a_load_balancer_leads_to_the_nodes_that_pass_its_check(where: str) -> None:
    """Under policy Local those with a pod: what answers is what the simulation says of the access path lb."""
    path = explained(*healthy(BALANCED), where=where)
    assert path.answered == 1
    assert path.steps[0].name == "load balancer"
    assert "2 nodes pass its health check" in path.steps[0].text


@pytest.mark.parametrize("docs", [HEALTHY, [workload()]])
def test_an_address_that_a_service_only_asks_for_is_not_taken_for_a_nodes(docs: list[dict]) -> None:
    """The loadBalancerIP counts once it is in the status, also where nodes are assumed."""
    asking = service(type="LoadBalancer", loadBalancerIP="203.0.113.9")
    (step,) = explained(*(doc for doc in docs if doc["kind"] != "Service"), asking, where="203.0.113.9:80").steps
    assert step.mark is Mark.UNKNOWN
    assert "shop/web asks for" in step.text


@pytest.mark.parametrize(("own", "answered"), [("198.51.100.99", 2 / 3), ("10.0.0.3", 0.0), ("10.0.0.1", 1.0)])
def test_an_external_ip_is_answered_by_the_node_that_gets_the_packets(own: str, answered: float) -> None:
    """Every node takes it, or the node whose own address it is. node-3 has no pod, and the policy is Local."""
    docs = healthy(service(externalIPs=[own], **LOCAL))
    assert explained(*docs, where=f"{own}:80").answered == pytest.approx(answered)


def test_an_external_ip_needs_a_node_that_is_up() -> None:
    """A node that is down is not counted among those that accept its packets."""
    docs = healthy(service(externalIPs=["198.51.100.99"]))
    one = [doc for doc in docs if doc["kind"] != "Node" or doc["metadata"]["name"] == "node-1"]
    path = explained(*one, where="198.51.100.99:80", down="node-1")
    assert path.broken
    assert "every node that is up accepts" in path.steps[0].text


def test_a_host_port_is_a_listener() -> None:
    """Where no service has the number, a pod of that node may open it."""
    path = explained(*healthy(workload(kind="DaemonSet", containers=HOST)), where="node-3:9100")
    assert path.broken is None
    assert "opens port 9100" in path.steps[1].text


def test_a_host_port_of_other_nodes_is_named() -> None:
    """The pod is on node-1 only."""
    path = explained(*healthy(workload(replicas=1, containers=HOST)), where="node-3:9100")
    assert path.broken
    assert "open on node-1, not on this node" in path.broken.text


def test_an_auto_assigned_number_is_known_for_its_protocol() -> None:
    """It is no number that nobody has."""
    given = facts(*healthy(UDP, without="NetworkPolicy"))
    number = given.cluster.services["shop/web"].ports[0].node_port
    path = explained(*healthy(UDP, without="NetworkPolicy"), where=f"node-3:{number}")
    assert path.broken
    assert "auto-assigned nodePort of shop/web for UDP" in path.broken.text


@pytest.mark.parametrize("where", ["10.0.0.77:8080", "shop/web-x:8080"])
def test_a_pod_is_reached_inside_the_cluster(where: str) -> None:
    """From outside only where its address is routed."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-x", "namespace": "shop"},
           "spec": {"nodeName": "node-1", "containers": container()},
           "status": {"phase": "Running", "podIP": "10.0.0.77"}}  # fmt: skip
    path = explained(*HEALTHY, pod, where=where)
    assert path.unknown
    assert "pod shop/web-x on node-1" in path.unknown.text


def test_a_node_that_is_not_ready_most_likely_answers_nobody() -> None:
    """Its Ready condition is what the dump says; what it answers stays what is simulated."""
    ready = [{"type": "Ready", "status": "Unknown"}]
    path = explained(*healthy(given_node("node-3", ("InternalIP", "10.0.0.3"), conditions=ready)))
    assert path.unknown
    assert "node-3 is NotReady in this dump: it most likely answers no client" in path.unknown.text
    assert path.answered == 1


@pytest.mark.parametrize(
    ("docs", "finding", "step"),
    [
        pytest.param(healthy(service(ports=port(targetPort=9999))), "NP208", "pod", id="an undeclared port"),
        pytest.param(healthy(service(ports=port(targetPort=30080)), without="NetworkPolicy"), "NP206", "pod",
                     id="the nodePort's number as targetPort"),
        pytest.param(healthy(workload("old", containers=container(ports=[{"containerPort": 1}]))), "NP205", "endpoints",
                     id="one workload of two without the named port"),
        pytest.param(
            healthy(
                service(ports=port(targetPort=8080)),
                workload("old", containers=container(ports=[{"containerPort": 1}])),
            ),
            "NP209",
            "pod",
            id="one workload of two without the number",
        ),
    ],
)  # fmt: skip
def test_a_warning_on_the_path_is_a_remark_and_breaks_nothing(docs: list[dict], finding: str, step: str) -> None:
    """What is simulated answers, so nothing "breaks here"."""
    docs = [doc for doc in docs if doc["kind"] != "NetworkPolicy"]
    path = explained(*docs)
    assert path.broken is None
    assert path.answered == 1
    assert [(s.name, r.finding) for s in path.steps for r in s.remarks] == [(step, finding)]
    assert "see the remarks" in path.verdict


def test_the_remedy_comes_along() -> None:
    """A broken step that a rule explains carries that rule's patch."""
    broken = explained(*healthy(service(selector={"app": "wbe"}))).broken
    assert broken
    assert [remark.finding for remark in broken.remarks] == ["NP201"]
    assert "app: web" in broken.remarks[0].remedy


def test_a_network_policy_that_admits_nobody_can_not_be_told() -> None:
    """Policies aren't simulated; a plugin that enforces them blocks the client."""
    path = explained(*healthy(policy(ingress=[])))
    assert path.unknown
    assert path.unknown.name == "network policy"
    assert path.headline == "Whether node-3:30080 answers can't be determined from the manifests"
    assert path.answered == 1


def test_a_part_of_the_connections_is_named_as_such() -> None:
    """Half of the endpoints are dead, and nobody knows it yet."""
    path = explained(*HEALTHY, down="node-1")
    assert path.broken is None
    assert path.losing is path.steps[-1]
    assert path.headline == "node-3:30080 answers 50\u202f% of new connections"


@pytest.mark.parametrize(("where", "mark"), [("node-3", Mark.UNKNOWN), ("localhost", Mark.UNKNOWN)])
def test_without_a_port_the_ports_to_choose_from_are_named(where: str, mark: Mark) -> None:
    """Where several fit."""
    path = explained(*healthy(service("api", ports=port(nodePort=30090, targetPort="http"))), where=where)
    assert path.steps[-1].mark is mark
    assert "30090 (shop/api)" in path.steps[-1].text
