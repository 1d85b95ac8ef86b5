"""What may be stored is bounded: in all, and by one client in an hour, also where several store at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from webapp.manifests.manifests import Manifests
from webapp.storage import ClientQuotaError, NewTopology, Quota, QuotaError, StorageFullError, Store, client_key
from webapp.storage.quota import HOUR, ROW_BYTES
from webapp.storage.shared_views import Caption
from webapp.storage.sweep import Sweeper
from webapp.storage.tables import metadata

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MINE, THEIRS = client_key("192.0.2.1"), client_key("192.0.2.2")
ONE = NewTopology(manifests=Manifests(), name="a.yaml", delete_token="token")  # noqa: S106


def save(store: Store, client: str = MINE, *, keep: timedelta = DAY, now: datetime = NOW) -> str:
    """Store an empty set."""
    return store.save_all([ONE], keep=keep, now=now, client=client)[0]


def allow(store: Store, *, total: float = 0, client_hour: float = 0) -> None:
    """Let so many empty sets be stored."""
    save(store, "")
    size = store.usage()[1]
    store.withdraw("token")
    store.quota = Quota(total=int(total * size), client_hour=int(client_hour * size))


def share(store: Store, client: str = MINE, *, keep: timedelta = DAY, query: str = "") -> str:
    """Share a state of a sample."""
    caption = Caption(title="T", note="N", public=False, expires=NOW + keep)
    return store.shared_views.save("sample-shop", query, caption, "key", client=client, now=NOW)


def test_no_more_is_stored_than_the_server_may(store: Store) -> None:
    """The one too many leaves nothing; when to try again is when something expires."""
    allow(store, total=2)
    save(store, keep=timedelta(minutes=10))
    save(store, THEIRS)
    with pytest.raises(StorageFullError) as refused:
        save(store)
    assert refused.value.retry_after == 600
    assert store.usage()[0] == 2
    with pytest.raises(StorageFullError):
        store.check_room(THEIRS, NOW)


def test_what_expires_or_is_deleted_makes_room(store: Store) -> None:
    """For whoever comes next."""
    allow(store, total=1)
    save(store, keep=timedelta(minutes=10))
    later = NOW + timedelta(minutes=10)
    store.expire(later)
    kept = save(store, now=later)
    assert store.delete(kept, "token")
    save(store, now=later)
    assert store.withdraw("token") == 1
    save(store, now=later)


def test_a_client_may_store_so_much_in_an_hour(store: Store) -> None:
    """Others aren't touched by it; when to try again is when the first of it is an hour old."""
    allow(store, client_hour=2)
    save(store)
    save(store, now=NOW + timedelta(minutes=20))
    half_past = NOW + timedelta(minutes=30)
    with pytest.raises(ClientQuotaError) as refused:
        save(store, now=half_past)
    assert refused.value.retry_after == 30 * 60
    with pytest.raises(ClientQuotaError):
        store.check_room(MINE, half_past)
    save(store, THEIRS, now=half_past)
    store.check_room(THEIRS, half_past)
    save(store, now=NOW + timedelta(seconds=HOUR))


def test_more_than_a_client_may_store_at_all_is_told_to_wait_an_hour(store: Store) -> None:
    """There is no better time."""
    allow(store, client_hour=0.5)
    with pytest.raises(ClientQuotaError) as refused:
        save(store)
    assert refused.value.retry_after == HOUR


def test_two_sets_that_belong_together_are_stored_together_or_not(store: Store) -> None:
    """Where there is room for one."""
    allow(store, total=1.5)
    with pytest.raises(StorageFullError):
        store.save_all([ONE, ONE], keep=DAY, now=NOW)
    assert store.usage() == (0, 0)


def test_shared_views_count(store: Store) -> None:
    """Their states are stored as well, and anybody may share a sample."""
    share(store, query="down=node/worker-1")
    assert store.usage() == (0, ROW_BYTES + len("down=node/worker-1"))
    store.shared_views._quota = Quota(client_hour=2 * ROW_BYTES)
    with pytest.raises(ClientQuotaError):
        share(store, query="x" * ROW_BYTES)
    view_id = share(store, THEIRS)
    store.shared_views.delete(view_id)
    assert store.usage() == (0, ROW_BYTES + len("down=node/worker-1"))


