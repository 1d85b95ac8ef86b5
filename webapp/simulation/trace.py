"""One new connection from outside, hop by hop: what each hop sees, what it changes, and where the connection ends.

For one entry point and one endpoint that kube-proxy selects; the odds of the others stand beside it.
"""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from webapp.cluster.endpoints import family
from webapp.cluster.model import Endpoint, Service, ServicePort
from webapp.failure.state import State
from webapp.records import dataclass
from webapp.routing.categorize import CategorizedEndpoints, Endpoints, categorize_endpoints
from webapp.routing.entry import Cause, Entry, Result
from webapp.routing.evaluate import evaluate
from webapp.routing.plan import Plan
from webapp.routing.plans import has_entries, plans

CLIENTS = {"IPv4": "203.0.113.9", "IPv6": "2001:db8::9"}
"""An example client, from the ranges kept for documentation (RFC 5737, RFC 3849)."""
CLIENT_PORT = 51644
NODE_PORT_OUT = 23817
"""Example source ports: the kernels pick others for each connection."""


class Hop(StrEnum):
    """The steps of a connection, in order."""

    CONNECT = "connect"
    PORT = "port"
    PICK = "pick"
    SOURCE = "source"
    CROSS = "cross"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Peer:
    """One end of a packet."""

    host: str
    """An address; where none is known the name of the node or pod."""
    port: int
    known: bool = True
    """Whether `host` is an address."""

    def __str__(self) -> str:
        """Return ``host:port``, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Packet:
    """The addresses of a packet."""

    source: Peer
    target: Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class HopStep:
    """One hop; without packets if the connection ended before it."""

    hop: Hop
    title: str
    detail: str
    before: Packet | None = None
    """None where nothing has been sent yet, or nothing arrives."""
    after: Packet | None = None
    ends: Result | None = None
    """TIMEOUT or REFUSED where the connection ends here, ANSWERED at the reply."""

    @property
    def reached(self) -> bool:
        """Whether the connection comes this far."""
        return self.before is not None or self.after is not None


@dataclass(frozen=True, slots=True)
class Odds:
    """One endpoint that may be selected."""

    endpoint: Endpoint
    chance: float
    live: bool


@dataclass(frozen=True, slots=True)
class PassedOver:
    """One endpoint that is listed but never selected here."""

    endpoint: Endpoint
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A connection to one entry point."""

    service: Service
    port: ServicePort
    entry: Entry
    client: Peer
    steps: tuple[HopStep, ...]
    """All six, whether or not they are reached."""
    odds: tuple[Odds, ...] = ()
    """What is selected from, dead ones included; empty where nothing is selected."""
    picked: Odds | None = None
    which: str = ""
    """Which set of endpoints this is, and by which rule."""
    passed_over: tuple[PassedOver, ...] = ()
    result: Result
    """What happens to this connection: ANSWERED, REFUSED or TIMEOUT."""
    sees: str | None = None
    """The address that the pod takes for its client's; None if nothing arrives."""


def trace(
    state: State, service_key: str, port_index: int, node: str, pick: str | None = None, *, policy: str | None = None
) -> Trace:
    """Return the hops of a connection to the node's nodePort if kube-proxy selects the endpoint with the key `pick`.

    Without one that this node can select, the first live endpoint is taken, else the first. With `policy` the service
    has that externalTrafficPolicy instead of its own. kube-proxy rewrites the
    target (DNAT) to the endpoint it selected and, under externalTrafficPolicy Cluster, the source to the node's own
    address (SNAT); both are undone on the reply (Kubernetes, "Using Source IP").

    Raises:
        KeyError: there is no such service or node.
        IndexError: the service has no such port.
        ValueError: the service port has no nodePort to connect to.

    """
    service = state.cluster.services[service_key]
    port = service.ports[port_index]
    if not has_entries(service, port):
        raise ValueError(f"{service_key}:{port.port} has no nodePort")
    plan = _plan_of(state, service_key, port_index, state.cluster.nodes[node].name)
    if policy is not None:
        plan = replace(plan, local=policy == "Local")
    (entry,) = evaluate(plan)
    among = categorize_endpoints(plan.stale_endpoints if plan.nodes[0].stale else plan.endpoints)
    # Nothing is selected where the entry ended before: down, refused, dropped.
    chosen = _set(plan, among) if entry.shares else ()
    odds = tuple(Odds(each, 1 / len(chosen), each.key not in plan.dead) for each in chosen)
    picked = _selected(odds, pick)
    walk = _Walk(plan, entry, service, port, state.down_nodes)
    steps = tuple(walk.steps(picked, len(odds)))
    return Trace(
        service=service,
        port=port,
        entry=entry,
        client=walk.asked().source,
        steps=steps,
        odds=odds,
        picked=picked,
        which=_which(plan, among, chosen) if chosen else "",
        passed_over=tuple(_passed_over(plan, chosen)) if entry.cause in _CHOOSES else (),
        result=next(step.ends for step in steps if step.ends),
        sees=next((s.after.source.host for s in steps if s.hop is Hop.CROSS and s.after and not s.ends), None),
    )


