"""Nodes: given ones, those that only pods and endpoints name, and those of which nothing is known."""

from itertools import permutations

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.nodes import most_nodes
from webapp.cluster.options import ClusterOptions
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.manifests import Upload, read
from webapp.routing import outcome

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, POLICY selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: web}}
spec: {nodeName: NODE, containers: [{name: main, image: web}]}
status: {phase: Running, podIP: ADDRESS, STATUS conditions: [{type: Ready, status: "True"}]}
"""
SLICE = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-x, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.0.0.9], nodeName: NODE}]
"""
ENDPOINTS = """
apiVersion: v1
kind: Endpoints
metadata: {name: web}
subsets: [{addresses: [{ip: 10.0.0.8, nodeName: NODE}], ports: [{port: 8080}]}]
"""
WORKLOAD = """
apiVersion: apps/v1
kind: KIND
metadata: {name: work}
spec:
  COUNT
  selector: {matchLabels: {app: work}}
  template:
    metadata: {labels: {app: work}}
    spec: {BOUND containers: [{name: main, image: web}]}
"""
DEPLOYMENT = WORKLOAD.replace("KIND", "Deployment").replace("COUNT", "replicas: 4").replace("BOUND", "")
BOUND = WORKLOAD.replace("KIND", "Deployment").replace("COUNT", "replicas: 1").replace("BOUND", "nodeName: w5,")
DAEMONS = WORKLOAD.replace("KIND", "DaemonSet").replace("COUNT", "").replace("BOUND", "")
NODE = """
apiVersion: v1
kind: Node
metadata: {name: NAME}
spec: {TAINTS}
status: {addresses: [{type: InternalIP, address: 10.1.0.1}], CONDITIONS}
"""


def _pod(name: str, node: str, status: str = "", *, host_network: bool = False) -> str:
    spec = "hostNetwork: true, containers" if host_network else "containers"
    return (
        POD.replace("ADDRESS", f"10.0.0.{ord(name)}")
        .replace("NAME", name)
        .replace("NODE", node)
        .replace("STATUS", status)
        .replace("containers", spec)
    )


def _node(name: str, ready: str = "True", taints: str = "") -> str:
    conditions = f'conditions: [{{type: Ready, status: "{ready}"}}]'
    return NODE.replace("NAME", name).replace("TAINTS", taints).replace("CONDITIONS", conditions)


def _cluster(*documents: str, policy: str = "", **options: object) -> Cluster:
    text = "---".join((SERVICE.replace("POLICY ", policy), *documents))
    return build(read([Upload(name="all.yaml", data=text.encode())]), ClusterOptions(**options))  # type: ignore[arg-type]


def _told(cluster: Cluster, code: str) -> str:
    return " ".join(problem.message for problem in cluster.problems if problem.id == code)


@pytest.mark.parametrize(
    ("documents", "names"),
    [
        pytest.param((_pod("a", "w2"), _pod("b", "w10")), ["w2", "w10"], id="pods, in natural order"),
        pytest.param((SLICE.replace("NODE", "w3"),), ["w3"], id="an EndpointSlice"),
        pytest.param((ENDPOINTS.replace("NODE", "w4"),), ["w4"], id="Endpoints"),
        pytest.param((BOUND,), ["w5"], id="a template's nodeName"),
        pytest.param((_pod("a", "w1"), SLICE.replace("NODE", "w3")), ["w1", "w3"], id="several"),
        pytest.param((_pod("a", "w1"), _pod("b", '"W 2\\n"')), ["w1"], id="but no name that a node can't have"),
    ],
)
def test_without_node_objects_the_nodes_are_those_that_something_names(
    documents: tuple[str, ...], names: list[str]
) -> None:
    """None is invented beside them, whatever number is asked for; each is assumed, and that is told."""
    cluster = _cluster(*documents, assume_nodes=9, node_names=("x", "y"))
    assert [(node.name, node.assumed) for node in cluster.nodes.values()] == [(name, True) for name in names]
    assert f"({', '.join(names)})" in _told(cluster, "NP301")
    assert most_nodes(read([Upload("x.yaml", "\n---\n".join(documents).encode())])) >= len(names)


def test_nodes_are_counted_once_before_a_cluster_is_built_of_them() -> None:
    """A dump names each of its nodes in a hundred pods."""
    pods = [_pod(name, f"w{at % 2}") for at, name in enumerate("abcdef")]
    documents = [*pods, _node("w1"), _node("w7"), SLICE.replace("NODE", "w7")]
    assert most_nodes(read([Upload("x.yaml", "\n---\n".join(documents).encode())])) == 3


