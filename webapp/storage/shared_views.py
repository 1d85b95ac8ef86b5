"""Shared views: a state of a topology that somebody gave a title, a note and a short address."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from webapp.storage import quota as quotas
from webapp.storage.database import Database
from webapp.storage.quota import ROW_BYTES, Quota, StoredSize
from webapp.storage.tables import shared_views as table
from webapp.storage.tokens import digest, is_token_of

MAX_TITLE = 80
MAX_NOTE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What its author says of a view."""

    title: str
    note: str
    public: bool
    """Chats show its verdict and picture, other sites may embed it, and search engines may find it."""
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedView(Caption):
    """What is kept of one."""

    id: str
    topology_id: str
    query: str
    """The state, as the map's address has it."""


class SharedViews:
    """The table of shared views in one database."""

    def __init__(self, database: Database, quota: Quota) -> None:
        self._database = database
        self._quota = quota

    def save(
        self, topology_id: str, query: str, caption: Caption, edit_key: str, *, client: str = "", now: datetime
    ) -> str:
        """Store a view and return its id.

        Raises:
            StorageFullError: the server may not store as much.
            ClientQuotaError: `client`, a :func:`client_key`, may not.

        """
        # 72 random bits are short enough to be read out, and too many to be tried.
        view_id = secrets.token_urlsafe(9)
        row = {
            "id": view_id,
            "topology_id": topology_id,
            "query": query,
            **_row(caption),
            "edit_key": digest(edit_key),
        }
        size = len(query.encode()) + ROW_BYTES
        entry = StoredSize(id=view_id, size=size, expires=int(caption.expires.timestamp()))
        with self._database.writing() as connection:
            quotas.enter(connection, self._quota, [entry], client, now)
            connection.execute(table.insert(), row)
        return view_id

    def load(self, view_id: str, now: datetime) -> SharedView | None:
        """Return a view; None if there is none, or no longer."""
        query = sa.select(table).where(table.c.id == view_id, table.c.expires > int(now.timestamp()))
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        kept = {name: row[name] for name in ("id", "topology_id", "query", "title", "note", "public")}
        return SharedView(**kept, expires=datetime.fromtimestamp(row["expires"], UTC))

    def is_editable(self, view_id: str, edit_key: str) -> bool:
        """Return whether this is the key of that view."""
        query = sa.select(table.c.edit_key).where(table.c.id == view_id)
        with self._database.reading() as connection:
            known = connection.execute(query).scalar_one_or_none()
        return known is not None and is_token_of(edit_key, known)

    def change(self, view_id: str, caption: Caption) -> None:
        """Store what its author says of a view again; the state that it shows stays."""
        with self._database.writing() as connection:
            connection.execute(table.update().where(table.c.id == view_id).values(**_row(caption)))
            quotas.prolong(connection, view_id, int(caption.expires.timestamp()))

    def delete(self, view_id: str) -> None:
        """Delete a view: its address leads nowhere any more."""
        with self._database.writing() as connection:
            connection.execute(table.delete().where(table.c.id == view_id))
            quotas.leave(connection, [view_id])

    def forget(self, connection: sa.Connection, topology_ids: Sequence[str]) -> None:
        """Delete all views of topologies that are being deleted."""
        its = table.c.topology_id.in_(topology_ids)
        quotas.leave(connection, connection.execute(sa.select(table.c.id).where(its)).scalars())
        connection.execute(table.delete().where(its))

    def have_expired(self, connection: sa.Connection, now: datetime) -> bool:
        """Return whether there are any that `expire` would delete."""
        return connection.execute(sa.select(table.c.id).where(_expired(now)).limit(1)).first() is not None

    def expire(self, connection: sa.Connection, now: datetime) -> None:
        """Delete the views that have expired."""
        connection.execute(table.delete().where(_expired(now)))


def _expired(now: datetime) -> sa.ColumnElement[bool]:
    return table.c.expires <= int(now.timestamp())


def _row(caption: Caption) -> dict[str, str | bool | int]:
    # The form has the same limits; a program may send more, which SQLite would take and PostgreSQL refuse.
    return {
        "title": caption.title[:MAX_TITLE],
        "note": caption.note[:MAX_NOTE],
        "public": caption.public,
        "expires": int(caption.expires.timestamp()),
    }
