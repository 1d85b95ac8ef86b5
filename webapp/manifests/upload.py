"""Uploaded bytes -> `Manifests`: the way in. It never raises, whatever the bytes; what is wrong becomes a problem."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from webapp.manifests.archives import is_archive, members
from webapp.manifests.catalogue import problem
from webapp.manifests.collection import Collection, FileReading, Kept
from webapp.manifests.decoding import decode
from webapp.manifests.documents import Item, items, read_documents
from webapp.manifests.kinds import match
from webapp.manifests.limits import DEFAULT, Limits
from webapp.manifests.manifests import Manifests
from webapp.manifests.mistakes import is_template, mistake, mistaken_document, mistaken_text
from webapp.manifests.problems import Problem
from webapp.manifests.selection import (
    in_folder,
    is_hidden,
    is_never_manifest,
    is_outside,
    is_surely_manifest,
    shown,
)
from webapp.manifests.text import decode as decode_text
from webapp.manifests.tree import Budget, Document, Exhausted, Unreadable
from webapp.manifests.verdict import object_problems, refusal


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was handed in; the name may be a path inside a folder."""

    name: str
    data: bytes
    picked: bool = False
    """Somebody named this very file, so it is read whatever its name, and whatever is wrong with it is said."""


def read(uploads: Iterable[Upload], limits: Limits = DEFAULT) -> Manifests:
    """Return the objects of all files, with everything that is wrong with them.

    Archives are unpacked, lists unfolded, one bad document never loses the others. The time is proportional to the
    bytes, unpacked; all limits are in `Limits`.
    """
    collection = Collection(limits)
    budget = Budget(limits)
    try:
        for file in _files(uploads, collection, budget):
            _read_file(file, collection, budget)
    except _Stop as stop:
        collection.problems.append(stop.problem)
    return collection.manifests()


class _Stop(Exception):  # noqa: N818 (a way out, not an error)
    """A limit on the whole upload was hit."""

    def __init__(self, problem_: Problem) -> None:
        super().__init__(problem_.message)
        self.problem = problem_


class _Kubeconfig(Exception):  # noqa: N818 (a way out, not an error)
    """The file holds credentials."""


# --- files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    data: bytes
    picked: bool
    """Somebody chose this very file: whatever is wrong with it is worth a word."""


def _files(uploads: Iterable[Upload], collection: Collection, budget: Budget) -> Iterator[_File]:
    """Yield the files that may be manifests, archives unpacked."""
    total = count = 0
    for upload in uploads:
        name = shown(upload.name, budget.limits.path_length)
        total += len(upload.data)
        if total > budget.limits.body_bytes:
            raise _stop(f"The upload is larger than {budget.limits.body_bytes:,} bytes; it was read up to here.", name)
        for file in _opened(replace(upload, name=name), collection, budget):
            count += 1
            if count > budget.limits.files:
                raise _stop(
                    f"The upload has more than {budget.limits.files:,} files; it was read up to here.", file.name
                )
            yield file


def _stop(message: str, file: str, line: int | None = None) -> _Stop:
    return _Stop(problem("NP002", message, file=file, line=line))


def _opened(upload: Upload, collection: Collection, budget: Budget) -> Iterator[_File]:
    if not is_archive(upload.data):
        if upload.picked or (reason := _skipped(upload.name)) is None:
            yield _File(upload.name, upload.data, picked=upload.picked or not in_folder(upload.name))
        else:
            collection.left_out[reason] += 1
        return
    try:
        for member in members(upload.name, upload.data, budget):
            name = shown(f"{upload.name}/{member.name}", budget.limits.path_length)
            reason = member.reason or _skipped(member.name, nested=is_archive(member.data or b""))
            if reason or member.data is None:
                collection.left_out[reason or "links"] += 1
            else:
                yield _File(name, member.data, picked=False)
    except Unreadable as error:
        collection.problems.append(problem(error.id, error.message, error.hint, file=upload.name))


def _skipped(name: str, *, nested: bool = False) -> str | None:
    """Return why a file isn't read, None if it is."""
    if is_outside(name):
        return "paths that lead outside"
    if is_hidden(name):
        return "hidden files"
    if nested:
        return "archives in archives"
    return "not manifests by their names" if is_never_manifest(name) and in_folder(name) else None


def _read_file(file: _File, collection: Collection, budget: Budget) -> None:
    reading = FileReading(file.name)
    try:
        _read_text(decode_text(file.data), reading, budget)
    except Exhausted as error:
        collection.add(reading)
        raise _Stop(_unreadable(error, file.name)) from None
    except Unreadable as error:
        reading.problems.append(_unreadable(error, file.name))
    except _Kubeconfig:
        reading = FileReading(file.name, problems=[mistake("NP013", file.name)])
    if file.picked or is_surely_manifest(file.name) or _worth_a_word(reading):
        collection.add(reading)
    else:
        collection.left_out["not manifests by their content"] += 1


