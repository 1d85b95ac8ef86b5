"""Patches merge as kubectl merges them, and say what is wrong with them in the words of reading."""

from typing import Any

import pytest

from tests.cluster.given import pod, service, workload
from webapp.manifests.manifests import KINDS
from webapp.manifests.patching import added, patched

WEB = service({"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80, "nodePort": 30080}]})
CONTAINERS = [
    {"name": "web", "ports": [{"containerPort": 80, "name": "http"}], "readinessProbe": {"exec": {"command": ["a"]}}},
    {"name": "log"},
]
POD = pod({"containers": CONTAINERS, "nodeSelector": {"disk": "ssd", "arch": "arm"}})
DEPLOYMENT = workload("Deployment", {"replicas": 2, "template": {"spec": {"containers": [{"name": "web"}]}}})


def changed(given: Any, content: dict[str, Any]) -> Any:
    """Return the object with a patch that has nothing wrong."""
    decoded = patched(given, KINDS[given.kind], content)
    assert decoded.faults == ()
    return decoded.record


def told(given: Any, content: dict[str, Any]) -> str:
    """Return what is wrong with a patch."""
    decoded = patched(given, KINDS[given.kind], content)
    return " ".join(fault.message for fault in decoded.faults)


def test_maps_merge_and_null_takes_away() -> None:
    """Key by key; the rest stays."""
    spec = changed(POD, {"spec": {"nodeSelector": {"disk": None, "zone": "a"}}}).spec
    assert spec.node_selector == {"arch": "arm", "zone": "a"}
    assert changed(POD, {"spec": {"nodeSelector": None}}).spec.node_selector == {}


def test_lists_merge_by_their_key_or_are_replaced() -> None:
    """Containers by name, their ports by number; tolerations as a whole."""
    content = {"containers": [{"name": "web", "ports": [{"containerPort": 81}]}, {"name": "new", "image": "x"}]}
    spec = changed(POD, {"spec": content}).spec
    assert [container.name for container in spec.containers] == ["web", "log", "new"]
    assert [port.container_port for port in spec.containers[0].ports] == [80, 81]
    assert spec.containers[0].readiness_probe == POD.spec.containers[0].readiness_probe
    gone = changed(POD, {"spec": {"containers": [{"name": "log", "$patch": "delete"}]}}).spec
    assert [container.name for container in gone.containers] == ["web"]
    tolerant = changed(POD, {"spec": {"tolerations": [{"key": "a"}]}})
    assert changed(tolerant, {"spec": {"tolerations": [{"key": "b"}]}}).spec.tolerations[0].key == "b"


def test_a_probe_keeps_how_it_asks_until_that_is_taken_away() -> None:
    """Two ways at once are for the API server to reject."""

    def asks(probe: dict[str, Any]) -> tuple[str, ...]:
        spec = changed(POD, {"spec": {"containers": [{"name": "web", "readinessProbe": probe}]}}).spec
        return spec.containers[0].readiness_probe.handlers

    assert asks({"periodSeconds": 1}) == ("exec",)
    assert asks({"httpGet": {"port": 80}}) == ("exec", "httpGet")
    assert asks({"httpGet": {"port": 80}, "exec": None}) == ("httpGet",)


def test_a_container_keeps_that_it_has_an_image() -> None:
    """A patch of its ports doesn't name it, and need not."""
    (container, *_) = changed(POD, {"spec": {"containers": [{"name": "web", "ports": []}]}}).spec.containers
    assert not container.image_missing


@pytest.mark.parametrize(
    ("given", "content", "says"),
    [
        pytest.param(DEPLOYMENT, {"spec": {"replicas": "2"}}, "must be a number", id="a wrong type"),
        pytest.param(DEPLOYMENT, {"spec": {"replica": 2}}, "replica", id="an unknown field"),
        pytest.param(DEPLOYMENT, {"spec": [1]}, "must be a map", id="a list in place of a map"),
        pytest.param(DEPLOYMENT, {"metadata": {"name": "b"}}, "can't change metadata.name", id="another name"),
        pytest.param(DEPLOYMENT, {"kind": "Service"}, "kind of a patch", id="another kind"),
        pytest.param(WEB, {"spec": {"ports": [{"nodePort": 1}]}}, "needs port", id="an item without its key"),
        pytest.param(WEB, {"spec": {"ports": [1]}}, "needs port", id="an item that is no map"),
        pytest.param(workload("CronJob", {}), {"spec": {}}, "CronJob", id="a kind with another shape"),
        pytest.param(
            workload("ReplicationController", {}), {"spec": {"selector": {}}}, "spec.selector", id="another selector"
        ),
    ],
)
def test_what_is_wrong_with_a_patch_is_said_and_nothing_changes(given: Any, content: dict[str, Any], says: str) -> None:
    """With the path of the field."""
    assert says in told(given, content)


def test_an_object_to_add_is_read_as_from_a_file() -> None:
    """Faults included."""
    spec = {"selector": {"matchLabels": {"app": "web"}}, "maxUnavailable": 1}
    content = {"metadata": {"name": "web", "namespace": "shop"}, "spec": spec}
    decoded = added(KINDS["PodDisruptionBudget"], content)
    assert (decoded.record.metadata.key, decoded.record.spec.max_unavailable, decoded.faults) == ("shop/web", 1, ())
    wrong = added(KINDS["PodDisruptionBudget"], {**content, "spec": {"selector": 1}})
    assert wrong.faults


def test_the_order_in_which_labels_came_does_not_show() -> None:
    """As in what the API server returns."""
    twice = changed(changed(WEB, {"spec": {"selector": {"tier": "b"}}}), {"spec": {"selector": {"a": "c"}}})
    assert list(twice.spec.selector) == ["a", "app", "tier"]
