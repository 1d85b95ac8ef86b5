"""The page of services: all at a glance, their state under the current failure, worst first, filtered and searched."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.cluster.assumed_pods import assumed_behind
from webapp.cluster.model import ServicePort
from webapp.diagram.cluster_columns import as_before_word, namespace_word
from webapp.diagram.whole_cluster import lanes
from webapp.documents.services import records_of, services_csv
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment
from webapp.failure.no_endpoints import no_endpoints
from webapp.numbers import counted, some
from webapp.routing import Result
from webapp.routing.evaluate import refusal
from webapp.views.lists.port_standings import PortStanding, affected, port_standings
from webapp.views.lists.service_filter import ORDERS, ServiceFilter
from webapp.views.page import query
from webapp.views.page.lane_heads import lane_heads
from webapp.views.page.listing import Choice, Paging, enumerated, namespace_choices, paged
from webapp.views.page.query import QueryForm
from webapp.views.page.rendering import document_response, render_page
from webapp.views.page.simulation import one_address, seconds_of, state_of
from webapp.views.page.state import PageState, open_page, port_word
from webapp.views.page.wording import (
    DEGRADED,
    HEALTHY,
    NO_NODE_PORT,
    REFUSED,
    REJECTED,
    STANDINGS,
    UNAVAILABLE,
    Chip,
    Standing,
    chips,
    failed,
    moment_words,
)

blueprint = Blueprint("services", __name__)

PAGE_SIZE = 100
# With more services than this the strips carry no counts: each would weigh all services at another moment.
MAX_COUNTED = 300


@dataclass(frozen=True, slots=True)
class NodeColumn:
    """The column of squares of one node, or of several alike: the lanes of the cluster's map."""

    full: str
    short: str
    down: bool
    nodes: frozenset[str]


@dataclass(frozen=True, slots=True)
class PodSquare:
    """How many pods of a service are on the nodes of a column."""

    pods: int
    down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service port."""

    id: str
    name: str
    url: str
    standing: Standing
    port: str
    node_port: str
    assigned: bool
    policy: str
    squares: tuple[PodSquare, ...]
    places: str
    assumed: bool
    """Its pods are not in the upload: nodefall made them up."""
    share: float | None
    other_share: float | None
    why: str


@dataclass(frozen=True, slots=True)
class NamespaceGroup:
    """The services of one namespace; of all, where the order goes across."""

    namespace: str
    url: str
    """Shows this namespace alone."""
    summary: str
    rows: tuple[ServiceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesPage:
    """What the page shows."""

    sentence: str
    moments: tuple[Choice, ...]
    access_paths: tuple[Choice, ...]
    counted: bool
    chips: tuple[Chip, ...]
    failed: str
    filters: tuple[Choice, ...]
    filtered: bool
    namespaces: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    order: str
    order_urls: Mapping[str, str]
    query: str
    form: QueryForm
    clear_url: str
    map_url: str
    """The cluster's map, with bars for what is filtered."""
    csv_url: str
    columns: tuple[NodeColumn, ...]
    via: str
    other_via: str
    groups: tuple[NamespaceGroup, ...]
    paging: Paging[PortStanding]


@blueprint.get("/t/<topology_id>/services")
def show(topology_id: str) -> ResponseReturnValue:
    """Show all services with their state."""
    page = open_page(topology_id)
    view = services(page, _wanted(), query.PAGE_NUMBER.asked())
    return render_page("services.html", page, view=view)


@blueprint.get("/t/<topology_id>/services.csv")
def download(topology_id: str) -> ResponseReturnValue:
    """Send the same list as a spreadsheet reads it, all of it."""
    page, wanted = open_page(topology_id), _wanted()
    rows = wanted.ordered(wanted.listed(port_standings(page)))
    ports = ((row.service, row.index) for row in rows)
    records = records_of(state_of(page, page.scenario.at), ports)
    return document_response("services.csv", services_csv(records))


def _wanted() -> ServiceFilter:
    return ServiceFilter(
        query=query.SEARCH.asked(),
        state=query.STATE.asked(),
        namespace=query.NAMESPACE.asked(),
        order=query.SERVICE_ORDER.asked(),
    )


