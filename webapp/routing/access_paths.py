"""Access paths besides node:nodePort: externalIPs, load balancer addresses, and ports that pods open on their node."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from enum import StrEnum

from webapp.cluster.model import Pod, PodKey
from webapp.failure.state import NEW, PodFate, State, with_fate
from webapp.records import dataclass
from webapp.routing.entry import Cause, Entry, Result
from webapp.routing.evaluate import evaluate
from webapp.routing.plans import plans


class AddressKind(StrEnum):
    """What a client connects to, if not to a nodePort."""

    EXTERNAL_IP = "externalIP"
    LOAD_BALANCER = "loadBalancer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPath:
    """One address of a service that every node takes traffic for."""

    kind: AddressKind
    address: str
    port: int
    entries: tuple[Entry, ...]
    """What each node does with a packet to the address, should the network bring it there."""
    source_ranges: tuple[str, ...] = ()
    """Only these clients get through; others are dropped. The nodePort isn't guarded by them."""

    @property
    def answered(self) -> float:
        """The share of connections that are answered, if the network spreads them over all nodes."""
        return sum(entry.answered for entry in self.entries) / len(self.entries) if self.entries else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPortPath:
    """A port that a pod opens on its own node: no balancing, and it goes with the pod."""

    pod: str
    node: str
    address: str | None
    port: int
    protocol: str
    host_network: bool
    """The pod runs in its node's network; otherwise it has a hostPort."""
    entry: Entry


def address_paths(state: State, service_key: str, port_index: int = 0) -> tuple[AddressPath, ...]:
    """Return the externalIPs and load balancer addresses of one service port, with what each node does.

    They follow externalTrafficPolicy like nodePorts do, but on every node and whatever ``--nodeport-addresses`` says.
    kube-proxy captures a load balancer's address only in VIP mode (KEP-1860); in Proxy mode packets go out to the
    load balancer, which comes back by a nodePort.
    """
    service = state.cluster.services[service_key]
    if not service.accepted or service.headless or service.type == "ExternalName":
        return ()
    if not service.external_ips and not service.load_balancer_ips:
        return ()
    port = service.ports[port_index]
    # No flag restricts these: kube-proxy takes them on every node that the network brings them to.
    by_node = {
        entry.node: entry
        for plan in plans(state, service_key, port_index)
        for entry in evaluate(replace(plan, nodes=tuple(replace(node, listens=True) for node in plan.nodes)))
    }
    entries = tuple(by_node[name] for name in state.cluster.nodes)
    return tuple(
        AddressPath(kind=kind, address=address, port=port.port, entries=entries, source_ranges=ranges)
        for kind, addresses, ranges in (
            (AddressKind.EXTERNAL_IP, service.external_ips, ()),
            (AddressKind.LOAD_BALANCER, service.load_balancer_ips, service.load_balancer_source_ranges),
        )
        for address in addresses
    )


def host_port_paths(state: State, only: Iterable[PodKey] | None = None) -> tuple[HostPortPath, ...]:
    """Return the ports that placed pods (all, or `only` these) open on their nodes, by hostPort or hostNetwork.

    A hostPort listens only where the pod runs and dies with it (kubernetes/api core/v1 ContainerPort); a pod made in
    its place opens the port on its own node. The client's address is kept.
    """
    chosen = dict.fromkeys(only).keys() if only is not None else None
    return tuple(path for pod in _pods_now(state, chosen) if pod.node for path in _opened(state, pod, pod.node))


def _pods_now(state: State, only: Set[PodKey] | None) -> Iterator[Pod]:
    """Yield the pods, and those that were made in the place of one of them."""
    pods = state.cluster.pods
    for key in pods if only is None else (key for key in only if key in pods):
        changed = state.pods.get(key)
        # A StatefulSet's new pod has the key of the old one, which is gone.
        if changed is None or changed.fate not in NEW:
            yield pods[key]
    for changed in with_fate(state.pods, {PodFate.MOVED}):
        if only is None or changed.replaces in only:
            yield changed.pod


def _opened(state: State, pod: Pod, node: str) -> Iterator[HostPortPath]:
    network = bool(pod.spec.host_network)
    for container in pod.spec.running_containers:
        for port in container.ports:
            # In the node's network a container port is open on the node without a hostPort.
            number = port.host_port or (port.container_port if network else None)
            if number:
                yield _host_port_path(state, pod, node, (number, port.protocol or "TCP", port.host_ip, network))


def _host_port_path(state: State, pod: Pod, node: str, port: tuple[int, str, str | None, bool]) -> HostPortPath:
    number, protocol, host_ip, network = port
    given = state.cluster.nodes.get(node)
    own = given.internal_ips[0] if given and given.internal_ips else None
    address = host_ip if host_ip not in (None, "", "0.0.0.0", "::") else own  # noqa: S104 - compared, not bound
    entry = _host_entry(state, pod, node, address)
    return HostPortPath(
        pod=pod.key, node=node, address=address, port=number, protocol=protocol, host_network=network, entry=entry
    )


def _host_entry(state: State, pod: Pod, node: str, address: str | None) -> Entry:
    shares: Mapping[str, float] = {pod.key: 1.0}
    if node in state.down_nodes:
        return Entry(
            node, address, 0.0, Result.TIMEOUT, Cause.NODE_DOWN, f"{node} is down, and its IP address with it.", None
        )
    if pod.key in state.dead_pods:
        reason = f"{pod.key} is the only pod behind this port, and it is dead."
        return Entry(node, address, 0.0, Result.TIMEOUT, Cause.DEAD_ENDPOINTS, reason, None, shares)
    # The node is there, so its kernel refuses at once what nothing listens for.
    if pod.phase != "Running" or state.has_ended(pod.key, node):
        reason = f"{pod.key} isn't running, so nothing listens on this port."
        return Entry(node, address, 0.0, Result.REFUSED, Cause.NO_ENDPOINT, reason, None)
    reason = f"Goes straight to {pod.key}, ready or not: kube-proxy is not involved."
    return Entry(node, address, 1.0, Result.ANSWERED, Cause.ANSWERED, reason, "preserved", shares)
