"""Findings that the manifests themselves accept: the annotation ``nodefall.io/ignore: "NP230: behind a firewall"``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from webapp.findings.facts import Facts
from webapp.findings.finding import Finding, Hit, Subject, name_of
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


@dataclass(frozen=True, slots=True)
class Sifted:
    """Findings, apart from those that are ignored with a reason."""

    kept: tuple[Finding, ...]
    ignored: tuple[tuple[Finding, str], ...]
    """With the reason."""


def sift(found: Iterable[Finding], manifests: Manifests) -> Sifted:
    """Return which findings are left after the annotations of the objects concerned.

    The annotation holds clauses ``ID: reason`` (or ``ID, ID: reason``), parted by semicolons; it counts for findings
    about the very object that carries it. A clause without a reason ignores nothing: see :data:`without_reason`.
    """
    reasons = {name: dict(_reasons(text)) for name, _, text in _annotated(manifests)}
    kept: list[Finding] = []
    ignored: list[tuple[Finding, str]] = []
    for finding in found:
        reason = _reason(finding, reasons)
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
    subjects: Iterable[Subject] = chain(
        manifests.services,
        manifests.workloads,
        manifests.pods,
        manifests.pod_disruption_budgets,
        manifests.nodes,
        manifests.network_policies,
        manifests.ingresses,
    )
    # Only kinds that findings are about; an annotation elsewhere has nothing to ignore.
    for subject in subjects:
        if text := subject.metadata.annotations.get(ANNOTATION):
            yield name_of(subject), subject, text
