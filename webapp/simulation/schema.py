"""What the simulation document holds, ``nodefall/simulation/v1``, as types: its JSON Schema is generated from them.

Keys are contracts: some are older than the names in the code.
"""

from typing import NotRequired, TypedDict


class NodeDocument(TypedDict):
    """A node: `up` is the truth, `ready` what Kubernetes believes."""

    name: str
    addresses: list[str]
    zone: str | None
    up: bool
    ready: bool
    assumed: bool


class EndpointDocument(TypedDict):
    """An endpoint of a service port: what Kubernetes believes of it."""

    pod: str | None
    address: str | None
    port: int
    node: str | None
    ready: bool
    serving: bool
    terminating: bool
    assumed: bool


class EntryDocument(TypedDict):
    """An entry point, node:nodePort, or with `count` several whose clients get the same."""

    node: str
    address: str | None
    answered: float
    outcome: str
    reason: str
    clientIP: str | None
    endpoints: dict[str, float]
    count: NotRequired[int]
    nodes: NotRequired[list[str]]


class AnsweredDocument(TypedDict):
    """The share answered, by access path."""

    dns: float
    lb: float


class IsolationDocument(TypedDict):
    """The NetworkPolicies that select the pods of a service port."""

    policies: list[str]
    admits: str
    ipBlocks: list[str]
    port: int | str | None
    pods: int
    note: str


class OtherWayDocument(TypedDict):
    """An address beside the nodes' own at which the port answers."""

    kind: str
    address: str
    port: int
    sourceRanges: list[str]
    answered: float
    nodes: dict[str, list[str]]


class ChartStepDocument(TypedDict):
    """A step of a timeline."""

    at: str
    seconds: float
    answered: float


class ChartDocument(TypedDict):
    """What is answered from the failure on."""

    before: float
    steps: list[ChartStepDocument]
    settledAt: float | None
    lost: float
    stillLosing: float


class PortDocument(TypedDict):
    """A service port in the Scenario."""

    name: str
    protocol: str
    port: int
    targetPort: int | str
    nodePort: int | None
    nodePortAssigned: bool
    endpoints: list[EndpointDocument]
    entries: list[EntryDocument]
    answered: AnsweredDocument | None
    networkPolicy: IsolationDocument | None
    otherWays: list[OtherWayDocument]
    timeline: dict[str, ChartDocument] | None


class RefusalDocument(TypedDict):
    """Why the API server rejects a service."""

    type: str
    field: str
    detail: str


class ServiceDocument(TypedDict):
    """A service."""

    namespace: str
    name: str
    type: str
    externalTrafficPolicy: str | None
    accepted: bool
    refusals: list[RefusalDocument]
    ports: list[PortDocument]
    sessionAffinity: str
    sessionAffinitySeconds: int | None
    externalIPs: list[str]
    loadBalancerAddresses: list[str]
    loadBalancerSourceRanges: list[str]
    healthCheckNodePort: int | None
    healthChecks: dict[str, list[str]]


PodDocument = TypedDict(
    "PodDocument",
    {"pod": str, "fate": str, "node": str | None, "from": str | None, "replaces": str | None, "reason": str},
)


class DrainDocument(TypedDict):
    """What a drain does to one node."""

    node: str
    result: str
    rounds: list[list[str]]
    held: dict[str, str]
    errors: list[str]
    warnings: list[str]


class MomentDocument(TypedDict):
    """A moment, and when it is; null where it never comes."""

    at: str
    seconds: float | None


StepDocument = TypedDict(
    "StepDocument", {"from": float | None, "to": float | None, "event": str, "flag": str, "source": str}
)


class ClockDocument(TypedDict):
    """When what happens."""

    moments: list[MomentDocument]
    steps: list[StepDocument]


class OpenConnectionsDocument(TypedDict):
    """What happens to connections that are open."""

    path: str
    protocol: str
    fortune: str
    reason: str


class HostPortDocument(TypedDict):
    """A port of a node that leads to one pod."""

    pod: str
    node: str
    address: str | None
    port: int
    protocol: str
    hostNetwork: bool
    answered: float
    outcome: str


class ProblemDocument(TypedDict):
    """What is wrong with the manifests."""

    id: str
    severity: str
    file: str | None
    line: int | None
    object: str | None
    message: str
    hint: str


class SimulationDocument(TypedDict):
    """Everything that a Scenario results in."""

    schema: str
    at: str
    down: list[str]
    drain: list[str]
    nodes: list[NodeDocument]
    services: list[ServiceDocument]
    assumptions: list[str]
    notes: list[str]
    problems: list[ProblemDocument]
    pods: list[PodDocument]
    drains: list[DrainDocument]
    course: ClockDocument | None
    openConnections: list[OpenConnectionsDocument]
    hostPorts: list[HostPortDocument]
