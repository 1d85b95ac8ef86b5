"""The tables: made by any number of processes at once, and brought up to date from those of each earlier version."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from webapp.manifests.manifests import VERSION, Manifests
from webapp.manifests.objects import NodeObject, ObjectMeta, Source
from webapp.storage import Store
from webapp.storage.document import encode
from webapp.storage.quota import ROW_BYTES
from webapp.storage.shared_views import Caption
from webapp.storage.tables import metadata, shared_views, topologies

NOW = datetime.now(UTC)
SECONDS = int(NOW.timestamp())
IN_A_WEEK = SECONDS + 7 * 86400
NODE = Manifests(nodes=(NodeObject(metadata=ObjectMeta(name="worker-1"), source=Source(file="a.yaml", line=1)),))
TOP = Path(__file__).parents[2]


def tables_of(url: str) -> set[str]:
    """Return the names of what is in a database."""
    engine = sa.create_engine(url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_steps_make_the_tables_that_the_code_uses(database_url: str) -> None:
    """A table or column that is changed in one place alone is found here, by Alembic's own comparison."""
    Store(database_url).prepare().close()
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_database_in_memory_has_the_same_tables() -> None:
    """It is made without the steps, which take longer than most tests."""
    store = Store("sqlite://")
    assert set(sa.inspect(store.engine).get_table_names()) == set(metadata.tables)
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ten processes at the same moment are forked")
def test_ten_processes_start_at_once(database_url: str) -> None:
    """One makes the tables, the others wait; each can store."""
    command = [sys.executable, "-m", "tests.storage.many_starts", database_url]
    ids = subprocess.run(command, capture_output=True, text=True, check=True, cwd=TOP).stdout.split("\n")[:-1]
    store = Store(database_url)
    assert [(each, store.load(each, NOW)) for each in ids] == [(each, Manifests()) for each in ids]
    assert len(ids) == 10
    store.close()


@pytest.mark.parametrize("tables", [[topologies], [topologies, shared_views]], ids=["0.1", "0.2"])
def test_a_database_of_an_earlier_version_is_taken_over(database_url: str, tables: list[sa.Table]) -> None:
    """Made before there were steps: everything in it can still be opened, deleted and shared, and counts."""
    engine = sa.create_engine(database_url)
    metadata.create_all(engine, tables=tables)
    document = encode(NODE)
    with engine.begin() as connection:
        row = {"name": "old.yaml", "created": SECONDS, "expires": IN_A_WEEK, "delete_token": None}
        connection.execute(topologies.insert(), {"id": "old", **row, "version": VERSION, "document": document})
    engine.dispose()
    store = Store(database_url).prepare()
    assert store.load("old", NOW) == NODE
    assert store.usage() == (1, len(document) + ROW_BYTES)
    caption = Caption(title="T", note="", public=False, expires=NOW + timedelta(days=1))
    view_id = store.shared_views.save("old", "", caption, "key", now=NOW)
    assert store.shared_views.load(view_id, NOW) is not None
    store.close()


def test_shared_views_of_an_earlier_version_are_taken_over(database_url: str) -> None:
    """With their keys, and counted."""
    engine = sa.create_engine(database_url)
    metadata.create_all(engine, tables=[topologies, shared_views])
    with engine.begin() as connection:
        row = {"topology_id": "sample-shop", "query": "at=failed", "title": "T", "note": "", "public": True}
        connection.execute(shared_views.insert(), {"id": "old", **row, "expires": IN_A_WEEK, "edit_key": "0" * 64})
    engine.dispose()
    store = Store(database_url).prepare()
    view = store.shared_views.load("old", NOW)
    assert view is not None
    assert (view.query, view.title) == ("at=failed", "T")
    assert store.usage() == (0, len("at=failed") + ROW_BYTES)
    store.close()


def test_starting_again_changes_nothing(database_url: str) -> None:
    """A restart finds all done."""
    store = Store(database_url).prepare()
    saved = store.save(NODE, name="a.yaml", keep=timedelta(days=1), now=NOW)
    store.close()
    again = Store(database_url).prepare()
    assert again.load(saved, NOW) == NODE
    again.close()


def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    """Said in one sentence; what it holds may mean something else by now."""
    Store(database_url).prepare().close()
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ValueError, match="made by a newer nodefall"):
        Store(database_url).prepare()
    assert "topologies" in tables_of(database_url)


def test_steps_that_fail_leave_nothing_half_done(database_url: str) -> None:
    """All steps are one transaction: what is in the way is found as it was."""
    engine = sa.create_engine(database_url)
    metadata.create_all(engine, tables=[topologies])
    with engine.begin() as connection:
        # The last step makes a table of this name.
        connection.execute(sa.text("CREATE TABLE write_checks (something INTEGER)"))
    engine.dispose()
    with pytest.raises(sa.exc.SQLAlchemyError):
        Store(database_url).prepare()
    assert tables_of(database_url) == {"topologies", "write_checks"}


def test_a_worker_opens_a_database_without_alembic(database_url: str) -> None:
    """What the web process has prepared: importing it would add a tenth of a second to each start."""
    Store(database_url).prepare().close()
    look = "import sys; from webapp.storage import Store; Store(sys.argv[1]).ping(); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look, database_url], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
