"""The question why an address does not answer, beside the findings."""

from dataclasses import dataclass

from webapp.cluster.address import PROTOCOLS, parse_address
from webapp.findings.explanation import Explanation
from webapp.findings.why import why
from webapp.views.page.findings import facts_of
from webapp.views.page.query import QueryForm
from webapp.views.page.simulation import state_of
from webapp.views.page.state import PageState, port_word


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressQuestion:
    """The question about one address, and its answer."""

    form: QueryForm
    address: str
    protocol: str
    example: str
    error: str
    told: Explanation | None
    url: str
    """The map of the service behind it."""
    document_url: str
    """The same as JSON."""
    connection_url: str
    """One connection step by step, where a node takes it for a nodePort."""


def address_question(page: PageState, text: str, protocol: str) -> AddressQuestion:
    """Return the question, and its answer if one was asked."""
    protocol = protocol if protocol in PROTOCOLS else PROTOCOLS[0]
    typed = parse_address(text)
    told = why(facts_of(page), state_of(page, page.scenario.at), typed, protocol) if typed else None
    return AddressQuestion(
        form=page.form("address"),
        address=text,
        protocol=told.protocol if told else protocol,
        example=_example(page),
        error=f"Write an address with its port, such as {_example(page)}." if text and not typed else "",
        told=told,
        url=page.focused(told.service).url() if told and told.service else "",
        document_url=page.url("api.why", topology=page.topology.id, address=text, protocol=told.protocol)
        if told
        else "",
        connection_url=_connection_url(page, told) if told else "",
    )


def _connection_url(page: PageState, told: Explanation) -> str:
    """Return the page that steps through the connection; empty where it doesn't come by a node's nodePort."""
    service = page.cluster.services.get(told.service or "")
    ports = service.ports if service else ()
    port = next((p for p in ports if (p.node_port, p.protocol) == (told.port, told.protocol)), None)
    if service is None or port is None or told.node is None:
        return ""
    return page.focused(service.key, port_word(port)).connection_url(told.node)


def _example(page: PageState) -> str:
    """Return an address that can be asked for: of the first node, and the port in focus."""
    node = next(iter(page.cluster.nodes), "worker-1")
    ports = page.service.ports if page.service else ()
    return f"{node}:{(ports[page.port_index].node_port if ports else None) or 30080}"
