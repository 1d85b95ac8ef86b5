"""Uploaded bytes -> `Manifests`: the way in. It never raises, whatever the bytes; what is wrong becomes a problem."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from webapp.manifests.archives import is_archive, members
from webapp.manifests.catalogue import problem
from webapp.manifests.collection import Collection
from webapp.manifests.decoding import decode
from webapp.manifests.documents import Item, items, read_documents
from webapp.manifests.file_reading import FileReading, Kept
from webapp.manifests.kinds import KIND_CLUSTER, match
from webapp.manifests.kustomize import kustomization
from webapp.manifests.limits import DEFAULT, Limits
from webapp.manifests.manifests import Manifests
from webapp.manifests.mistakes import (
    mistake,
    mistaken_document,
    mistaken_text,
    other_tool,
    template_language,
    template_mistake,
)
from webapp.manifests.problems import Problem, Severity
from webapp.manifests.selection import in_folder, is_chart, is_meant_as_manifest, may_hold_objects, shown, unread
from webapp.manifests.text import decode as decode_text
from webapp.manifests.tree import Budget, Document, Exhausted, Unreadable
from webapp.manifests.verdict import misspelled, object_problems, refusal
from webapp.manifests.wrapping import unwrapped


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was handed in; the name may be a path inside a folder."""

    name: str
    data: bytes
    picked: bool = False
    """Somebody named this very file, so it is read whatever its name, and whatever is wrong with it is said."""
    inside: str = ""
    """The path inside the folder that was searched, by which it is judged; the name if that isn't known."""
    skipped: str = ""
    """Why it was not opened: it is only counted."""
    rendered: str = ""
    """The kustomization.yaml or Chart.yaml that this is the output of; its own files don't count then."""
    problems: tuple[Problem, ...] = ()
    """What was noticed when it was fetched."""


def read(uploads: Iterable[Upload], limits: Limits = DEFAULT) -> Manifests:
    """Return the objects of all files, with everything that is wrong with them.

    Archives are unpacked, lists unfolded, one bad document never loses the others. The time is proportional to the
    bytes, unpacked; all limits are in `Limits`.

    >>> web = Upload(name="web.json", data=b'{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}')
    >>> read([web]).services[0].metadata.name
    'web'
    >>> [(problem.id, problem.line) for problem in read([Upload(name="web.yaml", data=b"kind: [")]).problems]
    [('NP001', 1)]
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
    rendered: str = ""
    problems: tuple[Problem, ...] = ()


def _files(uploads: Iterable[Upload], collection: Collection, budget: Budget) -> Iterator[_File]:
    """Yield the files that may be manifests, archives unpacked."""
    total = count = 0
    for upload in uploads:
        name = shown(upload.name, budget.limits.path_length)
        if reason := _skipped(upload):
            collection.left_out[reason] += 1
            continue
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


def _skipped(upload: Upload) -> str:
    """Return why a file isn't opened, empty if it is."""
    if upload.skipped or _is_picked(upload):
        return upload.skipped
    return unread(upload.inside or upload.name) or _seen(upload.name, upload.data)


def _is_picked(upload: Upload) -> bool:
    return upload.picked or not (upload.inside or in_folder(upload.name))


def _seen(name: str, data: bytes) -> str:
    if is_archive(data):
        return "archives"
    return "" if may_hold_objects(name, data) else "not manifests by their content"


def _opened(upload: Upload, collection: Collection, budget: Budget) -> Iterator[_File]:
    if not is_archive(upload.data):
        yield _File(upload.name, upload.data, _is_picked(upload), upload.rendered, upload.problems)
        return
    try:
        for member in members(upload.name, upload.data, budget):
            if member.alone and not is_archive(member.data or b""):
                yield _File(f"{upload.name}/{member.name}", member.data or b"", _is_picked(upload))
            elif reason := member.reason or unread(member.name) or _seen(member.name, member.data or b""):
                collection.left_out[reason] += 1
            else:
                name = shown(f"{upload.name}/{member.name}", budget.limits.path_length)
                yield _File(name, member.data or b"", picked=False)
    except Unreadable as error:
        collection.problems.append(problem(error.id, error.message, error.hint, file=upload.name))


def _read_file(file: _File, collection: Collection, budget: Budget) -> None:
    reading = FileReading(file.name, file.picked, rendered=file.rendered, problems=list(file.problems))
    try:
        text = decode_text(file.data)
        _read_text(text, reading, budget)
    except Exhausted as error:
        collection.add(reading)
        raise _Stop(_unreadable(error, file.name)) from None
    except Unreadable as error:
        text = file.data.decode("latin-1")
        reading.problems.append(_unreadable(error, file.name))
    except _Kubeconfig:
        text = ""
        reading = FileReading(file.name, file.picked, problems=[_kubeconfig(file)])
    if file.picked or _is_worth_a_word(reading, text):
        collection.add(reading)
    else:
        collection.set_aside(reading)


def _kubeconfig(file: _File) -> Problem:
    """Return what is said of credentials; nobody meant to upload those that a search finds."""
    found = mistake("NP013", file.name)
    return found if file.picked else replace(found, severity=Severity.WARNING)


def _is_worth_a_word(reading: FileReading, text: str) -> bool:
    """Return whether a file that a search found is, or was meant to be, a manifest or something that makes some."""
    ids = {one.id for one in reading.problems}
    if reading.kept or reading.not_used or reading.kustomization or reading.chart or "NP013" in ids:
        return True
    return (reading.template is not None or bool(ids & _UNREADABLE)) and is_meant_as_manifest(text)


_UNREADABLE = {"NP001", "NP002", "NP003"}


