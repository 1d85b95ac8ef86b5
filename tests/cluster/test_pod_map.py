"""Pods by key, of which replicas are objects only once somebody asks for them, and the indexes of where they are."""

import pytest

from tests.cluster.given import workload
from webapp.cluster.indexes import PodsOn, ServicesOf
from webapp.cluster.model import Endpoint, Pod, Service, ServicePort, WorkloadRef
from webapp.cluster.pod_map import PodMap, like
from webapp.cluster.pods import PodNames, replicas_together
from webapp.cluster.replicas import PlacedReplicas
from webapp.manifests.objects import PodSpec

LABELS = {"app": "web"}
OWNER = WorkloadRef(kind="Deployment", namespace="default", name="web")
WEB = Pod(namespace="default", name="web-1", labels=LABELS, spec=PodSpec(), owner=OWNER)
REPLICAS = PlacedReplicas(WEB, "default/web-", range(1, 4), ["n1", "n2", None], "0/2 nodes", frozenset({"n2"}))
OTHER = Pod(namespace="default", name="other", spec=PodSpec(), node="n1")


def test_replicas_are_found_by_the_keys_that_their_controller_gives_them() -> None:
    """Numbers that are written otherwise, or aren't there, are no pods."""
    pods = PodMap([OTHER], [REPLICAS])
    assert list(pods) == ["default/other", "default/web-1", "default/web-2", "default/web-3"]
    assert len(pods) == len(list(pods.values())) == 4
    for key in ("default/web-0", "default/web-01", "default/web-4", "default/web-", "default/web", "web-1", ""):
        assert key not in pods
        with pytest.raises(KeyError):
            pods[key]


def test_a_replica_is_made_as_it_was_placed() -> None:
    """Running and ready, running on a node that isn't Ready, or Pending with the reason."""
    pods = PodMap([], [REPLICAS])
    told = [(pod.name, pod.node, pod.phase, pod.ready, pod.pending) for pod in pods.values()]
    assert told == [
        ("web-1", "n1", "Running", True, ""),
        ("web-2", "n2", "Running", False, ""),
        ("web-3", None, "Pending", False, "0/2 nodes"),
    ]
    assert pods["default/web-2"] is pods["default/web-2"]


def test_one_like_a_pod_is_known_without_making_it() -> None:
    """Its spec, labels and owner are those of all replicas."""
    pods = PodMap([OTHER], [REPLICAS])
    assert like(pods, "default/web-3") is WEB
    assert like(pods, "default/other") is OTHER
    assert like(pods, "default/gone") is None


def test_some_of_the_replicas_are_as_they_were() -> None:
    """Without others, on certain nodes only, or moved to another."""
    assert REPLICAS.without({"default/web-2"}).nodes == {"default/web-1": "n1", "default/web-3": None}
    assert REPLICAS.on({"n2"}).keys == ["default/web-2"]
    assert REPLICAS.moved({"default/web-3": "n2"}).nodes["default/web-3"] == "n2"
    assert REPLICAS.without({"default/web-2"}).made("default/web-3").pending == "0/2 nodes"


@pytest.mark.parametrize("taken", ["default/web-2", "default/web-02", "default/web-4", "default/web"])
def test_replicas_are_together_only_if_none_of_their_names_is_taken(taken: str) -> None:
    """Else each gets a name of its own."""
    names = PodNames({taken})
    together = replicas_together(
        workload("Deployment", {"replicas": 3, "template": {}}, name="web", namespace="default"), names
    )
    assert (together is None) == (taken == "default/web-2")
    assert names.name("default", "web-3", "ReplicaSet") == ("web-3" if together is None else "web-3-replicaset")


def test_pods_on_nodes_are_the_same_asked_one_by_one_or_all_at_once() -> None:
    """The first nodes are looked for, then an index is made."""
    keys = [f"default/many-{n}" for n in range(1, 41)]
    many = PlacedReplicas(WEB, "default/many-", range(1, 41), [f"n{n % 20}" for n in range(40)], "", frozenset())
    found, every = PodsOn(PodMap([OTHER], [many])), dict(PodsOn(PodMap([OTHER], [many])))
    assert {node: found[node] for node in every} == every
    assert every["n1"] == (keys[1], keys[21], "default/other")
    assert found.get("gone", ()) == ()


def test_services_of_a_pod_are_those_that_have_an_endpoint_in_it() -> None:
    """By label, or because somebody wrote so; not those that select it and list something else."""

    def service(name: str, *pods: str, selector: dict[str, str] | None = None) -> Service:
        port = ServicePort(port=80, target_port=80, endpoints=tuple(Endpoint(pod=pod, port=80) for pod in pods))
        return Service(namespace="default", name=name, selector=selector or {}, ports=(port,))

    every = [
        service("by-label", "default/web-1", selector=LABELS),
        service("empty", selector=LABELS),
        service("written", "default/web-1", "default/unknown"),
    ]
    found = ServicesOf({its.key: its for its in every}, PodMap([], [REPLICAS]), ["default/written"])
    assert dict(found) == {
        "default/web-1": ("default/by-label", "default/written"),
        "default/unknown": ("default/written",),
    }
    assert "default/web-2" not in found