def services(page: PageState, wanted: ServiceFilter | None = None, number: int = 1) -> ServicesPage:
    """Return one page of the services that are wanted."""
    wanted = wanted or ServiceFilter()
    every = port_standings(page)
    found = wanted.listed(every)
    paging = paged(wanted.ordered(found), PAGE_SIZE, number, partial(wanted.url, page))
    columns = _columns(page)
    few = len(every) <= MAX_COUNTED
    return ServicesPage(
        sentence=_sentence(page, every),
        moments=tuple(_moments(page, every, few=few)),
        access_paths=tuple(_access_paths(page, every, few=few)),
        counted=few,
        chips=chips(page),
        failed=failed(page),
        filters=tuple(_filters(page, wanted, found)),
        filtered=wanted != ServiceFilter(order=wanted.order),
        namespaces=namespace_choices((s.namespace for s in page.cluster.services.values()), wanted.namespace),
        orders=tuple(Choice(label, word, word == wanted.order) for word, label in ORDERS.items()),
        order=wanted.order,
        order_urls={word: replace(wanted, order=word).url(page) for word in ORDERS},
        query=wanted.query,
        form=page.form("services", state=wanted.state),
        clear_url=page.url("services.show"),
        map_url=_on_map(page, wanted).url(),
        csv_url=wanted.csv_url(page),
        columns=columns,
        via=_VIAS.get(page.scenario.via, page.scenario.via.removeprefix("node/")),
        other_via="DNS" if page.scenario.via != "dns" else "Load balancer",
        groups=tuple(_groups(page, wanted, paging.items, columns)),
        paging=paging,
    )


def _on_map(page: PageState, wanted: ServiceFilter) -> PageState:
    """Return the map of the cluster on which what the filter lists has bars."""
    words = [namespace_word(wanted.namespace)] if wanted.namespace else []
    words += [as_before_word(result) for result, how in _RESULTS.items() if how.slug == wanted.state]
    return replace(page.unfocused(), unfold=page.unfold | frozenset(words))


_RESULTS = {
    Result.ANSWERED: HEALTHY,
    Result.DEGRADED: DEGRADED,
    Result.REFUSED: REFUSED,
    Result.TIMEOUT: UNAVAILABLE,
}

_VIAS = {"dns": "DNS", "lb": "load balancer"}


def _sentence(page: PageState, rows: Sequence[PortStanding]) -> str:
    exposed = [row for row in rows if row.standing is not NO_NODE_PORT]
    names = [chip.plain for chip in chips(page)]
    start = f"With {some(names)} {failed(page)}, " if names else ""
    if names and page.scenario.at is Moment.BEFORE:
        start = f"Before the {'drain' if page.scenario.drain else 'failure'}, "
    said = _said(exposed)
    return start + said if start else said[:1].upper() + said[1:]


def _said(exposed: Sequence[PortStanding]) -> str:
    """Return how the service ports with a nodePort stand."""
    total, counts = len(exposed), Counter(row.standing for row in exposed)
    if not total:
        return "no service has a nodePort"
    bad = [how for how in _SAID if counts[how]]
    if not bad:
        return f"all {total:,} service ports are healthy" if total > 1 else "the only service port is healthy"
    parts = [f"{counts[how]:,} {_SAID[how][counts[how] != 1]}" for how in bad]
    parts[0] = f"{counts[bad[0]]:,} of {counted(total, 'service port')} {_SAID[bad[0]][counts[bad[0]] != 1]}"
    return enumerated(parts)


_SAID = {
    UNAVAILABLE: ("is unavailable", "are unavailable"),
    REFUSED: ("refuses connections", "refuse connections"),
    REJECTED: ("is rejected", "are rejected"),
    DEGRADED: ("is degraded", "are degraded"),
}
"""What is said of one service port, and of several."""


def _moments(page: PageState, now: Sequence[PortStanding], *, few: bool) -> Iterator[Choice]:
    for moment in DRAIN_MOMENTS if page.scenario.drain else CRASH_MOMENTS:
        there, current = page.at(moment), moment is page.scenario.at
        count = affected(now if current else port_standings(there)) if few else None
        words = moment_words(moment, seconds_of(page))
        yield Choice(words.title, there.url("services.show"), current, count, detail=words.detail)


def _access_paths(page: PageState, now: Sequence[PortStanding], *, few: bool) -> Iterator[Choice]:
    paths = [("dns", "DNS", "round robin"), ("lb", "Load balancer", "with health checks")]
    if page.cluster.nodes:
        one = one_address(page)
        paths.insert(0, (one, "One node IP", f"{one.removeprefix('node/')}’s IP"))
    for via, title, detail in paths:
        there, current = page.via(via), via == page.scenario.via
        count = affected(now if current else port_standings(there)) if few else None
        yield Choice(title, there.url("services.show"), current, count, detail=detail)


