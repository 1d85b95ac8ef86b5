"""Shared views: made from a state, opened by a short address, changed and stopped by the browser that made them."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, abort, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.diagram.errors import DiagramError
from webapp.diagram.text import clean
from webapp.storage.shared_views import Caption, SharedView
from webapp.views.map.preview import preview as drawn_preview
from webapp.views.map.summary import summary
from webapp.views.page.client import client
from webapp.views.page.links import base, shared_link, state_link
from webapp.views.page.qr import qr_svg
from webapp.views.page.query import OF, SHARED, address, asked_pairs
from webapp.views.page.rendering import render, revalidated
from webapp.views.page.shared import is_as_shared, shared_view
from webapp.views.page.state import PageState, open_page
from webapp.views.page.topologies import GONE, topologies

blueprint = Blueprint("sharing", __name__)

EDIT_COOKIE = "nodefall-shared"
# Days: a link for a meeting, for a week, for a ticket, for good measure.
KEEP = (1, 7, 30, 90)
# Characters of a state. A browser's address bar takes more, but no state that somebody clicked together needs it.
_LONGEST_QUERY = 16_000
_NO_VIEW = "Nothing is shared here. A shared view is gone once it has expired, was stopped, or its upload was deleted."


@blueprint.post("/t/<topology_id>/share")
def create(topology_id: str) -> ResponseReturnValue:
    """Store the state of this address with title and note, and lead back to the dialog, which has its short link."""
    latest = latest_expiry(topology_id)
    if latest is None:
        abort(404, GONE)
    # The state stands in the address as the map wrote it; whoever made one up sees the error when it is opened.
    url = address("explorer.show", asked_pairs(), topology_id=topology_id)
    view_id, key = save(topology_id, url, _caption(min(latest, _chosen_expiry())))
    shown = address("explorer.show", asked_pairs(), topology_id=topology_id, share="link", shared=view_id)
    response = make_response(redirect(shown, code=HTTPStatus.SEE_OTHER))
    response.set_cookie(
        EDIT_COOKIE,
        key,
        max_age=timedelta(days=max(KEEP)),
        # To the page that changes it and to no other: all others are the same for everybody.
        path=url_for("sharing.edit", view_id=view_id),
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return response


def save(topology_id: str, url: str, caption: Caption) -> tuple[str, str]:
    """Store the state of a map's address; return the id of the view, and the key that changes it.

    Raises:
        QuotaError: there is no room, or not for this client.

    """
    query = urlsplit(url).query
    if len(query) > _LONGEST_QUERY:
        abort(400, "This state is too long to be shared under a short link: share its own address instead.")
    key, views = secrets.token_urlsafe(16), topologies().store.shared_views
    return views.save(topology_id, query, caption, key, client=client(), now=datetime.now(UTC)), key


@blueprint.get("/s/<view_id>")
def show(view_id: str) -> ResponseReturnValue:
    """Lead to the state that was shared."""
    view = view_or_404(view_id)
    target = address("explorer.show", parse_qsl(view.query), topology_id=view.topology_id, shared=view.id)
    response = make_response(redirect(target, code=HTTPStatus.FOUND))
    if not view.public:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/s/<view_id>/edit")
def edit(view_id: str) -> ResponseReturnValue:
    """Show what is said of a shared view, to be changed or stopped."""
    view = view_or_404(view_id)
    owned = _is_owned(view_id)
    latest = latest_expiry(view.topology_id) or view.expires
    choices = expiry_choices(latest)
    response = make_response(render("shared_edit.html", view=view, owned=owned, choices=choices))
    # The only page about it that is not the same for everyone who has its address.
    response.vary.add("Cookie")
    response.cache_control.no_store = True
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.post("/s/<view_id>/edit")
def change(view_id: str) -> ResponseReturnValue:
    """Change what is said of a shared view, or stop sharing it."""
    view = view_or_404(view_id)
    if not _is_owned(view_id):
        abort(403, "Only the browser that shared it can change it.")
    views = topologies().store.shared_views
    if "stop" in request.form:
        views.delete(view_id)
        return redirect(url_for("explorer.show", topology_id=view.topology_id), code=HTTPStatus.SEE_OTHER)
    latest = latest_expiry(view.topology_id) or view.expires
    expires = view.expires if request.form.get("keep") == "" else min(latest, _chosen_expiry())
    views.change(view_id, _caption(expires))
    return redirect(url_for("sharing.show", view_id=view_id), code=HTTPStatus.SEE_OTHER)


@blueprint.get("/t/<topology_id>/qr.svg")
def qr(topology_id: str) -> ResponseReturnValue:
    """Send the QR code of a state's link as a file."""
    view = shared_view(SHARED.asked(), topology_id)
    link = shared_link(view) if view else state_link(open_page(topology_id), OF.asked())
    code = qr_svg(link)
    if code is None:
        abort(422, "This address is too long for a QR code: make a short link of it.")
    return _picture(code.encode(), "image/svg+xml")


