"""A service without a nodePort: how clients outside reach pods otherwise, and which service to expose."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from webapp.cluster.model import Service
from webapp.findings.remedy import patch
from webapp.numbers import counted
from webapp.routing import address_paths, has_entries, host_port_paths
from webapp.views.page.edits import url_with_edits, with_patch
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import PageState, exposed, is_exposable

MAX_WAYS = 5
MAX_CANDIDATES = 3
# The ports that so many pods open on their nodes are listed in a moment.
MAX_PODS = 20_000


@dataclass(frozen=True, slots=True)
class OtherWay:
    """An address that clients outside reach without a nodePort."""

    address: str
    detail: str


@dataclass(frozen=True, slots=True)
class ExposableService:
    """A service that could be exposed."""

    name: str
    detail: str
    url: str
    """The state in which it is."""
    patch: str


@dataclass(frozen=True, slots=True)
class Unexposed:
    """What the panel says."""

    alone: bool
    """No service of the set has a nodePort."""
    ways: tuple[OtherWay, ...]
    more: int
    """How many ways are not listed."""
    candidates: tuple[ExposableService, ...]


def unexposed(simulation: PortSimulation) -> Unexposed | None:
    """Return what to say of a service in focus that no nodePort leads to; None if one does."""
    page, service = simulation.page, simulation.page.service
    if service is None or has_entries(service, service.ports[page.port_index]):
        return None
    alone = not exposed(page.cluster)
    ways = tuple(_ways(simulation, service, everything=alone and len(page.cluster.pods) <= MAX_PODS))
    return Unexposed(alone, ways[:MAX_WAYS], max(len(ways) - MAX_WAYS, 0), tuple(_candidates(page, service, alone)))


def _ways(simulation: PortSimulation, service: Service, *, everything: bool) -> Iterator[OtherWay]:
    state, cluster = simulation.state_now, simulation.page.cluster
    for its in cluster.services.values() if everything else (service,):
        for index, port in enumerate(its.ports):
            for way in address_paths(state, its.key, index):
                yield OtherWay(f"{way.address}:{way.port}", f"{its.type} {its.key}")
            if its.type == "LoadBalancer" and its.accepted and not its.load_balancer_addresses:
                yield OtherWay(f"port {port.port}", f"LoadBalancer {its.key}, whose address is not in the upload")
    behind = None if everything else dict.fromkeys(e.pod for e in simulation.before.endpoints if e.pod)
    for opened in host_port_paths(state, behind):
        how = "hostNetwork" if opened.host_network else "hostPort"
        yield OtherWay(f"{opened.node}:{opened.port}", f"{how} of {opened.pod}")


def _candidates(page: PageState, focus: Service, alone: bool) -> Iterator[ExposableService]:
    services = page.cluster.services.values() if alone else (focus,)
    # The one in focus first: it is what the reader looks at.
    among = sorted(filter(is_exposable, services), key=lambda its: (its is not focus, -_pods(its), its.key))
    for service in islice(among, MAX_CANDIDATES):
        content = _exposing(service)
        head = {"apiVersion": "v1", "kind": "Service"}
        named = {"name": service.name, "namespace": service.namespace}
        state = with_patch(page.focused(service.key), f"Service/{service.key}", content)
        yield ExposableService(
            name=service.key,
            detail=counted(_pods(service), "pod"),
            url=url_with_edits(state),
            patch=patch(None, {**head, "metadata": named, **content}),
        )


def _exposing(service: Service) -> dict[str, dict[str, object]]:
    # Only allocateLoadBalancerNodePorts: false leaves a LoadBalancer without a nodePort.
    if service.type == "LoadBalancer":
        return {"spec": {"allocateLoadBalancerNodePorts": True}}
    return {"spec": {"type": "NodePort"}}


def _pods(service: Service) -> int:
    return len({endpoint.key for port in service.ports for endpoint in port.endpoints})
