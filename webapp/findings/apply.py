"""From facts to findings: apply every rule, say where each hit stands, and how to fix it."""

from collections.abc import Iterable, Iterator
from functools import partial

from webapp.cluster.model import Cluster
from webapp.findings.facts import Facts
from webapp.findings.finding import Finding, Fix, Hit, Subject, TextEdit, name_of
from webapp.findings.remedy import patch
from webapp.findings.rule import Rule
from webapp.findings.rules import RULES
from webapp.manifests.manifests import Manifests
from webapp.manifests.problems import Problem, Severity

_NOTES = {"NP021", "NP034"}
"""Notes of reading that are about what somebody wrote."""


def findings(manifests: Manifests, cluster: Cluster) -> tuple[Finding, ...]:
    """Return all findings, the worst first, then by file and line.

    `cluster` is what :func:`webapp.cluster.build.build` made of `manifests`. Problems of reading and accepting are
    apart: see :func:`problem_findings`.
    """
    return by_rules(Facts(manifests, cluster), RULES)


def by_rules(facts: Facts, rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """Return the findings of some rules, in order."""
    return in_order(_finding(rule, hit) for rule in rules for hit in rule.check(facts))


def problem_findings(cluster: Cluster) -> tuple[Finding, ...]:
    """Return the errors and warnings of reading and accepting, and some notes of reading, as findings."""
    told = (p for p in cluster.problems if p.severity is not Severity.INFO or p.id in _NOTES)
    return in_order(map(_from_problem, told))


def in_order(found: Iterator[Finding]) -> tuple[Finding, ...]:
    """Return findings, the worst first, then by file, line and id, each once."""
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda f: (f.severity.rank, f.file or "", f.line or 0, f.id, f.message)))


def _finding(rule: Rule, hit: Hit) -> Finding:
    subject = hit.subject
    return Finding(
        id=rule.id,
        severity=rule.severity,
        message=hit.message,
        object=name_of(subject) if subject else None,
        path=hit.path,
        file=subject.source.file if subject else None,
        line=subject.source.line_of(hit.path) if subject else None,
        why=rule.why,
        hint=hit.hint,
        write_remedy=partial(patch, subject, hit.remedy),
        fix=Fix(subject=subject, content=hit.remedy) if hit.remedy else None,
        edit=_edit(hit, subject) if subject and hit.old else None,
        brief=hit.brief,
    )


def _edit(hit: Hit, subject: Subject) -> TextEdit:
    return TextEdit(file=subject.source.file, line=subject.source.line_of(hit.path), old=hit.old, new=hit.new)


def _from_problem(problem: Problem) -> Finding:
    return Finding(
        id=problem.id,
        severity=problem.severity,
        message=problem.message,
        object=problem.object,
        # Of a file that can't be read the line is all that tells one problem from the next.
        path="" if problem.object else str(problem.line or ""),
        file=problem.file,
        line=problem.line,
        hint=problem.hint,
    )
