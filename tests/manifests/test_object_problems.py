"""What is said of one object."""

import pytest

from webapp.manifests import Upload, read


@pytest.mark.parametrize(
    ("spec", "refusal"),
    [
        pytest.param("{type: 1, ports: [{port: x}]}", "ServicePort.spec.ports.port", id="ports before type"),
        pytest.param("{ports: [{port: x, nodePort: y}]}", "ServicePort.spec.ports.nodePort", id="nodePort before port"),
        pytest.param(
            "{ports: [{port: 1}, {port: x}], selector: []}", "ServicePort.spec.ports.port", id="lists in order"
        ),
        pytest.param("{nodeport: 1, type: 2}", "ServiceSpec.spec.type", id="unknown fields are no refusal"),
    ],
)
def test_of_several_faults_the_api_server_names_the_first_by_sorted_keys(spec: str, refusal: str) -> None:
    """Maps come from kubectl sorted by their keys."""
    text = f"apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {spec}\n"
    assert refusal in read([Upload("x.yaml", text.encode())]).undecodable["Service default/web"]


def test_the_kind_is_looked_for_before_anything_is_decoded() -> None:
    """A Service of apps/v1 with a wrong port is refused for the former; both are problems."""
    text = "apiVersion: apps/v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: x}]}\n"
    found = read([Upload("x.yaml", text.encode())])
    assert found.undecodable == {"Service default/web": 'no matches for kind "Service" in version "apps/v1"'}
    assert [one.id for one in found.problems] == ["NP009", "NP005"]


def test_problems_name_the_object_they_are_about() -> None:
    """Also one whose name is yet to be generated."""
    text = "apiVersion: v1\nkind: Service\nmetadata: {generateName: web-}\nspec: {type: 1}\n"
    assert [one.object for one in read([Upload("x.yaml", text.encode())]).problems] == ["Service default/web-"]
