"""What the manifests are worth: ``check``, ``diff``, the matrix of resilience, the findings and a badge."""

from collections.abc import Iterator
from importlib import import_module

from flask import abort, make_response, request
from flask.typing import ResponseReturnValue

from webapp.check import Report, Threshold
from webapp.check import check as held_against
from webapp.check import fix as fixes
from webapp.check.baseline import Baseline, BaselineError, dump, load
from webapp.check.compare import compare
from webapp.check.comparison_formats import COMPARISON_FORMATS
from webapp.check.json import finding_document, ignored_documents
from webapp.check.run import ThresholdError
from webapp.check.shown import ShownDifference, shown_difference
from webapp.check.text import render as as_terminal
from webapp.cluster.model import Cluster
from webapp.diagram import DiagramError, draw
from webapp.diagram.badge import badge as drawn_badge
from webapp.documents import sifted
from webapp.documents.comparison_page import comparison_page
from webapp.documents.markdown import findings_markdown
from webapp.documents.resilience import findings_csv, matrix_csv, matrix_objects
from webapp.failure import Moment
from webapp.findings.ignoring import Ignore, IgnoreError
from webapp.manifests.problems import Severity
from webapp.resilience import What, survival
from webapp.resilience import matrix as weighed
from webapp.views.api.asked import asked, given, named_set, state_of
from webapp.views.api.blueprint import Output, operation, written
from webapp.views.api.responses import as_json, as_text
from webapp.views.lists.findings import ALL, FindingFilter
from webapp.views.page import query
from webapp.views.page.rendering import revalidated
from webapp.views.site.security import PICTURE_HEADERS
from webapp.views.site.uploads import field_names, sent_files

BEFORE = "before.svg"
"""One of the outputs of ``diff``."""
BASELINE = "baseline"
"""The field of a form that a baseline comes in."""


@operation(
    "/check",
    written("json", "CheckDocument"),
    written("baseline", "BaselineDocument"),
    *map(written, ("text", "sarif", "junit", "markdown", "fix")),
    fields={BASELINE: "Findings that are accepted: what `output=baseline` gave before."},
    examples=(
        "-F file=@shop.yaml '/api/v1/check?survive=node&output=text'",
        "-F file=@shop.yaml -F baseline=@nodefall-baseline.json '/api/v1/check?max-severity=none'",
    ),
)
def check() -> ResponseReturnValue:
    """Check manifests for what is wrong or risky, and hold that against a threshold."""
    threshold, baseline, ignores, output = _threshold(), _baseline(), _ignores(), query.AS_REPORT.asked()
    page = asked(others=(BASELINE,))
    try:
        report = held_against(page.topology.manifests, page.cluster, threshold, baseline, ignores)
    except ThresholdError as error:
        abort(422, str(error))
    # Who asks for a baseline accepts what there is, as with --write-baseline.
    status = int(report.failed and output != BASELINE)
    return as_text(_written(report, output), output, status=status)


def _threshold() -> Threshold:
    survive, guaranteed = query.SURVIVED.asked(), query.GUARANTEED.asked() == "yes"
    if guaranteed and not survive:
        abort(400, "guaranteed=yes needs survive=node or survive=zone.")
    worst = query.MAX_SEVERITY.asked()
    what: What | None = "node" if survive == "node" else "zone" if survive else None
    return Threshold(
        max_severity=None if worst == "none" else Severity(worst),
        survive=what,
        guaranteed=guaranteed,
        via=query.CHECKED_VIA.asked(),
    )


def _ignores() -> tuple[Ignore, ...]:
    try:
        return Ignore.all_of(query.IGNORE.all(query.asked_pairs()))
    except IgnoreError as error:
        abort(400, str(error))


def _baseline() -> Baseline | None:
    file = request.files.get(BASELINE)
    text = file.stream.read().decode("utf-8", "replace") if file else request.form.get(BASELINE)
    if text is None:
        return None
    try:
        return load(text)
    except BaselineError as error:
        abort(422, f"{BASELINE}: {error}")


def _written(report: Report, output: str) -> str:
    if output == BASELINE:
        return dump((*report.findings, *report.accepted))
    if output == "fix":
        texts = dict(_texts())
        return fixes.diff(texts, fixes.fixed(texts, (each.edit for each in report.findings if each.edit)))
    if output == "text":
        return as_terminal(report, {name: text.splitlines() for name, text in _texts()}, colour=False)
    return str(import_module(f"webapp.check.{output}").render(report))


def _texts() -> Iterator[tuple[str, str]]:
    """Yield the files that were sent, as far as they are text; of a stored set no text is kept."""
    if query.TOPOLOGY.asked():
        return
    # They have been read once.
    for field in field_names():
        for file in request.files.getlist(field):
            file.stream.seek(0)
    for upload in sent_files():
        yield upload.name, upload.data.decode("utf-8", "replace")