def _worth_a_word(reading: FileReading) -> bool:
    return bool(reading.kept or reading.not_used or any(one.id == "NP013" for one in reading.problems))


def _unreadable(error: Unreadable, file: str, object_: str | None = None) -> Problem:
    return problem(error.id, error.message, error.hint, file=file, line=error.line, object_=object_)


# --- documents --------------------------------------------------------------------------------------------------------


def _read_text(text: str, reading: FileReading, budget: Budget) -> None:
    if (mistaken := mistaken_text(reading.name, text)) == "NP013":
        raise _Kubeconfig
    if mistaken is not None:
        reading.problems.append(mistake(mistaken, reading.name))
        return
    template = is_template(text)
    broken: list[tuple[int, Unreadable]] = []
    number = 0
    for document in read_documents(text, budget):
        if isinstance(document, Exhausted):
            raise document
        number += 1
        if isinstance(document, Unreadable):
            broken.append((number, document))
        elif document.data is None:
            number -= 1
        else:
            _read_document(document, reading, budget, template=template)
    for position, error in broken:
        _add_broken(error, f"document {position} of {number}" if number > 1 else None, reading, template=template)


def _add_broken(error: Unreadable, where: str | None, reading: FileReading, *, template: bool) -> None:
    reading.documents += 1
    if template and error.id == "NP001":
        _once(mistake("NP011", reading.name, error.line), reading)
    else:
        reading.problems.append(_unreadable(error, reading.name, where))


def _once(found: Problem, reading: FileReading) -> None:
    """Add a problem unless the file has one of that id."""
    if all(known.id != found.id for known in reading.problems):
        reading.problems.append(found)


def _read_document(document: Document, reading: FileReading, budget: Budget, *, template: bool) -> None:
    before = len(reading.kept)
    secret = False
    for item in items(document, budget):
        reading.documents += 1
        secret = secret or str(item.kind) in {"Secret", "ConfigMap"}
        _read_item(item, reading, budget, template=template)
    if len(reading.kept) > before:
        about = reading.kept[-1].label if len(reading.kept) == before + 1 else None
        for line, key in document.duplicates:
            _add_duplicate(line, "A key" if secret else f"“{key[:40]}”", reading, about)


def _add_duplicate(line: int, key: str, reading: FileReading, about: str | None) -> None:
    message = f"{key} stands twice in this map; the first one doesn't count."
    reading.problems.append(problem("NP020", message, file=reading.name, line=line, object_=about))


def _read_item(item: Item, reading: FileReading, budget: Budget, *, template: bool) -> None:
    if not isinstance(item.data, dict):
        message = f"This is {_what(item.data)}, not a Kubernetes object."
        reading.problems.append(problem("NP008", message, file=reading.name, line=item.line))
        return
    if (mistaken := mistaken_document(reading.name, item.data)) == "NP013":
        raise _Kubeconfig
    if mistaken is not None:
        _once(mistake(mistaken, reading.name, item.line), reading)
    elif isinstance(item.kind, str) and item.kind:
        _read_object(item, item.kind, reading, budget, template=template)
    else:
        message = _no_kind(item.data, item.api_version)
        reading.problems.append(problem("NP007", message, file=reading.name, line=item.line))


def _what(data: Any) -> str:
    return "a list" if isinstance(data, list) else "a single text" if isinstance(data, str) else "a single value"


def _no_kind(data: dict[str, Any], api_version: Any) -> str:
    if "kind" in data:
        return "kind must be a text."
    return "The document has no kind." if api_version else "The document has neither apiVersion nor kind."


def _read_object(item: Item, kind: str, reading: FileReading, budget: Budget, *, template: bool) -> None:
    api_version = item.api_version if isinstance(item.api_version, str) else ""
    found = match(api_version, kind)
    if found.kind is None:
        reading.not_used[found.label] += 1
        return
    checked = budget.problems < budget.limits.problems
    decoded = decode(found.kind, item, api_version, reading.name, checked=checked)
    budget.problems += len(decoded.faults)
    if template and "{{" in f"{decoded.object.metadata.name}{decoded.object.metadata.namespace}":
        _once(mistake("NP011", reading.name, item.line), reading)
        return
    reading.problems.extend(object_problems(found, decoded))
    reading.kept.append(Kept(found.kind, decoded.object, refusal(found, decoded)))