@blueprint.get("/t/<topology_id>/preview.png")
def preview(topology_id: str) -> ResponseReturnValue:
    """Send the picture that chats show of a public link to this state."""
    page = open_page(topology_id)
    said = summary(page)
    if said is None:
        abort(404, "There is no Service in this upload, so there is nothing to draw.")
    try:
        return _picture(drawn_preview(page, said), "image/png")
    except DiagramError as error:
        abort(422, str(error))


def shared_as_it_is(page: PageState) -> dict[str, Any]:
    """Return what a template says of the shared view that this address names; empty in any other state than that."""
    view = shared_view(SHARED.asked(), page.topology.id)
    if view is None or not is_as_shared(page, view):
        return {}
    return {
        "shared": view,
        "said": summary(page) if view.public else None,
        "shared_url": shared_link(view),
        "preview_url": base() + page.url("sharing.preview"),
    }


def _picture(data: bytes, mimetype: str) -> Response:
    response = make_response(data)
    response.mimetype = mimetype
    # Chats fetch it from elsewhere.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return revalidated(response)


def view_or_404(view_id: str) -> SharedView:
    """Return a shared view; answer 404 if it is not here, or no longer."""
    view = shared_view(view_id)
    if view is None or latest_expiry(view.topology_id) is None:
        abort(404, _NO_VIEW)
    return view


def _is_owned(view_id: str) -> bool:
    key = request.cookies.get(EDIT_COOKIE, "")
    return bool(key) and topologies().store.shared_views.is_editable(view_id, key)


def _caption(expires: datetime) -> Caption:
    """Return what the form says of a view."""
    public = request.form.get("findable") == "public"
    title, note = said_title(request.form.get("title", "")), said_note(request.form.get("note", ""))
    return Caption(title=title, note=note, public=public, expires=expires)


def said_title(text: str) -> str:
    """Return a title in one line."""
    return " ".join(clean(text).split())


def said_note(text: str) -> str:
    """Return a note in its lines."""
    return "\n".join(map(clean, text.strip().splitlines()))


def _chosen_expiry() -> datetime:
    days = request.form.get("keep", type=int)
    return datetime.now(UTC) + timedelta(days=days if days in KEEP else max(KEEP))


def latest_expiry(topology_id: str) -> datetime | None:
    """Return until when a topology can be shared: no longer than it is kept; None if it is not here."""
    stored = topologies().describe(topology_id)
    if stored is not None:
        return stored.expires
    # A sample is there as long as nodefall is.
    is_sample = topologies().open(topology_id) is not None
    return datetime.now(UTC) + timedelta(days=int(current_app.config["KEEP_DAYS"])) if is_sample else None


def expiry_choices(latest: datetime) -> Sequence[int]:
    """Return the days that a view may be kept: what its upload has left, and less."""
    left = (latest - datetime.now(UTC)) / timedelta(days=1)
    fitting = [days for days in KEEP if days <= left + 0.01]
    # Of an upload that expires today, a link lives as long as it does.
    return fitting or KEEP[:1]
