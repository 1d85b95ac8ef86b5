"""Empty databases for tests: SQLite in memory and in a file, PostgreSQL where NODEFALL_TEST_POSTGRES names a server."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

MEMORY = pytest.param("memory", id="SQLite in memory")
FILE = pytest.param("file", id="SQLite in a file")
POSTGRES = pytest.param("postgres", id="PostgreSQL", marks=pytest.mark.postgres)


def postgres_server() -> str:
    """Return the URL of the server, or skip the test."""
    url = os.environ.get("NODEFALL_TEST_POSTGRES")
    if not url:
        pytest.skip("set NODEFALL_TEST_POSTGRES to the URL of a PostgreSQL database to test against it")
    return url


@contextlib.contextmanager
def empty_database(kind: str, directory: Path) -> Iterator[str]:
    """Give the URL of an empty database; a file is made in `directory`."""
    if kind != "postgres":
        yield "sqlite://" if kind == "memory" else f"sqlite:///{directory / 'topologies.sqlite3'}"
        return
    server = postgres_server()
    # A schema for one test alone: several run at once against one server.
    name, engine = f"nodefall_{uuid.uuid4().hex}", sa.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    yield sa.make_url(server).update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(False)
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(name, cascade=True))
    engine.dispose()
