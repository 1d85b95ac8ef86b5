"""``snapshot``: what nodefall keeps of manifests, as a file."""

from flask import abort
from flask.typing import ResponseReturnValue

from webapp.snapshot import SnapshotError, anonymized
from webapp.snapshot import snapshot as made
from webapp.views.api.asked import given
from webapp.views.api.blueprint import operation, written
from webapp.views.api.responses import mimetype_of
from webapp.views.page import query
from webapp.views.page.rendering import file_response


@operation(
    "/snapshot",
    written("yaml"),
    written("json"),
    examples=(
        "-F file=@shop.yaml '/api/v1/snapshot?anonymize=yes'",
        "'/api/v1/snapshot?topology=ID&output=json'",
    ),
)
def snapshot() -> ResponseReturnValue:
    """Write only what nodefall keeps of manifests: no Secret, command or environment value, on request other names."""
    manifests, output = given(query.TOPOLOGY).manifests, query.AS_SNAPSHOT.asked()
    name = f"snapshot.{output}"
    try:
        data = made(anonymized(manifests) if query.ANONYMIZE.asked() == "yes" else manifests, name)
    except SnapshotError as error:
        abort(422, str(error))
    return file_response(name, mimetype_of(output), data)
