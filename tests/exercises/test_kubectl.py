"""What kubectl would print of a state: its layout and its words."""

import re
from pathlib import Path

import pytest

from webapp.cluster.build import build
from webapp.exercises import broken_state, exercises, kubectl
from webapp.failure.words import PAGE
from webapp.library import read_manifests
from webapp.paths import resource_directory

SAMPLES = resource_directory("samples")


CLUSTER_IP = "10.96.82.111"
"""An example that stays the same."""


def printed(path: Path, *pairs: tuple[str, str], service: str) -> dict[str, tuple[str, ...]]:
    """Return what each command prints of a sample under some words."""
    its = broken_state(read_manifests([str(path)]), PAGE, pairs)
    return {its.command: its.lines for its in kubectl(its, service)}


def columns(lines: tuple[str, ...]) -> list[list[str]]:
    """Return the cells: kubectl leaves three spaces between them, and has one within a heading at most."""
    return [re.split(" {3,}", line) for line in lines]


def test_a_healthy_service() -> None:
    """Nodes, pods, Services, slices, and the Service described, with every column of kubectl."""
    found = printed(SAMPLES / "webapp-service.yaml", service="default/webapp-service")
    assert columns(found["kubectl get nodes -o wide"])[:2] == [
        [
            *("NAME", "STATUS", "ROLES", "AGE", "VERSION"),
            *("INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"),
        ],
        ["node-1", "Ready", "<none>", "<unknown>", "v1.36.0", "<none>", "<none>", *["<unknown>"] * 3],
    ]
    pods = columns(found["kubectl get pods -o wide --show-labels"])
    assert pods[0] == [
        *("NAME", "READY", "STATUS", "RESTARTS", "AGE"),
        *("IP", "NODE", "NOMINATED NODE", "READINESS GATES", "LABELS"),
    ]
    assert pods[1][:9] == ["webapp-1", "1/1", "Running", "0", "<unknown>", "10.244.0.2", "node-1", "<none>", "<none>"]
    assert pods[1][9].startswith("app=webapp,pod-template-hash=")
    assert columns(found["kubectl get svc -o wide"]) == [
        ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR"],
        ["webapp-service", "NodePort", CLUSTER_IP, "<none>", "80:30080/TCP", "<unknown>", "app=webapp"],
    ]
    assert columns(found["kubectl get endpointslices"])[0] == ["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"]
    assert found["kubectl get netpol"] == ("No resources found in default namespace.",)
    # As kubectl 1.32 printed of the same objects.
    assert found["kubectl describe svc webapp-service"] == (
        "Name:                     webapp-service",
        "Namespace:                default",
        "Labels:                   <none>",
        "Annotations:              <none>",
        "Selector:                 app=webapp",
        "Type:                     NodePort",
        "IP Family Policy:         SingleStack",
        "IP Families:              IPv4",
        f"IP:                       {CLUSTER_IP}",
        f"IPs:                      {CLUSTER_IP}",
        "Port:                     <unset>  80/TCP",
        "TargetPort:               8080/TCP",
        "NodePort:                 <unset>  30080/TCP",
        "Endpoints:                10.244.0.2:8080,10.244.1.2:8080,10.244.2.2:8080",
        "Session Affinity:         None",
        "External Traffic Policy:  Cluster",
        "Internal Traffic Policy:  Cluster",
        "Events:                   <none>",
    )


def test_more_than_three_endpoints_are_counted() -> None:
    """As kubectl does."""
    found = printed(SAMPLES / "shop.yaml", service="default/web")
    assert any(" + 1 more...   " in line for line in found["kubectl get endpointslices"])


WEBAPP_PATCH = 'Deployment/default/webapp:{"spec":{"template":{"spec":%s}}}'
SERVICE_PATCH = 'Service/default/webapp-service:{"spec":%s}'
POLICY = (
    'NetworkPolicy/default/closed:{"apiVersion":"networking.k8s.io/v1","spec":'
    '{"podSelector":{"matchLabels":{"b":"2","a":"1"}},"policyTypes":["Ingress"]}}'
)
PENDING = "kubectl describe pod webapp-1 | sed -n '/^Node-Selectors/,$p'"
WHOLE_NODE = "kubectl describe node node-1 | sed -n '/^Taints/,/^Unschedulable/p'"


