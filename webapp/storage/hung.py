"""A PostgreSQL that takes requests and answers nothing: its disk hangs, or it was stopped.

Its own timeouts end nothing then, nor do those of TCP, as its kernel still answers; and the driver waits for ever. So a
connection that is in use for too long is cut, which the driver sees as a connection that was closed. Until the database
answers again one request at a time finds that out; the others fail at once, so that no thread is missing for what
needs no database.
"""

import contextlib
import os
import socket
import time
from threading import Condition, Thread
from typing import Any

import sqlalchemy as sa

_AGAIN = 1.0
"""Seconds between two tries of a database that did not answer."""


class Watch:
    """Cuts connections that are in use for longer than `seconds`."""

    def __init__(self, engine: sa.Engine, seconds: float) -> None:
        self._seconds = seconds
        self._changed = Condition()
        self._used: dict[Any, float] = {}
        """By the record of the pool, when it is to be given back."""
        self._thread: Thread | None = None
        self._closed = False
        sa.event.listen(engine, "checkout", self._checked_out)
        sa.event.listen(engine, "checkin", self._given_back)
        sa.event.listen(engine, "invalidate", self._given_back)

    def close(self) -> None:
        """End."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _checked_out(self, connection: Any, record: Any, _proxy: object) -> None:
        with self._changed:
            self._used[record] = time.monotonic() + self._seconds
            if self._thread is None:
                self._thread = Thread(target=self._run, daemon=True, name="nodefall database")
                self._thread.start()
            self._changed.notify_all()
        # Whether it still answers, after a restart of the server, or behind a firewall that forgot it. The pool's own
        # question would come before anybody watches.
        try:
            connection.autocommit = True  # one message instead of three
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.autocommit = False
        except Exception as error:
            self._given_back(connection, record)
            raise sa.exc.DisconnectionError("The connection is gone") from error

    def _given_back(self, _connection: object, record: Any, _error: object = None) -> None:
        with self._changed:
            self._used.pop(record, None)

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                for record in [record for record, due in self._used.items() if due <= now]:
                    del self._used[record]
                    _cut(record)
                self._changed.wait(min(self._used.values()) - now if self._used else None)


def _cut(record: Any) -> None:
    """End the connection below its driver, which waits for it in another thread."""
    with contextlib.suppress(Exception):  # it may have been closed just now
        copy = socket.socket(fileno=os.dup(record.dbapi_connection.fileno()))
        with copy:
            copy.shutdown(socket.SHUT_RDWR)


class Breaker:
    """Lets one request at a time find out whether a database answers again that did not."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._closed_until = 0.0

    def connect(self, engine: sa.Engine) -> sa.Connection:
        """Return a connection.

        Raises:
            SQLAlchemyError: there is none, or was none a moment ago.

        """
        now = time.monotonic()
        if self._closed_until:
            if now < self._closed_until:
                raise sa.exc.TimeoutError("The database did not answer a moment ago")
            self._closed_until = now + self._seconds
        try:
            connection = engine.connect()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError):
            self._closed_until = time.monotonic() + _AGAIN
            raise
        self._closed_until = 0.0
        return connection
