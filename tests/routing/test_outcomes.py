"""Whole services: which open a nodePort at all, on which addresses, and what the ways in come to."""

from dataclasses import replace
from typing import Any

import pytest

from tests.failure.clusters import ZONE, cluster, explorer, node, pod
from webapp.cluster.build import build
from webapp.cluster.model import Cluster, Node
from webapp.cluster.options import ClusterOptions
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.manifests import Upload, read
from webapp.manifests.objects import PodSpec, Taint
from webapp.routing import PortOutcome, Result, outcome
from webapp.routing.health_check import health_answers

KEY = "default/web"
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: nginx}]}
---
"""


def _built(spec: str, more: str = "", labels: str = "") -> Cluster:
    service = f"apiVersion: v1\nkind: Service\nmetadata: {{name: web, labels: {{{labels}}}}}\nspec: {spec}\n---\n"
    return build(read([Upload(name="web.yaml", data=(service + WEB + more).encode())]))


def _now(of: Cluster, port: int = 0, via: Scenario | None = None) -> PortOutcome:
    return outcome(state_at(of, via or Scenario()), KEY, port)


@pytest.mark.parametrize(
    ("spec", "opens"),
    [
        pytest.param("{type: NodePort, selector: {app: web}, ports: [{port: 80}]}", True, id="NodePort"),
        pytest.param("{type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}", True, id="LoadBalancer, too"),
        pytest.param(
            "{type: LoadBalancer, allocateLoadBalancerNodePorts: false, selector: {app: web}, ports: [{port: 80}]}",
            False,
            id="LoadBalancer that wants none",
        ),
        pytest.param("{selector: {app: web}, ports: [{port: 80}]}", False, id="ClusterIP"),
        pytest.param("{clusterIP: None, selector: {app: web}, ports: [{port: 80}]}", False, id="headless"),
        pytest.param(
            "{type: ExternalName, externalName: example.com, ports: [{port: 80, nodePort: 30080}]}",
            False,
            id="ExternalName, whatever number it names",
        ),
        pytest.param(
            "{type: NodePort, clusterIP: None, selector: {app: web}, ports: [{port: 80}]}",
            False,
            id="a headless NodePort, which the API server refuses",
        ),
    ],
)
def test_which_services_open_a_node_port(spec: str, opens: bool) -> None:
    """And those that don't have no answer to give, which is not the same as none."""
    found = _now(_built(spec))
    assert bool(found.entries) == opens
    assert (found.dns, found.lb) == ((1.0, 1.0) if opens else (None, None))


@pytest.mark.parametrize("protocol", ["TCP", "UDP", "SCTP"])
def test_every_protocol_goes_by_the_same_rules(protocol: str) -> None:
    """Chains are keyed by protocol and port."""
    found = _now(_built(f"{{type: NodePort, selector: {{app: web}}, ports: [{{port: 80, protocol: {protocol}}}]}}"))
    assert (found.port.protocol, found.dns) == (protocol, 1.0)


@pytest.mark.parametrize(
    ("label", "answered"),
    [
        pytest.param("service.kubernetes.io/service-proxy-name: other", 0.0, id="left to another proxy"),
        pytest.param("service.kubernetes.io/service-proxy-name: ''", 0.0, id="whatever the value"),
        pytest.param("kubernetes.io/service-proxy-name: other", 1.0, id="a label that means nothing"),
    ],
)
@pytest.mark.parametrize("policy", ["Cluster", "Local"])
def test_kube_proxy_leaves_services_with_the_label_alone(label: str, answered: float, policy: str) -> None:
    """It opens no port for them, the healthCheckNodePort included."""
    spec = f"{{type: LoadBalancer, externalTrafficPolicy: {policy}, selector: {{app: web}}, ports: [{{port: 80}}]}}"
    of = _built(spec)
    hidden = _built(spec, labels=label)
    found = _now(hidden)
    assert (found.dns, found.lb) == ((_now(of).dns, _now(of).lb) if answered else (0.0, 0.0))
    assert {entry.result for entry in found.entries if not answered} <= {Result.REFUSED}
    assert bool(health_answers(state_at(hidden, Scenario()), KEY)) == (policy == "Local" and bool(answered))


PLANE = Taint(key="node-role.kubernetes.io/control-plane", effect="NoSchedule")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"control_plane": True, "taints": (PLANE,)}, id="a control-plane node"),
        pytest.param({"unschedulable": True}, id="a cordoned node"),
        pytest.param({}, id="a node without a pod"),
        pytest.param({"ready": False}, id="a NotReady node: belief isn't truth"),
    ],
)
def test_kube_proxy_answers_on_every_node(other: dict[str, Any]) -> None:
    """Whatever the scheduler thinks of it."""
    of = cluster([node("n1"), node("n2", **other)], [pod("web-1", "n1")])
    assert [entry.result for entry in _now(of).entries] == [Result.ANSWERED, Result.ANSWERED]


def test_a_balancer_ignores_readiness_but_not_the_label() -> None:
    """KEP-3458: NotReady and cordoned nodes stay targets; excluded and doomed ones don't."""
    excluded = {"node.kubernetes.io/exclude-from-external-load-balancers": ""}
    doomed = Taint(key="ToBeDeletedByClusterAutoscaler", effect="NoSchedule")
    nodes = [
        node("n1"),
        node("n2", ready=False, unschedulable=True),
        node("n3", labels=excluded),
        node("n4", taints=(doomed,)),
    ]
    assert _now(cluster(nodes, [pod("web-1", "n1")])).lb_targets == {"n1", "n2"}


