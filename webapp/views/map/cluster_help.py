"""What would help on the map of the cluster: for the services hit worst, a load balancer and pods spread out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint

from webapp.diagram.cluster_columns import PortChange
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.numbers import percent
from webapp.views.map.change import spread_out
from webapp.views.map.weighing import NOISE, EditEffect, Weighing, changes_of, weighing
from webapp.views.page.edits import url_with_edits
from webapp.views.page.state import PageState

blueprint = Blueprint("cluster_help", __name__)

MOST_SERVICES = 3
"""Columns of the table: as many as the panel has room for."""
Port = tuple[str, int]
Shares = Mapping[Port, float]


@dataclass(frozen=True, slots=True)
class HelpRow:
    """Something that would help, with what each service would answer."""

    title: str
    """``Load balancer``, ``Spread``."""
    service: str
    """Whose pods are spread; empty for something that is about all."""
    url: str
    shares: tuple[str, ...]
    """``=`` where it changes nothing."""


@dataclass(frozen=True, slots=True)
class ClusterHelp:
    """What would help the services that are hit worst."""

    supposed: str
    """The node that is supposed to fail; empty where something is down."""
    services: tuple[str, ...]
    now: tuple[str, ...]
    rows: tuple[HelpRow, ...]


@blueprint.app_template_global("cluster_help")
def cluster_help(page: PageState) -> ClusterHelp | None:
    """Return what would help; None where nothing is lost, or nothing that is weighed helps."""
    weighs = weighing(page)
    if not weighs.loses or not weighs.there.scenario.down:
        return None
    lossy = [change for change in changes_of(weighs.there) if change.affected]
    worst = sorted(lossy, key=lambda change: (change.share, change.service.name))[:MOST_SERVICES]
    now = {(change.service.key, change.index): change.share for change in worst}
    rows = tuple(_rows(weighs, worst, now))
    names = tuple(_name(change) for change in worst)
    return ClusterHelp(weighs.supposed, names, tuple(map(percent, now.values())), rows) if rows else None


def _name(change: PortChange) -> str:
    ports = change.service.ports
    return change.service.name if len(ports) == 1 else f"{change.service.name}:{ports[change.index].port}"


def _rows(weighs: Weighing, worst: Sequence[PortChange], now: Shares) -> Iterator[HelpRow]:
    page = weighs.page
    if page.scenario.via != "lb" and (row := _row(weighs, ("Load balancer", ""), page.via("lb"), now)):
        yield row
    for key, name in {change.service.key: change.service.name for change in worst}.items():
        spreads = [found for domain in (HOSTNAME, ZONE) if (found := spread_out(_of(weighs, key, now), domain))]
        best = max(spreads, key=lambda its: its[1].total if its[1] else 0.0, default=None)
        if best and (row := _row(weighs, ("Spread", name), best[0].unfocused(), now)):
            yield row


def _of(weighs: Weighing, service: str, now: Shares) -> Weighing:
    """Return the same of one service alone."""
    share = min(share for (key, _), share in now.items() if key == service)
    page, there = weighs.page.focused(service), weighs.there.focused(service)
    return Weighing(page, there, EditEffect.of(share), weighs.weighs)


def _row(weighs: Weighing, title: tuple[str, str], state: PageState, now: Shares) -> HelpRow | None:
    there = replace(state, scenario=replace(weighs.there.scenario, via=state.scenario.via))
    shares = {(change.service.key, change.index): change.share for change in changes_of(there)}
    told = [(shares.get(port, share), share) for port, share in now.items()]
    if not any(share > before + NOISE for share, before in told):
        return None
    texts = ("=" if abs(share - before) < NOISE else percent(share) for share, before in told)
    return HelpRow(*title, url_with_edits(state), tuple(texts))
