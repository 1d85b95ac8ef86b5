"""Shared views: kept with title and note, until they expire, are deleted, or the topology is."""

from datetime import UTC, datetime, timedelta

from webapp.manifests.manifests import Manifests
from webapp.storage import Store
from webapp.storage.shared_views import Caption

NOW = datetime(2026, 11, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
TITLE = "worker-2 takes half of web with it"


def _share(store: Store, topology_id: str = "sample-shop", *, keep: timedelta = WEEK) -> str:
    caption = Caption(title=TITLE, note="Proposal: spread them.", public=True, expires=NOW + keep)
    return store.shared_views.save(topology_id, "down=node/worker-2&at=failed", caption, "key", now=NOW)


def test_a_view_comes_back_as_it_was_saved(store: Store) -> None:
    """State, title, note, who may find it, and until when."""
    view = store.shared_views.load(view_id := _share(store), NOW)
    assert view is not None
    assert (view.id, view.topology_id, view.query) == (view_id, "sample-shop", "down=node/worker-2&at=failed")
    assert (view.title, view.note) == (TITLE, "Proposal: spread them.")
    assert view.public
    assert view.expires == NOW + WEEK


def test_no_two_views_have_the_same_address(store: Store) -> None:
    """Sharing the same state again makes another link, with a title of its own."""
    assert _share(store) != _share(store)


def test_an_expired_view_is_gone(store: Store) -> None:
    """At once for readers, and from the table with the next upload."""
    view_id = _share(store)
    assert store.shared_views.load(view_id, NOW + WEEK) is None
    store.expire(NOW + WEEK)
    assert store.shared_views.load(view_id, NOW) is None


def test_only_the_key_of_a_view_changes_it(store: Store) -> None:
    """Not that of another one, nor any key of a view that isn't there."""
    view_id = _share(store)
    assert store.shared_views.is_editable(view_id, "key")
    assert not store.shared_views.is_editable(view_id, "another")
    assert not store.shared_views.is_editable("nowhere", "key")


def test_a_changed_view_keeps_its_address_and_its_state(store: Store) -> None:
    """Only what its author says of it is new."""
    view_id = _share(store)
    tomorrow = NOW + timedelta(days=1)
    store.shared_views.change(view_id, Caption(title="T", note="", public=False, expires=tomorrow))
    view = store.shared_views.load(view_id, NOW)
    assert view is not None
    assert (view.title, view.note, view.public) == ("T", "", False)
    assert view.query == "down=node/worker-2&at=failed"
    assert view.expires == tomorrow


def test_deleting_a_topology_deletes_its_views(store: Store) -> None:
    """And those of no other one."""
    topology_id = store.save(Manifests(), name="a.yaml", keep=WEEK, now=NOW, delete_token="token")  # noqa: S106
    its, other = _share(store, topology_id), _share(store)
    assert store.delete(topology_id, "token")
    assert store.shared_views.load(its, NOW) is None
    assert store.shared_views.load(other, NOW) is not None


def test_a_deleted_view_is_gone(store: Store) -> None:
    """Sharing is stopped."""
    view_id = _share(store)
    store.shared_views.delete(view_id)
    assert store.shared_views.load(view_id, NOW) is None


def test_long_texts_are_cut_to_what_every_database_takes(store: Store) -> None:
    """The form has the same limits; a program may send more."""
    caption = Caption(title="t" * 500, note="n" * 5000, public=False, expires=NOW + WEEK)
    view_id = store.shared_views.save("sample-shop", "", caption, "key", now=NOW)
    view = store.shared_views.load(view_id, NOW)
    assert view is not None
    assert (len(view.title), len(view.note)) == (80, 400)
