"""The worker process: it builds the app once, then answers one call after another until the pipe is closed."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from multiprocessing import connection, parent_process
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.wrappers import Response

from webapp.garbage import collect_rarely
from webapp.jobs.job import Answer, Call
from webapp.jobs.priority import lower_priority
from webapp.jobs.stages import Stage, observed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from wsgiref.types import WSGIApplication

Factory = Callable[[Mapping[str, object]], "WSGIApplication"]

REPORT_SECONDS = 0.1
"""Between two reports of one stage."""


def serve(pipe: "Connection[Any, Any]", factory: Factory, settings: Mapping[str, object]) -> None:
    """Answer the calls that come through the pipe."""
    # Ctrl-C reaches the whole group of processes; the server ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    lower_priority()
    collect_rarely()
    app = factory(settings)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            call = pipe.recv()
            with observed(_Reports(pipe)):
                answer = _answer(app, call)
            pipe.send(answer)


def _end_with_parent() -> None:
    """End at once when the server is gone, however it went: a long computation would not notice a closed pipe."""
    if (parent := parent_process()) is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


class _Reports:
    """Sends stages up the pipe, but not more often than anyone could read them."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe
        self._title, self._due = "", 0.0

    def __call__(self, stage: Stage) -> None:
        now = time.monotonic()
        if stage.title != self._title or stage.sketch or now >= self._due:
            self._title, self._due = stage.title, now + REPORT_SECONDS
            self._pipe.send(stage)


def _answer(app: "WSGIApplication", call: Call) -> Answer:
    response = _response(app, call.environ, call.body)
    if call.follows and response.location:
        # Made for what the app keeps of it: the browser asks for it in a moment, in a request with its own headers.
        _response(app, _led_to(call.environ, response.location))
    return Answer(response.status_code, tuple(response.headers.to_wsgi_list()), response.get_data())


def _response(app: "WSGIApplication", asked: Mapping[str, str], body: bytes = b"") -> Response:
    environ = {
        **asked,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    return Response.from_app(app, environ, buffered=True)


def _led_to(environ: Mapping[str, str], location: str) -> dict[str, str]:
    """Return the request that follows a redirect."""
    url = urlsplit(location)
    path = unquote_to_bytes(url.path).decode("latin-1").removeprefix(environ.get("SCRIPT_NAME", ""))
    sent = {"CONTENT_TYPE", "HTTP_CONTENT_ENCODING"}
    others = {name: value for name, value in environ.items() if name not in sent}
    return others | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": url.query}
