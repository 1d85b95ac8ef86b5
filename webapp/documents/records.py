"""The lines of the tables: one record for each, whose fields are the columns."""

from typing import Annotated

from msgspec import Meta

from webapp.records import dataclass

Share = Annotated[float, Meta(ge=0, le=1, description="A share of new connections, 0 to 1, not rounded.")]
Number = Annotated[int, Meta(ge=0, le=65535)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """A service port, and what its clients get in the Scenario, by the access path that it names."""

    namespace: str
    service: str
    port: Annotated[int | None, Meta(description="Empty for a service without ports.")]
    protocol: str | None
    node_port: int | None
    policy: Annotated[str | None, Meta(description="externalTrafficPolicy.")]
    state: Annotated[str, Meta(description="Healthy, Degraded, Unavailable, Refused, Rejected or No nodePort.")]
    answered: Annotated[Share | None, Meta(description="0 to 1, not rounded; empty without a nodePort.")]
    pods: Annotated[int, Meta(description="Endpoints, those not ready included.")]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """An entry point, node:nodePort, and what happens to new connections to it."""

    namespace: str
    service: str
    port: Number
    protocol: str
    node_port: Number
    node: str
    address: Annotated[str | None, Meta(description="Empty where it is not known.")]
    zone: str | None
    up: Annotated[bool, Meta(description="Whether the node is up, whatever Kubernetes believes.")]
    answered: Share
    outcome: Annotated[str, Meta(description="answered, degraded, refused or timeout.")]
    client_ip: Annotated[str | None, Meta(description="Which IP address pods see: preserved, node or mixed.")]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResilienceRecord:
    """A service port and how well it survives; a column for each node and zone says what is answered without it."""

    namespace: str
    service: str
    port: Number
    protocol: str
    node_port: Number
    grade: Annotated[str, Meta(description="A to F, as on the page of resilience.")]
    survives_node: Annotated[bool, Meta(description="Any one node, with the current placement.")]
    guaranteed: Annotated[bool, Meta(description="Any one node, in any placement that the manifests allow.")]
    why: str
    before: Annotated[float, Meta(ge=0, le=1, description="The share answered with nothing down.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord:
    """A finding."""

    id: str
    severity: Annotated[str, Meta(description="error, warning or info.")]
    title: str
    object: str | None
    path: Annotated[str | None, Meta(description="The field of the object.")]
    file: str | None
    line: int | None
    message: str
    hint: str
    fingerprint: Annotated[str, Meta(description="What stays the same while lines move.")]


def column(field: str) -> str:
    """Return the name of a field as JSON and the tables spell it.

    >>> column("node_port"), column("client_ip"), column("why")
    ('nodePort', 'clientIP', 'why')
    """
    first, *rest = field.split("_")
    return first + "".join("IP" if word == "ip" else word.capitalize() for word in rest)
