"""What stands around manifests and can be read past: Markdown with code fences, and what helm prints of a release.

Lines are emptied, not removed, so that all line numbers stay right.
"""

import re
from itertools import islice

_FENCE = re.compile(r"^([ \t]*)(```+|~~~+)[ \t]*+([\w+.-]*+)[^`\n]*+$")
_MARK = re.compile(r"^[ \t]*+(?:```|~~~)", re.MULTILINE)
_MOST = 2_000
"""Fences of one text; what has more is no answer of a chat."""
_LANGUAGES = frozenset({"", "yaml", "yml", "json", "jsonc", "json5", "k8s", "kubernetes", "helm", "text", "txt"})
_MANIFEST = re.compile(r"^MANIFEST:[ \t]*$", re.MULTILINE)
_NOTES = re.compile(r"^NOTES:[ \t]*$", re.MULTILINE)
_MESSAGES = re.compile(r"(?:(?:WARNING: |Warning: |[\w.-]+\.go:\d+: |[EIW]\d{4} \d\d:).*\n)+")
_RELEASE = re.compile(r"^(NAME|LAST DEPLOYED|HOOKS|COMPUTED VALUES):", re.MULTILINE)


def unwrapped(text: str) -> tuple[str, str]:
    """Return the text without what is no part of the manifests in it, and what that was; empty if nothing was."""
    of_release = _of_release(_after_messages(text))
    if of_release != text:
        return of_release, "What helm or kubectl prints around the manifests was skipped."
    without_fences = _without_fences(text)
    return without_fences, "The Markdown fence (```) around the manifests was skipped." * (without_fences != text)


def _after_messages(text: str) -> str:
    """Return the text without the warnings at its beginning, which stand there if stderr went to the same file."""
    found = _MESSAGES.match(text)
    return _emptied(text[: found.end()]) + text[found.end() :] if found else text


def _of_release(text: str) -> str:
    """Return the manifest of what ``helm install --dry-run``, ``helm status`` or ``helm get all`` prints.

    Hooks are left out: they are not part of the release's objects (helm pkg/cmd/status.go).
    """
    manifest = _MANIFEST.search(text) if "MANIFEST:" in text else None
    if manifest is None or not _RELEASE.search(text, 0, manifest.start()):
        return text
    notes = _NOTES.search(text, manifest.end())
    end = notes.start() if notes else len(text)
    return _emptied(text[: manifest.end()]) + text[manifest.end() : end] + _emptied(text[end:])


def _emptied(text: str) -> str:
    return "\n" * text.count("\n")


def _without_fences(text: str) -> str:
    """Return what stands between code fences, the text itself if there are none.

    A fence can't begin a line of YAML at its first column, except at the very top; in a block of text it is indented.
    """
    if not 0 < sum(1 for _ in islice(_MARK.finditer(text), _MOST + 1)) <= _MOST:
        return text
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    anywhere = _FENCE.match(lines[first]) is not None
    fences = [number for number, line in enumerate(lines) if _is_fence(line, anywhere=anywhere)]
    return "\n".join(_fenced(lines, fences, first)) if fences else text


def _is_fence(line: str, *, anywhere: bool) -> bool:
    found = _FENCE.match(line)
    return found is not None and (anywhere or not found[1])


def _fenced(lines: list[str], fences: list[int], first: int) -> list[str]:
    """Return the lines, those outside of the fences emptied; a new block is a new document.

    A single fence below what looks like YAML ends it: the one above was not copied.
    """
    at = frozenset(fences)
    inside = len(fences) == 1 and fences[0] != first and not _language(lines[fences[0]])
    wanted, blocks = inside, int(inside)
    kept = []
    for number, line in enumerate(lines):
        if number in at:
            inside = not inside
            wanted = inside and _language(line) in _LANGUAGES
            kept.append("---" if wanted and blocks else "")
            blocks += wanted
        else:
            kept.append(line if wanted else "")
    return kept


def _language(fence: str) -> str:
    found = _FENCE.match(fence)
    return found[3].casefold() if found else ""
