"""The report as JSON, for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webapp.check.report import Report
    from webapp.findings import Finding
    from webapp.resilience import Survival

SCHEMA = "nodefall/check/v1"


def render(report: Report) -> str:
    """Return the JSON document ``nodefall/check/v1``."""
    return json.dumps(document(report), indent=1, ensure_ascii=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    threshold = report.threshold
    return {
        "schema": SCHEMA,
        "passed": not report.failed,
        # The word of the document's contract, older than "threshold".
        "bar": {
            "maxSeverity": threshold.max_severity.value if threshold.max_severity else "none",
            "survive": threshold.survive,
            "guaranteed": threshold.guaranteed,
            "via": threshold.via,
        },
        "counts": {severity.value: count for severity, count in report.counts.items()},
        "findings": [finding_document(finding) for finding in report.findings],
        "ignored": ignored_documents(report.ignored),
        "accepted": [finding_document(finding) for finding in report.accepted],
        "survival": [_survival(each) for each in report.survivals],
    }


def ignored_documents(found: Iterable[tuple[Finding, str]]) -> list[dict[str, Any]]:
    """Return findings that are ignored, each with the reason, as plain data."""
    return [{**finding_document(finding), "reason": reason} for finding, reason in found]


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return one finding as plain data."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "file": finding.file,
        "line": finding.line,
        "object": finding.object,
        "path": finding.path or None,
        "message": finding.message,
        "why": finding.why,
        "hint": finding.hint,
        "remedy": finding.remedy or None,
        "fixable": finding.edit is not None,
        "fingerprint": finding.fingerprint,
        "also": list(finding.also),
    }


def _survival(each: Survival) -> dict[str, Any]:
    return {
        "service": each.service,
        "port": each.port_name or None,
        "nodePort": each.node_port,
        "protocol": each.protocol,
        "survives": each.survives,
        "guaranteed": each.guaranteed,
        "exact": each.exact,
        "answered": each.answered,
        "culprits": list(each.culprits),
        "reason": each.reason,
    }
