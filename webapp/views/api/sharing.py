"""Shared views: a state gets a short link, a title and a note; whoever has the token changes it, or stops sharing."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from webapp.failure.word_values import number
from webapp.storage.shared_views import MAX_NOTE, MAX_TITLE, Caption, SharedView
from webapp.views.api.asked import named_set, refuse_other_fields, state_of
from webapp.views.api.blueprint import operation, written
from webapp.views.api.responses import EDIT_TOKEN, as_json, created
from webapp.views.map.sharing import KEEP, latest_expiry, said_note, said_title, save, view_or_404
from webapp.views.page import query
from webapp.views.page.links import base, shared_link
from webapp.views.page.topologies import topologies

if TYPE_CHECKING:
    from webapp.documents.json_records import SharedViewDocument

_FIELDS = {
    "title": f"What stands above the map, {MAX_TITLE} characters at most.",
    "note": f"What else its readers should know, {MAX_NOTE} characters at most.",
}
_TOKEN = {EDIT_TOKEN: "The token that the view was shared with."}


@operation(
    "/share",
    written("text"),
    written("json", "SharedViewDocument"),
    methods=("POST",),
    sides=(),
    fields=_FIELDS,
    status=HTTPStatus.CREATED,
    gives={EDIT_TOKEN: "The token that changes it, and stops sharing."},
    examples=(
        "-X POST '/api/v1/share?topology=sample-shop&down=node/worker-2&at=failed'",
        "-F title='worker-2 is down' '/api/v1/share?topology=ID&down=node/worker-2&findable=public&keep=7'",
    ),
)
def share() -> ResponseReturnValue:
    """Share the state of the query: a short link to it, with title and note."""
    refuse_other_fields(_FIELDS)
    title, note = _said("title") or "", _said("note") or ""
    page = state_of(named_set())
    caption = Caption(
        title=title, note=note, public=query.FINDABLE.asked() == "public", expires=_expires(page.topology.id)
    )
    view_id, token = save(page.topology.id, page.url(), caption)
    view = view_or_404(view_id)
    return created(shared_link(view), {**_document(view), "editToken": token}, {EDIT_TOKEN: token})


@operation(
    "/shared/<view_id>",
    written("json", "SharedViewDocument"),
    methods=("DELETE", "GET"),
    sides=(),
    headers=_TOKEN,
    is_quick=True,
    examples=("/api/v1/shared/VIEW", f"-X DELETE -H '{EDIT_TOKEN}: TOKEN' /api/v1/shared/VIEW"),
)
def shared(view_id: str) -> ResponseReturnValue:
    """Tell what a short link leads to; by DELETE stop sharing it, for whoever has its token."""
    view = view_or_404(view_id)
    if request.method == "DELETE":
        _check_token(view)
        topologies().store.shared_views.delete(view.id)
        return "", HTTPStatus.NO_CONTENT
    return as_json({**_document(view)})


@operation(
    "/shared/<view_id>",
    written("json", "SharedViewDocument"),
    methods=("PATCH",),
    sides=(),
    fields=_FIELDS,
    headers=_TOKEN,
    is_quick=True,
    examples=(f"-X PATCH -H '{EDIT_TOKEN}: TOKEN' -F note='It is fixed.' '/api/v1/shared/VIEW?findable=private'",),
)
def change_shared(view_id: str) -> ResponseReturnValue:
    """Change what is said of a shared view, and nothing else of it, for whoever has its token."""
    view = view_or_404(view_id)
    refuse_other_fields(_FIELDS)
    _check_token(view)
    title, note, findable = _said("title"), _said("note"), query.NOW_FINDABLE.asked()
    caption = Caption(
        title=view.title if title is None else title,
        note=view.note if note is None else note,
        public=findable == "public" if findable else view.public,
        expires=_expires(view.topology_id) if query.KEEP.asked() else view.expires,
    )
    topologies().store.shared_views.change(view.id, caption)
    return as_json({**_document(view_or_404(view.id))})


def _said(field: str) -> str | None:
    """Return what the form says of a view; None where it says nothing."""
    text = request.form.get(field)
    if text is None:
        return None
    cleaned, most = (said_title(text), MAX_TITLE) if field == "title" else (said_note(text), MAX_NOTE)
    if len(cleaned) > most:
        # The page's form doesn't take more; here the end of a sentence would be lost without a word.
        abort(400, f"A {field} has at most {most} characters, not {len(cleaned):,}.")
    return cleaned


def _expires(topology_id: str) -> datetime:
    """Return when the view ends: after the days that were asked for, or with its set."""
    days = number("keep", said, 1, max(KEEP)) if (said := query.KEEP.asked()) else max(KEEP)
    wanted = datetime.now(UTC) + timedelta(days=days)
    return min(wanted, latest_expiry(topology_id) or wanted)


def _check_token(view: SharedView) -> None:
    if not topologies().store.shared_views.is_editable(view.id, request.headers.get(EDIT_TOKEN, "")):
        abort(403, f"The header {EDIT_TOKEN} must have the token that sharing was answered with.")


def _document(view: SharedView) -> "SharedViewDocument":
    topology, state = view.topology_id, f"?{view.query}" if view.query else ""
    embedded = url_for("embed.show", topology_id=topology, view_id=view.id) if view.public else None
    return {
        "id": view.id,
        "url": shared_link(view),
        "topology": topology,
        "mapUrl": f"{base()}{url_for('explorer.show', topology_id=topology)}{state}",
        "embedUrl": f"{base()}{embedded}{state}" if embedded else None,
        "title": view.title,
        "note": view.note,
        "public": view.public,
        "expires": view.expires.isoformat(),
    }
