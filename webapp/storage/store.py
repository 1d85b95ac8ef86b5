"""Saving, loading, deleting and expiring stored topologies."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from webapp.manifests.manifests import VERSION, Manifests
from webapp.storage import quota as quotas
from webapp.storage.database import DEFAULT_LIMITS, Database, DatabaseLimits, is_in_memory
from webapp.storage.document import decode, encode
from webapp.storage.quota import ROW_BYTES, Quota, StoredSize
from webapp.storage.shared_views import SharedViews
from webapp.storage.sweep import Sweeper
from webapp.storage.tables import shared_views, stored_sizes, topologies, write_checks
from webapp.storage.tokens import digest, is_token_of

_BATCH = 100
"""Rows that one statement deletes: of 9 MB each they take a second."""
UNLIMITED = Quota()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTopology:
    """What is to be stored."""

    manifests: Manifests
    name: str
    delete_token: str | None = None
    id: str = ""
    """The one that was set aside for it; empty: a new one."""


class Store:
    """The tables of topologies and shared views in one database.

    All methods raise a `SQLAlchemyError` where the database can't be reached, or can't store.
    """

    def __init__(self, url: str, quota: Quota = UNLIMITED, limits: DatabaseLimits = DEFAULT_LIMITS) -> None:
        """Name the database; `prepare` makes its tables."""
        self.database = Database(url, limits)
        self.engine = self.database.engine
        self.quota = quota
        self.shared_views = SharedViews(self.database, quota)
        self._sweeper: Sweeper | None = None

    def prepare(self) -> "Store":
        """Make the tables that are missing, delete what has expired from now on, and return the store.

        Raises:
            ValueError: a newer nodefall made the tables.

        """
        self.database.prepare()
        self.expire(datetime.now(UTC))
        if not is_in_memory(self.database.url):  # what is in memory is looked at before each upload only
            self._sweeper = Sweeper(self.expire)
        return self

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
        new = NewTopology(manifests=manifests, name=name, delete_token=delete_token, id=topology_id)
        return self.save_all([new], keep=keep, now=now)[0]

    def save_all(self, sets: Sequence[NewTopology], *, keep: timedelta, now: datetime, client: str = "") -> list[str]:
        """Store all of them or none, and return their ids.

        Raises:
            StorageFullError: the server may not store as much.
            ClientQuotaError: `client`, a :func:`client_key`, may not.

        """
        expires = int((now + keep).timestamp())
        rows = [_row(new, expires, now) for new in sets]
        ids = [str(row["id"]) for row in rows]
        entries = [
            StoredSize(id=str(row["id"]), size=len(row["document"]) + ROW_BYTES, expires=expires)  # type: ignore[arg-type]
            for row in rows
        ]
        with self.database.writing() as connection:
            # A worker that was stopped may have stored it already, before another one did the same again.
            connection.execute(topologies.delete().where(topologies.c.id.in_(ids)))
            quotas.leave(connection, ids)
            quotas.enter(connection, self.quota, entries, client, now)
            connection.execute(topologies.insert(), rows)
        return ids

    def check_room(self, client: str, now: datetime) -> None:
        """Raise at once where nothing more can be stored, before an upload is read.

        Raises:
            StorageFullError: by nobody.
            ClientQuotaError: by this client.

        """
        with self.database.reading() as connection:
            quotas.check(connection, self.quota, ROW_BYTES, client, now)

    def describe(self, topology_id: str, now: datetime) -> Stored | None:
        """Return what is known of a topology; None if there is none, or no longer."""
        columns = (topologies.c.id, topologies.c.name, topologies.c.created, topologies.c.expires)
        deletable, size = topologies.c.delete_token.is_not(None), sa.func.length(topologies.c.document)
        query = sa.select(*columns, deletable, size).where(*_alive(topology_id, now))
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        created, expires = (datetime.fromtimestamp(seconds, UTC) for seconds in row[2:4])
        return Stored(row[0], row[1], created, expires, row[4], row[5])

    def ping(self) -> None:
        """Ask the database something."""
        with self.database.reading() as connection:
            for table in (topologies, shared_views, stored_sizes):
                connection.execute(sa.select(table.c.id).limit(1))

    def try_writing(self, now: datetime) -> None:
        """Write something: a disk without room, a lock, or a server that only reads are found by nothing else."""
        self.database.check_disk()
        with self.database.writing() as connection:
            connection.execute(write_checks.update().values(checked=int(now.timestamp())))

    def usage(self) -> tuple[int, int]:
        """Return how many topologies are kept, and how many bytes all that is stored takes."""
        with self.database.reading() as connection:
            count = connection.execute(sa.select(sa.func.count(topologies.c.id))).scalar_one()
            return int(count), quotas.used(connection)

    def load(self, topology_id: str, now: datetime) -> Manifests | None:
        """Return the manifests of a topology; None if there is none, or no longer."""
        query = sa.select(topologies.c.document, topologies.c.version).where(*_alive(topology_id, now))
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else decode(row.document, row.version)

    def delete(self, topology_id: str, delete_token: str) -> bool:
        """Delete a topology whose token this is, with its shared views; return whether it was."""
        query = sa.select(topologies.c.delete_token).where(topologies.c.id == topology_id)
        with self.database.writing() as connection:
            known = connection.execute(query).scalar_one_or_none()
            if known is None or not is_token_of(delete_token, known):
                return False
            self._delete(connection, [topology_id])
        return True

    def withdraw(self, delete_token: str) -> int:
        """Delete all that was stored with this token and return how many that were."""
        query = sa.select(topologies.c.id).where(topologies.c.delete_token == digest(delete_token))
        with self.database.writing() as connection:
            ids = connection.execute(query).scalars().all()
            self._delete(connection, ids)
        return len(ids)

    def expire(self, now: datetime) -> int:
        """Delete what has expired and return how many sets that were."""
        count = 0
        while expired := self._expired(now):
            # One transaction each: uploads get their turn in between.
            with self.database.writing() as connection:
                self._delete(connection, expired)
            count += len(expired)
        with self.database.reading() as connection:
            is_due = self.shared_views.have_expired(connection, now) or quotas.is_outdated(connection, now)
        if is_due:
            with self.database.writing() as connection:
                self.shared_views.expire(connection, now)
                quotas.expire(connection, now)
        return count

    def _expired(self, now: datetime) -> Sequence[str]:
        query = sa.select(topologies.c.id).where(topologies.c.expires <= int(now.timestamp())).limit(_BATCH)
        with self.database.reading() as connection:
            return connection.execute(query).scalars().all()

    def _delete(self, connection: sa.Connection, ids: Sequence[str]) -> None:
        connection.execute(topologies.delete().where(topologies.c.id.in_(ids)))
        quotas.leave(connection, ids)
        self.shared_views.forget(connection, ids)

    def close(self) -> None:
        """End what `prepare` began, and close the connections that are not in use."""
        if self._sweeper is not None:
            self._sweeper.close()
        self.database.close()


def _row(new: NewTopology, expires: int, now: datetime) -> dict[str, object]:
    return {
        # 128 random bits: whoever knows the id may read the set, and nobody can guess it.
        "id": new.id or secrets.token_urlsafe(16),
        # SQLite would take a longer one, PostgreSQL refuses it.
        "name": new.name[:200],
        "created": int(now.timestamp()),
        "expires": expires,
        "delete_token": digest(new.delete_token) if new.delete_token else None,
        "version": VERSION,
        "document": encode(new.manifests),
    }


def _alive(topology_id: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return topologies.c.id == topology_id, topologies.c.expires > int(now.timestamp())
