"""Uploaded bytes -> `Manifests`: the way in. It never raises, whatever the bytes; what is wrong becomes a problem."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

from webapp.garbage import collection_paused
from webapp.limits import DEFAULT, Limits
from webapp.manifests.archives import is_archive, members
from webapp.manifests.candidate_files import in_folder, is_chart, is_meant_as_manifest, may_hold_objects, shown, unread
from webapp.manifests.catalogue import problem
from webapp.manifests.documents import RawObject, ordinary_json, raw_objects, read_documents, read_otherwise
from webapp.manifests.encoding import decode as decode_text
from webapp.manifests.file_result import FileResult, ReadObject
from webapp.manifests.kinds import find_kind
from webapp.manifests.kustomize import kustomization
from webapp.manifests.manifests import KIND_CLUSTER, Manifests
from webapp.manifests.mistakes import (
    mistake,
    mistaken_document,
    mistaken_text,
    other_tool,
    template_language,
    template_mistake,
)
from webapp.manifests.object_decoder import decode
from webapp.manifests.object_problems import is_faultless, misspelled, object_problems, refusal
from webapp.manifests.problems import Problem, Severity
from webapp.manifests.surrounding_text import unwrapped
from webapp.manifests.tree import Document, Exhausted, Unreadable, Usage
from webapp.manifests.upload_result import UploadResult
from webapp.records import dataclass


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


OnProgress = Callable[[str, float], None]
"""Is given the name of the file that is read, and how much of it has been read, 0 to 1."""


def read(
    uploads: Iterable[Upload], limits: Limits = DEFAULT, on_progress: OnProgress = lambda _name, _share: None
) -> Manifests:
    """Return the objects of all files, with everything that is wrong with them.

    Archives are unpacked, lists unfolded, one bad document never loses the others. The time is proportional to the
    bytes, unpacked; all limits are in `Limits`. `on_progress` is called with each object.

    >>> web = Upload(name="web.json", data=b'{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}')
    >>> read([web]).services[0].metadata.name
    'web'
    >>> [(problem.id, problem.line) for problem in read([Upload(name="web.yaml", data=b"kind: [")]).problems]
    [('NP001', 1)]
    """
    upload_result = UploadResult(limits)
    usage = Usage(limits)
    with collection_paused():
        try:
            for file in _files(uploads, upload_result, usage):
                _read_file(file, upload_result, usage, on_progress)
        except _Stop as stop:
            upload_result.problems.append(stop.problem)
        return upload_result.manifests()


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


def _files(uploads: Iterable[Upload], upload_result: UploadResult, usage: Usage) -> Iterator[_File]:
    """Yield the files that may be manifests, archives unpacked."""
    total = count = 0
    for upload in uploads:
        name = shown(upload.name, usage.limits.path_length)
        if reason := _skip_reason(upload):
            upload_result.skipped[reason] += 1
            continue
        total += len(upload.data)
        if total > usage.limits.body_bytes:
            raise _stop(f"The upload is larger than {usage.limits.body_bytes:,} bytes; it was read up to here.", name)
        for file in _unpacked(replace(upload, name=name), upload_result, usage):
            count += 1
            if count > usage.limits.files:
                raise _stop(
                    f"The upload has more than {usage.limits.files:,} files; it was read up to here.", file.name
                )
            yield file


def _stop(message: str, file: str, line: int | None = None) -> _Stop:
    return _Stop(problem("NP002", message, file=file, line=line))


def _skip_reason(upload: Upload) -> str:
    """Return why a file isn't opened, empty if it is."""
    if upload.skipped or _is_picked(upload):
        return upload.skipped
    return unread(upload.inside or upload.name) or _content_reason(upload.name, upload.data)


def _is_picked(upload: Upload) -> bool:
    return upload.picked or not (upload.inside or in_folder(upload.name))


def _content_reason(name: str, data: bytes) -> str:
    if is_archive(data):
        return "archives"
    return "" if may_hold_objects(name, data) else "not manifests by their content"


def _unpacked(upload: Upload, upload_result: UploadResult, usage: Usage) -> Iterator[_File]:
    if not is_archive(upload.data):
        yield _File(upload.name, upload.data, _is_picked(upload), upload.rendered, upload.problems)
        return
    try:
        for member in members(upload.name, upload.data, usage):
            # A compressed file counts as the file itself. An archive inside an archive is not opened: a bomb grows
            # with every level.
            if member.alone and not is_archive(member.data or b""):
                yield _File(f"{upload.name}/{member.name}", member.data or b"", _is_picked(upload))
            elif reason := member.reason or unread(member.name) or _content_reason(member.name, member.data or b""):
                upload_result.skipped[reason] += 1
            else:
                name = shown(f"{upload.name}/{member.name}", usage.limits.path_length)
                yield _File(name, member.data or b"", picked=False)
    except Unreadable as error:
        upload_result.problems.append(problem(error.id, error.message, error.hint, file=upload.name))


