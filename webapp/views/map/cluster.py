"""The page of the map of a whole cluster: strips, what is lost, picture (or its table), panel."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import partial

from markupsafe import Markup

from webapp.diagram.cluster_bars import FoldedBars, ServiceBar
from webapp.diagram.cluster_columns import unfolded_name
from webapp.diagram.cluster_layout import BESIDE_PANEL, arrange_map
from webapp.diagram.cluster_legend import map_legend
from webapp.diagram.cluster_map import ClusterMap, cluster_map
from webapp.diagram.cluster_svg import draw_map
from webapp.diagram.strip_chart import strip_chart
from webapp.diagram.whole_cluster import port_changes, whole_graph
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment
from webapp.jobs import counted_stage, stage
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import counted, everything, percent
from webapp.topology.reading import Ending
from webapp.views.map.assumptions import SettingsForm, settings_form
from webapp.views.map.cluster_reasons import lost_because
from webapp.views.map.cluster_timeline import cluster_timeline
from webapp.views.map.cluster_values import MAX_RANGE, Changes, level, range_or_count
from webapp.views.map.control_row import MomentStrip, StripSegment, access_path_segments, moment_segment
from webapp.views.map.drawer import Drawer, drawer
from webapp.views.map.likely_cluster_failures import likely_cluster_failures
from webapp.views.map.likely_failures import LikelyFailure
from webapp.views.map.panel import Around, Selected, larger, selected
from webapp.views.map.picker import ServicePicker, service_picker
from webapp.views.map.select_nodes import NodeSelection, node_selection
from webapp.views.map.timeline import ConnectionRow, Timeline, connections
from webapp.views.page.cache import keep_latest
from webapp.views.page.cluster_headline import Headline, headline
from webapp.views.page.cluster_phone import PhoneMap, phone_map
from webapp.views.page.listing import Choice
from webapp.views.page.picture import focused, links
from webapp.views.page.simulation import one_address, state_of
from webapp.views.page.sketch import sketch_of_picture
from webapp.views.page.stages import DRAWING, WORKING
from webapp.views.page.state import PageState
from webapp.views.page.wording import Chip, chips, failed

# With more service ports than this the strips carry no counts: each would work out all of them at another moment.
MAX_COUNTED = 300


@dataclass(frozen=True, slots=True)
class PortLosses:
    """One service port in the panel and the table: where its new connections go."""

    bar: ServiceBar
    url: str
    at_nodes: str
    """What is lost at the IPs of nodes that are down,"""
    at_pods: str
    """and at pods that do not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeMap:
    """What the page shows."""

    said: str
    errors: tuple[Problem, ...]
    headline: Headline
    picker: ServicePicker
    selected: Selected | None
    moments: MomentStrip | None
    likely: tuple[LikelyFailure, ...]
    access_paths: tuple[StripSegment, ...]
    picture: Markup
    key: tuple[tuple[Markup, str], ...]
    rows: tuple[PortLosses, ...]
    many: bool
    """The picture needs the whole width."""
    phone: PhoneMap
    folded: tuple[FoldedBars, ...]
    unfolded: tuple[Choice, ...]
    """Each leads to the map with it folded again."""
    reasons: tuple[str, ...]
    chips: tuple[Chip, ...]
    failed: str
    larger: tuple[Choice, ...]
    node_selection: NodeSelection
    drawer: Drawer
    timeline: Timeline | None
    connections: tuple[ConnectionRow, ...]
    settings_form: SettingsForm | None


def whole_map(page: PageState) -> WholeMap:
    """Return what the page shows of one state."""
    state = state_of(page, page.scenario.at)
    changes = changes_at(page, page.scenario.at)
    graph = whole_graph(state, changes, page.unfold, page.found_node)
    if page.name:
        graph.graph["name"] = page.name
    its = cluster_map(graph)
    stage(DRAWING, sketch=lambda: sketch_of_picture(its, page.cluster, page.topology.name))
    svg, key = _drawn(page, its)
    said = headline(page, changes)
    under = drawer(page, without=frozenset({"pods", "address"}))
    return WholeMap(
        said=f"{page.name}: {said.said}" if page.name else said.said,
        headline=said,
        errors=tuple(problem for problem in page.cluster.problems if problem.severity is Severity.ERROR),
        picker=service_picker(page),
        selected=selected(_around(page)),
        moments=cluster_moments(page, changes),
        likely=cluster_likely(page),
        access_paths=cluster_access_paths(page, changes),
        picture=svg,
        key=key,
        rows=tuple(_row(page, bar) for bar in its.bars),
        many=len(its.bars) > BESIDE_PANEL,
        phone=phone_map(page, its),
        folded=its.folded,
        unfolded=tuple(Choice(unfolded_name(word), page.unfolding(word).url(), True) for word in sorted(page.unfold)),
        reasons=tuple(lost_because(page, its.bars, state)),
        chips=chips(page),
        failed=failed(page),
        larger=larger(page),
        node_selection=node_selection(page, [lane.title for lane in its.lanes if lane.nodes == 1]),
        drawer=under,
        # What lies in a closed tab is not worked out.
        timeline=cluster_timeline(page, _opened) if page.has_failure and under.open == "time" else None,
        connections=connections(page) if under.open == "connections" else (),
        settings_form=settings_form(page) if under.open == "settings" else None,
    )


