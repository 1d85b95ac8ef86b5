"""Records as CSV (RFC 4180)."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import fields
from io import StringIO
from typing import Any

from webapp.documents.records import column

# A spreadsheet takes what begins like this for a formula, and a manifest may name anything anything.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(record: Any, lines: Iterable[tuple[Any, Sequence[object]]], more: Sequence[str] = ()) -> str:
    """Return a head and a line for each record, with further columns whose values come beside it."""
    names = [field.name for field in fields(record)]
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(map(_cell, (*map(column, names), *more)))
    for line, others in lines:
        writer.writerow(map(_cell, (*(getattr(line, name) for name in names), *others)))
    return text.getvalue()


def as_objects(lines: Iterable[tuple[Any, Sequence[object]]], more: Sequence[str] = ()) -> list[dict[str, object]]:
    """Return the same lines as objects, a column a key: what the JSON Schema of a table says of each."""
    return [
        {
            **{column(field.name): getattr(line, field.name) for field in fields(line)},
            **dict(zip(more, others, strict=True)),
        }
        for line, others in lines
    ]


def plain(records: Iterable[Any]) -> Iterable[tuple[Any, Sequence[object]]]:
    """Return records that have no further columns."""
    return ((record, ()) for record in records)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