def _read_file(file: _File, upload_result: UploadResult, usage: Usage, on_progress: OnProgress) -> None:
    result = FileResult(file.name, file.picked, rendered=file.rendered, problems=list(file.problems))
    try:
        text = decode_text(file.data)
        _read_text(text, result, usage, on_progress)
    except Exhausted as error:
        upload_result.add(result)
        raise _Stop(_unreadable(error, file.name)) from None
    except Unreadable as error:
        # No bytes fail in it, and what is looked for below is ASCII.
        text = file.data.decode("latin-1")
        result.problems.append(_unreadable(error, file.name))
    except _Kubeconfig:
        text = ""
        result = FileResult(file.name, file.picked, problems=[_kubeconfig(file)])
    if file.picked or _is_worth_a_word(result, text):
        upload_result.add(result)
    else:
        upload_result.set_aside(result)


def _kubeconfig(file: _File) -> Problem:
    """Return what is said of credentials; nobody meant to upload those that a search finds."""
    found = mistake("NP013", file.name)
    return found if file.picked else replace(found, severity=Severity.WARNING)


def _is_worth_a_word(result: FileResult, text: str) -> bool:
    """Return whether a file that a search found is, or was meant to be, a manifest or something that makes some."""
    ids = {one.id for one in result.problems}
    if result.objects or result.not_used or result.kustomization or result.chart or "NP013" in ids:
        return True
    return (result.template is not None or bool(ids & _UNREADABLE)) and is_meant_as_manifest(text)


_UNREADABLE = {"NP001", "NP002", "NP003"}


def _unreadable(error: Unreadable, file: str, object_: str | None = None) -> Problem:
    return problem(error.id, error.message, error.hint, file=file, line=error.line, object_=object_)


# --- documents --------------------------------------------------------------------------------------------------------


def _read_text(text: str, result: FileResult, usage: Usage, on_progress: OnProgress) -> None:
    if (mistaken := mistaken_text(result.name, text)) == "NP013":
        raise _Kubeconfig
    if mistaken is not None:
        result.problems.append(mistake(mistaken, result.name))
        return
    documents, text = _documents(text, result, usage)
    # Looked for where something is wrong, which is rare, and in the whole text.
    template = cache(partial(template_language, result.name, text))
    # Said only at the end, when the number of documents is known: "document 3 of 7".
    broken: list[tuple[int, Unreadable]] = []
    number, lines = 0, text.count("\n") + 1
    for document in documents:
        if isinstance(document, Exhausted):
            raise document
        number += 1
        if isinstance(document, Unreadable):
            broken.append((number, document))
        elif document.is_empty:
            number -= 1
        else:
            for line in _read_document(document, result, usage, template=template):
                on_progress(result.name, line / lines)
    for position, error in broken:
        _add_broken(error, f"document {position} of {number}" if number > 1 else None, result, template=template)


def _documents(text: str, result: FileResult, usage: Usage) -> tuple[Iterable[Document | Unreadable], str]:
    """Return the documents of a text, and the text without what surrounds them; JSON has no room for such."""
    documents = ordinary_json(text, usage)
    if documents is not None:
        return documents, text
    plain, around = unwrapped(text)
    if not around:
        return read_otherwise(text, usage), text
    result.problems.append(problem("NP034", around, file=result.name, line=1))
    return read_documents(plain, usage), plain


def _add_broken(error: Unreadable, where: str | None, result: FileResult, *, template: Callable[[], str]) -> None:
    result.documents += 1
    if error.id == "NP001" and template():
        _add_template(template(), error.line, result)
    else:
        result.problems.append(_unreadable(error, result.name, where))


def _add_template(language: str, line: int, result: FileResult) -> None:
    """Note that the file is a template. Those that a search finds are reported together, by chart."""
    if result.picked:
        _once(template_mistake(language, result.name, line), result)
    elif result.template is None:
        result.template = line


def _once(found: Problem, result: FileResult) -> None:
    """Add a problem unless the file has one of that id."""
    if all(known.id != found.id for known in result.problems):
        result.problems.append(found)


