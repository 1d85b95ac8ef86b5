"""From manifests to the cluster: what is refused, what is assumed, and what is said of it."""

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.manifests import Upload, read

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: APP}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: nginx}]}
---
"""
BOUND = """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {nodeName: w9, containers: [{name: c, image: nginx}]}
---
"""
NODE = """
apiVersion: v1
kind: Node
metadata: {name: NAME, labels: {topology.kubernetes.io/zone: a}}
---
"""


def _cluster(*documents: str, **options: object) -> Cluster:
    return build(
        read([Upload(name="all.yaml", data="".join(documents).encode())]),
        ClusterOptions(**options),  # type: ignore[arg-type]
    )


def test_a_refused_workload_has_no_pods() -> None:
    """Its selector doesn't match its template, so the API server doesn't take it and nobody answers."""
    cluster = _cluster(SERVICE, DEPLOYMENT.replace("APP", "other"))
    assert cluster.pods == {}
    assert [p.object for p in cluster.problems if p.severity == "error"] == ["Deployment default/web"]


def test_a_workload_that_cannot_be_decoded_has_no_pods() -> None:
    """A text where a number must stand."""
    cluster = _cluster(SERVICE, DEPLOYMENT.replace("APP", "web").replace("replicas: 2", 'replicas: "2"'))
    assert cluster.pods == {}


@pytest.mark.parametrize(
    ("documents", "options", "names"),
    [
        pytest.param((), {}, ["node-1", "node-2", "node-3"], id="three where nothing is known"),
        pytest.param((), {"assume_nodes": 1}, ["node-1"], id="as many as asked for"),
        pytest.param((), {"node_names": ("a", "b"), "assume_nodes": 2}, ["a", "b"], id="with names that are asked for"),
        pytest.param(
            (BOUND,),
            {},
            ["w9"],
            id="those that pods mention, and no others",
        ),
        pytest.param((NODE.replace("NAME", "n1"),), {"assume_nodes": 9}, ["n1"], id="none where a Node is given"),
    ],
)
def test_nodes_are_assumed_where_none_is_given(
    documents: tuple[str, ...], options: dict[str, object], names: list[str]
) -> None:
    """And said to be."""
    cluster = _cluster(*documents, **options)
    assert list(cluster.nodes) == names
    assert ("NP301" in {problem.id for problem in cluster.problems}) == (not documents or "Node" not in documents[0])


def test_a_bare_node_manifest_takes_pods_and_says_so() -> None:
    """Nothing tells how much fits there."""
    cluster = _cluster(NODE.replace("NAME", "n1"), SERVICE, DEPLOYMENT.replace("APP", "web"))
    assert {pod.node for pod in cluster.pods.values()} == {"n1"}
    assert "NP302" in {problem.id for problem in cluster.problems}


def test_assumptions_are_sentences_of_what_was_left_open() -> None:
    """Nodes, pods, and a nodePort that nobody wrote."""
    cluster = _cluster(SERVICE.replace(", nodePort: 30080", ""), DEPLOYMENT.replace("APP", "web"))
    assert len(cluster.assumptions) == 3
    assert all(sentence.endswith(".") for sentence in cluster.assumptions)


def test_an_ipv6_cluster_gives_its_services_ipv6() -> None:
    """The families of a service that names none are those of the cluster, as far as the nodes tell."""
    node = NODE.replace("NAME", "n1").replace(
        "---", "status: {addresses: [{type: InternalIP, address: 'fd00::1'}]}\n---"
    )
    assert _cluster(node, SERVICE).services["default/web"].ip_families == ("IPv6",)


DAEMONS = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: main, image: nginx, resources: {requests: {cpu: CPU}}}]}
---
"""


@pytest.mark.parametrize(
    ("cpu", "placed"),
    [pytest.param("1", ["n1", "n1", "n1"], id="leaves room"), pytest.param("3", [None, None, "n1"], id="takes it")],
)
def test_a_daemonset_takes_its_room_before_replicas_do(cpu: str, placed: list[str | None]) -> None:
    """Two replicas of one CPU each and a DaemonSet on one node of three CPUs."""
    node = NODE.replace("NAME", "n1").replace("---", 'status: {allocatable: {cpu: "3", memory: 1Gi, pods: "9"}}\n---')
    web = DEPLOYMENT.replace("APP", "web").replace("image: nginx", "image: nginx, resources: {requests: {cpu: 1}}")
    cluster = _cluster(node, web, DAEMONS.replace("CPU", cpu))
    assert sorted((pod.node for pod in cluster.pods.values()), key=str) == sorted(placed, key=str)


def test_a_daemonsets_pod_that_does_not_fit_is_pending_with_the_reason() -> None:
    """It stays bound to its node by affinity, so no other will do."""
    node = NODE.replace("NAME", "n1").replace("---", 'status: {allocatable: {cpu: "1", memory: 1Gi, pods: "9"}}\n---')
    (pod,) = _cluster(node, DAEMONS.replace("CPU", "4")).pods.values()
    assert (pod.node, pod.phase) == (None, "Pending")
    assert "Insufficient cpu" in pod.pending
