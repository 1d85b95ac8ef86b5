"""Rendering: a whole page for browsers, its changed part for htmx, by one template; the header of the pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from markupsafe import Markup

from webapp import __version__
from webapp.capture import CAPTURE
from webapp.diagram import FORMATS
from webapp.diagram.icons import FILLED, ICONS
from webapp.documents import DOCUMENTS
from webapp.jobs import stage
from webapp.manifests.problems import Severity
from webapp.numbers import counted, percent
from webapp.views.page.findings import serious_count
from webapp.views.page.names import breakable, cut_name
from webapp.views.page.stages import WRITING
from webapp.views.page.state import PageState, exposed, zone_sizes
from webapp.views.page.wording import day


def init_app(app: Flask) -> None:
    """Register the filters that templates use."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_filter(percent, "percent")
    app.add_template_filter(counted, "counted")
    app.add_template_filter(day, "day")
    app.add_template_filter(coded, "coded")
    app.add_template_filter(breakable, "breakable")
    app.add_template_filter(cut_name, "cut_name")
    app.jinja_env.globals["version"] = __version__
    app.jinja_env.globals["capture"] = CAPTURE
    app.jinja_env.globals["icons"] = tuple((name, Markup(shape)) for name, shape in ICONS.items())  # noqa: S704 - ours
    app.jinja_env.globals["filled"] = FILLED


def coded(text: str) -> Markup:
    """Return text with what stands between backticks in the code face."""
    parts = text.split("`")
    # A backtick without a second one is part of what somebody wrote.
    if len(parts) % 2 == 0:
        return breakable(text)
    said = map(breakable, parts)
    return Markup().join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(said))


def wants_fragment() -> bool:
    """Return whether htmx asked for a part of the page only."""
    return request.headers.get("HX-Request-Type") == "partial"


def render(template: str, *, status: int = 200, **context: Any) -> Response:
    """Return a template as a response: whole, or for htmx what stands inside the frame that it morphs.

    Pages are the same for everyone who has the address, and may change with the next release: caches keep them but
    ask again, which the ETag makes cheap.
    """
    stage(WRITING)
    layout = "fragment.html" if wants_fragment() else "document.html"
    response = make_response(render_template(template, layout=layout, **context), status)
    response.vary.add("HX-Request-Type")
    if status == 200 and request.method in ("GET", "HEAD"):
        revalidated(response).cache_control.private = True
    return response


def revalidated(response: Response) -> Response:
    """Return the response as one that caches keep but ask about each time, which its ETag makes cheap."""
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def document_response(name: str, text: str) -> Response:
    """Return a document of :data:`webapp.documents.DOCUMENTS` as a file to save."""
    # Names may hold lone surrogates, which UTF-8 has no bytes for.
    return file_response(name, DOCUMENTS[name].mimetype, text.encode(errors="replace"))


def file_response(name: str, mimetype: str, data: bytes) -> Response:
    """Return a file to save."""
    response = make_response(data)
    response.mimetype = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return revalidated(response)


# --- the header of a topology's pages ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the topology's pages."""

    title: str
    icon: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """One format of the picture, or a document."""

    name: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above every page of a topology."""

    name: str
    size: str
    tabs: tuple[Tab, ...]
    downloads: tuple[Download, ...]
    share_url: str
    kept_until: str
    delete_url: str
    correct_url: str


def render_page(template: str, page: PageState, *, status: int = 200, **context: Any) -> Response:
    """Return a page of the topology, under its header."""
    return render(template, status=status, page=page, header=_header(page, request.endpoint or ""), **context)


def _header(page: PageState, current: str) -> Header:
    """Return the header of one page, whose endpoint is `current`."""
    stored = page.topology.stored
    return Header(
        name=page.topology.name,
        size=_size(page),
        tabs=_tabs(page, current),
        downloads=tuple(_downloads(page, current)),
        share_url=page.url(share="link", of=current.partition(".")[0]),
        kept_until=day(stored.expires) if stored else "",
        delete_url=page.url("delete.ask") if stored and stored.deletable else "",
        correct_url=page.url("uploads.correct"),
    )


def _size(page: PageState) -> str:
    cluster = page.cluster
    zones = zone_sizes(cluster)
    nodes = counted(len(cluster.nodes), "node") + (f" in {len(zones)} zones" if len(zones) > 1 else "")
    made_up = sum(map(cluster.is_assumed, cluster.pods.values())) if cluster.assumed_workloads else 0
    pods = counted(len(cluster.pods), "pod") + (f" ({made_up:,} assumed)" if made_up else "")
    return f"{nodes} · {counted(len(exposed(cluster)), 'NodePort service')} · {pods}"


def _tabs(page: PageState, current: str) -> tuple[Tab, ...]:
    # Notes say what was assumed or skipped, which is nearly always something: counted, the tab would warn forever.
    problems = [p for p in page.cluster.problems if p.severity is not Severity.INFO]
    pages = (
        ("explorer.show", "Map", "map", None),
        ("services.show", "Services", "table", len(page.cluster.services)),
        ("resilience.show", "Resilience", "down", None),
        ("findings.show", "Findings", "info", serious_count(page)),
        ("problems.show", "Problems", "warning", len(problems)),
    )
    return tuple(Tab(title, icon, page.url(name), name == current, count) for name, title, icon, count in pages)


def _downloads(page: PageState, current: str) -> Iterator[Download]:
    # What the page shows comes first; the pictures are offered on each.
    for name in _DOCUMENTS.get(current, ()):
        if name == "game-day.md" and not page.has_failure:
            continue
        yield Download(name, DOCUMENTS[name].label, document_url(page, name))
    if page.service and page.service.ports:
        for name, its in FORMATS.items():
            yield Download(f".{name}", its.label, page.url("downloads.diagram", extension=name))


_DOCUMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "explorer.show": ("report.md", "game-day.md", "entries.csv", "simulation.json"),
        "game_day.show": ("game-day.md", "drain.sh", "chaos-mesh.yaml", "litmus.yaml"),
        "services.show": ("services.csv", "entries.csv"),
        "resilience.show": ("matrix.csv",),
        "findings.show": ("findings.md", "findings.csv"),
    }
)
"""What each page offers, by its endpoint."""


def document_url(page: PageState, name: str) -> str:
    """Return the address of a document about the state that is shown."""
    kind, _, extension = name.rpartition(".")
    if kind == "findings":
        return page.url("findings.download", extension=extension)
    own = {"services": "services.download", "matrix": "resilience.download", "simulation": "downloads.simulation"}
    return page.url(own[kind]) if kind in own else page.url("downloads.document", document=name)
