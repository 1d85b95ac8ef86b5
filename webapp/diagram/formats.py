"""A graph in any format, and the whole way there from a cluster and a Scenario."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from webapp.cluster.model import Cluster, Service
from webapp.diagram import d2, dot, drawio, glyphs, graphml, html, json, mmd, pdf, png
from webapp.diagram.drawn import svg_of
from webapp.diagram.errors import DiagramError
from webapp.diagram.fold import MOST_LANES
from webapp.diagram.hidden_names import without_names
from webapp.diagram.offline import page
from webapp.diagram.picture_options import PLAIN, PictureOptions
from webapp.diagram.text import without_glyph
from webapp.diagram.whole_cluster import every_port_graph, whole_graph
from webapp.failure import Moment, Scenario, state_at
from webapp.records import dataclass
from webapp.routing import has_entries, outcome
from webapp.topology import graph
from webapp.topology.attributes import Graph
from webapp.topology.reading import is_cluster


@dataclass(frozen=True, slots=True)
class Format:
    """One format of a picture: how it is made, and what others call it."""

    render: Callable[[Graph, PictureOptions], bytes]
    mimetype: str
    label: str
    """What it is, in the page's menu, the manual and the help of the command line."""
    extra: str = ""
    """The extra of nodefall that it needs."""


def svg(of: Graph, options: PictureOptions = PLAIN) -> bytes:
    """Return the picture as a file of its own."""
    return svg_of(of, options).encode()


def _plain(render: Callable[[Graph], bytes]) -> Callable[[Graph, PictureOptions], bytes]:
    """Return how a format is made that nothing can be chosen for."""
    return lambda of, _: render(of)


def _png(of: Graph, options: PictureOptions) -> bytes:
    picture, more_fonts = _with_letters(of, options)
    return png.render(picture, options.scale, more_fonts=more_fonts)


def _pdf(of: Graph, options: PictureOptions) -> bytes:
    picture, more_fonts = _with_letters(of, options)
    # White around a dark page would be a frame, and a page of a chosen shape has that shape.
    return pdf.render(
        picture, more_fonts=more_fonts, bleeds=bool(options.ratio) or options.ground in ("dark", "transparent")
    )


def _with_letters(of: Graph, options: PictureOptions) -> tuple[bytes, bool]:
    """Return the picture, and whether it needs fonts of this machine; letters that none has are named in its notes."""
    picture = svg(of, options)
    foreign = without_glyph(picture.decode())
    if foreign and (said := glyphs.note(picture)):
        noted = of.copy()
        noted.graph["notes"] = (said, *of.graph["notes"])
        picture = svg(noted, options)
    return picture, bool(foreign)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "svg": Format(svg, "image/svg+xml", "vector image, self-contained"),
        "png": Format(_png, "image/png", "image", "png"),
        "pdf": Format(_pdf, "application/pdf", "for printing", "pdf"),
        "html": Format(_plain(lambda of: html.render(of, svg(of).decode())), "text/html", "still simulates, no server"),
        "mmd": Format(_plain(mmd.render), "text/plain", "Mermaid, for Markdown"),
        "dot": Format(_plain(dot.render), "text/vnd.graphviz", "Graphviz"),
        "d2": Format(_plain(d2.render), "text/plain", "D2"),
        "drawio": Format(_plain(drawio.render), "application/xml", "diagrams.net"),
        "json": Format(_plain(json.render), "application/json", "the graph of traffic"),
        "graphml": Format(_plain(graphml.render), "application/xml", "for graph tools"),
    }
)
"""By the extension of the file. The page, the API, the command line and the manual have what is here."""
WHOLE = frozenset({"json", "graphml"})
"""These carry the graph itself, each node of it; the others what is to be seen."""


def render(of: Graph, extension: str, options: PictureOptions = PLAIN) -> bytes:
    """Return the graph in a format, by its extension.

    Raises:
        DiagramError: there is no such format, or this machine lacks what it needs.

    """
    if extension not in FORMATS:
        raise DiagramError(f"There is no format {extension!r}; there are {', '.join(FORMATS)}.")
    return FORMATS[extension].render(without_names(of) if options.hides_names else of, options)


def draw(
    cluster: Cluster,
    scenario: Scenario,
    extension: str,
    port: int | None = None,
    name: str = "",
    options: PictureOptions = PLAIN,
) -> bytes:
    """Return the picture of a Scenario in a format: one service port, or the whole cluster where none is named.

    With one exposed service the two are the same. `name` is what somebody called the Scenario: it leads the title.

    Raises:
        DiagramError: there is nothing to draw, no such format, or this machine lacks what it needs.

    """
    made = graph_of(cluster, scenario, port, whole=extension in WHOLE)
    if name:
        made.graph["name"] = name
    # The page simulates from the cluster itself, which has all names.
    if extension == "html" and not options.hides_names:
        focus = None if is_cluster(made) else _focus(cluster, scenario.service, port)
        # Its own style sheet follows the reader into the dark.
        return page.render(cluster, scenario, focus, made, svg_of(made, PictureOptions(ground="light")))
    return render(made, extension, options)


def _focus(cluster: Cluster, key: str | None, port: int | None) -> tuple[str, int]:
    service, index = service_port(cluster, key, port)
    return service.key, index


def graph_of(cluster: Cluster, scenario: Scenario, port: int | None = None, *, whole: bool = False) -> Graph:
    """Return the graph of one service port, or of the whole cluster where none is named and several are exposed.

    It has what a picture shows; `whole`: each node and port.

    Raises:
        DiagramError: there is nothing to draw.

    """
    if scenario.service is None and port is None and len(exposed(cluster)) > 1:
        state = state_at(cluster, scenario)
        return every_port_graph(state) if whole else whole_graph(state)
    # A picture has no more lanes than that, so nodes beyond them need no vertex each.
    return port_graph(cluster, scenario, port, alone=None if whole else MOST_LANES)


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
