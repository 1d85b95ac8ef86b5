"""Affinity, tolerations, taints and topology spread."""

from typing import Any

import pytest

from tests.cluster.given import fields, record
from webapp.cluster.validation.placement import affinity_faults, spread_faults, taint_faults, toleration_faults
from webapp.manifests.objects import Affinity, Taint, Toleration, TopologySpreadConstraint

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def node_affinity(expression: dict[str, Any], kind: str = "matchExpressions") -> dict[str, Any]:
    """Return required node affinity with one requirement."""
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [{kind: [expression]}]}}}


def faults(affinity: dict[str, Any]) -> list[tuple[str, str]]:
    """Return type and field of what is wrong, without the names that every path begins with."""
    found = fields(affinity_faults(record(Affinity, affinity), "affinity"))
    return [(kind, path.replace(REQUIRED, "required").replace(PREFERRED, "preferred")) for kind, path in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param({"key": "zone", "operator": "In", "values": ["a"]}, [], id="one of"),
        pytest.param({"key": "cpus", "operator": "Gt", "values": ["4"]}, [], id="more than"),
        pytest.param({"key": "cpus", "operator": "Gt"}, [("Required", "values")], id="more than nothing"),
        pytest.param(
            {"key": "cpus", "operator": "Gt", "values": ["-4"]}, [("Invalid", "values[0]")], id="a minus sign"
        ),
        pytest.param({"key": "a b", "operator": "Exists"}, [("Invalid", "key")], id="a key with a blank"),
        pytest.param({"key": "a", "operator": "Is"}, [("Invalid", "operator")], id="no operator"),
    ],
)
def test_required_node_labels(expression: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidateNodeSelectorRequirement."""
    at = "affinity.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0]"
    assert faults(node_affinity(expression)) == [(kind, f"{at}.{field}") for kind, field in expected]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param({"key": "metadata.name", "operator": "In", "values": ["node-1"]}, [], id="a node by name"),
        pytest.param(
            {"key": "metadata.name", "operator": "In", "values": ["a", "b"]}, [("Required", "values")], id="two names"
        ),
        pytest.param({"key": "metadata.name", "operator": "Exists"}, [("Invalid", "operator")], id="any name"),
        pytest.param(
            {"key": "metadata.uid", "operator": "In", "values": ["a"]}, [("Invalid", "key")], id="another field"
        ),
        pytest.param(
            {"key": "metadata.name", "operator": "In", "values": ["A"]}, [("Invalid", "values[0]")], id="no node's name"
        ),
    ],
)
def test_required_node_fields(expression: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidateNodeFieldSelectorRequirement."""
    at = "affinity.nodeAffinity.required.nodeSelectorTerms[0].matchFields[0]"
    assert faults(node_affinity(expression, "matchFields")) == [(kind, f"{at}.{field}") for kind, field in expected]


def test_required_node_affinity_needs_a_term() -> None:
    """An empty list selects nothing and is refused."""
    wrong = [("Required", "affinity.nodeAffinity.required.nodeSelectorTerms")]
    assert faults({"nodeAffinity": {REQUIRED: {}}}) == wrong


def test_preferences_have_a_weight_from_1_to_100() -> None:
    """And values that no label could have are only pointless there."""
    term = {"matchExpressions": [{"key": "a", "operator": "In", "values": ["-4"]}]}
    wrong = [("Invalid", "affinity.nodeAffinity.preferred[0].weight")]
    assert faults({"nodeAffinity": {PREFERRED: [{"weight": 101, "preference": term}]}}) == wrong


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param({"topologyKey": "zone", "labelSelector": {}}, [], id="all pods of the zone"),
        pytest.param({}, [("Required", "topologyKey")], id="no topology key"),
        pytest.param({"topologyKey": "a b"}, [("Invalid", "topologyKey")], id="no label's key"),
        pytest.param({"topologyKey": "z", "namespaces": ["A"]}, [("Invalid", "namespace")], id="no namespace's name"),
        pytest.param(
            {"topologyKey": "z", "matchLabelKeys": ["v"]}, [("Forbidden", "matchLabelKeys")], id="keys without selector"
        ),
        pytest.param(
            {"topologyKey": "z", "matchLabelKeys": ["v"], "labelSelector": {"matchLabels": {"v": "1"}}},
            [("Invalid", "matchLabelKeys[0]")],
            id="a key that the selector has",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["podAffinity", "podAntiAffinity"])
def test_pod_affinity_terms(kind: str, term: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidatePodAffinityTerm."""
    assert faults({kind: {REQUIRED: [term]}}) == [(e, f"affinity.{kind}.required[0].{field}") for e, field in expected]


def test_weighted_pod_affinity() -> None:
    """Weight and term are both looked at."""
    at = "affinity.podAffinity.preferred[0]"
    wrong = [("Invalid", f"{at}.weight"), ("Required", f"{at}.podAffinityTerm.topologyKey")]
    assert faults({"podAffinity": {PREFERRED: [{"weight": 0, "podAffinityTerm": {}}]}}) == wrong


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        pytest.param({"operator": "Exists"}, [], id="everything"),
        pytest.param({"key": "a", "value": "b", "effect": "NoSchedule"}, [], id="Equal when nothing is said"),
        pytest.param({"key": "a", "effect": "NoExecute", "tolerationSeconds": 0}, [], id="for no time at all"),
        pytest.param({}, [("Invalid", "operator")], id="no key and no operator"),
        pytest.param({"key": "a", "tolerationSeconds": 1}, [("Invalid", "effect")], id="seconds without NoExecute"),
        pytest.param({"key": "a", "operator": "Gt"}, [("NotSupported", "operator")], id="an operator of the future"),
        pytest.param({"key": "a", "operator": "Exists", "value": "b"}, [("Invalid", "operator")], id="a useless value"),
        pytest.param({"key": "a", "value": "b c"}, [("Invalid", "operator")], id="a value with a blank"),
        pytest.param({"key": "a", "effect": "Never"}, [("NotSupported", "effect")], id="no such effect"),
        pytest.param({"key": "a/b/c"}, [("Invalid", "key")], id="no label's key"),
    ],
)
def test_tolerations(toleration: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidateTolerations."""
    found = fields(toleration_faults([record(Toleration, toleration)], "t"))
    assert found == [(kind, f"t[0].{field}") for kind, field in expected]


def test_taints() -> None:
    """A key, an effect, each pair once."""
    good, twin = Taint(key="a", effect="NoSchedule"), Taint(key="a", value="b", effect="NoSchedule")
    assert list(taint_faults([good], "t")) == []
    assert fields(taint_faults([good, twin], "t")) == [("Duplicate", "t[1]")]
    assert fields(taint_faults([Taint(key="a")], "t")) == [("Required", "t[0].effect")]
    assert fields(taint_faults([Taint(key="a", effect="Never")], "t")) == [("NotSupported", "t[0].effect")]


SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [], id="a plain constraint"),
        pytest.param({"maxSkew": 0}, [("Invalid", "maxSkew")], id="no skew at all"),
        pytest.param({"topologyKey": ""}, [("Required", "topologyKey")], id="no key"),
        pytest.param({"whenUnsatisfiable": ""}, [("NotSupported", "whenUnsatisfiable")], id="nothing to do"),
        pytest.param({"minDomains": 0}, [("Invalid", "minDomains")], id="no domain"),
        pytest.param(
            {"minDomains": 2, "whenUnsatisfiable": "ScheduleAnyway"}, [("Invalid", "minDomains")], id="a soft minimum"
        ),
        pytest.param({"nodeTaintsPolicy": "Maybe"}, [("NotSupported", "nodeTaintsPolicy")], id="no such policy"),
        pytest.param({"matchLabelKeys": ["v"]}, [("Forbidden", "matchLabelKeys")], id="keys without selector"),
    ],
)
def test_spread_constraints(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Rule: validateTopologySpreadConstraints."""
    found = fields(spread_faults([record(TopologySpreadConstraint, {**SPREAD, **change})], "s"))
    assert found == [(kind, f"s[0].{field}") for kind, field in expected]


def test_a_spread_constraint_stands_once() -> None:
    """By key and action."""
    twice = [record(TopologySpreadConstraint, SPREAD)] * 2
    assert fields(spread_faults(twice, "s")) == [("Duplicate", "s[1].{topologyKey, whenUnsatisfiable}")]
