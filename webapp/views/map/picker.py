"""The picker of services in the app bar, by namespace; and of the ports of the one shown.

What it lists is short: the page of services has all of them, and its box finds any.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby, islice

from webapp.cluster.model import Service
from webapp.views.page.listing import Choice
from webapp.views.page.state import PageState, exposed, is_exposed, port_word

MAX_CHOICES = 30
MAX_PORTS = 100
"""A service with more is somebody's test of what happens then: those around the current one are listed."""


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """Services of one namespace."""

    namespace: str
    services: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ServicePicker:
    """What the menu lists."""

    groups: tuple[ServiceGroup, ...]
    count: int
    """How many services there are."""
    cluster_url: str
    """The map of the whole cluster; empty where one service is all there is."""
    ports: tuple[Choice, ...]
    """Of the service in focus, where it has several: those around the one in focus."""
    port_count: int
    """How many ports it has."""


def service_picker(page: PageState) -> ServicePicker:
    """Return the picker of one state."""
    services = page.cluster.services.values()
    others = (service for service in services if not is_exposed(service))
    listed = islice(chain(exposed(page.cluster), others), MAX_CHOICES)
    # A namespace may hold both sorts: what is reached from outside stays first in it.
    by_namespace = sorted(listed, key=lambda service: service.namespace)
    whole = page.unfocused()
    focus = None if page.whole else page.service
    return ServicePicker(
        groups=tuple(
            ServiceGroup(namespace, tuple(_choice(page, service, focus) for service in its))
            for namespace, its in groupby(by_namespace, key=lambda service: service.namespace)
        ),
        count=len(services),
        cluster_url=whole.url() if whole.whole else "",
        ports=tuple(_ports(page, focus)) if focus is not None and len(focus.ports) > 1 else (),
        port_count=len(focus.ports) if focus is not None else 0,
    )


def _choice(page: PageState, service: Service, focus: Service | None) -> Choice:
    return Choice(service.name, page.focused(service.key).url(), service == focus, detail=_kind_of(service))


def _kind_of(service: Service) -> str:
    if not service.accepted:
        return "rejected"
    ports = [str(port.node_port) for port in service.ports if port.node_port is not None]
    return ", ".join(ports[:3]) if ports else service.type


def _ports(page: PageState, service: Service) -> Iterator[Choice]:
    current = page.port_index
    first = max(min(current - MAX_PORTS // 2, len(service.ports) - MAX_PORTS), 0)
    for index, port in islice(enumerate(service.ports), first, first + MAX_PORTS):
        detail = f"{port.port} ← {port.node_port} {port.protocol}" if port.node_port else f"{port.port} {port.protocol}"
        url = page.focused(service.key, port_word(port)).url()
        yield Choice(port_word(port), url, index == current, detail=detail)
