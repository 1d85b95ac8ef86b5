"""The page of an exercise: an address that does not answer, what curl and kubectl print, causes and an editor."""

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.cluster.model import Cluster
from webapp.exercises import Exercise, exercises
from webapp.views.learn.exercise_list import exercise_list
from webapp.views.learn.exercise_page import Sent, exercise_page
from webapp.views.page.cache import keep_latest
from webapp.views.page.qr import qr_svg
from webapp.views.page.query import CHOSEN, HINT, LIST, NUMBER, PROBE, address
from webapp.views.page.rendering import render_page, revalidated
from webapp.views.page.state import PageState, open_page
from webapp.views.page.topologies import Topology

blueprint = Blueprint("exercises", __name__)

MOST_OBJECTS = 2000
"""Nodes, pods and Services together: a set is built once for each kind of exercise, and nobody learns from more."""


@blueprint.get("/t/<topology_id>/exercises")
def show(topology_id: str) -> ResponseReturnValue:
    """Show one exercise of a set, the list of all, or that there is none."""
    page = open_page(topology_id)
    found = _found(page)
    if found and LIST.asked():
        listed = exercise_list(page.topology, found, causes=LIST.asked() == "causes")
        return render_page("exercises.html", page, view=listed)
    return _shown(page, found, Sent(hints=int(HINT.asked() or 0), probe=PROBE.asked()))


@blueprint.post("/t/<topology_id>/exercises")
def mend(topology_id: str) -> ResponseReturnValue:
    """Show what comes of the manifests as the learner has changed them. Nothing is stored."""
    page = open_page(topology_id)
    return _shown(page, _found(page), _sent())


@blueprint.post("/t/<topology_id>/exercises/follow")
def follow(topology_id: str) -> ResponseReturnValue:
    """Send what follows the editor while somebody types: the picture, and what curl and kubectl print."""
    page = open_page(topology_id)
    found = _found(page)
    if not found:
        abort(404, "There is no exercise here.")
    view = exercise_page(page, found, NUMBER.asked(), CHOSEN.asked(), _sent())
    response = make_response(render_template("exercise/followed.html", view=view, page=page))
    response.cache_control.no_store = True
    return response


@blueprint.get("/t/<topology_id>/exercises/qr.svg")
def qr(topology_id: str) -> ResponseReturnValue:
    """Send the QR code of an exercise's link: a class opens it on its phones."""
    page = open_page(topology_id)
    link = address("exercises.show", topology_id=page.topology.id, number=NUMBER.asked(), external=True)
    code = qr_svg(link)
    if code is None:
        abort(422, "This address is too long for a QR code.")
    response = make_response(code.encode())
    response.mimetype = "image/svg+xml"
    return revalidated(response)


def _sent() -> Sent:
    hints = max((int(its) for its in request.form.getlist("hint") if HINT.parse(its)), default=0)
    return Sent(
        text=request.form.get("text", ""),
        hints=hints,
        probe=PROBE.parse(request.form.get("probe", "")),
        checks=request.form.get("do") == "check",
    )


def _shown(page: PageState, found: tuple[Exercise, ...], sent: Sent) -> ResponseReturnValue:
    view = exercise_page(page, found, NUMBER.asked(), CHOSEN.asked(), sent) if found else None
    too_large = _size(page.cluster) > MOST_OBJECTS
    return render_page("exercise.html", page, view=view, too_large=too_large, most=MOST_OBJECTS)


def _found(page: PageState) -> tuple[Exercise, ...]:
    return () if _size(page.cluster) > MOST_OBJECTS else _exercises(page.topology, page.cluster)


def _size(cluster: Cluster) -> int:
    return len(cluster.nodes) + len(cluster.pods) + len(cluster.services)


@keep_latest(16, key=lambda topology, cluster: topology.id)  # noqa: ARG005 - it is that of the topology
def _exercises(topology: Topology, cluster: Cluster) -> tuple[Exercise, ...]:
    return tuple(exercises(topology.manifests, cluster))
