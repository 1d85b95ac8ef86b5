"""Uploads: files, folders, archives and pasted text, by one handler with and without JavaScript."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from webapp.failure import words
from webapp.jobs import stage
from webapp.limits import DEFAULT
from webapp.manifests import Upload, read
from webapp.manifests.capsule import CapsuleError
from webapp.manifests.manifests import Manifests
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import counted
from webapp.views.page.query import asked_pairs
from webapp.views.page.rendering import render
from webapp.views.page.sketch import sketch_of_manifests
from webapp.views.page.stages import READING
from webapp.views.page.state import fitting
from webapp.views.page.topologies import open_or_404
from webapp.views.site.errors import wants_json
from webapp.views.site.landing import landing
from webapp.views.site.pictures import opened, sent_picture
from webapp.views.site.problem_documents import problem_response
from webapp.views.site.storing import check_room, hand_token, keep, keep_days, set_name

if TYPE_CHECKING:
    from webapp.views.site.request_body import Request

blueprint = Blueprint("uploads", __name__)

PASTED = "pasted.yaml"


@blueprint.post("/upload")
def upload() -> ResponseReturnValue:
    """Store what was sent and lead to its map; show the first page again if there was nothing to read."""
    check_room()
    try:
        manifests, carried = sent_set()
    except CapsuleError as error:
        return _refused(str(error), ())
    if not manifests.is_usable:
        return _nothing_read(manifests)
    return _stored(manifests, carried)


@blueprint.post("/t/<topology_id>/upload")
def correct(topology_id: str) -> ResponseReturnValue:
    """Store a corrected set under a separate id, and keep what was being looked at."""
    check_room()
    open_or_404(topology_id)
    query = asked_pairs()
    words.decode_options(query, plain=words.PAGE)  # a wrong one is refused before anything is stored
    manifests = read_sent()
    if not manifests.is_usable:
        return _nothing_read(manifests)
    return _stored(manifests, query)


def sent_set() -> tuple[Manifests, Sequence[tuple[str, str]]]:
    """Read what this request sent; the words are those of the state that a picture of nodefall carries.

    Raises:
        CapsuleError: a picture was sent that carries none.

    """
    picture = sent_picture()
    if picture is None:
        return read_sent(), []
    capsule = opened(picture, int(current_app.config["MAX_UPLOAD_BYTES"]))
    return _read([Upload(name=picture.name, data=capsule.manifests)]), capsule.query


def read_sent(side: str = "") -> Manifests:
    """Read what this request sent; `side` leads its fields' names."""
    return _read(sent_files(side))


def _read(files: Iterable[Upload]) -> Manifests:
    stage(READING)
    most = int(current_app.config["MAX_UPLOAD_BYTES"])
    limits = replace(DEFAULT, body_bytes=most, unpacked_bytes=most, files=int(current_app.config["MAX_UPLOAD_FILES"]))
    manifests = read(files, limits, lambda name, share: stage(READING, name, share))
    stage(READING, _what_is_in(manifests), sketch=lambda: sketch_of_manifests(manifests, set_name(manifests)))
    return manifests


def _what_is_in(manifests: Manifests) -> str:
    kinds = (
        (manifests.nodes, "node"),
        (manifests.services, "Service"),
        (manifests.workloads, "workload"),
        (manifests.pods, "Pod"),
    )
    unread = sum(problem.severity is Severity.ERROR for problem in manifests.problems)
    found = ", ".join(counted(len(objects), kind) for objects, kind in kinds if objects)
    return f"{found}; {counted(unread, 'error')}" if unread else found


def sent_files(side: str = "") -> Iterator[Upload]:
    """Yield the files of this request, then the pasted text; `side` leads their fields' names.

    A body that is not a form is one file, whatever its Content-Type says: ``curl --data-binary`` calls it a form.
    Of a form the fields are ``files``, ``file`` and ``text``; with a side ``old-files``, ``old`` and ``old-text``.
    """
    if not side and (body := cast("Request", request).plain_body):
        yield Upload(name=PASTED, data=body)
        return
    several, single, pasted = field_names(side)
    for field in (several, single):
        for file in request.files.getlist(field):
            if file.filename:
                name = _name(file)
                yield Upload(name=name, data=file.stream.read(), inside=name.partition("/")[2])
    for field in (single, pasted):
        text = request.form.get(field, "")
        if text.strip():
            yield Upload(name=PASTED, data=text.encode("utf-8", "replace"))


def field_names(side: str = "") -> tuple[str, str, str]:
    """Return the fields of a form that manifests come in: for several files, for one, and for pasted text."""
    return f"{side}files", side.removesuffix("-") or "file", f"{side}text"


def was_sent(manifests: Manifests) -> bool:
    """Return whether any file was sent, be it of no use."""
    return bool(manifests.files) or any(problem.id != "NP023" for problem in manifests.problems)


def _name(file: FileStorage) -> str:
    """Return the name with its folders, as browsers send it for a folder."""
    return (file.filename or "").replace("\\", "/").lstrip("/")


def _nothing_read(manifests: Manifests) -> ResponseReturnValue:
    heading = "Nothing in there could be drawn" if was_sent(manifests) else "Choose a file or paste something first"
    return _refused(heading, manifests.problems)


def _refused(heading: str, problems: tuple[Problem, ...]) -> ResponseReturnValue:
    if wants_json():
        return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, heading, problems=problems)
    text = request.form.get("text", "")
    context = landing(text, heading, problems, keep_days())
    return render("landing.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, landing=context)


def _stored(manifests: Manifests, query: Sequence[tuple[str, str]]) -> ResponseReturnValue:
    """Store, drop from the query what no longer exists, and lead there."""
    ((topology_id, token),) = keep(manifests)
    url = url_for("explorer.show", topology_id=topology_id)
    if query:  # only then is the cluster needed, which takes as long to build as the manifests to read
        page, dropped = fitting(open_or_404(topology_id), query)
        url = page.url(dropped=dropped)
    if wants_json():
        response = make_response({"id": topology_id, "url": url, "deleteToken": token}, HTTPStatus.CREATED)
        response.headers["Location"] = url
        return response
    response = make_response(redirect(url, code=HTTPStatus.SEE_OTHER))
    hand_token(response, topology_id, token)
    return response
