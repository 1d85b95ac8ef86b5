"""``find``: what has a name, an address, a port or a label; and the nodes that a label selector selects."""

from flask import abort
from flask.typing import ResponseReturnValue

from webapp.cluster.search import index, search
from webapp.views.api.asked import asked
from webapp.views.api.blueprint import operation, written
from webapp.views.api.responses import as_json
from webapp.views.map.select_nodes import nodes_labelled
from webapp.views.page import query

MOST = 1000
"""How much is listed: whoever wants all asks for the simulation."""


@operation(
    "/find",
    written("json", "FoundDocument"),
    examples=(
        "'/api/v1/find?topology=sample-shop&q=worker-2'",
        "-F file=@shop.yaml '/api/v1/find?labels=topology.kubernetes.io/zone=a'",
    ),
)
def find() -> ResponseReturnValue:
    """Find nodes, zones, services, ports, Pods and endpoints by `q`, or the nodes that `labels` selects."""
    words, labels = query.SEARCH.asked(), query.LABELS.asked()
    if bool(words) == bool(labels):
        abort(400, "find needs q=WORDS or labels=SELECTOR, and not both.")
    page = asked()
    if labels:
        names = sorted(nodes_labelled(page, labels))
        found = [{"kind": "node", "key": name, "matched": ""} for name in names[:MOST]]
        more = len(names) > MOST
    else:
        results = search(index(page.cluster), words, MOST, MOST)
        found = [{"kind": its.kind.value, "key": its.key, "matched": its.matched} for its in results.found]
        more = results.more
    return as_json({"schema": "nodefall/find/v1", "found": found, "more": more})
