"""Why nothing answers, wherever that is said: the reason is the one that holds in this state."""

from typing import Any

import pytest

from tests.findings.given import NODES, container, manifests, service, workload
from webapp.cluster.build import build
from webapp.diagram.formats import draw, port_graph
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.routing import outcome
from webapp.views.map.verdict import verdict

HUGE = container(image="web", resources={"requests": {"cpu": "900"}})
DUMPED = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-x", "namespace": "shop", "labels": {"app": "web"}},
    "spec": {"nodeName": "node-1", "containers": container()},
}
CAPACITY = {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}
SMALL = [{**node, "status": {**node["status"], **CAPACITY}} for node in NODES]


PAUSED = {**workload(), "spec": {**workload()["spec"], "paused": True}}
HEADLESS_SLICE = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {
        "name": "web-x",
        "namespace": "shop",
        "labels": {"kubernetes.io/service-name": "web", "service.kubernetes.io/headless": ""},
    },
    "addressType": "IPv4",
    "endpoints": [{"addresses": ["10.0.0.1"]}],
    "ports": [{"port": 8080}],
}


def dumped(phase: str, *, ready: bool = False, **status: Any) -> dict[str, Any]:
    """Return a pod of a dump."""
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {**DUMPED, "status": {"phase": phase, "conditions": conditions, **status}}


def said(*docs: dict[str, Any], down: str = "", at: Moment = Moment.BEFORE) -> tuple[str, str]:
    """Return what the first entry point's reason and the short form say."""
    cluster = build(manifests(*docs))
    targets = frozenset({Target(kind=FailureKind.NODE, name=down)}) if down else frozenset()
    found = outcome(state_at(cluster, Scenario(down=targets, at=at)), "shop/web")
    assert found.no_endpoints
    return found.entries[-1].reason, found.no_endpoints.short


@pytest.mark.parametrize(
    ("docs", "short", "detail"),
    [
        ([service()], "no pod matches its selector", "(app=web)"),
        ([service(), workload(replicas=0)], "Deployment web has 0 replicas", ""),
        ([service(), workload(replicas=3, containers=HUGE)], "its 3 pods are Pending", "3 Insufficient cpu"),
        ([service(), workload(replicas=1, containers=HUGE)], "its pod is Pending", "(0/3 nodes are available"),
        ([service(), workload(containers=container(name="A_B"))], "Deployment web is rejected", "by the API server"),
        (
            [service(), workload(containers=container(ports=[{"containerPort": 80}]))],
            "its 2 pods declare no port with the name of the targetPort",
            'named "http" for TCP',
        ),
        ([service(selector=None)], "it has no selector", "no EndpointSlice"),
        ([service(selector=None), HEADLESS_SLICE], "kube-proxy sees no endpoints of it", "headless"),
        ([service(), PAUSED], "Deployment web is paused and creates no pods", ""),
        ([service(), dumped("Succeeded")], "its pod has finished", ""),
        ([service(), dumped("Failed")], "its pod has failed", ""),
        ([service(), dumped("Pending")], "its pod has no IP address yet", ""),
        ([service(), dumped("Running", podIP="10.1.0.1")], "its only endpoint isn't ready", ""),
        ([service(), dumped("Running", podIP="fd00::7")], "its pod has no address of the service's IP family", "IPv4"),
    ],
)
def test_the_reason_is_the_rule_that_keeps_the_pods_out(docs: list[dict[str, Any]], short: str, detail: str) -> None:
    """Before any failure; the sentence of each entry point ends with it."""
    reason, brief = said(*SMALL, *docs)
    assert brief == short
    assert short in reason
    assert detail in reason


@pytest.mark.parametrize(
    ("at", "short", "detail"),
    [
        (Moment.DETECTED, "its only endpoint isn't ready", "1 on node-1, which is down"),
        (
            Moment.RESCHEDULED,
            "its only endpoint isn't ready",
            "its replacement pod is Pending: 0/3 nodes are available",
        ),
    ],
)
def test_after_a_failure_the_reason_is_what_became_of_the_pods(at: Moment, short: str, detail: str) -> None:
    """A pod that may run on one node only."""
    pinned = workload(replicas=1, nodeSelector={"kubernetes.io/hostname": "node-1"})
    reason, brief = said(*SMALL, service(), pinned, down="node-1", at=at)
    assert brief == short
    assert detail in reason


def test_pictures_and_the_verdict_say_the_same() -> None:
    """Drawn Pending pods stand below a service that says so, not "its selector finds no pod"."""
    cluster = build(manifests(*SMALL, service(), workload(replicas=3, containers=HUGE)))
    assert "no endpoint: its 3 pods are Pending" in draw(cluster, Scenario(service="shop/web"), "svg").decode()
    found = verdict(cluster.services["shop/web"], port_graph(cluster, Scenario(service="shop/web")))
    assert [part.label for part in found.parts] == ["refused: its 3 pods are Pending"]


LABEL = {"service.kubernetes.io/service-proxy-name": ""}


def test_a_service_that_kube_proxy_leaves_alone_is_not_said_to_lack_endpoints() -> None:
    """Its endpoints are ready."""
    given = service()
    cluster = build(manifests(*NODES, {**given, "metadata": {**given["metadata"], "labels": LABEL}}, workload()))
    picture = draw(cluster, Scenario(service="shop/web"), "svg").decode()
    assert "kube-proxy ignores it because of its label" in picture
    found = verdict(cluster.services["shop/web"], port_graph(cluster, Scenario(service="shop/web")))
    assert [each.label for each in found.parts] == ["refused: kube-proxy ignores the service because of its label"]
