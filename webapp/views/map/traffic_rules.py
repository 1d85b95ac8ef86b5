"""The map's card of a service's rules: client address, affinity, hints, other addresses, health checks."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from webapp.cluster.model import Endpoint, Service
from webapp.failure import Moment
from webapp.numbers import counted, nothing, percent, some
from webapp.routing import AddressKind, AddressPath, HostPortPath, Result, address_paths, host_port_paths
from webapp.routing.categorize import categorize_endpoints
from webapp.routing.entry_points import ranks
from webapp.routing.health_check import health_answers
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.wording import Standing, standing

MAX_HOST_PORTS = 10
_SERVICE = "https://kubernetes.io/docs/concepts/services-networking/service/"
_VIPS = "https://kubernetes.io/docs/reference/networking/virtual-ips/"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One thing and its result, with its standing where it answers or not."""

    name: str
    detail: str
    share: str = ""
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class TrafficRule:
    """One rule of the service."""

    title: str
    texts: tuple[str, ...]
    source: str
    url: str
    lines: tuple[RuleLine, ...] = ()


def traffic_rules(simulation: PortSimulation) -> tuple[TrafficRule, ...]:
    """Return the rules that apply to the service in focus."""
    found: tuple[Callable[[PortSimulation], TrafficRule | None], ...] = (
        _client_address,
        _affinity,
        _hints,
        _addresses,
        _host_ports,
        _health_check,
    )
    return tuple(rule for make in found if (rule := make(simulation)) is not None)


# --- the client's address ---------------------------------------------------------------------------------------------

_SEEN = {
    "preserved": "pods see the client’s own address",
    "node": "pods see the node’s address",
    "mixed": "it depends on the pod: a hostNetwork pod sees the client’s address, others the node’s",
}


def _client_address(simulation: PortSimulation) -> TrafficRule | None:
    by_word: dict[str, list[str]] = {}
    for group in simulation.now.groups:
        if group.entry.client_ip is not None:
            by_word.setdefault(group.entry.client_ip, []).extend(group.nodes)
    if not by_word:
        return None
    place = ranks(simulation.page.cluster)
    local = simulation.now.service.external_traffic_policy == "Local"
    why = (
        "Policy Local: kube-proxy sends only to pods on the same node, so it keeps the source address."
        if local
        else "Policy Cluster: kube-proxy replaces the source address with the node’s, so that replies return via it."
    )
    lines = tuple(
        RuleLine(some(sorted(nodes, key=place.__getitem__), 4), _SEEN[word]) for word, nodes in by_word.items()
    )
    return TrafficRule(
        "Client address", (why,), "Using Source IP", "https://kubernetes.io/docs/tutorials/services/source-ip/", lines
    )


# --- session affinity -------------------------------------------------------------------------------------------------


def _affinity(simulation: PortSimulation) -> TrafficRule | None:
    service = simulation.now.service
    if service.session_affinity != "ClientIP":
        return None
    # The API server's default, three hours.
    seconds = service.session_affinity_seconds or 10800
    what = (
        f"ClientIP: each node sends a client to the same pod until {seconds:,} s after its last connection. Each node "
        "keeps its own record, by the source address that it sees."
    )
    return TrafficRule(
        "Session affinity", (what, _pinned(simulation)), "Virtual IPs: session affinity", f"{_VIPS}#session-affinity"
    )


def _pinned(simulation: PortSimulation) -> str:
    now = simulation.now
    picked = {key for group in now.groups for key in group.entry.shares}
    dead, gone = picked - now.live, simulation.before.live - picked
    if dead:
        are = "is" if len(dead) == 1 else "are"
        return (
            f"Now {len(dead)} of the {counted(len(picked), 'pod')} that kube-proxy may select {are} dead: a client "
            "pinned to a dead pod loses all connections, not a share, until its endpoint is removed; others lose none."
        )
    if gone and simulation.page.scenario.at is not Moment.BEFORE:
        return "The endpoints that failed are removed: a client that was pinned to one is pinned to another pod now."
    return "When its pod dies, a pinned client loses every connection until the endpoint is removed, then gets another."


# --- hints ------------------------------------------------------------------------------------------------------------


def _hints(simulation: PortSimulation) -> TrafficRule | None:
    service, endpoints = simulation.now.service, simulation.now.endpoints
    wanted = service.traffic_distribution or (f"topology-mode {service.topology_mode}" if service.topology_mode else "")
    hinted = any(e.zone_hints or e.node_hints for e in endpoints)
    if not wanted and not hinted:
        return None
    found = categorize_endpoints(endpoints)
    by = [*_hint_lines("node", found.by_node_hint), *_hint_lines("zone", found.by_zone_hint)]
    asked = f"{wanted} asks for hints. " if wanted else ""
    return TrafficRule(
        "Hints",
        (asked + _hints_used(service, bool(by), hinted),),
        "Virtual IPs: traffic distribution",
        f"{_VIPS}#traffic-distribution",
        tuple(by[:MAX_HOST_PORTS]),
    )