def _read_document(
    document: Document, result: FileResult, usage: Usage, *, template: Callable[[], str]
) -> Iterator[int]:
    """Read the objects of a document one by one, and yield the line of each: a dump is one document with thousands."""
    before = len(result.objects)
    secret = False
    for raw in raw_objects(document, usage):
        result.documents += 1
        # What looks like a duplicate key of a Secret may be a line of its content.
        secret = secret or str(raw.kind) in {"Secret", "ConfigMap"}
        _read_item(raw, result, usage, template=template)
        yield raw.line
    if len(result.objects) > before:
        about = result.objects[-1].label if len(result.objects) == before + 1 else None
        second = _second_object(document)
        if second is not None:
            result.problems.append(problem("NP020", _TWO, _SEPARATE, file=result.name, line=second))
        for line, key in () if second is not None else document.duplicates:
            _add_duplicate(line, "" if secret else f" “{key[:40]}”", result, about)


_TWO = "A second object begins here without a line --- before it: in one map its keys replace those of the first."
_SEPARATE = "Put a line --- between the two objects."


def _second_object(document: Document) -> int | None:
    """Return the line at which another object begins in the same map; None if none does."""
    lines = {key: line for line, key in reversed(document.duplicates)}
    return min(lines["apiVersion"], lines["kind"]) if {"apiVersion", "kind"} <= lines.keys() else None


def _add_duplicate(line: int, key: str, result: FileResult, about: str | None) -> None:
    message = f"Duplicate key{key} in this map; the first one doesn't count."
    result.problems.append(problem("NP020", message, file=result.name, line=line, object_=about))


def _read_item(raw: RawObject, result: FileResult, usage: Usage, *, template: Callable[[], str]) -> None:
    if raw.record is not None:
        _read_object(raw, raw.kind, result, usage, template=template)
        return
    if not isinstance(raw.data, dict):
        message = f"This is {_what(raw.data)}, not a Kubernetes object."
        hint = _ONE_EACH if isinstance(raw.data, list) and any(map(_is_object, raw.data)) else other_tool(raw.data)
        result.problems.append(problem("NP008", message, hint, file=result.name, line=raw.line))
        return
    if (mistaken := mistaken_document(result.name, raw.data)) == "NP013":
        raise _Kubeconfig
    if mistaken == "NP012":
        result.kustomization = kustomization(result.name, raw.data)
    elif mistaken == "NP019" and not result.picked and is_chart(result.name):
        result.chart = str(raw.data.get("type") or "application")
    elif mistaken is not None:
        if mistaken == "NP015":
            version = raw.api_version if isinstance(raw.api_version, str) else ""
            result.kind_clusters.append(decode(KIND_CLUSTER, raw, version, result.name, checked=False).record)
        _once(mistake(mistaken, result.name, raw.line), result)
    elif isinstance(raw.kind, str) and raw.kind:
        _read_object(raw, raw.kind, result, usage, template=template)
    else:
        holds = raw.data and all(map(_is_object, raw.data.values()))
        message = "This is a map of objects." if holds else _no_kind(raw.data, raw.api_version)
        hint = _ONE_EACH if holds else other_tool(raw.data)
        result.problems.append(problem("NP007", message, hint, file=result.name, line=raw.line))


_ONE_EACH = "Separate the objects by ---, or put them into the items of a List; `jsonnet -y` prints them so."


def _is_object(data: Any) -> bool:
    return isinstance(data, dict) and "kind" in data and "apiVersion" in data


def _what(data: Any) -> str:
    return "a list" if isinstance(data, list) else "a single string" if isinstance(data, str) else "a single value"


def _no_kind(data: dict[str, Any], api_version: Any) -> str:
    if "kind" in data:
        return "kind must be a string."
    return "The document has no kind." if api_version else "The document has neither apiVersion nor kind."


def _read_object(raw: RawObject, kind: str, result: FileResult, usage: Usage, *, template: Callable[[], str]) -> None:
    api_version = raw.api_version if isinstance(raw.api_version, str) else ""
    found = find_kind(api_version, kind)
    if found.kind is None and found.intended:
        result.problems.append(misspelled(found, api_version, file=result.name, line=raw.line))
        return
    if found.kind is None:
        if api_version or result.picked:
            result.not_used[found.label] += 1
        return
    checked = usage.problems < usage.limits.problems
    decoded = decode(found.kind, raw, api_version, result.name, checked=checked)
    usage.problems += len(decoded.faults)
    metadata = decoded.record.metadata
    if "{{" in f"{metadata.name}{metadata.namespace}" and template():
        _add_template(template(), raw.line, result)
        return
    if is_faultless(found, decoded):
        result.objects.append(ReadObject(found.kind, decoded.record))
        return
    result.problems.extend(object_problems(found, decoded))
    result.objects.append(ReadObject(found.kind, decoded.record, refusal(found, decoded)))
