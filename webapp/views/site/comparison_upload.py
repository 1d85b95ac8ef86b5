"""The page that asks for two sets to compare: both at once, or a new one beside one that is open."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.manifests.manifests import Manifests
from webapp.manifests.problems import Problem
from webapp.views.page.query import OLD
from webapp.views.page.rendering import render
from webapp.views.page.topologies import open_or_404
from webapp.views.page.wording import megabytes
from webapp.views.site.errors import wants_json
from webapp.views.site.landing import keep_choices
from webapp.views.site.problem_documents import problem_response
from webapp.views.site.storing import check_room, hand_token, keep
from webapp.views.site.uploads import read_sent, was_sent

blueprint = Blueprint("comparison_upload", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedUpload:
    """One side of the form."""

    side: str
    """What leads its fields' names: ``old-`` or ``new-``."""
    title: str
    given: str = ""
    """The name of a set that is open already and needs no upload."""
    text: str = ""
    """What was pasted, given back where something was wrong with it."""
    error: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonForm:
    """What the page shows."""

    action: str
    sides: tuple[ComparedUpload, ...]
    keep_choices: tuple[tuple[int, str], ...]
    keep: int
    most: str


@blueprint.get("/compare")
def ask() -> ResponseReturnValue:
    """Show the form for two sets, or for one beside the set that is named."""
    return render("comparison_upload.html", form=_form(OLD.asked(), {}))


@blueprint.post("/compare")
def upload() -> ResponseReturnValue:
    """Store both sets and lead to what differs."""
    return _stored("")


@blueprint.post("/t/<topology_id>/compare")
def against(topology_id: str) -> ResponseReturnValue:
    """Store a set and lead to what differs from the one that is open."""
    open_or_404(topology_id)
    return _stored(topology_id)


def _stored(old: str) -> ResponseReturnValue:
    check_room()
    sent = {side: read_sent(side) for side in (("new-",) if old else ("old-", "new-"))}
    # Nothing is stored before both are read: one half would be a set that nobody asked for.
    if not all(manifests.is_usable for manifests in sent.values()):
        return _unusable(old, sent)
    kept = dict(zip(sent, keep(*sent.values()), strict=True))
    ids = {side: topology_id for side, (topology_id, _) in kept.items()}
    url = url_for("comparison.show", old_id=old or ids["old-"], new_id=ids["new-"])
    if wants_json():
        tokens = dict(kept.values())
        return {"url": url, "deleteTokens": tokens}, HTTPStatus.CREATED, {"Location": url}
    response = make_response(redirect(url, code=HTTPStatus.SEE_OTHER))
    for topology_id, token in kept.values():
        hand_token(response, topology_id, token)
    return response


def _unusable(old: str, sent: dict[str, Manifests]) -> ResponseReturnValue:
    if wants_json():
        problems = [problem for manifests in sent.values() for problem in manifests.problems]
        return problem_response(
            HTTPStatus.UNPROCESSABLE_ENTITY, "Both sides need something to draw.", problems=problems
        )
    return render("comparison_upload.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, form=_form(old, sent))


def _form(old: str, sent: dict[str, Manifests]) -> ComparisonForm:
    days = int(current_app.config["KEEP_DAYS"])
    return ComparisonForm(
        action=url_for("comparison_upload.against", topology_id=old) if old else url_for("comparison_upload.upload"),
        sides=tuple(_uploads(old, sent)),
        keep_choices=keep_choices(days),
        keep=request.form.get("keep", days, type=int),
        most=megabytes(current_app.config["MAX_UPLOAD_BYTES"]),
    )


def _uploads(old: str, sent: dict[str, Manifests]) -> Iterator[ComparedUpload]:
    for side, title in (("old-", "Before"), ("new-", "After")):
        if old and side == "old-":
            yield ComparedUpload(side=side, title=title, given=open_or_404(old).name)
            continue
        manifests = sent.get(side)
        wrong = manifests is not None and not manifests.is_usable
        yield ComparedUpload(
            side=side,
            title=title,
            text=request.form.get(f"{side}text", ""),
            error=_error(manifests) if manifests is not None and wrong else "",
            problems=manifests.problems[:20] if manifests is not None and wrong else (),
        )


def _error(manifests: Manifests) -> str:
    return "Nothing in there could be drawn." if was_sent(manifests) else "Choose a file or paste something."