def _hints_used(service: Service, used: bool, hinted: bool) -> str:
    if service.external_traffic_policy == "Local":
        return "Policy Local overrides hints for traffic from outside: each node uses its own pods."
    if used:
        return "A node uses the endpoints hinted for it or for its zone, and all endpoints if there are none."
    if hinted:
        return "A ready endpoint has no hint, which turns hints off for the whole port: every node uses all endpoints."
    return "No endpoint has a hint (too few for the zones, or a node without a zone): every node uses all endpoints."


def _hint_lines(what: str, by_hint: Mapping[str, Sequence[Endpoint]]) -> Iterator[RuleLine]:
    return (RuleLine(f"{what} {name}", counted(len(its), "endpoint")) for name, its in sorted(by_hint.items()))


# --- other access paths -----------------------------------------------------------------------------------------------


def _addresses(simulation: PortSimulation) -> TrafficRule | None:
    service = simulation.now.service
    ways = address_paths(simulation.state_now, service.key, simulation.page.port_index)
    texts = list(_address_texts(service, ways))
    if not ways and not texts:
        return None
    lines = tuple(_address_line(way) for way in ways)
    return TrafficRule("Other addresses", tuple(texts), "Service: external IPs", f"{_SERVICE}#external-ips", lines)


def _address_texts(service: Service, ways: Iterable[AddressPath]) -> Iterator[str]:
    kinds = {way.kind for way in ways}
    if AddressKind.EXTERNAL_IP in kinds:
        yield "Every node accepts traffic for an externalIP; routing it to a node is up to the network."
    proxied = [a for a in service.load_balancer_addresses if a not in service.load_balancer_ips]
    if proxied:
        yield (
            f"{some(proxied, 4)}: a host name, or ipMode Proxy: packets go to the load balancer, which sends them to "
            "the nodePort."
        )
    if service.load_balancer_source_ranges:
        ranges = ", ".join(service.load_balancer_source_ranges)
        drops = "the load balancer’s address drops packets from other clients"
        yield f"loadBalancerSourceRanges {ranges}: {drops}. {_OPEN}"


_OPEN = "They don’t protect the nodePort: whoever reaches a node’s address can connect to it."


def _address_line(way: AddressPath) -> RuleLine:
    kind = "externalIP" if way.kind is AddressKind.EXTERNAL_IP else "load balancer’s address"
    share = way.answered
    return RuleLine(f"{way.address}:{way.port}", f"{kind}, average of all nodes", percent(share), standing(share))


def _host_ports(simulation: PortSimulation) -> TrafficRule | None:
    behind = dict.fromkeys(e.pod for e in simulation.before.endpoints if e.pod)
    ways = host_port_paths(simulation.state_now, behind)
    if not ways:
        return None
    text = "These pods open a port on their own node: no other pod answers there, and the port is lost with the pod."
    rest = len(ways) - MAX_HOST_PORTS
    more = (f"{rest} more are not listed.",) if rest > 0 else ()
    lines = tuple(map(_host_line, ways[:MAX_HOST_PORTS]))
    url = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
    return TrafficRule("Ports of the node", (text, *more), "Pod Security Standards: host ports", url, lines)


def _host_line(way: HostPortPath) -> RuleLine:
    how = "hostNetwork" if way.host_network else "hostPort"
    share = way.entry.answered
    stands = standing(share, refused=way.entry.result is Result.REFUSED)
    word = percent(share) if not nothing(share) else stands.word
    return RuleLine(f"{way.node}:{way.port}", f"{how} of {way.pod}", word, stands)


# --- health check -----------------------------------------------------------------------------------------------------


def _health_check(simulation: PortSimulation) -> TrafficRule | None:
    service = simulation.now.service
    found = health_answers(simulation.state_now, service.key)
    if not found:
        return None
    what = (
        f"healthCheckNodePort {service.health_check_node_port}: kube-proxy answers load balancers’ health checks: "
        "whether the node has a ready pod. Terminating pods don’t count, although they still serve."
    )
    counts = Counter((answer.code, answer.reason) for answer in found)
    lines = tuple(
        RuleLine(
            some([a.node for a in found if (a.code, a.reason) == key], 4),
            key[1],
            str(key[0] or "no response"),
            standing(1.0 if key[0] == 200 else 0.0),
        )
        for key in counts
    )
    url = "https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/"
    return TrafficRule("Health check", (what,), "Create an External Load Balancer", url, lines)