def _filters(page: PageState, wanted: ServiceFilter, rows: Sequence[PortStanding]) -> Iterator[Choice]:
    """Yield the standings that there are; the current one leads back to all of them."""
    counts = Counter(row.standing for row in rows)
    for standing in filter(counts.__getitem__, STANDINGS):
        current = standing.slug == wanted.state
        url = replace(wanted, state="" if current else standing.slug).url(page)
        yield Choice(standing.word, url, current, counts[standing], standing)


def _columns(page: PageState) -> tuple[NodeColumn, ...]:
    state = state_of(page, page.scenario.at)
    groups = lanes(state, page.unfold)
    heads = lane_heads([_lane_name(page, names) for names in groups])
    return tuple(
        NodeColumn(_lane_title(page, names), head, names[0] in state.down_nodes, frozenset(names))
        for names, head in zip(groups, heads, strict=True)
    )


def _lane_name(page: PageState, names: Sequence[str]) -> str:
    zones = {page.cluster.nodes[name].zone for name in names}
    return names[0] if len(names) == 1 else (zones.pop() if len(zones) == 1 else None) or names[0]


def _lane_title(page: PageState, names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    zones = {page.cluster.nodes[name].zone for name in names}
    zone = zones.pop() if len(zones) == 1 else None
    return f"{counted(len(names), 'node')}{f' of zone {zone}' if zone else ''}"


def _groups(
    page: PageState, wanted: ServiceFilter, rows: Sequence[PortStanding], columns: Sequence[NodeColumn]
) -> Iterator[NamespaceGroup]:
    by_namespace: dict[str, list[PortStanding]] = {}
    for row in rows:
        by_namespace.setdefault(row.service.namespace if wanted.grouped else "", []).append(row)
    for namespace, its in by_namespace.items():
        counts = Counter(row.standing for row in its)
        words = [f"{counts[s]} {s.word[:1].lower()}{s.word[1:]}" for s in STANDINGS if counts[s]]
        summary = " · ".join([counted(len(its), "port"), *words])
        made = tuple(_row(page, row, columns, whole=not namespace) for row in its)
        yield NamespaceGroup(namespace, replace(wanted, namespace=namespace).url(page), summary, made)


def _row(page: PageState, row: PortStanding, columns: Sequence[NodeColumn], *, whole: bool) -> ServiceRow:
    port, service = row.port, row.service
    homes = Counter(endpoint.home for endpoint in row.endpoints)
    pods = [sum(count for home, count in homes.items() if home in column.nodes) for column in columns]
    kind = "assumed pod" if (assumed := bool(assumed_behind(page.cluster)[service.key])) else "pod"
    word = port_word(port) if port and len(service.ports) > 1 else ""
    return ServiceRow(
        id=".".join((service.namespace, service.name, port.protocol if port else "", str(port.port if port else ""))),
        name=(service.key if whole else service.name) + (f":{word}" if word else ""),
        url=replace(page.focused(service.key, word), select=None).url(),
        standing=row.standing,
        port=_port(port),
        node_port=str(port.node_port or "–") if port else "–",
        assigned=port is not None and port.node_port_assigned,
        policy=service.external_traffic_policy or "",
        squares=tuple(PodSquare(count, column.down) for count, column in zip(pods, columns, strict=True)),
        places=", ".join(
            f"{counted(count, kind)} on {column.full}" for count, column in zip(pods, columns, strict=True) if count
        )
        or "none",
        assumed=assumed,
        share=row.share,
        other_share=row.other_share,
        why=_why(page, row),
    )


def _why(page: PageState, row: PortStanding) -> str:
    """Return why, with what keeps the pods from being endpoints where nothing is usable."""
    if row.port is None or not row.without_endpoint:
        return row.why
    # Only for rows that are shown: going through a service's pods for the reason takes longer than its simulation.
    # Only rows of this page come here: this goes through the pods, and a cluster has thousands of services.
    state = state_of(page, page.scenario.at)
    return refusal(row.service.key, no_endpoints(state, row.service, row.index or 0, row.endpoints))


def _port(port: ServicePort | None) -> str:
    if port is None:
        return "–"
    return str(port.port) if port.protocol == "TCP" else f"{port.port}/{port.protocol}"
