"""From paths to uploads: the files that a command line names. All commands read through `uploads`."""

import os
import posixpath
import stat
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path, PurePath

from webapp.manifests import Limits, Upload
from webapp.manifests.candidate_files import LOOKED_AT, OTHERS_CODE, is_chart, may_hold_objects, unread
from webapp.manifests.kustomize import (
    KUSTOMIZATION_NAMES,
    Kustomization,
    closures,
    is_kustomization,
    read_kustomization,
)
from webapp.tools import Tools

# On one's own machine a dump of a whole cluster may be read: 256 MiB.
LOCAL_LIMITS = Limits(body_bytes=1 << 28, nodes=40_000_000, files=100_000, documents=2_000_000, unpacked_bytes=1 << 28)
# A larger file is cut there, which the reader then reports as too large.
MAX_FILE_BYTES = LOCAL_LIMITS.body_bytes + 1


class PathError(ValueError):
    """A path that isn't there or can't be read; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class _ListedFile:
    """A file to be read, or one that a search passes by."""

    name: str
    """As an editor, a code scanner and --fix find it: the path given, and the path inside it."""
    inside: str = ""
    """The path inside the folder that was searched; empty for a file that was named."""
    skipped: str = ""


def uploads(paths: Iterable[str], *, render: bool = True) -> Iterator[Upload]:
    """Yield the files that the paths name: each file, what can be a manifest in each folder, ``-`` for standard input.

    What a kustomization lists is read as well, wherever it is. Kustomizations and charts are rendered where the machine
    has the tools and `render` allows it; what was rendered comes before their files and says so. The order is that of
    the paths, then of the names.

    Raises:
        PathError: a path isn't there or can't be read.

    """
    try:
        yield from _uploads(paths, render=render)
    except OSError as error:
        raise PathError(f"{error.filename}: {error.strerror}.") from error


def trace(paths: Iterable[str]) -> frozenset[tuple[str, int, int, int]]:
    """Return what differs as soon as one of the files that `uploads` looks at is written, comes or goes; cheap.

    Raises:
        PathError: a path isn't there or can't be read.

    """
    try:
        found = _all_found(paths)
        _follow(found)
        return frozenset((name, its.st_ino, its.st_mtime_ns, its.st_size) for name, its in _statuses(found))
    except OSError as error:
        raise PathError(f"{error.filename}: {error.strerror}.") from error


def _statuses(names: Iterable[str]) -> Iterator[tuple[str, os.stat_result]]:
    for name in names:
        # One that was deleted meanwhile is one that comes or goes.
        with suppress(FileNotFoundError):
            yield name, Path(name).stat()


def _all_found(paths: Iterable[str]) -> dict[str, _ListedFile]:
    found: dict[str, _ListedFile] = {}
    for each in chain.from_iterable(map(_found, paths)):
        name = posixpath.normpath(each.name)
        # A file that is named is read whatever it is, also where a folder has it that is searched.
        if name not in found or not each.inside:
            found[name] = each
    return found


def _uploads(paths: Iterable[str], *, render: bool) -> Iterator[Upload]:
    named = list(paths)
    if "-" in named:
        yield Upload(name="standard input", data=sys.stdin.buffer.read(MAX_FILE_BYTES), picked=True)
    found = _all_found(path for path in named if path != "-")
    kustomizations = _follow(found)
    problems = {}
    if render:
        tools = Tools()
        for closure in closures(kustomizations, found):
            tools.build(closure)
        for name in _charts(found):
            tools.template(name, _looked_into(found[name].name)[0])
        yield from tools.output
        problems = tools.problems
    for name, each in found.items():
        yield replace(_loaded(each), problems=tuple(problems.get(name, ())))


def _found(path: str) -> Iterator[_ListedFile]:
    if Path(path).is_dir():
        yield from _FolderSearch(path).files()
    else:
        yield _ListedFile(path)


# --- folders ----------------------------------------------------------------------------------------------------------


class _FolderSearch:
    """A search through a folder, recursively and by name, then through what its links lead to: each real file once."""

    def __init__(self, folder: str) -> None:
        self._root = os.path.realpath(folder)
        self._seen = {_identity(Path(folder).stat())}
        self._folders = [(folder, "")]
        self._links: deque[tuple[os.DirEntry[str], str, str]] = deque()

    def files(self) -> Iterator[_ListedFile]:
        """Yield the files, and those files and folders that are passed by."""
        while self._folders or self._links:
            below: list[tuple[str, str]] = []
            if self._folders:
                yield from self._searched(*self._folders.pop(), below)
            else:
                yield from self._entry(*self._links.popleft(), below)
            self._folders += reversed(below)

    def _searched(self, folder: str, inside: str, below: list[tuple[str, str]]) -> Iterator[_ListedFile]:
        entries = _entries(folder)
        # A virtual environment may have any name, but always this file (PEP 405).
        if inside and any(entry.name == "pyvenv.cfg" for entry in entries):
            yield _ListedFile(folder, inside, OTHERS_CODE)
            return
        for entry in entries:
            name, path = PurePath(folder, entry.name).as_posix(), posixpath.join(inside, entry.name)
            if entry.is_symlink():
                # Last, so that a file is listed under its own path where it has one.
                self._links.append((entry, name, path))
            else:
                yield from self._entry(entry, name, path, below)

    def _entry(
        self, entry: os.DirEntry[str], name: str, inside: str, below: list[tuple[str, str]]
    ) -> Iterator[_ListedFile]:
        """Yield a file; add a folder to those `below`. What was seen before or leads upwards is neither."""
        try:
            status = entry.stat()
        except OSError:
            # A link that leads nowhere, or a file that was deleted meanwhile.
            return
        is_folder = stat.S_ISDIR(status.st_mode)
        if _identity(status) in self._seen or (is_folder and self._is_above(entry)):
            return
        self._seen.add(_identity(status))
        reason = unread(f"{inside}/" if is_folder else inside)
        if is_folder and not reason:
            below.append((name, inside))
        elif is_folder or stat.S_ISREG(status.st_mode):
            yield _ListedFile(name, inside, reason)

    def _is_above(self, entry: os.DirEntry[str]) -> bool:
        return entry.is_symlink() and Path(self._root).is_relative_to(os.path.realpath(entry.path))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _identity(status: os.stat_result) -> tuple[int, int]:
    # Two paths may lead to one file: links, mounts, a disk that ignores case.
    return status.st_dev, status.st_ino


# --- files ------------------------------------------------------------------------------------------------------------


def _loaded(found: _ListedFile) -> Upload:
    if not found.inside:
        return Upload(name=found.name, data=_bytes(found.name), picked=True)
    data, skipped = (b"", found.skipped) if found.skipped else _looked_into(found.name)
    return Upload(name=found.name, data=data, inside=found.inside, skipped=skipped)


def _looked_into(name: str) -> tuple[bytes, str]:
    """Return the bytes of a file that a search found, or why it isn't read. Large ones are looked into first."""
    try:
        with Path(name).open("rb") as file:
            data = file.read(LOOKED_AT + 1)
            if not may_hold_objects(name, data):
                return b"", "not manifests by their content"
            data += file.read(MAX_FILE_BYTES - len(data))
    except OSError:
        return b"", "not readable"
    return (data, "") if len(data) < MAX_FILE_BYTES else (b"", "too large")


