"""The states of a failure's pods, made when somebody asks, are those of pods that were objects from the start."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.benchmarks.generate import cluster, text
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.pod_map import PodMap, runs_of
from webapp.cluster.replicas import PlacedReplicas
from webapp.failure import PodFate, Scenario, state_at
from webapp.failure.drain import drain
from webapp.failure.recovery import rescheduled
from webapp.failure.state import PodStates, count_fates, with_fate
from webapp.failure.words import decode
from webapp.manifests import Upload, read


@pytest.fixture(scope="module")
def replicas() -> Cluster:
    """Return a cluster whose pods are replicas that nobody has made objects of."""
    made = build(read([Upload(name="cluster.yaml", data=text(cluster(12, 20, 5)))]))
    assert isinstance(made.pods, PodMap)
    return made


def asked(of: Cluster, *words: str) -> Scenario:
    """Return what happens once everything has its place again."""
    return decode([*(("down", word) for word in words), ("at", "rescheduled")], of)


@pytest.mark.parametrize(
    "words",
    [
        ("node/worker-3",),
        ("zone/eu-1a",),
        ("node/worker-3", "pod/team-1/app-1-1"),
        ("returned/worker-4",),
        ("node/worker-3", "returned/worker-4"),
    ],
)
def test_replicas_come_to_the_same_as_single_pods(replicas: Cluster, words: tuple[str, ...]) -> None:
    """Each pod's state, the order of all, and the endpoints of each service."""
    single = replace(replicas, pods=dict(replicas.pods))
    one, other = (state_at(of, asked(of, *words)) for of in (replicas, single))
    assert list(one.pods.items()) == list(other.pods.items())
    assert (dict(one.changed_endpoints), one.notes) == (dict(other.changed_endpoints), other.notes)


def test_replicas_that_are_back_take_their_room_once() -> None:
    """Some of them tolerate the loss of a node that stays down, the others are back with theirs, where a pod fits."""
    small = "status: {allocatable: {cpu: 500m, memory: 8Gi, pods: '110'}}"
    large = "status: {allocatable: {cpu: '8', memory: 8Gi, pods: '110'}}"
    texts = [
        *(
            f"{{kind: Node, apiVersion: v1, metadata: {{name: n{n}}}, {large if n < 3 else small}}}"
            for n in range(1, 7)
        ),
        """
kind: Deployment
apiVersion: apps/v1
metadata: {name: web}
spec:
  replicas: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{operator: Exists}]
      containers: [{name: c, image: i, resources: {requests: {cpu: '1'}}}]""",
        """
kind: Pod
apiVersion: v1
metadata:
  name: solo-7d4b9c6f5d-abcde
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: solo-7d4b9c6f5d, uid: u1, controller: true}]
spec: {nodeName: n1, containers: [{name: c, image: i, resources: {requests: {cpu: '3'}}}]}""",
    ]
    here = build(read([Upload(name="c.yaml", data="\n---\n".join(texts).encode())]))
    assert Counter(node for run in runs_of(here.pods) if isinstance(run, PlacedReplicas) for node in run.places) == {
        "n1": 1,
        "n2": 4,
    }
    new = rescheduled(here, {"n1"}, returned_nodes={"n2"}).pods["default/solo-7d4b9c6f5d-abcde-new"]
    assert (new.fate, new.pod.node) == (PodFate.MOVED, "n2")


@pytest.mark.parametrize("word", ["node/worker-3", "zone/eu-1a", "pod/team-1/app-1-1"])
def test_endpoints_change_where_a_service_has_a_changed_pod(replicas: Cluster, word: str) -> None:
    """Which services these are is the same whether it is asked pod by pod, service by service or for all at once."""
    state = state_at(replicas, asked(replicas, word))
    pods = state.pods.keys() | {each.replaces for each in state.pods.values() if each.replaces}
    by_pod = {(name, 0) for pod in pods for name in replicas.services_of.get(pod, ())}
    assert {(name, 0) for name in replicas.services if (name, 0) in state.changed_endpoints} == by_pod
    assert set(state.changed_endpoints) == by_pod
    assert len(state.changed_endpoints) == len(by_pod) > 0
    assert ("team-1/no-such", 0) not in state.changed_endpoints


def test_fates_are_told_without_the_states(replicas: Cluster) -> None:
    """A page counts 50,000 pods, and shows some of them."""
    pods = state_at(replicas, asked(replicas, "zone/eu-1a")).pods
    assert isinstance(pods, PodStates)
    assert count_fates(pods) == count_fates(dict(pods))
    assert with_fate(pods, {PodFate.MOVED}) == with_fate(dict(pods), {PodFate.MOVED}) != []


def test_a_drain_is_worked_out_once(replicas: Cluster) -> None:
    """A page asks for it at several times; only the latest is kept."""
    first = drain(replicas, ("worker-1",))
    assert drain(replicas, ("worker-1",)) is first
    assert drain(replicas, ("worker-1", "worker-2")) is not first
    assert drain(replicas, ("worker-1",)) == first


def test_the_last_node_is_seen_while_its_pods_terminate(replicas: Cluster) -> None:
    """The pods of the nodes before it have moved; its own still serve, and what replaces them starts."""
    both, one = drain(replicas, ("worker-1", "worker-2")), drain(replicas, ("worker-1",))
    there = {key: both.evicting.pods[key] for key in replicas.pods_on["worker-2"]}
    assert all(state.pod.terminating and key not in both.evicting.gone for key, state in there.items())
    assert {key: both.evicting.pods[key] for key in one.drained.pods} == dict(one.drained.pods)
    assert both.evicting.gone == one.drained.gone
