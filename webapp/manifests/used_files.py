"""Which of the files of an upload count: kustomizations and charts make others of them mean nothing by themselves.

What a kustomization lists as a patch is not an object. Of overlays of one base only one is read. What was rendered
counts in place of the files that it was made of; templates that nobody rendered are reported once per chart.
"""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from webapp.manifests.catalogue import problem
from webapp.manifests.file_result import FileResult
from webapp.manifests.kustomize import Closure, Kustomization, alternatives, closures
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import some
from webapp.records import dataclass

_TRAFFIC = frozenset({"services", "workloads", "pods"})
"""The collections whose objects make two overlays the same thing; many share a Namespace."""
_RENDERED = "rendered instead"
_SHOWN = 5


@dataclass(slots=True)
class UsedFiles:
    """The files that count, and what there is to say about the others."""

    results: list[FileResult] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def choose_files(results: Sequence[FileResult]) -> UsedFiles:
    """Return the files that count, in the order in which they do: of one object the last definition wins."""
    choice = UsedFiles()
    files = _FileIndex(results)
    groups = files.groups()
    read = [group[0] for group in groups]
    choice.problems += _one_of_several(groups)
    for closure in read:
        if closure.root.folder not in files.rendered:
            choice.problems += _not_built(closure, files.by_name[closure.root.name].picked)
    unread = files.unread(read, [other for group in groups for other in group[1:]])
    for result in sorted(results, key=files.rank(read)):
        reason = unread(result)
        # Files that went into a rendered one are neither read nor missing.
        if reason == _RENDERED or (reason and result.rendered):
            continue
        if reason:
            choice.skipped[reason] += 1
        elif result.template is None or result.objects or result.not_used:
            choice.results.append(result)
            choice.problems += [_rendered(result)] if result.rendered else []
    choice.problems += _templates([one for one in results if not unread(one)], files)
    return choice


class _FileIndex:
    """The results by name, with the kustomizations and charts among them."""

    def __init__(self, results: Sequence[FileResult]) -> None:
        self.by_name = {posixpath.normpath(result.name): result for result in results}
        self.rendered = {_folder(one.rendered): one for one in results if one.rendered}
        traffic = ((name, tuple(_objects(result))) for name, result in self.by_name.items())
        self._traffic = {name: objects for name, objects in traffic if objects}
        self._kustomizations = [one.kustomization for one in results if one.kustomization]
        self.charts = {posixpath.dirname(name): one.chart for name, one in self.by_name.items() if one.chart}
        # Where dirname ends: POSIX keeps exactly two slashes at the beginning of a path.
        tops = ("", "/", "//")
        self._outermost: dict[str, str | None] = {top: top if top in self.charts else None for top in tops}

    def groups(self) -> tuple[tuple[Closure, ...], ...]:
        """Return the roots among the kustomizations, those of the same thing together."""
        found = closures(self._kustomizations, self.by_name)
        return alternatives(found, {closure.root.name: self._marks(closure) for closure in found})

    def _marks(self, closure: Closure) -> set[Any]:
        """Return what a kustomization has in common with another one of the same thing: files, or objects."""
        files = {name for name in closure.files if name in self._traffic}
        rendered = self.rendered.get(closure.root.folder)
        if rendered is not None:
            return files.union(_objects(rendered))
        objects = {key for name in files for key in self._traffic[name]}
        if not (space := closure.root.namespace):
            return files | objects
        return files | {(kind, space, name) for kind, _, name in objects}

    def chart(self, name: str) -> str | None:
        """Return the folder of the outermost chart that the file belongs to."""
        around, folder = [], posixpath.dirname(name)
        while folder not in self._outermost:
            around.append(folder)
            folder = posixpath.dirname(folder)
        for inner in reversed(around):
            outer = self._outermost[posixpath.dirname(inner)]
            self._outermost[inner] = inner if outer is None and inner in self.charts else outer
        return self._outermost[posixpath.dirname(name)]

    def unread(self, read: Collection[Closure], others: Collection[Closure]) -> "_SkipReasons":
        """Return what says of a file why it isn't read."""
        listed = frozenset(name for closure in read for name in closure.files)
        mine = {member.folder for closure in read for member in closure.members}
        return _SkipReasons(
            files=self,
            listed=listed,
            patches=frozenset(name for one in self._kustomizations for name in one.others),
            elsewhere=frozenset(name for closure in others for name in closure.files) - listed,
            folders=frozenset(member.folder for one in others for member in one.members) - mine,
            built=frozenset(_built(read, self.rendered)),
        )

    def rank(self, read: Collection[Closure]) -> "_ReadingOrder":
        """Return what puts the files in order: what is rendered last, what no kustomization beside it lists first."""
        folders = {member.folder for closure in read for member in closure.members}
        listed = {name for closure in read for name in closure.files}
        return _ReadingOrder(folders, listed)


