"""The report as SARIF 2.1.0 (OASIS), which code scanning takes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from webapp import __version__
from webapp.check.report import NO_SURVIVAL, Report, port_name
from webapp.findings.rules import BY_ID
from webapp.manifests.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webapp.findings import Finding, Rule
    from webapp.resilience import Survival

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report) -> str:
    """Return the SARIF log: one run, each finding a result, ignored and accepted ones as suppressed results.

    Each result has a physical location: code scanning rejects a whole log for one that has none (GitHub, "SARIF support
    for code scanning": ``locations[]`` and its ``physicalLocation`` are required).
    """
    results = [
        *(_result(finding, report) for finding in report.findings),
        *(_suppressed(finding, report, "inSource", reason) for finding, reason in report.ignored),
        *(_suppressed(finding, report, "external", "in the baseline") for finding in report.accepted),
        *(_lost(survival, *report.place(survival.service)) for survival in report.lost),
    ]
    ids = sorted({result["ruleId"] for result in results})
    rules = [_rule(each, levels(results, each)) for each in ids]
    indexed = [{**result, "ruleIndex": ids.index(result["ruleId"])} for result in results]
    # Only rules with results: the whole table in each log would be most of it.
    driver = {"name": "nodefall", "semanticVersion": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": indexed}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def levels(results: Iterable[dict[str, Any]], rule: str) -> str:
    """Return the level of a rule's results."""
    return next(str(result["level"]) for result in results if result["ruleId"] == rule)


def _rule(id_: str, level: str) -> dict[str, Any]:
    title, why = _described(id_, NO_SURVIVAL if id_ == NO_SURVIVAL.id else BY_ID.get(id_))
    return {
        "id": id_,
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {"text": why},
        "defaultConfiguration": {"level": level},
    }


def _described(id_: str, rule: Rule | None) -> tuple[str, str]:
    if rule is not None:
        return rule.title, rule.why
    if id_ in CATALOGUE:
        return CATALOGUE[id_].title, CATALOGUE[id_].hint
    return "Rejected by the API server", "The object would not be created as it is."


def _result(finding: Finding, report: Report) -> dict[str, Any]:
    text = " ".join(filter(None, (f"{finding.object}:" if finding.object else "", finding.message, finding.hint)))
    return {
        "ruleId": finding.id,
        "level": finding.severity.noun,
        "message": {"text": text},
        "locations": [_location(*report.real_place(finding.file, finding.line), finding.object)],
        "partialFingerprints": {"nodefall/v1": finding.fingerprint},
    }


def _location(file: str, line: int, named: str | None) -> dict[str, Any]:
    logical = {"logicalLocations": [{"fullyQualifiedName": named, "kind": "object"}]} if named else {}
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": line}},
        **logical,
    }


def _uri(file: str) -> str:
    """Return the file's place in the folder that the command runs in, a repository's root as a rule."""
    # Relative addresses are what code scanning finds in the repository; a file outside it keeps its absolute one.
    here = Path.cwd()
    text = file.encode(errors="replace").decode()  # a name in an archive may have half of a surrogate pair
    path = Path(os.path.normpath(here / text))
    return quote(path.relative_to(here).as_posix()) if path.is_relative_to(here) else path.as_uri()


def _suppressed(finding: Finding, report: Report, kind: str, reason: str) -> dict[str, Any]:
    return {**_result(finding, report), "suppressions": [{"kind": kind, "justification": reason}]}


def _lost(survival: Survival, file: str, line: int) -> dict[str, Any]:
    return {
        "ruleId": NO_SURVIVAL.id,
        "level": "error",
        "message": {"text": f"{port_name(survival)}: {survival.reason}"},
        "locations": [_location(file, line, f"Service {survival.service}")],
        "partialFingerprints": {"nodefall/v1": f"{NO_SURVIVAL.id} {port_name(survival)}"},
    }
