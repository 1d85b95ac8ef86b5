"""A comparison as text, Markdown and JSON."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from webapp.check.compare import Change, Comparison, Effect
from webapp.check.markdown import cell
from webapp.numbers import counted

SCHEMA = "nodefall/diff/v1"
_SIGNS = {Effect.WORSE: "-", Effect.BETTER: "+", Effect.OTHER: "~"}
_MARKS = {Effect.WORSE: "❌ worse", Effect.OTHER: "changed", Effect.BETTER: "✅ better"}
# GitHub refuses comments of more than 65,536 characters; those of a check stand below it.
_SHOWN = 100


def as_text(comparison: Comparison) -> str:
    """Return the changes, service by service: ``-`` is worse, ``+`` better, ``~`` neither."""
    return "\n".join(_text_lines(comparison)) + "\n"


def as_markdown(comparison: Comparison) -> str:
    """Return a heading with the verdict and a table, for a pull request."""
    head = ["### nodefall: what clients get", "", summary(comparison), ""]
    told = comparison.changes
    if (rest := len(told) - _SHOWN) > 0:
        told = tuple(sorted(told, key=lambda change: list(_MARKS).index(change.effect)))[:_SHOWN]
    table = ["| | service port | what | before | after |", "|---|---|---|---|---|", *map(_row, told)]
    more = ["", f"… and {counted(rest, 'more change')}."] if rest > 0 else []
    return "\n".join([*head, *(table if told else ()), *more]).rstrip() + "\n"


def as_json(comparison: Comparison) -> str:
    """Return the document ``nodefall/diff/v1``."""
    changes = [
        {
            "service": change.service,
            "port": change.port or None,
            "what": change.what,
            "before": change.before,
            "after": change.after,
            "effect": change.effect.value,
        }
        for change in comparison.changes
    ]
    document = {"schema": SCHEMA, "worse": bool(comparison.worse), "changes": changes}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


COMPARISON_FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}


def summary(comparison: Comparison) -> str:
    """Return one sentence."""
    if not comparison.changes:
        return "Clients from outside get the same as before."
    better = sum(change.effect is Effect.BETTER for change in comparison.changes)
    return f"{counted(len(comparison.changes), 'change')}: {len(comparison.worse)} worse, {better} better."


def _text_lines(comparison: Comparison) -> Iterator[str]:
    for where, group in groupby(comparison.changes, key=lambda change: change.where):
        yield where
        yield from (f"  {_SIGNS[change.effect]} {_said(change)}" for change in group)
    yield summary(comparison)


def _said(change: Change) -> str:
    if change.before is None or change.after is None:
        told = change.before or change.after
        return change.what if told == "there" else f"{change.what}: {told}"
    return f"{change.what}: {change.before} -> {change.after}"


def _row(change: Change) -> str:
    cells = (change.where, change.what, change.before or "", change.after or "")
    return f"| {_MARKS[change.effect]} | {' | '.join(map(cell, cells))} |"
