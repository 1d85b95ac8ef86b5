"""An edit of the address is the same edit made in the manifest: patches, cordons, taints, moved pods."""

import copy
import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.test_edits import DUMP
from tests.findings import remedies
from tests.findings.given import Doc, container, healthy, workload
from tests.findings.remedies import mended, merged
from tests.findings.test_rules import SPEAKING
from webapp.cluster.build import build
from webapp.cluster.edits import edited
from webapp.cluster.model import Cluster, Pod
from webapp.cluster.options import ClusterOptions, Edits
from webapp.failure import Moment, Scenario, Target
from webapp.failure.edit_words import check_edits, check_edits_in, decode_edits, patch_text
from webapp.failure.kinds import FailureKind
from webapp.failure.word_values import ScenarioError
from webapp.manifests import Upload, read
from webapp.manifests.manifests import Manifests
from webapp.simulation.document import simulation_document

NAMES = ("node-1", "node-2", "node-3")


def manifests_of(docs: list[Doc]) -> Manifests:
    """Return what reading makes of the objects."""
    return read([Upload("all.yaml", yaml.dump_all(docs, Dumper=yaml.CSafeDumper).encode(), picked=True)])


def built(docs: list[Doc], **edits: Any) -> Cluster:
    """Return the cluster of the objects, with edits."""
    return build(manifests_of(docs), ClusterOptions(edits=Edits(**edits)))


def documents(cluster: Cluster) -> list[Any]:
    """Return what clients get: before anything, and at each moment of the loss of a node; without what was read."""
    losses = [
        Scenario(down=frozenset({Target(kind=FailureKind.NODE, name=cluster_node)}), at=at)
        for cluster_node in list(cluster.nodes)[:2]
        for at in (Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED)
    ]
    found = [simulation_document(cluster, scenario) for scenario in (Scenario(at=Moment.BEFORE), *losses)]
    compared = [{key: value for key, value in document.items() if key != "problems"} for document in found]
    return json.loads(re.sub(r"all\.yaml:\d+", "all.yaml", json.dumps(compared)))  # type: ignore[no-any-return]


def word_of(doc: Doc) -> str:
    """Return ``KIND/NAMESPACE/NAME``."""
    meta = doc["metadata"]
    return "/".join(filter(None, (doc["kind"], meta.get("namespace"), meta["name"])))


def as_patch(remedy: Doc, docs: list[Doc]) -> tuple[str, str]:
    """Return the patch of a remedy: without its head, unless it is an object to add."""
    known = {word_of(doc) for doc in docs}
    return word_of(remedy), patch_text(
        {k: v for k, v in remedy.items() if word_of(remedy) not in known or k not in ("kind", "apiVersion")}
    )


SPREAD = {
    "maxSkew": 1,
    "topologyKey": "topology.kubernetes.io/zone",
    "whenUnsatisfiable": "ScheduleAnyway",
    "labelSelector": {"matchLabels": {"app": "web"}},
}
POD_SPECS = st.fixed_dictionaries(
    {},
    optional={
        "topologySpreadConstraints": st.sampled_from([[SPREAD], [{**SPREAD, "maxSkew": 2}], [], None]),
        "nodeSelector": st.sampled_from([{"kubernetes.io/hostname": "node-2"}, {"topology.kubernetes.io/zone": "b"}]),
        "containers": st.sampled_from(
            [
                [{"name": "web", "readinessProbe": None}],
                [{"name": "web", "readinessProbe": {"httpGet": {"port": 8080}, "periodSeconds": 3}}],
                [{"name": "web", "ports": [{"containerPort": 8080, "name": "web"}]}],
                [{"name": "other", "image": "busybox", "resources": {"requests": {"cpu": "1"}}}],
                [{"name": "web", "resources": {"requests": {"cpu": "3"}}}],
            ]
        ),
        "tolerations": st.sampled_from([[{"operator": "Exists"}], []]),
        "terminationGracePeriodSeconds": st.sampled_from([5, None]),
        "hostNetwork": st.booleans(),
    },
)
WORKLOAD_PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "replicas": st.sampled_from([0, 1, 2, 4, None]),
        "template": st.fixed_dictionaries(
            {}, optional={"spec": POD_SPECS, "metadata": st.just({"labels": {"tier": "front"}})}
        ),
    },
)
SERVICE_PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "externalTrafficPolicy": st.sampled_from(["Local", "Cluster", None]),
        "internalTrafficPolicy": st.sampled_from(["Local", None]),
        "selector": st.sampled_from([{"app": "web"}, {"app": "none"}, {"app": None, "tier": "front"}]),
        "type": st.sampled_from(["NodePort", "LoadBalancer"]),
        "publishNotReadyAddresses": st.booleans(),
        "ports": st.sampled_from(
            [
                [{"port": 80, "targetPort": 8080}],
                [{"port": 80, "name": "a"}, {"port": 81, "name": "b", "targetPort": 8080}],
                [{"port": 80, "nodePort": None}],
            ]
        ),
    },
)
NODE_PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "unschedulable": st.booleans(),
        "taints": st.sampled_from([[{"key": "a", "effect": "NoSchedule"}], []]),
    },
)
PATCHES = st.one_of(
    WORKLOAD_PATCHES.map(lambda spec: ("Deployment/shop/web", {"spec": spec})),
    SERVICE_PATCHES.map(lambda spec: ("Service/shop/web", {"spec": spec})),
    NODE_PATCHES.map(lambda spec: ("Node/node-2", {"spec": spec})),
    st.sampled_from([({"disk": "ssd"}), ({"topology.kubernetes.io/zone": "c"})]).map(
        lambda labels: ("Node/node-1", {"metadata": {"labels": labels}})
    ),
)
SETS = [healthy(), healthy(workload(replicas=3, topologySpreadConstraints=[])), healthy(workload(kind="StatefulSet"))]


