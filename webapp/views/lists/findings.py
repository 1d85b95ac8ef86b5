"""What is wrong or risky in the manifests, with what fixes it; and why an address does not answer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.cluster.address import PROTOCOLS, parse_address
from webapp.findings import RULES, Finding
from webapp.findings.explanation import Explanation
from webapp.findings.why import why
from webapp.manifests.problems import Severity
from webapp.numbers import counted
from webapp.views.page import query
from webapp.views.page.findings import SettledFindings, facts_of, findings_of
from webapp.views.page.query import QueryForm
from webapp.views.page.rendering import render_page
from webapp.views.page.simulation import state_of
from webapp.views.page.state import PageState, open_page, port_word
from webapp.views.page.wording import DEGRADED, HEALTHY, UNAVAILABLE, Standing

blueprint = Blueprint("findings", __name__)

PAGE_SIZE = 50
_SIGNS = {Severity.ERROR: ("lost", "bad", "Error"), Severity.WARNING: ("warning", "warn", "Warning")}
_NOTE = ("info", "quiet", "Note")
_WARNS = "A warning: it breaks, or is exposed, when something goes wrong."
_MEANS = {Severity.ERROR: f"An error: clients get no answer. {_WARNS}", Severity.WARNING: _WARNS}
_TITLES = {rule.id: rule.title for rule in RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One finding."""

    id: str
    title: str
    sign: str
    tone: str
    word: str
    place: str
    object: str | None
    message: str
    why: str
    hint: str
    remedy: str
    url: str
    """The map of the service that it is about; empty if it is about none."""
    service: str
    reason: str = ""
    """Why it is accepted, for one that is ignored."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Findings of one severity or one rule, to be shown alone."""

    label: str
    title: str
    sign: str
    tone: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question about one address, and its answer."""

    form: QueryForm
    address: str
    protocol: str
    example: str
    error: str
    told: Explanation | None
    url: str
    """The map of the service behind it."""
    document_url: str
    """The same as JSON."""
    connection_url: str
    """One connection step by step, where a node takes it for a nodePort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the page shows."""

    heading: str
    detail: str
    standing: Standing
    severities: tuple[Filter, ...]
    rules: tuple[Filter, ...]
    rows: tuple[Row, ...]
    ignored: tuple[Row, ...]
    asked: Asked
    page: int
    pages: int
    previous_url: str
    next_url: str


@blueprint.get("/t/<topology_id>/findings")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the findings, and why an address that was asked for does not answer."""
    page = open_page(topology_id)
    view = findings(page, query.SEVERITY.asked(), query.RULE.asked(), query.PAGE_NUMBER.asked())
    return render_page("findings.html", page, view=view)


