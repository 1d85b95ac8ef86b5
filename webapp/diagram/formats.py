"""A graph in any format, and the whole way there from a cluster and a Scenario."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from webapp.cluster.model import Cluster, Service
from webapp.diagram import d2, dot, drawio, graphml, html, json, mmd, pdf, png
from webapp.diagram.drawn import svg_of
from webapp.diagram.errors import DiagramError
from webapp.diagram.fold import MOST_LANES
from webapp.diagram.offline import page
from webapp.diagram.whole_cluster import every_port_graph, whole_graph
from webapp.failure import Moment, Scenario, state_at
from webapp.records import dataclass
from webapp.routing import has_entries, outcome
from webapp.topology import graph
from webapp.topology.attributes import Graph


@dataclass(frozen=True, slots=True)
class Format:
    """One format of a picture: how it is made, and what others call it."""

    render: Callable[[Graph], bytes]
    mimetype: str
    label: str
    """What it is, in the page's menu, the manual and the help of the command line."""
    extra: str = ""
    """The extra of nodefall that it needs."""


def svg(of: Graph) -> bytes:
    """Return the picture as a file of its own."""
    return svg_of(of).encode()


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "svg": Format(svg, "image/svg+xml", "vector image, self-contained"),
        "png": Format(lambda of: png.render(svg(of)), "image/png", "image", "png"),
        "pdf": Format(lambda of: pdf.render(svg(of)), "application/pdf", "for printing", "pdf"),
        "html": Format(lambda of: html.render(of, svg(of).decode()), "text/html", "still simulates, no server"),
        "mmd": Format(mmd.render, "text/plain", "Mermaid, for Markdown"),
        "dot": Format(dot.render, "text/vnd.graphviz", "Graphviz"),
        "d2": Format(d2.render, "text/plain", "D2"),
        "drawio": Format(drawio.render, "application/xml", "diagrams.net"),
        "json": Format(json.render, "application/json", "the simulation’s numbers"),
        "graphml": Format(graphml.render, "application/xml", "for graph tools"),
    }
)
"""By the extension of the file. The page, the API, the command line and the manual have what is here."""
WHOLE = frozenset({"json", "graphml"})
"""These carry the graph itself, each node of it; the others what is to be seen."""


def render(of: Graph, extension: str) -> bytes:
    """Return the graph in a format, by its extension.

    Raises:
        DiagramError: there is no such format, or this machine lacks what it needs.

    """
    if extension not in FORMATS:
        raise DiagramError(f"There is no format {extension!r}; there are {', '.join(FORMATS)}.")
    return FORMATS[extension].render(of)


def draw(cluster: Cluster, scenario: Scenario, extension: str, port: int | None = None, name: str = "") -> bytes:
    """Return the picture of a Scenario in a format: one service port, or the whole cluster where none is named.

    With one exposed service the two are the same. `name` is what somebody called the Scenario: it leads the title.

    Raises:
        DiagramError: there is nothing to draw, no such format, or this machine lacks what it needs.

    """
    whole = scenario.service is None and port is None and len(exposed(cluster)) > 1
    of = _cluster_graph if whole else _port_graph
    made = of(cluster, scenario, extension, port)
    if name:
        made.graph["name"] = name
    if extension == "html" and not whole:
        service, index = service_port(cluster, scenario.service, port)
        return page.render(cluster, scenario, (service.key, index), made, svg_of(made))
    return render(made, extension)


def _port_graph(cluster: Cluster, scenario: Scenario, extension: str, port: int | None) -> Graph:
    # A picture has no more lanes than that, so nodes beyond them need no vertex each.
    return port_graph(cluster, scenario, port, alone=None if extension in WHOLE else MOST_LANES)


def _cluster_graph(cluster: Cluster, scenario: Scenario, extension: str, _: int | None) -> Graph:
    state = state_at(cluster, scenario)
    return every_port_graph(state) if extension in WHOLE else whole_graph(state)


def port_graph(cluster: Cluster, scenario: Scenario, port: int | None = None, alone: int | None = None) -> Graph:
    """Return the graph of the service port that a Scenario puts into focus; `alone` as in :func:`graph`.

    Raises:
        DiagramError: there is no such service or port.

    """
    service, index = service_port(cluster, scenario.service, port)
    asked = replace(scenario, service=service.key)
    before = state_at(cluster, replace(asked, at=Moment.BEFORE))
    state = state_at(cluster, asked)
    return graph(state, outcome(state, service.key, index), outcome(before, service.key, index), alone)


def service_port(cluster: Cluster, key: str | None, port: int | None = None) -> tuple[Service, int]:
    """Return a service and the index of one of its ports, by its port or nodePort; those with a nodePort come first.

    Raises:
        DiagramError: there is no such service or port.

    """
    service = _service(cluster, key)
    return service, _port_index(service, port)


def _service(cluster: Cluster, key: str | None) -> Service:
    if key is not None:
        if key in cluster.services and cluster.services[key].ports:
            return cluster.services[key]
        raise DiagramError(f"There is no service {key} with a port.")
    services = [service for service in cluster.services.values() if service.ports]
    open_ = exposed(cluster)
    if not services:
        raise DiagramError("There is no service to draw.")
    return (open_ or services)[0]


def exposed(cluster: Cluster) -> list[Service]:
    """Return the services with a port that entry points lead to."""
    return [its for its in cluster.services.values() if any(has_entries(its, port) for port in its.ports)]


def _port_index(service: Service, port: int | None) -> int:
    if port is None:
        return next((i for i, its in enumerate(service.ports) if has_entries(service, its)), 0)
    for i, its in enumerate(service.ports):
        if port in (its.port, its.node_port):
            return i
    known = ", ".join(str(its.port) for its in service.ports)
    raise DiagramError(f"Service {service.key} has no port {port}; it has {known}.")
