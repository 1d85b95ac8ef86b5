"""Why does an address not answer? The path of a connection, step by step, up to the first thing that breaks it.

The path to a nodePort is that of the simulation: `why` and `simulate` never contradict each other. Other addresses
(a load balancer's, a Service's, a pod's, one's own machine) get the steps that belong to them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from webapp.cluster.address import Address, canonical, node_at
from webapp.cluster.model import Node
from webapp.cluster.nodes import not_ready_remark
from webapp.failure.state import State
from webapp.findings.elsewhere import (
    Destination,
    elsewhere,
    is_own_machine,
    local_names,
    no_such_host,
    own_machine,
    taken_for_a_node,
)
from webapp.findings.explanation import Explanation, Mark, Path, PathStep
from webapp.findings.facts import Facts, Selection
from webapp.findings.kind import mapped_ports
from webapp.findings.not_listening import not_listening, which_port
from webapp.findings.onward import onward
from webapp.findings.outside import outside
from webapp.records import dataclass
from webapp.routing.access_paths import HostPortPath, address_paths, host_port_paths
from webapp.routing.at_address import entry_at
from webapp.routing.entry import Cause, Entry
from webapp.routing.outcome import outcome
from webapp.routing.plans import has_entries


def why(facts: Facts, state: State, typed: Address, protocol: str = "TCP") -> Explanation:
    """Return the path of a connection to the address in a state, up to the first thing that breaks it.

    Without a port the only one that fits is meant. A protocol in the address comes before `protocol`.
    """
    question = _Question(facts, state, typed, typed.protocol or protocol)
    found = question.destination()
    path = Path()
    # The simulation may answer what a step in front of it breaks: then nothing is answered.
    whole = path.take(found.steps)
    return Explanation(
        asked=str(Address(typed.host, found.port)),
        protocol=question.protocol,
        port=found.port,
        node=found.node.name if found.node else None,
        service=found.selected.service.key if found.selected else None,
        answered=found.answered if whole else 0.0,
        outcome=found.result,
        steps=tuple(path.steps),
        outside=tuple(outside(state, typed, found)),
    )


@dataclass(frozen=True, slots=True)
class _Listener:
    """Who has a port of a node: a service, else a pod by its host port, else nobody."""

    text: str
    entry: Entry | None = None
    """None: nobody."""
    selected: Selection | None = None
    index: int = 0


@dataclass(frozen=True, slots=True)
class _Question:
    """One address, asked about in one state."""

    facts: Facts
    state: State
    typed: Address
    protocol: str

    def destination(self) -> Destination:
        """Return where the address leads: to a node, to what else has it, or to a node that nobody described."""
        node = node_at(self.state.cluster, self.typed.host)
        if node is not None:
            return self._at_node(node)
        if is_own_machine(self.typed):
            return self._at_own_machine()
        found = elsewhere(self.facts, self.state, self.typed, self.protocol)
        return found or self._not_known()

    def _port(self) -> int | None:
        """Return the port: the one typed, else the only nodePort that there is, of the service in focus first."""
        focus = self.state.scenario.service
        # The command asks for a service to be in focus; the page has one on the screen, which is the one meant.
        chosen = [s for s in self.facts.numbered if s.service.key == focus] or self.facts.numbered
        numbers = {p.node_port for s in chosen for _, p in s.node_ports if p.protocol == self.protocol}
        return self.typed.port or (numbers.pop() if len(numbers) == 1 else None)

    # --- a node that is known

    def _at_node(self, node: Node) -> Destination:
        port = self._port()
        if port is None:
            return Destination(steps=[self._is_up(node), which_port(self.facts, self.protocol)], node=node)
        found = self._listener(node, port)
        steps = [self._is_up(node), *self._from_port(found, nobody=Mark.BREAKS)]
        return Destination(steps=steps, node=node, port=port, selected=found.selected, entry=found.entry)

    def _is_up(self, node: Node) -> PathStep:
        if node.name in self.state.down_nodes:
            return PathStep(name="node", mark=Mark.BREAKS, text=f"{node.name} is down, and its IP address with it.")
        if note := not_ready_remark([node]):
            return PathStep(name="node", mark=Mark.UNKNOWN, text=note)
        assumed = " It is assumed: the uploaded manifests have no such Node." if node.assumed else ""
        return PathStep(name="node", text=f"{node.name} is up.{assumed}")

    def _from_port(self, found: _Listener, *, nobody: Mark) -> Iterator[PathStep]:
        """Yield the steps from the port on; `nobody` is what it means if nothing listens."""
        entry = found.entry
        if entry is None:
            yield PathStep(name="port", mark=nobody, text=found.text)
        elif entry.cause in (Cause.ADDRESS_EXCLUDED, Cause.NOT_PROXIED):
            yield PathStep(name="port", mark=Mark.BREAKS, text=entry.reason)
        else:
            yield PathStep(name="port", text=found.text)
            if found.selected is not None:
                yield from onward(self.facts, self.state, found.selected, found.index, entry)
            else:
                yield PathStep(name="pod", mark=Mark.OK if entry.answered else Mark.BREAKS, text=entry.reason)

    def _listener(self, node: Node, port: int) -> _Listener:
        """Return who has the port there: an external address of a service, a nodePort, a pod's hostPort, or nobody."""
        # kube-proxy's rules come before the node's own sockets, so services are asked before host ports.
        for selected in self.facts.services:
            for index, its in enumerate(selected.service.ports):
                if its.protocol != self.protocol:
                    continue
                if its.port == port and self.typed.host in self._external(selected):
                    return self._external_address(selected, index, node)
                if its.node_port == port and has_entries(selected.service, its):
                    return self._node_port(selected, index, node)
        for way in host_port_paths(self.state):
            if (way.node, way.port, way.protocol) == (node.name, port, self.protocol) and self._reaches(way, node):
                how = "because it uses the host network" if way.host_network else "with its hostPort"
                return _Listener(f"{way.pod} opens port {port} on the node itself, {how}.", way.entry)
        return _Listener(not_listening(self.facts, self.state, port, self.protocol))

    def _external(self, selected: Selection) -> tuple[str, ...]:
        """Return the addresses that every node takes for the service."""
        # An externalIP may well be a node's own address: then it is also where kube-proxy captures that port.
        return tuple(map(canonical, (*selected.service.external_ips, *selected.service.load_balancer_ips)))

    def _external_address(self, selected: Selection, index: int, node: Node) -> _Listener:
        key, its = selected.service.key, selected.service.ports[index]
        ways = address_paths(self.state, key, index)
        entries = {e.node: e for way in ways if canonical(way.address) == self.typed.host for e in way.entries}
        text = f"{self.typed.host} is an external address of {key}, and {its.port} its port."
        return _Listener(text, entries.get(node.name), selected, index)

    def _node_port(self, selected: Selection, index: int, node: Node) -> _Listener:
        service, its = selected.service, selected.service.ports[index]
        auto = " (auto-assigned; a cluster may assign another number)" if its.node_port_assigned else ""
        text = f"nodePort {its.node_port}{auto} is port {its.port}/{its.protocol} of {service.key}, on every node."
        address = self.typed.host if self.typed.ip and self.typed.host in local_names(node) else None
        return _Listener(text, entry_at(self.state, service.key, index, node, address), selected, index)

    def _reaches(self, way: HostPortPath, node: Node) -> bool:
        """Return whether the hostPort listens on the address."""
        # With a hostIP it does on that one alone. A node's name is taken for its first internal address.
        return way.address in (None, *node.internal_ips[:1], self.typed.host)

    # --- a node that nobody described

    def _not_known(self) -> Destination:
        """Return what can be said of a host that no object names: a node whose addresses aren't given may have it."""
        # Any address may be that of an assumed node; where Nodes were given they have their addresses.
        nodes = [node for node in self.state.cluster.nodes.values() if node.assumed and not node.addresses]
        if nodes and self.typed.ip is not None:
            port = self._port()
            return self._at_some_node(taken_for_a_node(self.typed, port, len(nodes)), nodes, port)
        # A name is never taken for an assumed node: these have names of their own, which would have matched.
        step = no_such_host(self.typed, self.state.cluster)
        return Destination(steps=[step], port=self.typed.port)

    def _at_own_machine(self) -> Destination:
        """Return the path behind one's own machine: by the mapping of a kind configuration, if there is one."""
        nodes, port = list(self.state.cluster.nodes.values()), self._port()
        mapped, files = mapped_ports(self.facts)
        by_host = {(host, protocol): inside for (inside, protocol), host in mapped.items() if host}
        if not by_host or self.typed.port is None:
            return self._at_some_node(own_machine(self.typed, port), nodes, port, own=True)
        inside = by_host.get((self.typed.port, self.protocol))
        if inside is None:
            listed = ", ".join(f"{host}/{protocol}" for host, protocol in by_host)
            text = f"{self.typed.host} is your own machine, and extraPortMappings in {files} maps {listed} there only."
            return Destination(steps=[PathStep(name="your machine", mark=Mark.BREAKS, text=text)], port=self.typed.port)
        text = f"kind maps port {self.typed.port} of your machine to port {inside} of its node ({files})."
        found = self._at_some_node(PathStep(name="your machine", text=text), nodes, inside)
        return replace(found, port=self.typed.port)

    def _at_some_node(
        self, first: PathStep, nodes: Sequence[Node], port: int | None, *, own: bool = False
    ) -> Destination:
        """Return the path through one of these nodes, whichever it is; where they differ it is unknown.

        `own`: through one's own machine, of which it is not known whether the connection reaches a node at all.
        """
        if port is None:
            return Destination(steps=[first, which_port(self.facts, self.protocol)])
        found = self._listener(nodes[0], port)
        selected = found.selected
        if selected is None:
            steps = self._from_port(found, nobody=Mark.UNKNOWN if own else Mark.BREAKS)
            return Destination(steps=[first, *steps], port=port, entry=None if own else found.entry)
        every = outcome(self.state, selected.service.key, found.index).entries
        # Whoever calls some node calls one that is up; if all of these answer alike, it doesn't matter which.
        names = {node.name for node in nodes} - self.state.down_nodes
        entries = [entry for entry in every if entry.node in names]
        if len({(entry.result, round(entry.answered, 9)) for entry in entries}) != 1:
            step = PathStep(name="node", mark=Mark.UNKNOWN, text=_depends(entries))
            ambiguous = [first, PathStep(name="port", text=found.text), step]
            return Destination(steps=ambiguous, port=port, selected=selected)
        at = _Listener(found.text, entries[0], selected, found.index)
        steps = self._from_port(at, nobody=Mark.BREAKS)
        entry = None if own else entries[0]
        return Destination(steps=[first, *steps], port=port, selected=selected, entry=entry)


def _depends(entries: Sequence[Entry]) -> str:
    """Return which nodes answer and which don't."""
    if not entries:
        return "All nodes are down."
    best, worst = max(entries, key=lambda e: e.answered), min(entries, key=lambda e: e.answered)
    return f"It depends on the node. {best.node}: {best.reason} {worst.node}: {worst.reason}"
