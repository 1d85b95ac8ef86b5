"""The graph -> what stands in each lane."""

from collections.abc import Iterable, Sequence
from math import fsum
from typing import cast

from webapp.diagram import pod_boxes, wording
from webapp.diagram.fold import MOST_ALONE, EndpointInLane, LaneNodes, NodeInLane, bundles, groups, members
from webapp.diagram.lanes import Diagram, EntryBox, Lane, LaneKind, PodBox, Tone, Zone
from webapp.diagram.markup import slug
from webapp.diagram.state_signs import pod_badge
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Moment, Target
from webapp.numbers import counted
from webapp.routing.entry import Cause
from webapp.topology import CLIENT
from webapp.topology.attributes import (
    ClientVertex,
    EntryVertex,
    Graph,
    NodeState,
    NodeVertex,
    PendingVertex,
    Question,
    VertexKind,
)
from webapp.topology.reading import of_kind, service_vertex

ELSEWHERE = "On no node of this cluster", "named by EndpointSlices"
"""The title of the lane of what is on no node, and what else is said of it."""
_PODS_IN_LANE = 6
"""More pods of the service on one node than this are counted instead of listed,"""
_PODS_IN_ALL = 120
"""and any more than one, where there are more than so many in the whole picture."""


def describe(graph: Graph, unfold: frozenset[str] = frozenset()) -> Diagram:
    """Return what the picture says; `unfold` names the folded lanes and pods that are to be opened."""
    return _Description(graph, unfold).diagram()


class _Description:
    """Reads one graph; holds what every lane's words depend on."""

    def __init__(self, graph: Graph, unfold: frozenset[str]) -> None:
        self.graph = graph
        self.unfold = unfold
        self.question = cast("Question", graph.graph)
        self.service = service_vertex(graph)
        self.bundles = bundles(graph)
        self.members = members(graph, self.bundles)
        self.local = self.service["policy"] == "Local"
        # 150,000 pods at six a lane would be more boxes than a browser moves smoothly.
        many = self.service["endpoints"] > _PODS_IN_ALL
        self.most_pods = 1 if many else _PODS_IN_LANE
        self.successors = pod_boxes.successors(vertex for vertex in graph.nodes.values())

    def diagram(self) -> Diagram:
        lanes = groups(self.members, self.unfold)
        zones = [*self._zones(lanes), *self._elsewhere(), *self._waiting()]
        entries = [member.entry for member in self.members if member.entry]
        return Diagram(
            question=self.question,
            client=cast("ClientVertex", self.graph.nodes[CLIENT]),
            service=self.service,
            zones=tuple(zones),
            service_line=wording.service_line(self.service, entries),
            local=self.local,
            folded=any(lane.sort is LaneKind.FOLDED for zone in zones for lane in zone.lanes),
            calm=self._is_calm(entries),
        )

    def _is_calm(self, entries: Sequence[EntryVertex]) -> bool:
        fails = self.question["at"] != Moment.BEFORE and (self.question["down"] or self.question["drain"])
        return not fails and bool(entries) and all(entry["result"] == "answered" for entry in entries)

    # --- zones ----------------------------------------------------------------------------------------------------

    def _zones(self, lanes: Sequence[LaneNodes]) -> Iterable[Zone]:
        by_zone: dict[str | None, list[LaneNodes]] = {}
        # A lane of nodes of several zones is in no band, and with it none is: half a grouping misleads.
        mixed = any(group.mixed for group in lanes)
        for group in lanes:
            by_zone.setdefault(None if mixed else group.zone, []).append(group)
        ids = _Unique()
        for name, its in by_zone.items():
            yield self._zone(name, its, ids, named=len(by_zone) > 1 or name is not None)

    def _zone(self, name: str | None, its: Sequence[LaneNodes], ids: "_Unique", *, named: bool) -> Zone:
        nodes = [member for group in its for member in group.members]
        pods = sum(len(member.endpoints) for member in nodes)
        folded = any(group.size > 1 for group in its)
        return Zone(
            id=f"z-{slug(name) if name is not None else '_'}",
            name=(f"zone {name}" if name is not None else "no zone") if named else "",
            quiet=counted(sum(group.size for group in its), "node") + (f" · {counted(pods, 'pod')}" if folded else ""),
            lanes=tuple(self._lane(group, ids) for group in its),
            down=all(member.node["state"] is NodeState.DOWN for member in nodes),
            takes=Target(kind=FailureKind.ZONE, name=name) if name is not None else None,
        )

    # --- lanes ----------------------------------------------------------------------------------------------------

    def _lane(self, group: LaneNodes, ids: "_Unique") -> Lane:
        first = group.members[0].node
        alone = group.size == 1
        name = first["label"]
        id_ = f"n-{slug(name)}" if alone else ids.unique(f"g-{group.unfold}")
        return Lane(
            id=id_,
            sort=LaneKind.NODE if alone else LaneKind.FOLDED,
            title=name if alone else counted(group.size, "node"),
            code=(first["address"] or "") if alone else "",
            quiet=node_quiet(group.members[0].node) if alone else wording.folded_nodes(group.members),
            state=first["state"],
            word=wording.NODE_WORDS[first["state"]],
            assumed=first["assumed"],
            count=group.size,
            entry=self._entry(group, id_),
            pods=self._pods([bundle for member in group.members for bundle in member.endpoints], id_, alone=alone),
            note=wording.no_pod(group.members[0], local=self.local, folded=not alone),
            takes=Target(kind=FailureKind.NODE, name=name) if alone else None,
            unfold="" if group.closed else group.unfold,
            pool=_pool(group.members),
        )

    def _entry(self, group: LaneNodes, lane: str) -> EntryBox | None:
        entries = [member.entry for member in group.members if member.entry]
        if not entries:
            return None
        flows = [member.flow for member in group.members if member.flow]
        first = entries[0]
        several = group.size > 1
        return EntryBox(
            id=f"e{lane[1:]}" if not several else f"e-{lane}",
            name=counted(group.size, "entry point") if several else first["node"],
            port="" if several else f":{first['port']}",
            tone=Tone(wording.ENTRY_TONES[first["result"]]),
            words=wording.entry_words(entries, several=several),
            share=fsum(flow["share"] for flow in flows),
            result=_ending(entries),
            passes=bool(first["pool"]),
            target=bool(flows),
            reason=first["reason"] if not several else "",
            pool=first["pool"],
            changed=wording.has_changed(entries),
        )

    # --- pods -----------------------------------------------------------------------------------------------------

    def _pods(self, its: Sequence[EndpointInLane], lane: str, *, alone: bool) -> tuple[PodBox, ...]:
        page = f"pods.{lane}"
        if alone and (len(its) <= self.most_pods or (page in self.unfold and len(its) <= MOST_ALONE)):
            return tuple(pod_boxes.pod(bundle, self.successors) for bundle in its)
        alike: dict[tuple[str, ...], list[EndpointInLane]] = {}
        for bundle in its:
            alike.setdefault((bundle[0]["state"], bundle[0]["fate"], pod_badge(bundle[0]) or ""), []).append(bundle)
        opens = page if alone and len(its) <= MOST_ALONE else ""
        return tuple(
            pod_boxes.pod(group[0], self.successors)
            if len(group) == 1
            else pod_boxes.pods_together(group, f"p-{lane}-{i}", opens)
            for i, group in enumerate(alike.values())
        )

    # --- what is on no node ---------------------------------------------------------------------------------------

    def _elsewhere(self) -> Iterable[Zone]:
        known = {member.node["label"] for member in self.members}
        its = [bundle for bundle in self.bundles if bundle[0]["node"] not in known]
        if its:
            pods = self._pods(its, "n-_elsewhere", alone=True)
            yield _aside(LaneKind.ELSEWHERE, *ELSEWHERE, pods, its[0][0]["pool"])

    def _waiting(self) -> Iterable[Zone]:
        waiting = [cast("PendingVertex", data) for _, data in of_kind(self.graph, VertexKind.PENDING)]
        if waiting:
            listed = waiting if len(waiting) <= _PODS_IN_LANE else []
            pods = tuple(map(pod_boxes.pending, listed)) or tuple(pod_boxes.pending_together(waiting))
            title, quiet = wording.not_running(len(waiting), sum(bool(vertex["rejected_by"]) for vertex in waiting))
            yield _aside(LaneKind.PENDING, title, quiet, pods, "")


