"""The list of services as CSV (RFC 4180), in the words and with the shares of the page."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from webapp.views.lists.port_standings import PortStanding

HEAD = (
    "namespace",
    "service",
    "port",
    "protocol",
    "nodePort",
    "policy",
    "state",
    "answered",
    "pods",
    "why",
)
# A spreadsheet takes what begins like this for a formula, and a manifest may name anything anything.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def services_csv(rows: Iterable[tuple[PortStanding, str]]) -> str:
    """Return a line for each service port, which comes with why it stands so; `answered` is 0 to 1, not rounded."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    writer.writerows([_harmless(cell) for cell in _cells(row, why)] for row, why in rows)
    return text.getvalue()


def _cells(row: PortStanding, why: str) -> Iterator[object]:
    port, service = row.port, row.service
    yield from (service.namespace, service.name)
    yield from (port.port, port.protocol, port.node_port) if port else (None, None, None)
    yield from (service.external_traffic_policy, row.standing.word, row.share, len(row.endpoints), why)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
