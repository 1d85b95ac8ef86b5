"""Small clusters with one service, made by hand, and the records of State and Outcome that go with them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import networkx as nx

from webapp.cluster.model import Cluster, Endpoint, Node, Pod, Refusal, Service, ServicePort
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Moment, Scenario, Target
from webapp.failure.state import State
from webapp.manifests.objects import PodSpec
from webapp.routing.entry import Cause, Entry, Result
from webapp.routing.equal_entry_points import EntryPointGroup, EqualNodes, split
from webapp.routing.outcome import Entries, PortOutcome
from webapp.routing.plan import PlanNode
from webapp.topology import graph

NODES = {"worker-1": "a", "worker-2": "a", "worker-3": "b", "worker-4": "b"}
PODS = {"web-1": "worker-1", "web-2": "worker-2", "web-3": "worker-2", "web-4": "worker-3"}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One service port in a cluster, and what is asked of it."""

    nodes: Mapping[str, str | None]
    """Name -> zone."""
    pods: Mapping[str, str | None]
    """Name -> node; None is Pending."""
    down: frozenset[str] = frozenset()
    """Names of nodes and pods."""
    at: Moment = Moment.FAILED
    via: str = "dns"
    local: bool = False
    assumed: bool = False
    service: str = "web"
    refusal: str = ""
    node_port: int | None = 30080
    zone_hints: bool = False
    _made: "dict[int | None, nx.DiGraph[str]]" = field(default_factory=dict, init=False, compare=False, repr=False)

    def graph(self, alone: int | None = None) -> "nx.DiGraph[str]":
        """Return the graph, through records worked out here; that of a large scene is made once for all its tests."""
        if alone not in self._made:
            before = replace(self, down=frozenset(), at=Moment.BEFORE)
            self._made[alone] = nx.freeze(graph(state(self), outcome(self), outcome(before), alone))
        return self._made[alone]


def explorer(**changes: object) -> Scene:
    """Return the scene of four nodes and four pods, two of them on worker-2, which just failed."""
    scene = Scene(nodes=NODES, pods=PODS, down=frozenset({"worker-2"}))
    return replace(scene, **changes)  # type: ignore[arg-type]


def fleet(nodes: int, zones: str = "abc", pods: int = 0, **changes: object) -> Scene:
    """Return many nodes in turn over the zones, the first so many of them with a pod."""
    names = {f"worker-{i}": zones[i % len(zones)] if zones else None for i in range(1, nodes + 1)}
    placed = {f"web-6f5d9c-{i}": f"worker-{i}" for i in range(1, pods + 1)}
    return replace(Scene(nodes=names, pods=placed), **changes)  # type: ignore[arg-type]


def zone_of(scene: Scene, zone: str) -> frozenset[str]:
    """Return the names of a zone's nodes."""
    return frozenset(name for name, its in scene.nodes.items() if its == zone)


# --- the records ------------------------------------------------------------------------------------------------------


def state(scene: Scene) -> State:
    """Return the State in which exactly `scene.down` is down, with no detection worked out but the endpoints'."""
    nodes = {name: _node(scene, i, name) for i, name in enumerate(scene.nodes, 1)}
    pods = {f"default/{name}": _pod(scene, name, on) for name, on in scene.pods.items()}
    service = _service(scene)
    cluster = Cluster(nodes=nodes, pods=pods, services={service.key: service})
    down_nodes = scene.down & scene.nodes.keys()
    return State(
        cluster=cluster,
        scenario=Scenario(down=frozenset(_targets(scene)), at=scene.at, via=scene.via, service=service.key),
        down_nodes=down_nodes,
        dead_pods=frozenset(f"default/{name}" for name in scene.down & scene.pods.keys()),
        unready_nodes=down_nodes if scene.at is Moment.DETECTED else frozenset(),
    )


def _targets(scene: Scene) -> Iterable[Target]:
    for name in scene.down:
        is_node = name in scene.nodes
        yield Target(kind=FailureKind.NODE if is_node else FailureKind.POD, name=name if is_node else f"default/{name}")


def _node(scene: Scene, number: int, name: str) -> Node:
    addresses = () if scene.assumed else (f"192.168.{number // 250}.{number % 250}",)
    return Node(name=name, zone=scene.nodes[name], internal_ips=addresses, assumed=scene.assumed)


def _pod(scene: Scene, name: str, on: str | None) -> Pod:
    return Pod(
        namespace="default",
        name=name,
        labels={"app": "web"},
        spec=PodSpec(),
        node=on,
        assumed=scene.assumed,
        pending="" if on else "0/4 nodes are available: 4 Insufficient cpu.",
    )