def cluster_likely(page: PageState) -> tuple[LikelyFailure, ...]:
    """Return what to try while nothing is down."""
    return () if page.has_failure else likely_cluster_failures(page, partial(known_changes, None))


def _around(page: PageState) -> Around:
    """Return what the map of the cluster knows of what is selected."""
    pods, at = page.cluster.pods_on, page.scenario.at
    # Before the failure nothing is down yet, but the panel says what will be.
    state = state_of(page, Moment.FAILED if at is Moment.BEFORE and page.scenario.down else at)
    total = counted(len(page.cluster.pods), "pod")
    return Around(page, state.down_nodes, lambda name: f"{len(pods.get(name, ())):,} of {total}", reached=True)


def _drawn(page: PageState, its: ClusterMap) -> tuple[Markup, tuple[tuple[Markup, str], ...]]:
    """Return the picture and its legend."""
    layout = arrange_map(its)
    chosen = str(page.selected) if page.selected else ""
    # The drawing escapes every name in it.
    key = tuple((Markup(item.svg()), item.words) for item in map_legend(layout))  # noqa: S704
    return Markup(draw_map(layout, links(page), chosen)), key  # noqa: S704


def _row(page: PageState, bar: ServiceBar) -> PortLosses:
    lost = {ending: percent(share) for ending, share in bar.endings.items()}
    url = focused(page, f"{bar.namespace}/{bar.service}", str(bar.port))
    return PortLosses(bar, url, lost.get(Ending.NODE_DOWN, "–"), lost.get(Ending.DEAD_ENDPOINT, "–"))


def _asked(page: PageState, moment: Moment) -> Hashable:
    """Return what the changes depend on: not on what is selected or unfolded."""
    return page.topology.id, page.options, replace(page.scenario, at=moment, service=None)


# A zone of 5,000 nodes changes almost all of 2,000 service ports, and these take half a second.
@keep_latest(12, key=_asked)
def changes_at(page: PageState, moment: Moment) -> Changes:
    """Return what becomes of each exposed service port at a moment."""
    state = state_of(page, moment)
    with counted_stage(WORKING):
        return port_changes(state)


# --- the strips -------------------------------------------------------------------------------------------------------


def cluster_moments(page: PageState, changes: Changes) -> MomentStrip | None:
    """Return a segment for each time of this failure, with the services that it affects; None with nothing down."""
    if not page.has_failure:
        return None
    found = [
        (moment, known_changes(changes, page, moment))
        for moment in (DRAIN_MOMENTS if page.scenario.drain else CRASH_MOMENTS)
    ]
    chart = strip_chart(*([None if its is None else level(its, pick) for _, its in found] for pick in (min, max)))
    segments = (
        moment_segment(page, moment, "" if its is None else range_or_count(its), known=its is not None)
        for moment, its in found
    )
    return MomentStrip(tuple(segments), Markup(chart))  # noqa: S704 - numbers only


def cluster_access_paths(page: PageState, changes: Changes) -> tuple[StripSegment, ...]:
    """Return a segment for each access path."""
    at = page.scenario.at
    found = {
        via: known_changes(changes if via == page.scenario.via else None, page.via(via), at)
        for via in (one_address(page), "dns", "lb")
    }
    # With nothing down nothing is affected, and a row of 100 % would say nothing either.
    calm = not page.has_failure and all(its is None or _goes_without_saying(its) for its in found.values())
    values = {via: "" if calm else "" if its is None else range_or_count(its) for via, its in found.items()}
    return access_path_segments(page, values, len(page.cluster.nodes), "health checks", calm=calm)


def known_changes(changes: Changes | None, page: PageState, moment: Moment) -> Changes | None:
    """Return the changes at a moment; None if working them out would cost more than they say."""
    if changes is not None and moment is page.scenario.at:
        return changes
    return None if _costly(page, moment) else changes_at(page, moment)


def _opened(page: PageState, moment: Moment) -> Changes | None:
    """Return the changes at a moment for whoever opens the timeline; None where pods would have to be placed."""
    return None if _places_many(page, moment) else changes_at(page, moment)


def _goes_without_saying(changes: Changes) -> bool:
    return len(changes) > MAX_RANGE or all(everything(change.share) for change in changes)


def _costly(page: PageState, moment: Moment) -> bool:
    """Return whether a value would cost more than it says: very many services, or pods to place again."""
    return len(page.cluster.services) > MAX_COUNTED or _places_many(page, moment)


def _places_many(page: PageState, moment: Moment) -> bool:
    placing = moment in (Moment.RESCHEDULED, Moment.EVICTING, Moment.DRAINED)
    return placing and moment is not page.scenario.at and len(page.cluster.pods) > MAX_COUNTED
