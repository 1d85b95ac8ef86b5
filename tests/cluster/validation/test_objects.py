"""Node, Namespace, PodDisruptionBudget, HorizontalPodAutoscaler and PriorityClass."""

from typing import Any

import pytest

from tests.cluster.given import SOURCE, fields, metadata, record
from webapp.cluster.validation.objects import checked_objects
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    HorizontalPodAutoscalerObject,
    HorizontalPodAutoscalerSpec,
    NamespaceObject,
    NodeObject,
    NodeSpec,
    ObjectMeta,
    PodDisruptionBudgetObject,
    PodDisruptionBudgetSpec,
    PriorityClassObject,
)


def faults(**given: Any) -> list[tuple[str, str]]:
    """Return type and field of what is wrong with an upload of one object."""
    manifests = Manifests(**{kind: (item,) for kind, item in given.items()})
    return fields(refusal for _, found in checked_objects(manifests, 36) for refusal in found)


def budget(**spec: Any) -> list[tuple[str, str]]:
    """Return what is wrong with a PodDisruptionBudget."""
    given = PodDisruptionBudgetObject(metadata=metadata(), spec=record(PodDisruptionBudgetSpec, spec), source=SOURCE)
    return faults(pod_disruption_budgets=given)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"minAvailable": 1, "selector": {}}, [], id="a number"),
        pytest.param({"maxUnavailable": "50%"}, [], id="a percentage"),
        pytest.param({}, [], id="neither"),
        pytest.param({"minAvailable": -1}, [("Invalid", "spec.minAvailable")], id="below zero"),
        pytest.param({"minAvailable": "33.3%"}, [("Invalid", "spec.minAvailable")], id="a fraction of a percent"),
        pytest.param({"maxUnavailable": "101%"}, [("Invalid", "spec.maxUnavailable")], id="more than all"),
        pytest.param({"maxUnavailable": "9" * 5000 + "%"}, [("Invalid", "spec.maxUnavailable")], id="much more"),
        pytest.param({"maxUnavailable": "0100%"}, [], id="all of them, with a leading zero"),
        pytest.param({"minAvailable": 1, "maxUnavailable": 1}, [("Invalid", "spec")], id="both"),
        pytest.param(
            {"unhealthyPodEvictionPolicy": "Never"},
            [("NotSupported", "spec.unhealthyPodEvictionPolicy")],
            id="no such policy",
        ),
        pytest.param(
            {"selector": {"matchExpressions": [{"key": "a", "operator": "In"}]}},
            [("Required", "spec.selector.matchExpressions[0].values")],
            id="a selector without values",
        ),
    ],
)
def test_disruption_budgets(spec: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidatePodDisruptionBudgetSpec."""
    assert budget(**spec) == expected


def test_a_nodes_taints_are_reported_under_metadata() -> None:
    """That is where the API server puts them."""
    spec = record(NodeSpec, {"taints": [{"key": "a", "effect": "Never"}]})
    node = NodeObject(metadata=ObjectMeta(name="Node"), spec=spec, source=SOURCE)
    assert faults(nodes=node) == [("Invalid", "metadata.name"), ("NotSupported", "metadata.taints[0].effect")]


def test_namespaces_are_labels() -> None:
    """Without dots."""
    assert faults(namespaces=NamespaceObject(metadata=ObjectMeta(name="a.b"), source=SOURCE)) == [
        ("Invalid", "metadata.name")
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"minReplicas": 2, "maxReplicas": 4}, [], id="both bounds"),
        pytest.param({"maxReplicas": 4}, [], id="no least"),
        pytest.param({"minReplicas": 2}, [("Invalid", "spec.maxReplicas")] * 2, id="no most"),
        pytest.param({"minReplicas": 0, "maxReplicas": 4}, [("Invalid", "spec.minReplicas")], id="none at least"),
        pytest.param({"minReplicas": 5, "maxReplicas": 4}, [("Invalid", "spec.maxReplicas")], id="more than the most"),
        pytest.param(
            {"maxReplicas": 4, "scaleTargetRef": {}},
            [("Required", "spec.scaleTargetRef.kind"), ("Required", "spec.scaleTargetRef.name")],
            id="no target",
        ),
    ],
)
def test_the_bounds_and_the_target_of_an_autoscaler(spec: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each is found in its field."""
    filled = record(HorizontalPodAutoscalerSpec, {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, **spec})
    scaler = HorizontalPodAutoscalerObject(metadata=metadata(), spec=filled, source=SOURCE)
    assert faults(horizontal_pod_autoscalers=scaler) == expected


@pytest.mark.parametrize(
    ("name", "expected", "given"),
    [
        pytest.param("high", [], {"value": 1_000_000_000, "preemptionPolicy": "Never"}, id="the highest of all"),
        pytest.param("A", [("Invalid", "metadata.name")], {}, id="a wrong name"),
        pytest.param("high", [("Forbidden", "value")], {"value": 1_000_000_001}, id="higher than users may have"),
        pytest.param(
            "high", [("NotSupported", "preemptionPolicy")], {"preemptionPolicy": "never"}, id="no such policy"
        ),
        pytest.param("system-node-critical", [], {"value": 2_000_001_000}, id="one that every cluster has"),
        pytest.param("system-node-critical", [("Forbidden", "metadata.name")], {"value": 5}, id="with another value"),
        pytest.param("system-mine", [("Forbidden", "metadata.name")], {"value": 5}, id="a reserved name"),
    ],
)
def test_a_priority_class(name: str, expected: list[tuple[str, str]], given: dict[str, Any]) -> None:
    """Values above a thousand million and names with system- are Kubernetes' own."""
    policy = given.get("preemptionPolicy")
    item = PriorityClassObject(
        metadata=ObjectMeta(name=name), value=given.get("value"), preemption_policy=policy, source=SOURCE
    )
    assert faults(priority_classes=item) == expected
