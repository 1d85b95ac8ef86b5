"""One database: how it is reached, how long it may take, and what a confirmed transaction promises.

A transaction that was confirmed is on the disk: SQLite waits for it (``synchronous=FULL``), PostgreSQL does so by
itself. What can't be done is a ``SQLAlchemyError``, within `DatabaseLimits.seconds`: a database that is away, locked,
full, or, where it is a file, removed.
"""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from webapp.storage.hung import Breaker, Watch
from webapp.storage.migrations import create, upgrade


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseLimits:
    """What one process takes of a database, and how long it waits for it."""

    connections: int = 10
    seconds: float = 5
    """For a connection, a lock, or a statement."""


DEFAULT_LIMITS = DatabaseLimits()
# Bytes: an ordinary upload takes a tenth.
_LEAST_ROOM = 1 << 20


class Database:
    """A database by its URL. Nothing is asked of it before the first transaction, or before `prepare`."""

    def __init__(self, url: str, limits: DatabaseLimits = DEFAULT_LIMITS) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.file = _file(self.url)
        self._watch: Watch | None = None
        self._breaker: Breaker | None = None
        self.engine = sa.create_engine(_existing(self.url), **_engine_options(self.url, limits))
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _sqlite_settings(limits))
        elif self.url.get_backend_name() == "postgresql":
            sa.event.listen(self.engine, "connect", _postgres_settings(limits))
            # It is to say itself that a statement took too long, with a little time for saying so.
            self._watch = Watch(self.engine, limits.seconds * 1.2)
            self._breaker = Breaker(limits.seconds)
        if self.file:
            _watch(self.engine, self.file)
        if is_in_memory(url):
            create(self.engine)

    def prepare(self) -> None:
        """Make the tables, or bring those of an earlier version up to date; any number of processes may do so at once.

        Raises:
            SQLAlchemyError: the database can't be reached or written.
            ValueError: a newer nodefall made its tables.

        """
        if not is_in_memory(self.url):
            upgrade(self.url)

    def reading(self) -> sa.Connection:
        """Give a connection that only reads."""
        return self._breaker.connect(self.engine) if self._breaker else self.engine.connect()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a transaction that is done, and kept, once the block has ended; after an error nothing of it stays."""
        with self.reading() as connection:
            with connection.begin():
                if self.is_sqlite:
                    # Else one that reads first would not wait for another writer, but fail.
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
            if self.file:
                if connection.info["file"] != _identity(self.file):
                    raise _failure("COMMIT", f"{self.file} was removed or replaced while it was written")
                _empty_log(connection)

    def check_disk(self) -> None:
        """Raise where the disk of an SQLite file has no room for an upload, though some for a row."""
        if self.file and shutil.disk_usage(self.file.parent).free < _LEAST_ROOM:
            raise _failure("SELECT", f"the disk of {self.file} is full")

    def close(self) -> None:
        """Close the connections that are not in use."""
        if self._watch:
            self._watch.close()
        self.engine.dispose()


def is_in_memory(url: str | sa.URL) -> bool:
    """Return whether the database is one that only this process sees, and that ends with it."""
    parsed = sa.make_url(url)
    return parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:")


# --- SQLite


def _file(url: sa.URL) -> Path | None:
    """Return the file of an SQLite database; None for others, and where the URL itself says how it is opened."""
    if url.get_backend_name() != "sqlite" or is_in_memory(url) or "uri" in url.query:
        return None
    return Path(str(url.database)).absolute()


def _existing(url: sa.URL) -> sa.URL:
    """Return a URL by which SQLite opens the file that is there, and never makes an empty one."""
    if (file := _file(url)) is None:
        return url
    return url.set(database=file.as_uri()).update_query_dict({"mode": "rw", "uri": "true"})


def _engine_options(url: sa.URL, limits: DatabaseLimits) -> dict[str, Any]:
    # What was to be stored must not get into a log by way of an error's text.
    common = {"hide_parameters": True, "poolclass": sa.QueuePool, "max_overflow": 0, "pool_timeout": limits.seconds}
    if is_in_memory(url):
        # One connection keeps it alive; threads take it in turn.
        return common | {"pool_size": 1, "connect_args": {"check_same_thread": False}}
    options = common | {"pool_size": limits.connections}
    if url.get_driver_name() == "psycopg":
        given = {name: value for name, value in _psycopg_options(limits).items() if name not in url.query}
        options["connect_args"] = given
    return options


def _sqlite_settings(limits: DatabaseLimits) -> Any:
    """Return what makes each commit wait for the disk, and let readers and one writer wait for each other."""

    def settle(connection: sqlite3.Connection, _record: object) -> None:
        # Of 50 kB a commit takes 1 ms instead of 0.1, of 9 MB 49 ms instead of 48 (with an SSD): in return a machine
        # that loses its power has every upload whose address was handed out.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA busy_timeout={int(limits.seconds * 1000)}")

    return settle


def _watch(engine: sa.Engine, file: Path) -> None:
    """Let no connection be used whose file is gone, or is another one now: what it stored would be found nowhere."""

    @sa.event.listens_for(engine, "connect")
    def remember(_connection: object, record: Any) -> None:
        record.info["file"] = _identity(file)

    @sa.event.listens_for(engine, "checkout")
    def check(_connection: object, record: Any, _proxy: object) -> None:
        if record.info["file"] != _identity(file):
            # The pool opens the file that is there now, or says that there is none.
            raise sa.exc.InvalidatePoolError("The database file was replaced.")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _failure(statement: str, reason: str) -> sa.exc.OperationalError:
    return sa.exc.OperationalError(statement, None, sqlite3.OperationalError(reason), hide_parameters=True)


def _empty_log(connection: sa.Connection) -> None:
    """Move all from the write-ahead log into the file, if nobody reads the old state just now.

    A log that stays would be applied to whatever file is put in the database's place, and be missing from a copy of it.
    """
    # It is done already; a disk without room for this has the log all the same.
    with contextlib.suppress(sa.exc.SQLAlchemyError):
        timeout = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
        connection.exec_driver_sql(f"PRAGMA busy_timeout={timeout}")


# --- PostgreSQL


def _psycopg_options(limits: DatabaseLimits) -> dict[str, Any]:
    return {
        "connect_timeout": max(1, round(limits.seconds)),
        # A server that vanished confirms nothing more; without this a request would wait for a quarter of an hour.
        "tcp_user_timeout": int(limits.seconds * 1000),
        "keepalives_idle": 30,
        # PgBouncer hands each transaction to another connection, which would not know the statement.
        "prepare_threshold": None,
        "application_name": "nodefall",
    }


def _postgres_settings(limits: DatabaseLimits) -> Any:
    def settle(connection: Any, _record: object) -> None:
        # Outside of a transaction, as one that is rolled back would take these along.
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                cursor.execute(f"SET {name} = '{int(limits.seconds * 1000)}ms'")
        connection.autocommit = False

    return settle
