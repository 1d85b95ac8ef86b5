"""Which services the page of services lists, and in which order."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.cluster.order import natural
from webapp.views.lists.port_standings import PortStanding
from webapp.views.page.state import PageState

ORDERS = {"": "Worst first", "name": "By name", "port": "By nodePort", "share": "Least answered first"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFilter:
    """Which services to list, and in which order: words of the address."""

    query: str = ""
    state: str = ""
    namespace: str = ""
    order: str = ""

    def listed(self, rows: Iterable[PortStanding]) -> list[PortStanding]:
        """Return those that fit the query and the namespace, whatever their state."""
        return [row for row in rows if self.namespace in ("", row.service.namespace) and row.fits(self.query)]

    def ordered(self, rows: Iterable[PortStanding]) -> list[PortStanding]:
        """Return those of the state in their order."""
        found = sorted((row for row in rows if self.state in ("", row.standing.slug)), key=_by_name)
        if self.order == "name":
            return found
        # What has no nodePort or no share comes last: sorted as zero it would stand before what is really broken.
        if self.order == "port":
            return sorted(found, key=lambda row: (row.port and row.port.node_port) or math.inf)
        if self.order == "share":
            return sorted(found, key=lambda row: math.inf if row.share is None else row.share)
        return _by_namespace(sorted(found, key=lambda row: row.badness))

    @property
    def grouped(self) -> bool:
        """Whether the services of a namespace stand together."""
        return self.order not in ("port", "share")

    def url(self, page: PageState, number: int = 1) -> str:
        """Return the address of one page of this list."""
        return page.url("services.show", page=number, **self._words())

    def csv_url(self, page: PageState) -> str:
        """Return the address of the whole list as CSV."""
        return page.url("services.download", **self._words())

    def _words(self) -> dict[str, Any]:
        return {"q": self.query, "state": self.state, "namespace": self.namespace, "order": self.order}


def _by_name(row: PortStanding) -> tuple[object, ...]:
    return (natural(row.service.namespace), natural(row.service.name))


def _by_namespace(rows: Sequence[PortStanding]) -> list[PortStanding]:
    """Return the rows grouped by namespace, the namespace with the worst standing first."""
    worst: dict[str, tuple[int, float]] = {}
    for row in rows:
        worst.setdefault(row.service.namespace, row.badness)
    return sorted(rows, key=lambda row: (worst[row.service.namespace], natural(row.service.namespace)))
