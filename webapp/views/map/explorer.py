"""The page of the map: the service in focus with strips, verdict, diagram (or its table), panel and cards."""

from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.diagram.lanes import Diagram, LaneKind
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import everything, percent
from webapp.routing import PortOutcome
from webapp.views.map.assumptions import Assumed, SettingsForm, assumed, settings_form, with_assumed_pods
from webapp.views.map.beside import beside
from webapp.views.map.cluster import whole_map
from webapp.views.map.control_row import MomentStrip, StripSegment, access_path_strip, moment_strip
from webapp.views.map.drawer import Drawer, drawer
from webapp.views.map.likely_failures import LikelyFailure, SurvivalLine, likely_failures, survived
from webapp.views.map.panel import Panel, larger, panel
from webapp.views.map.picker import ServicePicker, service_picker
from webapp.views.map.pods import PodChanges, pod_changes
from webapp.views.map.prediction import prediction
from webapp.views.map.presentation import presentation
from webapp.views.map.select_nodes import NodeSelection, node_selection
from webapp.views.map.share_sheet import share_sheet
from webapp.views.map.sharing import shared_as_it_is
from webapp.views.map.timeline import ConnectionRow, Timeline, connections, timeline
from webapp.views.map.traffic_rules import TrafficRule, traffic_rules
from webapp.views.map.unexposed import Unexposed, unexposed
from webapp.views.map.verdict import Verdict, sentence, verdict
from webapp.views.page.listing import Choice
from webapp.views.page.picture import picture
from webapp.views.page.query import BESIDE, DROPPED, PREDICT, SHARE, asked_pairs
from webapp.views.page.rendering import render_page
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import PageState, open_page
from webapp.views.page.wording import Chip, chips, failed

blueprint = Blueprint("explorer", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explorer:
    """What the map's page shows; all empty without a service."""

    name: str = "Map"
    said: str = ""
    given: str = ""
    """What the verdict depends on: ``3 assumed pods``."""
    errors: tuple[Problem, ...] = ()
    outcome: PortOutcome | None = None
    calm: bool = False
    """Nothing is down and nothing is lost."""
    moments: MomentStrip | None = None
    likely: tuple[LikelyFailure, ...] = ()
    """What to try, in the place of the moments while nothing is down."""
    survived: tuple[SurvivalLine, ...] = ()
    unexposed: Unexposed | None = None
    access_paths: tuple[StripSegment, ...] = ()
    verdict: Verdict | None = None
    picture: Markup | str = ""
    contents: Diagram | None = None
    key: tuple[tuple[Markup, str], ...] = ()
    picker: ServicePicker | None = None
    chips: tuple[Chip, ...] = ()
    failed: str = ""
    """What happened to all that has a chip."""
    panel: Panel | None = None
    assumed: Assumed | None = None
    larger: tuple[Choice, ...] = ()
    drawer: Drawer | None = None
    timeline: Timeline | None = None
    connections: tuple[ConnectionRow, ...] = ()
    pod_changes: PodChanges | None = None
    traffic_rules: tuple[TrafficRule, ...] = ()
    settings_form: SettingsForm | None = None
    node_selection: NodeSelection | None = None


@blueprint.get("/t/<topology_id>")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the map of the service in focus, or of the whole cluster."""
    page = open_page(topology_id)
    if tab := SHARE.asked():
        return render_page("share.html", page, view=share_sheet(page, tab))
    if (word := BESIDE.asked()) and (view := beside(page, word)):
        return render_page("beside.html", page, view=view)
    if PREDICT.asked() and (covered := prediction(page)):
        return render_page("prediction.html", page, view=covered)
    if page.presented and (shown := presentation(page)):
        return render_page("present.html", page, view=shown)
    shared = shared_as_it_is(page)
    template = "cluster.html" if page.whole else "explorer.html"
    seen = whole_map(page) if page.whole else explorer(page)
    response = render_page(template, page, view=seen, dropped=DROPPED.all(asked_pairs()), **shared)
    if shared and shared["shared"].public:
        # Its author lets it be found; every other page of an upload is kept out of search engines.
        response.headers["X-Robots-Tag"] = "all"
    return response


def explorer(page: PageState) -> Explorer:
    """Return what the page shows of one state."""
    errors = tuple(problem for problem in page.cluster.problems if problem.severity is Severity.ERROR)
    service = page.service
    # A headless Service may have no port: there is nothing to draw, but what is wrong with the upload is still said.
    if service is None or not service.ports:
        return Explorer(errors=errors, picker=service_picker(page))
    simulation = PortSimulation(page)
    name = f"{service.key}:{service.ports[page.port_index].port}"
    found = verdict(service, simulation.graph)
    given = with_assumed_pods(page)
    drawn = picture(simulation)
    calm = not page.has_failure and found.share is not None and everything(found.share)
    its = drawer(page)
    return Explorer(
        name=name,
        said=sentence(found, name, "" if found.share is None else percent(found.share), given),
        given=given,
        errors=errors,
        outcome=simulation.now,
        calm=calm,
        moments=moment_strip(simulation),
        likely=() if page.has_failure else likely_failures(simulation),
        unexposed=unexposed(simulation),
        survived=() if page.has_failure else survived(simulation),
        access_paths=access_path_strip(simulation) if simulation.now.entries else (),
        verdict=found,
        picture=drawn.svg,
        contents=drawn.contents,
        key=drawn.key,
        picker=service_picker(page),
        chips=chips(page),
        failed=failed(page),
        panel=panel(simulation),
        assumed=assumed(page),
        larger=larger(page),
        drawer=its,
        # What lies in a closed tab is not worked out.
        timeline=timeline(simulation) if its.open == "time" else None,
        connections=connections(page) if its.open == "connections" else (),
        pod_changes=pod_changes(simulation) if its.open == "pods" else None,
        traffic_rules=traffic_rules(simulation) if its.open == "address" else (),
        settings_form=settings_form(page) if its.open == "settings" else None,
        node_selection=node_selection(
            page, [lane.title for lane in drawn.contents.lanes if lane.sort is LaneKind.NODE]
        ),
    )
