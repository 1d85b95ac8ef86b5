"""What a failure does: ``simulate``, ``why``, ``render`` and the services of a set in a Scenario."""

from flask import abort
from flask.typing import ResponseReturnValue

from webapp.cluster.address import PROTOCOLS, parse_address
from webapp.cluster.edits import edited
from webapp.cluster.model import Service
from webapp.cluster.order import natural
from webapp.diagram import FORMATS
from webapp.documents import DOCUMENTS, DocumentError
from webapp.documents import asked as about
from webapp.documents.records import ServiceRecord
from webapp.documents.services import records_of, service_ports
from webapp.documents.tables import as_objects, csv_text, plain
from webapp.failure import State, state_at
from webapp.failure.endpoint_slices import endpoints_at
from webapp.failure.scenario import Scenario
from webapp.findings.explanation import why_document
from webapp.findings.facts import Facts
from webapp.findings.why import why as explained
from webapp.report import lines, why_lines
from webapp.views.api.asked import asked
from webapp.views.api.blueprint import Output, operation, written
from webapp.views.api.responses import as_json, as_text
from webapp.views.lists.port_standings import port_fits
from webapp.views.page import query
from webapp.views.page.rendering import document_response
from webapp.views.page.wording import STANDINGS
from webapp.views.site.downloads import picture_response, simulated

RENDERED = (*(its.mimetype for its in FORMATS.values()), *(its.mimetype for its in DOCUMENTS.values()))


@operation(
    "/simulate",
    written("json", "SimulationDocument"),
    written("text"),
    examples=(
        "-F file=@shop.yaml '/api/v1/simulate?down=node/worker-2&at=failed'",
        "--data-binary @shop.yaml '/api/v1/simulate?drain=node/worker-2&output=text'",
        "'/api/v1/simulate?topology=sample-shop&down=zone/a'",
    ),
)
def simulate() -> ResponseReturnValue:
    """Simulate a Scenario: what new connections to each NodePort service get."""
    page = asked()
    document = simulated(page.cluster, page.scenario)
    if query.AS_TEXT.asked() == "text":
        return as_text("\n".join(lines(document)) + "\n", "text")
    return as_json(document)


@operation(
    "/why",
    written("json", "WhyDocument"),
    written("text"),
    examples=(
        "-F file=@shop.yaml '/api/v1/why?address=worker-1:30080&down=node/worker-1'",
        "'/api/v1/why?topology=sample-shop&address=worker-1:30080&output=text'",
    ),
)
def why() -> ResponseReturnValue:
    """Explain why an address answers or doesn't: the path of a connection, step by step."""
    typed = parse_address(query.ADDRESS.asked())
    if typed is None:
        abort(400, "Say address=HOST:PORT, such as worker-1:30080.")
    protocol = query.PROTOCOL.asked().upper()
    if protocol not in PROTOCOLS:
        abort(400, f"protocol is one of {', '.join(PROTOCOLS)}.")
    page = asked()
    facts = Facts(edited(page.topology.manifests, page.options.edits), page.cluster)
    told = explained(facts, state_at(page.cluster, page.scenario), typed, protocol)
    document = why_document(told, page.scenario)
    status = 2 if told.unknown else int(told.broken is not None)
    if query.AS_TEXT.asked() == "text":
        return as_text("\n".join(why_lines(document)) + "\n", "text", status=status)
    return as_json(document, status=status)


@operation(
    "/render",
    *(Output(mimetype) for mimetype in RENDERED),
    examples=(
        "-F file=@shop.yaml '/api/v1/render?service=default/web&down=node/worker-2&at=failed'",
        "-F file=@shop.yaml '/api/v1/render?format=report.md&down=node/worker-2'",
    ),
)
def render() -> ResponseReturnValue:
    """Draw one service or the whole cluster in a Scenario, or write a document about it."""
    wanted = query.RENDERED.asked()
    page = asked()
    if wanted in FORMATS:
        return picture_response(page, wanted)
    try:
        made = DOCUMENTS[wanted].render(about(page.topology.manifests, page.cluster, page.scenario))
    except DocumentError as error:
        abort(422, str(error))
    return document_response(wanted, made)


@operation(
    "/services",
    written("json", "ServicesDocument"),
    written("csv"),
    examples=("-F file=@shop.yaml '/api/v1/services?down=node/worker-2&at=failed&output=csv'",),
)
def services() -> ResponseReturnValue:
    """List the services, a line for each port, with what their clients get in a Scenario."""
    page = asked()
    namespace, state = query.NAMESPACE.asked(), query.LISTED_STATE.asked()
    word = next((each.word for each in STANDINGS if each.slug == state), "")
    now = state_at(page.cluster, page.scenario)
    listed = (
        (service, index)
        for service, index in service_ports(page.cluster, page.scenario)
        if namespace in ("", service.namespace) and _is_found(now, service, index)
    )
    found = [record for record in records_of(now, listed) if word in ("", record.state)]
    if query.AS_TABLE.asked() == "csv":
        return as_text(csv_text(ServiceRecord, plain(found)), "csv")
    return as_json({"schema": "nodefall/services/v1", **_said(page.scenario), "services": as_objects(plain(found))})


def _is_found(now: State, service: Service, index: int | None) -> bool:
    if index is None:
        return port_fits(query.SEARCH.asked(), service, None, ())
    return port_fits(query.SEARCH.asked(), service, service.ports[index], endpoints_at(now, service, index))


def _said(scenario: Scenario) -> dict[str, object]:
    """Return the Scenario as the documents have it."""
    return {
        "at": scenario.at.value,
        "down": sorted(map(str, scenario.down), key=natural),
        "drain": [f"node/{name}" for name in scenario.drain],
        "via": scenario.via,
    }
