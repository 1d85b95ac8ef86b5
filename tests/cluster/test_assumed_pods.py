"""Assumed pods: behind which services they stand, what they are like, and what happens to them."""

from collections import Counter
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure import Moment, PodFate, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.findings import Facts
from webapp.findings.nearest import nearest
from webapp.manifests import Manifests, Upload, read
from webapp.routing import outcome
from webapp.samples import SAMPLES, Sample
from webapp.simulation.document import simulation_document

PORT = {"port": 80, "targetPort": 8080}


def service(name: str = "web", namespace: str = "default", **spec: Any) -> dict[str, Any]:
    """Return a NodePort Service that selects app=web."""
    full = {"type": "NodePort", "selector": {"app": "web"}, "ports": [PORT], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": full}


def workload(
    labels: dict[str, str], namespace: str = "default", name: str = "web", kind: str = "Deployment", **spec: Any
) -> dict[str, Any]:
    """Return a workload whose pods have these labels."""
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web"}]}}
    full = {"selector": {"matchLabels": labels}, "template": template, **spec}
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": full}


def pod(labels: dict[str, str], **status: Any) -> dict[str, Any]:
    """Return a Pod."""
    meta = {"name": "solo", "namespace": "default", "labels": labels}
    spec = {"containers": [{"name": "web", "image": "web"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def slices(**more: Any) -> dict[str, Any]:
    """Return an EndpointSlice of the service web that lists nobody."""
    meta = {"name": "web-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": meta,
        "addressType": "IPv4",
        **more,
    }


def manifests(*objects: dict[str, Any], text: str = "") -> Manifests:
    """Return what is read of some objects, and of a document as text."""
    written = [yaml.safe_dump(each) for each in objects] + ([text] if text else [])
    return read([Upload(name="all.yaml", data="---\n".join(written).encode())])


def cluster(*objects: dict[str, Any], pods: int = 3, nodes: int = 3, text: str = "") -> Cluster:
    """Return the cluster of some objects with so many pods assumed."""
    return build(manifests(*objects, text=text), ClusterOptions(assume_pods=pods, assume_nodes=nodes))


def assumed(made: Cluster) -> list[str]:
    """Return the names of the assumed pods."""
    return [key for key, each in made.pods.items() if made.is_assumed(each)]


WEB_1_TO_3 = ["default/web-1", "default/web-2", "default/web-3"]


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([service()], id="a Service alone"),
        pytest.param([service(type="ClusterIP")], id="one that is not exposed"),
        pytest.param([service(), workload({"tier": "db"}, name="db")], id="beside a workload without a common label"),
        pytest.param(
            [service(), workload({"app": "db"}, namespace="data")], id="beside a workload of another namespace"
        ),
        pytest.param([service(), pod({"tier": "db"}, phase="Running")], id="a manifest beside a pod of a cluster"),
    ],
)
def test_pods_are_assumed_where_nothing_given_could_be_behind_the_service(objects: list[dict[str, Any]]) -> None:
    """Three, as asked, with the name of the Service."""
    assert assumed(cluster(*objects)) == WEB_1_TO_3


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([service(), workload({"app": "web"})], id="a workload matches"),
        pytest.param([service(), workload({"app": "web"}, replicas=0)], id="a workload without pods matches"),
        pytest.param([service(), pod({"app": "web"})], id="a pod matches"),
        pytest.param([service(), workload({"app": "wbe"})], id="the value is a typo"),
        pytest.param([service(), workload({"app": "db"})], id="another value of the same key"),
        pytest.param([service(), workload({"name": "web"})], id="the same value under another key"),
        pytest.param([service(), workload({"app": "web"}, namespace="prod")], id="the namespace is another"),
        pytest.param([service(), workload({"app": "web"}, replicas=-1)], id="the workload that matches is rejected"),
        pytest.param([service(), slices(endpoints=[])], id="an EndpointSlice says that there is nobody"),
        pytest.param(
            [
                service(selector={"statefulset.kubernetes.io/pod-name": "db-0"}),
                workload({"tier": "db"}, kind="StatefulSet"),
            ],
            id="a label that the StatefulSet controller sets",
        ),
        pytest.param(
            [service(selector={"pod-template-hash": "5d9f"}), workload({"tier": "db"})], id="the hash of a revision"
        ),
        pytest.param([service(selector=None)], id="no selector"),
        pytest.param([service(type="ExternalName", externalName="example.com")], id="an ExternalName"),
        pytest.param([service(ports=[{**PORT, "nodePort": 80}])], id="the Service is rejected"),
        pytest.param(
            [service(clusterIP="10.96.0.7"), pod({"tier": "db"}, phase="Running")],
            id="a dump with its Services and pods",
        ),
    ],
)
def test_nothing_is_assumed_where_the_files_say_more(objects: list[dict[str, Any]]) -> None:
    """What nearly matches is a mistake to be shown, and what is known needs no stand-in."""
    assert assumed(cluster(*objects)) == []


def test_nothing_is_assumed_beside_a_document_that_could_not_be_read() -> None:
    """It may be the Deployment."""
    assert assumed(cluster(service(), text="kind: Deployment\n  metadata: [")) == []


def test_nothing_is_assumed_unless_it_is_asked_for() -> None:
    """The contract of the command line and the API."""
    made = build(manifests(service()))
    assert not made.pods
    assert made.services["default/web"].ports[0].endpoints == ()


