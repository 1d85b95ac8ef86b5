"""A database that is away, locked, full, silent, removed or replaced: an error in time, and nothing half-done."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from tests.storage.relay import Relay
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import NodeObject, ObjectMeta, Source
from webapp.storage import DatabaseLimits, NewTopology, Store
from webapp.storage.hung import Breaker

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
QUICK = DatabaseLimits(seconds=0.5)
TOP = Path(__file__).parents[2]
PATIENCE = 30


def nodes(size: int = 0) -> Manifests:
    """Return a set with a node, and so many bytes that can't be compressed."""
    labels = {"bulk": Random(size).randbytes(size).hex()}  # noqa: S311 - no secret
    node = NodeObject(metadata=ObjectMeta(name="worker-1", labels=labels), source=Source(file="a.yaml", line=1))
    return Manifests(nodes=(node,))


def save(store: Store, manifests: Manifests | None = None) -> str:
    """Store something for a day."""
    return store.save(manifests or nodes(), name="a.yaml", keep=DAY, now=NOW)


def count(store: Store) -> int:
    """Return how many sets are stored."""
    return store.usage()[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the database is."""
    return tmp_path / "nodefall.sqlite3"


@pytest.fixture
def on_disk(file: Path) -> Iterator[Store]:
    """Open an SQLite database in a file."""
    store = Store(f"sqlite:///{file}", limits=QUICK).prepare()
    yield store
    store.close()


def other_database(path: Path) -> Path:
    """Make another nodefall's database."""
    Store(f"sqlite:///{path}").prepare().close()
    return path


def test_each_commit_waits_for_the_disk(on_disk: Store) -> None:
    """What was confirmed survives a power cut: no test can pull the plug, so this looks at the setting (2: FULL)."""
    with on_disk.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_after_each_upload_the_file_alone_is_the_whole_database(on_disk: Store, file: Path, tmp_path: Path) -> None:
    """A copy of it misses nothing, and no log is left that would be applied to whatever takes its place."""
    saved = save(on_disk)
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes(file.read_bytes())
    store = Store(f"sqlite:///{copy}")
    assert store.load(saved, NOW) == nodes()
    store.close()


def test_any_file_name_is_opened(tmp_path: Path) -> None:
    """SQLite is given it as a URI, in which some signs mean something."""
    file = tmp_path / "50% of #1 & née?.sqlite3"
    url = sa.URL.create("sqlite", database=str(file)).render_as_string()
    store = Store(url).prepare()
    saved = save(store)
    store.close()
    assert [each.name for each in tmp_path.iterdir()] == [sa.make_url(url).database.rpartition("/")[2]]
    again = Store(url)
    assert again.load(saved, NOW) == nodes()
    again.close()


def test_a_locked_database_fails_in_time_and_is_read_meanwhile(on_disk: Store, file: Path) -> None:
    """Somebody else writes for long; afterwards all goes on."""
    saved = save(on_disk)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError):
            save(on_disk)
        with pytest.raises(sa.exc.OperationalError):
            on_disk.try_writing(NOW)
        assert on_disk.load(saved, NOW) == nodes()
        other.execute("ROLLBACK")
    save(on_disk)
    assert count(on_disk) == 2


def test_a_reader_does_not_hold_up_an_upload(on_disk: Store, file: Path) -> None:
    """Such as a backup that takes a while: the log is emptied by a later upload."""
    save(on_disk)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM topologies").fetchall()
        save(on_disk)
        assert file.with_name(file.name + "-wal").stat().st_size > 0
    save(on_disk)
    assert file.with_name(file.name + "-wal").stat().st_size == 0


