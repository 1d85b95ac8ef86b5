"""Cluster IPs and IP families."""

from typing import Any

import pytest

from tests.cluster.given import fields, load, record
from webapp.cluster.defaulting import default_service
from webapp.cluster.validation.ip_families import cluster_ip_faults, families, is_headless, single_stack_faults
from webapp.manifests.objects import ServiceSpec

ADDRESS_CASES = load("conformance/endpoint_cases.json")["addressTypeCases"]
BOTH = ("IPv4", "IPv6")


def spec_of(**spec: Any) -> ServiceSpec:
    """Return a Service's spec after defaulting."""
    return default_service(record(ServiceSpec, {"ports": [{"port": 80}], **spec}))


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in ADDRESS_CASES])
def test_address_types_are_those_of_the_endpoint_slice_controller(case: dict[str, Any]) -> None:
    """As sets: the table sorts them, a Service has its primary family first."""
    policy = {"ipFamilyPolicy": "RequireDualStack"} if len(case["service"]["ipFamilies"] or ()) > 1 else {}
    assert set(families(spec_of(**case["service"], **policy))) == set(case["expected"])


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, ("IPv4",), id="nothing said: the cluster's first family"),
        pytest.param({"ipFamilies": ["IPv6"]}, ("IPv6",), id="the family that is asked for"),
        pytest.param({"ipFamilyPolicy": "PreferDualStack"}, BOTH, id="as many as the cluster has"),
        pytest.param({"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv6"]}, ("IPv6", "IPv4"), id="IPv6 first"),
        pytest.param({"clusterIP": "2001:db8::1"}, ("IPv6",), id="the family of its address"),
        pytest.param({"clusterIP": "None"}, BOTH, id="headless without a selector"),
        pytest.param({"type": "ExternalName", "externalName": "a.b"}, (), id="none for a DNS name"),
    ],
)
def test_families_of_a_service(spec: dict[str, Any], expected: tuple[str, ...]) -> None:
    """In a cluster that has both, IPv4 first."""
    assert families(spec_of(**spec)) == expected


def test_preferring_two_families_gets_one_where_there_is_one() -> None:
    """An IPv6-only cluster gives IPv6, whatever is preferred."""
    assert families(spec_of(ipFamilyPolicy="PreferDualStack"), ("IPv6",)) == ("IPv6",)
    assert families(spec_of(), ("IPv6",)) == ("IPv6",)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"clusterIPs": ["10.0.0.1"]}, [("Invalid", "spec.clusterIPs")], id="clusterIPs without clusterIP"),
        pytest.param(
            {"clusterIP": "10.0.0.2", "clusterIPs": ["10.0.0.1"]}, [("Invalid", "spec.clusterIPs")], id="they differ"
        ),
        pytest.param({"clusterIP": "nowhere"}, [("Invalid", "spec.clusterIPs[0]")], id="no address"),
        pytest.param({"ipFamilies": ["IPv5"]}, [("NotSupported", "spec.ipFamilies[0]")], id="no such family"),
        pytest.param({"ipFamilies": ["IPv4", "IPv4"]}, [("Duplicate", "spec.ipFamilies[1]")], id="one family twice"),
        pytest.param({"ipFamilyPolicy": "Both"}, [("NotSupported", "spec.ipFamilyPolicy")], id="no such policy"),
        pytest.param(
            {"clusterIP": "10.0.0.1", "ipFamilies": ["IPv6"]}, [("Invalid", "spec.clusterIPs[0]")], id="wrong family"
        ),
        pytest.param(
            {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1", "10.0.0.2"]},
            [("Invalid", "spec.clusterIPs")],
            id="two addresses of one family",
        ),
        pytest.param(
            {"clusterIP": "None", "clusterIPs": ["None", "10.0.0.2"]},
            [("Invalid", "spec.clusterIPs")],
            id="None and an address",
        ),
        pytest.param(
            {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1", "2001:db8::1", "2001:db8::2"]},
            [("Invalid", "spec.clusterIPs")],
            id="three addresses",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(spec: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidateServiceClusterIPsRelatedFields."""
    assert fields(cluster_ip_faults(spec_of(**spec), 36)) == expected


def test_two_of_anything_need_a_dual_stack_policy() -> None:
    """No policy means SingleStack."""
    two = spec_of(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1", "2001:db8::1"], ipFamilies=["IPv4", "IPv6"])
    assert fields(single_stack_faults(two)) == [("Invalid", "spec.ipFamilyPolicy")] * 2


def test_headless_without_selector_may_have_two_families() -> None:
    """Its policy defaults to RequireDualStack."""
    assert list(single_stack_faults(spec_of(clusterIP="None", ipFamilies=["IPv4", "IPv6"]))) == []


def test_headless_is_what_has_no_address() -> None:
    """Either field says so."""
    assert is_headless(ServiceSpec(cluster_ip="None"))
    assert is_headless(ServiceSpec(cluster_ips=("None",)))
    assert not is_headless(ServiceSpec(cluster_ip="10.0.0.1"))
