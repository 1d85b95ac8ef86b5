"""A stored topology comes back as it was, until it expires or its owner deletes it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import ObjectMeta, ServiceObject, ServicePortSpec, ServiceSpec, Source
from webapp.storage import Store

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEEP = timedelta(days=30)


def service(name: str = "web") -> ServiceObject:
    """Return a service with one port."""
    return ServiceObject(
        metadata=ObjectMeta(name=name, namespace="default"),
        spec=ServiceSpec(type="NodePort", ports=(ServicePortSpec(port=80, target_port="http"),)),
        source=Source(file="web.yaml", line=1, lines={"spec.ports[0].port": 7}),
    )


def save(store: Store, manifests: Manifests | None = None, delete_token: str | None = None) -> str:
    """Store something for thirty days from NOW."""
    return store.save(manifests or Manifests(), name="web.yaml", keep=KEEP, now=NOW, delete_token=delete_token)


def test_what_is_loaded_is_what_was_saved(store: Store) -> None:
    """Every record comes back equal."""
    manifests = Manifests(services=(service(),))
    assert store.load(save(store, manifests), NOW) == manifests


def test_ids_cannot_be_guessed_and_never_repeat(store: Store) -> None:
    """The same upload gets another id of 128 random bits each time."""
    ids = {save(store) for _ in range(20)}
    assert len(ids) == 20
    assert {len(topology_id) for topology_id in ids} == {22}


def test_an_unknown_id_is_none(store: Store) -> None:
    """Nothing is raised for an id that was never given."""
    assert store.load("no-such-id", NOW) is None
    assert store.describe("no-such-id", NOW) is None


@pytest.mark.parametrize(
    ("after", "there"),
    [
        pytest.param(KEEP - timedelta(seconds=1), True, id="a second before it expires"),
        pytest.param(KEEP, False, id="when it expires"),
    ],
)
def test_a_topology_is_there_until_it_expires(store: Store, after: timedelta, *, there: bool) -> None:
    """An expired topology is gone at once, swept or not."""
    topology_id = save(store)
    assert (store.load(topology_id, NOW + after) is not None) is there
    assert (store.describe(topology_id, NOW + after) is not None) is there


def test_expiring_removes_only_what_has_expired(store: Store) -> None:
    """The sweep says how many rows it removed."""
    store.save(Manifests(), name="old", keep=timedelta(days=1), now=NOW)
    kept = save(store)
    assert store.expire(NOW + timedelta(days=2)) == 1
    assert store.describe(kept, NOW) is not None


def test_the_description_names_the_upload_and_its_times(store: Store) -> None:
    """What pages show of a topology needs no document."""
    stored = store.describe(save(store, delete_token="token"), NOW)  # noqa: S106
    assert stored is not None
    assert (stored.name, stored.created, stored.expires, stored.deletable) == ("web.yaml", NOW, NOW + KEEP, True)


@pytest.mark.parametrize(
    ("given", "deleted"),
    [pytest.param("mine", True, id="its own token"), pytest.param("other", False, id="another token")],
)
def test_only_the_token_of_the_upload_deletes_it(store: Store, given: str, *, deleted: bool) -> None:
    """Knowing the link is not enough."""
    topology_id = save(store, delete_token="mine")  # noqa: S106
    assert store.delete(topology_id, given) is deleted
    assert (store.describe(topology_id, NOW) is None) is deleted


def test_without_a_token_nobody_deletes(store: Store) -> None:
    """A topology that the command line loaded has no token."""
    assert store.delete(save(store), "") is False


def test_the_token_itself_is_not_stored(store: Store) -> None:
    """A copy of the database deletes nothing."""
    save(store, delete_token="secret-token")  # noqa: S106
    with store.engine.connect() as connection:
        assert "secret-token" not in str(connection.exec_driver_sql("SELECT * FROM topologies").all())


def test_several_threads_save_at_once(store: Store) -> None:
    """Writers wait for each other."""
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(lambda _: save(store, Manifests(services=(service(),))), range(20)))
    assert len(ids) == 20


def test_a_long_name_is_cut(store: Store) -> None:
    """Two hundred characters of the name are kept."""
    topology_id = store.save(Manifests(), name="n" * 500, keep=KEEP, now=NOW)
    stored = store.describe(topology_id, NOW)
    assert stored is not None
    assert len(stored.name) == 200


def test_an_upload_is_withdrawn_by_its_token(store: Store) -> None:
    """All that it stored, and nothing of others."""
    mine, also_mine, other, anyones = (save(store, delete_token=token) for token in ("a", "a", "b", None))
    assert store.withdraw("a") == 2
    assert [store.load(each, NOW) is None for each in (mine, also_mine, other, anyones)] == [True, True, False, False]


def test_the_size_is_known_without_reading(store: Store) -> None:
    """A larger set has a larger one."""
    small, large = (
        save(store, Manifests(services=tuple(service(f"web-{n}") for n in range(many)))) for many in (1, 500)
    )
    sizes = [stored.size for each in (small, large) if (stored := store.describe(each, NOW))]
    assert 0 < sizes[0] < sizes[1]
