"""Workloads and their templates."""

from typing import Any

import pytest

from tests.cluster.given import fields, workload
from webapp.cluster.validation.workload import workload_faults

LABELS = {"app": "web"}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
SPEC = {"selector": {"matchLabels": LABELS}, "template": TEMPLATE}
ONCE = {"template": {"spec": {"containers": [{"name": "web", "image": "nginx"}], "restartPolicy": "Never"}}}
APPS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")


def faults(kind: str, spec: dict[str, Any], **meta: Any) -> list[tuple[str, str]]:
    """Return type and field of what is wrong with a workload."""
    return fields(workload_faults(workload(kind, spec, **meta), 36))


def template(**spec: Any) -> dict[str, Any]:
    """Return the spec of a workload whose pods have this in theirs."""
    return {**SPEC, "template": {**TEMPLATE, "spec": {**TEMPLATE["spec"], **spec}}}


@pytest.mark.parametrize("kind", [*APPS, "ReplicationController"])
def test_a_plain_workload_is_fine(kind: str) -> None:
    """Selector and labels agree."""
    assert faults(kind, SPEC) == []


@pytest.mark.parametrize("kind", APPS)
def test_a_selector_that_misses_the_template_is_refused(kind: str) -> None:
    """The workload would never see its own pods."""
    wrong = [("Invalid", "spec.template.metadata.labels")]
    assert faults(kind, {**SPEC, "selector": {"matchLabels": {"app": "other"}}}) == wrong


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("Deployment", ["Required", "Invalid"], id="a Deployment says both"),
        pytest.param("StatefulSet", ["Required", "Invalid"], id="a StatefulSet says both"),
        pytest.param("DaemonSet", ["Invalid"], id="a DaemonSet only says that nothing matches"),
        pytest.param("ReplicationController", [], id="a ReplicationController takes the template's labels"),
    ],
)
def test_a_missing_selector(kind: str, expected: list[str]) -> None:
    """It selects nothing."""
    assert [found for found, _ in faults(kind, {"template": TEMPLATE})] == expected


@pytest.mark.parametrize("kind", APPS)
def test_an_empty_selector_is_refused(kind: str) -> None:
    """It would select every pod of the namespace."""
    assert faults(kind, {**SPEC, "selector": {}}) == [("Invalid", "spec.selector")]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_a_broken_selector_hides_the_template(kind: str) -> None:
    """What can't be a selector can't be compared with labels."""
    broken = {"matchExpressions": [{"key": "app", "operator": "Is"}]}
    wrong = [("Invalid", "spec.selector.matchExpressions[0].operator"), ("Invalid", "spec.selector")]
    assert faults(kind, {"selector": broken, "template": {}}) == wrong


