"""The diagram inside a page: the same drawing as the download, with links to the neighbouring states."""

from dataclasses import dataclass

from markupsafe import Markup

from webapp.diagram import legend, svg
from webapp.diagram.arrange import arrange
from webapp.diagram.columns import ON_SCREEN
from webapp.diagram.describe import describe
from webapp.diagram.fold import alone
from webapp.diagram.lanes import Diagram
from webapp.diagram.links import URL, Links
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Target
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import MAX_ASSUMED, SERVICE, PageState


@dataclass(frozen=True, slots=True)
class Picture:
    """The drawing, the same as words, and its key."""

    svg: Markup
    contents: Diagram
    key: tuple[tuple[Markup, str], ...]


def picture(simulation: PortSimulation) -> Picture:
    """Return the diagram of one state of the page."""
    page = simulation.page
    words = drawn_contents(simulation)
    layout = arrange(words, ON_SCREEN)
    selected = str(page.selected) if page.selected else ""
    return Picture(
        svg=Markup(svg.draw(layout, links(page), selected)),  # noqa: S704 - the drawing escapes every name in it
        contents=words,
        key=tuple((Markup(item.svg()), item.words) for item in legend.items(layout)),  # noqa: S704
    )


def drawn_contents(simulation: PortSimulation) -> Diagram:
    """Return what the picture of a state says."""
    page = simulation.page
    return describe(simulation.graph, page.unfold | {alone(page.found_node)})


def links(page: PageState) -> Links:
    """Return where the boxes lead: plain links, which htmx follows in place."""
    return Links(
        toggle=lambda target: page.toggled(target).url(),
        unfold=lambda fold: page.unfolding(fold).url(),
        connect=lambda node: page.via("dns" if page.scenario.via == f"node/{node}" else f"node/{node}").url(),
        connected=page.scenario.via.partition("/")[2],
        add_node=_one_more(page),
        service=f"{page.selecting(SERVICE).url()}#change",
        focus=lambda service, port: focused(page, service, port),
        actions=lambda target: node_actions(page, target),
        attributes={"hx-get": URL, "hx-push-url": "true"},
    )


def _one_more(page: PageState) -> str:
    count = len(page.cluster.nodes)
    more = page.assuming(count + 1) if count < MAX_ASSUMED and page.counts_nodes else None
    return more.url() if more else ""


def node_actions(page: PageState, target: Target) -> tuple[tuple[str, str], ...]:
    """Return what can be done with a node now, each with the state after it."""
    if target.kind is not FailureKind.NODE:
        return ()
    zone = Target(kind=FailureKind.ZONE, name=page.cluster.nodes[target.name].zone or "")
    if zone in page.scenario.down:
        return ()  # it comes back up with its zone
    toggled = page.toggled(target).url()
    if target in page.scenario.down or target.name in page.scenario.drain:
        return (("Bring back up", toggled),)
    return ("Take down", toggled), ("Drain", page.draining(target.name).url())


def focused(page: PageState, service: str, port: str) -> str:
    """Return the address of one service's map; the port is said only where there are several."""
    return page.focused(service, port if len(page.cluster.services[service].ports) > 1 else "").url()