@pytest.mark.parametrize(
    ("pairs", "command", "line"),
    [
        pytest.param(
            [("patch", SERVICE_PATCH % '{"selector":{"app":"x"}}')],
            "kubectl get endpointslices",
            "IPv4          <unset>   <unset>     <unknown>",
            id="no endpoints",
        ),
        pytest.param(
            [("patch", SERVICE_PATCH % '{"selector":{"app":"x"}}')],
            "kubectl describe svc webapp-service",
            "Endpoints:",
            id="no endpoints, described",
        ),
        pytest.param(
            [("patch", SERVICE_PATCH % '{"ports":[{"port":80,"targetPort":"htpp"}]}')],
            "kubectl describe svc webapp-service",
            "Endpoints:                10.244.0.2,10.244.1.2,10.244.2.2",
            id="pods without the port that is named",
        ),
        pytest.param(
            [("patch", SERVICE_PATCH % '{"ports":[{"port":80,"targetPort":"htpp"}]}')],
            "kubectl get endpointslices",
            "<unset>   10.244.0.2,10.244.1.2,10.244.2.2   <unknown>",
            id="and their slice, without any port",
        ),
        pytest.param(
            [("down", "node/node-2"), ("at", "detected")],
            "kubectl get nodes -o wide",
            "node-2   NotReady   <none>",
            id="a node that is down, once detected",
        ),
        pytest.param(
            [("cordon", "node-1")],
            "kubectl get nodes -o wide",
            "node-1   Ready,SchedulingDisabled   <none>",
            id="a cordoned node",
        ),
        pytest.param(
            [("replicas", "Deployment/default/webapp:0")],
            "kubectl get pods -o wide --show-labels",
            "No resources found in default namespace.",
            id="no pod",
        ),
        pytest.param(
            [("patch", SERVICE_PATCH % '{"ports":[{"port":80,"nodePort":8080}]}')],
            "kubectl apply -f manifests.yaml | grep invalid",
            'The Service "webapp-service" is invalid: spec.ports[0].nodePort: Invalid value: 8080: provided port is '
            "not in the valid range. The range of valid ports is 30000-32767",
            id="a rejected Service",
        ),
        pytest.param(
            [("patch", WEBAPP_PATCH % '{"nodeSelector":{"disk":"ssd"}}')],
            PENDING,
            "  Warning  FailedScheduling  <unknown>  default-scheduler  0/3 nodes are available: 3 node(s) didn't "
            "match Pod's node affinity/selector.",
            id="a pod without a node",
        ),
        pytest.param(
            [("patch", WEBAPP_PATCH % '{"nodeSelector":{"disk":"ssd"}}')],
            PENDING,
            "Node-Selectors:  disk=ssd",
            id="what it asks for",
        ),
        pytest.param(
            [
                ("patch", WEBAPP_PATCH % '{"nodeSelector":{"disk":"ssd"},"tolerations":[{"key":"a","value":"b"}]}'),
                ("taint", "node-1:dedicated=batch:NoSchedule"),
            ],
            PENDING,
            "Tolerations:     a=b",
            id="what it tolerates",
        ),
        pytest.param(
            [
                ("patch", WEBAPP_PATCH % '{"nodeSelector":{"disk":"ssd"}}'),
                ("taint", "node-1:dedicated=batch:NoSchedule"),
            ],
            WHOLE_NODE,
            "Taints:             dedicated=batch:NoSchedule",
            id="a tainted node",
        ),
        pytest.param([("patch", POLICY)], "kubectl get netpol", "closed   a=1,b=2        <unknown>", id="a policy"),
        pytest.param(
            [("patch", POLICY)],
            "kubectl describe netpol closed | sed -n '/^Spec/,$p'",
            "    <none> (Selected pods are isolated for ingress connectivity)",
            id="a policy, described",
        ),
        pytest.param(
            [
                ("patch", 'Service/default/webapp-service:{"$patch":"delete"}'),
                ("patch", 'Service/other/webapp-service:{"apiVersion":"v1","spec":{"ports":[{"port":80}]}}'),
            ],
            "kubectl get svc --all-namespaces -o wide --field-selector metadata.name=webapp-service",
            "other       webapp-service   ClusterIP",
            id="a Service in another namespace",
        ),
    ],
)
def test_a_broken_service(pairs: list[tuple[str, str]], command: str, line: str) -> None:
    """In the words that people search for."""
    lines = printed(SAMPLES / "webapp-service.yaml", *pairs, service="default/webapp-service")[command]
    assert any(line in each for each in lines), lines


def test_a_pod_that_is_not_ready_is_running() -> None:
    """0 of its containers are ready, and its address is in the slice, but not among the Endpoints."""
    found = printed(
        SAMPLES / "shop.yaml", ("down", "unready/default/web-7c9d-4xk2p"), ("at", "detected"), service="default/web"
    )
    pod = next(line for line in found["kubectl get pods -o wide --show-labels"] if line.startswith("web-7c9d-4xk2p"))
    assert pod.split()[1:3] == ["0/1", "Running"]
    assert pod.split()[5] == "10.244.1.7"
    assert any("10.244.1.7" in line for line in found["kubectl get endpointslices"])
    assert not any("10.244.1.7" in line for line in found["kubectl describe svc web"])


def test_a_long_table_is_cut_by_the_command() -> None:
    """So that what stands there is what the command prints."""
    found = printed(SAMPLES / "fifty-nodes.yaml", service="shop/web")
    assert all(len(lines) == 60 for command, lines in found.items() if command.endswith("| head -n 60"))
    assert all(len(lines) <= 60 for lines in found.values())


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_exercise_of_each_sample_is_printed(path: Path) -> None:
    """No cell is empty, and no line ends in spaces."""
    manifests = read_manifests([str(path)])
    for exercise in exercises(manifests, build(manifests, PAGE)):
        for command, lines in printed(path, *exercise.pairs, service=exercise.service).items():
            assert command.startswith("kubectl ")
            assert lines
            assert all(line == line.rstrip() or line.startswith("Endpoints:") for line in lines)
