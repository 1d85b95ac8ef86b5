"""The matrix of resilience, and the findings, as lines of tables."""

from collections.abc import Iterable, Iterator, Sequence

from webapp.documents.records import FindingRecord, ResilienceRecord
from webapp.documents.tables import as_objects, csv_text, plain
from webapp.findings import RULES, Finding
from webapp.resilience import Matrix, MatrixRow

_TITLES = {rule.id: rule.title for rule in RULES}


def matrix_csv(found: Matrix, rows: Iterable[MatrixRow] | None = None) -> str:
    """Return a line for each service port, with a column for each node and zone; `rows` where not all are wanted."""
    columns = [column.word for column in found.columns]
    return csv_text(ResilienceRecord, _lines(found.rows if rows is None else rows), columns)


def matrix_objects(found: Matrix, rows: Iterable[MatrixRow]) -> list[dict[str, object]]:
    """Return the same lines as objects."""
    return as_objects(_lines(rows), [column.word for column in found.columns])


def _lines(rows: Iterable[MatrixRow]) -> Iterator[tuple[ResilienceRecord, Sequence[float]]]:
    for row in rows:
        verdict, reach = row.verdict, row.verdict.reach
        record = ResilienceRecord(
            namespace=reach.service.namespace,
            service=reach.service.name,
            port=reach.port.port,
            protocol=reach.port.protocol,
            node_port=reach.port.node_port or 0,
            grade=verdict.grade.value,
            survives_node=verdict.survives_node,
            guaranteed=verdict.node.holds,
            why=" · ".join(filter(None, (verdict.headline, verdict.detail))),
            before=row.before,
        )
        yield record, row.cells


def findings_csv(found: Iterable[Finding]) -> str:
    """Return a line for each finding."""
    return csv_text(FindingRecord, plain(map(_finding, found)))


def _finding(finding: Finding) -> FindingRecord:
    return FindingRecord(
        id=finding.id,
        severity=finding.severity.value,
        title=_TITLES.get(finding.id, ""),
        object=finding.object,
        path=finding.path or None,
        file=finding.file,
        line=finding.line,
        message=finding.message,
        hint=finding.hint,
        fingerprint=finding.fingerprint,
    )
