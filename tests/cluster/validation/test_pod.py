"""Pods: containers, ports, probes and the rest."""

from typing import Any

import pytest

from tests.cluster.given import fields, pod
from webapp.cluster.validation.pod import pod_faults


def faults(spec: dict[str, Any], minor: int = 36) -> list[tuple[str, str]]:
    """Return type and field of what is wrong with a Pod."""
    return fields(pod_faults(pod(spec), minor))


def container(**given: Any) -> dict[str, Any]:
    """Return a Pod's spec with this one container."""
    return {"containers": [{"name": "web", **given}]}


def test_a_plain_pod_is_fine() -> None:
    """One container with a port."""
    assert faults(container(ports=[{"name": "http", "containerPort": 80}])) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"containers": []}, [("Required", "spec.containers")], id="no container"),
        pytest.param(
            {"containers": [{}, {}]},
            [
                ("Required", "spec.containers[0].name"),
                ("Required", "spec.containers[1].name"),
                ("Duplicate", "spec.containers[1].name"),
            ],
            id="two containers without a name have the same one",
        ),
        pytest.param(container(image=""), [("Required", "spec.containers[0].image")], id="no image"),
        pytest.param(
            {"initContainers": [{"name": "a", "image": ""}]},
            [("Required", "spec.initContainers[0].image")],
            id="an init container without image",
        ),
        pytest.param(container(name="Web"), [("Invalid", "spec.containers[0].name")], id="a container in upper case"),
        pytest.param(
            {"containers": [{"name": "a"}], "initContainers": [{"name": "a"}]},
            [("Duplicate", "spec.initContainers[0].name")],
            id="an init container named like a container",
        ),
        pytest.param(
            {"containers": [{"name": "a"}], "volumes": [{"name": "v"}, {"name": "v"}]},
            [("Duplicate", "spec.volumes[1].name")],
            id="two volumes of one name",
        ),
        pytest.param({"restartPolicy": "Sometimes"}, [("NotSupported", "spec.restartPolicy")], id="no such policy"),
        pytest.param({"nodeName": "Node 1"}, [("Invalid", "spec.nodeName")], id="no node's name"),
        pytest.param({"hostname": "a.b"}, [("Invalid", "spec.hostname")], id="a host name with a dot"),
        pytest.param({"priorityClassName": "High"}, [("Invalid", "spec.priorityClassName")], id="no class's name"),
        pytest.param({"nodeSelector": {"a": "b c"}}, [("Invalid", "spec.nodeSelector")], id="no label's value"),
        pytest.param(
            {"schedulingGates": [{"name": "a"}, {"name": "a"}]},
            [("Duplicate", "spec.schedulingGates[1]")],
            id="one gate twice",
        ),
        pytest.param(
            {"schedulingGates": [{"name": "a"}], "nodeName": "n"},
            [("Forbidden", "spec.nodeName")],
            id="a node in spite of a gate",
        ),
        pytest.param(
            {"readinessGates": [{"conditionType": "a b"}]},
            [("Invalid", "spec.readinessGates[0].conditionType")],
            id="no condition's name",
        ),
        pytest.param(
            {"resources": {"limits": {"mem": "1Gi"}}}, [("Invalid", "spec.resources.limits[mem]")], id="no resource"
        ),
        pytest.param({"overhead": {"cpu": "-1"}}, [("Invalid", "spec.overhead.limits[cpu]")], id="overhead below zero"),
    ],
)
def test_defects_of_a_pod(spec: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each is found in its field."""
    assert faults(spec) == expected


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        pytest.param([{"name": "x" * 16, "containerPort": 80}], [("Invalid", "name")], id="a name of 16 characters"),
        pytest.param([{"containerPort": 65536}], [("Invalid", "containerPort")], id="a number beyond 65535"),
        pytest.param([{"name": "http"}], [("Required", "containerPort")], id="no number"),
        pytest.param([{"containerPort": 80, "hostPort": 70000}], [("Invalid", "hostPort")], id="no host port"),
        pytest.param([{"containerPort": 80, "protocol": "tcp"}], [("NotSupported", "protocol")], id="a lower-case tcp"),
    ],
)
def test_defects_of_a_port(ports: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    """Each is found in its field."""
    assert faults(container(ports=ports)) == [(kind, f"spec.containers[0].ports[0].{name}") for kind, name in expected]


def test_port_names_are_unique_in_a_container() -> None:
    """Two containers may use the same name."""
    twice = [{"name": "http", "containerPort": 80}, {"name": "http", "containerPort": 81}]
    assert faults(container(ports=twice)) == [("Duplicate", "spec.containers[0].ports[1].name")]
    apart = [{"name": "a", "ports": twice[:1]}, {"name": "b", "ports": twice[1:]}]
    assert faults({"containers": apart}) == []


def test_a_host_port_is_taken_once() -> None:
    """By protocol and address."""
    ports = [{"containerPort": 80, "hostPort": 8080}, {"containerPort": 81, "hostPort": 8080}]
    assert faults(container(ports=ports)) == [("Duplicate", "spec.containers[0].ports[1].hostPort")]
    ports[1]["protocol"] = "UDP"  # type: ignore[assignment]
    assert faults(container(ports=ports)) == []


def test_on_the_host_network_ports_are_the_containers() -> None:
    """Another hostPort is refused, a missing one is filled in and may clash."""
    other = container(ports=[{"containerPort": 80, "hostPort": 81}])
    assert faults({**other, "hostNetwork": True}) == [("Invalid", "spec.containers[0].ports[0].hostPort")]
    twice = container(ports=[{"containerPort": 80}, {"containerPort": 80, "name": "b"}])
    assert faults({**twice, "hostNetwork": True}) == [("Duplicate", "spec.containers[0].ports[1].hostPort")]


@pytest.mark.parametrize(
    ("policy", "minor", "kind", "expected"),
    [
        pytest.param("Always", 36, "containers", [], id="a container's own policy since 1.35"),
        pytest.param("Always", 34, "containers", ["Forbidden"], id="none before"),
        pytest.param("Always", 30, "initContainers", [], id="sidecars"),
        pytest.param("Never", 34, "initContainers", ["NotSupported"], id="sidecars only, before 1.35"),
        pytest.param("Sometimes", 36, "containers", ["NotSupported"], id="no such policy"),
    ],
)
def test_restart_policies_of_containers(policy: str, minor: int, kind: str, expected: list[str]) -> None:
    """KEP-753 and KEP-5307."""
    spec = {"containers": [{"name": "web"}], kind: [{"name": "other", "restartPolicy": policy}]}
    assert [found for found, _ in faults(spec, minor)] == expected


def test_probe_timings_are_not_negative() -> None:
    """Zero counts as unset."""
    asks = {"tcpSocket": {"port": 80}}
    assert faults(container(readinessProbe={**asks, "periodSeconds": 0})) == []
    wrong = [("Invalid", "spec.containers[0].readinessProbe.periodSeconds")]
    assert faults(container(readinessProbe={**asks, "periodSeconds": -1})) == wrong


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        pytest.param({"httpGet": {"port": 80}}, [], id="one way of asking"),
        pytest.param({"periodSeconds": 5}, [("Required", "readinessProbe")], id="none"),
        pytest.param({"httpget": {"port": 80}}, [("Required", "readinessProbe")], id="a typo is none"),
        pytest.param(
            {"exec": {"command": ["true"]}, "grpc": {"port": 80}}, [("Forbidden", "readinessProbe.grpc")], id="two"
        ),
    ],
)
def test_a_probe_asks_in_one_way(probe: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidateHandler."""
    assert faults(container(readinessProbe=probe)) == [(kind, f"spec.containers[0].{name}") for kind, name in expected]


def test_only_sidecars_among_init_containers_have_probes() -> None:
    """An ordinary one has ended before anyone could ask."""
    init = {"name": "init", "readinessProbe": {"tcpSocket": {"port": 80}}}
    wrong = [("Forbidden", "spec.initContainers[0].readinessProbe")]
    assert faults({"initContainers": [init]}) == wrong
    assert faults({"initContainers": [{**init, "restartPolicy": "Always"}]}) == []
