"""Storing a set, which gives the link to its map, and deleting it."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from webapp.failure.word_values import number
from webapp.manifests.capsule import CapsuleError
from webapp.simulation.document import problem_document
from webapp.views.api.asked import named_id, refuse_other_fields, state_of, usable
from webapp.views.api.blueprint import operation, written
from webapp.views.api.responses import DELETE_TOKEN, created
from webapp.views.page import query
from webapp.views.page.links import base
from webapp.views.page.state import fitting
from webapp.views.page.topologies import GONE, Topology, open_or_404, topologies
from webapp.views.site.errors import Unusable
from webapp.views.site.storing import check_room, keep, set_name
from webapp.views.site.uploads import field_names, sent_set

TOKEN = "token"  # noqa: S105 - the name of a field
"""The field of a form that the token which deletes a set may come in."""


@operation(
    "/upload",
    written("text"),
    written("json", "StoredSet"),
    methods=("POST",),
    status=HTTPStatus.CREATED,
    gives={DELETE_TOKEN: "The token that deletes it."},
    examples=(
        "-F file=@shop.yaml /api/v1/upload",
        "-F file=@shop.yaml -H 'Accept: application/json' '/api/v1/upload?keep=1&down=node/worker-2'",
    ),
)
def upload() -> ResponseReturnValue:
    """Store a set, and answer with the link to its map in the state of the query."""
    check_room()
    refuse_other_fields(field_names())
    most = int(current_app.config["KEEP_DAYS"])
    days = number("keep", said, 1, most) if (said := query.KEEP.asked()) else most
    try:
        manifests, carried = sent_set()
    except CapsuleError as error:
        raise Unusable(str(error)) from error
    usable(manifests, "", field_names())
    # A wrong word is refused before anything is stored. Without one no cluster is needed, which takes as long to build
    # as the manifests to read.
    page = state_of(Topology("", set_name(manifests), manifests)) if _says_state() else None
    ((topology_id, token),) = keep(manifests, days=days)
    topology = open_or_404(topology_id)
    if page is None and carried:
        page, _ = fitting(topology, carried)
    path = replace(page, topology=topology).url() if page else query.address("explorer.show", topology_id=topology_id)
    return _stored(topology, base() + path, token)


def _says_state() -> bool:
    return any(name in query.asked_page().keeps for name, _ in query.asked_pairs())


def _stored(topology: Topology, url: str, token: str) -> Response:
    document = {
        "id": topology.id,
        "url": url,
        "deleteToken": token,
        "expires": topology.stored.expires.isoformat() if topology.stored else None,
        "problems": [problem_document(problem) for problem in topology.manifests.problems],
        "notUsed": dict(sorted(topology.manifests.not_used.items())),
    }
    return created(url, document, {DELETE_TOKEN: token})


@operation(
    "/delete",
    methods=("DELETE", "POST"),
    status=HTTPStatus.NO_CONTENT,
    sides=(),
    fields={TOKEN: "The token that deletes it, where it is not in the header."},
    headers={DELETE_TOKEN: "The token that the upload was answered with."},
    is_quick=True,
    examples=("-X DELETE -H 'Nodefall-Delete-Token: TOKEN' '/api/v1/delete?topology=ID'",),
)
def delete() -> ResponseReturnValue:
    """Delete a stored set, for whoever has the token that its upload was answered with."""
    refuse_other_fields([TOKEN])
    stored = named_id()
    # No cookie decides here: another site could have a browser send one along.
    token = request.headers.get(DELETE_TOKEN) or request.form.get(TOKEN, "")
    if topologies().store.describe(stored, datetime.now(UTC)) is None:
        raise NotFound("A sample can’t be deleted." if topologies().open(stored) else GONE)
    if not topologies().store.delete(stored, token):
        abort(403, f"The header {DELETE_TOKEN} must have the token that the upload was answered with.")
    return "", HTTPStatus.NO_CONTENT
