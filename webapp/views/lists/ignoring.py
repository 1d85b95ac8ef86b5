"""Ignoring a finding with a reason: the form, the state that it leads to, and the annotation for the file."""

from dataclasses import dataclass, replace

from webapp.findings import Finding
from webapp.findings.ignoring import MIN_REASON, Ignore, annotation_for, namespace_of, object_word, reason_in
from webapp.limits import WORDS
from webapp.numbers import counted
from webapp.views.page.findings import IgnoredFinding, facts_of
from webapp.views.page.listing import Choice
from webapp.views.page.state import PageState


@dataclass(frozen=True, slots=True)
class IgnoredHow:
    """How an ignored finding is ignored, and the way back."""

    reason: str
    by: str
    """``NP220 in shop``, ``in this link``."""
    back_url: str
    """Empty where the file ignores it."""
    annotation: str
    """The same for the file; empty where it is there, or where the object carries none."""


@dataclass(frozen=True, slots=True)
class RefusedReason:
    """A reason that was not taken."""

    slug: str
    said: str
    """What was typed."""
    why: str


def scopes(finding: Finding) -> tuple[Choice, ...]:
    """Return what can be ignored along with a finding; one that stands for several has no object of its own."""
    found = []
    namespace = namespace_of(finding)
    if finding.object and not finding.also:
        found.append(Choice("this one", object_word(finding), True))
    if namespace:
        found.append(Choice(f"{finding.id} in {namespace}", namespace, not found))
    return (*found, Choice(f"{finding.id} everywhere", "", not found))


def ignoring(page: PageState, finding: Finding, where: str, said: str) -> PageState | str:
    """Return the state in which a finding is ignored, or why it can't be."""
    reason = reason_in(said)
    if len(reason) < MIN_REASON:
        return f"Say why in {MIN_REASON} characters or more: without a reason nobody can tell later whether it holds."
    if len(page.ignores) >= WORDS.ignored_findings:
        return f"A link ignores at most {WORDS.ignored_findings} findings. Write the annotations into the files."
    chosen = where if where in [scope.value for scope in scopes(finding)] else scopes(finding)[0].value
    return replace(page, ignores=(*page.ignores, Ignore(finding.id, chosen, reason)))


def ignored_how(page: PageState, ignored: IgnoredFinding, back: str) -> IgnoredHow:
    """Return how a finding is ignored; `back` is the part of the address that says where it then stands."""
    its = ignored.by
    if its is None:
        return IgnoredHow(ignored.reason, "by an annotation in the file", "", "")
    rest = replace(page, ignores=tuple(each for each in page.ignores if each != its))
    by = "in this link"
    if not its.where or "/" not in its.where:
        by = f"{its.rule} {f'in {its.where}' if its.where else 'everywhere'}, {by}"
    annotation = annotation_for(ignored.finding, its.reason, facts_of(page).manifests)
    return IgnoredHow(ignored.reason, by, f"{rest.url('findings.show')}#{back}", annotation)


def said_of(count: int) -> str:
    """Return ``2 findings are ignored``."""
    return f"{counted(count, 'finding')} {'is' if count == 1 else 'are'} ignored"
