"""The map's verdict: which share is answered, and where the rest ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, assert_never

from webapp.cluster.model import Service
from webapp.diagram.endings import ending_words
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
            return ending_words("answered")
        case Ending.NODE_DOWN:
            return ending_words("node address" if count == 1 else "addresses", node=entries[0]["node"], count=count)
        case Ending.DEAD_ENDPOINT:
            return _dead_pods(graph)
        case Ending.REFUSED:
            return ending_words("refused", why=_refusing(entries, service_vertex(graph)["no_endpoints"]))
        case Ending.DROPPED:
            return _dropping(entries, count)
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
        return ending_words("no target")
    return ending_words("dropped by one" if count == 1 else "dropped", node=entries[0]["node"], count=count)


def _refusing(entries: Sequence[EntryVertex], no_endpoints: str) -> str:
    """Return why entry points refuse: kube-proxy skips the service or the address, or nothing is usable."""
    causes = {entry["cause"] for entry in entries}
    if Cause.NOT_PROXIED in causes:
        return ending_words("not proxied")
    if causes == {Cause.ADDRESS_EXCLUDED}:
        return ending_words("address excluded")
    return no_endpoints or ending_words("no endpoint")


def _dead_pods(graph: Graph) -> str:
    dead = _dead(graph)
    nodes = {endpoint["node"] for endpoint in dead}
    if len(nodes) == 1 and None not in nodes:
        return ending_words(
            "pod on node" if len(dead) == 1 else "pods on node", count=len(dead), node=next(iter(nodes))
        )
    return ending_words("one dead pod" if len(dead) == 1 else "dead pods", count=len(dead))


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
        return ending_words("all", name=name)
    lost = ", ".join(part.label for part in found.parts if part.kind != "ok")
    return ending_words("some", share=percent, name=name, lost=lost)