def test_services_share_the_pods_that_all_of_them_select() -> None:
    """The selector with the most labels gives them theirs, and the wider one selects these."""
    narrow = {"app": "web", "tier": "front"}
    made = cluster(service("any"), service("front", selector=narrow), service("alone", selector={"job": "x"}))
    behind = {key: {e.pod for e in s.ports[0].endpoints} for key, s in made.services.items()}
    assert behind["default/any"] == behind["default/front"] == {f"default/front-{i}" for i in (1, 2, 3)}
    assert behind["default/alone"] == {f"default/alone-{i}" for i in (1, 2, 3)}


def test_behind_a_service_for_one_pod_of_a_statefulset_is_one() -> None:
    """No two pods have the name that it selects by."""
    assert assumed(cluster(service(selector={"statefulset.kubernetes.io/pod-name": "db-0"}))) == ["default/web-1"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.slug)
def test_no_sample_needs_assumed_pods(sample: Sample) -> None:
    """Each is whole."""
    found = read([Upload(name=sample.file, data=sample.path.read_bytes())])
    assert assumed(build(found, ClusterOptions(assume_pods=3))) == []


def test_an_assumed_pod_takes_no_name_that_is_given() -> None:
    """Neither a pod's nor a ReplicaSet's."""
    other = {**workload({"tier": "db"}), "kind": "ReplicaSet"}
    made = cluster(service(), other)
    assert len(made.pods) == 4
    assert len(made.workload_replicas) == 2
    assert len(assumed(made)) == 3


def test_assumed_pods_have_the_ports_that_targetports_name() -> None:
    """With the number of the Service's port, and that is said."""
    ports = [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 443, "targetPort": 8443}]
    made = cluster(service(ports=ports))
    assert [port.endpoints[0].port for port in made.services["default/web"].ports] == [80, 8443]
    assert any("http is 80" in sentence for sentence in made.assumptions)


@pytest.mark.parametrize(("pods", "nodes", "most"), [(3, 3, 1), (2, 3, 1), (5, 3, 2), (4, 1, 4)])
def test_assumed_pods_are_spread_over_the_nodes(pods: int, nodes: int, most: int) -> None:
    """As the scheduler spreads what a ReplicaSet makes."""
    made = cluster(service(), pods=pods, nodes=nodes)
    counts = Counter(each.node for each in made.pods.values())
    assert sum(counts.values()) == pods
    assert max(counts.values()) == most


def test_assumed_pods_take_no_room_from_given_ones() -> None:
    """The pods that were given are placed as if there were no others."""
    web = workload({"tier": "db"}, name="db", replicas=4)
    without, beside = cluster(web), cluster(service(), web)
    assert {key: each.node for key, each in without.pods.items()}.items() <= {
        key: each.node for key, each in beside.pods.items()
    }.items()


def test_assumed_pods_take_no_room_at_all() -> None:
    """Those that they stand for run somewhere: 150 services need no more nodes, before a failure and after it."""
    full = workload({"tier": "db"}, name="db", replicas=220)
    lonely = [service(f"s{i}", type="ClusterIP", selector={"app": f"a{i}"}) for i in range(150)]
    made = cluster(full, *lonely, pods=3)
    assert all(each.node for each in made.pods.values())
    down = frozenset({Target(kind=FailureKind.NODE, name="node-2")})
    state = state_at(made, Scenario(down=down, at=Moment.RESCHEDULED))
    assert not [key for key, each in state.pods.items() if each.fate is PodFate.PENDING]


def test_an_assumed_pod_is_recreated_and_still_assumed() -> None:
    """As a Deployment's would be: after the eviction one runs on another node."""
    made = cluster(service())
    down = frozenset({Target(kind=FailureKind.NODE, name="node-2")})
    state = state_at(made, Scenario(down=down, at=Moment.RESCHEDULED))
    moved = [each for each in state.pods.values() if each.fate is PodFate.MOVED]
    assert [each.pod.name for each in moved] == ["web-2-new"]
    assert state.is_assumed("default/web-2-new")
    assert outcome(state, "default/web", 0).lb == 1.0


def test_the_document_marks_assumed_pods_and_no_others() -> None:
    """Those of a workload are made, too, but what makes them was given."""
    made = cluster(service(), service("db", selector={"tier": "db"}), workload({"tier": "db"}, name="db"))
    document = simulation_document(made, Scenario())
    marks = {s["name"]: {e["assumed"] for e in s["ports"][0]["endpoints"]} for s in document["services"]}
    assert marks == {"web": {True}, "db": {False}}


LABELS = st.dictionaries(st.sampled_from(["app", "tier", "name"]), st.sampled_from(["web", "wbe", "db"]), max_size=3)


@settings(max_examples=60, deadline=None)
@given(LABELS.filter(bool), LABELS.filter(bool), st.sampled_from(["default", "prod"]))
def test_no_pod_is_assumed_where_a_finding_names_what_is_near(
    selector: dict[str, str], labels: dict[str, str], namespace: str
) -> None:
    """Findings and pictures agree: either the near workload is named, or pods stand in."""
    found = manifests(service(selector=selector), workload(labels, namespace))
    made = build(found, ClusterOptions(assume_pods=1))
    if nearest(selector, "default", Facts(found, made).carriers) is not None:
        assert not made.assumed_workloads


def test_a_large_set_of_services_alone_is_built_in_time() -> None:
    """500 services with 1 pod each: no service is compared with every other."""
    objects = [service(f"s{i}", f"n{i % 7}", type="ClusterIP", selector={"app": f"a{i}"}) for i in range(500)]
    made = cluster(*objects, pods=1, nodes=10)
    assert sum(1 for each in made.pods.values() if each.node) == 500