@operation(
    "/diff",
    written("json", "ComparisonDocument"),
    written("text"),
    written("markdown"),
    written("html"),
    written("before.svg"),
    sides=("old-", "new-"),
    examples=(
        "-F old=@before.yaml -F new=@after.yaml '/api/v1/diff?output=markdown'",
        "-F new=@after.yaml '/api/v1/diff?old=sample-shop'",
        "'/api/v1/diff?old=sample-shop&new=sample-webapp-service&output=before.svg'",
    ),
)
def diff() -> ResponseReturnValue:
    """Compare two sets: what a change of the manifests does to clients."""
    sides = ((query.OLD, "old-", "new-"), (query.NEW, "new-", "old-"))
    old, new = (state_of(given(word, side, others=field_names(other))) for word, side, other in sides)
    comparison = compare(old.cluster, new.cluster)
    output = query.AS_COMPARISON.asked()
    status = int(bool(comparison.worse))
    if output in COMPARISON_FORMATS:
        return as_text(COMPARISON_FORMATS[output](comparison), output, status=status)
    try:
        if output == "html":
            text = comparison_page(comparison, old.cluster, new.cluster)
        else:
            text = _picture(
                shown_difference(comparison, old.cluster, new.cluster), (old if output == BEFORE else new).cluster
            )
    except DiagramError as error:
        abort(422, str(error))
    response = as_text(text, output, status=status)
    # A file to keep: opened here its script would not run, as nothing of a set's author runs on this site.
    if output == "html":
        response.headers["Content-Disposition"] = 'attachment; filename="comparison.html"'
    response.headers.update(PICTURE_HEADERS)
    return response


def _picture(difference: ShownDifference | None, cluster: Cluster) -> str:
    """Return one side where the change shows most."""
    if difference is None:
        raise DiagramError("Clients from outside get the same as before, so there is nothing to draw.")
    if difference.scenario.service not in cluster.services:
        raise DiagramError(f"There is no service {difference.scenario.service} on this side.")
    return draw(cluster, difference.scenario, "svg", difference.port).decode()


@operation(
    "/matrix",
    written("json", "MatrixDocument"),
    written("csv"),
    examples=("-F file=@shop.yaml '/api/v1/matrix?moment=failed&through=dns'",),
)
def matrix() -> ResponseReturnValue:
    """Weigh every failure: what each service port answers if one node or zone fails."""
    page = asked()
    found = weighed(page.cluster, Moment(query.MOMENT.asked()), query.THROUGH.asked())
    namespace = query.NAMESPACE.asked()
    rows = [row for row in found.rows if namespace in ("", row.verdict.reach.service.namespace)]
    if query.AS_TABLE.asked() == "csv":
        return as_text(matrix_csv(found, rows), "csv")
    return as_json(
        {
            "schema": "nodefall/matrix/v1",
            "moment": found.moment.value,
            "through": found.via,
            "verdict": found.sentence,
            "columns": [column.word for column in found.columns],
            "nodesWithoutColumn": found.folded,
            "rows": matrix_objects(found, rows),
        }
    )


@operation(
    "/findings",
    written("json", "FindingsDocument"),
    written("csv"),
    written("markdown"),
    examples=(
        "-F file=@shop.yaml '/api/v1/findings?severity=warning'",
        "'/api/v1/findings?topology=sample-shop&q=admin&ignore=NP220/default:one+replica+is+enough'",
    ),
)
def findings() -> ResponseReturnValue:
    """List what is wrong or risky in the manifests, with patches."""
    ignores, page = _ignores(), asked()
    # A list for people hides notes; a program gets them unless it asks for something else.
    wanted = FindingFilter(query.LISTED_SEVERITY.asked() or ALL, query.RULE.asked(), query.SEARCH.asked())
    every = sifted(page.topology.manifests, page.cluster, ignores)
    found = list(filter(wanted.shows, every.kept))
    match query.AS_FINDINGS.asked():
        case "csv":
            return as_text(findings_csv(found), "csv")
        case "markdown":
            return as_text(findings_markdown(found), "markdown")
    ignored = ignored_documents((finding, reason) for finding, reason in every.ignored if wanted.shows(finding))
    return as_json(
        {"schema": "nodefall/findings/v1", "findings": list(map(finding_document, found)), "ignored": ignored}
    )


@operation(
    "/badge.svg",
    Output("image/svg+xml"),
    methods=("GET",),
    sides=(),
    examples=("'/api/v1/badge.svg?topology=sample-shop&survive=zone'",),
)
def badge() -> ResponseReturnValue:
    """Draw a badge for a README: whether every service of a stored set survives any one node or zone."""
    page = state_of(named_set())
    what: What = "zone" if query.SURVIVE.asked() == "zone" else "node"
    if what == "zone" and not any(node.zone for node in page.cluster.nodes.values()):
        abort(422, "No node has the label topology.kubernetes.io/zone, so nothing is known of zones.")
    response = make_response(drawn_badge(survival(page.cluster, what), what))
    response.mimetype = "image/svg+xml"
    response.headers.update(PICTURE_HEADERS)
    return revalidated(response)
