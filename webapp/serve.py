"""Starts the web app under waitress and ends it cleanly."""

import logging
import os
import signal
import sys
import time
import webbrowser
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Thread

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer, create_server
from waitress.utilities import RequestEntityTooLarge

from webapp.following import FollowedSource, Following
from webapp.manifests.manifests import Manifests
from webapp.slow_clients import SPARE, TimedChannel, allow_files
from webapp.storage import QuotaError
from webapp.views import create_app
from webapp.views.following import follow
from webapp.views.site.storage_faults import DISK_FULL, NO_ROOM

# Up to 16 of them only wait for workers, see webapp/views/waiting.py.
THREADS = 32
FINISHING = 25
"""Seconds that requests have to be finished after SIGTERM; Kubernetes kills after 30."""


def run(
    *,
    host: str,
    port: int,
    open_browser: bool,
    database: str | None,
    manifests: Manifests | None,
    source: FollowedSource | None = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM; with `manifests`, store them and print (or open) their address.

    With a `source`, which they were read from, it is read again and again, and open pages follow.
    The address is printed only when the socket listens, so that it can be opened at once.
    """
    # Each page fetches half a dozen files at once; that they queue for a moment is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        settings: dict[str, object] = {"DATABASE_URL": database} if database else {}
        app = create_app(settings | {"FOLLOWS": source.name if source else ""})
    except (ValueError, SQLAlchemyError) as error:
        # A setting that can't be, or a database that isn't there: one line for whoever wrote it.
        click.echo(f"nodefall: {str(error).splitlines()[0]}.", err=True)
        sys.exit(2)
    connections: dict[int, object] = {}
    _end_gently(app, connections)
    TimedChannel.parser_class = LargeBodies
    TcpWSGIServer.channel_class = TimedChannel
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            # Looks one request ahead, by which it sees that a client has hung up.
            channel_request_lookahead=1,
            connection_limit=allow_files(app.config["MAX_CONNECTIONS"]) + SPARE,
            channel_timeout=30,
            cleanup_interval=5,
            # Beyond 1,023 open files select() fails.
            asyncore_use_poll=True,
            map=connections,
            # Else waitress takes them out of each request, before ProxyFix can see them.
            clear_untrusted_proxy_headers=not app.config["TRUSTED_PROXIES"],
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + (1 << 16),
        )
    except OSError as error:
        click.echo(f"nodefall: can't listen on {host}:{port}: {error.strerror}. Try another --port.", err=True)
        sys.exit(1)
    # A name such as localhost may stand for several sockets.
    listening = getattr(server, "effective_listen", None) or [(host, server.effective_port)]
    base = f"http://{'[' + host + ']' if ':' in host else host}:{listening[0][1]}"
    url = f"{base}/t/{_opened(app, manifests, source)}" if manifests else f"{base}/"
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


def _end_gently(app: Flask, connections: Mapping[int, object]) -> None:
    """On SIGTERM, say that no more requests are wanted, finish those that are here, then end.

    In a container this is process 1, and gets only those signals that it has a handler for (pid_namespaces(7)).
    """

    def end(*_: object) -> None:
        operation = app.extensions["nodefall-operation"]
        # The second one is sent when all is finished, or by somebody who doesn't want to wait.
        if operation.ending:
            raise KeyboardInterrupt
        # Whoever balances load looks at this; requests that it sends meanwhile are still answered.
        operation.ending = True
        Thread(target=_wait_and_end, args=(app, connections), daemon=True).start()

    signal.signal(signal.SIGTERM, end)


def _wait_and_end(app: Flask, connections: Mapping[int, object]) -> None:
    time.sleep(app.config["ENDING_SECONDS"])
    deadline = time.monotonic() + FINISHING
    while time.monotonic() < deadline and any(map(_is_busy, list(connections.values()))):
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)


def _is_busy(connection: object) -> bool:
    """Return whether a request of this connection is still coming in, being answered, or its answer not all sent."""
    if not isinstance(connection, TimedChannel):
        return False
    return bool(connection.request or connection.requests or connection.total_outbufs_len)


def _opened(app: Flask, manifests: Manifests, source: FollowedSource | None) -> str:
    """Store what the command line named, follow it where that is wanted, and return the id of the set."""
    if source is None:
        return _stored(app, manifests, ", ".join(file.name for file in manifests.files[:3]))
    name = source.name
    followed = Following(source, lambda read: _stored(app, read, name), lambda: datetime.now().astimezone(), manifests)
    follow(app, followed)
    followed.start()
    return followed.newest.id


def _stored(app: Flask, manifests: Manifests, name: str) -> str:
    keep = timedelta(days=app.config["KEEP_DAYS"])
    topologies = app.extensions["nodefall"]
    try:
        topology_id: str = topologies.store.save(manifests, name=name, keep=keep, now=datetime.now(UTC))
    except (SQLAlchemyError, QuotaError) as error:
        raise OSError("the database takes no more of them.") from error
    topologies.remember(topology_id, manifests)
    return topology_id


# Waitress's own 413 is a line of plain text: the app says the same in a page, and with the limit.
class LargeBodies(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """Hands a request on without the rest of its body where that is too large, or the disk full: the app says so."""

    error: object = None

    def received(self, data: bytes) -> int:
        """Take in data; return how much of it was of this request."""
        try:
            consumed: int = super().received(data)
        except OSError as error:
            # Bodies of half a megabyte and more are put into a temporary file.
            if error.errno not in DISK_FULL:
                raise
            return self._without_its_body(len(data))
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = None
            # One that comes in chunks says no length; what has come of it is over the limit.
            self.headers.setdefault("CONTENT_LENGTH", str(self.body_bytes_received))
            # What follows on this connection is the body, and no next request.
            self.headers["CONNECTION"] = "close"
        return consumed

    def _without_its_body(self, consumed: int) -> int:
        """Hand the request on, marked as one whose body could not be taken in."""
        self.body_rcv, self.completed = None, True
        self.headers |= {NO_ROOM: "1", "CONTENT_LENGTH": "0", "CONNECTION": "close"}
        return consumed
