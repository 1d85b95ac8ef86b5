"""Documents for people: the findings, and a report of one Scenario, in Markdown."""

from collections.abc import Iterator, Sequence

from webapp.check.markdown import cell, code, finding_lines
from webapp.cluster.model import Cluster
from webapp.diagram.drawn import titles
from webapp.diagram.errors import DiagramError
from webapp.diagram.formats import graph_of
from webapp.documents.records import ServiceRecord
from webapp.documents.services import service_records
from webapp.failure import Scenario, state_at
from webapp.findings import Finding
from webapp.manifests.problems import Severity
from webapp.numbers import counted, percent
from webapp.resilience import Matrix

_MOST_ROWS = 200
"""A longer table is read by a program, which has the CSV."""


def findings_markdown(found: Sequence[Finding]) -> str:
    """Return the findings as a table, with the fixes folded below."""
    return "\n".join(("# Findings", *_findings(found))) + "\n"


def report_markdown(
    cluster: Cluster, scenario: Scenario, found: Sequence[Finding], matrix: Matrix, name: str = ""
) -> str:
    """Return a report: what the failure does, to which services, what survives, what to fix, what was assumed."""
    parts = (
        _heading(cluster, scenario, name),
        _services(list(service_records(cluster, scenario))),
        _resilience(matrix),
        ("## Findings", *_findings(found)),
        _assumed(cluster, scenario),
    )
    return "\n\n".join("\n".join(part).strip() for part in parts) + "\n"


def _heading(cluster: Cluster, scenario: Scenario, name: str) -> Iterator[str]:
    try:
        graph = graph_of(cluster, scenario)
    except DiagramError as error:
        yield from ("# Nothing to draw", "", str(error))
        return
    if name:
        graph.graph["name"] = name
    said = titles(graph)
    yield from (f"# {cell(said['headline'])}", "", cell(said["situation"]))


def _services(records: Sequence[ServiceRecord]) -> Iterator[str]:
    yield from (
        "## Services",
        "",
        "| service | port | nodePort | state | answered | why |",
        "|---|---|---|---|---|---|",
    )
    for it in records[:_MOST_ROWS]:
        share = "" if it.answered is None else percent(it.answered)
        where = code(f"{it.namespace}/{it.service}")
        yield f"| {where} | {it.port or ''} | {it.node_port or ''} | {it.state} | {share} | {cell(it.why)} |"
    yield from _rest(len(records), "services.csv")


def _resilience(found: Matrix) -> Iterator[str]:
    yield from ("## Resilience", "", found.sentence)
    if not found.rows:
        return
    yield from ("", "| service | port | grade | if a node or zone fails |", "|---|---|---|---|")
    for row in sorted(found.rows, key=lambda row: row.harm)[:_MOST_ROWS]:
        reach, why = row.verdict.reach, " · ".join(filter(None, (row.verdict.headline, row.verdict.detail)))
        yield f"| {code(reach.service.key)} | {reach.port.port} | {row.verdict.grade.value} | {cell(why)} |"
    yield from _rest(len(found.rows), "matrix.csv")


def _findings(found: Sequence[Finding]) -> Iterator[str]:
    counts = [(severity, sum(each.severity is severity for each in found)) for severity in Severity]
    said = ", ".join(counted(number, severity.noun) for severity, number in counts if number)
    yield from ("", f"{said}." if said else "Nothing found.")
    yield from finding_lines(found, _MOST_ROWS)


def _assumed(cluster: Cluster, scenario: Scenario) -> Iterator[str]:
    notes = (*state_at(cluster, scenario).notes, *(f"Assumed: {text}" for text in cluster.assumptions))
    if notes:
        yield from ("## Notes and assumptions", "", *(f"- {cell(note)}" for note in notes))


def _rest(number: int, name: str) -> Iterator[str]:
    if number > _MOST_ROWS:
        yield from ("", f"… and {number - _MOST_ROWS:,} more: `{name}` has all of them.")
