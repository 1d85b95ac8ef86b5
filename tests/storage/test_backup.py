"""The commands of docs/operations.md bring back what was stored, and only that."""

import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases import postgres_server
from webapp.manifests.manifests import Manifests
from webapp.storage import Store

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
NOW = datetime.now(UTC)


def commands(program: str) -> list[str]:
    """Return the lines of the block that begins with this program."""
    (block,) = (
        each for each in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL) if each.startswith(program)
    )
    return block.splitlines()


def run(lines: list[str], directory: Path, **environ: str) -> None:
    """Run lines as they stand on the page."""
    # The page's python3 is whichever is first.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in lines:
        subprocess.run(line, shell=True, check=True, cwd=directory, env=os.environ | {"PATH": path} | environ)  # noqa: S602


def save(store: Store) -> str:
    """Store something."""
    return store.save(Manifests(), name="a.yaml", keep=timedelta(days=1), now=NOW, delete_token="t")  # noqa: S106


@pytest.mark.skipif(os.name != "posix", reason="the commands are for a POSIX shell")
def test_an_sqlite_file_is_backed_up_while_it_is_used_and_restored(tmp_path: Path) -> None:
    """What was deleted since is back, what was uploaded since is gone."""
    url = f"sqlite:///{tmp_path / 'nodefall.sqlite3'}"
    store = Store(url).prepare()
    before = save(store)
    with store.database.reading() as connection:
        connection.exec_driver_sql("SELECT id FROM topologies").all()
        run(commands("python3")[:1], tmp_path)
    after = save(store)
    store.delete(before, "t")
    store.close()
    run(commands("python3")[1:], tmp_path)
    check(url, before, after)


def check(url: str, before: str, after: str) -> None:
    """Expect the state of the backup, in a database that can be used."""
    store = Store(url).prepare()
    assert store.load(before, NOW) == Manifests()
    assert store.load(after, NOW) is None
    save(store)
    assert store.usage()[0] == 2
    store.close()


@pytest.fixture
def database() -> Iterator[str]:
    """Give the URL of a PostgreSQL database with nothing else in it: a backup is of all that is there."""
    server = postgres_server()
    if not shutil.which("pg_dump") or not shutil.which("pg_restore"):
        pytest.skip("pg_dump and pg_restore aren't here")
    name, engine = f"nodefall_{uuid.uuid4().hex}", sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name}"))
    engine.dispose()


@pytest.mark.postgres
@pytest.mark.skipif(os.name != "posix", reason="the commands are for a POSIX shell")
def test_a_postgresql_database_is_backed_up_while_it_is_used_and_restored(database: str, tmp_path: Path) -> None:
    """The same."""
    plain = sa.make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    store = Store(database).prepare()
    before = save(store)
    run(commands("pg_dump")[:1], tmp_path, DATABASE=plain)
    after = save(store)
    store.delete(before, "t")
    store.close()
    run(commands("pg_dump")[1:], tmp_path, DATABASE=plain)
    check(database, before, after)