def _service(scene: Scene) -> Service:
    return Service(
        namespace="default",
        name=scene.service,
        type="NodePort",
        selector={"app": "web"},
        ports=(ServicePort(port=80, target_port=8080, node_port=scene.node_port),),
        external_traffic_policy="Local" if scene.local else "Cluster",
        refusals=(Refusal(type="FieldValueInvalid", path="spec.ports[0].nodePort", detail=scene.refusal),)
        if scene.refusal
        else (),
    )


def outcome(scene: Scene) -> PortOutcome:
    """Return the outcome by the plainest reading of the rules."""
    service = _service(scene)
    endpoints = tuple(_endpoint(scene, i, name, on) for i, (name, on) in enumerate(scene.pods.items()) if on)
    live = frozenset(e.key for e in endpoints if not {e.node, e.key.partition("/")[2]} & scene.down)
    drawn = scene.node_port and not scene.refusal
    pools: dict[str, Pool] = {}
    made = (_entry(scene, name, i, endpoints, live, pools) for i, name in enumerate(scene.nodes, 1))
    entries = {entry.node: entry for entry in made} if drawn else {}
    return PortOutcome(
        service=service,
        port=service.ports[0],
        endpoints=endpoints,
        live=live,
        entries=Entries(tuple(entries), entries.__getitem__),
        groups=tuple(_groups(entries.values(), _targets_of_balancer(scene, endpoints))),
    )


def _groups(entries: Iterable[Entry], targets: frozenset[str]) -> Iterator[EntryPointGroup]:
    """Yield the entry points that only their names, addresses and reasons tell apart, together."""

    def rest(entry: Entry) -> tuple[object, ...]:
        picks = id(entry.shares) if entry.shares else None
        return entry.cause, entry.answered, entry.client_ip, picks, entry.node in targets

    for equal in split(entries, rest):
        names = tuple(entry.node for entry in equal)
        members = EqualNodes("IPv4", PlanNode(name=names[0]), names, frozenset(names))
        yield EntryPointGroup(equal[0], names[0] in targets, members)


def _targets_of_balancer(scene: Scene, endpoints: Iterable[Endpoint]) -> frozenset[str]:
    healthy = scene.nodes.keys() - scene.down
    ready_on = {endpoint.node for endpoint in endpoints if endpoint.ready}
    return frozenset(name for name in healthy if not scene.local or name in ready_on)


def _endpoint(scene: Scene, number: int, name: str, on: str) -> Endpoint:
    seen_dead = scene.at is Moment.DETECTED and bool({on, name} & scene.down)
    return Endpoint(
        pod=f"default/{name}",
        address=None if scene.assumed else f"10.244.{number // 250}.{number % 250 + 1}",
        port=8080,
        node=on,
        ready=not seen_dead,
        serving=not seen_dead,
        zone=scene.nodes.get(on),
    )


Pool = tuple[Mapping[str, float], float]
"""What the nodes that pick from the same endpoints have in common: their shares, and the part that is answered."""


def _entry(
    scene: Scene,
    name: str,
    number: int,
    endpoints: tuple[Endpoint, ...],
    live: frozenset[str],
    pools: dict[str, Pool],
) -> Entry:
    at = (name, next(iter(_node(scene, number, name).internal_ips), None))
    if name in scene.down:
        return Entry(*at, 0.0, Result.TIMEOUT, Cause.NODE_DOWN, f"{name} is down, and its IP address with it.", None)
    if not any(endpoint.ready for endpoint in endpoints):
        return Entry(*at, 0.0, Result.REFUSED, Cause.NO_ENDPOINT, "No endpoint anywhere: refused.", None)
    together = name if scene.local else str(scene.nodes[name]) if scene.zone_hints else ""
    if together not in pools:
        usable = [e for e in endpoints if e.ready and _may_pick(scene, name, e)]
        answered = sum(e.key in live for e in usable) / max(len(usable), 1)
        pools[together] = ({e.key: 1 / len(usable) for e in usable}, answered)
    shares, answered = pools[together]
    if not shares:
        return Entry(*at, 0.0, Result.TIMEOUT, Cause.NO_LOCAL_ENDPOINT, "Policy Local, no pod here.", None)
    result = Result.ANSWERED if answered == 1 else Result.DEGRADED if answered else Result.TIMEOUT
    cause = Cause.ANSWERED if answered == 1 else Cause.DEAD_ENDPOINTS
    return Entry(*at, answered, result, cause, f"Picks 1 of {len(shares)}.", "node", shares)


def _may_pick(scene: Scene, node: str, endpoint: Endpoint) -> bool:
    if scene.local:
        return endpoint.node == node
    return not scene.zone_hints or endpoint.zone == scene.nodes[node]
