"""The map's verdict: which share is answered, and where the rest ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, assert_never

from webapp.cluster.model import Service
from webapp.numbers import counted, everything, nothing
from webapp.routing import Cause, Result
from webapp.topology.attributes import EndpointState, EntryVertex, Graph, VertexKind
from webapp.topology.reading import Ending, endings, entries_in_use, lost_at, of_kind, service_vertex
from webapp.views.page.wording import Standing, standing, without_entries

# Of the narrowest bar, 640 px, this is as much as the longest of the short labels takes.
_ROOMY = 0.25


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of the bar."""

    kind: str
    """``ok``, ``address``, ``pods``, ``refused`` or ``dropped``."""
    share: float
    start: float
    """Where it begins, 0 to 1."""
    label: str
    short: str
    """The same inside the bar, without names: ``to 2 dead pods``."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the card says."""

    standing: Standing
    share: float | None
    parts: tuple[Part, ...] = ()
    message: str = ""
    """Instead of the bar, where there is no access path: why."""

    @property
    def roomy(self) -> bool:
        """Whether every part of the bar has room for its words."""
        return all(part.share >= _ROOMY for part in self.parts)


def verdict(service: Service, graph: Graph) -> Verdict:
    """Return the verdict of a service port, read from its graph."""
    share = service_vertex(graph)["answered"]
    if share is None:
        how, message = without_entries(service)
        return Verdict(how, None, message=message)
    return Verdict(standing(share, refused=_all_refuse(graph)), share, _parts(graph))


def _all_refuse(graph: Graph) -> bool:
    """Return whether every entry point that is up and that clients connect to refuses."""
    # A node that is down times out whatever kube-proxy would say there.
    results = {entry["result"] for entry in entries_in_use(graph) if entry["cause"] != Cause.NODE_DOWN}
    return results == {Result.REFUSED}


def _parts(graph: Graph) -> tuple[Part, ...]:
    shares = {ending: share for ending, share in endings(graph).items() if not nothing(share)}
    starts = accumulate(shares.values(), initial=0.0)
    return tuple(
        Part(ending, share, start, _label(ending, graph), _short(ending, graph))
        # The last of `starts` is the sum of all, where no part begins.
        for (ending, share), start in zip(shares.items(), starts, strict=False)
    )


def _label(ending: Ending, graph: Graph) -> str:
    entries = [entry for entry in entries_in_use(graph) if lost_at(entry) is ending]
    # One vertex may stand for several equal nodes.
    count = sum(entry.get("count", 1) for entry in entries)
    match ending:
        case Ending.ANSWERED:
            return "answered"
        case Ending.NODE_DOWN:
            which = f"{entries[0]['node']}’s address" if count == 1 else f"the {count:,} addresses that are down"
            return f"sent to {which}"
        case Ending.DEAD_ENDPOINT:
            return f"forwarded to {_dead_pods(graph)}"
        case Ending.REFUSED:
            return f"refused: {_refusing(entries, service_vertex(graph)['no_endpoints'])}"
        case Ending.DROPPED:
            return f"dropped{_dropping(entries, count)}"
    assert_never(ending)


def _short(ending: Ending, graph: Graph) -> str:
    if ending is Ending.NODE_DOWN:
        lost = (entry for entry in entries_in_use(graph) if lost_at(entry) is ending)
        return f"to {counted(sum(entry.get('count', 1) for entry in lost), 'dead node IP')}"
    if ending is Ending.DEAD_ENDPOINT:
        return f"to {counted(len(_dead(graph)), 'dead pod')}"
    return "answered" if ending is Ending.ANSWERED else str(ending)


def _dropping(entries: Sequence[EntryVertex], count: int) -> str:
    if not entries:
        return ": no node passes the load balancer’s health check"
    if count == 1:
        return f" by {entries[0]['node']}, which has no usable endpoint"
    return f" by {count:,} nodes without a usable endpoint"


def _refusing(entries: Sequence[EntryVertex], no_endpoints: str) -> str:
    """Return why entry points refuse: kube-proxy skips the service or the address, or nothing is usable."""
    causes = {entry["cause"] for entry in entries}
    if Cause.NOT_PROXIED in causes:
        return "kube-proxy ignores the service because of its label"
    if causes == {Cause.ADDRESS_EXCLUDED}:
        return "kube-proxy doesn’t open the nodePort on that address"
    return no_endpoints or "no usable endpoint"


def _dead_pods(graph: Graph) -> str:
    dead = _dead(graph)
    nodes = {endpoint["node"] for endpoint in dead}
    if len(nodes) == 1 and None not in nodes:
        return f"the {'pod' if len(dead) == 1 else f'{len(dead):,} pods'} on {next(iter(nodes))}"
    return counted(len(dead), "dead pod")


def _dead(graph: Graph) -> list[dict[str, Any]]:
    endpoints = [data for _, data in of_kind(graph, VertexKind.ENDPOINT)]
    return [endpoint for endpoint in endpoints if endpoint["state"] is EndpointState.NO_ANSWER]


def sentence(found: Verdict, name: str, percent: str, given: str = "") -> str:
    """Return the verdict as one sentence, for readers who hear the page; `given` is what it depends on."""
    if given:
        rest = sentence(found, name, percent)
        return f"With {given}: {rest}"
    if found.share is None:
        return f"{name}: {found.standing.word}. {found.message}"
    if everything(found.share):
        return f"{name} answers every new connection."
    lost = ", ".join(part.label for part in found.parts if part.kind != "ok")
    return f"{percent} of new connections to {name} are answered; the rest: {lost}."
