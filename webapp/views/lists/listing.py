"""Which services are listed, and in which order: words of the list's address."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from webapp.cluster.order import natural
from webapp.views.lists.survey import Surveyed
from webapp.views.page.state import PageState

ORDERS = {"": "Worst first", "name": "By name", "port": "By nodePort", "share": "Least answered first"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which services to list, and in which order: words of the address."""

    query: str = ""
    state: str = ""
    namespace: str = ""
    order: str = ""

    def listed(self, rows: Iterable[Surveyed]) -> list[Surveyed]:
        """Return those that fit the query and the namespace, whatever their state."""
        return [row for row in rows if self.namespace in ("", row.service.namespace) and row.fits(self.query)]

    def ordered(self, rows: Iterable[Surveyed]) -> list[Surveyed]:
        """Return those of the state in their order."""
        found = sorted((row for row in rows if self.state in ("", row.standing.slug)), key=_by_name)
        if self.order == "name":
            return found
        if self.order == "port":
            return sorted(found, key=lambda row: (row.port and row.port.node_port) or math.inf)
        if self.order == "share":
            return sorted(found, key=lambda row: math.inf if row.share is None else row.share)
        return _by_namespace(sorted(found, key=lambda row: row.badness))

    @property
    def grouped(self) -> bool:
        """Whether the services of a namespace stand together."""
        return self.order not in ("port", "share")


@dataclass(frozen=True, slots=True)
class Urls:
    """The addresses of the same list: another page, state, namespace or order."""

    page: PageState
    wanted: Wanted

    def to(self, **changes: str) -> str:
        """Return the address of the first page of another list."""
        return Urls(self.page, replace(self.wanted, **changes)).numbered(1)

    def numbered(self, number: int) -> str:
        """Return the address of another page of this list."""
        its = self.wanted
        return self.page.url(
            "services.show", q=its.query, state=its.state, namespace=its.namespace, order=its.order, page=number
        )


def _by_name(row: Surveyed) -> tuple[object, ...]:
    return (natural(row.service.namespace), natural(row.service.name))


def _by_namespace(rows: Sequence[Surveyed]) -> list[Surveyed]:
    """Return the rows grouped by namespace, the namespace with the worst standing first."""
    worst: dict[str, tuple[int, float]] = {}
    for row in rows:
        worst.setdefault(row.service.namespace, row.badness)
    return sorted(rows, key=lambda row: (worst[row.service.namespace], natural(row.service.namespace)))
