"""Findings that are accepted: by the annotation ``nodefall.io/ignore: "NP230: behind a firewall"`` or by an address."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from webapp.findings.facts import Facts
from webapp.findings.finding import Finding, Hit, Subject, name_of
from webapp.findings.remedy import patch
from webapp.findings.rule import rule
from webapp.manifests.manifests import Manifests
from webapp.manifests.problems import Severity
from webapp.records import dataclass

ANNOTATION = "nodefall.io/ignore"
_CLAUSE = re.compile(r"(NP\d{3}(?:\s*,\s*NP\d{3})*)\s*:\s*(\S.*)", re.DOTALL)


@rule(
    "NP290",
    Severity.WARNING,
    "Ignored without a reason",
    why="Without a reason, nobody can tell later whether it still holds.",
    fix="Write the annotation as `ID: reason`, several separated by semicolons.",
)
def without_reason(facts: Facts) -> Iterator[Hit]:
    """Yield annotations with a clause that ignores nothing, because it isn't an ``ID: reason``."""
    for _, subject, text in _annotated(facts.manifests):
        for clause in _clauses(text):
            if not _CLAUSE.fullmatch(clause):
                yield Hit(
                    subject=subject,
                    path="metadata.annotations",
                    message=f"{ANNOTATION}: {clause[:80]!r} ignores nothing: it isn't an `ID: reason`.",
                    hint='Write it like "NP230: only reachable from the office".',
                )


class IgnoreError(ValueError):
    """A word that is to ignore findings says too little; the message says how it is written."""


MIN_REASON = 10
"""Characters: what is shorter tells nobody later whether it still holds."""
MAX_REASON = 200
_WORD = re.compile(r"(NP\d{3})((?:/[^/:\s]+){0,3}):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ignore:
    """What the readers of an address ignore: one rule of one object, of a namespace, or of all objects."""

    rule: str
    where: str
    """``KIND/NAMESPACE/NAME``, ``KIND/NAME`` of an object without a namespace, a namespace, or empty for everywhere."""
    reason: str

    @classmethod
    def of(cls, word: str) -> "Ignore | None":
        """Return what a word of an address ignores; None if it is none, or says too little.

        >>> Ignore.of("NP220/shop: one replica is enough")
        Ignore(rule='NP220', where='shop', reason='one replica is enough')
        """
        found = _WORD.fullmatch(word)
        reason = reason_in(found[3]) if found else ""
        return cls(found[1], found[2][1:], reason) if found and len(reason) >= MIN_REASON else None

    @classmethod
    def all_of(cls, words: Iterable[str]) -> "tuple[Ignore, ...]":
        """Return what words ignore, each once.

        Raises:
            IgnoreError: one of them ignores nothing.

        """
        found = {word: cls.of(word) for word in words}
        if wrong := next((word for word, its in found.items() if its is None), None):
            raise IgnoreError(
                "ignore is ID:REASON, ID/NAMESPACE:REASON or ID/KIND/NAMESPACE/NAME:REASON, with a reason of "
                f'{MIN_REASON} characters or more, such as "NP220/shop: one replica is enough", not "{wrong[:80]}".'
            )
        return tuple(dict.fromkeys(its for its in found.values() if its))

    @property
    def word(self) -> str:
        """How an address says it."""
        return f"{'/'.join(filter(None, (self.rule, self.where)))}:{self.reason}"

    def covers(self, finding: Finding) -> bool:
        """Return whether it ignores a finding."""
        return self.rule == finding.id and self.where in ("", object_word(finding), namespace_of(finding))


def reason_in(text: str) -> str:
    """Return a reason in one line, as long as it may be, without what would end a clause of the annotation."""
    return " ".join(text.replace(";", ",").split())[:MAX_REASON].strip()


def object_word(finding: Finding) -> str:
    """Return the object of a finding as addresses name it, ``KIND/NAMESPACE/NAME``; empty without one."""
    return (finding.object or "").replace(" ", "/", 1)


def namespace_of(finding: Finding) -> str | None:
    """Return the namespace of a finding's object; None for an object without one."""
    namespace, slash, _ = (finding.object or "").partition(" ")[2].partition("/")
    return namespace if slash else None


def annotation_for(finding: Finding, reason: str, manifests: Manifests) -> str:
    """Return the annotation that ignores a finding in its file, as a patch beside the clauses that are there.

    Empty where the object is of a kind that carries none.
    """
    subject = next((each for each in _subjects(manifests) if name_of(each) == finding.object), None)
    if subject is None:
        return ""
    there = subject.metadata.annotations.get(ANNOTATION, "").strip().rstrip(";")
    clause = f"{finding.id}: {reason}"
    return patch(subject, {"metadata": {"annotations": {ANNOTATION: f"{there}; {clause}" if there else clause}}})


@dataclass(frozen=True, slots=True)
class Sifted:
    """Findings, apart from those that are ignored with a reason."""

    kept: tuple[Finding, ...]
    ignored: tuple[tuple[Finding, str], ...]
    """With the reason."""


def sift(found: Iterable[Finding], manifests: Manifests, ignores: Sequence[Ignore] = ()) -> Sifted:
    """Return which findings are left after the annotations of the objects concerned, and what is ignored besides.

    The annotation holds clauses ``ID: reason`` (or ``ID, ID: reason``), parted by semicolons; it counts for findings
    about the very object that carries it. A clause without a reason ignores nothing: see :data:`without_reason`.
    """
    reasons = {name: dict(_reasons(text)) for name, _, text in _annotated(manifests)}
    kept: list[Finding] = []
    ignored: list[tuple[Finding, str]] = []
    for finding in found:
        reason = _reason(finding, reasons) or next((its.reason for its in ignores if its.covers(finding)), None)
        if reason is None:
            kept.append(finding)
        else:
            ignored.append((finding, reason))
    return Sifted(tuple(kept), tuple(ignored))


def _reason(finding: Finding, reasons: Mapping[str, Mapping[str, str]]) -> str | None:
    return reasons.get(finding.object or "", {}).get(finding.id)


def _reasons(text: str) -> Iterator[tuple[str, str]]:
    for clause in _clauses(text):
        if found := _CLAUSE.fullmatch(clause):
            yield from ((each.strip(), found[2]) for each in found[1].split(","))


def _clauses(text: str) -> Iterator[str]:
    return filter(None, (clause.strip() for clause in re.split(r"[;\n]", text)))


def _annotated(manifests: Manifests) -> Iterator[tuple[str, Subject, str]]:
    for subject in _subjects(manifests):
        if text := subject.metadata.annotations.get(ANNOTATION):
            yield name_of(subject), subject, text


def _subjects(manifests: Manifests) -> Iterator[Subject]:
    """Yield the objects whose annotation counts."""
    # Only kinds that findings are about; an annotation elsewhere has nothing to ignore.
    return chain(
        manifests.services,
        manifests.workloads,
        manifests.pods,
        manifests.pod_disruption_budgets,
        manifests.nodes,
        manifests.network_policies,
        manifests.ingresses,
    )
