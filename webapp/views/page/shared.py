"""The shared view that an address names."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from webapp.storage.shared_views import SharedView
from webapp.views.page.state import PageState
from webapp.views.page.topologies import topologies


def shared_view(view_id: str, topology_id: str = "") -> SharedView | None:
    """Return a shared view, of a topology if that is named; None if there is none, or no longer."""
    view = topologies().store.shared_views.load(view_id, datetime.now(UTC)) if view_id else None
    return view if view and topology_id in ("", view.topology_id) else None


def is_as_shared(page: PageState, view: SharedView) -> bool:
    """Return whether a page shows the very state that was shared."""
    return urlsplit(page.url()).query == view.query