@pytest.mark.parametrize(
    ("pods", "addresses"),
    [
        pytest.param([_pod("a", "w1", "hostIP: 192.168.49.2,")], ("192.168.49.2",), id="hostIP"),
        pytest.param(
            [_pod("a", "w1", 'hostIP: 10.1.0.1, hostIPs: [{ip: 10.1.0.1}, {ip: "fd00::1"}],')],
            ("10.1.0.1", "fd00::1"),
            id="both families",
        ),
        pytest.param(
            [_pod("a", "w1", 'hostIP: "fd00::1", podIPs: [{ip: "fd00::1"}, {ip: 10.1.0.1}],', host_network=True)],
            ("fd00::1", "10.1.0.1"),
            id="a hostNetwork pod's own",
        ),
        pytest.param(
            [
                _pod("a", "w1", "hostIP: 10.1.0.1,").replace("Running", "Succeeded"),
                _pod("b", "w1", "hostIP: 10.1.0.2,"),
            ],
            ("10.1.0.2",),
            id="of a pod that runs rather than of one that has finished",
        ),
        pytest.param([_pod("a", "w1", "hostIP: none,"), _pod("b", "w1")], (), id="no address at all"),
    ],
)
def test_the_address_of_a_named_node_is_its_pods_host_ip(pods: list[str], addresses: tuple[str, ...]) -> None:
    """Whatever the order of the pods."""
    for ordered in permutations(pods):
        assert _cluster(*ordered).nodes["w1"].internal_ips == addresses


@pytest.mark.parametrize("address", ["''", "n1.example", "10.0.0.1/24", "'fe80::1%eth0'"])
def test_what_is_no_ip_address_is_none_of_a_nodes_addresses(address: str) -> None:
    """The API server takes any text there; kube-proxy skips what it can't parse."""
    given = _node("w1").replace("addresses: [", f"addresses: [{{type: InternalIP, address: {address}}}, ")
    of = _cluster(given, _pod("a", "w1"), nodeport_addresses=("10.1.0.0/16",))
    assert of.nodes["w1"].internal_ips == ("10.1.0.1",)
    assert [entry.answered for entry in outcome(state_at(of, Scenario()), "default/web").entries] == [1.0]


def test_a_live_dump_without_nodes_answers_by_the_nodes_it_names_alone() -> None:
    """Policy Local: nodes that nothing names would halve the figure."""
    cluster = _cluster(_pod("a", "minikube", "hostIP: 192.168.49.2,"), policy="externalTrafficPolicy: Local, ")
    found = outcome(state_at(cluster, Scenario(at=Moment.BEFORE)), "default/web", 0)
    assert (found.dns, [entry.address for entry in found.entries]) == (1.0, ["192.168.49.2"])


def test_a_pod_on_a_node_that_the_given_ones_lack_stays_an_endpoint() -> None:
    """Its node is assumed, an entry point like the others, and told with who names it."""
    cluster = _cluster(_node("n1"), _pod("a", "n1"), _pod("b", "n9", "hostIP: 10.1.0.9,"), _pod("c", "n9"))
    assert [(node.name, node.assumed) for node in cluster.nodes.values()] == [("n1", False), ("n9", True)]
    assert [endpoint.pod for endpoint in cluster.services["default/web"].ports[0].endpoints] == [
        "default/a",
        "default/b",
        "default/c",
    ]
    assert "n9: named by 2 pods, not in the upload." in _told(cluster, "NP310")


@pytest.mark.parametrize(("at", "answered"), [(Moment.FAILED, 1 / 4), (Moment.DETECTED, 1 / 2)])
def test_a_node_that_was_not_uploaded_fails_like_any_other(at: Moment, answered: float) -> None:
    """It takes its address and its pod with it, by DNS and by a load balancer."""
    cluster = _cluster(_node("n1"), _pod("a", "n1"), _pod("b", "n9"))
    down = frozenset({Target(kind=FailureKind.NODE, name="n9")})
    found = outcome(state_at(cluster, Scenario(down=down, at=at)), "default/web", 0)
    assert (found.dns, found.lb) == (answered, 2 * answered)


@pytest.mark.parametrize("workload", [DEPLOYMENT, DAEMONS], ids=["Deployment", "DaemonSet"])
def test_no_new_pod_goes_to_a_node_that_was_not_uploaded(workload: str) -> None:
    """The scheduler goes by Node objects; where there is none at all, any node will do."""
    beside = _cluster(_node("n1"), _pod("a", "n9"), workload)
    assert {pod.node for pod in beside.pods.values() if pod.owner} == {"n1"}
    alone = _cluster(_pod("a", "n9"), workload)
    assert {pod.node for pod in alone.pods.values() if pod.owner} == {"n9"}


