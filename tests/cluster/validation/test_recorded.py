"""Services with one defect each, against what the real API server answered (1.36.2, 1.35.4, 1.30.5).

The recorded server had an address range and IP families of its own; where the same was asked of a dual-stack
server, that answer counts, since no manifest tells what a cluster has.
"""

from typing import Any

import pytest

from tests.cluster.given import DATA, fields, load, read_files
from webapp.cluster.admission import admit_services
from webapp.cluster.defaulting import default_service
from webapp.cluster.model import Service
from webapp.cluster.options import ClusterOptions
from webapp.cluster.validation.service import service_faults
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import ServiceObject

DIRECTORY = DATA / "control-plane"
CASES = load("control-plane/validation_services.json")
READ = [case for case in CASES if case.get("stage") not in ("yaml", "decode", "api-version")]

OTHER_ANSWER = {
    "clusterip-network-address": "refused by the address range of the recorded cluster, which no manifest shows",
}
OTHER_FAMILIES = {
    "ports-missing-headless": "the EndpointSlice controller's rule for Services without families is followed",
}


def manifests_of(case: dict[str, Any]) -> Manifests:
    """Return what reading makes of the case's file."""
    return read_files(DIRECTORY / case["file"])


def service_of(case: dict[str, Any]) -> ServiceObject:
    """Return the Service that a case is about."""
    services = manifests_of(case).services
    return services[case.get("list_item", 0)]


def admitted(case: dict[str, Any], **options: Any) -> Service:
    """Return what becomes of a case's Service."""
    broken = manifests_of(case).undecodable
    return admit_services([service_of(case)], broken, ClusterOptions(**options)).services[0]


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Return the dual-stack server's answer, else the single-stack one's."""
    return case.get("server_dual") or case


def told(errors: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """Return type, field and text of recorded errors; one without a field is an internal error."""
    return [(e["type"] or "InternalError", e["field"] or "spec.healthCheckNodePort", e["detail"]) for e in errors]


def named(case: dict[str, Any]) -> Any:
    """Return the case as a parameter with its name."""
    return pytest.param(case, id=f"{case['case']}-{case.get('list_item', 0)}")


@pytest.mark.parametrize("case", [named(c) for c in READ if c["case"] not in OTHER_ANSWER])
def test_the_answer_is_the_api_servers(case: dict[str, Any]) -> None:
    """Accepted or not, and if not: every error with its type, field and wording."""
    found = [(r.type, r.path, r.detail) for r in admitted(case).refusals]
    assert found == told(answer(case).get("errors", []))


@pytest.mark.parametrize("case", [named(c) for c in READ if answer(c)["accepted"]])
def test_an_accepted_service_is_stored_as_by_the_api_server(case: dict[str, Any]) -> None:
    """Type, node ports, health check port and families."""
    result, service = answer(case)["result"], admitted(case)
    ports = [
        f"{p.port}/{p.protocol}:{'auto' if p.node_port_assigned else p.node_port or 'none'}" for p in service.ports
    ]
    assert service.type == result["type"]
    assert ports == [port.split(",")[0] for port in result.get("node_ports", [])]
    assert bool(service.health_check_node_port) is ("health_check_node_port" in result)
    if case["case"] not in OTHER_FAMILIES:
        assert list(service.ip_families) == result.get("ip_families", [])


@pytest.mark.parametrize("minor", [30, 35])
@pytest.mark.parametrize(
    "case", [named(c) for c in READ if c["case"] not in OTHER_ANSWER and "field_validation_in" in c]
)
def test_older_releases_validate_as_recorded(case: dict[str, Any], minor: int) -> None:
    """Type and field; some texts were worded otherwise then. Allocation was not asked of those releases."""
    recorded = next(v for k, v in case["field_validation_in"].items() if k.startswith(f"1.{minor}."))
    given = service_of(case)
    found = fields(service_faults(given.metadata, default_service(given.spec), minor))
    assert found == [(e["type"].removeprefix("FieldValue"), e["field"]) for e in recorded["errors"]]


@pytest.mark.parametrize("case", [named(c) for c in CASES if "any_port_range" in c])
def test_another_port_range_gives_the_recorded_answer(case: dict[str, Any]) -> None:
    """``--service-node-port-range=1-65535``."""
    assert admitted(case, node_port_range=(1, 65535)).accepted is case["any_port_range"]["accepted"]


@pytest.mark.parametrize("case", [named(c) for c in CASES if c.get("stage") in ("decode", "api-version")])
def test_what_cannot_be_decoded_is_refused(case: dict[str, Any]) -> None:
    """With the decoder's own words for a wrong type."""
    (refusal,) = admitted(case).refusals
    assert refusal.type == "Decode"
    assert refusal.detail == case["errors"][0]["detail"]


@pytest.mark.parametrize("case", [named(c) for c in CASES if c.get("stage") == "yaml"])
def test_what_is_no_yaml_is_no_service(case: dict[str, Any]) -> None:
    """Reading says what is wrong with it."""
    manifests = manifests_of(case)
    assert manifests.services == ()
    assert manifests.problems


def test_all_cases_are_run_or_have_a_reason() -> None:
    """No case is dropped silently, and no reason outlives its case."""
    assert {case["case"] for case in READ} >= OTHER_ANSWER.keys() | OTHER_FAMILIES.keys()
    stages = {case.get("stage") for case in CASES}
    assert stages == {None, "yaml", "decode", "api-version", "allocation", "validation"}
    assert len(CASES) == 141
