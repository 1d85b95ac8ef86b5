"""What the simulation document says beyond the entries."""

from typing import Any

import pytest

from tests.failure import workloads
from tests.failure.clusters import cluster, explorer, node, pod
from webapp.cluster.model import Cluster
from webapp.failure.words import decode
from webapp.manifests.objects import Container, ContainerPort, PodSpec
from webapp.simulation.document import simulation_document

HOST_PORT = PodSpec(containers=(Container(ports=(ContainerPort(container_port=8080, host_port=80),)),))


def _document(of: Cluster, *pairs: tuple[str, str]) -> dict[str, Any]:
    return simulation_document(of, decode(pairs, of))


def test_the_timeline_says_what_a_failure_costs() -> None:
    """Five eighths of a round robin for 50 s, then a quarter for good."""
    words = (("down", "node/worker-2"), ("service", "default/web"), ("via", "node/worker-2"))
    timeline = _document(explorer(), *words)["services"][0]["ports"][0]["timeline"]
    assert set(timeline) == {"dns", "lb", "node/worker-2"}
    assert (timeline["dns"]["lost"], timeline["dns"]["settledAt"], timeline["dns"]["stillLosing"]) == (31.25, 50, 0.25)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((("down", "node/worker-2"),), id="no service in focus: it would cost four times the work"),
        pytest.param((("service", "default/web"),), id="nothing down"),
        pytest.param((("drain", "node/worker-2"), ("service", "default/web")), id="a drain has no clock"),
    ],
)
def test_without_question_there_is_no_timeline(words: tuple[tuple[str, str], ...]) -> None:
    """Null, not empty."""
    document = _document(explorer(), *words)
    assert document["services"][0]["ports"][0]["timeline"] is None


def test_the_course_has_the_seconds_of_each_moment() -> None:
    """And its steps with flags and sources; null while nothing is down."""
    course = _document(explorer(), ("down", "node/worker-2"))["course"]
    assert course["moments"][1] == {"at": "detected", "seconds": 50.0}
    assert {"from", "to", "event", "flag", "source"} == set(course["steps"][0])
    assert _document(explorer())["course"] is None


def test_each_changed_pod_has_its_fate() -> None:
    """Evicted ones, and those that take their place."""
    of = workloads.cluster(
        workloads.nodes("n1", "n2"), [workloads.pod("web-1", "n1"), workloads.pod("db-0", "n1", None)]
    )
    pods = _document(of, ("down", "node/n1"), ("at", "rescheduled"))["pods"]
    assert {one["pod"]: (one["fate"], one["node"]) for one in pods} == {
        "default/web-1": ("evicted", "n1"),
        "default/web-1-new": ("moved", "n2"),
        "default/db-0": ("gone", "n1"),
    }


def test_a_drain_says_how_it_goes() -> None:
    """What is evicted in which order, and what a budget holds."""
    budgets = [workloads.budget(min_available=1)]
    of = workloads.cluster(workloads.nodes("n1", "n2"), [workloads.pod("web-1", "n1")], budgets=budgets)
    (drained,) = _document(of, ("drain", "node/n1"))["drains"]
    assert (drained["node"], drained["result"], drained["rounds"]) == ("n1", "never ends", [])
    assert "disruption budget" in drained["held"]["default/web-1"]


def test_host_ports_are_listed_apart() -> None:
    """With a service in focus, only those of its own pods."""
    other = pod("other-1", "n1", labels={"app": "other"}, spec=HOST_PORT)
    of = cluster([node("n1"), node("n2")], [pod("web-1", "n2", spec=HOST_PORT)])
    of = Cluster(**{f: getattr(of, f) for f in Cluster.__dataclass_fields__} | {"pods": {**of.pods, other.key: other}})
    every = _document(of, ("down", "node/n2"), ("at", "failed"))["hostPorts"]
    assert [(way["pod"], way["node"], way["port"], way["outcome"]) for way in every] == [
        ("default/web-1", "n2", 80, "timeout"),
        ("default/other-1", "n1", 80, "answered"),
    ]
    own = _document(of, ("service", "default/web"))["hostPorts"]
    assert [way["pod"] for way in own] == ["default/web-1"]


def test_a_service_says_what_else_decides() -> None:
    """Affinity, health checks, other addresses."""
    of = explorer(
        external_ips=("203.0.113.9",),
        session_affinity="ClientIP",
        session_affinity_seconds=10800,
        external_traffic_policy="Local",
        health_check_node_port=31000,
    )
    service = _document(of, ("down", "node/worker-2"), ("at", "failed"))["services"][0]
    assert (service["sessionAffinity"], service["sessionAffinitySeconds"]) == ("ClientIP", 10800)
    assert service["healthChecks"] == {"200": ["worker-1", "worker-3"], "503": ["worker-4"], "none": ["worker-2"]}
    (way,) = service["ports"][0]["otherWays"]
    assert (way["kind"], way["nodes"]["answered"]) == ("externalIP", ["worker-1", "worker-3"])


def test_open_connections_are_told_while_something_fails() -> None:
    """Before and without a failure there is nothing to tell."""
    assert {row["fortune"] for row in _document(explorer(), ("down", "node/worker-2"))["openConnections"]} >= {"hangs"}
    assert _document(explorer())["openConnections"] == []
