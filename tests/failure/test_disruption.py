"""PodDisruptionBudgets: the status of the disruption controller and the answers of the Eviction API."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.failure.workloads import budget, pod
from webapp.cluster.build import build
from webapp.cluster.model import Pod, PodKey, WorkloadRef
from webapp.cluster.scheduling.budgets import BudgetStatus, budget_status, coverage
from webapp.failure.disruption import EvictionResponse, after_eviction, eviction_response
from webapp.manifests import Upload, read
from webapp.manifests.objects import (
    LabelSelector,
    LabelSelectorRequirement,
    PodDisruptionBudgetObject,
)

DATA = Path(__file__).parent.parent / "data/kubernetes/control-plane"
"""What kube-controller-manager's and kube-apiserver's own code of 1.36.2 answered, recorded."""
RECORDS: list[dict[str, Any]] = json.loads((DATA / "pdb.json").read_text())
WEB = WorkloadRef(kind="Deployment", namespace="default", name="web")

Budgets = dict[str, tuple[PodDisruptionBudgetObject, BudgetStatus]]


@pytest.mark.parametrize("record", [pytest.param(r, id=r["name"]) for r in RECORDS])
def test_the_status_is_the_one_the_disruption_controller_wrote(record: dict[str, Any]) -> None:
    """Expected, healthy, desired and allowed pods, and the condition, agree."""
    _, budgets = recorded(record)
    assert {key: as_recorded(status) for key, (_, status) in budgets.items()} == record["pdb_status"]


@pytest.mark.parametrize("record", [pytest.param(r, id=r["name"]) for r in RECORDS])
def test_each_pod_alone_gets_the_answer_of_the_eviction_handler(record: dict[str, Any]) -> None:
    """Code, message and cause agree for each pod, all from the same start."""
    pods, budgets = recorded(record)
    answers = {key: answer(verdict(one, budgets)) for key, one in pods.items()}
    assert answers == record["each_alone"]


@pytest.mark.parametrize("record", [pytest.param(r, id=r["name"]) for r in RECORDS])
def test_pods_evicted_one_after_another_spend_the_budget(record: dict[str, Any]) -> None:
    """In the order of the manifest, with nobody to compute the budget anew in between."""
    pods, budgets = recorded(record)
    answers = []
    for key in (step["pod"] for step in record["one_after_another"]):
        one = pods[key]
        said = verdict(one, budgets)
        answers.append({"pod": key, **answer(said)})
        budgets = {key: (it, after_eviction(s, said) if coverage(it)(one) else s) for key, (it, s) in budgets.items()}
    assert answers == record["one_after_another"]


@pytest.mark.parametrize(
    ("value", "desired"),
    [
        pytest.param("34%", 2, id="34 per cent of 3 is rounded up to 2"),
        pytest.param("100%", 3, id="100 per cent is all"),
        pytest.param("150%", 5, id="more than all can be asked for"),
        pytest.param("0%", 0, id="0 per cent is none"),
    ],
)
def test_min_available_in_per_cent_is_of_the_replicas(value: str, desired: int) -> None:
    """The base are the controller's replicas, not the pods that are there."""
    status = budget_status(budget(min_available=value), [pod("web-1", "n1")], {WEB: 3})
    assert (status.expected_pods, status.desired_healthy) == (3, desired)


def test_a_number_in_quotes_is_no_percentage() -> None:
    """The controller fails to sync, so nothing may be evicted."""
    status = budget_status(budget(max_unavailable="2"), [pod("web-1", "n1")], {WEB: 1})
    assert status.sync_error == "invalid value for IntOrString: invalid type: string is not a percentage"
    assert status.condition == "SyncFailed"


@pytest.mark.parametrize(
    ("requirement", "covered"),
    [
        pytest.param(("app", "In", ("web", "api")), True, id="in"),
        pytest.param(("app", "NotIn", ("web",)), False, id="not in"),
        pytest.param(("tier", "NotIn", ("web",)), True, id="not in, and the key is missing"),
        pytest.param(("tier", "Exists", ()), False, id="exists"),
        pytest.param(("tier", "DoesNotExist", ()), True, id="does not exist"),
        pytest.param(("app", "Exists", ("web",)), False, id="exists with values is invalid"),
        pytest.param(("app", "Contains", ("web",)), False, id="an operator that does not exist"),
    ],
)
def test_expressions_select_as_label_selectors_do(
    requirement: tuple[str, str, tuple[str, ...]], *, covered: bool
) -> None:
    """Every operator of a LabelSelector, and an invalid one selects nothing."""
    key, operator, values = requirement
    selector = LabelSelector(match_expressions=(LabelSelectorRequirement(key=key, operator=operator, values=values),))
    assert coverage(budget(min_available=1, selector=selector))(pod("web-1", "n1")) is covered


