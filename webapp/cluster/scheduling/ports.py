"""Host ports: what a pod occupies on its node. Nothing to do with a Service's node ports."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from webapp.manifests.objects import Container, PodSpec

_ANY = "0.0.0.0"  # noqa: S104 (nothing is bound here)


class HostPort(NamedTuple):
    """A port on the node, at one of its addresses or at all."""

    ip: str
    protocol: str
    port: int


def host_ports(spec: PodSpec) -> tuple[HostPort, ...]:
    """Return the host ports that the pod asks for."""
    # GetHostPorts (pkg/scheduler/util): containers and sidecars, but not ordinary init containers. With hostNetwork
    # each container port is a host port (SetDefaultHostNetworkPorts, pkg/apis/core/v1/defaults.go).
    found = (port for c in spec.running_containers for port in _of_container(c, host_network=bool(spec.host_network)))
    return tuple(dict.fromkeys(found))


def _of_container(container: Container, *, host_network: bool) -> Iterator[HostPort]:
    for port in container.ports:
        number = port.host_port or (port.container_port if host_network else None) or 0
        if number > 0:
            yield HostPort(port.host_ip or _ANY, port.protocol or "TCP", number)


def ports_conflict(wanted: Collection[HostPort], used: Collection[HostPort]) -> bool:
    """Return whether one of the wanted host ports is taken."""
    # HostPortInfo.CheckConflict (pkg/scheduler/framework/types.go): same protocol and port, and the same address or
    # 0.0.0.0 on either side. ``::`` is no wildcard there.
    return any(_conflict(a, b) for a in wanted for b in used)


def _conflict(a: HostPort, b: HostPort) -> bool:
    return a.port == b.port and a.protocol == b.protocol and (a.ip == b.ip or _ANY in (a.ip, b.ip))
