"""A state shown to a room: picture and verdict alone, in large type, and the keys that a clicker sends.

All that the keys do are links of the page: ``data-key`` names the keys of each, which ``static/js/present.js`` reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from webapp.cluster.model import Service
from webapp.diagram import svg
from webapp.diagram.arrange import arrange
from webapp.diagram.cluster_layout import BESIDE_PANEL, MANY, ClusterLayout, arrange_map
from webapp.diagram.cluster_map import ClusterMap, cluster_map
from webapp.diagram.cluster_svg import draw_map
from webapp.diagram.columns import ON_SCREEN
from webapp.diagram.lanes import Diagram
from webapp.diagram.whole_cluster import whole_graph
from webapp.failure import Moment
from webapp.numbers import everything, percent
from webapp.views.map.cluster import changes_at, cluster_access_paths, cluster_likely, cluster_moments
from webapp.views.map.control_row import MomentStrip, StripSegment, access_path_strip, moment_strip
from webapp.views.map.likely_failures import LikelyFailure, likely_failures
from webapp.views.map.verdict import Verdict, sentence, verdict
from webapp.views.page.cluster_headline import Headline, cause, headline
from webapp.views.page.cluster_phone import PhoneMap, phone_map
from webapp.views.page.picture import drawn_contents, links
from webapp.views.page.simulation import PortSimulation, seconds_of, state_of
from webapp.views.page.state import PageState
from webapp.views.page.wording import has_failed, moment_words

WIDEST = 1030
"""Of a picture: wider, its text of 12 would be under 22 px on a projector of 1,920 px."""
MOST_COLUMNS = 10
"""So many fit into that on the map of a cluster."""


@dataclass(frozen=True, slots=True)
class PresentedStep:
    """A time after the failure, or a failure to try: a link of the page, with its keys."""

    title: str
    value: str
    detail: str
    url: str
    current: bool
    keys: str
    """As ``data-key`` has them: ``3 Space ArrowRight PageDown``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """What the page shows."""

    name: str
    said: str
    situation: str
    """Below it: what is down, and since when."""
    calm: bool
    """Nothing is down and nothing is lost."""
    verdict: Verdict | None = None
    """Of one service port,"""
    headline: Headline | None = None
    """or of the whole cluster."""
    picture: Markup
    contents: Diagram | None = None
    """On a phone cards of nodes stand in the place of the picture of a service,"""
    phone: PhoneMap | None = None
    """and these in the place of the cluster's."""
    many: bool = False
    steps: tuple[PresentedStep, ...]
    access_url: str
    """The same by the next access path; empty where there is one only."""


def presentation(page: PageState) -> Presentation | None:
    """Return what is shown of one state; None where there is nothing to draw."""
    if page.whole:
        return _of_cluster(page)
    service = page.service
    return _of_service(page, service) if service and service.ports else None


def _of_service(page: PageState, service: Service) -> Presentation:
    simulation = PortSimulation(page)
    found, contents = verdict(service, simulation.graph), drawn_contents(simulation)
    name = f"{service.key}:{service.ports[page.port_index].port}"
    return Presentation(
        name=name,
        said=f"{sentence(found, name, '' if found.share is None else percent(found.share))} {_situation(page)}",
        situation=_situation(page),
        calm=not page.has_failure and found.share is not None and everything(found.share),
        verdict=found,
        picture=_marked(svg.draw(arrange(contents, ON_SCREEN), links(page))),
        contents=contents,
        steps=_steps(moment_strip(simulation), () if page.has_failure else likely_failures(simulation)),
        access_url=_next(access_path_strip(simulation) if simulation.now.entries else ()),
    )


def _of_cluster(page: PageState) -> Presentation:
    changes = changes_at(page, page.scenario.at)
    its, layout = narrow_map(page)
    said = headline(page, changes)
    return Presentation(
        name="the cluster",
        said=said.said,
        situation=" · ".join(filter(None, (said.detail, _when(page)))),
        calm=not page.has_failure,
        headline=said,
        picture=_marked(draw_map(layout, links(page))),
        phone=phone_map(page, its),
        many=len(its.bars) > BESIDE_PANEL,
        steps=_steps(cluster_moments(page, changes), cluster_likely(page)),
        access_url=_next(cluster_access_paths(page, changes)),
    )


def narrow_map(page: PageState) -> tuple[ClusterMap, ClusterLayout]:
    """Return the map of a cluster as a room can read it."""
    changes = changes_at(page, page.scenario.at)
    graph = whole_graph(state_of(page, page.scenario.at), changes, page.unfold, page.found_node, MOST_COLUMNS)
    its = cluster_map(graph)
    layout = arrange_map(its)
    return its, layout if layout.width <= WIDEST else arrange_map(its, MANY)


def _marked(drawn: str) -> Markup:
    return Markup(drawn)  # noqa: S704 - the drawing escapes every name in it


def _situation(page: PageState) -> str:
    """Return what is down and since when, as ``worker-2 is down · ≈ 50 s · failure detected``."""
    if not page.has_failure:
        return ""
    when = _when(page)
    return f"{cause(page)} · {when}" if when else f"Nothing {has_failed(page)} yet"


def _when(page: PageState) -> str:
    if not page.has_failure or page.scenario.at is Moment.BEFORE:
        return ""
    return moment_words(page.scenario.at, seconds_of(page)).detail


def _steps(strip: MomentStrip | None, likely: Sequence[LikelyFailure]) -> tuple[PresentedStep, ...]:
    """Return the times after the failure; with nothing down what is worth trying, the first of which comes next."""
    if strip is None:
        return tuple(
            PresentedStep(f"{its.question} {its.verb}", its.result, its.rest, its.url, False, _keys(at, -1))
            for at, its in enumerate(likely)
        )
    current = next((at for at, its in enumerate(strip.segments) if its.current), -1)
    return tuple(
        PresentedStep(its.title, "…" if its.open else its.value, its.detail, its.url, its.current, _keys(at, current))
        for at, its in enumerate(strip.segments)
    )


def _keys(at: int, current: int) -> str:
    """Return the keys of one step: its number, and what a clicker sends where it is next to the current one."""
    beside = {current + 1: " Space ArrowRight PageDown", current - 1: " ArrowLeft PageUp"}
    return f"{at + 1}{beside.get(at, '')}"


def _next(paths: Sequence[StripSegment]) -> str:
    current = next((at for at, its in enumerate(paths) if its.current), -1)
    return paths[(current + 1) % len(paths)].url if paths else ""