@pytest.mark.parametrize("kind", [*APPS, "ReplicationController"])
def test_pods_of_a_controller_always_restart(kind: str) -> None:
    """Other policies are for Jobs."""
    assert faults(kind, template(restartPolicy="Never")) == [("NotSupported", "spec.template.spec.restartPolicy")]


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        pytest.param({"ports": [{"containerPort": 123456}]}, [("Invalid", "ports[0].containerPort")], id="a port"),
        pytest.param(
            {"ports": [{"containerPort": 80, "name": "a-very-long-name"}]},
            [("Invalid", "ports[0].name")],
            id="a port name of 16 characters",
        ),
        pytest.param(
            {"ports": [{"containerPort": 80, "name": "Http"}]},
            [("Invalid", "ports[0].name")],
            id="a port name in capitals",
        ),
        pytest.param(
            {"ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 81, "name": "http"}]},
            [("Duplicate", "ports[1].name")],
            id="a port name twice",
        ),
        pytest.param({"image": ""}, [("Required", "image")], id="no image"),
    ],
)
@pytest.mark.parametrize("kind", [*APPS, "ReplicationController", "Job", "CronJob"])
def test_templates_are_checked_like_pods(kind: str, container: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """In every kind of workload."""
    spec = template(containers=[{"name": "web", "image": "nginx", **container}])
    if kind in ("Job", "CronJob"):
        spec = template(containers=spec["template"]["spec"]["containers"], restartPolicy="Never")
        del spec["selector"]
    at = "spec.jobTemplate.spec.template" if kind == "CronJob" else "spec.template"
    assert faults(kind, {**spec, "schedule": "@daily"}) == [
        (fault, f"{at}.spec.containers[0].{path}") for fault, path in expected
    ]


def test_a_templates_labels_are_labels() -> None:
    """Their path has no ``metadata`` in it."""
    labels = {**LABELS, "a b": "c"}
    spec = {**SPEC, "template": {**TEMPLATE, "metadata": {"labels": labels}}}
    assert faults("Deployment", spec) == [("Invalid", "spec.template.labels")]


def test_a_templates_requests_are_not_its_limits() -> None:
    """Only a bare Pod's are, so that a bad name is reported once here and twice there."""
    spec = template(containers=[{"name": "web", "image": "nginx", "resources": {"limits": {"a_b": "1"}}}])
    assert {path for _, path in faults("Deployment", spec)} == {
        "spec.template.spec.containers[0].resources.limits[a_b]"
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"replicas": -1}, [("Invalid", "spec.replicas")], id="fewer than none"),
        pytest.param({"ordinals": {"start": -1}}, [("Invalid", "spec.ordinals.start")], id="before zero"),
        pytest.param({"serviceName": "Web"}, [("Invalid", "spec.serviceName")], id="no Service's name"),
        pytest.param({"podManagementPolicy": "Any"}, [("Invalid", "spec.podManagementPolicy")], id="no such policy"),
    ],
)
def test_a_statefulsets_own_fields(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each is found in its field."""
    assert faults("StatefulSet", {**SPEC, **change}) == expected


def test_names_of_statefulsets_have_no_dots() -> None:
    """Their pods' host names are made of them."""
    assert faults("StatefulSet", SPEC, name="a.b") == [("Invalid", "metadata.name")]
    assert faults("Deployment", SPEC, name="a.b") == []


def test_a_replication_controller_needs_a_template() -> None:
    """And labels to select."""
    assert faults("ReplicationController", {}) == [("Required", "spec.selector"), ("Required", "spec.template")]
    other = {**SPEC, "selector": {"matchLabels": {"app": "other"}}}
    assert faults("ReplicationController", other) == [("Invalid", "spec.template.metadata.labels")]


def test_pods_of_a_job_end() -> None:
    """The default policy, Always, is refused."""
    assert faults("Job", ONCE) == []
    endless = {"template": {"spec": {"containers": [{"name": "web", "image": "nginx"}]}}}
    assert faults("Job", endless) == [("Required", "spec.template.spec.restartPolicy")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"parallelism": -1}, [("Invalid", "spec.parallelism")], id="fewer than none at once"),
        pytest.param({"completions": -1}, [("Invalid", "spec.completions")], id="fewer than none in all"),
        pytest.param(
            {"podReplacementPolicy": "Never"}, [("NotSupported", "spec.podReplacementPolicy")], id="no such policy"
        ),
    ],
)
def test_a_jobs_own_fields(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each is found in its field."""
    assert faults("Job", {**ONCE, **change}) == expected


def test_a_cron_job_has_a_schedule_and_a_jobs_faults() -> None:
    """Paths go through jobTemplate."""
    assert faults("CronJob", {**ONCE, "schedule": "* * * * *"}) == []
    wrong = [("Required", "spec.schedule"), ("Invalid", "spec.jobTemplate.spec.parallelism")]
    assert faults("CronJob", {**ONCE, "parallelism": -1}) == wrong


def test_kinds_from_elsewhere_have_no_rules_here() -> None:
    """An Argo Rollout is its controller's business."""
    assert faults("Rollout", {}) == []


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        pytest.param({"type": "Recreate"}, [], id="Recreate"),
        pytest.param({"rollingUpdate": {"maxSurge": "200%", "maxUnavailable": 0}}, [], id="twice as many meanwhile"),
        pytest.param({"rollingUpdate": {"maxUnavailable": 0}}, [], id="maxSurge is 25% then"),
        pytest.param({"type": "recreate"}, [("NotSupported", "")], id="in small letters"),
        pytest.param(
            {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}, [("Forbidden", ".rollingUpdate")], id="both at once"
        ),
        pytest.param(
            {"rollingUpdate": {"maxSurge": "0%", "maxUnavailable": 0}},
            [("Invalid", ".rollingUpdate.maxUnavailable")],
            id="nothing may ever move",
        ),
        pytest.param(
            {"rollingUpdate": {"maxSurge": -1, "maxUnavailable": "101%"}},
            [("Invalid", ".rollingUpdate.maxSurge"), ("Invalid", ".rollingUpdate.maxUnavailable")],
            id="less than none, more than all",
        ),
    ],
)
def test_the_strategy_of_a_deployment(strategy: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """A ReplicaSet has none."""
    found = faults("Deployment", {**SPEC, "strategy": strategy})
    assert found == [(kind, f"spec.strategy{name}") for kind, name in expected]


def test_a_pod_failure_policy_wants_failed_pods_replaced_only() -> None:
    """KEP-3939."""
    job = {**ONCE, "podFailurePolicy": {}}
    assert faults("Job", {**job, "podReplacementPolicy": "Failed"}) == []
    assert faults("Job", {**job, "podReplacementPolicy": "TerminatingOrFailed"}) == [
        ("NotSupported", "spec.podReplacementPolicy")
    ]
    assert faults("Deployment", template(preemptionPolicy="never")) == [
        ("NotSupported", "spec.template.spec.preemptionPolicy")
    ]
