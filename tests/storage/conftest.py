"""A store in each kind of database, and databases that several processes may open."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import FILE, MEMORY, POSTGRES, empty_database
from webapp.storage import Store


@pytest.fixture(params=[MEMORY, FILE, POSTGRES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Open an empty store."""
    with empty_database(request.param, tmp_path) as url:
        opened = Store(url)
        # Nothing is swept away by the clock of the machine: tests have times of their own.
        opened.database.prepare()
        yield opened
        opened.close()


@pytest.fixture(params=[FILE, POSTGRES])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database that several processes may open."""
    with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def postgres_url(tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    with empty_database("postgres", tmp_path) as url:
        yield url
