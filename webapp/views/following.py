"""Pages that follow files or a cluster: what is new is told to open pages, and they go on to it in the same state."""

import json
import time
from collections.abc import Callable, Iterator
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, current_app, redirect
from flask.typing import ResponseReturnValue

from webapp.following import Reading
from webapp.numbers import some
from webapp.views.operation import operation
from webapp.views.page.query import OF, address, asked_pairs
from webapp.views.page.state import fitting
from webapp.views.page.topologies import open_or_404, topologies

if TYPE_CHECKING:
    from webapp.following import Following
    from webapp.views.operation import Operation

blueprint = Blueprint("following", __name__)

OPEN_STREAMS = 4
"""Pages that are told at once, each of which holds a web thread; those beyond ask again every few seconds.

A browser has six connections to one server by HTTP/1.1: with as many open streams nothing else would come through.
"""
STREAM_SECONDS = 60
"""How long a page is told before it asks again: a page that has gone away is noticed by then."""
_QUIET = 10
"""Seconds after which something is sent at the latest, or proxies would take the connection for dead."""
_ASK_AGAIN = 3
_SHOWN = 3
"""Changed objects that are named."""


@blueprint.get("/t/<reading_id>/following")
def events(reading_id: str) -> ResponseReturnValue:
    """Tell a page what it follows, then each time that there is news (server-sent events)."""
    following = _following()
    if following is None or not (own := following.reading(reading_id) or _earlier(reading_id, following)):
        abort(404, "This server follows nothing that this set was read from.")
    own_words = {
        "said": _said(following, own),
        "compare": address("comparison.show", old_id=own.before, new_id=own.id) if own.before else "",
    }

    def news() -> str:
        problem = following.problem and f"Can’t be read now: {following.problem}"
        told = own_words | {"problem": problem, "newest": following.newest is own}
        return f"data: {json.dumps(told, ensure_ascii=False)}\n\n"

    places: BoundedSemaphore = current_app.extensions["nodefall-streams"]
    response = Response(_events(news, following, places, operation()), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    # What nginx knows as "don't wait until there is more of it".
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _earlier(reading_id: str, following: "Following") -> "Reading | None":
    """Return the reading that an earlier server process made of the same source, if that is one."""
    stored = topologies().describe(reading_id)
    if stored is None or stored.name != following.name:
        return None
    return Reading(id=reading_id, at=stored.created.astimezone())


def _events(
    news: Callable[[], str], following: "Following", places: BoundedSemaphore, its: "Operation"
) -> Iterator[str]:
    yield f"retry: {_ASK_AGAIN * 1000}\n\n"
    if not places.acquire(blocking=False):
        yield news()
        return
    try:
        told, until, spoke = "", time.monotonic() + STREAM_SECONDS, time.monotonic()
        while time.monotonic() < until and not its.ending:
            if (now := news()) != told or time.monotonic() - spoke > _QUIET:
                yield now if now != told else ":\n\n"
                told, spoke = now, time.monotonic()
            following.wait(1)
    finally:
        places.release()


def _said(following: "Following", reading: "Reading") -> str:
    """Return what a reader of this reading is told."""
    at = f"{reading.at:%H:%M:%S}"
    if not reading.before:
        return f"Follows {following.name}, read at {at}."
    its = reading.changes
    parts = ((its.added, "added"), (its.removed, "gone"), (its.changed, "changed"))
    told = "; ".join(f"{some(names, _SHOWN)} {what}" for names, what in parts if names)
    return f"Follows {following.name}, read at {at}: {told or 'no object is different'}."


@blueprint.get("/t/<reading_id>/newest")
def newest(reading_id: str) -> ResponseReturnValue:  # noqa: ARG001 - whichever it is
    """Lead to the newest reading, in the state and on the page that the query names."""
    following = _following()
    if following is None:
        abort(404, "This server follows nothing.")
    return redirect(address("following.fitted", asked_pairs(), topology_id=following.newest.id, of=OF.asked()))


@blueprint.get("/t/<topology_id>/fitted")
def fitted(topology_id: str) -> ResponseReturnValue:
    """Lead to the same page of a set that may not have all that the query names."""
    page, dropped = fitting(open_or_404(topology_id), asked_pairs())
    endpoint = f"{OF.asked()}.show"
    # Only the map says what of the state is gone.
    return redirect(page.url(endpoint, dropped=dropped) if endpoint == "explorer.show" else page.url(endpoint))


def follow(app: Flask, following: "Following") -> None:
    """Let the pages of an app follow."""
    app.extensions["nodefall-following"] = following
    app.extensions["nodefall-streams"] = BoundedSemaphore(OPEN_STREAMS)


def _following() -> "Following | None":
    return current_app.extensions.get("nodefall-following")