def _bytes(name: str) -> bytes:
    with Path(name).open("rb") as file:
        return file.read(MAX_FILE_BYTES)


# --- kustomizations and charts ----------------------------------------------------------------------------------------


def _follow(found: dict[str, _ListedFile]) -> list[Kustomization]:
    """Return the kustomizations among the files, and add to these what they take in from other places."""
    known: dict[str, Kustomization] = {}
    waiting = [name for name, each in found.items() if not each.skipped and is_kustomization(name)]
    while waiting:
        name = waiting.pop()
        data = _looked_into(found[name].name)[0]
        kustomization = read_kustomization(name, data) if name not in known else None
        if kustomization is None:
            continue
        known[name] = kustomization
        for path in kustomization.resources:
            for each in _listed(path):
                if each not in found:
                    found[each] = _ListedFile(each, posixpath.basename(each))
                    waiting += [each] if is_kustomization(each) else []
    return list(known.values())


def _listed(path: str) -> Iterator[str]:
    """Yield the file that a resource is: itself, or the kustomization in the folder that it is."""
    if Path(path).is_file():
        yield path
    elif Path(path).is_dir():
        names = (posixpath.join(path, name) for name in KUSTOMIZATION_NAMES)
        yield from (name for name in names if Path(name).is_file())


def _charts(found: Iterable[str]) -> Iterator[str]:
    """Yield the Chart.yaml of each chart, but for those inside of others."""
    last = None
    for folder, name in sorted((posixpath.dirname(name), name) for name in found if is_chart(name)):
        if last is None or not f"{folder}/".startswith(f"{last}/" if last else ""):
            last = folder
            yield name