@settings(max_examples=80, deadline=None)
@given(docs=st.sampled_from(SETS[:2]), patches=st.lists(PATCHES, min_size=1, max_size=3))
def test_a_patch_of_the_address_is_the_patch_made_in_the_manifest(
    docs: list[Doc], patches: list[tuple[str, dict[str, Any]]]
) -> None:
    """Merged as kubectl does, one after the other; with the same clusters and the same answers."""
    by_hand = docs
    for word, content in patches:
        by_hand = [merged(doc, content) if word_of(doc) == word else doc for doc in by_hand]
    edits = tuple((word, patch_text(content)) for word, content in patches)
    assert documents(built(docs, patches=edits)) == documents(built(by_hand))


def test_every_remedy_applied_by_the_address_is_the_remedy_applied_by_hand() -> None:
    """So that "Try this fix" shows what the patch below it does."""
    tried = 0
    for id_, docs in (case.values for case in SPEAKING):
        told = [finding for finding in remedies.built(docs)[0] if finding.id == id_ and finding.remedy]
        for finding in told[:1]:
            remedy = yaml.load(finding.remedy, yaml.CSafeLoader)  # noqa: TID251
            known = decode_edits([("patch", ":".join(as_patch(remedy, docs)))])
            check_edits(known, manifests_of(docs))
            after = build(manifests_of(docs), ClusterOptions(edits=known))
            assert documents(after) == documents(built(mended(docs, remedy))), finding.id
            tried += 1
    assert tried > 10


def test_a_patch_of_a_dump_recreates_the_pods_of_its_template() -> None:
    """Without what its EndpointSlices said; other workloads keep theirs."""
    manifests = read([Upload("web.yaml", DUMP.encode())])
    spec = {"template": {"spec": {"nodeSelector": {"kubernetes.io/hostname": "worker-1"}}}}
    edits = Edits(patches=(("Deployment/default/web", patch_text({"spec": spec})),))
    cluster = build(manifests, ClusterOptions(edits=edits))
    assert sorted(cluster.pods) == ["default/web-1", "default/web-2", "default/web-3"]
    assert {endpoint.node for endpoint in cluster.services["default/web"].ports[0].endpoints} == {"worker-1"}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_patch_of_replicas_is_the_same_as_the_word_for_them(count: int) -> None:
    """In a dump as well, where a controller takes pods away or adds some."""
    manifests = read([Upload("web.yaml", DUMP.encode())])
    by_word = Edits(replicas=(("Deployment/default/web", count),))
    by_patch = Edits(patches=(("Deployment/default/web", patch_text({"spec": {"replicas": count}})),))
    clusters = [build(manifests, ClusterOptions(edits=edits)) for edits in (by_word, by_patch)]
    assert documents(clusters[0]) == documents(clusters[1])
    assert dict(clusters[0].pods) == dict(clusters[1].pods)


