"""The report as JUnit XML, which most pipelines show as test results."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from webapp.check.report import Report, port_name
from webapp.findings import Finding


def render(report: Report) -> str:
    """Return one test case for each finding and each survival asked for; what misses the threshold is a failure.

    Findings within the threshold pass and say so in their output, ignored ones are skipped with their reason.
    """
    findings, survivals = list(_findings(report)), list(_survivals(report))
    suites = (
        _suite("findings", findings, len(report.failures), len(report.ignored)),
        _suite(f"survives any {report.threshold.survive}", survivals, len(report.lost), 0) if survivals else "",
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="nodefall">\n' + "".join(suites) + "</testsuites>\n"
    )


def _suite(name: str, cases: list[str], failures: int, skipped: int) -> str:
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="{skipped}"'
    return f"<testsuite name={quoteattr(name)} {counts}>\n{''.join(cases)}</testsuite>\n"


def _findings(report: Report) -> Iterator[str]:
    # A suite without a test case counts as "no tests ran", which some pipelines take for a failure.
    if not report.findings and not report.ignored:
        yield '<testcase classname="nodefall" name="no findings"/>\n'
    for finding in report.findings:
        text = escape(_clean("\n".join(filter(None, (finding.place, finding.why, finding.hint, finding.remedy)))))
        if report.threshold.is_missed_by(finding):
            said = f"<failure message={_attr(finding.message)} type={_attr(finding.severity)}>{text}</failure>"
        else:
            said = f"<system-out>{escape(_clean(finding.message))}\n{text}</system-out>"
        yield f"{_case(finding)}{said}</testcase>\n"
    for finding, reason in report.ignored:
        yield f"{_case(finding)}<skipped message={_attr(reason)}/></testcase>\n"


def _survivals(report: Report) -> Iterator[str]:
    for survival in report.survivals:
        file, line = report.place(survival.service)
        # GitLab and Azure DevOps link a test to its source by these two attributes.
        head = f'<testcase classname="nodefall" name={_attr(port_name(survival))} file={_attr(file)} line="{line}"'
        if survival.survives:
            yield f"{head}/>\n"
        else:
            yield f'{head}><failure message={_attr(survival.reason)} type="error"/></testcase>\n'


def _case(finding: Finding) -> str:
    name = " ".join(filter(None, (finding.id, finding.object, finding.path)))
    file = f" file={_attr(finding.file)}" if finding.file else ""
    line = f' line="{finding.line}"' if finding.line else ""
    return f'<testcase classname="nodefall" name={_attr(name)}{file}{line}>'


def _attr(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Return the text without the characters that XML 1.0 doesn't allow."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c < "\ufffe"))
