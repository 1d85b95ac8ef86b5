"""Kustomizations: which of the files of an upload they list as resources, which as patches, and what they would change.

Only their lists are followed; nothing is built. Source: sigs.k8s.io/kustomize api/types/kustomization.go.
"""

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from typing import Any

from webapp.limits import DEFAULT
from webapp.manifests.documents import read_documents
from webapp.manifests.encoding import decode
from webapp.manifests.tree import Unreadable, Usage
from webapp.records import dataclass

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""In this order kustomize looks for them (api/konfig/general.go)."""
_GROUP = "kustomize.config.k8s.io/"
# `bases` is what `resources` was called for folders before kustomize 2.1.
_LISTS = ("resources", "bases", "components")
_FILES = ("configurations", "crds", "generators", "transformers", "validators")
"""Lists of files that are not objects of the cluster; what generators and transformers say inline isn't either."""
_CHANGES = {
    "namespace": "namespace",
    "namePrefix": "namePrefix",
    "nameSuffix": "nameSuffix",
    "commonLabels": "labels",
    "labels": "labels",
    "replicas": "replicas",
    "vars": "replacements",
    "replacements": "replacements",
    "generators": "generators",
    "transformers": "transformers",
    "helmCharts": "Helm charts",
    "helmChartInflationGenerator": "Helm charts",
}
"""What can change where traffic goes; images, annotations and generated ConfigMaps can't."""
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
_PRODUCTION = ("production", "prod", "prd", "live")


@dataclass(frozen=True, slots=True)
class Kustomization:
    """One kustomization.yaml; all paths are names of files or folders of the upload."""

    name: str
    """The file's own name."""
    component: bool = False
    namespace: str = ""
    """What it puts all its objects into."""
    resources: tuple[str, ...] = ()
    """Files and folders that it takes in."""
    others: frozenset[str] = frozenset()
    """Files that it lists and that are not objects: patches, configurations, values."""
    remote: tuple[str, ...] = ()
    """Resources at another place, as they are written."""
    changes: tuple[str, ...] = ()
    """What it does to its resources, in words."""

    folder: str = "."
    """The folder that holds it, ``.`` at the top."""


@dataclass(frozen=True, slots=True)
class Closure:
    """All that one kustomization takes in, directly or not."""

    root: Kustomization
    members: tuple[Kustomization, ...]
    files: frozenset[str]
    missing: tuple[str, ...]
    """Resources that are not in the upload."""

    @property
    def changes(self) -> tuple[str, ...]:
        """What would be changed, each once."""
        return tuple(dict.fromkeys(change for member in self.members for change in member.changes))


@dataclass(slots=True)
class _Paths:
    folder: str
    remote: list[str] = field(default_factory=list)

    def local(self, paths: Any) -> Iterator[str]:
        """Yield the paths of a list as names of the upload; what is at another place is noted."""
        for path in paths if isinstance(paths, list) else ():
            # patchesStrategicMerge may hold a whole patch in place of its path: YAML of several lines.
            if not isinstance(path, str) or "\n" in path:
                continue
            if is_remote(path):
                self.remote.append(path)
            else:
                yield posixpath.normpath(posixpath.join(self.folder, path))


def is_kustomization(name: str) -> bool:
    """Return whether the file has one of the names that kustomize looks for."""
    return posixpath.basename(name) in KUSTOMIZATION_NAMES


def is_kustomization_document(name: str, data: Mapping[str, Any]) -> bool:
    """Return whether a document of this file is a kustomization; the file's name alone says so without a kind."""
    if str(data.get("apiVersion")).startswith(_GROUP):
        return True
    return is_kustomization(name) and data.get("kind") in {None, "Kustomization", "Component"} and "spec" not in data


def read_kustomization(name: str, data: bytes) -> Kustomization | None:
    """Return the kustomization that the file holds, None if it holds none."""
    try:
        documents = list(read_documents(decode(data), Usage(DEFAULT)))
    except Unreadable:
        return None
    maps = (one.data for one in documents if not isinstance(one, Unreadable) and isinstance(one.data, dict))
    return next((kustomization(name, one) for one in maps if is_kustomization_document(name, one)), None)


def is_remote(path: str) -> bool:
    """Return whether kustomize would fetch it: a URL, or a repository such as ``github.com/org/repo//path?ref=v1``.

    >>> is_remote("github.com/org/repo//path?ref=v1"), is_remote("../base")
    (True, False)
    """
    return "://" in path or "?ref=" in path or path.startswith(("git@", "git::", "github.com/", "github.com:"))


