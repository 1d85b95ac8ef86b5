"""The page of problems: what is wrong with an upload, where, and what to do; what was skipped; what was assumed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.manifests.manifests import FileSummary
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import counted, some
from webapp.views.page.listing import SEVERITIES, Choice, Sign, place, severity_choices
from webapp.views.page.query import SEVERITY
from webapp.views.page.rendering import render_page
from webapp.views.page.state import PageState, open_page
from webapp.views.page.wording import DEGRADED, HEALTHY, UNAVAILABLE, Standing

blueprint = Blueprint("problems", __name__)

MAX_SHOWN = 200


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """Something that is not in the picture, and why."""

    sign: str
    tone: str
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemsPage:
    """What the page shows."""

    heading: str
    detail: str
    standing: Standing
    severities: tuple[Choice, ...]
    problems: tuple[tuple[Problem, Sign, str], ...]
    """Each with its sign and its place."""
    rest: int
    not_drawn: tuple[NotDrawn, ...]
    files: tuple[FileSummary, ...]


@blueprint.get("/t/<topology_id>/problems")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the problems of a topology."""
    page = open_page(topology_id)
    return render_page("problems.html", page, view=problems(page, SEVERITY.asked()))


def problems(page: PageState, severity: str = "") -> ProblemsPage:
    """Return the page's content, the worst problems first, those of one severity only if asked."""
    # Sorting is stable: within a severity problems stay in the order of the files, as people go through them.
    found = sorted(page.cluster.problems, key=lambda problem: list(Severity).index(problem.severity))
    shown = [problem for problem in found if severity in ("", problem.severity)]
    counts = Counter(problem.severity for problem in found)
    heading, standing = _heading(page, counts)
    return ProblemsPage(
        heading=heading,
        detail=_detail(page, found),
        standing=standing,
        severities=tuple(
            severity_choices(counts, severity, lambda severity: page.url("problems.show", severity=severity))
        ),
        problems=tuple(
            (problem, SEVERITIES[problem.severity], place(problem.file, problem.line) or "all files")
            for problem in shown[:MAX_SHOWN]
        ),
        rest=max(len(shown) - MAX_SHOWN, 0),
        not_drawn=tuple(_not_drawn(page)),
        files=page.topology.manifests.files,
    )


def _heading(page: PageState, counts: Counter[Severity]) -> tuple[str, Standing]:
    services = page.cluster.services.values()
    refused = sum(not service.accepted for service in services)
    if refused:
        return f"{len(services) - refused} of {counted(len(services), 'service')} would be accepted", DEGRADED
    if counts[Severity.ERROR]:
        return "Not everything could be read", DEGRADED if services else UNAVAILABLE
    return "Everything was read", HEALTHY


def _detail(page: PageState, found: Sequence[Problem]) -> str:
    files = page.topology.manifests.files
    documents = sum(file.documents for file in files)
    read = f"{counted(documents, 'document')} in {counted(len(files), 'file')}"
    told = sum(problem.severity is not Severity.INFO for problem in found)
    if not told:
        return f"{read}, no problem."
    return (
        f"{read}, {counted(told, 'problem')}. What could be read is drawn and works; fix the rest and upload it again."
    )


def _not_drawn(page: PageState) -> Iterator[NotDrawn]:
    """Yield services that would be rejected, those that nothing outside reaches, and kinds that are not used."""
    services = page.cluster.services.values()
    for service in (s for s in services if not s.accepted):
        yield NotDrawn("error", "bad", service.key, f"rejected by the API server: {service.refusals[0].detail}")
    inside = [s for s in services if s.accepted and all(port.node_port is None for port in s.ports)]
    if inside:
        title = f"{counted(len(inside), 'service')} without a nodePort"
        yield NotDrawn("info", "quiet", title, some([s.key for s in inside], 5))
    if unused := page.topology.manifests.not_used:
        kinds = ", ".join(f"{count} {kind}" for kind, count in unused.items())
        yield NotDrawn(
            "info",
            "quiet",
            f"{counted(sum(unused.values()), 'document')} of kinds not needed here",
            f"{kinds}: contents not kept",
        )
