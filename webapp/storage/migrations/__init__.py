"""The steps from the tables of each earlier version to those of :mod:`webapp.storage.tables`, by Alembic.

A step is a module of ``versions/``. All that are missing run in one transaction, which one process at a time may have:
the others wait, and find them done.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from webapp.storage.tables import metadata, write_checks

PATIENCE = 60
"""Seconds that a process waits for another one's steps, or for those who use the database meanwhile."""
# Any number, as long as nothing else in the same PostgreSQL database takes the same one: "nodefall" as bytes.
LOCK = int.from_bytes(b"nodefall", "big")


def create(engine: sa.Engine) -> None:
    """Make the tables of this version in an empty database that nobody else sees."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(write_checks.insert(), {"id": 1, "checked": 0})


def upgrade(url: sa.URL) -> None:
    """Bring the tables up to date.

    Raises:
        SQLAlchemyError: the database can't be reached or written, or is in use for too long.
        ValueError: a newer nodefall made its tables.

    """
    # A tenth of a second, for the web app only.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    try:
        with _alone(engine) as connection:
            config.attributes["connection"] = connection
            if (known := _earlier(connection)) is not None:
                command.stamp(config, known)
            command.upgrade(config, "head")
    except CommandError as error:
        # Alembic's text names the step: in a newer version's database one that isn't here.
        raise ValueError(f"The database was made by a newer nodefall than this one ({error})") from error
    finally:
        engine.dispose()


def _earlier(connection: sa.Connection) -> str | None:
    """Return the step that a database is at which was made before there were any; None where Alembic knows it."""
    tables = sa.inspect(connection).get_table_names()
    if "alembic_version" in tables or "topologies" not in tables:
        return None
    return "0002" if "shared_views" in tables else "0001"


@contextlib.contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction that no other process has at the same time."""
    if engine.dialect.name == "sqlite":
        _use_write_ahead_log(engine)
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE * 1000}")
            # It takes DDL into the transaction as well, which Python's module begins for INSERT and the like only.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
            # A step may take as long as the database is large.
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            # Until the transaction ends, so that PgBouncer may be in between.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        yield connection


def _use_write_ahead_log(engine: sa.Engine) -> None:
    """Have readers and one writer work at once; the file remembers it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except sa.exc.OperationalError as error:
            # Whoever else has it open keeps this one from waiting: SQLite fails at once.
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
