"""What kubectl would print of a state: its layout and its words."""

from pathlib import Path

import pytest

from webapp.cluster.build import build
from webapp.exercises import exercises, kubectl
from webapp.failure.moments import state_at
from webapp.failure.words import PAGE, decode, decode_options
from webapp.library import read_manifests
from webapp.paths import resource_directory

SAMPLES = resource_directory("samples")


def printed(path: Path, *pairs: tuple[str, str], service: str) -> dict[str, tuple[str, ...]]:
    """Return what each command prints of a sample under some words."""
    manifests = read_manifests([str(path)])
    cluster = build(manifests, decode_options(list(pairs), manifests, PAGE))
    return {its.command: its.lines for its in kubectl(state_at(cluster, decode(list(pairs), cluster)), service)}


def test_a_healthy_service() -> None:
    """Nodes, pods, Services, slices, and the Service described."""
    found = printed(SAMPLES / "webapp-service.yaml", service="default/webapp-service")
    assert found["kubectl get nodes"][:2] == (
        "NAME     STATUS   ROLES    INTERNAL-IP",
        "node-1   Ready    <none>   <none>",
    )
    assert found["kubectl get svc -o wide"] == (
        "NAME             TYPE       PORT(S)        SELECTOR",
        "webapp-service   NodePort   80:30080/TCP   app=webapp",
    )
    described = found["kubectl describe svc webapp-service"]
    assert "NodePort:                 <unset>  30080/TCP" in described
    assert "Endpoints:                <webapp-1>:8080,<webapp-2>:8080,<webapp-3>:8080" in described


def test_more_than_three_endpoints_are_counted() -> None:
    """As kubectl does."""
    found = printed(SAMPLES / "shop.yaml", service="default/web")
    assert any(line.endswith(" + 1 more...") for line in found["kubectl get endpointslices"])


@pytest.mark.parametrize(
    ("pairs", "command", "line"),
    [
        pytest.param(
            [("patch", 'Service/default/webapp-service:{"spec":{"selector":{"app":"x"}}}')],
            "kubectl get endpointslices",
            "webapp-service-…   IPv4          <unset>   <unset>",
            id="no endpoints",
        ),
        pytest.param(
            [("down", "node/node-2"), ("at", "detected")],
            "kubectl get nodes",
            "node-2   NotReady   <none>   <none>",
            id="a node that is down, once detected",
        ),
        pytest.param(
            [("cordon", "node-1")],
            "kubectl get nodes",
            "node-1   Ready,SchedulingDisabled   <none>   <none>",
            id="a cordoned node",
        ),
        pytest.param(
            [("replicas", "Deployment/default/webapp:0")],
            "kubectl get pods -o wide --show-labels",
            "No resources found in default namespace.",
            id="no pod",
        ),
        pytest.param(
            [("patch", 'Service/default/webapp-service:{"spec":{"ports":[{"port":80,"nodePort":8080}]}}')],
            "kubectl apply -f manifests.yaml | grep invalid",
            'The Service "webapp-service" is invalid: spec.ports[0].nodePort: Invalid value: 8080: provided port is '
            "not in the valid range. The range of valid ports is 30000-32767",
            id="a rejected Service",
        ),
        pytest.param(
            [("patch", 'Deployment/default/webapp:{"spec":{"template":{"spec":{"nodeSelector":{"disk":"ssd"}}}}}')],
            "kubectl describe pod webapp-1 | tail -n 3",
            "  Warning  FailedScheduling  default-scheduler  0/3 nodes are available: 3 node(s) didn't match Pod's "
            "node affinity/selector.",
            id="a pod without a node",
        ),
    ],
)
def test_a_broken_service(pairs: list[tuple[str, str]], command: str, line: str) -> None:
    """In the words that people search for."""
    assert line in printed(SAMPLES / "webapp-service.yaml", *pairs, service="default/webapp-service")[command]


def test_a_pod_that_is_not_ready_is_running() -> None:
    """0 of its containers are ready, and its address is in the slice, but not among the Endpoints."""
    found = printed(
        SAMPLES / "shop.yaml", ("down", "unready/default/web-7c9d-4xk2p"), ("at", "detected"), service="default/web"
    )
    pod = next(line for line in found["kubectl get pods -o wide --show-labels"] if line.startswith("web-7c9d-4xk2p"))
    assert pod.split()[1:4] == ["0/1", "Running", "10.244.1.7"]
    assert any("10.244.1.7" in line for line in found["kubectl get endpointslices"])
    assert not any("10.244.1.7" in line for line in found["kubectl describe svc web"])


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_exercise_of_each_sample_is_printed(path: Path) -> None:
    """No cell is empty, and no line ends in spaces."""
    manifests = read_manifests([str(path)])
    for exercise in exercises(manifests, build(manifests, PAGE)):
        for command, lines in printed(path, *exercise.pairs, service=exercise.service).items():
            assert command.startswith("kubectl ")
            assert lines
            assert all(line == line.rstrip() or line.startswith("Endpoints:") for line in lines)
