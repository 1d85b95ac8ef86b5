"""Style sheets, scripts and icons: served under names that carry a hash of what is in them, and kept for good."""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import brotli
from flask import Flask, Response, abort, make_response, request

from webapp.paths import resource_directory
from webapp.views.site.compression import compress

_HASHED = re.compile(r"(?P<stem>.+)\.(?P<hash>[0-9a-f]{12})(?P<suffix>\.\w+)")
# What people need to read a style sheet and browsers don't: a tenth of it on the wire.
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_NAMED = re.compile(r"(?<=url\()\.\./fonts/[\w-]+\.woff2(?=\))")
_A_YEAR = 365 * 24 * 3600
# Slower and smaller than for pages: each file is compressed once, all those of a page in a fifth of a second.
_ENCODERS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "br": lru_cache(lambda data: bytes(brotli.compress(data, quality=11))),
        "gzip": lru_cache(lambda data: gzip.compress(data, mtime=0)),
    }
)


def init_app(app: Flask) -> None:
    """Serve the files, and have ``url_for("static", filename=...)`` give the name with the hash."""
    top = resource_directory("static")
    files = {path.relative_to(top).as_posix(): path for path in top.rglob("*") if path.is_file()}

    def add_hash(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (path := files.get(values["filename"])):
            values["filename"] = _hashed_name(path, values["filename"])

    def send(filename: str) -> Response:
        hashed = _HASHED.fullmatch(filename)
        path = files.get(hashed["stem"] + hashed["suffix"] if hashed else filename)
        if path is None:
            abort(404)
        return _file(path, hashed["hash"] if hashed else "")

    app.url_defaults(add_hash)
    app.add_url_rule("/static/<path:filename>", "static", send)


def _file(path: Path, asked: str) -> Response:
    """Return a file; what the page of another release asks for by its own hash is here what this release has."""
    response = make_response(_content(path))
    response.mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    response.set_etag(_hash(path))
    if asked == _hash(path):
        response.cache_control.public = True
        response.cache_control.max_age = _A_YEAR
        # Without this word a reload asks again for each file, however long it may be kept.
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return compress(response, _ENCODERS)


def _hash(path: Path) -> str:
    return _hash_of(path, path.stat().st_mtime_ns)


@lru_cache
def _hash_of(path: Path, changed: int) -> str:  # noqa: ARG001 - a file that is edited while the server runs has another
    return hashlib.sha256(_content(path)).hexdigest()[:12]


def _content(path: Path) -> bytes:
    """Return what is sent: a style sheet without comments, and the fonts beside it named with their hashes."""
    if path.suffix != ".css":
        return path.read_bytes()
    sheet = _BLANKS.sub(" ", _COMMENT.sub("", path.read_text(encoding="utf-8")))
    return _NAMED.sub(lambda found: _hashed_name(path.parent / found[0], found[0]), sheet).encode()


def _hashed_name(path: Path, name: str) -> str:
    return name.removesuffix(path.suffix) + f".{_hash(path)}{path.suffix}"
