"""The API for programs: simulate what is sent, and keep nothing of it."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from webapp.cluster.build import build
from webapp.failure import words
from webapp.manifests import Upload, read
from webapp.routing import entry_count, simulation_document
from webapp.routing.document import MAX_ENTRIES
from webapp.views.query import folds_entries
from webapp.views.uploads import PASTED, is_usable, sent_files

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/simulate")
def simulate() -> ResponseReturnValue:
    """Answer with the simulation document of the manifests in the body, or in a form as files; the query asks."""
    files = list(sent_files()) or [Upload(name=PASTED, data=request.get_data())]
    manifests = read(files)
    if not is_usable(manifests):
        return {"error": "Nothing in there could be read.", "problems": [p.message for p in manifests.problems]}, 422
    pairs = list(request.args.items(multi=True))
    cluster = build(manifests, words.decode_options(pairs, manifests))
    scenario = words.decode(pairs, cluster)
    summary = folds_entries()
    if not summary and entry_count(cluster, scenario.service) > MAX_ENTRIES:
        abort(400, f"More than {MAX_ENTRIES:,} entries: name a service, or ask for entries=summary.")
    return simulation_document(cluster, scenario, summary=summary)
