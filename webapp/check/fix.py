"""Edits of the files: findings that can be fixed in place, shown as a diff before anything is written."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import unified_diff

from webapp.findings import TextEdit

_QUOTES = "[\"']?"
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "~", ""})


def fixed(texts: Mapping[str, str], edits: Iterable[TextEdit]) -> dict[str, str]:
    """Return the new text of each file that the edits change; all others, and edits that don't fit, are skipped."""
    by_file: dict[str, list[TextEdit]] = defaultdict(list)
    for edit in edits:
        by_file[edit.file].append(edit)
    # Of a rendered manifest, an archive or standard input there is no text to edit.
    changed = {file: _edited(texts[file], wanted) for file, wanted in by_file.items() if file in texts}
    return {file: text for file, text in changed.items() if text != texts[file]}


def diff(texts: Mapping[str, str], changed: Mapping[str, str]) -> str:
    """Return the unified diff of the changed files, as ``git apply`` and ``patch`` take it."""
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for file, text in changed.items()
        for line in unified_diff(
            texts[file].splitlines(keepends=True), text.splitlines(keepends=True), f"a/{file}", f"b/{file}"
        )
    )


def _edited(text: str, edits: Iterable[TextEdit]) -> str:
    lines = text.splitlines(keepends=True)
    # From the last line up, so that a removed line doesn't shift those of the other edits.
    for edit in sorted(set(edits), key=lambda edit: -edit.line):
        _apply(lines, edit)
    return "".join(lines)


def _apply(lines: list[str], edit: TextEdit) -> None:
    """Change the first line of the edit's block that holds the old text, once and plainly; else nothing."""
    # Only what stands there word for word is touched, and only once in a line: comments and order stay as they are.
    pattern = _pattern(edit.old)
    for number in _block(lines, edit.line - 1):
        found = pattern.findall(lines[number])
        if not found:
            continue
        if edit.new and len(found) == 1:
            lines[number] = pattern.sub(lambda _: _rendered(edit.new), lines[number])
        elif pattern.fullmatch(lines[number].strip()):
            del lines[number]
        return


def _block(lines: list[str], first: int) -> Iterable[int]:
    """Return the numbers of the line and of those that are indented deeper below it; a list may stand level."""
    if first >= len(lines):
        return ()
    depth = _depth(lines[first])
    last = first + 1
    # Empty lines belong to the block: they have no depth of their own.
    while last < len(lines) and (not lines[last].strip() or _depth(lines[last]) > depth):
        last += 1
    return range(first, last)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _pattern(old: str) -> re.Pattern[str]:
    key, _, value = old.partition(": ")
    # YAML may have either in quotes, spaces before the colon, a comment or the end of a flow mapping behind.
    quoted = (_QUOTES + re.escape(part) + _QUOTES for part in (key, value))
    return re.compile(r"(?<![\w./-])" + r"\s*:\s*".join(quoted) + r"(?=\s*(?:$|[,}\]]|\s#))")


def _rendered(new: str) -> str:
    """Return ``key: value``, quoted where YAML would read a label's value as something else than text."""
    key, _, value = new.partition(": ")
    return f'{key}: "{value}"' if value.lower() in _NOT_TEXT else new
