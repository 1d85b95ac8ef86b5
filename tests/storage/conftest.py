"""A store in memory, on disk, and on PostgreSQL where NODEFALL_TEST_POSTGRES names one."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from webapp.storage import Store

FILE = pytest.param("file", id="SQLite in a file")
POSTGRES = pytest.param("postgres", id="PostgreSQL", marks=pytest.mark.postgres)


@pytest.fixture(params=[pytest.param("memory", id="SQLite in memory"), FILE, POSTGRES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Open an empty store."""
    with contextlib.ExitStack() as stack:
        opened = Store(_url(request.param, tmp_path, stack))
        # Nothing is swept away by the clock of the machine: tests have times of their own.
        opened.database.prepare()
        stack.callback(opened.close)
        yield opened


@pytest.fixture(params=[FILE, POSTGRES])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database that several processes may open."""
    with contextlib.ExitStack() as stack:
        yield _url(request.param, tmp_path, stack)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    with contextlib.ExitStack() as stack:
        yield _url("postgres", Path(), stack)


def _url(kind: str, directory: Path, stack: contextlib.ExitStack) -> str:
    if kind == "postgres":
        url = os.environ.get("NODEFALL_TEST_POSTGRES")
        if not url:
            pytest.skip("set NODEFALL_TEST_POSTGRES to the URL of a PostgreSQL database to test against it")
        schema = stack.enter_context(_schema(url))
        return sa.make_url(url).update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(False)
    return "sqlite://" if kind == "memory" else f"sqlite:///{directory / 'topologies.sqlite3'}"


@contextlib.contextmanager
def _schema(url: str) -> Iterator[str]:
    """Make a schema for one test alone: several run at once against one server."""
    name, engine = f"nodefall_{uuid.uuid4().hex}", sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    yield name
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(name, cascade=True))
    engine.dispose()
