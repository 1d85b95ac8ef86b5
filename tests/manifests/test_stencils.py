"""Objects of the same shape as others come out as if each of them had been decoded."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from webapp.manifests import Manifests, Upload, documents, object_decoder, read
from webapp.manifests.stencils import repeated

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "labels": {"app": "web"},
        "annotations": {"service.kubernetes.io/topology-mode": "Auto", "note": "x"},
        "uid": "1",
    },
    "spec": {
        "type": "NodePort",
        "selector": {"app": "web"},
        "clusterIPs": ["10.0.0.1"],
        "ports": [{"name": "http", "port": 80, "targetPort": "http", "nodePort": 30080}, {"port": 81}],
        "publishNotReadyAddresses": True,
    },
}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {
                        "name": "main",
                        "image": "web:1",
                        "env": [{"name": "A", "value": "1"}],
                        "resources": {"requests": {"cpu": "100m", "memory": 1024}},
                        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
                    }
                ]
            },
        },
    },
}
NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "worker-1", "labels": {"topology.kubernetes.io/zone": "a"}},
    "spec": {"podCIDR": "10.0.1.0/24", "podCIDRs": ["10.0.1.0/24"], "unschedulable": False},
    "status": {
        "addresses": [{"type": "InternalIP", "address": "192.168.1.1"}],
        "allocatable": {"cpu": "4", "memory": "16Gi", "pods": 110},
        "conditions": [{"type": "Ready", "status": "True"}],
    },
}
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "b"}}

ODD: tuple[Any, ...] = (
    "", "0", "true", "null", "é", "a\nb", 'say "x"', "\\", "{{ .Values.x }}", "1000003", "10000019", "12Ki!", "Service",
    "Deploymnt", "apps/v1beta1", "v1", 0, -1, 1, 80, 2**31,
    2**40, 1.5, True, False, None, "x" * 70, [], {}, ["a"], {"a": "b"},
)  # fmt: skip
"""Values that some field or other doesn't take, or takes in another way."""


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where the scalars are."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    inside = [place for key, value in entries for place in places(value, (*path, key))]
    return inside or [path]


def with_value(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy with another value in one place."""
    copy = deepcopy(data)
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """Return one of the objects with some other scalars, ordinary or odd."""
    data = draw(st.sampled_from([SERVICE, DEPLOYMENT, NODE, CONFIG]))
    ordinary = st.sampled_from(["api", "web-2", "http", "30Mi", "v1", 8080, 30081, 7])
    for path in draw(st.lists(st.sampled_from(places(data)), max_size=3)):
        data = with_value(data, path, draw(ordinary | st.sampled_from(ODD)))
    return data


def as_json_list(objects: list[Any]) -> Upload:
    """Return them as `kubectl get -o json` prints them."""
    text = json.dumps({"apiVersion": "v1", "items": objects, "kind": "List"}, indent=4, ensure_ascii=False)
    return Upload("x.json", text.encode())


def as_yaml_list(objects: list[Any]) -> Upload:
    """Return them as `kubectl get -o yaml` prints them."""
    return Upload("x.yaml", dumped({"apiVersion": "v1", "items": objects, "kind": "List"}).encode())


def as_yaml_documents(objects: list[Any]) -> Upload:
    """Return them as `helm template` prints them."""
    return Upload("x.yaml", "---\n".join(map(dumped, objects)).encode())


def dumped(data: Any) -> str:
    """Return YAML without aliases."""
    text: str = yaml.dump(json.loads(json.dumps(data)), Dumper=yaml.CSafeDumper, allow_unicode=True)
    return text


WRITERS = (as_json_list, as_yaml_list, as_yaml_documents)


def one_by_one(upload: Upload) -> Manifests:
    """Return the objects, each of them decoded."""
    with patch.object(documents, "repeated", return_value=None):
        return read([upload])


@pytest.mark.parametrize("written", WRITERS)
@given(objects=st.lists(changed(), min_size=1, max_size=4), repeats=st.integers(3, 5))
def test_repeated_objects_are_those_that_decoding_each_gives(
    written: Callable[[list[Any]], Upload], objects: list[Any], repeats: int
) -> None:
    """Fields, lines and problems, whatever values come late."""
    upload = written([SERVICE, DEPLOYMENT, NODE] * repeats + objects * 2)
    assert read([upload]) == one_by_one(upload)


@pytest.mark.parametrize("written", WRITERS)
@pytest.mark.parametrize("data", [SERVICE, DEPLOYMENT, NODE], ids=lambda data: data["kind"])
def test_every_scalar_may_become_odd_at_the_end(written: Callable[[list[Any]], Upload], data: Any) -> None:
    """Each place in turn, with each of the odd values, behind a dozen that are alike."""
    for place in places(data):
        objects = [with_value(data, ("metadata", "name"), f"web-{number}") for number in range(8)]
        objects += [with_value(data, place, value) for value in ODD]
        upload = written(objects)
        assert read([upload]) == one_by_one(upload), place


@pytest.mark.parametrize("written", WRITERS)
def test_most_objects_of_a_large_cluster_are_not_decoded(written: Callable[[list[Any]], Upload]) -> None:
    """That is what makes reading quick."""
    objects = [with_value(NODE, ("metadata", "name"), f"worker-{number}") for number in range(100)]
    with patch.object(object_decoder, "quick_fields", wraps=object_decoder.quick_fields) as decoded:
        manifests = read([written(objects)])
    assert [node.metadata.name for node in manifests.nodes] == [one["metadata"]["name"] for one in objects]
    assert decoded.call_count < 20


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"kind": "Deploymnt"}, id="a kind with a typo"),
        pytest.param({"apiVersion": "apps/v1beta7"}, id="a version that never was"),
        pytest.param({"apiVersion": None}, id="no version"),
        pytest.param({"replicas": 3}, id="an unknown field"),
    ],
)
@pytest.mark.parametrize("written", WRITERS)
def test_what_is_wrong_with_each_of_many_is_said_of_each(
    written: Callable[[list[Any]], Upload], change: dict[str, Any]
) -> None:
    """A mistake in a template is in all that it made."""
    objects = [with_value(DEPLOYMENT | change, ("metadata", "name"), f"web-{number}") for number in range(12)]
    manifests = read([written(objects)])
    assert manifests == one_by_one(written(objects))
    assert len(manifests.problems) == 12


def test_what_never_varies_is_one_record() -> None:
    """A cluster of 5,000 nodes has one list of conditions."""
    objects = [with_value(NODE, ("metadata", "name"), f"worker-{number}") for number in range(20)]
    nodes = read([as_json_list(objects)]).nodes
    assert len({id(node.status.conditions) for node in nodes[10:]}) == 1
    assert nodes[10].source.line != nodes[11].source.line


def test_objects_that_each_differ_in_another_place_are_read_the_same() -> None:
    """At some time all that may vary does."""
    labels = {f"label-{number}": "same" for number in range(60)}
    objects = [NODE | {"metadata": {"name": "worker", "labels": labels | {name: "other"}}} for name in labels]
    upload = as_json_list(objects * 2)
    assert read([upload]) == one_by_one(upload)


def test_comments_that_look_like_entries_are_no_document() -> None:
    """As in the header of a generated file."""
    upload = Upload("x.yaml", "---\n".join(f"# made by: tool {number}\n" for number in range(8)).encode())
    (summary,) = read([upload]).files
    assert summary.documents == 0


def test_a_document_without_notes_is_decoded() -> None:
    """A single object is no repetition."""
    assert repeated(documents.Document({}, 1), ()) is None
