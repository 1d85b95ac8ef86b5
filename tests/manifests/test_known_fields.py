"""The lists of real field names."""

from dataclasses import fields

import pytest

from webapp.manifests import objects
from webapp.manifests.known_fields import FIELDS, belongs, nearest
from webapp.manifests.objects import json_name

LISTED = [
    (objects.ObjectMeta, "ObjectMeta"),
    (objects.ServiceSpec, "ServiceSpec"),
    (objects.ServicePortSpec, "ServicePort"),
    (objects.LabelSelector, "LabelSelector"),
    (objects.LabelSelectorRequirement, "LabelSelectorRequirement"),
    (objects.PodTemplate, "PodTemplateSpec"),
    (objects.PodSpec, "PodSpec"),
    (objects.Container, "Container"),
    (objects.ContainerPort, "ContainerPort"),
    (objects.Resources, "ResourceRequirements"),
    (objects.Probe, "Probe"),
    (objects.Toleration, "Toleration"),
    (objects.TopologySpreadConstraint, "TopologySpreadConstraint"),
    (objects.Affinity, "Affinity"),
    (objects.PodDisruptionBudgetSpec, "PodDisruptionBudgetSpec"),
]


@pytest.mark.parametrize(("record", "struct"), LISTED)
def test_every_field_that_is_kept_is_a_real_one(record: type, struct: str) -> None:
    """Otherwise what is right would be called a typo."""
    assert {name for of in fields(record) if (name := json_name(of))} <= FIELDS[struct]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("nodeport", "nodePort"), ("NodePort", "nodePort"), ("target_port", "targetPort"), ("foo", None)],
)
def test_the_nearest_name_is_found_whatever_its_case(name: str, meant: str | None) -> None:
    """Nothing is guessed from afar."""
    assert nearest(name, "ServicePort") == meant


def test_a_port_written_beside_the_ports_is_pointed_to_its_place() -> None:
    """A common slip."""
    assert nearest("nodePort", "ServiceSpec") == "ports[].nodePort"


@pytest.mark.parametrize(
    ("name", "struct", "kind", "place"),
    [
        ("nodePort", "ObjectMeta", "Service", "spec.ports[]"),
        ("nodePort", "Object", "Service", "spec.ports[]"),
        ("type", "ObjectMeta", "Service", "spec"),
        ("selector", "ServicePort", "Service", "spec"),
        ("labels", "ServiceSpec", "Service", "metadata"),
        ("containers", "DeploymentSpec", "Deployment", "spec.template.spec"),
        ("replicas", "PodSpec", "Deployment", "the workload's spec"),
        ("ports", "PodSpec", "Pod", "containers[]"),
        ("containerPort", "Container", "Pod", "ports[]"),
        ("readinessProbe", "ContainerPort", "Pod", "the container"),
        ("nodePort", "ObjectMeta", "Deployment", None),
        ("foo", "ObjectMeta", "Service", None),
        ("labels", "PodTemplateSpec", "Deployment", "metadata"),
        ("app", "LabelSelector", "Deployment", "matchLabels"),
    ],
)
def test_a_field_in_the_wrong_place_is_told_its_right_one(name: str, struct: str, kind: str, place: str | None) -> None:
    """Only if it is a field there."""
    assert belongs(name, struct, kind) == place
