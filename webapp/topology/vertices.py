"""State and Outcome of one service port -> what the graph's vertices say."""

from collections.abc import Mapping

from webapp.cluster.model import Cluster, Endpoint, Node, Pod
from webapp.cluster.order import natural
from webapp.cluster.pod_map import pods_in, runs_of
from webapp.cluster.remembered import once_per_cluster
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Moment, Target
from webapp.failure.state import PodFate, State, with_fate
from webapp.records import dataclass
from webapp.routing.entry import Entry
from webapp.routing.equal_entry_points import EntryPointGroup
from webapp.routing.outcome import PortOutcome
from webapp.topology.arrivals import entry_weight
from webapp.topology.attributes import (
    ClientVertex,
    EndpointState,
    EndpointVertex,
    EntryVertex,
    NodeState,
    NodeVertex,
    PendingVertex,
    ServiceVertex,
    VertexKind,
)
from webapp.topology.endpoint_sets import EndpointSet, endpoint_sets, pools

_DRAIN_STATES = {Moment.EVICTING: NodeState.EVICTING, Moment.DRAINED: NodeState.DRAINED}


@dataclass(frozen=True, slots=True)
class PortAtMoment:
    """One service port at one moment: all that its vertices are read from."""

    state: State
    outcome: PortOutcome
    before: PortOutcome
    endpoints: tuple[Endpoint, ...]
    """Each once, in natural order."""
    sets: tuple[EndpointSet, ...]
    pools: Mapping[str, str]
    """By endpoint key; only those that some entry point may select are in one."""
    ready_before: frozenset[str]
    """Keys of the endpoints that were ready before the failure."""
    each: float
    """The share of all new connections that comes in at each entry point that the access path leads to."""

    def comes_in_at(self, node: str, group: EntryPointGroup) -> float:
        """Return the share of all new connections that comes in at one node, whose entry point is of this group."""
        via = self.state.scenario.via
        if via in ("dns", "lb"):
            return self.each if via == "dns" or group.lb_target else 0.0
        return float(via == f"node/{node}")


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """One entry point, or several that differ in names and addresses only and share a vertex."""

    entry: Entry
    alike: EntryPointGroup
    """All entry points that do the same, these among them."""
    count: int
    before: float | None
    """What it answered before the failure."""
    lane: str
    """The node whose vertex stands for these nodes."""
    part: float = 1.0
    """How much of that vertex's nodes they are."""


def port_at_moment(state: State, outcome: PortOutcome, before: PortOutcome) -> PortAtMoment:
    """Return the port with its endpoints in order and the sets that its entry points use."""
    # A dual-stack pod is in two slices and is one vertex: its first address counts.
    unique = {endpoint.key: endpoint for endpoint in reversed(outcome.endpoints)}
    endpoints = tuple(sorted(unique.values(), key=lambda endpoint: natural(endpoint.key)))
    sets = endpoint_sets(outcome, endpoints)
    ready = frozenset(endpoint.key for endpoint in before.endpoints if endpoint.ready)
    return PortAtMoment(
        state, outcome, before, endpoints, sets, pools(sets), ready, entry_weight(outcome, state.scenario.via)
    )


def client_vertex(via: str, answered: float | None, before: float | None) -> ClientVertex:
    """Return everybody outside."""
    return ClientVertex(kind=VertexKind.CLIENT, label="External clients", via=via, answered=answered, before=before)


# --- nodes ------------------------------------------------------------------------------------------------------------


def node_vertex(state: State, node: Node, also: tuple[str, ...] = ()) -> NodeVertex:
    """Return a node, and those that it stands for."""
    vertex = NodeVertex(
        kind=VertexKind.NODE,
        label=node.name,
        address=node.addresses[0] if node.addresses else None,
        zone=node.zone,
        state=node_state(state, node),
        assumed=node.assumed,
        control_plane=node.control_plane,
        stale=node.name in state.stale_nodes,
    )
    if also:
        vertex["also"] = also
    return vertex


def node_state(state: State, node: Node) -> NodeState:
    """Return the worst that is to be said of a node."""
    if node.name in state.down_nodes:
        return NodeState.DOWN
    if node.name in state.unseen_nodes:
        return NodeState.PARTITIONED
    # Not ready in the manifests is what Kubernetes believes; only the Scenario takes a node down.
    if node.name in state.unready_nodes or not node.ready:
        return NodeState.NOT_READY
    cordoned = node.name in state.cordoned_nodes
    if cordoned and node.name in state.scenario.drain:
        return _DRAIN_STATES.get(state.scenario.at, NodeState.CORDONED)
    return NodeState.CORDONED if cordoned or node.unschedulable else NodeState.UP


# --- entry points and the service -------------------------------------------------------------------------------------


def entry_vertex(port: PortAtMoment, group: EntryGroup) -> EntryVertex:
    """Return an entry point, and those that it stands for."""
    entry, number = group.entry, port.outcome.port.node_port or 0
    vertex = EntryVertex(
        kind=VertexKind.ENTRY,
        label=f"{entry.node}:{number}",
        node=entry.node,
        address=entry.address,
        port=number,
        answered=entry.answered,
        before=group.before,
        result=str(entry.result),
        cause=str(entry.cause),
        reason=entry.reason,
        client_ip=entry.client_ip,
        lb_target=group.alike.lb_target,
        # All endpoints of one entry point are in one pool, so any of them names it.
        pool=port.pools[next(iter(entry.shares))] if entry.shares else "",
    )
    if group.count > 1:
        vertex["count"] = group.count
    return vertex


