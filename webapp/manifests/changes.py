"""What differs between two readings of the same files, or of the same cluster: objects that came, went or changed."""

import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from webapp.manifests.manifests import Manifests, subject
from webapp.manifests.writing import COLLECTIONS
from webapp.records import dataclass


@dataclass(frozen=True, slots=True)
class ObjectChanges:
    """Objects by their names, ``Deployment shop/web``, in the order in which they were read."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def object_changes(old: Manifests, new: Manifests) -> ObjectChanges:
    """Return what came, went or changed in what is kept; where an object was read, and in which order, is no change."""
    before, after = _by_name(old), _by_name(new)
    return ObjectChanges(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(name for name, its in after.items() if name in before and not _same(before[name], its)),
    )


def _by_name(manifests: Manifests) -> Mapping[str, Any]:
    return {subject(each): each for each in _objects(manifests)}


def _objects(manifests: Manifests) -> Iterable[Any]:
    return (each for collection in COLLECTIONS for each in getattr(manifests, collection))


def _same(old: Any, new: Any) -> bool:
    return type(old) is type(new) and all(map(operator.eq, _contents(old), _contents(new)))


def _contents(record: Any) -> Iterator[Any]:
    return (getattr(record, of.name) for of in fields(record) if of.name != "source")