def test_what_is_recreated_goes_to_no_node_that_was_not_uploaded() -> None:
    """After a crash of the only node that is known, the new pods are pending."""
    cluster = _cluster(_node("n1"), _pod("a", "n9"), DEPLOYMENT)
    scenario = Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="n1")}), at=Moment.RESCHEDULED)
    new = [each.pod for each in state_at(cluster, scenario).pods.values() if each.replaces]
    assert [pod.node for pod in new] == [None] * 4


@pytest.mark.parametrize(
    ("ready", "given", "taints"),
    [
        pytest.param("True", "", [], id="Ready"),
        pytest.param("False", "", [("not-ready", "NoSchedule"), ("not-ready", "NoExecute")], id="not Ready"),
        pytest.param("Unknown", "", [("unreachable", "NoSchedule"), ("unreachable", "NoExecute")], id="lost"),
        pytest.param(
            "Unknown",
            "taints: [{key: node.kubernetes.io/unreachable, effect: NoSchedule}]",
            [("unreachable", "NoSchedule")],
            id="what the dump has stays: its zone's evictions are held back",
        ),
    ],
)
def test_a_node_that_is_not_ready_has_the_taints_of_the_node_lifecycle_controller(
    ready: str, given: str, taints: list[tuple[str, str]]
) -> None:
    """Where the dump lacks them: False is not-ready, Unknown is unreachable."""
    node = _cluster(_node("n1", ready, given)).nodes["n1"]
    assert [(taint.key.removeprefix("node.kubernetes.io/"), taint.effect) for taint in node.taints] == taints


@pytest.mark.parametrize("workload", [DEPLOYMENT, DAEMONS], ids=["Deployment", "DaemonSet"])
def test_new_pods_keep_away_from_a_node_that_is_not_ready(workload: str) -> None:
    """The scheduler and the DaemonSet controller go by the taint with NoSchedule."""
    cluster = _cluster(_node("n1"), _node("n2", "Unknown"), workload)
    assert {pod.node for pod in cluster.pods.values()} == {"n1"}


def test_a_pod_bound_to_a_node_that_is_not_ready_is_not_ready_itself() -> None:
    """The node lifecycle controller marks all pods of such a node."""
    cluster = _cluster(_node("n1"), _node("w5", "Unknown"), BOUND)
    assert [(pod.node, pod.ready) for pod in cluster.pods.values()] == [("w5", False)]


def test_a_node_that_is_not_ready_is_told_and_simulated_as_up() -> None:
    """Up is what the Scenario takes down, never a condition."""
    cluster = _cluster(_node("n1"), _node("n2", "Unknown"), _pod("a", "n1"))
    assert "n2 is NotReady in this dump: it most likely answers no client." in _told(cluster, "NP311")
    assert state_at(cluster, Scenario(at=Moment.BEFORE)).down_nodes == frozenset()
    assert not _told(_cluster(_node("n1")), "NP311")


OWNED = _pod("w", "n2").replace(
    "labels: {app: web}", "labels: {app: web}, ownerReferences: [{kind: ReplicaSet, name: web-x, controller: true}]"
)


@pytest.mark.parametrize(
    ("taints", "recreated"),
    [
        pytest.param("", True, id="evicted for its own node's taints, and recreated on the last one"),
        pytest.param("taints: [{key: node.kubernetes.io/unreachable, effect: NoSchedule}]", False, id="held back"),
    ],
)
def test_what_was_on_a_node_that_was_not_ready_is_recreated_meanwhile(taints: str, recreated: bool) -> None:
    """Six minutes after another node is lost the toleration of its pods is over; the note says so."""
    pod = OWNED.replace('status: "True"', 'status: "False"')
    cluster = _cluster(_node("n1"), _node("n2", "Unknown", taints), _node("n3"), _pod("a", "n1"), pod)
    scenario = Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="n1")}), at=Moment.RESCHEDULED)
    state = state_at(cluster, scenario)
    assert outcome(state, "default/web", 0).entries[2].answered == recreated
    assert ("n2 was NotReady before: pods there are evicted meanwhile." in state.notes) == recreated


def test_a_node_without_a_name_is_none_and_stands_for_no_other() -> None:
    """The API server takes no such object; the pods go to those that have one."""
    cluster = _cluster(_node("n1"), _node("n2").replace("name: n2", "labels: {a: b}"), DEPLOYMENT)
    assert list(cluster.nodes) == ["n1"]
    assert {pod.node for pod in cluster.pods.values()} == {"n1"}
