"""Why does node:port not answer? The path of a connection, step by step, with the first thing that breaks it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webapp.cluster.endpoints import family
from webapp.cluster.model import Node, Service, ServicePort
from webapp.failure.state import State
from webapp.findings.facts import Facts, Selected
from webapp.findings.find import by_rules
from webapp.findings.finding import Finding
from webapp.findings.rules import BY_ID
from webapp.routing.outcome import Cause, Entry, PortOutcome, Result
from webapp.routing.outcomes import outcome
from webapp.routing.ways import HostWay, host_ways

_ON_THE_WAY = ("NP201", "NP202", "NP203", "NP204", "NP205", "NP206", "NP207", "NP209", "NP211", "NP212")
_CLIENTS_OUT = "NP261"
_RULES = tuple(BY_ID[id_] for id_ in (*_ON_THE_WAY, _CLIENTS_OUT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stretch of the path."""

    name: str
    ok: bool
    text: str
    """One sentence: what happens here, or why nothing does."""
    remedy: str = ""
    """YAML to copy, where a finding has some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A usual cause that no manifest shows."""

    cause: str
    check: str
    """How to find out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What becomes of a connection to one address."""

    node: str | None
    port: int
    protocol: str
    service: str | None
    """The service that answers at the port, if any."""
    answered: float
    """The share of new connections that get an answer, as far as the manifests tell."""
    steps: tuple[Step, ...]
    outside: tuple[Outside, ...]
    """In the order in which they are worth checking."""

    @property
    def broken(self) -> Step | None:
        """The first step that fails; None if the manifests give no reason."""
        return next((step for step in self.steps if not step.ok), None)

    @property
    def verdict(self) -> str:
        """One sentence."""
        if self.broken is not None:
            return self.broken.text
        return "The manifests are consistent: it should answer. If it doesn't, the cause is outside them."


def why(facts: Facts, state: State, node_or_address: str, port: int, protocol: str = "TCP") -> Explanation:
    """Return the path of a connection to ``node:port`` in a state, up to the first thing that breaks it.

    The steps are those of kube-proxy (Kubernetes, "Virtual IPs and Service Proxies"): the node, who listens at the
    port, its endpoints, the choice among them, and the policies before the pod.
    """
    node = _node(state, node_or_address)
    listener = _listener(facts, state, node, port, protocol)
    selected = listener.selected
    entry = _entry(state, node, selected, listener.index) if selected else listener.way.entry if listener.way else None
    steps = list(_steps(facts, state, node_or_address, node, listener))
    broken = any(not step.ok for step in steps)
    return Explanation(
        node=node.name if node else None,
        port=port,
        protocol=protocol,
        service=selected.service.key if selected else None,
        answered=entry.answered if entry and (not broken or entry.result is Result.DEGRADED) else 0.0,
        steps=_until_broken(steps),
        outside=tuple(_outside(state, node, node_or_address, selected, entry)),
    )


def _until_broken(steps: Iterable[Step]) -> tuple[Step, ...]:
    kept: list[Step] = []
    for step in steps:
        kept.append(step)
        if not step.ok:
            break
    return tuple(kept)


