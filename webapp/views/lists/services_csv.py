"""The list of services as CSV, in the words and with the shares of the page."""

from collections.abc import Iterable, Iterator

from webapp.documents.records import ServiceRecord
from webapp.documents.tables import csv_text, plain
from webapp.views.lists.port_standings import PortStanding


def services_csv(rows: Iterable[tuple[PortStanding, str]]) -> str:
    """Return a line for each service port, which comes with why it stands so."""
    return csv_text(ServiceRecord, plain(_records(rows)))


def _records(rows: Iterable[tuple[PortStanding, str]]) -> Iterator[ServiceRecord]:
    for row, why in rows:
        port, service = row.port, row.service
        yield ServiceRecord(
            namespace=service.namespace,
            service=service.name,
            port=port.port if port else None,
            protocol=port.protocol if port else None,
            node_port=port.node_port if port else None,
            policy=service.external_traffic_policy,
            state=row.standing.word,
            answered=row.share,
            pods=len(row.endpoints),
            why=why,
        )
