"""What to do where a limit is in the way: the pages about limits list it, each with a line to copy."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, current_app

from webapp.capture import CAPTURE
from webapp.findings.selection import UNUSED_BUILT_IN
from webapp.limits import DEFAULT
from webapp.views.page.rendering import render
from webapp.views.page.wording import megabytes


@dataclass(frozen=True, slots=True)
class WayRound:
    """One way round a limit."""

    id: str
    icon: str
    title: str
    detail: str
    line: str = ""
    """What to type or to set."""


OWN_MACHINE = WayRound(
    "command",
    "lock",
    "Run nodefall on your own machine",
    "Nothing is uploaded, and the limits are yours.",
    "nodefall serve dump.yaml --open",
)
_LESS = WayRound(
    "less",
    "file",
    "Send less of the cluster",
    "All nodes, and only the namespaces in question.",
    # Nodes are in no namespace: all of them come along.
    CAPTURE.replace(" -A ", " -n shop ") + " > shop.yaml",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimit:
    """What the page about too large an upload says."""

    status: int
    message: str
    removable: tuple[str, ...]
    """Kinds that a browser may leave out: they change no answer, not even that Pods may come from elsewhere."""
    ways: tuple[WayRound, ...]
    others: str


def limit_message() -> str:
    """Return which of the two limits of the web app there are."""
    size, files = current_app.config["MAX_UPLOAD_BYTES"], current_app.config["MAX_UPLOAD_FILES"]
    return f"An upload may have {megabytes(size)}, unpacked, and {files:,} files. Send only the manifests."


def upload_limit(status: HTTPStatus = HTTPStatus.REQUEST_ENTITY_TOO_LARGE) -> Response:
    """Answer with the page about too large an upload; its script adds what fills it, where that is known."""
    size = int(current_app.config["MAX_UPLOAD_BYTES"])
    limit = UploadLimit(
        status=status,
        message=limit_message(),
        removable=tuple(sorted(UNUSED_BUILT_IN)),
        ways=(
            OWN_MACHINE,
            _LESS,
            WayRound(
                "archive", "refused", "A .zip or .tar.gz", f"Not enough here: it may have {megabytes(size)} unpacked."
            ),
            more("Let it take more. Reading 10 MB takes about a second and a half of one core.", "MAX_UPLOAD_BYTES", 2),
        ),
        others=f"{DEFAULT.files:,} files, {DEFAULT.documents:,} documents, {DEFAULT.nodes:,} values",
    )
    return render("jobs/too_large.html", status=status, limit=limit)


def more(detail: str, setting: str, times: float) -> WayRound:
    """Return the way of whoever runs the server: a setting, so many times as large."""
    line = f"NODEFALL_{setting}={max(int(times * int(current_app.config[setting])), 1)}"
    return WayRound("setting", "info", "You run this server?", detail, line)
