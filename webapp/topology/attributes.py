"""The attributes of the graph's vertices and edges, one record per kind.

NetworkX keeps attributes as plain dicts; these TypedDicts say what stands in them, so that a type checker can follow.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    import networkx as nx

Graph: TypeAlias = "nx.DiGraph[str]"
"""The graph; a name for those who read it without knowing NetworkX."""


class VertexKind(StrEnum):
    """What a vertex is."""

    CLIENT = "client"
    NODE = "node"
    ENTRY = "entry"
    SERVICE = "service"
    ENDPOINT = "endpoint"
    PENDING = "pending"


class NodeState(StrEnum):
    """What is to be said of a node; the first that applies, from worst to best."""

    DOWN = "down"
    PARTITIONED = "partitioned"
    """It keeps running, unreachable for the control plane."""
    NOT_READY = "not-ready"
    EVICTING = "evicting"
    DRAINED = "drained"
    CORDONED = "cordoned"
    UP = "up"


class EndpointState(StrEnum):
    """What happens to a connection that an entry point hands to an endpoint, or why none does."""

    ANSWERS = "answers"
    NO_ANSWER = "no-answer"
    """Still selected, but nothing answers there."""
    DOWN = "down"
    """Dead, and no longer selected by anyone."""
    TERMINATING = "terminating"
    """Alive and shutting down; no longer selected."""
    NOT_READY = "not-ready"
    """Alive; Kubernetes does not count it as ready."""
    NOT_PICKED = "not-picked"
    """Alive and ready, yet no entry point sends to it: hints or policy Local lead elsewhere, or no nodePort."""


class Vertex(TypedDict):
    """What every vertex has."""

    kind: VertexKind
    label: str
    """The name to show."""
    of: NotRequired[str]
    """In the graph of a whole cluster: the name of the service port that it belongs to."""


class ClientVertex(Vertex):
    """Everybody outside, coming in the way that the Scenario names."""

    via: str
    """``dns``, ``lb`` or ``node/NAME``."""
    answered: float | None
    """Share of all new connections that get an answer; None where there is no way in."""
    before: float | None
    """The same before the failure."""


class NodeVertex(Vertex):
    """A node: a lane of the picture. Entry points and endpoints name it in their attribute `node`."""

    address: str | None
    """The primary address that its entry point has, else its first one; None if not known."""
    zone: str | None
    state: NodeState
    assumed: bool
    """Not in the manifests: nodefall made it up."""
    control_plane: bool
    stale: bool
    """Its kube-proxy keeps the endpoints of before."""
    also: NotRequired[tuple[str, ...]]
    """Names of further nodes that this vertex stands for."""
    control_planes: NotRequired[tuple[str, ...]]
    """Which of all these nodes are of the control plane, where any is; in the graph of a whole cluster only."""


class EntryVertex(Vertex):
    """One entry point, node:nodePort, or several that differ in their nodes' names and addresses only."""

    node: str
    address: str | None
    port: int
    answered: float
    """Share of its own new connections that get an answer."""
    before: float | None
    """The same before the failure; None if it was no entry point then."""
    result: str
    """``answered``, ``degraded``, ``refused`` or ``timeout``."""
    cause: str
    """The rule that decided, see :class:`webapp.routing.outcome.Cause`."""
    reason: str
    """The same as a sentence."""
    client_ip: str | None
    lb_target: bool
    """A load balancer with health checks sends to it at this moment."""
    pool: str
    """Entry points and endpoints with the same pool exchange traffic; empty for an entry that sends nothing on."""
    count: NotRequired[int]
    """How many entry points these are, where it is not one; the edges carry their sum."""


