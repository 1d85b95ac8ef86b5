"""Validation of Services, against the API server's own tests and its recorded answers."""

from dataclasses import replace
from typing import Any

import pytest

from tests.cluster.given import fields, load, metadata, record
from webapp.cluster.defaulting import default_service
from webapp.cluster.model import Refusal
from webapp.cluster.validation.service import service_faults
from webapp.manifests.objects import ObjectMeta, ServiceSpec

UPSTREAM = load("conformance/service_validation_cases.json")
UPDATES = {
    case["id"]: "an update of a stored Service: nodefall creates every Service once" for case in UPSTREAM["updateCases"]
}
UPSTREAM_MINOR = 32
"""The release of the upstream tests."""
POLICY_FIELDS = ("spec.externalTrafficPolicy", "spec.healthCheckNodePort")


def upstream_faults(case: dict[str, Any], *, defaulted: bool = False) -> list[Refusal]:
    """Return what validation says of an upstream case; some of them run the check of the traffic policy only."""
    given = case["service"]
    spec = record(ServiceSpec, given["spec"])
    meta = replace(metadata(given["metadata"]), namespace=given["metadata"]["namespace"])
    found = service_faults(meta, default_service(spec) if defaulted else spec, UPSTREAM_MINOR)
    whole = case["suite"] == "TestValidateServiceCreate"
    return [refusal for refusal in found if whole or refusal.path in POLICY_FIELDS]


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c['id']} {c['name']}") for c in UPSTREAM["cases"]])
def test_validation_finds_as_many_errors_as_upstream(case: dict[str, Any]) -> None:
    """Each case of TestValidateServiceCreate and TestValidateServiceExternalTrafficPolicy, before defaulting."""
    found = upstream_faults(case)
    assert len(found) == case["numErrs"], found
    assert {refusal.path for refusal in found} >= set(case.get("errorFields", ()))


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, id=f"{c['id']} {c['name']}") for c in UPSTREAM["cases"] if c.get("acceptedAfterApiDefaulting")],
)
def test_what_defaulting_mends_is_accepted(case: dict[str, Any]) -> None:
    """Fields that validation demands and defaulting fills."""
    assert [r for r in upstream_faults(case, defaulted=True) if "externalIPs" not in r.path] == []


def test_upstream_update_cases_are_left_out_for_a_reason() -> None:
    """No case of the table is dropped silently."""
    assert set(UPDATES) == {case["id"] for case in UPSTREAM["updateCases"]}
    assert len(UPSTREAM["cases"]) == 105


def faults_of(spec: dict[str, Any], minor: int = 36) -> list[tuple[str, str]]:
    """Return type and field of what is wrong with a Service that is fine otherwise."""
    given = default_service(record(ServiceSpec, {"ports": [{"port": 80}], **spec}))
    return fields(service_faults(metadata(), given, minor))


@pytest.mark.parametrize(
    ("name", "minor", "good"),
    [
        pytest.param("1web", 36, True, id="names may start with a digit from 1.36 on"),
        pytest.param("1web", 35, False, id="names start with a letter up to 1.35"),
        pytest.param("web.x", 36, False, id="names hold no dots"),
        pytest.param("w" * 63, 30, True, id="63 characters are fine"),
        pytest.param("w" * 64, 36, False, id="64 characters are too many"),
    ],
)
def test_service_names_follow_the_release(name: str, minor: int, good: bool) -> None:
    """Gate RelaxedServiceNameValidation."""
    spec = default_service(record(ServiceSpec, {"ports": [{"port": 80}]}))
    assert (not list(service_faults(metadata(name=name), spec, minor))) is good


@pytest.mark.parametrize(
    ("value", "minor", "good"),
    [
        pytest.param("PreferSameNode", 34, True, id="same node from 1.34 on"),
        pytest.param("PreferSameZone", 33, False, id="same zone not before 1.34"),
        pytest.param("PreferClose", 30, True, id="close in every release"),
        pytest.param("", 36, False, id="empty is no value"),
    ],
)
def test_traffic_distribution_follows_the_release(value: str, minor: int, good: bool) -> None:
    """KEP-3015."""
    expected = [] if good else [("NotSupported", "spec.trafficDistribution")]
    assert faults_of({"trafficDistribution": value}, minor) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"type": "Nodeport"}, [("NotSupported", "spec.type")], id="types are case-sensitive"),
        pytest.param(
            {"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.1/8"]},
            [("Invalid", "spec.LoadBalancerSourceRanges[0]")],
            id="ranges have no host bits",
        ),
        pytest.param({"externalIPs": ["010.0.0.1"]}, [("Invalid", "spec.externalIPs[0]")], id="no leading zeros"),
        pytest.param(
            {"externalIPs": ["169.254.1.1"]}, [("Invalid", "spec.externalIPs[0]")], id="no link-local address"
        ),
        pytest.param(
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
            [("Invalid", "spec.sessionAffinityConfig.clientIP.timeoutSeconds")],
            id="affinity lasts a day at most",
        ),
    ],
)
def test_single_defects_are_found(spec: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """One defect, one error, in its field."""
    assert faults_of(spec) == expected


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.1/8"]}, id="host bits"),
        pytest.param({"externalIPs": ["010.0.0.1"]}, id="leading zeros"),
    ],
)
def test_older_releases_read_addresses_sloppily(spec: dict[str, Any]) -> None:
    """Gate StrictIPCIDRValidation is on from 1.36."""
    assert faults_of(spec, 35) == []


def test_affinity_needs_its_timeout_after_defaulting() -> None:
    """Without defaulting the configuration is missing."""
    spec = replace(default_service(record(ServiceSpec, {"ports": [{"port": 80}]})), session_affinity="ClientIP")
    assert fields(service_faults(metadata(), spec, 36)) == [("Required", "spec.sessionAffinityConfig")]


def test_a_type_that_was_never_filled_in_is_missing() -> None:
    """Defaulting makes it ClusterIP."""
    spec = replace(default_service(record(ServiceSpec, {"ports": [{"port": 80}]})), type="")
    assert ("Required", "spec.type") in fields(service_faults(ObjectMeta(name="web", namespace="a"), spec, 36))
