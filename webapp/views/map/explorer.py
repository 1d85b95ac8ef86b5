"""The page of the map: the service in focus with strips, verdict, diagram (or its table), panel and cards."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from flask import Blueprint
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.cluster.model import Service
from webapp.diagram.lanes import Diagram, LaneKind
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import percent
from webapp.routing import PortOutcome
from webapp.views.map.assumptions import Assumed, SettingsForm, assumed, settings_form, with_assumed_pods
from webapp.views.map.cluster import whole_map
from webapp.views.map.panel import Panel, larger, panel
from webapp.views.map.pods import PodChanges, pod_changes
from webapp.views.map.select_nodes import NodeSelection, node_selection
from webapp.views.map.timeline import Timeline, timeline
from webapp.views.map.traffic_rules import TrafficRule, traffic_rules
from webapp.views.map.verdict import StripSegment, Verdict, access_path_strip, moment_strip, sentence, verdict
from webapp.views.page.listing import Choice
from webapp.views.page.picture import picture
from webapp.views.page.query import DROPPED, asked_pairs
from webapp.views.page.rendering import render_page
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import PageState, exposed, is_exposed, open_page, port_word
from webapp.views.page.wording import Chip, chips, failed

blueprint = Blueprint("explorer", __name__)

MAX_CHOICES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Explorer:
    """What the map's page shows; all empty without a service."""

    name: str = "Map"
    said: str = ""
    given: str = ""
    """What the verdict depends on: ``3 assumed pods``."""
    errors: tuple[Problem, ...] = ()
    outcome: PortOutcome | None = None
    moments: tuple[StripSegment, ...] = ()
    access_paths: tuple[StripSegment, ...] = ()
    verdict: Verdict | None = None
    picture: Markup | str = ""
    contents: Diagram | None = None
    key: tuple[tuple[Markup, str], ...] = ()
    choices: tuple[Choice, ...] = ()
    ports: tuple[Choice, ...] = ()
    chips: tuple[Chip, ...] = ()
    failed: str = ""
    """What happened to all that has a chip."""
    panel: Panel | None = None
    assumed: Assumed | None = None
    larger: tuple[Choice, ...] = ()
    timeline: Timeline | None = None
    pod_changes: PodChanges | None = None
    traffic_rules: tuple[TrafficRule, ...] = ()
    settings_form: SettingsForm | None = None
    node_selection: NodeSelection | None = None


@blueprint.get("/t/<topology_id>")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the map of the service in focus, or of the whole cluster."""
    page = open_page(topology_id)
    if page.whole:
        return render_page("cluster.html", page, view=whole_map(page), dropped=DROPPED.all(asked_pairs()))
    return render_page(
        "explorer.html",
        page,
        view=explorer(page),
        dropped=DROPPED.all(asked_pairs()),
    )


def explorer(page: PageState) -> Explorer:
    """Return what the page shows of one state."""
    errors = tuple(problem for problem in page.cluster.problems if problem.severity is Severity.ERROR)
    service = page.service
    # A headless Service may have no port: there is nothing to draw, but what is wrong with the upload is still said.
    if service is None or not service.ports:
        return Explorer(errors=errors)
    simulation = PortSimulation(page)
    name = f"{service.key}:{service.ports[page.port_index].port}"
    found = verdict(service, simulation.graph)
    given = with_assumed_pods(page)
    drawn = picture(simulation)
    return Explorer(
        name=name,
        said=sentence(found, name, "" if found.share is None else percent(found.share), given),
        given=given,
        errors=errors,
        outcome=simulation.now,
        moments=moment_strip(simulation),
        access_paths=access_path_strip(simulation),
        verdict=found,
        picture=drawn.svg,
        contents=drawn.contents,
        key=drawn.key,
        choices=tuple(_choices(page)),
        ports=tuple(_ports(page, service)),
        chips=chips(page),
        failed=failed(page),
        panel=panel(simulation),
        assumed=assumed(page),
        larger=larger(page),
        timeline=timeline(simulation),
        pod_changes=pod_changes(simulation),
        traffic_rules=traffic_rules(simulation),
        settings_form=settings_form(page),
        node_selection=node_selection(
            page, [lane.title for lane in drawn.contents.lanes if lane.sort is LaneKind.NODE]
        ),
    )


def _nodes(drawn: Diagram) -> Iterator[str]:
    return (lane.title for lane in drawn.lanes if lane.sort is LaneKind.NODE)


def _choices(page: PageState) -> Iterator[Choice]:
    """Yield the services to choose from: those reached from outside first."""
    others = (service for service in page.cluster.services.values() if not is_exposed(service))
    # The page of services has all of them, with a search; a menu of thousands would be no help.
    for service in islice(chain(exposed(page.cluster), others), MAX_CHOICES):
        url = page.focused(service.key).url()
        yield Choice(service.key, url, service == page.service, detail=_kind_of(service))


def _kind_of(service: Service) -> str:
    if not service.accepted:
        return "rejected"
    ports = [str(port.node_port) for port in service.ports if port.node_port is not None]
    return ", ".join(ports[:3]) if ports else service.type


def _ports(page: PageState, service: Service) -> Iterator[Choice]:
    for index, port in enumerate(service.ports):
        detail = f"{port.port} ← {port.node_port} {port.protocol}" if port.node_port else f"{port.port} {port.protocol}"
        url = page.focused(service.key, port_word(port)).url()
        yield Choice(port_word(port), url, index == page.port_index, detail=detail)