def test_a_full_database_keeps_nothing_half_done(on_disk: Store) -> None:
    """Of two sets that belong together neither is stored where there is room for one; what was there stays whole."""
    saved = save(on_disk)
    with on_disk.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 10}")

    on_disk.engine.dispose()
    sa.event.listen(on_disk.engine, "connect", fill)
    small, large = (NewTopology(manifests=each, name="a.yaml") for each in (nodes(), nodes(100_000)))
    with pytest.raises(sa.exc.OperationalError, match="full"):
        on_disk.save_all([small, large], keep=DAY, now=NOW)
    assert (count(on_disk), on_disk.load(saved, NOW)) == (1, nodes())
    save(on_disk)
    with on_disk.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_a_full_disk_is_found_by_looking(on_disk: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row may still fit into what is left where no upload does."""
    on_disk.try_writing(NOW)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("usage", (), {"free": 4096}))
    with pytest.raises(sa.exc.OperationalError, match="full"):
        on_disk.try_writing(NOW)


def test_a_removed_file_is_noticed_and_not_made_again(on_disk: Store, file: Path) -> None:
    """What was stored in it would be lost though it was confirmed; back in its place, all goes on."""
    saved = save(on_disk)
    away = file.rename(file.with_name("away"))
    for attempt in (lambda: save(on_disk), lambda: on_disk.load(saved, NOW), on_disk.ping):
        with pytest.raises(sa.exc.OperationalError):
            attempt()
    assert not file.exists()
    away.rename(file)
    assert on_disk.load(saved, NOW) == nodes()
    save(on_disk)
    assert count(on_disk) == 2


def test_a_file_that_is_removed_during_an_upload_confirms_nothing(on_disk: Store, file: Path) -> None:
    """Between the insert and the commit."""
    with pytest.raises(sa.exc.OperationalError, match="removed or replaced"), on_disk.database.writing():
        file.rename(file.with_name("away"))


def test_a_file_in_its_place_is_the_one_that_is_used(on_disk: Store, file: Path, tmp_path: Path) -> None:
    """Such as a backup that was put back; the old one's uploads are not mixed into it."""
    old = save(on_disk)
    other_database(tmp_path / "other").replace(file)
    assert on_disk.load(old, NOW) is None
    new = save(on_disk)
    store = Store(f"sqlite:///{file}")
    assert store.load(new, NOW) == nodes()
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    store.close()


@pytest.mark.parametrize("content", [b"", b"apiVersion: v1\n" * 1000], ids=["an empty file", "another kind of file"])
def test_what_is_no_database_in_its_place_is_left_alone(on_disk: Store, file: Path, content: bytes) -> None:
    """An error, and not a byte written into it."""
    file.unlink()
    file.write_bytes(content)
    for attempt in (lambda: save(on_disk), on_disk.ping):
        with pytest.raises(sa.exc.DatabaseError):
            attempt()
    assert file.read_bytes() == content


LIMITED = """
import resource, sys
from datetime import UTC, datetime, timedelta
import sqlalchemy as sa
from tests.storage.test_faults import nodes
from webapp.storage import Store
store = Store(sys.argv[1]).prepare()
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
for number in range(200):
    try:
        saved = store.save(nodes(50_000), name="a.yaml", keep=timedelta(days=1), now=datetime.now(UTC))
    except sa.exc.OperationalError:
        print("full")
        break
    print(saved)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files, as a full disk: by setrlimit(2)")
def test_where_the_system_takes_no_more_all_that_was_confirmed_is_there(file: Path) -> None:
    """Until it is full; what it was then asked to store is not."""
    command = [sys.executable, "-c", LIMITED, f"sqlite:///{file}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=TOP).stdout.split()
    assert said[-1] == "full"
    assert len(said) > 1
    store = Store(f"sqlite:///{file}").prepare()
    assert [store.load(each, NOW) for each in said[:-1]] == [nodes(50_000)] * (len(said) - 1)
    assert count(store) == len(said) - 1
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that are killed are forked")
def test_ten_kills_lose_nothing_that_was_confirmed(database_url: str) -> None:
    """SIGKILL in the midst of storing; the next process opens the same database, and nothing is half there."""
    command = [sys.executable, "-m", "tests.storage.killed", database_url]
    confirmed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=TOP).stdout.split()
    assert len(confirmed) >= 10
    store = Store(database_url).prepare()
    assert all(store.load(each, NOW) for each in confirmed)
    # One more each at most: stored, and killed before it could say so.
    assert len(confirmed) <= count(store) <= len(confirmed) + 10
    store.close()


# --- PostgreSQL


@pytest.fixture
def relayed(postgres_url: str) -> Iterator[tuple[Store, Relay]]:
    """Open a PostgreSQL database through a relay."""
    url = sa.make_url(postgres_url)
    relay = Relay((url.host or "127.0.0.1", url.port or 5432))
    through = url.set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)
    store = Store(through, limits=QUICK).prepare()
    yield store, relay
    relay.close()
    store.close()


def fails(attempt: Callable[[], object]) -> None:
    """Expect the error that is answered with status 503."""
    with pytest.raises(sa.exc.SQLAlchemyError):
        attempt()


def again(store: Store) -> None:
    """Expect that the database is found again, by whoever tries next."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return store.ping()
        except sa.exc.SQLAlchemyError:
            assert time.monotonic() < deadline, "it is not found again"
            time.sleep(0.1)


@pytest.mark.postgres
def test_a_server_that_is_away_is_found_again(relayed: tuple[Store, Relay]) -> None:
    """After a restart, old connections are dead: nobody sees more than the time that it was away."""
    store, relay = relayed
    saved = save(store)
    relay.cut()
    fails(lambda: save(store))
    fails(lambda: store.load(saved, NOW))
    relay.restore()
    again(store)
    assert (store.load(saved, NOW), count(store)) == (nodes(), 1)


@pytest.mark.postgres
def test_connections_that_died_meanwhile_are_replaced_unseen(relayed: tuple[Store, Relay]) -> None:
    """A firewall that forgot them, or a short restart: the first request after it is answered."""
    store, relay = relayed
    saved = save(store)
    relay.cut()
    relay.restore()
    assert store.load(saved, NOW) == nodes()


@pytest.mark.postgres
def test_a_server_that_hangs_holds_nobody_for_long(relayed: tuple[Store, Relay]) -> None:
    """It takes connections and statements and answers nothing: each is given up; then it is found again."""
    store, relay = relayed
    saved = save(store)
    relay.fall_silent()
    fails(lambda: store.load(saved, NOW))  # over a connection that is open
    fails(lambda: save(store))  # at once, or over a new one
    relay.restore()
    again(store)
    assert (store.load(saved, NOW), count(store)) == (nodes(), 1)


@pytest.mark.postgres
def test_a_server_that_hangs_within_an_upload_confirms_nothing(relayed: tuple[Store, Relay]) -> None:
    """Whoever uploads is told, and nothing is left of it."""
    store, relay = relayed

    def hang() -> None:
        with store.database.writing() as connection:
            relay.fall_silent()
            connection.execute(sa.text("UPDATE write_checks SET checked = 7"))

    fails(hang)
    relay.restore()
    again(store)
    with store.database.reading() as connection:
        assert connection.execute(sa.text("SELECT checked FROM write_checks")).scalar_one() == 0


@pytest.mark.postgres
def test_locks_and_statements_end_in_time(postgres_url: str) -> None:
    """By the server's own limits, which each connection is given."""
    store = Store(postgres_url, limits=QUICK).prepare()
    other = sa.create_engine(postgres_url)
    with other.connect() as connection, connection.begin():
        connection.execute(sa.text("LOCK TABLE topologies"))
        fails(lambda: save(store))
        with pytest.raises(sa.exc.OperationalError, match="timeout"), store.database.reading() as slow:
            slow.execute(sa.text("SELECT pg_sleep(20)"))
    other.dispose()
    save(store)
    store.close()


@pytest.mark.postgres
def test_a_server_that_only_reads_is_found_by_trying(postgres_url: str) -> None:
    """As after a failover to a replica."""
    store = Store(postgres_url).prepare()
    saved = save(store)

    def read_only(connection: sa.Connection) -> None:
        connection.execute(sa.text("SET TRANSACTION READ ONLY"))

    sa.event.listen(store.engine, "begin", read_only)
    store.ping()
    assert store.load(saved, NOW) == nodes()
    fails(lambda: store.try_writing(NOW))
    store.close()


def test_only_one_request_waits_for_a_database_that_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others fail at once, so that threads are left for what needs no database."""
    clock, tried = [100.0], []
    monkeypatch.setattr("webapp.storage.hung.time.monotonic", lambda: clock[0])
    engine = sa.create_engine("sqlite://")
    breaker = Breaker(seconds=5)

    def away(*_: object) -> None:
        tried.append(clock[0])
        # While this one waits, another one comes.
        if len(tried) == 2:
            with pytest.raises(sa.exc.TimeoutError, match="a moment ago"):
                breaker.connect(engine)
        raise sa.exc.OperationalError("SELECT 1", None, Exception())

    sa.event.listen(engine, "do_connect", away)
    for after, reaches in ((0.0, True), (0.5, False), (0.6, True), (0.1, False)):
        clock[0] += after
        before = len(tried)
        with pytest.raises(sa.exc.SQLAlchemyError):
            breaker.connect(engine)
        assert (len(tried) > before) is reaches
    sa.event.remove(engine, "do_connect", away)
    clock[0] += 1
    for _ in range(2):
        breaker.connect(engine).close()
    engine.dispose()
