"""Storing what was read: within what may be stored, all of a request or nothing, with the token that deletes it."""

import secrets
from datetime import UTC, datetime, timedelta

from flask import Response, current_app, request, url_for

from webapp.cluster.build import build
from webapp.cluster.nodes import most_nodes
from webapp.cluster.size import size_of
from webapp.failure.words import PAGE
from webapp.jobs import stage
from webapp.limits import CLUSTER
from webapp.manifests.manifests import Manifests
from webapp.numbers import counted
from webapp.storage import NewTopology
from webapp.views.page.client import client
from webapp.views.page.stages import STORING
from webapp.views.page.topologies import topologies
from webapp.views.site.landing import keep_choices

DELETE_COOKIE = "nodefall-delete"
# The token that whoever waits for a worker's upload has made, to be able to withdraw it.
DELETE_TOKEN = "nodefall.delete_token"  # noqa: S105 (its name in the environment of a worker)
# The id that was set aside for it: the address of the page that waits still leads there when the job is forgotten.
TOPOLOGY_ID = "nodefall.topology_id"


def check_room() -> None:
    """Refuse an upload before it is read where nothing of it could be stored.

    Raises:
        QuotaError: there is no room, or not for this client.

    """
    topologies().store.check_room(client(), datetime.now(UTC))


def keep(*sets: Manifests, days: int | None = None) -> list[tuple[str, str]]:
    """Store all sets, for so many days or as long as the form says; return each one's id and the token that deletes it.

    Raises:
        QuotaError: there is no room, or not for this client; nothing is stored.
        TooLargeError: no page could show one of them; nothing is stored.

    """
    for manifests in sets:
        _check_size(manifests)
    now = datetime.now(UTC)
    stage(STORING)
    store = topologies().store
    store.expire(now)  # what has expired makes room
    new = [
        NewTopology(
            manifests=manifests,
            name=set_name(manifests),
            delete_token=request.environ.get(DELETE_TOKEN) or secrets.token_urlsafe(16),
            id=request.environ.get(TOPOLOGY_ID, ""),
        )
        for manifests in sets
    ]
    ids = store.save_all(new, keep=timedelta(days=days or keep_days()), now=now, client=client())
    for topology_id, manifests in zip(ids, sets, strict=True):
        topologies().remember(topology_id, manifests)
    return [(topology_id, each.delete_token or "") for topology_id, each in zip(ids, new, strict=True)]


def _check_size(manifests: Manifests) -> None:
    # Building counts exactly. It is left to the map for all that can't be too large, which nearly all uploads are.
    size = size_of(manifests, PAGE)
    beyond = size.pods > CLUSTER.pods or size.endpoints > CLUSTER.endpoints
    if beyond or size.budget_pods > CLUSTER.budget_pods or most_nodes(manifests) > CLUSTER.cluster_nodes:
        build(manifests, PAGE)


def keep_days() -> int:
    """Return the days that the uploader chose, if that is one of the choices."""
    default = int(current_app.config["KEEP_DAYS"])
    chosen = request.form.get("keep", type=int)
    return chosen if chosen in dict(keep_choices(default)) else default


def hand_token(response: Response, topology_id: str, token: str, days: int | None = None) -> None:
    """Hand an uploader's browser the token that deletes the topology, for so many days or as long as it is kept."""
    response.set_cookie(
        DELETE_COOKIE,
        token,
        max_age=timedelta(days=days or keep_days()),
        # Sent to the page that deletes and to no other, so that all others can be the same for everybody, and cached.
        path=url_for("delete.ask", topology_id=topology_id),
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def set_name(manifests: Manifests) -> str:
    """Return what pages call this set: its one file, else how many there are."""
    names = [file.name for file in manifests.files]
    if len(names) == 1:
        return names[0]
    return counted(len(names), "file")