def service_vertex(port: PortAtMoment) -> ServiceVertex:
    """Return what every vertex of the service port says."""
    service, its, via = port.outcome.service, port.outcome.port, port.state.scenario.via
    return ServiceVertex(
        kind=VertexKind.SERVICE,
        label=service.key,
        namespace=service.namespace,
        name=service.name,
        type=service.type,
        port_name=its.name,
        port=its.port,
        target_port=its.target_port,
        protocol=its.protocol,
        node_port=its.node_port,
        node_port_assigned=its.node_port_assigned,
        policy=service.external_traffic_policy or "Cluster",
        accepted=service.accepted,
        refusal=f"{service.refusals[0].path}: {service.refusals[0].detail}" if service.refusals else "",
        answered=port.outcome.answered(via),
        before=port.before.answered(via),
        endpoints=len(port.endpoints),
        no_endpoints=port.outcome.no_endpoints.short if port.outcome.no_endpoints else "",
        picked=len(port.pools),
        dead=sum(endpoint.key not in port.outcome.live for endpoint in port.endpoints),
        alike=len(port.sets) <= 1,
        pools=len(set(port.pools.values())),
    )


# --- endpoints --------------------------------------------------------------------------------------------------------


def endpoint_vertex(port: PortAtMoment, endpoint: Endpoint) -> EndpointVertex:
    """Return a pod or an address behind the service port."""
    changed = port.state.pods.get(endpoint.key)
    live = endpoint.key in port.outcome.live
    return EndpointVertex(
        kind=VertexKind.ENDPOINT,
        label=endpoint.pod.partition("/")[2] if endpoint.pod else endpoint.key,
        key=endpoint.key,
        pod=endpoint.key in port.state.cluster.pods,
        address=endpoint.address,
        port=endpoint.port,
        node=endpoint.home,
        zone=endpoint.zone,
        ready=endpoint.ready,
        serving=endpoint.serving,
        terminating=endpoint.terminating,
        live=live,
        state=_endpoint_state(endpoint, endpoint.key in port.pools, live),
        fate=str(changed.fate) if changed else "",
        from_node=changed.from_node if changed else None,
        replaces=(changed.replaces or "") if changed else "",
        changed=_is_changed(port, endpoint),
        reason=changed.reason if changed else "",
        assumed=port.state.is_assumed(endpoint.pod),
        down=Target(kind=FailureKind.POD, name=endpoint.key) in port.state.scenario.down,
        blocked=endpoint.key in port.state.blocked_pods,
        cut_off=live and endpoint.home in port.state.unseen_nodes,
        pool=port.pools.get(endpoint.key, ""),
    )


def _is_changed(port: PortAtMoment, endpoint: Endpoint) -> bool:
    if port.state.scenario.at is Moment.BEFORE:
        return False
    known = port.state.pods.get(endpoint.key) is not None
    return known or endpoint.key not in port.outcome.live or endpoint.ready is not (endpoint.key in port.ready_before)


def _endpoint_state(endpoint: Endpoint, selected: bool, live: bool) -> EndpointState:
    if not live:
        # Dead and still selected is where connections are lost; dead and dropped from the rules costs nobody anything.
        return EndpointState.NO_ANSWER if selected else EndpointState.DOWN
    if selected:
        return EndpointState.ANSWERS
    if endpoint.terminating:
        return EndpointState.TERMINATING
    return EndpointState.NOT_PICKED if endpoint.ready else EndpointState.NOT_READY


# --- pods that don't run ----------------------------------------------------------------------------------------------


_NOT_RUNNING = (PodFate.PENDING, PodFate.FAILED)


def pods_not_running(port: PortAtMoment) -> list[Pod]:
    """Return the pods of the service that don't run: never endpoints, so only the selector tells whose they are."""
    # A Service without a selector has its endpoints written by hand: no pod waits to become one.
    selector = port.outcome.service.selector
    if not selector:
        return []
    replacements = [changed.pod for changed in with_fate(port.state.pods, _NOT_RUNNING)]
    waiting = [pod for pod in _not_running(port.state.cluster) if pod.key not in port.state.pods]
    own = [
        pod
        for pod in (*waiting, *replacements)
        if pod.namespace == port.outcome.service.namespace and selector.items() <= pod.labels.items()
    ]
    return sorted(own, key=lambda pod: natural(pod.key))


@once_per_cluster
def _not_running(cluster: Cluster) -> tuple[Pod, ...]:
    # Replicas that all have nodes run: 150,000 of them take a second to become objects that say so.
    doubtful = (run for run in runs_of(cluster.pods) if isinstance(run, Pod) or None in run.places)
    return tuple(pod for pod in pods_in(doubtful, cluster.pods) if pod.node is None or pod.rejected)


def pending_vertex(port: PortAtMoment, pod: Pod) -> PendingVertex:
    """Return a pod that has no node, or that its kubelet rejects."""
    changed = port.state.pods.get(pod.key)
    return PendingVertex(
        kind=VertexKind.PENDING,
        label=pod.name,
        key=pod.key,
        from_node=changed.from_node if changed else None,
        replaces=(changed.replaces or "") if changed else "",
        rejected_by=pod.node if pod.rejected else None,
        reason=(changed.reason if changed else "") or pod.pending or pod.rejected,
        assumed=port.state.cluster.is_assumed(pod),
    )
