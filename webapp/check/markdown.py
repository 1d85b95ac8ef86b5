"""The report as Markdown, for a comment on a pull request."""

import re
from collections.abc import Iterator, Sequence

from webapp.check.report import Report, port_name
from webapp.findings import Finding
from webapp.manifests.problems import Severity

# GitHub refuses comments of more than 65,536 characters.
_SHOWN = 50
_MARKS = {Severity.ERROR: "❌ error", Severity.WARNING: "⚠️ warning", Severity.INFO: "ℹ️ note"}


def render(report: Report) -> str:
    """Return a heading with the verdict, a table of the findings, and the remedies folded below."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"### nodefall: {'failed ❌' if report.failed else 'passed ✅'}"
    yield ""
    yield f"{report.summary}. {report.survival_summary}".rstrip()
    if report.lost:
        yield from ("", "| service port | survives | why not |", "|---|---|---|")
        yield from (f"| {code(port_name(s))} | no | {cell(s.reason)} |" for s in report.lost[:_SHOWN])
    yield from finding_lines(report.findings)


def finding_lines(findings: Sequence[Finding], most: int = _SHOWN) -> Iterator[str]:
    """Yield a table of findings, and the remedies folded below."""
    told = findings[:most]
    if told:
        yield from ("", "| | id | where | what |", "|---|---|---|---|")
        yield from map(_row, told)
    if (rest := len(findings) - len(told)) > 0:
        yield from ("", f"… and {rest} more.")
    for finding in told:
        # Notes are many, and their remedies would push the comment past what GitHub takes.
        if finding.remedy and finding.severity is not Severity.INFO:
            yield from _remedy(finding)


def _row(finding: Finding) -> str:
    where = "<br>".join(code(part) for part in (finding.object, finding.place) if part) or "all files"
    return f"| {_MARKS[finding.severity]} | {finding.id} | {where} | {cell(f'{finding.message} {finding.hint}')} |"


def _remedy(finding: Finding) -> Iterator[str]:
    yield from ("", f"<details><summary>{finding.id} {_escaped(finding.object or '')}: remedy</summary>", "")
    # A fence inside the remedy, from a label say, would end the block and let the rest be Markdown.
    yield from (cell(finding.why), "", "```yaml", finding.remedy.rstrip().replace("```", ""), "```", "", "</details>")


def cell(text: str) -> str:
    """Return text for a cell of a table, in which nothing is markup."""
    # Names of objects are the manifests' author's: unescaped they could break the table, or place a link.
    return re.sub(r"([|\\`*_\[\]])", r"\\\1", _escaped(" ".join(text.split())))


def code(text: str) -> str:
    """Return text in the code face, for a cell of a table."""
    return f"<code>{_escaped(text).replace('|', '&#124;')}</code>"


def _escaped(text: str) -> str:
    """Return text in which nothing is a tag or mentions anybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
