"""The page of findings: what is wrong or risky in the manifests, what fixes it; and why an address does not answer."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

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
from webapp.views.page.listing import (
    SEVERITIES,
    Choice,
    Paging,
    Sign,
    enumerated,
    paged,
    place,
    severity_choices,
)
from webapp.views.page.query import QueryForm
from webapp.views.page.rendering import render_page
from webapp.views.page.simulation import state_of
from webapp.views.page.state import PageState, open_page, port_word
from webapp.views.page.wording import DEGRADED, HEALTHY, UNAVAILABLE, Standing

blueprint = Blueprint("findings", __name__)

PAGE_SIZE = 50
_WARNS = "A warning: it breaks, or is exposed, when something goes wrong."
_MEANS = {Severity.ERROR: f"An error: clients get no answer. {_WARNS}", Severity.WARNING: _WARNS}
_TITLES = {rule.id: rule.title for rule in RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding."""

    finding: Finding
    title: str
    sign: Sign
    place: str
    url: str
    """The map of the service that it is about; empty if it is about none."""
    service: str
    reason: str
    """Why it is accepted, for one that is ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressQuestion:
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
class FindingsPage:
    """What the page shows."""

    heading: str
    detail: str
    standing: Standing
    severities: tuple[Choice, ...]
    rules: tuple[Choice, ...]
    paging: Paging[FindingRow]
    ignored: tuple[FindingRow, ...]
    question: AddressQuestion


@blueprint.get("/t/<topology_id>/findings")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the findings, and why an address that was asked for does not answer."""
    page = open_page(topology_id)
    view = findings(page, query.SEVERITY.asked(), query.RULE.asked(), query.PAGE_NUMBER.asked())
    return render_page("findings.html", page, view=view)


def findings(page: PageState, severity: str = "", rule: str = "", number: int = 1) -> FindingsPage:
    """Return one page of the findings, those of one severity or rule only if asked."""
    its = findings_of(page)
    shown = [f for f in its.kept if severity in ("", f.severity) and rule in ("", f.id)]
    counts = Counter(f.severity for f in its.kept if rule in ("", f.id))
    url = partial(page.url, "findings.show")
    return FindingsPage(
        heading=_heading(its.kept),
        detail=_detail(page, its),
        standing=_standing(its.kept),
        severities=tuple(severity_choices(counts, severity, lambda word: url(severity=word, rule=rule))),
        rules=tuple(
            _rules(
                [f for f in its.kept if severity in ("", f.severity)],
                rule,
                lambda word: url(severity=severity, rule=word),
            )
        ),
        paging=paged(shown, PAGE_SIZE, number, lambda at: url(severity=severity, rule=rule, page=at)).each(
            lambda finding: _row(page, its, finding)
        ),
        ignored=tuple(_row(page, its, finding, reason) for finding, reason in its.ignored[:PAGE_SIZE]),
        question=_question(page, query.ADDRESS.asked(), query.PROTOCOL.asked()),
    )


# --- the list ---------------------------------------------------------------------------------------------------------


def _heading(kept: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in kept)
    told = [counted(counts[severity], severity.noun) for severity in Severity if counts[severity]]
    return enumerated(told) or "Nothing found"


def _detail(page: PageState, its: SettledFindings) -> str:
    looked = f"{len(RULES)} rules checked {counted(len(page.cluster.services), 'service')} and what is behind them"
    worst = its.kept[0].severity if its.kept else Severity.INFO
    return f"{looked}. {_MEANS[worst]}" if worst in _MEANS else f"{looked}."


def _standing(kept: Sequence[Finding]) -> Standing:
    if not kept or kept[0].severity is Severity.INFO:
        return HEALTHY
    return UNAVAILABLE if kept[0].severity is Severity.ERROR else DEGRADED


def _rules(listed: Sequence[Finding], current: str, url: Callable[[str], str]) -> Iterator[Choice]:
    """Yield the rules of what is listed; the current one leads back to all of them."""
    severity = {finding.id: finding.severity for finding in listed}
    for id_, count in Counter(finding.id for finding in listed).items():
        title, sign, shown = _TITLES.get(id_, ""), SEVERITIES[severity[id_]], id_ == current
        yield Choice(id_, url("" if shown else id_), shown, count, sign, title)


def _row(page: PageState, its: SettledFindings, finding: Finding, reason: str = "") -> FindingRow:
    kind, _, name = (finding.object or "").partition(" ")
    service = name if kind == "Service" and name in page.cluster.services else its.service_of.get(finding.object or "")
    return FindingRow(
        finding=finding,
        title=_TITLES.get(finding.id, ""),
        sign=SEVERITIES[finding.severity],
        place=place(finding.file, finding.line),
        url=page.focused(service).url() if service else "",
        service=service or "",
        reason=reason,
    )


# --- one address ------------------------------------------------------------------------------------------------------


def _question(page: PageState, text: str, protocol: str) -> AddressQuestion:
    protocol = protocol if protocol in PROTOCOLS else PROTOCOLS[0]
    typed = parse_address(text)
    told = why(facts_of(page), state_of(page, page.scenario.at), typed, protocol) if typed else None
    return AddressQuestion(
        form=page.form("address"),
        address=text,
        protocol=told.protocol if told else protocol,
        example=_example(page),
        error=f"Write an address with its port, such as {_example(page)}." if text and not typed else "",
        told=told,
        url=page.focused(told.service).url() if told and told.service else "",
        document_url=page.url("api.why", topology=page.topology.id, address=text, protocol=told.protocol)
        if told
        else "",
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


def _example(page: PageState) -> str:
    """Return an address that can be asked for: of the first node, and the port in focus."""
    node = next(iter(page.cluster.nodes), "worker-1")
    ports = page.service.ports if page.service else ()
    return f"{node}:{(ports[page.port_index].node_port if ports else None) or 30080}"
