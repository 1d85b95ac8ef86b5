"""Gathers what the files of an upload come to: each object once, the last one wins."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from webapp.capture import CAPTURE
from webapp.manifests.catalogue import problem
from webapp.manifests.choice import choose
from webapp.manifests.file_reading import FileReading, Kept
from webapp.manifests.kinds import KINDS
from webapp.manifests.limits import Limits
from webapp.manifests.manifests import FileSummary, Manifests
from webapp.manifests.objects import KindClusterObject
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import counted

_MOST_ASIDE = 20


@dataclass(slots=True)
class Collection:
    """What all files came to so far."""

    limits: Limits
    readings: list[FileReading] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Files, by why they were left out."""
    kind_clusters: list[KindClusterObject] = field(default_factory=list)
    """Those in the files that were set aside."""
    aside: list[Problem] = field(default_factory=list)
    """What is wrong with some of the files that a search found and that are no manifests: told if there is nothing
    else to tell."""

    def add(self, reading: FileReading) -> None:
        """Take over what a file came to."""
        self.readings.append(reading)

    def set_aside(self, reading: FileReading) -> None:
        """Count a file that a search found and that is no manifest."""
        self.left_out["not manifests by their content"] += 1
        self.kind_clusters += reading.kind_clusters
        if len(self.aside) < _MOST_ASIDE:
            self.aside += reading.problems

    def manifests(self) -> Manifests:
        """Return the result."""
        chosen = choose(self.readings)
        self.left_out.update(chosen.left_out)
        objects = _Objects(problems=[*self.problems, *chosen.problems])
        for reading in chosen.readings:
            objects.add(reading)
        return self._manifests(chosen.readings, objects)

    def _manifests(self, readings: Sequence[FileReading], objects: "_Objects") -> Manifests:
        problems, kept = objects.problems, objects.kept.values()
        not_used = sum((reading.not_used for reading in readings), Counter[str]())
        if self.left_out:
            problems.append(_left_out(self.left_out))
        if not kept and not not_used and all(one.severity is Severity.INFO for one in problems):
            problems += self.aside
        if not kept and not any(one.severity is Severity.ERROR for one in problems):
            problems.append(problem("NP023", *_nothing(not_used)))
        by_collection: dict[str, Any] = {kind.collection: [] for kind in KINDS.values()}
        for one in kept:
            by_collection[one.kind.collection].append(one.object)
        by_collection = {name: tuple(objects) for name, objects in by_collection.items()}
        return Manifests(
            **by_collection,
            kind_clusters=(*self.kind_clusters, *(one for reading in readings for one in reading.kind_clusters)),
            undecodable={one.label: one.refusal for one in kept if one.refusal},
            files=tuple(map(_summary, readings)),
            not_used=dict(sorted(not_used.items())),
            problems=_listed(problems, self.limits.problems),
        )


@dataclass(slots=True)
class _Objects:
    """Each object once, the last one wins."""

    problems: list[Problem]
    kept: dict[tuple[str, ...], Kept] = field(default_factory=dict)
    generated: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def add(self, reading: FileReading) -> None:
        self.problems += reading.problems
        for kept in reading.kept:
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
        source = kept.object.source
        # Without a name nothing says that two are the same.
        key = kept.key if kept.key[-1] else (*kept.key, str(len(self.kept)))
        earlier = self.kept.pop(key, None)
        self.kept[key] = kept
        if earlier is not None:
            was = earlier.object.source
            message = (
                f"{kept.label} is defined again here; its definition in {was.file}, line {was.line}, doesn't count."
            )
            self.problems.append(problem("NP021", message, file=source.file, line=source.line, object_=kept.label))


def _summary(one: FileReading) -> FileSummary:
    return FileSummary(name=one.name, documents=one.documents, used=len(one.kept), rendered=one.rendered)


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
