"""What is wrong with an upload, where, and what to do; what was skipped; what was assumed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.manifests.manifests import FileSummary
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import counted, some
from webapp.views.page.query import SEVERITY
from webapp.views.page.rendering import render_page
from webapp.views.page.state import PageState, open_page
from webapp.views.page.wording import DEGRADED, HEALTHY, UNAVAILABLE, Standing

blueprint = Blueprint("problems", __name__)

MAX_SHOWN = 200
_SIGNS = {Severity.ERROR: ("lost", "bad", "Error"), Severity.WARNING: ("warning", "warn", "Warning")}
_NOTE = ("info", "quiet", "Note")


@dataclass(frozen=True, slots=True)
class Row:
    """One problem."""

    id: str
    sign: str
    tone: str
    word: str
    place: str
    object: str | None
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A severity to show alone; an empty sign is all."""

    label: str
    sign: str
    tone: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is not in the picture, and why."""

    sign: str
    tone: str
    name: str
    why: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """What the page shows."""

    heading: str
    detail: str
    standing: Standing
    filters: tuple[Filter, ...]
    rows: tuple[Row, ...]
    rest: int
    not_drawn: tuple[Line, ...]
    files: tuple[FileSummary, ...]


@blueprint.get("/t/<topology_id>/problems")
def show(topology_id: str) -> ResponseReturnValue:
    """Show the problems of a topology."""
    page = open_page(topology_id)
    return render_page(
        "problems.html",
        page,
        view=problems(page, SEVERITY.asked()),
    )


def problems(page: PageState, severity: str = "") -> Problems:
    """Return the page's content, the worst problems first, those of one severity only if asked."""
    found = sorted(page.cluster.problems, key=lambda problem: list(Severity).index(problem.severity))
    shown = [problem for problem in found if severity in ("", problem.severity)]
    counts = Counter(problem.severity for problem in found)
    heading, standing = _heading(page, counts)
    return Problems(
        heading=heading,
        detail=_detail(page, found),
        standing=standing,
        filters=tuple(_filters(page, counts, severity)),
        rows=tuple(map(_row, shown[:MAX_SHOWN])),
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


def _filters(page: PageState, counts: Counter[Severity], severity: str) -> Iterator[Filter]:
    yield Filter("All", "", "", counts.total(), page.url("problems.show"), not severity)
    for level in Severity:
        sign, tone, word = _SIGNS.get(level, _NOTE)
        yield Filter(word, sign, tone, counts[level], page.url("problems.show", severity=level), severity == level)


def _row(problem: Problem) -> Row:
    sign, tone, word = _SIGNS.get(problem.severity, _NOTE)
    return Row(
        id=problem.id,
        sign=sign,
        tone=tone,
        word=word,
        place=_place(problem.file, problem.line),
        object=problem.object,
        message=problem.message,
        hint=problem.hint,
    )


def _place(file: str | None, line: int | None) -> str:
    return f"{file}:{line}" if file and line else file or "all files"


def _not_drawn(page: PageState) -> Iterator[Line]:
    """Yield services that would be rejected, those that nothing outside reaches, and kinds that are not used."""
    services = page.cluster.services.values()
    for service in (s for s in services if not s.accepted):
        yield Line("error", "bad", service.key, f"rejected by the API server: {service.refusals[0].detail}")
    inside = [s for s in services if s.accepted and all(port.node_port is None for port in s.ports)]
    if inside:
        title = f"{counted(len(inside), 'service')} without a nodePort"
        yield Line("info", "quiet", title, some([s.key for s in inside], 5))
    if unused := page.topology.manifests.not_used:
        kinds = ", ".join(f"{count} {kind}" for kind, count in unused.items())
        yield Line(
            "info",
            "quiet",
            f"{counted(sum(unused.values()), 'document')} of kinds not needed here",
            f"{kinds}: contents not kept",
        )
