"""Starts the web app under waitress and ends it cleanly."""

import logging
import signal
import sys
import webbrowser
from datetime import UTC, datetime, timedelta

import click
from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.utilities import RequestEntityTooLarge

from webapp.manifests.manifests import Manifests
from webapp.views import create_app

# Up to 16 of them only wait for workers, see webapp/views/waiting.py.
THREADS = 32


def run(*, host: str, port: int, open_browser: bool, database: str | None, manifests: Manifests | None) -> None:
    """Serve until Ctrl-C or SIGTERM; with `manifests`, store them and print (or open) their address.

    The address is printed only when the socket listens, so that it can be opened at once.
    """
    # In a container this is process 1, and gets only those signals that it has a handler for (pid_namespaces(7)).
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Each page fetches half a dozen files at once; that they queue for a moment is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app = create_app({"DATABASE_URL": database} if database else {})
    HTTPChannel.parser_class = LargeBodies
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            # Looks one request ahead, by which it sees that a client has hung up.
            channel_request_lookahead=1,
            channel_timeout=30,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + (1 << 16),
        )
    except OSError as error:
        click.echo(f"nodefall: can't listen on {host}:{port}: {error.strerror}. Try another --port.", err=True)
        sys.exit(1)
    # A name such as localhost may stand for several sockets.
    listening = getattr(server, "effective_listen", None) or [(host, server.effective_port)]
    base = f"http://{'[' + host + ']' if ':' in host else host}:{listening[0][1]}"
    url = f"{base}/{_stored(app, manifests)}" if manifests else f"{base}/"
    click.echo(f"nodefall is at {url} (Ctrl-C ends it)")
    if open_browser:
        webbrowser.open(url)
    try:
        server.run()
    except KeyboardInterrupt:  # pragma: no cover - waitress usually takes it
        pass
    finally:
        server.close()
        app.extensions["nodefall-jobs"].close()
        click.echo("\nnodefall has ended.")


def _stored(app: Flask, manifests: Manifests) -> str:
    """Store what the command line named and return the path of its page."""
    name = ", ".join(file.name for file in manifests.files[:3])
    keep = timedelta(days=app.config["KEEP_DAYS"])
    store = app.extensions["nodefall"].store
    return "t/" + str(store.save(manifests, name=name, keep=keep, now=datetime.now(UTC)))


# Waitress's own 413 is a line of plain text: the app says the same in a page, and with the limit.
class LargeBodies(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """Hands a request with too large a body on without the rest of it; the app refuses it by its Content-Length."""

    error: object = None

    def received(self, data: bytes) -> int:
        """Take in data; return how much of it was of this request."""
        consumed: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = None
            # One that comes in chunks says no length; what has come of it is over the limit.
            self.headers.setdefault("CONTENT_LENGTH", str(self.body_bytes_received))
            # What follows on this connection is the body, and no next request.
            self.headers["CONNECTION"] = "close"
        return consumed
