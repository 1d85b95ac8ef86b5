"""The header of a topology's pages: its name and size, the tabs, download and share."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, request

from webapp.diagram import FORMATS
from webapp.manifests.problems import Severity
from webapp.numbers import counted
from webapp.views.page.findings import serious_count
from webapp.views.page.rendering import render
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
class Header:
    """What stands above every page of a topology."""

    name: str
    size: str
    tabs: tuple[Tab, ...]
    downloads: tuple[Download, ...]
    share: Share
    kept_until: str
    delete_url: str
    correct_url: str


def render_page(template: str, page: PageState, **context: Any) -> Response:
    """Return a page of the topology, under its header."""
    return render(template, page=page, header=_header(page, request.endpoint or ""), **context)


def _header(page: PageState, current: str) -> Header:
    """Return the header of one page, whose endpoint is `current`."""
    stored = page.topology.stored
    return Header(
        name=page.topology.name,
        size=_size(page),
        tabs=_tabs(page, current),
        downloads=tuple(_downloads(page)),
        share=_share(page, current),
        kept_until=day(stored.expires) if stored else "",
        delete_url=page.url("delete.ask") if stored and stored.deletable else "",
        correct_url=page.url("uploads.correct"),
    )


def _size(page: PageState) -> str:
    cluster = page.cluster
    zones = {node.zone for node in cluster.nodes.values() if node.zone}
    nodes = counted(len(cluster.nodes), "node") + (f" in {len(zones)} zones" if len(zones) > 1 else "")
    made_up = sum(map(cluster.is_assumed, cluster.pods.values())) if cluster.assumed_workloads else 0
    pods = counted(len(cluster.pods), "pod") + (f" ({made_up:,} assumed)" if made_up else "")
    return f"{nodes} · {counted(len(exposed(cluster)), 'NodePort service')} · {pods}"


def _tabs(page: PageState, current: str) -> tuple[Tab, ...]:
    problems = [p for p in page.cluster.problems if p.severity is not Severity.INFO]
    pages = (
        ("explorer.show", "Map", "map", None),
        ("services.show", "Services", "table", len(page.cluster.services)),
        ("resilience.show", "Resilience", "down", None),
        ("findings.show", "Findings", "info", serious_count(page)),
        ("problems.show", "Problems", "warning", len(problems)),
    )
    return tuple(Tab(title, icon, page.url(name), name == current, count) for name, title, icon, count in pages)


def _downloads(page: PageState) -> Iterator[Download]:
    if page.service and page.service.ports:
        for name, its in FORMATS.items():
            yield Download(f".{name}", its.label, page.url("downloads.diagram", extension=name))


def _share(page: PageState, current: str) -> Share:
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/") or request.host_url.rstrip("/")
    link = base + page.url(current)
    picture = base + page.url("downloads.diagram", extension="svg")
    alt = f"Traffic to {page.service.key}" if page.service else "Traffic"
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
