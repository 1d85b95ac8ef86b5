"""The report for people at a terminal: grouped by file, errors and warnings with their line and remedy, notes short."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from webapp.check.report import Report, port_name
from webapp.findings import Finding
from webapp.manifests.problems import Severity

Paint = Callable[[str, str], str]
_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def render(report: Report, sources: Mapping[str, Sequence[str]], *, colour: bool = False) -> str:
    """Return the report; `sources` are the lines of the files, `colour` says whether ANSI colours are wanted."""
    paint: Paint = _painted if colour else lambda text, _code: text
    return "\n".join(_lines(report, sources, paint)) + "\n"


def _lines(report: Report, sources: Mapping[str, Sequence[str]], paint: Paint) -> Iterator[str]:
    # By file and line rather than by severity: that is the order in which somebody goes through them in an editor.
    by_file = sorted(report.findings, key=lambda f: (f.file or "", f.line or 0))
    for file, group in groupby(by_file, key=lambda f: f.file):
        yield paint(file or "all files", "1")
        for finding in group:
            yield from _finding(finding, sources.get(file or "", ()), paint)
        yield ""
    for survival in report.lost:
        yield f"{paint('error', _COLOURS[Severity.ERROR])} {port_name(survival)}: {survival.reason}"
    if report.survival_summary:
        yield report.survival_summary
    for entry in report.stale:
        yield f"Fixed, remove it from the baseline: {entry}"
    yield f"{report.summary}: {paint('failed', '31;1') if report.failed else paint('passed', '32;1')}."


def _finding(finding: Finding, source: Sequence[str], paint: Paint) -> Iterator[str]:
    severity = paint(finding.severity.value, _COLOURS[finding.severity])
    where = f"{finding.line}: " if finding.line else ""
    yield f"  {where}{severity} {finding.id} {finding.object or ''}".rstrip()
    yield f"    {finding.message}"
    # On real sets notes outnumber everything else: two lines each, so that a warning stays on the screen.
    if finding.severity is Severity.INFO:
        return
    if finding.line and finding.line <= len(source):
        yield paint(f"    {finding.line:>5} | {source[finding.line - 1].rstrip()}", "2")
    yield from (f"    {text}" for text in (finding.why, finding.hint) if text)
    if finding.remedy:
        yield from (paint(f"      {line}", "2") for line in finding.remedy.splitlines())


def _painted(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m"
