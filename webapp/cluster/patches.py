"""What if: patches of any object that was uploaded, or one more object, as if their authors had applied them.

Fields merge by the rules of :mod:`webapp.manifests.patching`. What a controller would do next is done as well: pods of
another template are recreated, those of another number of replicas taken away or added to, and what the EndpointSlice
controller wrote about the services concerned is left out, as it would write it again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from webapp.cluster.model import ServiceKey
from webapp.cluster.pods import is_paused
from webapp.cluster.rescaling import recreated, rescaled, scalable, selecting, without_slices, workload_word
from webapp.manifests.faults import Fault
from webapp.manifests.manifests import KINDS, Manifests, ObjectKind
from webapp.manifests.objects import Labels, PodObject, ServiceObject, WorkloadObject
from webapp.manifests.patching import added, patched
from webapp.records import dataclass

Patch = tuple[str, str]
"""``KIND/NAMESPACE/NAME``, or ``KIND/NAME`` of what has no namespace, and the patch as JSON."""

DELETED = {"$patch": "delete"}
"""The patch that deletes a Service, as in a kustomization."""


@dataclass(frozen=True, slots=True)
class PatchError:
    """A patch that can't be applied."""

    patch: Patch
    message: str


def with_patches(manifests: Manifests, patches: Iterable[Patch]) -> Manifests:
    """Return the manifests with the patches applied one after the other; those that can't be change nothing."""
    for patch in patches:
        changed = _with_patch(manifests, patch)
        manifests = manifests if isinstance(changed, PatchError) else changed
    return manifests


def patch_errors(manifests: Manifests, patches: Iterable[Patch]) -> Iterator[PatchError]:
    """Yield what is wrong with the patches, each applied after those before it."""
    for patch in patches:
        changed = _with_patch(manifests, patch)
        if isinstance(changed, PatchError):
            yield changed
        else:
            manifests = changed


def object_named(manifests: Manifests, word: str) -> Any | None:
    """Return the object of ``KIND/NAMESPACE/NAME``; None if there is none."""
    name, kind = word.partition("/")[2], KINDS.get(word.partition("/")[0])
    if kind is None:
        return None
    short = name.rpartition("/")[2]
    # Of ten thousand objects nearly all have another short name, which is told without making their long one.
    same = (o for o in getattr(manifests, kind.collection) if o.metadata.name == short and o.kind == kind.name)
    return next((each for each in same if _word_of(kind, each) == word), None)


def _word_of(kind: ObjectKind, of: Any) -> str:
    return f"{kind.name}/{of.metadata.key if kind.namespaced else of.metadata.name}"


def _with_patch(manifests: Manifests, patch: Patch) -> Manifests | PatchError:
    word, text = patch
    kind, content = KINDS.get(word.partition("/")[0]), json.loads(text)
    if kind is None or word.count("/") != 1 + kind.namespaced:
        some = ", ".join(f"{name}/NAMESPACE/NAME" if k.namespaced else f"{name}/NAME" for name, k in KINDS.items())
        return PatchError(patch, f"A patch is for one of {some}, not {word[:80]}.")
    old = object_named(manifests, word)
    if old is None:
        return _with_object(manifests, kind, patch, content)
    if content == DELETED and isinstance(old, ServiceObject):
        rest = tuple(each for each in manifests.services if each is not old)
        return without_slices(replace(manifests, services=rest), frozenset({old.metadata.key}))
    decoded = patched(old, kind, content)
    if decoded.faults:
        return PatchError(patch, _told(word, decoded.faults))
    return _replaced(manifests, kind, old, decoded.record)


def _with_object(
    manifests: Manifests, kind: ObjectKind, patch: Patch, content: Mapping[str, Any]
) -> Manifests | PatchError:
    """Return the manifests with one more object, if the patch is one as a whole: with its apiVersion."""
    word = patch[0]
    if str(content.get("apiVersion")) not in _versions(kind):
        return PatchError(patch, f"There is no {word[:80]} here; one that is to be added needs its apiVersion.")
    *namespace, name = word.split("/")[1:]
    metadata = content.get("metadata", {})
    if not isinstance(metadata, Mapping):
        return PatchError(patch, f"{word}: metadata must be a map.")
    named = {**metadata, "name": name, **dict(zip(("namespace",), namespace, strict=False))}
    decoded = added(kind, {**content, "kind": kind.name, "metadata": named})
    if decoded.faults:
        return PatchError(patch, _told(word, decoded.faults))
    return _with(manifests, kind.collection, (*getattr(manifests, kind.collection), decoded.record))


def _versions(kind: ObjectKind) -> Iterator[str]:
    return (f"{group}/{version}" if group else version for group, its in kind.groups.items() for version in its)


def _told(word: str, faults: Iterable[Fault]) -> str:
    return f"{word}: {' '.join(fault.message for fault in faults)}"


# --- what follows from it


def _replaced(manifests: Manifests, kind: ObjectKind, old: Any, new: Any) -> Manifests:
    """Return the manifests with an object in place of its older self, and what its controllers make of that."""
    if isinstance(new, WorkloadObject):
        return _with_workload(manifests, old, new)
    changed = _put(manifests, kind.collection, old, new)
    if isinstance(new, ServiceObject) and (old.spec.selector, old.spec.ports) != (new.spec.selector, new.spec.ports):
        return without_slices(changed, frozenset({new.metadata.key}))
    if isinstance(new, PodObject):
        labels = [old.metadata.labels, new.metadata.labels]
        return without_slices(changed, _selecting(changed, new.metadata.effective_namespace, labels))
    return changed


def _put(manifests: Manifests, collection: str, old: Any, new: Any) -> Manifests:
    return _with(manifests, collection, tuple(new if each is old else each for each in getattr(manifests, collection)))


def _with(manifests: Manifests, collection: str, objects: tuple[Any, ...]) -> Manifests:
    changes: dict[str, Any] = {collection: objects}
    return replace(manifests, **changes)


def _with_workload(manifests: Manifests, old: WorkloadObject, new: WorkloadObject) -> Manifests:
    is_scalable = any(each is old for each in scalable(manifests))
    rest = replace(new, spec=replace(new.spec, replicas=old.spec.replicas)) if is_scalable else new
    # A Deployment that is paused makes no ReplicaSet of its new template: its pods stay.
    if old.spec.template != new.spec.template and not is_paused(new):
        made = [each.spec.template.metadata.labels for each in (old, new) if each.spec.template]
        stale = _selecting(manifests, new.metadata.effective_namespace, made)
        manifests = without_slices(recreated(manifests, [rest]), stale)
    else:
        manifests = _put(manifests, "workloads", old, rest)
    if new.spec.replicas == old.spec.replicas or not is_scalable:
        return manifests
    return rescaled(manifests, {workload_word(new): 1 if new.spec.replicas is None else new.spec.replicas})


def _selecting(manifests: Manifests, namespace: str, labels: Iterable[Labels]) -> frozenset[ServiceKey]:
    return frozenset(chain.from_iterable(selecting(manifests, [(namespace, each)]) for each in labels))
