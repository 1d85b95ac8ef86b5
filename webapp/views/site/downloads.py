"""Downloads: the picture in every format, and the numbers as JSON."""

import json
from typing import Any

from flask import Blueprint, Response, abort, make_response
from flask.typing import ResponseReturnValue

from webapp.cluster.model import Cluster
from webapp.diagram import FORMATS, DiagramError, read_picture_options
from webapp.documents import DOCUMENTS, Asked, DocumentError
from webapp.documents.schemas import SCHEMAS
from webapp.failure import Moment, Scenario
from webapp.simulation.document import simulation_document
from webapp.views.page.findings import findings_of
from webapp.views.page.matrix import matrix_of
from webapp.views.page.picture_file import NothingToDrawError, file_name, picture_file
from webapp.views.page.query import ENTRIES, asked_pairs
from webapp.views.page.rendering import document_response, revalidated
from webapp.views.page.state import PageState, open_page
from webapp.views.site.security import PICTURE_HEADERS

blueprint = Blueprint("downloads", __name__)


@blueprint.get("/t/<topology_id>/diagram.<extension>")
def diagram(topology_id: str, extension: str) -> ResponseReturnValue:
    """Send the picture that the address describes: the same bytes for the same manifests and Scenario, anywhere."""
    if extension not in FORMATS:
        abort(404, f"A picture is available as {', '.join(FORMATS)}.")
    return picture_response(open_page(topology_id), extension)


def picture_response(page: PageState, extension: str) -> Response:
    """Send the picture of a state in a format, with the options of the address."""
    try:
        options = read_picture_options(asked_pairs(), extension)
    except DiagramError as error:
        abort(400, str(error))
    try:
        data = picture_file(page, extension, options)
    except NothingToDrawError as error:
        abort(404, str(error))
    except DiagramError as error:
        abort(422, str(error))
    response = make_response(data)
    response.mimetype = FORMATS[extension].mimetype
    # Inline, since an `<img>` of another site's document may point here; the page's links say download themselves.
    response.headers["Content-Disposition"] = f'inline; filename="{file_name(page, extension, options)}"'
    response.headers.update(PICTURE_HEADERS)
    return revalidated(response)


@blueprint.get("/t/<topology_id>/entries.csv", defaults={"document": "entries.csv"})
@blueprint.get("/t/<topology_id>/report.md", defaults={"document": "report.md"})
@blueprint.get("/t/<topology_id>/game-day.md", defaults={"document": "game-day.md"})
@blueprint.get("/t/<topology_id>/drain.sh", defaults={"document": "drain.sh"})
@blueprint.get("/t/<topology_id>/chaos-mesh.yaml", defaults={"document": "chaos-mesh.yaml"})
@blueprint.get("/t/<topology_id>/litmus.yaml", defaults={"document": "litmus.yaml"})
def document(topology_id: str, document: str) -> ResponseReturnValue:
    """Send a document about the state that the address describes: what ``nodefall render`` writes by that name."""
    page = open_page(topology_id)
    its = Asked(
        cluster=page.cluster,
        scenario=page.scenario,
        findings=lambda: findings_of(page).kept,
        matrix=lambda: matrix_of(page, Moment.DETECTED, "lb"),
        name=page.name,
    )
    try:
        return document_response(document, DOCUMENTS[document].render(its))
    except DocumentError as error:
        abort(422, str(error))


@blueprint.get("/schemas/<name>.json")
def schema(name: str) -> ResponseReturnValue:
    """Send the JSON Schema of what nodefall writes."""
    if name not in SCHEMAS:
        abort(404, f"There are schemas of {', '.join(SCHEMAS)}.")
    response = make_response(json.dumps(SCHEMAS[name](), indent=1))
    response.mimetype = "application/schema+json"
    return revalidated(response)


@blueprint.get("/t/<topology_id>/simulation.json")
def simulation(topology_id: str) -> ResponseReturnValue:
    """Send the simulation document of the README's contract."""
    page = open_page(topology_id)
    response = make_response(json.dumps(simulated(page.cluster, page.scenario), ensure_ascii=False))
    response.mimetype = "application/json"
    return revalidated(response)


def simulated(cluster: Cluster, scenario: Scenario) -> dict[str, Any]:
    """Return the simulation document, with the entries that the address asks for."""
    return simulation_document(cluster, scenario, summary=ENTRIES.asked() == "summary")
