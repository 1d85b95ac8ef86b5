"""Gathers what the files of an upload come to: each object once, the last one wins."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from webapp.manifests.catalogue import problem
from webapp.manifests.kinds import KINDS, Kind
from webapp.manifests.limits import Limits
from webapp.manifests.manifests import FileSummary, Manifests
from webapp.manifests.problems import Problem, Severity


@dataclass(frozen=True, slots=True)
class Kept:
    """An object that is kept."""

    kind: Kind
    object: Any
    refusal: str = ""
    """What the API server's decoder would say, if it can't decode it."""

    @property
    def label(self) -> str:
        """``Service default/web``; ``Node worker-1`` for what has no namespace."""
        return label(self.kind.name, self.object.metadata.namespace, self.object.metadata.name)


def label(kind: str, namespace: str | None, name: str) -> str:
    """Return what an object is called in problems."""
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


@dataclass(slots=True)
class FileReading:
    """What one file came to."""

    name: str
    documents: int = 0
    kept: list[Kept] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    not_used: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Collection:
    """What all files came to so far."""

    limits: Limits
    objects: dict[tuple[str, ...], Kept] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    not_used: Counter[str] = field(default_factory=Counter)
    files: list[FileSummary] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Files, by why they were left out."""
    generated: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def add(self, file: FileReading) -> None:
        """Take over what a file came to."""
        self.files.append(FileSummary(name=file.name, documents=file.documents, used=len(file.kept)))
        self.problems.extend(file.problems)
        self.not_used.update(file.not_used)
        for kept in file.kept:
            self._add_object(self._named(kept))

    def _named(self, kept: Kept) -> Kept:
        """Return the object with a name of its own if it asks for one by generateName."""
        metadata = kept.object.metadata
        if metadata.name or not metadata.generate_name:
            return kept
        key = (kept.kind.name, metadata.namespace or "", metadata.generate_name)
        self.generated[key] += 1
        metadata = replace(metadata, name=f"{metadata.generate_name}{self.generated[key]}")
        return replace(kept, object=replace(kept.object, metadata=metadata))

    def _add_object(self, kept: Kept) -> None:
        metadata, source = kept.object.metadata, kept.object.source
        # Without a name nothing says that two are the same.
        key = (kept.kind.name, metadata.namespace or "", metadata.name or f"\0{len(self.objects)}")
        earlier = self.objects.pop(key, None)
        self.objects[key] = kept
        if earlier is not None:
            was = earlier.object.source
            message = f"{kept.label} is defined again here; what {was.file}, line {was.line}, says of it doesn't count."
            self.problems.append(problem("NP021", message, file=source.file, line=source.line, object_=kept.label))

    def manifests(self) -> Manifests:
        """Return the result."""
        if self.left_out:
            self.problems.append(_left_out(self.left_out))
        if not self.objects and not any(one.severity is Severity.ERROR for one in self.problems):
            self.problems.append(problem("NP023", _nothing(self.not_used)))
        by_collection: dict[str, Any] = {kind.collection: [] for kind in KINDS.values()}
        for kept in self.objects.values():
            by_collection[kept.kind.collection].append(kept.object)
        by_collection = {name: tuple(objects) for name, objects in by_collection.items()}
        return Manifests(
            **by_collection,
            undecodable={kept.label: kept.refusal for kept in self.objects.values() if kept.refusal},
            files=tuple(self.files),
            not_used=dict(sorted(self.not_used.items())),
            problems=_listed(self.problems, self.limits.problems),
        )


def _listed(problems: list[Problem], longest: int) -> tuple[Problem, ...]:
    """Return the problems in the order found; of too many the worst ones, and how many there are."""
    if len(problems) <= longest:
        return tuple(problems)
    order = list(Severity)
    worst = sorted(problems, key=lambda one: order.index(one.severity))[: longest - 1]
    return (*worst, problem("NP025", f"{len(problems) - len(worst):,} more problems are not listed."))


def _left_out(reasons: Counter[str]) -> Problem:
    count = reasons.total()
    what = ", ".join(f"{reason} ({number})" for reason, number in sorted(reasons.items()))
    return problem("NP022", f"{count:,} {'file was' if count == 1 else 'files were'} left out: {what}.")


def _nothing(not_used: Counter[str]) -> str:
    if not not_used:
        return "The upload holds no Kubernetes object."
    return f"None of the {not_used.total():,} objects of the upload is of a kind that nodefall draws."
