"""The page of a game day: the plan of the failure that is looked at, to be printed and filled in."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.documents.game_day import CONNECTIONS, game_day, said_affected, said_measured
from webapp.views.page.rendering import document_url, render_page
from webapp.views.page.state import open_page

blueprint = Blueprint("game_day", __name__)

_FILES = (
    ("game-day.md", "As Markdown"),
    ("drain.sh", "Script for kubectl"),
    ("chaos-mesh.yaml", "For Chaos Mesh"),
    ("litmus.yaml", "For LitmusChaos"),
)


@blueprint.get("/t/<topology_id>/game-day")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the plan of a failure, or that nothing is down."""
    page = open_page(topology_id)
    plan = game_day(page.cluster, page.scenario)
    return render_page(
        "game_day.html",
        page,
        plan=plan,
        said=said_affected(plan) if plan else "",
        measured=said_measured,
        connections=CONNECTIONS,
        files=[(label, document_url(page, name)) for name, label in _FILES],
    )