def _unreadable(error: Unreadable, file: str, object_: str | None = None) -> Problem:
    return problem(error.id, error.message, error.hint, file=file, line=error.line, object_=object_)


# --- documents --------------------------------------------------------------------------------------------------------


def _read_text(text: str, reading: FileReading, budget: Budget) -> None:
    if (mistaken := mistaken_text(reading.name, text)) == "NP013":
        raise _Kubeconfig
    if mistaken is not None:
        reading.problems.append(mistake(mistaken, reading.name))
        return
    text, around = unwrapped(text)
    if around:
        reading.problems.append(problem("NP034", around, file=reading.name, line=1))
    template = template_language(reading.name, text)
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


def _add_broken(error: Unreadable, where: str | None, reading: FileReading, *, template: str) -> None:
    reading.documents += 1
    if template and error.id == "NP001":
        _add_template(template, error.line, reading)
    else:
        reading.problems.append(_unreadable(error, reading.name, where))


def _add_template(language: str, line: int, reading: FileReading) -> None:
    """Note that the file is a template. Those that a search finds are told together, by chart."""
    if reading.picked:
        _once(template_mistake(language, reading.name, line), reading)
    elif reading.template is None:
        reading.template = line


def _once(found: Problem, reading: FileReading) -> None:
    """Add a problem unless the file has one of that id."""
    if all(known.id != found.id for known in reading.problems):
        reading.problems.append(found)


def _read_document(document: Document, reading: FileReading, budget: Budget, *, template: str) -> None:
    before = len(reading.kept)
    secret = False
    for item in items(document, budget):
        reading.documents += 1
        secret = secret or str(item.kind) in {"Secret", "ConfigMap"}
        _read_item(item, reading, budget, template=template)
    if len(reading.kept) > before:
        about = reading.kept[-1].label if len(reading.kept) == before + 1 else None
        second = _second_object(document)
        if second is not None:
            reading.problems.append(problem("NP020", _TWO, _SEPARATE, file=reading.name, line=second))
        for line, key in () if second is not None else document.duplicates:
            _add_duplicate(line, "" if secret else f" “{key[:40]}”", reading, about)


_TWO = "A second object begins here without a line --- before it: in one map its keys replace those of the first."
_SEPARATE = "Put a line --- between the two objects."


def _second_object(document: Document) -> int | None:
    """Return the line at which another object begins in the same map; None if none does."""
    lines = {key: line for line, key in reversed(document.duplicates)}
    return min(lines["apiVersion"], lines["kind"]) if {"apiVersion", "kind"} <= lines.keys() else None


def _add_duplicate(line: int, key: str, reading: FileReading, about: str | None) -> None:
    message = f"Duplicate key{key} in this map; the first one doesn't count."
    reading.problems.append(problem("NP020", message, file=reading.name, line=line, object_=about))


def _read_item(item: Item, reading: FileReading, budget: Budget, *, template: str) -> None:
    if not isinstance(item.data, dict):
        message = f"This is {_what(item.data)}, not a Kubernetes object."
        hint = _ONE_EACH if isinstance(item.data, list) and any(map(_is_object, item.data)) else other_tool(item.data)
        reading.problems.append(problem("NP008", message, hint, file=reading.name, line=item.line))
        return
    if (mistaken := mistaken_document(reading.name, item.data)) == "NP013":
        raise _Kubeconfig
    if mistaken == "NP012":
        reading.kustomization = kustomization(reading.name, item.data)
    elif mistaken == "NP019" and not reading.picked and is_chart(reading.name):
        reading.chart = str(item.data.get("type") or "application")
    elif mistaken is not None:
        if mistaken == "NP015":
            version = item.api_version if isinstance(item.api_version, str) else ""
            reading.kind_clusters.append(decode(KIND_CLUSTER, item, version, reading.name, checked=False).object)
        _once(mistake(mistaken, reading.name, item.line), reading)
    elif isinstance(item.kind, str) and item.kind:
        _read_object(item, item.kind, reading, budget, template=template)
    else:
        holds = item.data and all(map(_is_object, item.data.values()))
        message = "This is a map of objects." if holds else _no_kind(item.data, item.api_version)
        hint = _ONE_EACH if holds else other_tool(item.data)
        reading.problems.append(problem("NP007", message, hint, file=reading.name, line=item.line))


_ONE_EACH = "Separate the objects by ---, or put them into the items of a List; `jsonnet -y` prints them so."


def _is_object(data: Any) -> bool:
    return isinstance(data, dict) and "kind" in data and "apiVersion" in data


def _what(data: Any) -> str:
    return "a list" if isinstance(data, list) else "a single string" if isinstance(data, str) else "a single value"


def _no_kind(data: dict[str, Any], api_version: Any) -> str:
    if "kind" in data:
        return "kind must be a string."
    return "The document has no kind." if api_version else "The document has neither apiVersion nor kind."


def _read_object(item: Item, kind: str, reading: FileReading, budget: Budget, *, template: str) -> None:
    api_version = item.api_version if isinstance(item.api_version, str) else ""
    found = match(api_version, kind)
    if found.kind is None and found.meant:
        reading.problems.append(misspelled(found, api_version, file=reading.name, line=item.line))
        return
    if found.kind is None:
        if api_version or reading.picked:
            reading.not_used[found.label] += 1
        return
    checked = budget.problems < budget.limits.problems
    decoded = decode(found.kind, item, api_version, reading.name, checked=checked)
    budget.problems += len(decoded.faults)
    if template and "{{" in f"{decoded.object.metadata.name}{decoded.object.metadata.namespace}":
        _add_template(template, item.line, reading)
        return
    reading.problems.extend(object_problems(found, decoded))
    reading.kept.append(Kept(found.kind, decoded.object, refusal(found, decoded)))
