"""Two states side by side: two moments, two access paths, or as it is and as changed, with the differences marked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint
from markupsafe import Markup

from webapp.cluster.options import Edits
from webapp.diagram.cluster_differences import Differences, PictureMark, differences
from webapp.diagram.cluster_layout import ClusterLayout, arrange_pair
from webapp.diagram.cluster_map import cluster_map
from webapp.diagram.cluster_svg import draw_map
from webapp.diagram.links import URL, Links
from webapp.diagram.whole_cluster import graphs_beside, port_changes
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment
from webapp.numbers import figure, percent
from webapp.views.page.cluster_headline import Headline, headline
from webapp.views.page.edits import without_edits
from webapp.views.page.picture import focused
from webapp.views.page.simulation import one_address, seconds_of, state_of
from webapp.views.page.state import PageState, fitting
from webapp.views.page.wording import ACCESS_PATHS, moment_words

blueprint = Blueprint("beside", __name__)

UPLOADED = "uploaded"
"""The word for the state without edits."""


@dataclass(frozen=True, slots=True)
class BesideChoice:
    """A link to another pair."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """One of the two pictures."""

    id: str
    title: str
    headline: Headline
    shares: str
    """``37.5–75 %``, of the services shown."""
    choices: tuple[BesideChoice, ...]
    """What else may stand here."""
    picture: Markup
    url: str
    """The state alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What the page shows."""

    said: str
    kinds: tuple[BesideChoice, ...]
    halves: tuple[Half, Half]
    differences: Differences
    drawn: int
    """Service ports with a bar, which are compared,"""
    folded: int
    """and those without one, which are not."""
    swap_url: str
    one_url: str


def beside(page: PageState, word: str) -> Beside | None:
    """Return the state with another one beside it; None if the word names none.

    `word` is a moment, an access path, or ``uploaded`` for the state without edits.
    """
    other = _other(page, word)
    if other is None:
        return None
    left, right = (other, page) if word == UPLOADED else (page, other)
    before, after = (state_of(its, its.scenario.at) for its in (left, right))
    graphs = graphs_beside(before, after, page.scenario.service)
    layouts = arrange_pair(cluster_map(graphs[0]), cluster_map(graphs[1]))
    found = differences(*layouts)
    kind = _kind(word)
    halves = (
        _half("left", left, word, layouts[0], found.left, tuple(_choices(page, word, kind, left=True))),
        _half("right", right, word, layouts[1], found.right, tuple(_choices(page, word, kind, left=False))),
    )
    return Beside(
        said=f"{halves[0].title} and {halves[1].title}",
        kinds=tuple(_kinds(page, kind)),
        halves=halves,
        differences=found,
        drawn=len(layouts[0].bars),
        folded=sum(folded.count for folded in layouts[0].map.folded),
        swap_url=other.url(beside=_word(page, kind)) if kind != UPLOADED else "",
        one_url=page.url(),
    )


@blueprint.app_template_global("beside_word")
def suggestion(page: PageState) -> str:
    """Return the word for what is worth standing beside a state: the next thing that happens, or as it is uploaded."""
    if page.has_failure:
        moments = DRAIN_MOMENTS if page.scenario.drain else CRASH_MOMENTS
        at = moments.index(page.scenario.at)
        return str(moments[at + 1] if at + 1 < len(moments) else moments[at - 1])
    return UPLOADED if page.options.edits != Edits() else "lb" if page.scenario.via != "lb" else "dns"


def _kind(word: str) -> str:
    return UPLOADED if word == UPLOADED else "moment" if word in list(Moment) else "via"


def _word(page: PageState, kind: str) -> str:
    """Return the word for the page's own state."""
    return str(page.scenario.at) if kind == "moment" else page.scenario.via


def _other(page: PageState, word: str) -> PageState | None:
    if word == UPLOADED:
        # What happens to Pods that an edit made can't happen without it.
        return fitting(page.topology, without_edits(page).pairs())[0]
    if word in (DRAIN_MOMENTS if page.scenario.drain else CRASH_MOMENTS):
        return page.at(Moment(word))
    node = word.removeprefix("node/")
    return page.via(word) if word in ACCESS_PATHS or (node != word and node in page.cluster.nodes) else None


def _half(
    id_: str,
    its: PageState,
    word: str,
    layout: ClusterLayout,
    marks: tuple[PictureMark, ...],
    choices: tuple[BesideChoice, ...],
) -> Half:
    state = state_of(its, its.scenario.at)
    service = its.scenario.service
    changes = [change for change in port_changes(state) if service in (None, change.service.key)]
    shares = sorted(change.share for change in changes)
    low, high = (percent(share) for share in (shares[0], shares[-1])) if shares else ("", "")
    links = Links(
        toggle=lambda target: its.toggled(target).url(beside=word),
        focus=lambda name, port: focused(its, name, port),
        attributes={"hx-get": URL, "hx-push-url": "true"},
    )
    drawn = draw_map(layout, links, str(its.selected or ""), marks)
    return Half(
        id=id_,
        title=_title(its, word, id_),
        headline=headline(its, changes),
        shares=low if low == high else f"{figure(shares[0])}–{high}",
        choices=choices,
        picture=Markup(_renamed(drawn, id_)),  # noqa: S704 - the drawing escapes every name in it
        url=its.url(),
    )


def _title(its: PageState, word: str, id_: str) -> str:
    kind = _kind(word)
    if kind == UPLOADED:
        return "As uploaded" if id_ == "left" else "As changed"
    if kind == "via":
        return ACCESS_PATHS.get(its.scenario.via, its.scenario.via.removeprefix("node/"))
    named = moment_words(its.scenario.at, seconds_of(its))
    return f"{named.title} {named.when}" if its.scenario.at in (Moment.DETECTED, Moment.RESCHEDULED) else named.title


def _renamed(drawn: str, prefix: str) -> str:
    """Return a drawing whose ids are its own: two of them stand in one page."""
    ids = set(re.findall(r'\bid="([^"]+)"', drawn))
    return re.sub(
        r'(\bid="|url\(#|href="#)([^")]+)', lambda at: at[1] + (f"{prefix}-" if at[2] in ids else "") + at[2], drawn
    )


# --- other pairs ------------------------------------------------------------------------------------------------------


def _kinds(page: PageState, kind: str) -> Iterator[BesideChoice]:
    if page.has_failure:
        word = str(suggestion(page))
        yield BesideChoice("Two moments", page.url(beside=word), kind == "moment")
    other = "lb" if page.scenario.via != "lb" else "dns"
    yield BesideChoice("Two access paths", page.url(beside=other), kind == "via")
    if page.options.edits != Edits():
        yield BesideChoice("As it is, and changed", page.url(beside=UPLOADED), kind == UPLOADED)


def _choices(page: PageState, word: str, kind: str, *, left: bool) -> Iterator[BesideChoice]:
    """Yield what may stand in one half while the other stays."""
    if kind == UPLOADED:
        return
    moments = DRAIN_MOMENTS if page.scenario.drain else CRASH_MOMENTS
    options = [str(moment) for moment in moments] if kind == "moment" else [one_address(page), "dns", "lb"]
    mine, its = _word(page, kind), word
    for option in options:
        its_page = (page.at(Moment(option)) if kind == "moment" else page.via(option)) if left else page
        url = its_page.url(beside=its if left else option)
        if option != (its if left else mine):
            shown = page.at(Moment(option)) if kind == "moment" else page.via(option)
            yield BesideChoice(_title(shown, option, ""), url, option == (mine if left else its))
