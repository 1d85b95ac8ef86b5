"""What differs between two readings is named; where and in which order objects stand is no difference."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.files import uploads
from webapp.manifests import Upload, read
from webapp.manifests.changes import ObjectChanges, object_changes
from webapp.manifests.manifests import Manifests
from webapp.paths import resource_directory

SHOP = (resource_directory("samples") / "shop.yaml").read_text()


def manifests(text: str) -> Manifests:
    """Return what a text holds."""
    return read([Upload(name="a.yaml", data=text.encode())])


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param("replicas: 3", "replicas: 4", ObjectChanges(changed=("Deployment default/admin",)), id="a number"),
        pytest.param(
            "name: worker-4",
            "name: worker-5",
            ObjectChanges(added=("Node worker-5",), removed=("Node worker-4",)),
            id="a name of a node",
        ),
        pytest.param("kind: Node\n", "# a remark\nkind: Node\n", ObjectChanges(), id="a remark"),
    ],
)
def test_what_came_went_or_changed_is_named(old: str, new: str, changes: ObjectChanges) -> None:
    """By kind, namespace and name."""
    assert old in SHOP
    found = object_changes(manifests(SHOP), manifests(SHOP.replace(old, new, 1)))
    assert found == changes
    assert bool(found) == bool(changes.added + changes.removed + changes.changed)


@given(st.randoms(use_true_random=False))
def test_the_order_of_documents_is_no_difference(random) -> None:  # type: ignore[no-untyped-def]
    """A dump lists objects as the API server has them."""
    documents = [text for text in SHOP.split("\n---\n") if "kind:" in text]
    random.shuffle(documents)
    assert not object_changes(manifests(SHOP), manifests("\n---\n".join(documents)))


def test_all_objects_of_a_set_went_or_came() -> None:
    """What one side has and the other hasn't is the whole set, each object once."""
    whole = read(uploads([str(resource_directory("samples") / "shop.yaml")]))
    went, came = object_changes(whole, Manifests()), object_changes(Manifests(), whole)
    assert went.removed == came.added
    assert len(set(went.removed)) == len(went.removed) > 10
    assert not object_changes(whole, replace(whole, files=()))
