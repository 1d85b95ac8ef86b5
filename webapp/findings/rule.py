"""A rule: the function that looks, with all that is said of it on the page, in reports and in docs/findings.md."""

from collections.abc import Callable, Iterator

from webapp.findings.facts import Facts
from webapp.findings.finding import Hit
from webapp.manifests.problems import Severity
from webapp.records import dataclass

Check = Callable[[Facts], Iterator[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule."""

    id: str
    severity: Severity
    title: str
    why: str
    """Why it matters, one sentence."""
    fix: str
    """What to do, in Markdown, and when the rule says nothing: for docs/findings.md."""
    source: str = ""
    """Where Kubernetes says so."""
    together: str = ""
    """What is said of several at once, with their `count` and some `names`; empty where each is listed separately."""
    check: Check = lambda _: iter(())
    """Yields what it finds; nothing where a check finds out without looking at the facts (NP291)."""


def rule(
    id_: str, severity: Severity, title: str, *, why: str, fix: str, source: str = "", together: str = ""
) -> Callable[[Check], Rule]:
    """Make a rule of the function below."""

    def made(check: Check) -> Rule:
        return Rule(
            id=id_, severity=severity, title=title, why=why, fix=fix, source=source, together=together, check=check
        )

    return made
