"""The page of findings: what is wrong or risky in the manifests, rule by rule, the worst consequence first."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from re import sub

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from webapp.documents.markdown import findings_markdown
from webapp.documents.resilience import findings_csv
from webapp.findings import RULES, Finding
from webapp.findings.consequence import Consequence, consequence_of
from webapp.manifests.problems import Severity
from webapp.numbers import counted
from webapp.views.lists.address_question import AddressQuestion, address_question
from webapp.views.lists.fix_effects import fix_effect, fix_link, fix_url
from webapp.views.lists.ignoring import IgnoredHow, RefusedReason, ignored_how, ignoring, said_of, scopes
from webapp.views.page import query
from webapp.views.page.findings import IgnoredFinding, SettledFindings, findings_of
from webapp.views.page.listing import SEVERITIES, Choice, Paging, Sign, enumerated, paged, place
from webapp.views.page.query import QueryForm
from webapp.views.page.rendering import document_response, render, render_page
from webapp.views.page.state import PageState, open_page
from webapp.views.page.wording import DEGRADED, HEALTHY, UNAVAILABLE, Standing

blueprint = Blueprint("findings", __name__)

PAGE_SIZE = 50
"""Places of one rule on one page."""
ALL, IGNORED = "all", "ignored"
"""Beside the names of severities; without a word, all that is more than a note."""
_TITLES = {rule.id: rule.title for rule in RULES}
_WHY = {rule.id: rule.why for rule in RULES}
_SIGNS: Mapping[Consequence, tuple[str, str]] = {
    Consequence.REFUSED: ("refused", "bad"),
    Consequence.NOTHING_AFTER_ZONE: ("lost", "bad"),
    Consequence.NOTHING_AFTER_NODE: ("lost", "bad"),
    Consequence.PART_LOST: ("some", "warn"),
    Consequence.OPEN: ("warning", "warn"),
    Consequence.HABIT: ("clock", "warn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding: a place where its rule speaks."""

    slug: str
    """``NP220-shop-admin``: what an address calls it."""
    finding: Finding
    title: str
    """The object without its kind: ``shop/admin``."""
    about: str
    """``Deployment · web.yaml:7``."""
    url: str
    """The map of the service that it is about; empty if it is about none."""
    service: str
    fix_url: str
    """The map with the fix applied; empty without one."""
    effect_url: str
    scopes: tuple[Choice, ...]
    """What can be ignored with it; empty for one that is ignored."""
    ignored: IgnoredHow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """What one rule found."""

    id: str
    title: str
    says: str
    """What it leads to; of a single finding, what is wrong there."""
    sign: Sign
    count: int
    paging: Paging[FindingRow]
    is_open: bool
    all_url: str
    """All of its places; empty where they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsPage:
    """What the page shows."""

    heading: str
    detail: str
    standing: Standing
    filters: tuple[Choice, ...]
    form: QueryForm
    search: str
    groups: tuple[RuleGroup, ...]
    rule: str
    """The only rule that is shown, or empty."""
    rules_url: str
    """All of them again."""
    folded: str
    """What is not listed: ``6 notes of 5 rules``; empty if nothing."""
    folded_url: str
    downloads: tuple[tuple[str, str], ...]
    """Label and address of each file with what is listed."""
    ignored: str
    """How many are ignored, where the list is not that of them: ``2 findings are ignored``; empty if none."""
    ignored_url: str
    ignore_url: str
    """Where the form leads that ignores one."""
    refusal: RefusedReason | None
    question: AddressQuestion


blueprint.add_app_template_global(fix_link)


@blueprint.get("/t/<topology_id>/findings")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the findings, and why an address that was asked for does not answer."""
    return _page(open_page(topology_id))


@blueprint.get("/t/<topology_id>/findings.<extension>")
def download(topology_id: str, extension: str) -> ResponseReturnValue:
    """Send the findings that the page lists, all of them, for a spreadsheet or to read."""
    if extension not in ("csv", "md"):
        abort(404, "The findings are available as csv and md.")
    its = findings_of(open_page(topology_id))
    listed = _listed(its, _with_notes(its, _filter()))
    text = findings_csv(listed) if extension == "csv" else findings_markdown(listed)
    return document_response(f"findings.{extension}", text)


@blueprint.get("/t/<topology_id>/findings/effect")
def effect(topology_id: str) -> ResponseReturnValue:
    """Show what the fix of one finding gives; asked for when the finding is opened."""
    page = open_page(topology_id)
    its = findings_of(page)
    found = _named(its, query.FINDING.asked())
    return render("fix_effect.html", effect=fix_effect(page, found, _service_of(page, its, found)))