_CHOOSES = (Cause.ANSWERED, Cause.DEAD_ENDPOINTS, Cause.NO_ENDPOINT, Cause.NO_LOCAL_ENDPOINT)
"""Where the connection comes as far as the choice of an endpoint."""


def silent_nodes(state: State, service_key: str, port_index: int) -> int:
    """Return how many nodes drop what arrives under policy Local, whether or not the service has it."""
    found = (replace(plan, local=True) for plan in plans(state, service_key, port_index))
    return sum(entry.cause is Cause.NO_LOCAL_ENDPOINT for plan in found for entry in evaluate(plan))


def _plan_of(state: State, service_key: str, port_index: int, node: str) -> Plan:
    """Return the plan by which the node is entered, with that node alone."""
    found = ((plan, each) for plan in plans(state, service_key, port_index) for each in plan.nodes if each.name == node)
    plan, own = next(found)
    return replace(plan, nodes=(own,))


def _set(plan: Plan, among: CategorizedEndpoints) -> Endpoints:
    node = plan.nodes[0]
    return among.local(node.name) if plan.local else among.cluster(node.name, node.zone)


def _selected(odds: tuple[Odds, ...], pick: str | None) -> Odds | None:
    # A pick that this node can't make came from another state of the page; a living endpoint tells more than an error.
    asked = next((each for each in odds if each.endpoint.key == pick), None)
    return asked or next((each for each in odds if each.live), odds[0] if odds else None)


def _which(plan: Plan, among: CategorizedEndpoints, chosen: Endpoints) -> str:
    """Return which set this is, and why it is this one."""
    node = plan.nodes[0]
    # Said first: which endpoints are ready now does not concern a kube-proxy that hears of nothing.
    if node.stale:
        return "Its kube-proxy no longer follows the API server: these are the endpoints from before the failure."
    spare = not chosen[0].ready
    if plan.local:
        rest = ", and since none there is ready, those that terminate but still serve" if spare else ""
        return f"externalTrafficPolicy Local: only endpoints on {node.name}{rest}."
    if spare:
        return "No endpoint is ready anywhere, so those that terminate but still serve are used."
    if chosen is not among.usable:
        here = node.name if chosen is among.by_node_hint.get(node.name) else f"zone {node.zone}"
        return f"Every ready endpoint has hints, so only those hinted for {here} are used."
    return "externalTrafficPolicy Cluster: all ready endpoints, wherever they run."


def _passed_over(plan: Plan, chosen: Endpoints) -> Iterator[PassedOver]:
    """Yield the listed endpoints that this node never selects."""
    node = plan.nodes[0]
    # By identity: an address that is listed twice counts once, and the second mention is passed over.
    taken = {id(endpoint) for endpoint in chosen}
    for endpoint in plan.stale_endpoints if node.stale else plan.endpoints:
        if id(endpoint) not in taken:
            yield PassedOver(endpoint, _why_not(plan, endpoint, chosen))


def _why_not(plan: Plan, endpoint: Endpoint, chosen: Endpoints) -> str:
    if any((other.address, other.port) == (endpoint.address, endpoint.port) for other in chosen if other.address):
        return "listed twice"
    if not endpoint.ready:
        return "terminating" if endpoint.terminating else "not ready"
    if plan.local:
        return f"not on {plan.nodes[0].name}"
    return "hinted for elsewhere"


