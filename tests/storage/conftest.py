"""A store in memory, on disk, and on PostgreSQL where NODEFALL_TEST_POSTGRES names one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from webapp.storage import Store


@pytest.fixture(
    params=[
        pytest.param("memory", id="SQLite in memory"),
        pytest.param("file", id="SQLite in a file"),
        pytest.param("postgres", id="PostgreSQL", marks=pytest.mark.postgres),
    ]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Open an empty store."""
    opened = Store(_url(request.param, tmp_path))
    yield opened
    if request.param == "postgres":
        with opened.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE topologies"))
    opened.close()


def _url(kind: str, directory: Path) -> str:
    if kind == "postgres":
        url = os.environ.get("NODEFALL_TEST_POSTGRES")
        if not url:
            pytest.skip("set NODEFALL_TEST_POSTGRES to the URL of a PostgreSQL database to test against it")
        return url
    return "sqlite://" if kind == "memory" else f"sqlite:///{directory / 'topologies.sqlite3'}"