class ServiceVertex(Vertex):
    """A service port, for the entry points that select from one set of endpoints: the edges lead to that set.

    Where policy Local, hints or stale rules give nodes different sets there is one for each; what they say is the same.
    """

    namespace: str
    name: str
    type: str
    port_name: str
    port: int
    target_port: int | str
    protocol: str
    node_port: int | None
    node_port_assigned: bool
    """nodefall chose the number."""
    policy: str
    """externalTrafficPolicy: ``Cluster`` or ``Local``."""
    accepted: bool
    """The API server would take it."""
    refusal: str
    """Why it would not: its first reason."""
    answered: float | None
    """Share of all new connections to the port that get an answer; None without entry points."""
    before: float | None
    """The same before the failure."""
    endpoints: int
    """How many there are, those not ready included."""
    no_endpoints: str
    """Why none of them is usable, or why there are none; empty if one is usable."""
    picked: int
    """How many of them some entry point may select."""
    dead: int
    """How many of them do not answer."""
    alike: bool
    """All entry points that send on select from the same set of endpoints."""
    pools: int
    """Into how many parts hints or policy Local cut the traffic; 1 means that every entry may select every endpoint."""


class EndpointVertex(Vertex):
    """A pod, or an address, behind the service port."""

    key: str
    """``NAMESPACE/NAME`` of the pod, else ``ip:port``."""
    pod: bool
    """It is a pod of the manifests, so it can be taken down; what the Scenario has recreated has a name only in it."""
    address: str | None
    port: int
    node: str | None
    zone: str | None
    ready: bool
    serving: bool
    terminating: bool
    live: bool
    """The truth: it would answer."""
    state: EndpointState
    fate: str
    """What the scenario did to the pod, see :class:`webapp.failure.state.PodFate`; empty for nothing."""
    from_node: str | None
    """For a moved pod: the node on which the one was that it replaces."""
    replaces: str
    """Its key; empty if it replaces none."""
    changed: bool
    """The failure changed it: it was ready or alive before and isn't now, or is about to go, or is new."""
    reason: str
    assumed: bool
    """Neither the pod nor a workload that makes it is in the manifests: nodefall made it up."""
    down: bool
    """The Scenario names this very pod as down."""
    blocked: bool
    """A PodDisruptionBudget keeps it from being evicted."""
    cut_off: bool
    """Alive on a node that the control plane can't reach: only who has not heard of that sends to it."""
    pool: str


class PendingVertex(Vertex):
    """A pod of the service that does not run: it has no node, or its kubelet rejects it."""

    key: str
    from_node: str | None
    rejected_by: str | None
    """The node whose kubelet rejects it; None where it has no node."""
    replaces: str
    reason: str
    assumed: bool


class Flow(TypedDict):
    """An edge: the new connections that take it, while the clients come in as the Scenario says."""

    share: float
    """Of all new connections, 0 to 1. The shares of the edges into a layer sum to what the layer before let through."""
    conditional: float
    """Of those that reach the tail of the edge."""
    weight: float
    """The same, under the name that NetworkX and its readers look for: along a path the weights multiply."""
    lost: float
    """The part of `share` that ends at the head of this edge without an answer."""
    result: str
    """``answered``, ``timeout`` or ``refused``: what a client sees of the part that ends here, ``answered`` if none."""
    same_node: float
    """The part of `share` whose entry point is on the head's own node; 0 on the way to the service."""
    why: str
    """One sentence, where something is lost."""


class Situation(TypedDict):
    """What every graph says of itself: the Scenario, and what a reader must know."""

    at: str
    via: str
    down: tuple[str, ...]
    """Scenario words, sorted."""
    drain: tuple[str, ...]
    name: NotRequired[str]
    """What somebody called the Scenario, ``zone a lost``; not there if nobody did."""
    notes: tuple[str, ...]
    assumptions: tuple[str, ...]


class Question(Situation):
    """The attributes of the graph of one service port: what was asked and what came out."""

    service: str
    """``NAMESPACE/NAME``."""
    port: int
    answered: float | None
    before: float | None


class FoldedPorts(TypedDict):
    """Service ports of a namespace that a failure affects and a picture has no room for."""

    results: dict[str, int]
    """How many there are, by result."""
    least: float
    """The smallest of the shares of their new connections that are answered,"""
    most: float
    """and the largest."""


class ClusterQuestion(Situation):
    """The attributes of the graph of a whole cluster."""

    others: dict[str, int]
    """How many service ports are left out that are as before the failure, by their result."""
    more: dict[str, FoldedPorts]
    """Those that are left out and affected, by namespace."""
