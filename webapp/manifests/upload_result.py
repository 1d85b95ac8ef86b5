"""Gathers what the files of an upload come to: each object once, the last one wins."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from webapp.capture import CAPTURE
from webapp.limits import Limits
from webapp.manifests.catalogue import problem
from webapp.manifests.file_result import FileResult, ReadObject
from webapp.manifests.manifests import KINDS, FileSummary, Manifests
from webapp.manifests.objects import KindClusterObject
from webapp.manifests.problems import Problem, Severity
from webapp.manifests.used_files import choose_files
from webapp.numbers import counted

_MOST_ASIDE = 20


@dataclass(slots=True)
class UploadResult:
    """What was read from all files so far."""

    limits: Limits
    results: list[FileResult] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """Files, by why they were skipped."""
    kind_clusters: list[KindClusterObject] = field(default_factory=list)
    """Those in the files that were set aside."""
    aside: list[Problem] = field(default_factory=list)
    """What is wrong with some of the files that a search found and that are not manifests: listed if there is nothing
    else to say."""

    def add(self, result: FileResult) -> None:
        """Take over what was read from a file."""
        self.results.append(result)

    def set_aside(self, result: FileResult) -> None:
        """Count a file that a search found and that is not a manifest."""
        self.skipped["not manifests by their content"] += 1
        self.kind_clusters += result.kind_clusters
        if len(self.aside) < _MOST_ASIDE:
            self.aside += result.problems

    def manifests(self) -> Manifests:
        """Return the result."""
        chosen = choose_files(self.results)
        self.skipped.update(chosen.skipped)
        unique = _UniqueObjects(problems=[*self.problems, *chosen.problems])
        for result in chosen.results:
            unique.add(result)
        return self._manifests(chosen.results, unique)

    def _manifests(self, results: Sequence[FileResult], unique: "_UniqueObjects") -> Manifests:
        problems, objects = unique.problems, unique.by_identity.values()
        not_used = sum((result.not_used for result in results), Counter[str]())
        if self.skipped:
            problems.append(_skipped_files(self.skipped))
        if not objects and not not_used and all(one.severity is Severity.INFO for one in problems):
            problems += self.aside
        if not objects and not any(one.severity is Severity.ERROR for one in problems):
            problems.append(problem("NP023", *_nothing(not_used)))
        by_collection: dict[str, Any] = {kind.collection: [] for kind in KINDS.values()}
        for one in objects:
            by_collection[one.kind.collection].append(one.record)
        by_collection = {name: tuple(records) for name, records in by_collection.items()}
        return Manifests(
            **by_collection,
            kind_clusters=(*self.kind_clusters, *(one for result in results for one in result.kind_clusters)),
            undecodable={one.label: one.refusal for one in objects if one.refusal},
            files=tuple(map(_summary, results)),
            not_used=dict(sorted(not_used.items())),
            problems=_listed(problems, self.limits.problems),
        )


@dataclass(slots=True)
class _UniqueObjects:
    """Each object once, the last one wins."""

    problems: list[Problem]
    by_identity: dict[tuple[str, ...], ReadObject] = field(default_factory=dict)
    generated: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def add(self, result: FileResult) -> None:
        self.problems += result.problems
        for one in result.objects:
            self._add_object(self._named(one))

    def _named(self, one: ReadObject) -> ReadObject:
        """Return the object with a name that is not taken if it asks for one by generateName."""
        metadata = one.record.metadata
        if metadata.name or not metadata.generate_name:
            return one
        # The API server appends five random characters; a number leaves links and exports the same to the byte.
        prefix = (one.kind.name, metadata.namespace or "", metadata.generate_name)
        self.generated[prefix] += 1
        metadata = replace(metadata, name=f"{metadata.generate_name}{self.generated[prefix]}")
        return one._replace(record=replace(one.record, metadata=metadata))

    def _add_object(self, one: ReadObject) -> None:
        source = one.record.source
        # Without a name nothing says that two are the same.
        identity: tuple[str, ...] = one.identity
        if not identity[-1]:
            identity = (*identity, str(len(self.by_identity)))
        # Taken out, so that the object stands where its last definition was read.
        earlier = self.by_identity.pop(identity, None)
        self.by_identity[identity] = one
        if earlier is not None:
            was = earlier.record.source
            message = (
                f"{one.label} is defined again here; its definition in {was.file}, line {was.line}, doesn't count."
            )
            self.problems.append(problem("NP021", message, file=source.file, line=source.line, object_=one.label))


def _summary(one: FileResult) -> FileSummary:
    return FileSummary(name=one.name, documents=one.documents, used=len(one.objects), rendered=one.rendered)


def _listed(problems: list[Problem], longest: int) -> tuple[Problem, ...]:
    """Return the problems in the order found; of too many the worst ones, and how many there are."""
    if len(problems) <= longest:
        return tuple(problems)
    order = list(Severity)
    # Sorting is stable: among equals the first ones found stay.
    worst = sorted(problems, key=lambda one: order.index(one.severity))[: longest - 1]
    return (*worst, problem("NP025", f"{len(problems) - len(worst):,} more problems are not listed."))


def _skipped_files(reasons: Counter[str]) -> Problem:
    count = reasons.total()
    what = ", ".join(f"{reason} ({number})" for reason, number in sorted(reasons.items()))
    return problem("NP022", f"{count:,} {'file was' if count == 1 else 'files were'} skipped: {what}.")


_MOST_KINDS = 5
_MAKERS = frozenset(
    {"Application", "ApplicationSet", "Config", "Environment", "HelmChart", "HelmRelease", "Kustomization"}
)
"""Kinds of Argo CD, Flux, k3s, Skaffold and Tanka from which other objects are made."""
_RENDER = (
    "They stand for manifests that are elsewhere: render those (`helm template`, `kubectl kustomize`, `flux build`), or"
    f" capture the cluster: `{CAPTURE}`."
)


def _nothing(not_used: Counter[str]) -> tuple[str, str]:
    """Return what is said of an upload of which nothing is drawn, and what to do if the catalogue doesn't know."""
    if not not_used:
        return "The upload contains no Kubernetes object.", ""
    kinds = ", ".join(f"{count:,} {label}" for label, count in not_used.most_common(_MOST_KINDS))
    more = f" and {len(not_used) - _MOST_KINDS:,} more kinds" if len(not_used) > _MOST_KINDS else ""
    hint = "" if _MAKERS.isdisjoint(not_used) else _RENDER
    count = counted(not_used.total(), "object")
    return f"The upload has {count}, none of a kind that nodefall draws: {kinds}{more}.", hint
