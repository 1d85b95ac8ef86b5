"""The path below which nodefall stands on a server that it shares with others."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask) -> None:
    """Have every link begin with the path of PUBLIC_URL, if it has one."""
    if prefix := urlsplit(str(app.config["PUBLIC_URL"])).path.rstrip("/"):
        app.wsgi_app = Prefixed(app.wsgi_app, prefix)  # type: ignore[method-assign]


class Prefixed:
    """Tells the app its prefix, whether the proxy in front leaves that in the address or takes it out."""

    def __init__(self, app: "WSGIApplication", prefix: str) -> None:
        self._app, self._prefix = app, prefix

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, below the prefix."""
        path = environ.get("PATH_INFO", "")
        # A proxy that names a prefix has taken it out; what follows may begin with the same word.
        if not environ.get("SCRIPT_NAME") and f"{path}/".startswith(f"{self._prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(self._prefix) or "/"
        environ["SCRIPT_NAME"] = self._prefix
        return self._app(environ, start_response)