@dataclass(frozen=True, slots=True)
class _ReadingOrder:
    folders: Collection[str]
    listed: Collection[str]

    def __call__(self, result: FileResult) -> int:
        name = posixpath.normpath(result.name)
        if result.rendered:
            # What was rendered comes last, so that it wins over plain files that define the same object.
            return 2
        return int(name in self.listed or _folder(name) not in self.folders)


def _built(read: Iterable[Closure], rendered: Mapping[str, FileResult]) -> Iterator[str]:
    for closure in read:
        if closure.root.folder in rendered:
            yield from closure.files
            for member in closure.members:
                yield member.name
                yield from member.others


def _objects(result: FileResult) -> Iterator[tuple[str, str, str]]:
    return (one.identity for one in result.objects if one.kind.collection in _TRAFFIC)


@dataclass(frozen=True, slots=True)
class _SkipReasons:
    """Says why a file isn't read; empty if it is."""

    files: _FileIndex
    listed: frozenset[str]
    patches: frozenset[str]
    elsewhere: frozenset[str]
    folders: frozenset[str]
    built: frozenset[str]

    def __call__(self, result: FileResult) -> str:
        name = posixpath.normpath(result.name)
        if result.rendered:
            return "other overlays" if _folder(result.rendered) in self.folders else ""
        if name in self.built or self._in_rendered_chart(name):
            return _RENDERED
        if name in self.listed:
            return ""
        if name in self.patches:
            return "patches of kustomizations"
        is_elsewhere = name in self.elsewhere or _folder(name) in self.folders
        return "other overlays" if is_elsewhere and not result.picked else ""

    def _in_rendered_chart(self, name: str) -> bool:
        chart = self.files.chart(name)
        return chart is not None and posixpath.normpath(chart) in self.files.rendered


def _rendered(result: FileResult) -> Problem:
    return problem("NP031", f"{_folder(result.rendered)} was rendered: nodefall uses the output of `{result.name}`.")


def _one_of_several(groups: Iterable[tuple[Closure, ...]]) -> Iterator[Problem]:
    for first, *others in groups:
        if others:
            folders = [one.root.folder for one in others]
            yield problem(
                "NP033",
                f"Of {len(others) + 1:,} overlays that create the same objects, each for a different place, only"
                f" {first.root.folder} was read. Not read: {some(folders, _SHOWN)}.",
                f"Give the folder of the one to read, such as {folders[0]}.",
                file=first.root.name,
                line=1,
            )


def _not_built(closure: Closure, picked: bool) -> Iterator[Problem]:
    changes, missing = closure.changes, closure.missing
    if not (changes or missing or (picked and not closure.files)):
        return
    message = "This kustomization was not built: what it lists was read as it is."
    if changes:
        message += f" Not applied: {', '.join(changes)}."
    if missing:
        message += f" Not found: {some(missing, _SHOWN)}."
    yield problem("NP012", message, _build_hint(closure.root), file=closure.root.name, line=1)


def _build_hint(root: Kustomization) -> str:
    return f"Run `kubectl kustomize {root.folder}` and use its output."


def _templates(results: Iterable[FileResult], files: _FileIndex) -> Iterator[Problem]:
    """Yield one problem per chart that was not rendered, and one for all other templates."""
    charts: dict[str, list[FileResult]] = defaultdict(list)
    others: list[FileResult] = []
    for result in results:
        name = posixpath.normpath(result.name)
        chart = files.chart(name)
        if chart is None and result.template:
            others.append(result)
        elif chart is not None and files.charts[chart] != "library":
            charts[chart].append(result)
    for chart, group in charts.items():
        yield from _chart(chart or ".", group)
    if others:
        folders = some(list(dict.fromkeys(_folder(one.name) for one in others)), _SHOWN)
        make = "makes manifests only when it is" if len(others) == 1 else "make manifests only when they are"
        message = f"{_not_read(others)}, which {make} rendered, in {folders}."
        hint = "Render templates with their variables first, and use the result."
        yield _template(message, hint, others[0].name, others[0].template)


def _chart(folder: str, group: Sequence[FileResult]) -> Iterator[Problem]:
    """Yield what there is to say of a chart, nothing if all of it is plain objects."""
    templates = [result for result in group if result.template]
    # A chart of plain objects, such as CRDs alone, says nothing wrong as it is.
    if templates or not any(result.objects for result in group):
        count = f"{_not_read(templates)}." if templates else "None of it was read."
        hint = f"Run `helm template {folder}` and use its output."
        file = min((one.name for one in group if one.chart), key=len)
        yield _template(f"The Helm chart {folder} was not rendered. {count}", hint, file, 1)


def _template(message: str, hint: str, file: str, line: int | None) -> Problem:
    return problem("NP011", message, hint, file=file, line=line, severity=Severity.WARNING)


def _not_read(templates: Sequence[FileResult]) -> str:
    return "Not read: 1 template" if len(templates) == 1 else f"Not read: {len(templates):,} templates"


def _folder(name: str) -> str:
    return posixpath.dirname(posixpath.normpath(name)) or "."