@pytest.mark.parametrize("docs", SETS, ids=["two replicas", "three, not spread", "a StatefulSet"])
@pytest.mark.parametrize(
    ("edits", "spec"),
    [
        pytest.param({"cordons": ("node-1",)}, {"unschedulable": True}, id="a cordon"),
        pytest.param(
            {"taints": (("node-1", "a=b:NoSchedule"),)},
            {"taints": [{"key": "a", "value": "b", "effect": "NoSchedule"}]},
            id="a taint",
        ),
        pytest.param(
            {"taints": (("node-1", "a:PreferNoSchedule"),), "cordons": ("node-1",)},
            {"taints": [{"key": "a", "effect": "PreferNoSchedule"}], "unschedulable": True},
            id="both",
        ),
    ],
)
def test_a_node_cordoned_or_tainted_by_the_address_is_so_in_the_manifest(
    docs: list[Doc], edits: dict[str, Any], spec: dict[str, Any]
) -> None:
    """Pods that nobody has placed go elsewhere."""
    by_hand = [merged(doc, {"spec": spec}) if word_of(doc) == "Node/node-1" else doc for doc in docs]
    assert documents(built(docs, **edits)) == documents(built(by_hand))
    assert built(docs, **edits).nodes == built(by_hand).nodes


@settings(max_examples=30, deadline=None)
@given(
    docs=st.sampled_from(SETS),
    gone=st.sets(st.sampled_from(NAMES), min_size=1, max_size=2),
    cordoned=st.sets(st.sampled_from(NAMES), max_size=1),
)
def test_a_deleted_node_is_one_that_the_manifests_lack(docs: list[Doc], gone: set[str], cordoned: set[str]) -> None:
    """With the same clusters and the same answers, beside other edits as well."""
    kept = [doc for doc in docs if not (doc["kind"] == "Node" and doc["metadata"]["name"] in gone)]
    cordons = tuple(sorted(cordoned - gone))
    assert documents(built(docs, deleted_nodes=tuple(sorted(gone)), cordons=cordons)) == documents(
        built(kept, cordons=cordons)
    )


DUMPED = """
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: default, labels: {app: web}%s}
spec: {nodeName: worker-2, containers: [{name: web, image: nginx}]}
status: {phase: %s, podIP: 10.0.0.99, conditions: [{type: Ready, status: "True"}]}
---"""


def test_what_a_deleted_node_carried_is_made_again_elsewhere_or_gone() -> None:
    """By its controller; a DaemonSet's pod, a static, a bare and a finished one go with their node."""
    owned = ", ownerReferences: [{apiVersion: %s, kind: %s, name: %s, uid: x, controller: true}]"
    others = (
        DUMPED % ("agent", owned % ("apps/v1", "DaemonSet", "agent"), "Running")
        + DUMPED % ("static", owned % ("v1", "Node", "worker-2"), "Running")
        + DUMPED % ("bare", "", "Running")
        + DUMPED % ("done", owned % ("batch/v1", "Job", "done"), "Succeeded")
        + DUMPED % ("job", owned % ("batch/v1", "Job", "job"), "Running")
    )
    manifests = read([Upload("web.yaml", (others + DUMP).encode())])
    before = build(manifests)
    cluster = build(manifests, ClusterOptions(edits=Edits(deleted_nodes=("worker-2",))))
    assert "worker-2" in before.nodes
    assert "worker-2" not in cluster.nodes
    assert before.pods.keys() - cluster.pods.keys() == {f"default/{n}" for n in ("agent", "static", "bare", "done")}
    assert all(pod.node in cluster.nodes for pod in cluster.pods.values())
    assert all(e.node in cluster.nodes for its in cluster.services.values() for p in its.ports for e in p.endpoints)


def test_an_added_node_takes_new_pods() -> None:
    """Beside given ones, and beside those that only pods name."""
    given_, named = (
        healthy(workload(replicas=3, topologySpreadConstraints=[])),
        [doc for doc in healthy() if doc["kind"] == "Service"],
    )
    cluster = built(given_, added_nodes=("extra",), cordons=NAMES)
    assert {pod.node for pod in cluster.pods.values()} == {"extra"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}, "spec": {"nodeName": "x"}}
    pod["spec"]["containers"] = container()  # type: ignore[index]
    cluster = built([*named, pod, workload(replicas=4, topologySpreadConstraints=[])], added_nodes=("extra",))
    assert cluster.nodes.keys() == {"x", "extra"}
    assert {pod.node for pod in cluster.pods.values()} == {"x", "extra"}
    assert not cluster.nodes["extra"].internal_ips