@pytest.mark.parametrize(
    ("given", "covered"),
    [
        pytest.param(budget(selector=None), False, id="no selector covers nothing"),
        pytest.param(budget(selector=LabelSelector()), True, id="an empty selector covers the namespace"),
        pytest.param(budget(app="other"), False, id="another label"),
    ],
)
def test_which_pods_a_budget_covers(given: PodDisruptionBudgetObject, *, covered: bool) -> None:
    """The selector decides, within the namespace."""
    assert coverage(given)(pod("web-1", "n1")) is covered
    assert not coverage(given)(pod("web-1", "n1", namespace="elsewhere"))


def test_an_empty_selector_of_the_first_version_covers_nothing() -> None:
    """In policy/v1beta1 it differed from what selectors otherwise mean."""
    old = replace(budget(selector=LabelSelector()), api_version="policy/v1beta1")
    assert not coverage(old)(pod("web-1", "n1"))


@pytest.mark.parametrize(
    ("operator", "values", "error"),
    [
        pytest.param(
            "Exists", ("web",), "values set must be empty for exists and does not exist", id="too many values"
        ),
        pytest.param("Contains", ("web",), '"Contains" is not a valid label selector operator', id="no such operator"),
        pytest.param("DoesNotExist", (), "", id="nothing wrong"),
    ],
)
def test_a_wrong_selector_fails_the_sync(operator: str, values: tuple[str, ...], error: str) -> None:
    """The controller says what is wrong with it."""
    requirement = LabelSelectorRequirement(key="app", operator=operator, values=values)
    wrong = budget(min_available=1, selector=LabelSelector(match_expressions=(requirement,)))
    assert budget_status(wrong, [], {}).sync_error == error


def test_two_budgets_on_one_pod_are_an_error_for_good() -> None:
    """The eviction subresource does not support it: 500, not 429."""
    one = (budget("one"), BudgetStatus(disruptions_allowed=1))
    said = eviction_response(pod("web-1", "n1"), [one, one])
    assert (said.code, said.allowed) == (500, False)
    assert said.message.startswith("This pod has more than one PodDisruptionBudget")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"phase": "Pending"}, id="pending"),
        pytest.param({"phase": "Succeeded"}, id="succeeded"),
        pytest.param({"phase": "Failed"}, id="failed"),
        pytest.param({"terminating": True}, id="on its way out"),
    ],
)
def test_pods_that_serve_nobody_are_deleted_without_asking(changes: dict[str, Any]) -> None:
    """Not even two budgets matter."""
    one = (budget(), BudgetStatus())
    assert eviction_response(pod("web-1", "n1", **changes), [one, one]) == EvictionResponse()


# --- the recorded manifests -------------------------------------------------------------------------------------------


def recorded(record: dict[str, Any]) -> tuple[Mapping[PodKey, Pod], Budgets]:
    """Return the pods of a recorded manifest, read and built as any upload, and its budgets with their status."""
    manifests = read([Upload(record["manifest"], (DATA / record["manifest"]).read_bytes())])
    here = build(manifests)
    budgets: Budgets = {}
    for one in manifests.pod_disruption_budgets:
        its = list(filter(coverage(one), here.pods.values()))
        budgets[f"default/{one.metadata.name}"] = (one, budget_status(one, its, here.workload_replicas))
    return here.pods, budgets


def verdict(one: Pod, budgets: Budgets) -> EvictionResponse:
    """Return the answer for a pod, its budgets looked up."""
    return eviction_response(one, [(it, status) for it, status in budgets.values() if coverage(it)(one)])


def as_recorded(status: BudgetStatus) -> dict[str, Any]:
    """Return the status in the form of the records."""
    said = {
        "expected_pods": status.expected_pods,
        "current_healthy": status.current_healthy,
        "desired_healthy": status.desired_healthy,
        "disruptions_allowed": status.disruptions_allowed,
        "condition": f"DisruptionAllowed={status.disruptions_allowed > 0} {status.condition}",
    }
    said |= {"message": status.sync_error} if status.sync_error else {}
    return said | ({"unmanaged_pods": list(status.unmanaged_pods)} if status.unmanaged_pods else {})


def answer(said: EvictionResponse) -> dict[str, Any]:
    """Return the verdict in the form of the records."""
    refused = {} if said.allowed else {"message": said.message, "cause": said.cause}
    return {"allowed": said.allowed, "code": said.code, **refused}
