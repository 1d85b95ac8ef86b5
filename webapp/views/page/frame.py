"""The frame around a topology's pages: its name and size, the tabs, download and share."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app, request

from webapp.manifests.problems import Severity
from webapp.numbers import counted
from webapp.views.lists.found import grave_count
from webapp.views.page.state import PageState, exposed
from webapp.views.page.wording import day


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
    """One format of the picture."""

    name: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class Share:
    """What the share menu says."""

    link: str
    picture: str
    local: bool
    """The link works on this machine only."""
    markdown: str
    html: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands above every page of a topology."""

    name: str
    size: str
    tabs: tuple[Tab, ...]
    downloads: tuple[Download, ...]
    share: Share
    kept_until: str
    delete_url: str
    correct_url: str


FORMAT_WORDS = {
    "svg": "vector image, self-contained",
    "png": "image",
    "pdf": "for printing",
    "html": "one page, no server",
    "json": "the simulation’s numbers",
    "mmd": "Mermaid, for Markdown",
    "dot": "Graphviz",
    "d2": "D2",
    "drawio": "diagrams.net",
    "graphml": "for graph tools",
}


def frame(look: PageState, current: str, formats: tuple[str, ...]) -> Frame:
    """Return the frame of one page, whose endpoint is `current`."""
    stored = look.topology.stored
    return Frame(
        name=look.topology.name,
        size=_size(look),
        tabs=_tabs(look, current),
        downloads=tuple(_downloads(look, formats)),
        share=_share(look, current),
        kept_until=day(stored.expires) if stored else "",
        delete_url=look.url("delete.ask") if stored and stored.deletable else "",
        correct_url=look.url("uploads.correct"),
    )


def _size(look: PageState) -> str:
    cluster = look.cluster
    zones = {node.zone for node in cluster.nodes.values() if node.zone}
    nodes = counted(len(cluster.nodes), "node") + (f" in {len(zones)} zones" if len(zones) > 1 else "")
    made_up = sum(map(cluster.is_assumed, cluster.pods.values())) if cluster.assumed_workloads else 0
    pods = counted(len(cluster.pods), "pod") + (f" ({made_up:,} assumed)" if made_up else "")
    return f"{nodes} · {counted(len(exposed(cluster)), 'NodePort service')} · {pods}"


def _tabs(look: PageState, current: str) -> tuple[Tab, ...]:
    problems = [p for p in look.cluster.problems if p.severity is not Severity.INFO]
    pages = (
        ("explorer.show", "Map", "map", None),
        ("services.show", "Services", "table", len(look.cluster.services)),
        ("resilience.show", "Resilience", "down", None),
        ("findings.show", "Findings", "info", grave_count(look)),
        ("problems.show", "Problems", "warning", len(problems)),
    )
    return tuple(Tab(title, icon, look.url(name), name == current, count) for name, title, icon, count in pages)


def _downloads(look: PageState, formats: tuple[str, ...]) -> "list[Download]":
    service = look.service
    return [
        Download(f".{name}", FORMAT_WORDS.get(name, ""), look.url("downloads.diagram", extension=name))
        for name in (formats if service and service.ports else ())
    ]


def _share(look: PageState, current: str) -> Share:
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/") or request.host_url.rstrip("/")
    link = base + look.url(current)
    picture = base + look.url("downloads.diagram", extension="svg")
    alt = f"Traffic to {look.service.key}" if look.service else "Traffic"
    return Share(
        link=link,
        picture=picture,
        local=_is_loopback(base),
        markdown=f"[![{alt}]({picture})]({link})",
        html=f'<a href="{link}"><img src="{picture}" alt="{alt}"></a>',
    )


def _is_loopback(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
