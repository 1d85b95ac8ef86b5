"""Downloads: the picture in every format, and the numbers as JSON."""

import json
import re
from typing import Any

from flask import Blueprint, Response, abort, make_response
from flask.typing import ResponseReturnValue

from webapp.cluster.model import Cluster
from webapp.diagram import FORMATS, DiagramError, draw, read_picture_options
from webapp.diagram.carrying import with_state
from webapp.documents import DOCUMENTS, Asked, DocumentError
from webapp.documents.schemas import SCHEMAS
from webapp.failure import Moment, Scenario, words
from webapp.manifests.capsule import pack
from webapp.simulation.document import simulation_document
from webapp.views.page.findings import findings_of
from webapp.views.page.matrix import matrix_of
from webapp.views.page.query import ENTRIES, NAME, PORT, asked_pairs
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
    service = page.service
    if service is None:
        abort(404, "There is no Service in this upload, so there is nothing to draw.")
    if not service.ports:
        abort(404, f"Service {service.key} has no port, so there is nothing to draw.")
    try:
        if page.whole:
            data = draw(page.cluster, page.scenario, extension, name=page.name, options=options)
        else:
            port = service.ports[page.port_index].port
            data = draw(page.cluster, page.focused(service.key).scenario, extension, port, page.name, options)
    except DiagramError as error:
        abort(422, str(error))
    data = with_state(data, extension, options, lambda: _capsule(page))
    name = "cluster" if page.whole else "service" if options.hides_names else f"{service.namespace}-{service.name}"
    response = make_response(data)
    response.mimetype = FORMATS[extension].mimetype
    # Inline, since an `<img>` of another site's document may point here; the page's links say download themselves.
    # Names that the API server rejects are drawn too: no line end or quote of theirs may get into a header.
    plain = re.sub(r"[^\w.-]", "-", name, flags=re.ASCII)
    response.headers["Content-Disposition"] = f'inline; filename="{plain}.{extension}"'
    response.headers.update(PICTURE_HEADERS)
    return revalidated(response)


def _capsule(page: PageState) -> str:
    """Return what opens this state again, on a page of nodefall."""
    state = [*words.encode(page.scenario), *words.encode_options(page.options, words.PAGE)]
    return pack(page.topology.manifests, state + PORT.written(page.port) + NAME.written(page.name))


@blueprint.get("/t/<topology_id>/entries.csv", defaults={"document": "entries.csv"})
@blueprint.get("/t/<topology_id>/report.md", defaults={"document": "report.md"})
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