def _node(state: State, named: str) -> Node | None:
    nodes = state.cluster.nodes
    by_address = (node for node in nodes.values() if named.strip("[]") in node.addresses)
    return nodes.get(named) or next(by_address, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listener:
    """Who has the port: a service by nodePort, else a pod on the node by its host port, else nobody."""

    port: int
    protocol: str
    selected: Selected | None = None
    index: int = 0
    way: HostWay | None = None


def _listener(facts: Facts, state: State, node: Node | None, port: int, protocol: str) -> _Listener:
    for selected in facts.exposed:
        for index, each in selected.node_ports:
            if (each.node_port, each.protocol) == (port, protocol):
                return _Listener(port=port, protocol=protocol, selected=selected, index=index)
    ways = host_ways(state) if node else ()
    match = (way for way in ways if node and (way.node, way.port, way.protocol) == (node.name, port, protocol))
    return _Listener(port=port, protocol=protocol, way=next(match, None))


def _steps(facts: Facts, state: State, named: str, node: Node | None, listener: _Listener) -> Iterator[Step]:
    if node is None:
        known = ", ".join(list(state.cluster.nodes)[:5])
        yield Step(name="node", ok=False, text=f"No node has the name or address {named}; there are {known}.")
        return
    up = node.name not in state.down_nodes
    yield Step(name="node", ok=up, text=f"{node.name} is up." if up else f"{node.name} is down, its address with it.")
    if listener.selected is not None:
        yield from _service_steps(facts, state, node, listener.selected, listener.index)
    elif (way := listener.way) is not None:
        yield Step(name="listener", ok=True, text=f"{way.pod} opens port {way.port} on the node itself.")
        yield Step(name="pod", ok=way.entry.answered > 0, text=way.entry.reason)
    else:
        yield Step(name="listener", ok=False, text=_nobody(facts, listener.port, listener.protocol))


def _service_steps(facts: Facts, state: State, node: Node, selected: Selected, index: int) -> Iterator[Step]:
    service, port = selected.service, selected.service.ports[index]
    chosen = " (a number that nodefall assumed)" if port.node_port_assigned else ""
    text = f"nodePort {port.node_port}{chosen} is port {port.port}/{port.protocol} of {service.key}, on every node."
    yield Step(name="listener", ok=True, text=text)
    entry, told = _entry(state, node, selected, index), _told(facts, selected, index)
    on_the_way = next((f for f in told if f.id in _ON_THE_WAY), None)
    if entry.cause is Cause.NO_ENDPOINT and on_the_way is not None:
        yield Step(name="endpoints", ok=False, text=f"No endpoint. {on_the_way.message}", remedy=on_the_way.remedy)
    ready = sum(e.ready for e in outcome(state, service.key, index).endpoints)
    yield Step(name="endpoints", ok=ready > 0, text=f"{service.key} has {ready} ready endpoints for this port.")
    yield Step(name="kube-proxy", ok=entry.result in (Result.ANSWERED, Result.DEGRADED), text=entry.reason)
    if policy := next((f for f in told if f.id == _CLIENTS_OUT), None):
        yield Step(name="network policy", ok=False, text=policy.message, remedy=policy.remedy)
    if on_the_way is not None:
        yield Step(name="pod", ok=False, text=on_the_way.message, remedy=on_the_way.remedy)
    yield Step(name="pod", ok=True, text=f"The pods are sent connections at their port {port.target_port}.")


def _entry(state: State, node: Node | None, selected: Selected, index: int) -> Entry:
    found: PortOutcome = outcome(state, selected.service.key, index)
    return next((e for e in found.entries if node and e.node == node.name), found.entries[0])


def _told(facts: Facts, selected: Selected, index: int) -> list[Finding]:
    """Return the findings about the service as a whole and about this port of it."""
    name, here = f"Service {selected.service.key}", f"spec.ports[{index}]"
    about = (f for f in by_rules(facts, _RULES) if f.object == name)
    return [f for f in about if not f.path.startswith("spec.ports[") or f.path.startswith(here)]


def _nobody(facts: Facts, number: int, protocol: str) -> str:
    """Return what is known of a number at which nothing listens: another protocol, a port mixed up, a refusal."""
    for selected in facts.services:
        for index, port in enumerate(selected.given.spec.ports):
            service = selected.service
            if port.node_port == number and not service.accepted:
                refusal = service.refusals[0]
                return (
                    f"{service.key} asks for {number}, but the API server refuses it: {refusal.path}: {refusal.detail}."
                )
            if port.node_port == number and (port.protocol or "TCP") != protocol:
                return f"{number} is a nodePort of {service.key} for {port.protocol or 'TCP'}, not for {protocol}."
            if index < len(service.ports) and (text := _mixed_up(service, service.ports[index], number)):
                return text
    ports = [p.node_port for s in facts.exposed for _, p in s.node_ports if p.protocol == protocol and p.node_port]
    nearest = min(ports, key=lambda each: abs(each - number), default=None)
    also = f"; the nearest nodePort is {nearest}" if nearest is not None else ""
    return f"Nothing listens at {number}/{protocol}: no service has that nodePort, and no pod opens it{also}."


def _mixed_up(service: Service, port: ServicePort, number: int) -> str:
    if number not in (port.port, port.target_port):
        return ""
    what = "the port inside the cluster" if number == port.port else "the pod's port"
    if port.node_port is None:
        return f"{number} is {what} of {service.key}, which is a {service.type} and has no nodePort: give it one."
    return f"{number} is {what} of {service.key}; from outside it is nodePort {port.node_port}."


def _outside(
    state: State, node: Node | None, named: str, selected: Selected | None, entry: Entry | None
) -> Iterator[Outside]:
    port = f"{selected.service.ports[0].target_port}" if selected else "the port"
    if node is not None and named in node.internal_ips and node.external_ips:
        yield Outside(
            cause=f"{named} is an internal address; from outside the node is {node.external_ips[0]}.",
            check="Try the external address.",
        )
    if selected is not None and node is not None and (text := _families(selected.service, node)):
        yield Outside(cause=text, check="Use an address of the service's family, or make the service dual stack.")
    yield Outside(
        cause="A firewall or security group between client and node doesn't let the nodePort in.",
        check="curl from another node: if that answers and the client times out, it is the firewall.",
    )
    yield Outside(
        cause="The node's address isn't routable from the client (a virtual machine, kind, Docker Desktop, minikube).",
        check="ping the node; on kind map the port with extraPortMappings, on minikube use `minikube service --url`.",
    )
    yield Outside(
        cause=f"The program in the pod listens on another port than {port}, or on 127.0.0.1 only.",
        check="kubectl port-forward reaches 127.0.0.1, a curl of the pod's IP doesn't: then it is bound to localhost.",
    )
    if len(state.cluster.nodes) > 1 and (entry is None or entry.client_ip != "preserved"):
        yield Outside(
            cause="Nodes can't reach pods of other nodes (overlay, MTU, iptables FORWARD policy DROP).",
            check="If only the nodes with a pod answer, look at the network between the nodes.",
        )
    yield Outside(
        cause="kube-proxy doesn't run there, runs under another node name, or another data plane has its own rules.",
        check="kubectl -n kube-system get pods -o wide | grep kube-proxy; its log names the node it believes to be.",
    )


def _families(service: Service, node: Node) -> str:
    known = {family(address) for address in node.addresses}
    missing = known - set(service.ip_families)
    if not missing:
        return ""
    return f"The service is {' and '.join(service.ip_families)} only, and the node has {' and '.join(sorted(known))}."