def findings(page: PageState, severity: str = "", rule: str = "", number: int = 1) -> Findings:
    """Return one page of the findings, those of one severity or rule only if asked."""
    its = findings_of(page)
    shown = [f for f in its.kept if severity in ("", f.severity) and rule in ("", f.id)]
    pages = max(-(-len(shown) // PAGE_SIZE), 1)
    number = min(number, pages)
    here = shown[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    url = _Urls(page, severity, rule)
    return Findings(
        heading=_heading(its.kept),
        detail=_detail(page, its),
        standing=_standing(its.kept),
        severities=tuple(_severities(its.kept, url)),
        rules=tuple(_rules(its.kept, url)),
        rows=tuple(_row(page, its, finding) for finding in here),
        ignored=tuple(_row(page, its, finding, reason) for finding, reason in its.ignored[:PAGE_SIZE]),
        asked=_asked(page, query.ADDRESS.asked(), query.PROTOCOL.asked()),
        page=number,
        pages=pages,
        previous_url=url.to(page=number - 1) if number > 1 else "",
        next_url=url.to(page=number + 1) if number < pages else "",
    )


@dataclass(frozen=True, slots=True)
class _Urls:
    """The addresses of the same list: another page, severity or rule."""

    page: PageState
    severity: str
    rule: str

    def to(self, severity: str | None = None, rule: str | None = None, page: int = 1) -> str:
        severity = self.severity if severity is None else severity
        rule = self.rule if rule is None else rule
        return self.page.url("findings.show", severity=severity, rule=rule, page=page)


# --- the list ---------------------------------------------------------------------------------------------------------


def _heading(kept: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in kept)
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    told = [counted(counts[severity], word) for severity, word in words.items() if counts[severity]]
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0] if told else "Nothing found"


def _detail(page: PageState, its: SettledFindings) -> str:
    looked = f"{len(RULES)} rules checked {counted(len(page.cluster.services), 'service')} and what is behind them"
    worst = its.kept[0].severity if its.kept else Severity.INFO
    return f"{looked}. {_MEANS[worst]}" if worst in _MEANS else f"{looked}."


def _standing(kept: Sequence[Finding]) -> Standing:
    if not kept or kept[0].severity is Severity.INFO:
        return HEALTHY
    return UNAVAILABLE if kept[0].severity is Severity.ERROR else DEGRADED


def _severities(kept: Sequence[Finding], url: _Urls) -> Iterator[Filter]:
    counts = Counter(finding.severity for finding in kept if url.rule in ("", finding.id))
    yield Filter("All", "", "", "", counts.total(), url.to(severity=""), not url.severity)
    for level in Severity:
        sign, tone, word = _SIGNS.get(level, _NOTE)
        yield Filter(word, "", sign, tone, counts[level], url.to(severity=level), url.severity == level)


def _rules(kept: Sequence[Finding], url: _Urls) -> Iterator[Filter]:
    counts = Counter(finding.id for finding in kept if url.severity in ("", finding.severity))
    severity = {finding.id: finding.severity for finding in kept}
    for id_, count in counts.items():
        sign, tone, _ = _SIGNS.get(severity[id_], _NOTE)
        current = id_ == url.rule
        yield Filter(id_, _TITLES.get(id_, ""), sign, tone, count, url.to(rule="" if current else id_), current)


def _row(page: PageState, its: SettledFindings, finding: Finding, reason: str = "") -> Row:
    sign, tone, word = _SIGNS.get(finding.severity, _NOTE)
    kind, _, name = (finding.object or "").partition(" ")
    service = name if kind == "Service" and name in page.cluster.services else its.service_of.get(finding.object or "")
    return Row(
        id=finding.id,
        title=_TITLES.get(finding.id, ""),
        sign=sign,
        tone=tone,
        word=word,
        place=f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file or "",
        object=finding.object,
        message=finding.message,
        why=finding.why,
        hint=finding.hint,
        remedy=finding.remedy,
        url=page.focused(service).url() if service else "",
        service=service or "",
        reason=reason,
    )


# --- one address ------------------------------------------------------------------------------------------------------


def _asked(page: PageState, text: str, protocol: str) -> Asked:
    protocol = protocol if protocol in PROTOCOLS else PROTOCOLS[0]
    typed = parse_address(text)
    told = why(facts_of(page), state_of(page, page.scenario.at), typed, protocol) if typed else None
    return Asked(
        form=page.form("address"),
        address=text,
        protocol=told.protocol if told else protocol,
        example=_example(page),
        error=f"Write an address with its port, such as {_example(page)}." if text and not typed else "",
        told=told,
        url=page.focused(told.service).url() if told and told.service else "",
        document_url=_document_url(page, text, told.protocol) if told else "",
        connection_url=_connection_url(page, told) if told else "",
    )


def _connection_url(page: PageState, told: Explanation) -> str:
    """Return the page that steps through the connection; empty where it doesn't come by a node's nodePort."""
    service = page.cluster.services.get(told.service or "")
    ports = service.ports if service else ()
    port = next((p for p in ports if (p.node_port, p.protocol) == (told.port, told.protocol)), None)
    if service is None or port is None or told.node is None:
        return ""
    return page.focused(service.key, port_word(port)).connection_url(told.node)


def _document_url(page: PageState, address: str, protocol: str) -> str:
    return page.url("api.why", topology=page.topology.id, address=address, protocol=protocol)


def _example(page: PageState) -> str:
    """Return an address that can be asked for: of the first node, and the port in focus."""
    node = next(iter(page.cluster.nodes), "worker-1")
    ports = page.service.ports if page.service else ()
    return f"{node}:{(ports[page.port_index].node_port if ports else None) or 30080}"
