"""The map inside another site's page: verdict, picture and moments of a public shared view, nothing around them."""

from dataclasses import dataclass

from flask import Blueprint, abort, current_app, make_response, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.diagram import svg
from webapp.diagram.arrange import arrange
from webapp.diagram.cluster_layout import NARROW, arrange_map
from webapp.diagram.cluster_map import cluster_map
from webapp.diagram.cluster_svg import draw_map
from webapp.diagram.columns import ON_SCREEN
from webapp.diagram.links import Links
from webapp.diagram.whole_cluster import whole_graph
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS
from webapp.views.map.cluster import changes_at
from webapp.views.map.summary import summary
from webapp.views.page.links import shared_link
from webapp.views.page.picture import drawn_contents
from webapp.views.page.query import CLICKS, THEME
from webapp.views.page.rendering import revalidated
from webapp.views.page.shared import is_as_shared, shared_view
from webapp.views.page.simulation import PortSimulation, seconds_of, state_of
from webapp.views.page.state import PageState, open_page
from webapp.views.page.wording import moment_words

blueprint = Blueprint("embed", __name__)

_NOT_PUBLIC = "Nothing public is shared here: a link that is private, expired or stopped can’t be embedded."


@dataclass(frozen=True, slots=True)
class EmbeddedMoment:
    """One time after the failure."""

    title: str
    url: str
    current: bool


@blueprint.get("/embed/<topology_id>/<view_id>")
def show(topology_id: str, view_id: str) -> ResponseReturnValue:
    """Show the state of this address, by leave of a public shared view of the topology."""
    view = shared_view(view_id, topology_id)
    if view is None or not view.public:
        abort(404, _NOT_PUBLIC)
    page = open_page(topology_id)
    said = summary(page)
    if said is None:
        abort(404, "There is no Service in this upload, so there is nothing to draw.")
    breakable = CLICKS.asked() == "yes"
    theme = THEME.asked()
    here = _Here(view_id, theme)
    html = render_template(
        "embed.html",
        # Once its reader has clicked on, its author's words would speak of another picture.
        title=(view.title if is_as_shared(page, view) else "") or said.title,
        said=said,
        theme=theme,
        picture=_picture(page, here) if breakable else "",
        still_url=page.url("downloads.diagram", extension="svg"),
        moments=_moments(page, here) if breakable else (),
        reset_url=here.url(page.reset()) if breakable and page.has_failure else "",
        link=shared_link(view),
    )
    response = make_response(html)
    ancestors = str(current_app.config["EMBED_ANCESTORS"]).split() or ["'none'"]
    # Only this page may stand in a frame, and only in one of the sites that the operator names.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {' '.join(ancestors)}"
    )
    return revalidated(response)


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the links of this page lead: to its own address, in another state."""

    view_id: str
    theme: str

    def url(self, page: PageState) -> str:
        return page.url("embed.show", view_id=self.view_id, theme=self.theme)


def _picture(page: PageState, here: _Here) -> Markup:
    links = Links(
        toggle=lambda target: here.url(page.toggled(target)),
        unfold=lambda fold: here.url(page.unfolding(fold)),
        focus=lambda service, port: here.url(page.focused(service, port)),
    )
    chosen = str(page.selected or "")
    if page.whole:
        state = state_of(page, page.scenario.at)
        graph = whole_graph(state, changes_at(page, page.scenario.at), page.unfold, page.found_node)
        drawn = draw_map(arrange_map(cluster_map(graph), NARROW), links, chosen)
    else:
        drawn = svg.draw(arrange(drawn_contents(PortSimulation(page)), ON_SCREEN), links, chosen)
    return Markup(drawn)  # noqa: S704 - the drawing escapes every name in it


def _moments(page: PageState, here: _Here) -> tuple[EmbeddedMoment, ...]:
    if not page.has_failure:
        return ()
    moments = DRAIN_MOMENTS if page.scenario.drain else CRASH_MOMENTS
    return tuple(
        EmbeddedMoment(
            moment_words(moment, seconds_of(page)).title, here.url(page.at(moment)), moment is page.scenario.at
        )
        for moment in moments
    )
