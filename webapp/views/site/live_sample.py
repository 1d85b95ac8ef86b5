"""The sample on the first page that can be broken in place: the real map of a small cluster, in a small frame."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from flask import request
from markupsafe import Markup

from webapp.diagram.cluster_columns import PortChange
from webapp.diagram.cluster_layout import NARROW, arrange_map
from webapp.diagram.cluster_map import ClusterMap, cluster_map
from webapp.diagram.cluster_svg import draw_map
from webapp.diagram.links import URL, Links
from webapp.diagram.whole_cluster import port_changes, whole_graph
from webapp.failure import CRASH_MOMENTS, Moment, Scenario, state_at, words
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Target
from webapp.numbers import percent
from webapp.views.page.cache import keep_latest
from webapp.views.page.cluster_headline import STANDINGS, Headline, headline
from webapp.views.page.cluster_phone import PhoneMap, phone_map
from webapp.views.page.picture import focused
from webapp.views.page.query import asked_pairs
from webapp.views.page.simulation import seconds_of, state_of
from webapp.views.page.state import PageState, fitting
from webapp.views.page.topologies import SAMPLE_PREFIX, open_or_404, topologies
from webapp.views.page.wording import Standing, moment_words

SAMPLE = "shop"
HERE = "landing.index"
# Two of the four pods of web are on it: the first click that teaches something.
WORST = Target(kind=FailureKind.NODE, name="worker-2")


@dataclass(frozen=True, slots=True)
class LiveMoment:
    """One time after the failure."""

    title: str
    when: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSample:
    """What the frame shows."""

    headline: Headline
    picture: Markup
    phone: PhoneMap
    """The same as cards."""
    open_url: str
    """The full map in the same state."""
    if_worst: tuple[tuple[str, str], ...]
    """Of each service what it answers just after the worst node has failed,"""
    then: str
    """and what all of them answer once the failure is detected."""
    moments: tuple[LiveMoment, ...]
    """Empty with nothing down."""
    reset_url: str
    break_url: str
    """The state with the worst node down."""


def live_sample() -> LiveSample:
    """Return the sample in the state that the first page's address asks for."""
    page = _page()
    changes = port_changes(state_of(page, page.scenario.at))
    its = cluster_map(whole_graph(state_of(page, page.scenario.at), changes))
    worst = page.reset().toggled(WORST)
    at_first, then = (port_changes(state_of(worst, moment)) for moment in (Moment.FAILED, Moment.DETECTED))
    return LiveSample(
        headline=headline(page, changes),
        picture=_picture(page, its),
        phone=phone_map(page, its, HERE),
        open_url=page.url(),
        if_worst=tuple((change.service.name, percent(change.share)) for change in sorted(at_first, key=_share)),
        then=percent(min(map(_share, then))),
        moments=tuple(_moment(page, moment) for moment in CRASH_MOMENTS) if page.scenario.down else (),
        reset_url=page.reset().url(HERE),
        break_url=worst.url(HERE),
    )


def _share(change: PortChange) -> float:
    return change.share


def _page() -> PageState:
    topology = open_or_404(SAMPLE_PREFIX + SAMPLE)
    if request.endpoint == HERE:
        page, _ = fitting(topology, asked_pairs())
        return replace(page, scenario=replace(page.scenario, service=None, drain=()))
    cluster = topologies().cluster(topology, words.PAGE)
    return PageState(topology=topology, cluster=cluster, options=words.PAGE, scenario=Scenario())


def _picture(page: PageState, its: ClusterMap) -> Markup:
    layout = arrange_map(its, NARROW)
    links = Links(
        toggle=lambda target: page.toggled(target).url(HERE),
        focus=lambda service, port: focused(page, service, port),
        # What is pasted beside it stays as it is.
        attributes={"hx-get": URL, "hx-push-url": "true", "hx-target": "#live", "hx-select": "#live"},
    )
    return Markup(draw_map(layout, links, str(page.selected or "")))  # noqa: S704 - the drawing escapes every name


def _moment(page: PageState, moment: Moment) -> LiveMoment:
    its = moment_words(moment, seconds_of(page))
    when = "" if moment in (Moment.BEFORE, Moment.FAILED) else its.when
    return LiveMoment(its.title, when, page.at(moment).url(HERE), moment is page.scenario.at)


@dataclass(frozen=True, slots=True)
class SampleResult:
    """What the first thing to try with a sample comes to."""

    standing: Standing
    text: str


@keep_latest(32, key=lambda topology_id, query: (topology_id, query))
def result_of(topology_id: str, query: str) -> SampleResult | None:
    """Return what a sample's clients see under a query; None if it is about a service that none of them reaches."""
    topology = open_or_404(topology_id)
    cluster = topologies().cluster(topology, words.PAGE)
    scenario = words.decode(parse_qsl(query), cluster)
    changes = port_changes(state_at(cluster, scenario))
    if scenario.service is None and len(changes) > 1:
        affected = [change for change in changes if change.affected]
        worst = min(affected or changes, key=_share)
        return SampleResult(STANDINGS[worst.result], f"{len(affected)} of {len(changes)} affected")
    its = [change for change in changes if scenario.service in (None, change.service.key)]
    return SampleResult(STANDINGS[its[0].result], f"{its[0].service.name} {percent(its[0].share)}") if its else None
