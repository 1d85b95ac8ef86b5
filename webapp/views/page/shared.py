"""The shared view that an address names."""

from datetime import UTC, datetime

from webapp.storage.shared_views import SharedView
from webapp.views.page.topologies import topologies


def shared_view(view_id: str, topology_id: str = "") -> SharedView | None:
    """Return a shared view, of a topology if that is named; None if there is none, or no longer."""
    view = topologies().store.shared_views.load(view_id, datetime.now(UTC)) if view_id else None
    return view if view and topology_id in ("", view.topology_id) else None
