"""How much a request asks for: which sets it is about, and how large they are with what its address changes of them."""

from flask import current_app, g, request

from webapp.cluster.edits import edited
from webapp.cluster.size import size_of
from webapp.failure import words
from webapp.failure.word_values import ScenarioError
from webapp.views.page.query import AS_COMPARISON, NEW, OLD, RENDERED, TOPOLOGY, asked_page, asked_pairs
from webapp.views.page.topologies import open_or_404, topologies

# Bytes of a stored document, compressed, that are not even counted: some 5,000 objects.
LARGE_DOCUMENT = 100_000
_BYTES_OF_AN_OBJECT = 20


def sets_asked() -> list[str]:
    """Return the sets that this request is about."""
    values = request.view_args or {}
    by_path = [str(values[name]) for name in ("topology_id", "old_id", "new_id") if name in values]
    # The API names a set in its query, as does the page that asks for another set to compare.
    by_query = [word.asked() for word in asked_page().words if word in (TOPOLOGY, OLD, NEW)]
    return by_path or [topology for topology in by_query if topology]


def is_simulating_page() -> bool:
    """Return whether a page is asked for that simulates without a server: each failure of its set is worked out."""
    match request.endpoint:
        case "downloads.diagram":
            return (request.view_args or {}).get("extension") == "html"
        case "api.render":
            return RENDERED.asked() == "html"
        case "api.diff":
            return AS_COMPARISON.asked() == "html"
        case endpoint:
            return endpoint == "comparison.file"


def work_of(topology_id: str) -> int:
    """Return about how many nodes, Pods and Services the set has, with what this address changes of it."""
    counted: dict[str, int] = g.setdefault("work", {})
    if topology_id not in counted:
        counted[topology_id] = _counted(topology_id)
    return counted[topology_id]


def _counted(topology_id: str) -> int:
    stored = topologies().describe(topology_id)
    if stored is not None and stored.size > LARGE_DOCUMENT:
        # Too large for the web process, whatever is in it.
        return max(stored.size // _BYTES_OF_AN_OBJECT, int(current_app.config["LARGE_SET"]) + 1)
    topology = open_or_404(topology_id)
    try:
        options = words.decode_options(asked_pairs(), topology.manifests, asked_page().plain)
    except ScenarioError:
        return 0  # the view says what is wrong
    return size_of(edited(topology.manifests, options.edits), options).work
