"""The page of the map of a whole cluster: strips, what is lost, picture (or its table), panel."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from webapp.diagram.cluster_bars import FoldedBars, ServiceBar
from webapp.diagram.cluster_columns import PortChange
from webapp.diagram.cluster_layout import BESIDE_PANEL, arrange_map
from webapp.diagram.cluster_legend import map_legend
from webapp.diagram.cluster_map import ClusterMap, cluster_map
from webapp.diagram.cluster_svg import draw_map
from webapp.diagram.whole_cluster import port_changes, whole_graph
from webapp.diagram.wording import cluster_headline
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, FailureKind, Moment
from webapp.jobs import stage
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import counted, figure, percent
from webapp.topology.reading import Ending
from webapp.views.map.cluster_phone import PhoneMap, phone_map
from webapp.views.map.panel import larger
from webapp.views.map.select_nodes import NodeSelection, node_selection
from webapp.views.page.cache import keep_latest
from webapp.views.page.listing import Choice
from webapp.views.page.picture import focused, links
from webapp.views.page.simulation import one_address, seconds_of, state_of
from webapp.views.page.sketch import sketch_of_picture
from webapp.views.page.stages import DRAWING
from webapp.views.page.state import PageState
from webapp.views.page.wording import ACCESS_PATHS, Chip, chips, failed, moment_words

# With more service ports than this the strips carry no counts: each would work out all of them at another moment.
MAX_COUNTED = 300
# Up to so many service ports a range of shares says more than how many of them lose something.
MAX_RANGE = 6


@dataclass(frozen=True, slots=True)
class MapSegment:
    """One time or access path, with what it does to all services."""

    title: str
    short: str
    detail: str
    value: str
    """``37.5–75 %`` or ``13 affected``; empty if it is not worked out."""
    url: str
    current: bool


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
    moments: tuple[MapSegment, ...]
    access_paths: tuple[MapSegment, ...]
    picture: Markup
    key: tuple[tuple[Markup, str], ...]
    rows: tuple[PortLosses, ...]
    many: bool
    """The picture needs the whole width."""
    phone: PhoneMap
    folded: tuple[FoldedBars, ...]
    chips: tuple[Chip, ...]
    failed: str
    larger: tuple[Choice, ...]
    node_selection: NodeSelection


def whole_map(page: PageState) -> WholeMap:
    """Return what the page shows of one state."""
    state = state_of(page, page.scenario.at)
    changes = _changes(page, page.scenario.at)
    selected = page.selected
    found = selected.name if selected and selected.kind is FailureKind.NODE else ""
    graph = whole_graph(state, changes, page.unfold, found)
    if page.name:
        graph.graph["name"] = page.name
    its = cluster_map(graph)
    stage(DRAWING, sketch=lambda: sketch_of_picture(its, page.cluster, page.topology.name))
    svg, key = _drawn(page, its)
    return WholeMap(
        said=cluster_headline(its),
        errors=tuple(problem for problem in page.cluster.problems if problem.severity is Severity.ERROR),
        moments=tuple(_moments(page, changes)),
        access_paths=tuple(_access_paths(page, changes)),
        picture=svg,
        key=key,
        rows=tuple(_row(page, bar) for bar in its.bars),
        many=len(its.bars) > BESIDE_PANEL,
        phone=phone_map(page, its),
        folded=its.folded,
        chips=chips(page),
        failed=failed(page),
        larger=larger(page),
        node_selection=node_selection(page, [lane.title for lane in its.lanes if lane.nodes == 1]),
    )


def _drawn(page: PageState, its: ClusterMap) -> tuple[Markup, tuple[tuple[Markup, str], ...]]:
    """Return the picture and its legend; none where the table is shown."""
    if page.table:
        return Markup(), ()
    layout = arrange_map(its)
    selected = str(page.selected) if page.selected else ""
    # The drawing escapes every name in it.
    key = tuple((Markup(item.svg()), item.words) for item in map_legend(layout))  # noqa: S704
    return Markup(draw_map(layout, links(page), selected)), key  # noqa: S704


def _row(page: PageState, bar: ServiceBar) -> PortLosses:
    lost = {ending: percent(share) for ending, share in bar.endings.items()}
    url = focused(page, f"{bar.namespace}/{bar.service}", str(bar.port))
    return PortLosses(bar, url, lost.get(Ending.NODE_DOWN, "–"), lost.get(Ending.DEAD_ENDPOINT, "–"))


def _asked(page: PageState, moment: Moment) -> Hashable:
    """Return what the changes depend on: not on what is selected or unfolded."""
    return page.topology.id, page.options, replace(page.scenario, at=moment, service=None)


# A zone of 5,000 nodes changes almost all of 2,000 service ports, and these take half a second.
@keep_latest(4, key=_asked)
def _changes(page: PageState, moment: Moment) -> Sequence[PortChange]:
    return port_changes(state_of(page, moment))


# --- the strips -------------------------------------------------------------------------------------------------------


def _moments(page: PageState, changes: Sequence[PortChange]) -> Iterator[MapSegment]:
    for moment in DRAIN_MOMENTS if page.scenario.drain else CRASH_MOMENTS:
        words = moment_words(moment, seconds_of(page))
        # With nothing down no time is chosen, and all of them say the same.
        current = page.has_failure and moment is page.scenario.at
        value = _value(page.at(moment), changes if current else None, moment) if page.has_failure else ""
        yield MapSegment(words.title, words.short, words.detail, value, page.at(moment).url(), current)


def _access_paths(page: PageState, changes: Sequence[PortChange]) -> Iterator[MapSegment]:
    one = one_address(page)
    nodes = counted(len(page.cluster.nodes), "address", "addresses")
    ways = (
        (one, "One node IP", f"{one.removeprefix('node/')}’s IP"),
        ("dns", ACCESS_PATHS["dns"], f"round robin, {nodes}"),
    )
    for via, title, detail in (*ways, ("lb", ACCESS_PATHS["lb"], "health checks")):
        current = via == page.scenario.via
        value = _value(page.via(via), changes if current else None, page.scenario.at)
        yield MapSegment(title, title, detail, value, page.via(via).url(), current)


def _value(page: PageState, changes: Sequence[PortChange] | None, moment: Moment) -> str:
    """Return what a state does to all services: the range of their shares if they are few, else how many it affects."""
    if changes is None:
        if _costly(page, moment):
            return ""
        changes = _changes(page, moment)
    if len(changes) > MAX_RANGE:
        return f"{sum(change.affected for change in changes):,} affected"
    low, high = min(change.share for change in changes), max(change.share for change in changes)
    return percent(low) if percent(low) == percent(high) else f"{figure(low)}–{percent(high)}"


def _costly(page: PageState, moment: Moment) -> bool:
    """Return whether a value would cost more than it says: very many services, or pods to place again."""
    services, pods = page.cluster.services, page.cluster.pods
    placing = moment in (Moment.RESCHEDULED, Moment.EVICTING, Moment.DRAINED)
    return len(services) > MAX_COUNTED or (placing and len(pods) > MAX_COUNTED)