def test_assumed_nodes_can_be_cordoned() -> None:
    """Though no manifest has them."""
    cluster = built(healthy(without="Node"), cordons=("node-1",))
    assert cluster.nodes["node-1"].unschedulable
    assert "node-1" not in {pod.node for pod in cluster.pods.values()}


@settings(max_examples=40, deadline=None)
@given(data=st.data(), docs=st.sampled_from([*SETS, healthy(without="Node")]))
def test_a_moved_pod_is_on_its_node_and_all_others_are_where_they_were(data: st.DataObject, docs: list[Doc]) -> None:
    """The same as a dump of the cluster in which that pod names another node."""
    before = built(docs)
    pod, name = data.draw(st.sampled_from(sorted(before.pods))), data.draw(st.sampled_from(NAMES))
    after = built(docs, moves=((pod, name),))
    places = {key: each.node for key, each in before.pods.items()} | {pod: name}
    assert {key: each.node for key, each in after.pods.items()} == places
    assert {e.pod: e.node for e in after.services["shop/web"].ports[0].endpoints} == places
    if not any(doc["kind"] == "Node" for doc in docs):
        return  # the nodes of such a dump would be those that its pods name
    dumped = [*docs, *(_dumped(each, places[each.key]) for each in before.pods.values())]
    told = documents(after)[0]["services"]
    assert [_shares(each) for each in documents(built(dumped))[0]["services"]] == [_shares(each) for each in told]


def _dumped(pod: Pod, node_name: str | None) -> Doc:
    owner = {"apiVersion": "apps/v1", "kind": pod.owner.kind, "name": pod.owner.name, "controller": True}
    meta = {"name": pod.name, "namespace": pod.namespace, "labels": dict(pod.labels), "ownerReferences": [owner]}
    spec = {"nodeName": node_name, "containers": container()}
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "podIP": "10.1.0.1"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def _shares(document: dict[str, Any]) -> Any:
    return [
        (port["answered"], [(e["node"], e["answered"], e["outcome"]) for e in port["entries"]])
        for port in document["ports"]
    ]