def test_a_view_that_lives_longer_counts_longer(store: Store) -> None:
    """Its author changed until when."""
    view_id = share(store, keep=timedelta(hours=1))
    caption = Caption(title="T", note="N", public=False, expires=NOW + DAY)
    store.shared_views.change(view_id, caption)
    store.expire(NOW + timedelta(hours=2))
    assert store.usage() == (0, ROW_BYTES)
    store.expire(NOW + DAY)
    assert store.usage() == (0, 0)


def test_views_of_a_deleted_upload_no_longer_count(store: Store) -> None:
    """They go with it."""
    kept = save(store)
    caption = Caption(title="T", note="N", public=False, expires=NOW + DAY)
    store.shared_views.save(kept, "", caption, "key", now=NOW)
    store.delete(kept, "token")
    assert store.usage() == (0, 0)


def test_many_at_once_find_no_more_room_than_there_is(store: Store) -> None:
    """Each looks and stores in one transaction."""
    allow(store, total=5)

    def attempt(_: int) -> bool:
        try:
            save(store)
        except QuotaError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(12))) == 5
    assert store.usage()[0] == 5


def test_who_stored_something_is_forgotten_after_an_hour(store: Store) -> None:
    """Before that a digest of the address is there, and never the address."""
    save(store)
    with store.engine.connect() as connection:
        rows = connection.execute(metadata.tables["stored_sizes"].select()).all()
    assert MINE in str(rows)
    assert "192.0.2.1" not in str(rows)
    store.expire(NOW + timedelta(seconds=HOUR))
    with store.engine.connect() as connection:
        assert connection.execute(sa.select(metadata.tables["stored_sizes"].c.client)).scalars().all() == [""]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        pytest.param("192.0.2.1", "192.0.2.2", False, id="two IPv4 addresses"),
        pytest.param("2001:db8::1", "2001:db8::ffff:1", True, id="two addresses of one network of 64 bits"),
        pytest.param("2001:db8::1", "2001:db8:0:1::1", False, id="two networks"),
        pytest.param("::ffff:192.0.2.1", "192.0.2.1", True, id="IPv4 written as IPv6"),
        pytest.param("::ffff:192.0.2.1", "::ffff:192.0.2.2", False, id="two such"),
        pytest.param("unix:", "unix:", True, id="no address at all"),
    ],
)
def test_a_client_is_an_address_or_a_network(first: str, second: str, *, same: bool) -> None:
    """Whoever has one IPv6 address has 18 trillion of them."""
    assert (client_key(first) == client_key(second)) is same


def test_what_has_expired_is_swept_away_without_any_upload(store: Store) -> None:
    """Uploads and shared views: by a thread that looks again and again."""
    long_ago = datetime.now(UTC) - 2 * DAY
    save(store, now=long_ago)
    caption = Caption(title="T", note="N", public=False, expires=long_ago + DAY)
    store.shared_views.save("sample-shop", "", caption, "key", now=long_ago)
    swept: list[tuple[int, int]] = []

    def expire(now: datetime) -> None:
        store.expire(now)
        swept.append(store.usage())
        sweeper._closed.set()

    with closing(Sweeper(expire, seconds=0.01)) as sweeper:
        sweeper._thread.join()
    assert swept == [(0, 0)]
    with store.engine.connect() as connection:
        assert connection.execute(sa.select(metadata.tables["shared_views"].c.id)).all() == []


def test_the_sweep_goes_on_when_the_database_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """It says so, and tries again."""
    tries: list[datetime] = []

    def expire(now: datetime) -> None:
        tries.append(now)
        if len(tries) == 1:
            raise sa.exc.OperationalError("DELETE hunter2", None, Exception("hunter2"))
        sweeper._closed.set()

    with closing(Sweeper(expire, seconds=0.01)) as sweeper:
        sweeper._thread.join()
    assert len(tries) == 2
    assert "Nothing could be expired: OperationalError" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_store_that_is_opened_deletes_what_has_expired_meanwhile(database_url: str) -> None:
    """The process was away for long."""
    store = Store(database_url).prepare()
    save(store, now=NOW - 365 * DAY)
    store.close()
    again = Store(database_url).prepare()
    assert again.usage() == (0, 0)
    assert again._sweeper is not None
    again.close()
    assert not again._sweeper._thread.is_alive()
