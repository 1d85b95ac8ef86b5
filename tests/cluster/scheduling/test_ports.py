"""Host ports."""

import pytest

from webapp.cluster.scheduling.ports import HostPort, host_ports, ports_conflict
from webapp.manifests.objects import Container, ContainerPort, PodSpec

ANY, LOCAL = "0.0.0.0", "127.0.0.1"  # noqa: S104


def container(restart_policy: str | None = None, **port: object) -> Container:
    """Return a container with one port."""
    return Container(ports=(ContainerPort(**port),), restart_policy=restart_policy)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            PodSpec(containers=(container(host_port=80),)), {(ANY, "TCP", 80)}, id="all addresses and TCP by default"
        ),
        pytest.param(
            PodSpec(containers=(container(host_port=80, host_ip=LOCAL, protocol="UDP"),)),
            {(LOCAL, "UDP", 80)},
            id="as written",
        ),
        pytest.param(PodSpec(containers=(container(container_port=80),)), set(), id="a container port is no host port"),
        pytest.param(
            PodSpec(containers=(container(container_port=80),), host_network=True),
            {(ANY, "TCP", 80)},
            id="but on the host's network it is",
        ),
        pytest.param(PodSpec(init_containers=(container(host_port=80),)), set(), id="init containers don't count"),
        pytest.param(
            PodSpec(init_containers=(container("Always", host_port=80),)), {(ANY, "TCP", 80)}, id="sidecars do"
        ),
    ],
)
def test_a_pod_asks_for_its_host_ports(spec: PodSpec, expected: set[tuple[str, str, int]]) -> None:
    """Which host ports the scheduler sees."""
    assert set(host_ports(spec)) == expected


@pytest.mark.parametrize(
    ("wanted", "used", "conflict"),
    [
        pytest.param(HostPort(LOCAL, "TCP", 80), HostPort(LOCAL, "TCP", 80), True, id="the same"),
        pytest.param(HostPort(ANY, "TCP", 80), HostPort(LOCAL, "TCP", 80), True, id="all addresses against one"),
        pytest.param(HostPort(LOCAL, "TCP", 80), HostPort(ANY, "TCP", 80), True, id="one against all"),
        pytest.param(HostPort(LOCAL, "TCP", 80), HostPort("10.0.0.1", "TCP", 80), False, id="two addresses"),
        pytest.param(HostPort("::", "TCP", 80), HostPort("10.0.0.1", "TCP", 80), False, id="the IPv6 wildcard is none"),
        pytest.param(HostPort(ANY, "UDP", 80), HostPort(ANY, "TCP", 80), False, id="two protocols"),
    ],
)
def test_host_ports_conflict(wanted: HostPort, used: HostPort, conflict: bool) -> None:
    """Same port and protocol, and the same address or all of them on one side."""
    assert ports_conflict([wanted], [used]) is conflict
