"""What surrounds manifests and can be read past: Markdown, shell commands, and what kubectl and helm print.

Lines are emptied, not removed, so that all line numbers stay right.
"""

import re
from itertools import islice

from webapp.manifests.characters import has_twice

_FENCE = re.compile(r"^([ \t]*)(```+|~~~+)[ \t]*+([\w+.-]*+)[^`\n]*+$")
_MARK = re.compile(r"^[ \t]*+(?:```|~~~)", re.MULTILINE)
_MOST = 2_000
"""Fences of one text; what has more is not the answer of a chat."""
_LANGUAGES = frozenset({"", "yaml", "yml", "json", "jsonc", "json5", "k8s", "kubernetes", "helm", "text", "txt"})
_MANIFEST = re.compile(r"^MANIFEST:[ \t]*$", re.MULTILINE)
_NOTES = re.compile(r"^NOTES:[ \t]*$", re.MULTILINE)
_MESSAGES = re.compile(
    r"(?:(?:WARNING: |Warning: |[\w.-]+\.go:\d+: |[EIW]\d{4} \d\d:|(?:\S{0,80}[$%>] )?(?:kubectl|oc|helm) ).*\n)+"
)
_LOG_BEGINS = re.compile(r"^==== START logs for container .* ====$")
_LOG_ENDS = re.compile(r"^==== END logs for container .* ====$")
_HERE = re.compile(r"""^(?:[$%>] )?(?:sudo )?(?:cat|tee|kubectl|oc|microk8s)\b.*<<-?[ ]*(['"]?)(\w+)\1""")
_INDENTED_ONLY = re.compile(r"""^(?:apiVersion|kind|["{]|- )""", re.MULTILINE)
_RELEASE = re.compile(r"^(NAME|LAST DEPLOYED|HOOKS|COMPUTED VALUES):", re.MULTILINE)


def unwrapped(text: str) -> tuple[str, str]:
    """Return the text without what surrounds the manifests in it, and what that was; empty if nothing was."""
    of_release = _of_release(_after_messages(text))
    if of_release != text:
        return of_release, "What helm or kubectl prints around the manifests was skipped."
    # The dump holds JSON lists first, then the logs of each container; a log line may look like anything.
    if "==== START logs" in text:
        return _without_logs(text), "The container logs of `kubectl cluster-info dump` were skipped."
    if has_twice(text, "<") and (manifests := _here_documents(text)) is not None:
        return manifests, "The shell commands around the manifests were skipped."
    without_fences = _without_fences(text)
    return without_fences, "The Markdown fence (```) around the manifests was skipped." * (without_fences != text)


def _after_messages(text: str) -> str:
    """Return the text without the warnings at its beginning, which stand there if stderr went to the same file."""
    found = _MESSAGES.match(text)
    return _emptied(text[: found.end()]) + text[found.end() :] if found else text


def _of_release(text: str) -> str:
    """Return the manifest of what ``helm install --dry-run``, ``helm status`` or ``helm get all`` prints.

    Hooks are skipped: they are not part of the release's objects (helm pkg/cmd/status.go).
    """
    manifest = _MANIFEST.search(text) if "MANIFEST:" in text else None
    if manifest is None or not _RELEASE.search(text, 0, manifest.start()):
        return text
    notes = _NOTES.search(text, manifest.end())
    end = notes.start() if notes else len(text)
    return _emptied(text[: manifest.end()]) + text[manifest.end() : end] + _emptied(text[end:])


def _without_logs(text: str) -> str:
    """Return what ``kubectl cluster-info dump`` prints without the logs after the lists of objects."""
    remaining, logging = [], False
    for line in text.split("\n"):
        begins = _LOG_BEGINS.match(line) is not None
        remaining.append("" if logging or begins else line)
        logging = (logging or begins) and _LOG_ENDS.match(line) is None
    return "\n".join(remaining)


def _here_documents(text: str) -> str | None:
    """Return the here-documents of shell commands, ``cat <<EOF | kubectl apply -f -``, one document each; None without.

    They begin at the first column: what is indented is a script inside of a manifest.
    """
    remaining, end, found = [], "", False
    for line in text.split("\n"):
        begins = None if end else _HERE.match(line)
        if begins is not None:
            remaining.append("---" if found else "")
            end, found = begins[2], True
            continue
        if end and line.strip() == end:
            end = ""
        remaining.append(line if end else "")
    return "\n".join(remaining) if found else None


def _emptied(text: str) -> str:
    return "\n" * text.count("\n")


def _without_fences(text: str) -> str:
    """Return what is between code fences, the text itself if there are none.

    A fence can't begin a line of YAML at its first column, except at the very top; in a block of text it is indented.
    Below a list item of Markdown all is indented, the manifests also.
    """
    # A single character is found faster than three.
    if not (("`" in text and "```" in text) or ("~" in text and "~~~" in text)):
        return text
    if not 0 < sum(1 for _ in islice(_MARK.finditer(text), _MOST + 1)) <= _MOST:
        return text
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    anywhere = _FENCE.match(lines[first]) is not None or _INDENTED_ONLY.search(text) is None
    fences = [number for number, line in enumerate(lines) if _is_fence(line, anywhere=anywhere)]
    return "\n".join(_fenced(lines, fences, first)) if fences else text


def _is_fence(line: str, *, anywhere: bool) -> bool:
    found = _FENCE.match(line)
    return found is not None and (anywhere or not found[1])


def _fenced(lines: list[str], fences: list[int], first: int) -> list[str]:
    """Return the lines, those outside of the fences emptied and those inside as far to the left as their fence.

    A new block is a new document.

    A single fence below what looks like YAML ends it: the one above was not copied.
    """
    at = frozenset(fences)
    inside = len(fences) == 1 and fences[0] != first and not _language(lines[fences[0]])
    wanted, blocks = inside, int(inside)
    remaining, indent = [], ""
    for number, line in enumerate(lines):
        if number in at:
            indent = line[: len(line) - len(line.lstrip())]
            inside = not inside
            wanted = inside and _language(line) in _LANGUAGES
            remaining.append("---" if wanted and blocks else "")
            blocks += wanted
        else:
            remaining.append(line.removeprefix(indent) if wanted else "")
    return remaining


def _language(fence: str) -> str:
    found = _FENCE.match(fence)
    return found[3].casefold() if found else ""