@dataclass(frozen=True, slots=True)
class _Walk:
    """Walks one connection along its hops."""

    plan: Plan
    entry: Entry
    service: Service
    port: ServicePort
    down: frozenset[str]
    """Nodes that are down."""

    def steps(self, picked: Odds | None, count: int) -> Iterator[HopStep]:
        """Yield the six steps; those after the end have no packets."""
        taken = list(self._taken(picked, count))
        yield from taken
        # The page shows all six, so that one sees how far the connection came.
        for hop in list(Hop)[len(taken) :]:
            yield HopStep(hop=hop, title=_TITLES[hop], detail="not reached")

    def _taken(self, picked: Odds | None, count: int) -> Iterator[HopStep]:
        """Yield the steps that the connection takes, the last of which ends it."""
        entry, asked = self.entry, self.asked()
        if entry.cause is Cause.NODE_DOWN:
            yield self._end(Hop.CONNECT, "The client times out", None, asked)
            return
        yield HopStep(
            hop=Hop.CONNECT, title=_TITLES[Hop.CONNECT], detail="to the address and nodePort it knows", after=asked
        )
        # The node is up but has no rule for this address and port: its own TCP stack answers.
        if entry.cause in (Cause.ADDRESS_EXCLUDED, Cause.NOT_PROXIED):
            yield self._end(Hop.PORT, f"{entry.node} refuses", asked, None)
            return
        belongs = f"{self.port.node_port} belongs to {self.service.key}:{self.port.port}"
        yield HopStep(hop=Hop.PORT, title=f"{entry.node} knows the port", detail=belongs, before=asked, after=asked)
        if picked is None:
            title = (
                "Nothing to select: refused" if entry.result is Result.REFUSED else "Nothing to select here: dropped"
            )
            yield self._end(Hop.PICK, title, asked, None)
            return
        yield from self._sent(picked, count, asked)

    def _sent(self, picked: Odds, count: int, asked: Packet) -> Iterator[HopStep]:
        """Yield the steps from the pick on."""
        endpoint = picked.endpoint
        aimed = Packet(asked.source, _endpoint_peer(endpoint))
        how = f"1 of {count}, all equally likely: DNAT" if count > 1 else "the only one: DNAT"
        yield HopStep(hop=Hop.PICK, title=_TITLES[Hop.PICK], detail=how, before=asked, after=aimed)
        arriving = Packet(self._source(endpoint, aimed.source), aimed.target)
        yield self._rewritten(aimed, arriving)
        yield self._crossed(picked, arriving)
        if picked.live:
            # conntrack undoes both translations, so the client sees the reply from where it sent its packet.
            back, undone = Packet(arriving.target, arriving.source), Packet(asked.target, asked.source)
            sees = self.entry.node if arriving.source != asked.source else "the client itself"
            yield HopStep(
                hop=Hop.ANSWER,
                title="The pod answers",
                detail=f"and sees {sees}; the reply goes back through {self.entry.node}",
                before=back,
                after=undone,
                ends=Result.ANSWERED,
            )

    def _source(self, endpoint: Endpoint, client: Peer) -> Peer:
        """Return whose address the pod sees: the client's under Local, and for a process of the entry node itself."""
        # Under Local the reply comes back the same way by itself, so no address needs to be rewritten.
        if self.plan.local or self._same_network(endpoint):
            return client
        return replace(self._node_peer(), port=NODE_PORT_OUT)

    def _same_network(self, endpoint: Endpoint) -> bool:
        return endpoint.home == self.entry.node and endpoint.key in self.plan.host_network

    def _rewritten(self, before: Packet, after: Packet) -> HopStep:
        if before != after:
            title, detail = "The source is rewritten", "policy Cluster: SNAT, so that the reply comes back this way"
        elif self.plan.local:
            title, detail = "The source stays", "policy Local: no SNAT"
        else:
            title, detail = "The source stays", f"the pod shares the network of {self.entry.node}: no SNAT"
        return HopStep(hop=Hop.SOURCE, title=title, detail=detail, before=before, after=after)

    def _crossed(self, picked: Odds, packet: Packet) -> HopStep:
        endpoint = picked.endpoint
        if not picked.live:
            who = endpoint.home if endpoint.home in self.down else endpoint.key
            # A reset is never sent for it: kube-proxy has no part in the connection any more.
            what = f"{who} doesn't answer, and kube-proxy doesn't try another endpoint"
            return HopStep(
                hop=Hop.CROSS, title="Nothing answers", detail=what, before=packet, after=packet, ends=Result.TIMEOUT
            )
        if endpoint.home == self.entry.node:
            title, detail = f"The packet stays on {self.entry.node}", "the pod runs on the same node"
        elif endpoint.home:
            title, detail = f"The packet crosses to {endpoint.home}", "the pod runs on another node"
        else:
            title, detail = "The packet goes to the endpoint", "its node is not known"
        return HopStep(hop=Hop.CROSS, title=title, detail=detail, before=packet, after=packet)

    def _end(self, hop: Hop, title: str, before: Packet | None, after: Packet | None) -> HopStep:
        return HopStep(
            hop=hop, title=title, detail=self.entry.reason, before=before, after=after, ends=self.entry.result
        )

    def asked(self) -> Packet:
        """Return the packet as the client sends it."""
        families = self.service.ip_families
        chosen = family(self.entry.address) if self.entry.address else families[0]
        target = replace(self._node_peer(), port=self.port.node_port or 0)
        return Packet(Peer(CLIENTS[chosen], CLIENT_PORT), target)

    def _node_peer(self) -> Peer:
        address = self.entry.address
        return Peer(address or self.entry.node, 0, known=address is not None)


_TITLES = {
    Hop.CONNECT: "The client connects",
    Hop.PORT: "The node knows the port",
    Hop.PICK: "One endpoint is selected",
    Hop.SOURCE: "The source is rewritten",
    Hop.CROSS: "The packet goes to the pod",
    Hop.ANSWER: "The pod answers",
}


def _endpoint_peer(endpoint: Endpoint) -> Peer:
    name = (endpoint.pod or "").rpartition("/")[2]
    return Peer(endpoint.address or name, endpoint.port, known=endpoint.address is not None)
