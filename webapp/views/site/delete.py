"""The page that deletes a topology: asked first, and only the browser that uploaded it can."""

from flask import Blueprint, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.views.page.rendering import render
from webapp.views.page.topologies import GONE, topologies
from webapp.views.page.wording import day
from webapp.views.site.storing import DELETE_COOKIE

blueprint = Blueprint("delete", __name__)


@blueprint.get("/t/<topology_id>/delete")
def ask(topology_id: str) -> ResponseReturnValue:
    """Ask whether to delete it."""
    stored = topologies().describe(topology_id)
    if stored is None:
        abort(404, "A sample can’t be deleted." if topologies().open(topology_id) else GONE)
    back = url_for("explorer.show", topology_id=topology_id)
    owned = stored.deletable and DELETE_COOKIE in request.cookies
    response = make_response(
        render("delete.html", name=stored.name, owned=owned, expires=day(stored.expires), back=back)
    )
    # The only page that is not the same for everyone who has its address.
    response.vary.add("Cookie")
    response.cache_control.no_store = True
    return response


@blueprint.post("/t/<topology_id>/delete")
def delete(topology_id: str) -> ResponseReturnValue:
    """Delete it, if this browser, or the program that uploaded it, has the token."""
    token = request.cookies.get(DELETE_COOKIE) or request.form.get("token", "")
    if not topologies().store.delete(topology_id, token):
        abort(403, "Only the browser that uploaded it can delete it.")
    # 303 says that a GET follows the POST; of 302 that is only custom.
    return redirect(url_for("landing.index"), code=303)
