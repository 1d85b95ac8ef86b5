"""The page of a search: anything in the topology, with links to where it is shown; where host:port leads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from webapp.cluster.address import Address
from webapp.cluster.model import Cluster, Pod, ServicePort
from webapp.cluster.search import Addressed, HitKind, Index, SearchHit, addressed, index, pod_name_index, search
from webapp.failure import Target
from webapp.failure.kinds import FailureKind
from webapp.findings.explanation import Explanation
from webapp.findings.why import why
from webapp.numbers import counted
from webapp.routing import has_entries
from webapp.views.page.cache import keep_latest
from webapp.views.page.findings import facts_of
from webapp.views.page.query import SEARCH
from webapp.views.page.rendering import render_page
from webapp.views.page.simulation import state_of
from webapp.views.page.state import PageState, open_page, port_word, zone_sizes

blueprint = Blueprint("search", __name__)

MAX_AS_TYPED = 12
MAX_ON_PAGE = 100


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One thing found, with its link."""

    kind: str
    name: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class AddressResult:
    """What was typed as host:port."""

    title: str
    detail: str
    url: str
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """What the page shows."""

    query: str
    results: tuple[SearchResult, ...]
    more: bool
    address: AddressResult | None
    said: str


@blueprint.get("/t/<topology_id>/find")
def show(topology_id: str) -> ResponseReturnValue:
    """Show what was found."""
    page = open_page(topology_id)
    view = search_page(page, SEARCH.asked(), MAX_ON_PAGE, explained=True)
    return render_page("search.html", page, view=view)


@blueprint.get("/t/<topology_id>/find/list")
def results(topology_id: str) -> ResponseReturnValue:
    """Send the list alone, for the box that searches while one types."""
    page = open_page(topology_id)
    view = search_page(page, SEARCH.asked(), MAX_AS_TYPED)
    response = make_response(render_template("search/results.html", page=page, view=view))
    response.cache_control.no_cache = True
    response.cache_control.private = True
    return response


def search_page(page: PageState, query: str, limit: int, *, explained: bool = False) -> SearchPage:
    """Return what fits the query; with `explained` also why an address answers or doesn't."""
    # The index is kept for the cluster; pods that a controller recreates have their names from the Scenario.
    among = _index(page)
    # A name that thousands of pods share would leave no place for nodes and services.
    found = search((*among, pod_name_index(_replacements(page))), query, limit=limit, each=max(limit // 2, 6))
    shown = tuple(_result(page, each) for each in found.found)
    address = addressed(page.cluster, query)
    count = counted(len(shown) + bool(address), "result")
    return SearchPage(
        query=query,
        results=shown,
        more=found.more,
        address=_address(page, address, explained=explained) if address else None,
        said=(
            "" if not query else f"{count} and more" if found.more else count if count[0] != "0" else "Nothing matches."
        ),
    )


@keep_latest(8, key=lambda page: (page.topology.id, page.options))
def _index(page: PageState) -> Index:
    return index(page.cluster)


# --- one result


def _result(page: PageState, found: SearchHit) -> SearchResult:
    name, detail, url = _SHOWN[found.kind](page, found.key)
    if found.matched and found.matched not in f"{name} {detail}".lower():
        detail = f"{detail} · {found.matched}" if detail else found.matched
    return SearchResult(found.kind.value, name, detail, url)


def _node(page: PageState, key: str) -> tuple[str, str, str]:
    node = page.cluster.nodes[key]
    zone = f"zone {node.zone}" if node.zone else ""
    facts = (*node.addresses[:1], "assumed" if node.assumed else "", zone)
    return key, " · ".join(filter(None, facts)), page.selecting(Target(kind=FailureKind.NODE, name=key)).url()


def _zone(page: PageState, key: str) -> tuple[str, str, str]:
    size = zone_sizes(page.cluster)[key]
    return key, counted(size, "node"), page.selecting(Target(kind=FailureKind.ZONE, name=key)).url()


def _service(page: PageState, key: str) -> tuple[str, str, str]:
    service = page.cluster.services[key]
    numbers = [str(port.node_port) for port in service.ports if port.node_port is not None]
    return key, " · ".join([service.type, *numbers[:3]]), page.focused(key).url()


def _port(page: PageState, key: str) -> tuple[str, str, str]:
    service, port = _service_port(page.cluster, key)
    name = f"{port.port} ← {port.node_port}" if port.node_port is not None else str(port.port)
    words = " ".join(filter(None, (name, port.protocol, port.name)))
    return f"{service}:{port.port}", words, page.focused(service, port_word(port)).url()


def _replacements(page: PageState) -> Iterator[Pod]:
    """Yield the pods that replace others at the current moment."""
    changed = state_of(page, page.scenario.at).pods.values()
    return (its.pod for its in changed if its.replaces and its.pod.key not in page.cluster.pods)


def _replacement(page: PageState, key: str) -> tuple[str, str, str]:
    its = state_of(page, page.scenario.at).pods[key]
    services = page.cluster.services_of.get(its.replaces or "", ())
    where = f"on {its.pod.node}" if its.pod.node else "on no node"
    detail = f"{where} · replaces {its.replaces}"
    return key, detail, (page.focused(services[0]) if services else page).url()


def _pod(page: PageState, key: str) -> tuple[str, str, str]:
    if key not in page.cluster.pods:
        return _replacement(page, key)
    pod, services = page.cluster.pods[key], page.cluster.services_of.get(key, ())
    shown = page
    if services and (page.service is None or page.service.key not in services):
        shown = page.focused(services[0])
    behind = f"behind {services[0]}" if services else "behind no service"
    assumed = "assumed" if page.cluster.is_assumed(pod) else ""
    facts = (f"on {pod.node}" if pod.node else "on no node", assumed, behind, *pod.ips[:1])
    return key, " · ".join(filter(None, facts)), shown.selecting(Target(kind=FailureKind.POD, name=key)).url()


def _endpoint(page: PageState, key: str) -> tuple[str, str, str]:
    where, _, address = key.rpartition(" ")
    service, port = _service_port(page.cluster, where)
    return address, f"endpoint of {service}:{port.port}", page.focused(service, port_word(port)).url()


_SHOWN: dict[HitKind, Callable[[PageState, str], tuple[str, str, str]]] = {
    HitKind.NODE: _node,
    HitKind.ZONE: _zone,
    HitKind.SERVICE: _service,
    HitKind.PORT: _port,
    HitKind.POD: _pod,
    HitKind.ENDPOINT: _endpoint,
}


def _service_port(cluster: Cluster, key: str) -> tuple[str, ServicePort]:
    service, _, at = key.rpartition(":")
    return service, cluster.services[service].ports[int(at)]


# --- an address


def _address(page: PageState, found: Addressed, *, explained: bool) -> AddressResult:
    """Return where host:port leads: along a connection where there is one, else to an explanation of why not."""
    typed = Address(found.host, found.port)
    title = str(typed)
    explanation = None
    if found.node and explained:
        explanation = why(facts_of(page), state_of(page, page.scenario.at), typed)
    if found.service is None:
        return AddressResult(title, "no service has this port there", page.url("search.show", q=title), explanation)
    service = page.cluster.services[found.service]
    port = service.ports[found.port_index]
    shown = page.focused(service.key, port_word(port))
    detail = f"leads to {service.key}:{port.port}"
    if not has_entries(service, port) or not page.cluster.nodes:
        return AddressResult(title, detail, shown.url(), explanation)
    url = shown.connection_url(found.node or "", found.pod or "")
    return AddressResult(title, f"{detail}: step through the connection", url, explanation)