@blueprint.post("/t/<topology_id>/ignore")
def ignore(topology_id: str) -> ResponseReturnValue:
    """Lead to the findings without one that is ignored with a reason, or say what is wrong with the reason."""
    page = open_page(topology_id)
    slug, said = request.form.get("finding", ""), request.form.get("reason", "")
    found = ignoring(page, _named(findings_of(page), slug), request.form.get("where", ""), said)
    if isinstance(found, PageState):
        severity, rule, search = query.SEVERITY.asked(), query.RULE.asked(), query.SEARCH.asked()
        there = found.url("findings.show", severity=severity, rule=rule, q=search)
        # 303 says that a GET follows the POST; of 302 that is only custom.
        return redirect(f"{there}#{slug.partition('-')[0]}", code=303)
    return _page(page, RefusedReason(slug, said, found), status=400)


@blueprint.get("/t/<topology_id>/ignore")
def ignored(topology_id: str) -> ResponseReturnValue:
    """Lead to the findings: a reload of a refused reason."""
    return redirect(open_page(topology_id).url("findings.show"))


def _page(page: PageState, refusal: RefusedReason | None = None, status: int = 200) -> Response:
    return render_page("findings.html", page, view=findings(page, _filter(), refusal), status=status)


def _filter() -> "FindingFilter":
    return FindingFilter(query.SEVERITY.asked(), query.RULE.asked(), query.SEARCH.asked(), query.PAGE_NUMBER.asked())


def _named(its: SettledFindings, slug: str) -> Finding:
    """Return the finding that an address calls so; answer 404 without one."""
    found = next((finding for finding, name in zip(its.kept, _slugs(its.kept), strict=True) if name == slug), None)
    if found is None:
        abort(404, "There is no such finding.")
    return found


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings are listed: words of the address."""

    severity: str = ""
    rule: str = ""
    search: str = ""
    number: int = 1

    def shows(self, finding: Finding) -> bool:
        """Return whether a finding is listed."""
        return self.among(finding) and self._is_of(finding.severity)

    def among(self, finding: Finding) -> bool:
        """Return whether a finding is of the rule that is asked for, and has what is searched for."""
        if self.rule not in ("", finding.id):
            return False
        text = f"{finding.id} {_TITLES.get(finding.id, '')} {finding.object} {finding.message}".lower()
        return all(word in text for word in self.search.lower().split())

    def _is_of(self, severity: Severity) -> bool:
        # Who asks for a rule, or searches, means its notes as well.
        if not self.severity:
            return bool(self.rule or self.search) or severity is not Severity.INFO
        return self.severity in (ALL, severity)


def findings(page: PageState, asked: FindingFilter, refusal: RefusedReason | None = None) -> FindingsPage:
    """Return the findings of those rules that are asked for."""
    its = findings_of(page)
    asked = _with_notes(its, asked)
    url = partial(page.url, "findings.show")
    as_file = partial(page.url, "findings.download", severity=asked.severity, rule=asked.rule, q=asked.search)
    url_of_form = partial(page.url, "findings.ignore")
    slugs = dict(zip(map(id, its.kept), _slugs(its.kept), strict=True))
    how = {id(each.finding): each for each in its.ignored} if asked.severity == IGNORED else {}
    listed = _listed(its, asked)

    def row(finding: Finding) -> FindingRow:
        return _row(page, its, finding, slugs.get(id(finding), ""), how.get(id(finding)))

    return FindingsPage(
        heading=_heading(its.kept),
        detail=_detail(page, its),
        standing=_standing(its.kept),
        filters=tuple(_filters(its, asked, url)),
        form=page.form("findings", severity=asked.severity, rule=asked.rule),
        search=asked.search,
        groups=tuple(_groups(page, listed, asked, row, refusal)),
        rule=asked.rule,
        rules_url=url(severity=asked.severity, q=asked.search) if asked.rule else "",
        folded=_folded(its.kept, asked),
        folded_url=url(severity=ALL),
        downloads=(("CSV", as_file(extension="csv")), ("Markdown", as_file(extension="md"))),
        ignored=said_of(len(its.ignored)) if its.ignored and asked.severity != IGNORED else "",
        ignored_url=url(severity=IGNORED),
        ignore_url=url_of_form(severity=asked.severity, rule=asked.rule, q=asked.search, page=asked.number),
        refusal=refusal,
        question=address_question(page, query.ADDRESS.asked(), query.PROTOCOL.asked()),
    )


def _with_notes(its: SettledFindings, asked: FindingFilter) -> FindingFilter:
    """Return the filter, with the notes where there is nothing else."""
    if asked.severity or its.serious:
        return asked
    return FindingFilter(ALL, asked.rule, asked.search, asked.number)


def _listed(its: SettledFindings, asked: FindingFilter) -> list[Finding]:
    if asked.severity == IGNORED:
        return [each.finding for each in its.ignored if asked.among(each.finding)]
    return [finding for finding in its.kept if asked.shows(finding)]


# --- heading and filters ----------------------------------------------------------------------------------------------


def _heading(kept: Sequence[Finding]) -> str:
    """Return what the page leads with, which is what its tab counts."""
    counts = Counter(finding.severity for finding in kept)
    serious = [counted(counts[s], s.noun) for s in Severity if counts[s] and s is not Severity.INFO]
    return enumerated(serious) or ("No warnings" if kept else "Nothing found")


def _detail(page: PageState, its: SettledFindings) -> str:
    notes = len(its.kept) - its.serious
    looked = f"{len(RULES)} rules checked {counted(len(page.cluster.services), 'service')} and what is behind them"
    return f"and {counted(notes, 'note')}; {looked}" if notes else looked


def _standing(kept: Sequence[Finding]) -> Standing:
    if not kept or kept[0].severity is Severity.INFO:
        return HEALTHY
    return UNAVAILABLE if kept[0].severity is Severity.ERROR else DEGRADED


def _filters(its: SettledFindings, asked: FindingFilter, url: "partial[str]") -> Iterator[Choice]:
    serious = asked.severity not in (ALL, IGNORED, Severity.INFO)
    yield Choice("Warnings", url(), serious, its.serious)
    yield Choice("All", url(severity=ALL), asked.severity in (ALL, Severity.INFO), len(its.kept))
    if its.ignored or asked.severity == IGNORED:
        yield Choice("Ignored", url(severity=IGNORED), asked.severity == IGNORED, len(its.ignored))


def _folded(kept: Iterable[Finding], asked: FindingFilter) -> str:
    """Return what the list of warnings leaves out."""
    notes = [f.id for f in kept if f.severity is Severity.INFO]
    if not notes or asked != FindingFilter():
        return ""
    return f"{counted(len(notes), 'note')} of {counted(len(set(notes)), 'rule')}"


# --- the list ---------------------------------------------------------------------------------------------------------


def _groups(
    page: PageState,
    listed: Sequence[Finding],
    asked: FindingFilter,
    row: Callable[[Finding], FindingRow],
    refusal: RefusedReason | None,
) -> Iterator[RuleGroup]:
    """Yield the rules, the worst consequence first; of one with errors, before one with warnings."""
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in listed:
        by_rule[finding.id].append(finding)
    ordered = sorted(by_rule, key=lambda id_: (consequence_of(id_).rank, by_rule[id_][0].severity.rank, id_))
    for id_ in ordered:
        its, number = by_rule[id_], asked.number if asked.rule else 1
        url = partial(page.url, "findings.show", severity=asked.severity, rule=id_, q=asked.search)
        paging = paged(its, PAGE_SIZE, number, _page_of(url))
        yield RuleGroup(
            id=id_,
            title=_TITLES.get(id_, its[0].message),
            says=its[0].message if len(its) == 1 else _WHY.get(id_, ""),
            sign=_sign(id_, its[0].severity),
            count=len(its),
            paging=paging.each(row),
            is_open=len(by_rule) == 1 or (refusal is not None and refusal.slug.startswith(f"{id_}-")),
            all_url=url() if len(its) > PAGE_SIZE and not asked.rule else "",
        )


def _page_of(url: "partial[str]") -> Callable[[int], str]:
    return lambda number: url(page=number)


def _sign(id_: str, severity: Severity) -> Sign:
    """Return the sign of what a rule's findings lead to, with the word for how serious they are."""
    own = SEVERITIES[severity]
    sign, tone = _SIGNS[consequence_of(id_)]
    return own if severity is Severity.INFO else Sign(sign, tone, f"{own.word}, {consequence_of(id_).value}")


