"""Ids and hints of refusals."""

import re

import pytest

from webapp.cluster.model import Refusal
from webapp.cluster.validation.advice import advice_for
from webapp.cluster.validation.errors import duplicate, forbidden, internal, invalid, not_supported, required, too_many


@pytest.mark.parametrize(
    ("refusal", "id_"),
    [
        pytest.param(invalid("spec.ports[3].nodePort", 1, "provided port is already allocated"), "NP101", id="taken"),
        pytest.param(
            invalid("spec.ports[0].nodePort", 1, "provided port is not in the valid range."), "NP102", id="range"
        ),
        pytest.param(internal("spec.healthCheckNodePort", "...: range is full"), "NP103", id="full"),
        pytest.param(forbidden("spec.ports[0].nodePort", "may not be used when"), "NP104", id="a ClusterIP's nodePort"),
        pytest.param(invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for"), "NP105", id="headless"),
        pytest.param(required("spec.selector"), "NP107", id="no selector"),
        pytest.param(invalid("metadata.name", "Web", "..."), "NP108", id="a name"),
        pytest.param(required("spec.ports[1].name"), "NP109", id="a port's name"),
        pytest.param(duplicate("spec.ports[1]", {}), "NP109", id="a port twice"),
        pytest.param(invalid("spec.ports[0].targetPort", "8080", "..."), "NP110", id="a target"),
        pytest.param(not_supported("spec.externalTrafficPolicy", "local", ("Local",)), "NP111", id="a policy"),
        pytest.param(invalid("spec.template.spec.containers[0].name", "A", "..."), "NP113", id="a container"),
        pytest.param(invalid("spec.affinity.nodeAffinity", "A", "..."), "NP114", id="affinity"),
        pytest.param(too_many("endpoints", 1001, 1000), "NP199", id="anything else"),
    ],
)
def test_each_sort_of_refusal_has_its_id(refusal: Refusal, id_: str) -> None:
    """Ids are stable: people search for them and filter by them."""
    advice = advice_for(refusal)
    assert advice.id == id_
    assert re.fullmatch(r"[A-Z].*\.", advice.hint)


def test_errors_are_worded_as_kubectl_shows_them() -> None:
    """Values are quoted as JSON."""
    assert invalid("a", "x", "must be y").detail == 'Invalid value: "x": must be y'
    assert invalid("a", None).detail == "Invalid value: null"
    assert required("a").detail == "Required value"
    assert not_supported("a", "x", ("y", "z")).detail == 'Unsupported value: "x": supported values: "y", "z"'
    assert too_many("a", 3, 2).detail == "Too many: 3: must have at most 2 items"