class _Unique:
    """Makes ids differ that would be the same, in a way that depends on their order alone."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, id_: str) -> str:
        self._seen[id_] = self._seen.get(id_, 0) + 1
        return id_ if self._seen[id_] == 1 else f"{id_}--{self._seen[id_]}"


def _aside(sort: LaneKind, title: str, quiet: str, pods: tuple[PodBox, ...], pool: str) -> Zone:
    lane = Lane(
        id=f"n-_{sort}",
        sort=sort,
        title=title,
        code="",
        quiet=quiet,
        state=NodeState.UP,
        word="",
        assumed=sort is LaneKind.PENDING,
        count=0,
        entry=None,
        pods=pods,
        note=(),
        takes=None,
        unfold="",
        pool=pool,
    )
    return Zone(id=f"z-_{sort}", name="", quiet="", lanes=(lane,), down=False, takes=None)


def node_quiet(node: NodeVertex) -> str:
    """Return what is said of a node besides its name, address and state."""
    words = []
    if node["control_plane"]:
        words.append("control plane")
    if node["stale"]:
        words.append("stale rules")
    return " · ".join(words)


def _pool(its: Sequence[NodeInLane]) -> str:
    """Return with whom a lane exchanges traffic; empty if with nobody."""
    for member in its:
        if member.entry and member.entry["pool"]:
            return member.entry["pool"]
    return next((endpoint["pool"] for member in its for endpoint, _ in member.endpoints if endpoint["pool"]), "")


def _ending(entries: Sequence[EntryVertex]) -> str:
    result = entries[0]["result"]
    # What a degraded entry point loses is lost at a pod, so its own edge arrives.
    if entries[0]["pool"] or result == "degraded":
        return "answered"
    return "dropped" if {entry["cause"] for entry in entries} == {Cause.NO_LOCAL_ENDPOINT} else result
