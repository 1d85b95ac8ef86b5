"""Work that a program does not wait for: how far a job is, its answer once there is one, and stopping it."""

from http import HTTPStatus

from flask import json, make_response, request, url_for
from flask.typing import ResponseReturnValue

from webapp.jobs import Job, Workers
from webapp.views.api.blueprint import Output, operation
from webapp.views.progress import stage_of
from webapp.views.waiting import job_or_404, shown, stop

AGAIN_SECONDS = 2
"""After which it is worth asking once more."""


@operation(
    "/jobs/<key>",
    Output("*/*"),
    methods=("DELETE", "GET"),
    sides=(),
    is_quick=True,
    examples=("/api/v1/jobs/KEY", "-X DELETE /api/v1/jobs/KEY"),
)
def job(key: str) -> ResponseReturnValue:
    """Answer with what was asked with `Prefer: respond-async`, or how far it is; by DELETE stop it."""
    pool, found = job_or_404(key)
    if request.method == "DELETE":
        stop(pool, found)
        return "", HTTPStatus.NO_CONTENT
    return shown(pool, found) if found.outcome is not None else under_way(pool, found)


def under_way(pool: Workers, its: Job) -> ResponseReturnValue:
    """Answer that a job is not done, and where and when to ask again."""
    ahead = pool.place(its)
    document = {"state": "waiting" if its.began is None else "running", "ahead": ahead, "stage": stage_of(its)}
    response = make_response(json.dumps(document, sort_keys=False) + "\n", HTTPStatus.ACCEPTED)
    response.mimetype = "application/json"
    response.headers["Location"] = url_for("api.job", key=its.key)
    response.headers["Retry-After"] = str(AGAIN_SECONDS)
    response.cache_control.no_store = True
    return response
