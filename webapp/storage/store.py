"""Saving, loading, deleting and expiring stored topologies."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from webapp.manifests.manifests import VERSION, Manifests
from webapp.storage.document import decode, encode
from webapp.storage.shared_views import SharedViews
from webapp.storage.tables import metadata, topologies
from webapp.storage.tokens import digest, is_token_of


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a stored topology without reading it."""

    id: str
    name: str
    created: datetime
    expires: datetime
    deletable: bool
    """Somebody holds the token that deletes it."""
    size: int
    """Bytes of its document, compressed."""


class Store:
    """The table of topologies in one database."""

    def __init__(self, url: str) -> None:
        """Connect to `url` and make the table if it is missing."""
        self.engine = sa.create_engine(url, **_engine_options(url))
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _tune_sqlite)
        metadata.create_all(self.engine)
        self.shared_views = SharedViews(self.engine)

    def save(
        self,
        manifests: Manifests,
        *,
        name: str,
        keep: timedelta,
        now: datetime,
        delete_token: str | None = None,
        topology_id: str = "",
    ) -> str:
        """Store `manifests` until `now` + `keep` and return the id: a new one, or the one that was set aside for it."""
        # 128 random bits: whoever knows the id may read the set, and nobody can guess it.
        topology_id = topology_id or secrets.token_urlsafe(16)
        row = {
            "id": topology_id,
            # SQLite would take a longer one, PostgreSQL refuses it.
            "name": name[:200],
            "created": int(now.timestamp()),
            "expires": int((now + keep).timestamp()),
            "delete_token": digest(delete_token) if delete_token else None,
            "version": VERSION,
            "document": encode(manifests),
        }
        with self.engine.begin() as connection:
            # A worker that was stopped may have stored it already, before another one did the same again.
            connection.execute(topologies.delete().where(topologies.c.id == topology_id))
            connection.execute(topologies.insert(), row)
        return topology_id

    def describe(self, topology_id: str, now: datetime) -> Stored | None:
        """Return what is known of a topology; None if there is none, or no longer."""
        columns = (topologies.c.id, topologies.c.name, topologies.c.created, topologies.c.expires)
        deletable, size = topologies.c.delete_token.is_not(None), sa.func.length(topologies.c.document)
        query = sa.select(*columns, deletable, size).where(*_alive(topology_id, now))
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        created, expires = (datetime.fromtimestamp(seconds, UTC) for seconds in row[2:4])
        return Stored(row[0], row[1], created, expires, row[4], row[5])

    def ping(self) -> None:
        """Ask the database something.

        Raises:
            SQLAlchemyError: it does not answer.

        """
        with self.engine.connect() as connection:
            connection.execute(sa.select(topologies.c.id).limit(1))

    def usage(self) -> tuple[int, int]:
        """Return how many topologies are kept, and how many bytes their documents take."""
        query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.func.length(topologies.c.document)), 0))
        with self.engine.connect() as connection:
            count, size = connection.execute(query.select_from(topologies)).one()
        return int(count), int(size)

    def load(self, topology_id: str, now: datetime) -> Manifests | None:
        """Return the manifests of a topology; None if there is none, or no longer."""
        query = sa.select(topologies.c.document, topologies.c.version).where(*_alive(topology_id, now))
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else decode(row.document, row.version)

    def delete(self, topology_id: str, delete_token: str) -> bool:
        """Delete a topology whose token this is; return whether it was."""
        query = sa.select(topologies.c.delete_token).where(topologies.c.id == topology_id)
        with self.engine.begin() as connection:
            known = connection.execute(query).scalar_one_or_none()
            if known is None or not is_token_of(delete_token, known):
                return False
            connection.execute(topologies.delete().where(topologies.c.id == topology_id))
            self.shared_views.forget(connection, topology_id)
        return True

    def withdraw(self, delete_token: str) -> int:
        """Delete all that was stored with this token and return how many that were."""
        statement = topologies.delete().where(topologies.c.delete_token == digest(delete_token))
        with self.engine.begin() as connection:
            return connection.execute(statement).rowcount

    def expire(self, now: datetime) -> int:
        """Delete what has expired and return how many sets that were."""
        statement = topologies.delete().where(topologies.c.expires <= int(now.timestamp()))
        with self.engine.begin() as connection:
            self.shared_views.expire(connection, now)
            return connection.execute(statement).rowcount

    def close(self) -> None:
        """Close the connections that are not in use."""
        self.engine.dispose()


def _alive(topology_id: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return topologies.c.id == topology_id, topologies.c.expires > int(now.timestamp())


def is_in_memory(url: str) -> bool:
    """Return whether the database is one that only this process sees, and that ends with it."""
    return sa.make_url(url).database in (None, "", ":memory:") and url.startswith("sqlite")


def _engine_options(url: str) -> dict[str, Any]:
    """Return what keeps a database in memory alive: its one connection, which threads take in turn."""
    if is_in_memory(url):
        one = {"hide_parameters": True, "pool_size": 1, "max_overflow": 0, "connect_args": {"check_same_thread": False}}
        return {"poolclass": sa.QueuePool} | one
    # A PostgreSQL that was restarted, or a firewall, has closed connections without a word.
    # What was to be stored must not get into a log by way of an error's text.
    return {"pool_pre_ping": True, "hide_parameters": True}


def _tune_sqlite(connection: Any, _record: object) -> None:
    """Let readers and one writer work at once (WAL) and wait for each other instead of failing."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # With WAL, a machine that loses its power may forget the last upload, but the file stays whole.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