def kustomization(name: str, data: Mapping[str, Any]) -> Kustomization:
    """Return what the kustomization of this name says."""
    paths = _Paths(posixpath.dirname(name))
    resources = tuple(path for key in _LISTS for path in paths.local(data.get(key)))
    others = frozenset(_others(data, paths))
    return Kustomization(
        name=posixpath.normpath(name),
        folder=posixpath.dirname(posixpath.normpath(name)) or ".",
        component=data.get("kind") == "Component",
        namespace=str(data.get("namespace") or ""),
        resources=resources,
        others=others,
        remote=tuple(paths.remote),
        changes=tuple(dict.fromkeys(_changes(data))),
    )


def _others(data: Mapping[str, Any], paths: _Paths) -> Iterator[str]:
    for key in (*_FILES, "patchesStrategicMerge"):
        yield from paths.local(data.get(key))
    for key in (*_PATCHES, "replacements"):
        yield from paths.local([one.get("path") for one in _maps(data.get(key))])
    for chart in _maps(data.get("helmCharts")):
        yield from paths.local([chart.get("valuesFile"), *_list(chart.get("additionalValuesFiles"))])
    # KEY=FILE gives a file another key in what is generated.
    for generator in (*_maps(data.get("configMapGenerator")), *_maps(data.get("secretGenerator"))):
        yield from paths.local([str(one).rpartition("=")[2] for one in _list(generator.get("files"))])
    openapi = data.get("openapi")
    yield from paths.local([openapi.get("path")] if isinstance(openapi, dict) else ())


def _changes(data: Mapping[str, Any]) -> Iterator[str]:
    for key, word in _CHANGES.items():
        if data.get(key):
            yield word
    if count := sum(len(_list(data.get(key))) for key in _PATCHES):
        yield "1 patch" if count == 1 else f"{count:,} patches"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _maps(value: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in _list(value) if isinstance(one, dict))


# --- which of them count ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the resources of one kustomization are."""

    kustomizations: tuple[str, ...]
    files: tuple[str, ...]
    missing: tuple[str, ...]


def closures(kustomizations: Collection[Kustomization], files: Collection[str]) -> tuple[Closure, ...]:
    """Return what each root takes in: each Kustomization that no other one refers to.

    A Component is only ever taken in. Of those that refer to one another in a circle the first one is a root.
    """
    by_folder = {one.folder: one for one in kustomizations}
    parts = {one.folder: _parts(one, by_folder, files) for one in kustomizations}
    referred = {path for folder, of in parts.items() for path in of.kustomizations if path != folder}
    wholes = [one for one in kustomizations if not one.component]
    found = [_closure(one, by_folder, parts) for one in wholes if one.folder not in referred]
    covered = {member.folder for closure in found for member in closure.members}
    for one in wholes:
        if one.folder not in covered:
            found.append(_closure(one, by_folder, parts))
            covered.update(member.folder for member in found[-1].members)
    return tuple(found)


def _parts(one: Kustomization, by_folder: Mapping[str, Kustomization], files: Collection[str]) -> _Parts:
    others = [path for path in one.resources if path not in by_folder]
    return _Parts(
        kustomizations=tuple(path for path in one.resources if path in by_folder),
        files=tuple(path for path in others if path in files),
        missing=(*one.remote, *(path for path in others if path not in files)),
    )


def _closure(root: Kustomization, by_folder: Mapping[str, Kustomization], parts: Mapping[str, _Parts]) -> Closure:
    members: dict[str, Kustomization] = {}
    waiting = [root.folder]
    while waiting:
        folder = waiting.pop()
        # Kustomizations may refer to one another in a circle: kustomize refuses that, a search must survive it.
        if folder not in members:
            members[folder] = by_folder[folder]
            waiting += parts[folder].kustomizations
    return Closure(
        root=root,
        members=tuple(members.values()),
        files=frozenset(file for folder in members for file in parts[folder].files),
        missing=tuple(dict.fromkeys(path for folder in members for path in parts[folder].missing)),
    )


def alternatives(found: Collection[Closure], marks: Mapping[str, Collection[Any]]) -> tuple[tuple[Closure, ...], ...]:
    """Return the closures in groups: those that have a mark in common, of `marks` by name, are one group.

    They are the same thing for several places, such as ``overlays/dev`` and ``overlays/prod``. The first of each group
    is the one to read: the one for production by its folder's name, else the first one by name.
    """
    groups: list[tuple[set[Any], list[Closure]]] = []
    for closure in found:
        own = set(marks[closure.root.name])
        joined = [group for group in groups if not group[0].isdisjoint(own)]
        groups = [group for group in groups if group[0].isdisjoint(own)]
        shared = own.union(*(group[0] for group in joined))
        groups.append((shared, [*(one for group in joined for one in group[1]), closure]))
    return tuple(tuple(sorted(group, key=_preference)) for _, group in groups)


def _preference(closure: Closure) -> tuple[int, str]:
    # Who asks what falls asks about what runs in production.
    parts = closure.root.folder.casefold().split("/")
    ranks = [rank for rank, word in enumerate(_PRODUCTION) if word in parts]
    return (min(ranks, default=len(_PRODUCTION)), closure.root.folder)
