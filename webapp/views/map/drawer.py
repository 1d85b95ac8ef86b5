"""The drawer under the map: a bar of tabs, one of which may lie open over the lower picture. Each is an address."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.views.page.state import PageState

TABS: Mapping[str, str] = {
    "time": "Timeline",
    "connections": "Open connections",
    "pods": "Pods",
    "address": "Client address",
    "table": "Table",
    "failures": "More failures",
    "settings": "Settings",
}
"""By their word in the address, in the order of the bar."""


@dataclass(frozen=True, slots=True)
class DrawerTab:
    """One tab of the bar."""

    word: str
    title: str
    url: str
    """The state with it open; of the open one, with the drawer closed."""
    current: bool


@dataclass(frozen=True, slots=True)
class Drawer:
    """The bar, and which of its tabs is open."""

    tabs: tuple[DrawerTab, ...]
    open: str
    """Empty while it is closed."""
    title: str
    close_url: str


def drawer(page: PageState, *, without: frozenset[str] = frozenset()) -> Drawer:
    """Return the drawer of one state; a map that has no such tab leaves it out."""
    words = [word for word in TABS if word not in without]
    current = page.drawer if page.drawer in words else ""
    tabs = (
        DrawerTab(word, TABS[word], page.opening("" if word == current else word).url(), word == current)
        for word in words
    )
    return Drawer(tuple(tabs), current, TABS.get(current, ""), page.opening("").url())
