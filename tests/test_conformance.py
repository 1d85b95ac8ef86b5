"""Every recorded case of Kubernetes' behaviour is run, or listed with its reason, in the test file named here."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
DATA = TESTS / "data" / "kubernetes"

GROUPS: dict[str, dict[str, str]] = {
    "conformance/topology_cases.json": {"cases": "routing/test_categorize.py"},
    "conformance/flow_cases.json": {
        "cases": "routing/test_flow.py",
        "noLocalEndpointCases": "routing/test_flow.py",
        "loadBalancerIPModeCases": "routing/test_access_paths.py",
        "serviceMapCases": "routing/test_flow.py",
        "healthCheckReadyCases": "routing/test_flow.py",
        "healthCheckHTTPCases": "routing/test_flow.py",
    },
    "conformance/endpoint_cases.json": {
        "inclusionCases": "cluster/test_endpoints.py",
        "conditionCases": "cluster/test_endpoints.py",
        "findPortCases": "cluster/test_endpoints.py",
        "endpointPortCases": "cluster/test_endpoints.py",
        "namedPortSlices": "cluster/test_endpoints.py",
        "sliceSizeCases": "cluster/test_endpoints.py",
        "missingNodeCases": "cluster/test_endpoints.py",
        "addressTypeCases": "cluster/validation/test_ip_families.py",
        "hintAnnotationCases": "cluster/test_admission.py",
        "trafficDistributionCases": "cluster/test_endpoints.py",
        "selectionCases": "cluster/test_endpoints.py",
        "nilConditionCases": "cluster/test_slices.py",
        "readinessGateCases": "cluster/test_pods.py",
    },
    "conformance/allocation_cases.json": {
        "bandCases": "cluster/test_allocation.py",
        "allocatorSequences": "cluster/test_allocation.py",
        "createCases": "cluster/test_allocation.py",
        "updateCases": "cluster/test_allocation.py",
        "defaultingCases": "cluster/test_defaulting.py",
    },
    "conformance/service_validation_cases.json": {
        "cases": "cluster/validation/test_service.py",
        "updateCases": "cluster/validation/test_service.py",
    },
    "conformance/node_failure_and_placement_cases.json": {
        "hostPortCases": "cluster/scheduling/test_recorded.py",
        "evictionCases": "failure/test_eviction.py",
        "zoneStateCases": "failure/test_nodelifecycle.py",
        "zoneEvictionRates": "failure/test_nodelifecycle.py",
        "drainCases": "failure/test_drain_filters.py",
        "crashTimeline": "failure/test_recovery.py",
        "workloadReaction": "failure/test_recovery.py",
    },
}
WHOLE = {
    "lab/observations.json": "routing/test_lab.py",
    "control-plane/scheduler_filters.json": "cluster/scheduling/test_recorded.py",
    "control-plane/scheduler_sequences.json": "cluster/scheduling/test_recorded.py",
    "control-plane/pdb.json": "failure/test_disruption.py",
    "control-plane/validation_corpus.json": "cluster/validation/test_corpus.py",
    "control-plane/validation_services.json": "cluster/validation/test_recorded.py",
    "own_cases/expected.json": "test_own_cases.py",
}
NOT_RUN = {
    ("conformance/endpoint_cases.json", "sliceSizeCases"): "how endpoints are cut into slices changes no traffic",
    ("conformance/flow_cases.json", "serviceMapCases"): "counts of kube-proxy's own table, for services told in words",
    ("conformance/allocation_cases.json", "updateCases"): "nodefall creates every Service once, and updates none",
    ("conformance/service_validation_cases.json", "updateCases"): "nodefall creates every Service once",
    (
        "conformance/node_failure_and_placement_cases.json",
        "crashTimeline",
    ): "told in words; the seconds are checked with the steps in failure/test_nodelifecycle.py",
}
"""The groups that no test runs, and why."""
NOT_CASES = {"header", "clientView", "topologies", "baseService", "messages", "errorMessages", "notes"}


def test_every_file_of_recorded_cases_is_known_here() -> None:
    """A new file can't be forgotten."""
    found = {path.relative_to(DATA).as_posix() for path in DATA.glob("*/*.json")}
    assert found == set(GROUPS) | set(WHOLE)


@pytest.mark.parametrize("name", GROUPS)
def test_every_group_of_cases_is_run_by_its_test_or_has_a_reason(name: str) -> None:
    """That file opens the cases and takes the group out of them: to mention its name is not enough."""
    data: dict[str, Any] = json.loads((DATA / name).read_text())
    assert set(data) - NOT_CASES == set(GROUPS[name])
    for group, where in GROUPS[name].items():
        if (name, group) in NOT_RUN:
            continue
        taken, constants = _taken_out(where)
        assert any(text.endswith(Path(name).name) for text in constants), f"{where} doesn't open {name}"
        assert group in taken, f"{where} doesn't run {group}"


@pytest.mark.parametrize(("name", "group"), NOT_RUN)
def test_a_group_that_is_not_run_is_still_there(name: str, group: str) -> None:
    """No reason outlives its cases."""
    assert group in GROUPS[name]


@pytest.mark.parametrize(("name", "where"), WHOLE.items())
def test_every_list_of_records_has_its_test(name: str, where: str) -> None:
    """Whole files of records."""
    _, constants = _taken_out(where)
    assert any(text.endswith(Path(name).name) for text in constants)


def _taken_out(where: str) -> tuple[set[str], set[str]]:
    """Return the keys that the code of a test file looks up, ``CASES["drainCases"]``, and all its short texts."""
    nodes = list(ast.walk(ast.parse((TESTS / where).read_text())))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    keys = (node.slice for node in nodes if isinstance(node, ast.Subscript))
    taken = {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    return taken, {text for text in texts if "\n" not in text}