def _row(
    page: PageState, its: SettledFindings, finding: Finding, slug: str, ignored: IgnoredFinding | None
) -> FindingRow:
    kind, _, name = (finding.object or "").partition(" ")
    service = _service_of(page, its, finding)
    fix = "" if ignored else fix_url(page, finding, service)
    return FindingRow(
        slug=slug or f"ignored-{_slug(finding)}",
        finding=finding,
        title=name or finding.brief or finding.file or _TITLES.get(finding.id, finding.id),
        about=" · ".join(filter(None, (kind, place(finding.file, finding.line)))),
        url=page.focused(service).url() if service else "",
        service=service,
        fix_url=fix,
        effect_url=page.url("findings.effect", finding=slug) if fix and service else "",
        scopes=() if ignored else scopes(finding),
        ignored=ignored_how(page, ignored, _slug(finding)) if ignored else None,
    )


def _service_of(page: PageState, its: SettledFindings, finding: Finding) -> str:
    """Return the service that a finding is about; empty for none."""
    kind, _, name = (finding.object or "").partition(" ")
    if kind == "Service" and name in page.cluster.services:
        return name
    return its.service_of.get(finding.object or "", "")


def _slug(finding: Finding) -> str:
    """Return ``NP220-shop-admin``."""
    name = (finding.object or finding.place).rpartition(" ")[2]
    return f"{finding.id}-{sub('[^A-Za-z0-9.-]+', '-', name)}".strip("-")


def _slugs(kept: Sequence[Finding]) -> list[str]:
    """Return the names of findings in addresses, each different: a rule may speak twice of one object."""
    seen: Counter[str] = Counter()
    found = []
    for finding in kept:
        slug = _slug(finding)
        seen[slug] += 1
        found.append(slug if seen[slug] == 1 else f"{slug}-{seen[slug]}")
    return found
