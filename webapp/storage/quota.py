"""How much may be stored: by everybody together, and by one client in an hour.

What is stored is counted in a table of its own, in the transaction that stores or deletes it. So the bounds hold for
any number of processes, and looking takes milliseconds where the documents would have to be walked.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

import sqlalchemy as sa

from webapp.storage.tables import stored_sizes as table

HOUR = 3600
ROW_BYTES = 1000
"""What a row takes in tables and indexes beside its document; a title and a note included."""
_SOONEST = 60
# Any number that nothing else in the same PostgreSQL database takes.
_LOCK = int.from_bytes(b"fallnode", "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Bytes that may be stored; 0: any number."""

    total: int = 0
    client_hour: int = 0
    """By one client address within an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSize:
    """What is to be stored, as far as it counts."""

    id: str
    size: int
    expires: int
    """Unix time in seconds."""


class QuotaError(Exception):
    """Something can't be stored now."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"No room; there may be in {retry_after} s")
        self.retry_after = retry_after
        """Seconds until some of the room is free again."""


class StorageFullError(QuotaError):
    """All that may be stored is stored."""


class ClientQuotaError(QuotaError):
    """The client has stored as much as it may in an hour."""


def client_key(address: str) -> str:
    """Return what is stored of a client's address for an hour: a digest, for IPv6 of its network of 64 bits.

    A household or a server has such a network, and could store from each of its addresses.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return hashlib.sha256(address.encode()).hexdigest() if address else ""
    if isinstance(parsed, IPv6Address):
        parsed = parsed.ipv4_mapped or ip_network((parsed, 64), strict=False).network_address
    return hashlib.sha256(str(parsed).encode()).hexdigest()


def check(connection: sa.Connection, quota: Quota, size: int, client: str, now: datetime) -> None:
    """Raise if `size` bytes more than what is stored are too many.

    Raises:
        StorageFullError: for the server.
        ClientQuotaError: for this client; an empty one has no limit.

    """
    seconds = int(now.timestamp())
    if quota.client_hour and client:
        lately = sa.select(table.c.created, table.c.size).where(
            table.c.client == client, table.c.created > seconds - HOUR
        )
        rows = [(int(row.created), int(row.size)) for row in connection.execute(lately.order_by(table.c.created))]
        if (excess := sum(taken for _, taken in rows) + size - quota.client_hour) > 0:
            raise ClientQuotaError(_seconds_until_free(rows, excess, seconds))
    if quota.total and used(connection) + size > quota.total:
        first = connection.execute(sa.select(sa.func.min(table.c.expires))).scalar_one() or 0
        raise StorageFullError(min(HOUR, max(_SOONEST, first - seconds)))


def _seconds_until_free(rows: Sequence[tuple[int, int]], excess: int, now: int) -> int:
    for created, taken in rows:
        excess -= taken
        if excess <= 0:
            return max(_SOONEST, created + HOUR - now)
    # It is more than one client may store in an hour at all.
    return HOUR


def enter(connection: sa.Connection, quota: Quota, entries: Sequence[StoredSize], client: str, now: datetime) -> None:
    """Count what is stored in this transaction.

    Raises:
        StorageFullError: it is too much for the server.
        ClientQuotaError: it is too much for this client.

    """
    if connection.dialect.name == "postgresql":
        # One at a time from here to the end of the transaction, as SQLite has it anyway: two that look at once would
        # both find the last room free.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    check(connection, quota, sum(entry.size for entry in entries), client, now)
    created = int(now.timestamp())
    connection.execute(
        table.insert(),
        [
            {"id": entry.id, "client": client, "created": created, "expires": entry.expires, "size": entry.size}
            for entry in entries
        ],
    )


def leave(connection: sa.Connection, ids: Iterable[str]) -> None:
    """Give back what is deleted in this transaction."""
    connection.execute(table.delete().where(table.c.id.in_(list(ids))))


def prolong(connection: sa.Connection, entry_id: str, expires: int) -> None:
    """Count something until another time."""
    connection.execute(table.update().where(table.c.id == entry_id).values(expires=expires))


def is_outdated(connection: sa.Connection, now: datetime) -> bool:
    """Return whether there is anything for `expire` to do."""
    # One after the other, as each has an index.
    return any(
        connection.execute(sa.select(table.c.id).where(due).limit(1)).first() is not None
        for due in (_expired(now), _of_an_hour_ago(now))
    )


def expire(connection: sa.Connection, now: datetime) -> None:
    """Give back what has expired, and forget who stored what more than an hour ago."""
    connection.execute(table.delete().where(_expired(now)))
    connection.execute(table.update().where(_of_an_hour_ago(now)).values(client=""))


def _expired(now: datetime) -> sa.ColumnElement[bool]:
    return table.c.expires <= int(now.timestamp())


def _of_an_hour_ago(now: datetime) -> sa.ColumnElement[bool]:
    # Greater, not unequal: for that no index is of use.
    return sa.and_(table.c.client > "", table.c.created <= int(now.timestamp()) - HOUR)


def used(connection: sa.Connection) -> int:
    """Return the bytes that all take that is stored."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.sum(table.c.size), 0))).scalar_one())
