"""Labels, selectors and metadata."""

from typing import Any

import pytest

from tests.cluster.given import fields, metadata, record
from webapp.cluster.validation.labels import metadata_faults, selector_faults
from webapp.cluster.validation.names import dns_label_faults
from webapp.manifests.objects import LabelSelector, ObjectMeta


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"name": ""}, [("Required", "metadata.name")], id="no name"),
        pytest.param({"name": "", "generateName": "web-"}, [], id="a name to be generated"),
        pytest.param({"generateName": "-"}, [("Invalid", "metadata.generateName")], id="a bad beginning of a name"),
        pytest.param({"namespace": "Prod"}, [("Invalid", "metadata.namespace")], id="a namespace in upper case"),
        pytest.param({"labels": {"a b": "c"}}, [("Invalid", "metadata.labels")], id="a key with a blank"),
        pytest.param({"labels": {"a": "b c"}}, [("Invalid", "metadata.labels")], id="a value with a blank"),
        pytest.param({"annotations": {"a=b": "c"}}, [("Invalid", "metadata.annotations")], id="an annotation's key"),
        pytest.param(
            {"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "a"}]},
            [("Invalid", "metadata.ownerReferences.uid")],
            id="an owner without uid",
        ),
    ],
)
def test_metadata(meta: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidateObjectMeta."""
    assert fields(metadata_faults(metadata(meta), dns_label_faults)) == expected


def test_cluster_scoped_objects_need_no_namespace() -> None:
    """A Node has none."""
    assert list(metadata_faults(ObjectMeta(name="node-1"), dns_label_faults, namespaced=False)) == []


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param({"key": "a", "operator": "In", "values": ["b"]}, [], id="one of"),
        pytest.param({"key": "a", "operator": "Exists"}, [], id="is there"),
        pytest.param(
            {"key": "a", "operator": "NotIn"}, [("Required", "s.matchExpressions[0].values")], id="none of none"
        ),
        pytest.param(
            {"key": "a", "operator": "DoesNotExist", "values": ["b"]},
            [("Forbidden", "s.matchExpressions[0].values")],
            id="values that mean nothing",
        ),
        pytest.param(
            {"key": "a", "operator": "Gt", "values": ["1"]},
            [("Invalid", "s.matchExpressions[0].operator")],
            id="an operator for nodes only",
        ),
        pytest.param(
            {"key": "a/b/c", "operator": "In", "values": ["b c"]},
            [("Invalid", "s.matchExpressions[0].key"), ("Invalid", "s.matchExpressions[0].values[0]")],
            id="bad key and value",
        ),
    ],
)
def test_selector_requirements(expression: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidateLabelSelector."""
    selector = record(LabelSelector, {"matchExpressions": [expression]})
    assert fields(selector_faults(selector, "s")) == expected


def test_selector_labels_are_labels() -> None:
    """And a missing selector has nothing wrong."""
    selector = record(LabelSelector, {"matchLabels": {"a": "b c"}})
    assert fields(selector_faults(selector, "s")) == [("Invalid", "s.matchLabels")]
    assert list(selector_faults(None, "s")) == []
