"""Downloads: the picture in every format, and the numbers as JSON."""

import json

from flask import Blueprint, Response, abort, make_response, request
from flask.typing import ResponseReturnValue

from webapp.diagram import FORMATS, DiagramError, draw
from webapp.simulation.document import MAX_ENTRIES, entry_count, simulation_document
from webapp.views.page.query import ENTRIES
from webapp.views.page.state import open_page
from webapp.views.site.security import PICTURE_HEADERS

blueprint = Blueprint("downloads", __name__)


@blueprint.get("/t/<topology_id>/diagram.<extension>")
def diagram(topology_id: str, extension: str) -> ResponseReturnValue:
    """Send the picture that the address describes: the same bytes for the same manifests and Scenario, anywhere."""
    if extension not in FORMATS:
        abort(404, f"A picture is available as {', '.join(FORMATS)}.")
    page = open_page(topology_id)
    service = page.service
    if service is None:
        abort(404, "There is no Service in this upload, so there is nothing to draw.")
    if not service.ports:
        abort(404, f"Service {service.key} has no port, so there is nothing to draw.")
    try:
        data = draw(
            page.cluster,
            page.focused(service.key).scenario,
            extension,
            port=service.ports[page.port_index].port,
            name=page.name,
        )
    except DiagramError as error:
        abort(422, str(error))
    name = f"{service.namespace}-{service.name}.{extension}"
    response = make_response(data)
    response.mimetype = FORMATS[extension].mimetype
    # Inline, since an `<img>` of another site's document may point here; the page's links say download themselves.
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers.update(PICTURE_HEADERS)
    return _revalidated(response)


@blueprint.get("/t/<topology_id>/simulation.json")
def simulation(topology_id: str) -> ResponseReturnValue:
    """Send the simulation document of the README's contract."""
    page = open_page(topology_id)
    summary = ENTRIES.asked() == "summary"
    if not summary and entry_count(page.cluster, page.scenario.service) > MAX_ENTRIES:
        abort(400, f"More than {MAX_ENTRIES:,} entries: name a service, or ask for entries=summary.")
    document = simulation_document(page.cluster, page.scenario, summary=summary)
    response = make_response(json.dumps(document, ensure_ascii=False))
    response.mimetype = "application/json"
    return _revalidated(response)


def _revalidated(response: Response) -> Response:
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response