def test_no_target_left_is_no_answer() -> None:
    """Zero, not nothing."""
    of = cluster([node("n1")], [pod("web-1", "n1")])
    down = Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="n1")}), at=Moment.FAILED)
    found = outcome(state_at(of, down), KEY)
    assert (found.lb_targets, found.lb, found.answered("lb"), found.answered("node/n1")) == (set(), 0.0, 0.0, 0.0)


DUAL = ("192.168.0.7", "192.168.1.7", "2001:db8::7")


@pytest.mark.parametrize(
    ("families", "ips", "expected"),
    [
        pytest.param(("IPv4",), DUAL, "192.168.0.7", id="the first IPv4 address"),
        pytest.param(("IPv6",), DUAL, "2001:db8::7", id="the IPv6 address of an IPv6 service"),
        pytest.param(("IPv6", "IPv4"), DUAL, "2001:db8::7", id="the service's first family"),
        pytest.param(("IPv6", "IPv4"), ("192.168.0.7",), "192.168.0.7", id="its second where the node lacks the first"),
        pytest.param(("IPv4",), (), None, id="none that is known"),
    ],
)
def test_a_node_is_entered_at_its_primary_address_of_a_family_of_the_service(
    families: tuple[str, ...], ips: tuple[str, ...], expected: str | None
) -> None:
    """The first InternalIP of that family."""
    of = cluster([node("n1", internal_ips=ips)], [pod("web-1", "n1")], ip_families=families)
    (entry,) = _now(of).entries
    assert (entry.address, entry.result) == (expected, Result.ANSWERED)


def test_a_node_without_an_address_of_the_family_refuses() -> None:
    """kube-proxy has no rule for its other addresses."""
    of = cluster([node("n1", internal_ips=("192.168.0.7",))], [pod("web-1", "n1")], ip_families=("IPv6",))
    assert [entry.result for entry in _now(of).entries] == [Result.REFUSED]


def test_a_dual_stack_pod_is_one_endpoint_by_each_family() -> None:
    """Traffic stays in its family, so the shares of an entry still sum to 1."""
    both = pod("web-1", "n1", ips=("10.0.0.1", "fd00::1"))
    of = cluster([node("n1", internal_ips=DUAL)], [both], ip_families=("IPv4", "IPv6"))
    found = _now(of)
    assert [e.address for e in found.endpoints] == ["10.0.0.1", "fd00::1"]
    assert dict(found.entries[0].shares) == {"default/web-1": 1.0}


@pytest.mark.parametrize(
    ("options", "result"),
    [
        pytest.param(ClusterOptions(), Result.ANSWERED, id="iptables listens everywhere"),
        pytest.param(ClusterOptions(proxy_mode="nftables"), Result.ANSWERED, id="nftables at the primary address"),
        pytest.param(ClusterOptions(nodeport_addresses=("192.168.0.0/16",)), Result.ANSWERED, id="a range with it"),
        pytest.param(ClusterOptions(nodeport_addresses=("10.0.0.0/8",)), Result.REFUSED, id="a range without it"),
        pytest.param(ClusterOptions(nodeport_addresses=("localhost",)), Result.REFUSED, id="localhost alone"),
        pytest.param(ClusterOptions(nodeport_addresses=("localhost", "primary")), Result.ANSWERED, id="primary, too"),
    ],
)
def test_nodeport_addresses_say_where_kube_proxy_listens(options: ClusterOptions, result: Result) -> None:
    """An address that is left out belongs to the host, which refuses."""
    of = replace(cluster([node("n1")], [pod("web-1", "n1")]), options=options)
    assert [entry.result for entry in _now(of).entries] == [result]


def test_an_address_with_leading_zeros_is_held_against_ranges_as_kube_proxy_reads_it() -> None:
    """ParseIPSloppy: they are decimal."""
    of = cluster([node("n1", internal_ips=("192.168.000.010",))], [pod("web-1", "n1")])
    of = replace(of, options=ClusterOptions(nodeport_addresses=("192.168.0.10/32",)))
    assert [entry.result for entry in _now(of).entries] == [Result.ANSWERED]


def test_a_node_without_the_zone_label_uses_all_endpoints() -> None:
    """The older label names a zone for people; kube-proxy's hints don't go by it."""
    old = Node(name="n2", zone="a", labels={"failure-domain.beta.kubernetes.io/zone": "a"})
    of = cluster(
        [node("n1", "a"), old, node("n3", "b")],
        [pod("web-1", "n1"), pod("web-2", "n3")],
        traffic_distribution="PreferClose",
    )
    assert {entry.node: len(entry.shares) for entry in _now(of).entries} == {"n1": 1, "n2": 2, "n3": 1}
    assert ZONE not in old.labels


def test_a_host_network_pod_keeps_the_clients_address_on_its_own_node() -> None:
    """Seen with a real kube-proxy: masquerading has no effect on the way to the node itself."""
    pods = [pod(f"web-{i}", f"n{i}", spec=PodSpec(host_network=True)) for i in (1, 2)]
    found = _now(cluster([node("n1"), node("n2"), node("n3")], pods))
    assert [entry.client_ip for entry in found.entries] == ["mixed", "mixed", "node"]


def test_one_address_is_the_mean_of_one() -> None:
    """A client that knows worker-2 only."""
    down = Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="worker-2")}), at=Moment.FAILED)
    found = outcome(state_at(explorer(), down), KEY)
    assert [found.answered(f"node/worker-{i}") for i in (1, 2)] == [0.5, 0.0]
    assert found.answered("dns") == 0.375
