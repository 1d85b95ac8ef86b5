"""What is said of the files that were read, before and beside any result."""

from collections.abc import Iterable, Iterator
from typing import Any

from webapp.manifests import Problem


def problem_line(document: dict[str, Any]) -> str:
    """Return one line for a problem, as `simulate` and the page's download list it."""
    where = ":".join(str(part) for part in (document["file"], document["line"]) if part) or "all files:"
    words = (where, document["severity"], document["id"], document["message"], document["hint"])
    return " ".join(filter(None, words))


def reading_notes(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield what was rendered and how much was skipped: no fault of anyone's, but what the result rests on."""
    # NP022: files that hold nothing to read. NP031: what a tool rendered.
    yield from (f"nodefall: {problem.message}" for problem in problems if problem.id in {"NP022", "NP031"})
