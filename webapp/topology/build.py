"""State and Outcome of one service port -> the one graph that everything drawn or exported is made from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import fsum

import networkx as nx

from webapp.cluster.model import Cluster, Endpoint, Node, Pod
from webapp.cluster.network_policies import policy_note
from webapp.cluster.order import natural
from webapp.cluster.remembered import once_per_cluster
from webapp.failure.scenario import Kind as TargetKind
from webapp.failure.scenario import Moment, Target
from webapp.failure.state import PodFate, State
from webapp.routing.entry import Entry, Result
from webapp.routing.outcome import PortOutcome
from webapp.topology.alike import Stand, stands
from webapp.topology.attributes import (
    ClientVertex,
    EndpointState,
    EndpointVertex,
    EntryVertex,
    Flow,
    Kind,
    NodeState,
    NodeVertex,
    PendingVertex,
    Question,
    ServiceVertex,
)
from webapp.topology.shares import Spread, arrivals, pools, spreads, weight_at

CLIENT = "client"
SERVICE = "service"

_DRAIN_STATES = {Moment.EVICTING: NodeState.EVICTING, Moment.DRAINED: NodeState.DRAINED}
_ENDS_AT_ENTRY = {Result.TIMEOUT: "timeout", Result.REFUSED: "refused"}


@dataclass(frozen=True, slots=True)
class _Scene:
    """All that the parts of the graph are read from."""

    state: State
    outcome: PortOutcome
    before: PortOutcome
    stands: tuple[Stand, ...]
    spreads: Mapping[str, Spread]
    pools: Mapping[str, str]
    endpoints: tuple[Endpoint, ...]
    ready_before: frozenset[str]
    """Keys of the endpoints that were ready before the failure."""


def graph(state: State, outcome: PortOutcome, before: PortOutcome, alone: int | None = None) -> "nx.DiGraph[str]":
    """Return the graph of one service port at one moment; `before` is its outcome with nothing down.

    With `alone`, only so many nodes of a kind get a vertex each, and one more stands for all others (`also`): all
    that a picture shows, at a cost that hardly grows with the cluster. Without it every node has its own.

    Vertices, edges and attributes are described in the package's docstring. Linear in nodes plus endpoints of this
    service; entry points and endpoints meet in the service vertex, so their product is never built.
    """
    scene = _scene(state, outcome, before, alone)
    made: nx.DiGraph[str] = nx.DiGraph(**_question(scene))
    made.add_nodes_from((vertex, dict(attributes)) for vertex, attributes in _vertices(scene))
    made.add_edges_from((tail, head, dict(flow)) for tail, head, flow in _edges(scene))
    return made


def _scene(state: State, outcome: PortOutcome, before: PortOutcome, alone: int | None) -> _Scene:
    unique = {endpoint.key: endpoint for endpoint in reversed(outcome.endpoints)}
    endpoints = sorted(unique.values(), key=lambda endpoint: natural(endpoint.key))
    return _Scene(
        state=state,
        outcome=outcome,
        before=before,
        stands=tuple(stands(state, outcome, before, alone)),
        spreads=spreads(outcome, state.scenario.via),
        pools=pools(outcome),
        endpoints=tuple(endpoints),
        ready_before=_ready(before),
    )


def _ready(outcome: PortOutcome) -> frozenset[str]:
    return frozenset(endpoint.key for endpoint in outcome.endpoints if endpoint.ready)


def _question(scene: _Scene) -> Question:
    scenario = scene.state.scenario
    return Question(
        service=scene.outcome.service.key,
        port=scene.outcome.port.port,
        at=str(scenario.at),
        via=scenario.via,
        down=tuple(sorted((str(target) for target in scenario.down), key=natural)),
        drain=scenario.drain,
        answered=scene.outcome.answered(scenario.via),
        before=scene.before.answered(scenario.via),
        notes=(*_policy_notes(scene), *scene.state.notes),
        assumptions=scene.state.cluster.assumptions,
    )


def _policy_notes(scene: _Scene) -> tuple[str, ...]:
    note = policy_note(scene.state.cluster, scene.outcome.service, scene.outcome.port)
    return (note,) if note and scene.outcome.entries else ()


def _client(scene: _Scene) -> ClientVertex:
    via = scene.state.scenario.via
    return ClientVertex(
        kind=Kind.CLIENT,
        label="External clients",
        via=via,
        answered=scene.outcome.answered(via),
        before=scene.before.answered(via),
    )


def _vertices(scene: _Scene) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield CLIENT, _client(scene)
    yield from ((f"node/{stand.node.name}", _node(scene, stand)) for stand in scene.stands)
    yield from (
        (f"entry/{stand.node.name}", _entry(scene, stand.entry, stand.before)) for stand in scene.stands if stand.entry
    )
    yield SERVICE, _service(scene)
    yield from ((f"endpoint/{endpoint.key}", _endpoint(scene, endpoint)) for endpoint in scene.endpoints)
    yield from ((f"pending/{pod.key}", _pending(scene, pod)) for pod in _pending_pods(scene))


def _edges(scene: _Scene) -> Iterator[tuple[str, str, Flow]]:
    for stand in scene.stands:
        if (entry := stand.entry) is None:
            continue
        weight = weight_at(scene.outcome, scene.state.scenario.via, entry.node) * stand.count
        vertex = f"entry/{entry.node}"
        yield CLIENT, vertex, _into_entry(entry, weight)
        if entry.shares:
            yield vertex, SERVICE, _passing(weight)
    came_in = arrivals(scene.outcome, scene.state.scenario.via)
    through = fsum(weight for group, weight in came_in if group.entry.shares)
    for endpoint in scene.endpoints:
        if endpoint.key in scene.spreads:
            yield SERVICE, f"endpoint/{endpoint.key}", _into_endpoint(scene, endpoint, through)


# --- nodes ------------------------------------------------------------------------------------------------------------


def _node(scene: _Scene, stand: Stand) -> NodeVertex:
    node = stand.node
    vertex = NodeVertex(
        kind=Kind.NODE,
        label=node.name,
        address=node.addresses[0] if node.addresses else None,
        zone=node.zone,
        state=_node_state(scene.state, node),
        assumed=node.assumed,
        control_plane=node.control_plane,
        stale=node.name in scene.state.stale_nodes,
    )
    if stand.also:
        vertex["also"] = stand.also
    return vertex


def _node_state(state: State, node: Node) -> NodeState:
    if node.name in state.down_nodes:
        return NodeState.DOWN
    if node.name in state.unready_nodes or not node.ready:
        return NodeState.NOT_READY
    cordoned = node.name in state.cordoned_nodes
    if cordoned and node.name in state.scenario.drain:
        return _DRAIN_STATES.get(state.scenario.at, NodeState.CORDONED)
    return NodeState.CORDONED if cordoned or node.unschedulable else NodeState.UP


# --- entry points -----------------------------------------------------------------------------------------------------


def _entry(scene: _Scene, entry: Entry, before: float | None) -> EntryVertex:
    port = scene.outcome.port.node_port or 0
    return EntryVertex(
        kind=Kind.ENTRY,
        label=f"{entry.node}:{port}",
        node=entry.node,
        address=entry.address,
        port=port,
        answered=entry.answered,
        before=before,
        result=str(entry.result),
        cause=str(entry.cause),
        reason=entry.reason,
        client_ip=entry.client_ip,
        lb_target=entry.node in scene.outcome.lb_targets,
        pool=scene.pools[next(iter(entry.shares))] if entry.shares else "",
    )


def _into_entry(entry: Entry, weight: float) -> Flow:
    ends = not entry.shares and entry.result in _ENDS_AT_ENTRY
    return Flow(
        share=weight,
        conditional=weight,
        lost=weight if ends else 0.0,
        result=_ENDS_AT_ENTRY[entry.result] if ends else "answered",
        same_node=0.0,
        why=entry.reason if ends else "",
    )


def _passing(weight: float) -> Flow:
    return Flow(share=weight, conditional=1.0, lost=0.0, result="answered", same_node=0.0, why="")


# --- the service ------------------------------------------------------------------------------------------------------


def _service(scene: _Scene) -> ServiceVertex:
    service, port = scene.outcome.service, scene.outcome.port
    return ServiceVertex(
        kind=Kind.SERVICE,
        label=service.key,
        namespace=service.namespace,
        name=service.name,
        type=service.type,
        port_name=port.name,
        port=port.port,
        target_port=port.target_port,
        protocol=port.protocol,
        node_port=port.node_port,
        node_port_assigned=port.node_port_assigned,
        policy=service.external_traffic_policy or "Cluster",
        accepted=service.accepted,
        refusal=f"{service.refusals[0].path}: {service.refusals[0].detail}" if service.refusals else "",
        endpoints=len(scene.endpoints),
        no_endpoints=scene.outcome.no_endpoints.short if scene.outcome.no_endpoints else "",
        picked=len(scene.spreads),
        dead=sum(endpoint.key not in scene.outcome.live for endpoint in scene.endpoints),
        alike=all(len(group.entry.shares) in (0, len(scene.spreads)) for group in scene.outcome.groups),
        pools=len(set(scene.pools.values())),
    )


# --- endpoints --------------------------------------------------------------------------------------------------------


def _endpoint(scene: _Scene, endpoint: Endpoint) -> EndpointVertex:
    changed = scene.state.pods.get(endpoint.key)
    pod = changed.pod if changed else scene.state.cluster.pods.get(endpoint.key)
    return EndpointVertex(
        kind=Kind.ENDPOINT,
        label=endpoint.pod.partition("/")[2] if endpoint.pod else endpoint.key,
        key=endpoint.key,
        pod=pod is not None,
        address=endpoint.address,
        port=endpoint.port,
        node=endpoint.home,
        zone=endpoint.zone,
        ready=endpoint.ready,
        serving=endpoint.serving,
        terminating=endpoint.terminating,
        live=endpoint.key in scene.outcome.live,
        state=_endpoint_state(endpoint, endpoint.key in scene.spreads, endpoint.key in scene.outcome.live),
        fate=str(changed.fate) if changed else "",
        from_node=changed.from_node if changed else None,
        replaces=(changed.replaces or "") if changed else "",
        changed=_is_changed(scene, endpoint),
        reason=changed.reason if changed else "",
        assumed=scene.state.is_assumed(endpoint.pod),
        down=Target(kind=TargetKind.POD, name=endpoint.key) in scene.state.scenario.down,
        pool=scene.pools.get(endpoint.key, ""),
    )


def _is_changed(scene: _Scene, endpoint: Endpoint) -> bool:
    if scene.state.scenario.at is Moment.BEFORE:
        return False
    known = scene.state.pods.get(endpoint.key) is not None
    return known or endpoint.key not in scene.outcome.live or endpoint.ready is not (endpoint.key in scene.ready_before)


def _endpoint_state(endpoint: Endpoint, picked: bool, live: bool) -> EndpointState:
    if not live:
        return EndpointState.NO_ANSWER if picked else EndpointState.DOWN
    if picked:
        return EndpointState.ANSWERS
    if endpoint.terminating:
        return EndpointState.TERMINATING
    return EndpointState.NOT_PICKED if endpoint.ready else EndpointState.NOT_READY


def _into_endpoint(scene: _Scene, endpoint: Endpoint, through: float) -> Flow:
    spread = scene.spreads[endpoint.key]
    live = endpoint.key in scene.outcome.live
    return Flow(
        share=spread.share,
        conditional=spread.share / through if through else 0.0,
        lost=0.0 if live else spread.share,
        result="answered" if live else "timeout",
        same_node=spread.same_node,
        why="" if live else "kube-proxy still selects it, nothing answers there, and kube-proxy doesn't try another.",
    )


# --- pods that don't run ----------------------------------------------------------------------------------------------


_NOT_RUNNING = (PodFate.PENDING, PodFate.FAILED)


def _pending_pods(scene: _Scene) -> Iterable[Pod]:
    """Pods of the service that don't run: never endpoints, so only the selector tells that they are its own."""
    selector = scene.outcome.service.selector
    if not selector:
        return ()
    replacements = [changed.pod for changed in scene.state.pods.values() if changed.fate in _NOT_RUNNING]
    waiting = [pod for pod in _not_running(scene.state.cluster) if pod.key not in scene.state.pods]
    own = [
        pod
        for pod in (*waiting, *replacements)
        if pod.namespace == scene.outcome.service.namespace and selector.items() <= pod.labels.items()
    ]
    return sorted(own, key=lambda pod: natural(pod.key))


@once_per_cluster
def _not_running(cluster: Cluster) -> tuple[Pod, ...]:
    return tuple(pod for pod in cluster.pods.values() if pod.node is None or pod.rejected)


def _pending(scene: _Scene, pod: Pod) -> PendingVertex:
    changed = scene.state.pods.get(pod.key)
    return PendingVertex(
        kind=Kind.PENDING,
        label=pod.name,
        key=pod.key,
        from_node=changed.from_node if changed else None,
        replaces=(changed.replaces or "") if changed else "",
        rejected_by=pod.node if pod.rejected else None,
        reason=(changed.reason if changed else "") or pod.pending or pod.rejected,
        assumed=scene.state.cluster.is_assumed(pod),
    )
