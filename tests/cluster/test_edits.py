"""What if: other replicas and policies, zones and roles for assumed nodes."""

from dataclasses import fields
from typing import Any

import pytest

from webapp.cluster.build import build
from webapp.cluster.edits import edited
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions, Edits
from webapp.cluster.rescaling import scalable, services_of, workload_word
from webapp.manifests import Upload, read
from webapp.manifests.manifests import Manifests

WEB = "Deployment/default/web"
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
---
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, uid: d1}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}
---
"""
REPLICA_SET = """\
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-5f, uid: r1, ownerReferences: [{kind: Deployment, name: web, uid: d1, controller: true}]}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}
---
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web-5f-%s
  labels: {app: web}
  ownerReferences: [{kind: ReplicaSet, name: web-5f, uid: r1, controller: true}]
spec: {nodeName: worker-%s, containers: [{name: web, image: nginx}]}
status: {phase: %s, podIP: 10.0.0.%s, conditions: [{type: Ready, status: "True"}]}
---
"""
SLICE = """\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: web-x
  labels: {kubernetes.io/service-name: web, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io}
addressType: IPv4
ports: [{name: "", port: 80, protocol: TCP}]
endpoints: [{addresses: [10.0.0.1], nodeName: worker-1, targetRef: {kind: Pod, name: web-5f-1, namespace: default}}]
---
"""
DUMP = SERVICE + DEPLOYMENT + REPLICA_SET + "".join(POD % (i, i, "Running", i) for i in (1, 2, 3)) + SLICE


def _read(text: str) -> Manifests:
    return read([Upload(name="web.yaml", data=text.encode())])


def _built(text: str, *, nodes: int = 3, **edits: Any) -> Cluster:
    return build(_read(text), ClusterOptions(assume_nodes=nodes, edits=Edits(**edits)))


def _endpoints(cluster: Cluster) -> list[str]:
    return [endpoint.key for endpoint in cluster.services["default/web"].ports[0].endpoints]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_workload_gets_other_replicas(count: int) -> None:
    """As if its manifest said so."""
    cluster = _built(SERVICE + DEPLOYMENT, replicas=((WEB, count),))
    assert len(cluster.pods) == len(_endpoints(cluster)) == count
    assert set(cluster.workload_replicas.values()) == {count}


@pytest.mark.parametrize(
    ("count", "pods"),
    [
        pytest.param(0, [], id="none"),
        pytest.param(2, ["web-5f-1", "web-5f-2"], id="fewer"),
        pytest.param(3, ["web-5f-1", "web-5f-2", "web-5f-3"], id="as many"),
        pytest.param(5, ["web-0", "web-1", "web-5f-1", "web-5f-2", "web-5f-3"], id="more"),
    ],
)
def test_the_pods_of_a_dump_are_taken_away_or_added_to(count: int, pods: list[str]) -> None:
    """And its slices, which say how it was, no longer count."""
    cluster = _built(DUMP, replicas=((WEB, count),))
    assert sorted(key.removeprefix("default/") for key in cluster.pods) == pods
    assert sorted(_endpoints(cluster)) == [f"default/{name}" for name in pods]


def test_idle_pods_of_a_dump_go_first() -> None:
    """As the ReplicaSet controller ranks them."""
    text = SERVICE + DEPLOYMENT + REPLICA_SET + POD % (1, 1, "Pending", 1) + POD % (2, 2, "Running", 2)
    assert list(_built(text, replicas=((WEB, 1),)).pods) == ["default/web-5f-2"]


def test_new_pods_of_a_dump_are_placed() -> None:
    """They belong to the workload, and the scheduler finds them a node."""
    cluster = _built(DUMP, replicas=((WEB, 4),))
    made = cluster.pods["default/web-0"]
    assert made.node is not None
    assert made.assumed
    assert made.owner == cluster.pods["default/web-5f-1"].owner


def test_a_stateful_set_grows_by_its_next_ordinal() -> None:
    """With the label that a service per pod selects on."""
    stateful = DEPLOYMENT.replace("Deployment", "StatefulSet")
    pod = POD.replace("ReplicaSet", "StatefulSet").replace("web-5f", "web").replace("r1", "d1") % (0, 1, "Running", 1)
    cluster = _built(stateful + pod, replicas=(("StatefulSet/default/web", 2),))
    assert cluster.pods["default/web-1"].labels["statefulset.kubernetes.io/pod-name"] == "web-1"


def test_only_outermost_workloads_can_be_scaled() -> None:
    """The ReplicaSet of a Deployment would be set back by it."""
    assert [workload_word(workload) for workload in scalable(_read(DUMP))] == [WEB]


def test_names_that_do_not_exist_change_nothing() -> None:
    """Whoever asks for them is told elsewhere."""
    given = _read(DUMP)
    assert (
        edited(given, Edits(replicas=(("Deployment/default/gone", 1),), policies=(("default/gone", "Local"),))) == given
    )
    assert edited(given, Edits()) is given


def test_a_service_gets_another_policy() -> None:
    """And keeps everything else."""
    cluster = _built(SERVICE + DEPLOYMENT, policies=(("default/web", "Local"),))
    assert cluster.services["default/web"].external_traffic_policy == "Local"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SERVICE + DEPLOYMENT, id="a workload"),
        pytest.param(DUMP, id="a dump"),
        pytest.param(SERVICE.replace("NodePort", "ClusterIP") + DEPLOYMENT, id="one that may not have a policy"),
        pytest.param(SERVICE.replace("NodePort", "LoadBalancer") + DEPLOYMENT, id="one that gets a health check port"),
        pytest.param(SERVICE + SERVICE.replace("name: web", "name: other") + DEPLOYMENT, id="two services"),
    ],
)
@pytest.mark.parametrize("policy", ["Local", "Cluster", "Neither"])
def test_a_cluster_with_another_policy_is_the_same_built_from_the_one_before(text: str, policy: str) -> None:
    """Whatever can be taken from it; and back again."""
    given, edits = _read(text), Edits(policies=(("default/web", policy),))
    before, fresh = build(given), build(given, ClusterOptions(edits=edits))
    after = build(given, ClusterOptions(edits=edits), [before])
    back = build(given, ClusterOptions(), [after])
    for made, expected in ((after, fresh), (back, before)):
        differing = [f.name for f in fields(Cluster) if getattr(made, f.name) != getattr(expected, f.name)]
        assert differing == []
    assert (
        after.services["default/web"].accepted != before.services["default/web"].accepted or after.pods is before.pods
    )


def test_other_replicas_are_placed_afresh() -> None:
    """What was known before is of no use then."""
    given, options = _read(SERVICE + DEPLOYMENT), ClusterOptions(edits=Edits(replicas=((WEB, 5),)))
    assert len(build(given, options, [build(given)]).pods) == 5


def test_turning_to_cluster_drops_the_health_check_port() -> None:
    """As the API server does on such an update; it would refuse the service otherwise."""
    text = SERVICE.replace("NodePort,", "LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000,")
    cluster = _built(text, policies=(("default/web", "Cluster"),))
    assert cluster.services["default/web"].accepted
    assert cluster.services["default/web"].health_check_node_port is None


def test_assumed_nodes_are_spread_over_zones() -> None:
    """In turn; by the well-known label, which placement and hints read."""
    nodes = _built(SERVICE, nodes=5, zones=3).nodes.values()
    assert [node.zone for node in nodes] == ["zone-a", "zone-b", "zone-c", "zone-a", "zone-b"]
    assert all(node.labels["topology.kubernetes.io/zone"] == node.zone for node in nodes)


def test_control_planes_are_the_first_nodes_and_have_zones_of_their_own() -> None:
    """They take no ordinary pods, so the others are dealt out over all zones."""
    cluster = _built(SERVICE + DEPLOYMENT, nodes=4, zones=3, control_planes=1)
    assert [(n.name, n.zone) for n in cluster.nodes.values() if n.control_plane] == [("node-1", "zone-a")]
    assert {node.zone for node in cluster.nodes.values() if not node.control_plane} == {"zone-a", "zone-b", "zone-c"}
    assert "node-1" not in {pod.node for pod in cluster.pods.values()}


def test_assumed_nodes_that_the_manifests_name_can_be_control_plane() -> None:
    """The first of them; what runs there stays."""
    cluster = _built(DUMP, control_planes=1)
    assert [node.name for node in cluster.nodes.values() if node.control_plane] == list(cluster.nodes)[:1]
    assert [pod.node for pod in cluster.pods.values()] == [pod.node for pod in _built(DUMP).pods.values()]


def test_given_nodes_stay_as_they_are() -> None:
    """Zones and roles are for assumed ones."""
    cluster = _built("apiVersion: v1\nkind: Node\nmetadata: {name: real}\n", zones=3, control_planes=1)
    assert (cluster.nodes["real"].zone, cluster.nodes["real"].control_plane) == (None, False)


def test_what_was_edited_is_told_among_the_problems() -> None:
    """So that a document made of the cluster says that it is not as the manifests have it."""
    edits = {"zones": 2, "control_planes": 1, "replicas": ((WEB, 1),), "policies": (("default/web", "Local"),)}
    assert _told(SERVICE + DEPLOYMENT, **edits) == [
        "What if: zones over which the assumed nodes are spread: 2.",
        "What if: control plane among the assumed nodes: 1.",
        "What if: replicas of Deployment default/web: 1.",
        "What if: externalTrafficPolicy of Service default/web: Local.",
    ]
    assert _told("apiVersion: v1\nkind: Node\nmetadata: {name: real}\n", **edits) == []


def _told(text: str, **edits: Any) -> list[str]:
    return [problem.message for problem in _built(text, **edits).problems if problem.id == "NP309"]


def test_services_are_found_by_what_they_select() -> None:
    """In the workload's own namespace."""
    given = _read(SERVICE + SERVICE.replace("name: web", "name: web, namespace: other") + DEPLOYMENT)
    assert list(services_of(given, given.workloads)) == ["default/web"]
