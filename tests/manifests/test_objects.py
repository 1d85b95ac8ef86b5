"""The names and lines that records give."""

from dataclasses import fields

import pytest

from webapp.manifests.objects import LinesOfShape, NodeAffinity, PodStatus, ServiceSpec, Source, json_name


@pytest.mark.parametrize(
    ("cls", "name", "json"),
    [
        (ServiceSpec, "external_traffic_policy", "externalTrafficPolicy"),
        (ServiceSpec, "cluster_ips", "clusterIPs"),
        (ServiceSpec, "type", "type"),
        (PodStatus, "pod_ip", "podIP"),
        (NodeAffinity, "required", "requiredDuringSchedulingIgnoredDuringExecution"),
    ],
)
def test_every_field_has_its_name_in_manifests(cls: type, name: str, json: str) -> None:
    """Camel case, unless Kubernetes spells it otherwise."""
    assert {of.name: json_name(of) for of in fields(cls)}[name] == json


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("spec.ports[1].nodePort", 9),
        ("spec.ports[1].name", 8),
        ("spec.ports[0].name", 6),
        ("spec.type", 5),
        ("metadata.name", 3),
        ("[0]", 3),
        ("", 3),
    ],
)
def test_the_line_of_a_path_is_that_of_its_nearest_known_parent(path: str, line: int) -> None:
    """In the end that of the object."""
    lines = {"spec": 5, "spec.ports": 6, "spec.ports[1]": 8, "spec.ports[1].nodePort": 9}
    assert Source(file="x.yaml", line=3, lines=lines).line_of(path) == line


def test_lines_that_are_counted_on_are_equal_to_lines_that_are_told() -> None:
    """Whoever compares two objects does not see how they were read."""
    counted = LinesOfShape({"kind": 0, "spec": 4}, 10)
    assert counted == {"kind": 10, "spec": 14} == counted
    assert counted != {"kind": 10, "spec": 15}
    assert (len(counted), "spec" in counted, "metadata" in counted) == (2, True, False)
    assert repr(counted) == "{'kind': 10, 'spec': 14}"