def test_a_pod_of_a_dump_can_be_moved() -> None:
    """What its EndpointSlice says of it no longer counts."""
    manifests = read([Upload("web.yaml", DUMP.encode())])
    cluster = build(manifests, ClusterOptions(edits=Edits(moves=(("default/web-5f-1", "worker-3"),))))
    assert [endpoint.node for endpoint in cluster.services["default/web"].ports[0].endpoints] == [
        "worker-3",
        "worker-2",
        "worker-3",
    ]


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        pytest.param(("patch", "Deployment/shop/web"), "patch is KIND/NAMESPACE/NAME:JSON", id="no JSON"),
        pytest.param(("patch", "Deployment/shop/web:[1]"), "not a JSON object", id="a list"),
        pytest.param(("patch", "Deployment/shop/web:" + "[" * 5000), "not a JSON object", id="much too deep"),
        pytest.param(("patch", 'Deployment/shop/web:{"spec":{"replicas":"two"}}'), "must be a number", id="a type"),
        pytest.param(("patch", 'Deployment/shop/web:{"spec":{"replica":2}}'), "replica", id="an unknown field"),
        pytest.param(("patch", 'Deployment/shop/wbe:{"spec":{"replicas":2}}'), "There is no", id="no such object"),
        pytest.param(("patch", 'Secret/shop/web:{"data":{}}'), "A patch is for one of", id="a kind that is not read"),
        pytest.param(("patch", 'Service/web:{"spec":{}}'), "A patch is for one of", id="no namespace"),
        pytest.param(("patch", 'Service/shop/web:{"metadata":{"name":"other"}}'), "can't change", id="another name"),
        pytest.param(("patch", 'Service/shop/web:{"spec":{"ports":[{"nodePort":30081}]}}'), "needs port", id="no key"),
        pytest.param(("move", "shop/web-1"), "NAMESPACE/POD:NODE", id="a move to nowhere"),
        pytest.param(("move", "shop/web-9:node-1"), "no pod", id="no such pod"),
        pytest.param(("move", "shop/web-1:node-9"), "no node", id="a move to no node"),
        pytest.param(("cordon", "node-9"), "no node", id="a cordon of no node"),
        pytest.param(("taint", "node-9:a:NoSchedule"), "no node", id="a taint of no node"),
        pytest.param(("taint", "node-1:a"), "taint is", id="a taint without effect"),
        pytest.param(("taint", "node-1:a:NoExecute"), "drain it", id="a taint that evicts"),
        pytest.param(("delete-node", "node-9"), "no node", id="no such node to delete"),
        pytest.param(("delete-node", "Node 1"), "name of a node", id="no name of a node"),
        pytest.param(("add-node", "node-1"), "already", id="a node that is there"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_the_reason(pair: tuple[str, str], says: str) -> None:
    """On the page, the command line and in the API alike."""
    manifests = manifests_of(healthy())
    with pytest.raises(ScenarioError, match=says):
        _decoded(manifests, [pair])


@pytest.mark.parametrize(
    ("docs", "pairs", "says"),
    [
        pytest.param(healthy(), [("delete-node", name) for name in NAMES], "no other node is there", id="all of them"),
        pytest.param(
            healthy(workload(nodeName="node-2")), [("delete-node", "node-2")], "1 workload still name", id="named"
        ),
        pytest.param(healthy(without="Node"), [("delete-node", "node-1")], "say how many", id="counted nodes"),
        pytest.param(healthy(without="Node"), [("add-node", "node-4")], "say how many", id="one more of them"),
    ],
)
def test_a_node_that_must_stay_or_is_counted_says_so(docs: list[Doc], pairs: list[tuple[str, str]], says: str) -> None:
    """Instead of another set of nodes than was asked for."""
    with pytest.raises(ScenarioError, match=says):
        _decoded(manifests_of(docs), pairs)


def _decoded(manifests: Manifests, pairs: list[tuple[str, str]]) -> Edits:
    edits = decode_edits(pairs)
    check_edits(edits, manifests)
    check_edits_in(build(manifests, ClusterOptions(edits=edits)), pairs)
    return edits


def test_a_patch_may_add_an_object_and_the_next_change_it() -> None:
    """An object that is new says its apiVersion, so that a mistyped name is not taken for one."""
    own = {"apiVersion": "policy/v1", "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
    pairs = [
        ("patch", f"PodDisruptionBudget/shop/new:{json.dumps(own)}"),
        ("patch", 'PodDisruptionBudget/shop/new:{"spec":{"maxUnavailable":0}}'),
    ]
    edits = _decoded(manifests_of(healthy()), pairs)
    budgets = built(healthy(), patches=edits.patches).pod_disruption_budgets
    assert [(b.metadata.name, b.spec.max_unavailable) for b in budgets] == [("web", 1), ("new", 0)]


def test_a_patch_keeps_where_the_object_was_read() -> None:
    """Findings point into the file all the same, and nothing that is not kept gets lost by it."""
    manifests = manifests_of(healthy())
    patch = ("Deployment/shop/web", patch_text({"spec": {"replicas": 2}}))
    changed = edited(manifests, Edits(patches=(patch,)))
    assert changed == replace(manifests, workloads=changed.workloads)
    assert changed.workloads == manifests.workloads


LEAVES = st.sampled_from(
    [
        None,
        True,
        -1,
        1.5,
        10**12,
        "",
        "8080",
        [],
        [None],
        [{}],
        [[1]],
        {},
        {"name": "web"},
        [{"name": {}}],
        [{"port": "a"}],
    ]
)


@settings(max_examples=80, deadline=None)
@given(patch=PATCHES, leaf=LEAVES, chooses=st.randoms(use_true_random=False))
def test_whatever_a_patch_holds_is_applied_or_refused(
    patch: tuple[str, dict[str, Any]], leaf: Any, chooses: random.Random
) -> None:
    """Somebody may have written it into an address."""
    word, content = patch[0], copy.deepcopy(patch[1])
    at = chooses.choice([place for place in _places(content) if place])
    inside: Any = content
    for key in at[:-1]:
        inside = inside[key]
    inside[at[-1]] = leaf
    try:
        edits = _decoded(manifests_of(healthy()), [("patch", f"{word}:{json.dumps(content)}")])
    except ScenarioError:
        return
    documents(built(healthy(), patches=edits.patches))


def _places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(content, dict | list):
        for key, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield from _places(value, (*path, key))
