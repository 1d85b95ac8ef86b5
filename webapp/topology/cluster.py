"""State and Outcomes -> the graph of a whole cluster: all its service ports behind the same nodes and one client."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import networkx as nx

from webapp.cluster.order import natural
from webapp.failure.state import State
from webapp.routing.equal_entry_points import EntryPointGroup, split
from webapp.routing.outcome import PortOutcome
from webapp.topology.attributes import FoldedPorts, Graph, Situation
from webapp.topology.build import CLIENT, add_port, policy_notes
from webapp.topology.vertices import EntryGroup, PortAtMoment, client_vertex, node_vertex, port_at_moment


def cluster_graph(
    state: State,
    ports: Iterable[tuple[PortOutcome, PortOutcome]],
    lanes: Iterable[Sequence[str]] | None = None,
    others: Mapping[str, int] | None = None,
    more: Mapping[str, FoldedPorts] | None = None,
) -> Graph:
    """Return the graph of several service ports at one moment; each comes with its outcome before the failure.

    Nodes and the client are shared; what belongs to a port has its name in its id (:func:`port_name`), and shares are
    of the new connections to that port. `lanes` says which nodes share a vertex, all of them once each; without it
    every node has its own. `others` and `more` count the service ports that are left out, as
    :class:`ClusterQuestion` says.

    Linear in nodes, plus for each port its endpoints and its entry points that differ, lane by lane.
    """
    names = list(lanes) if lanes is not None else [(name,) for name in state.cluster.nodes]
    found = [port_at_moment(state, now, before) for now, before in ports]
    made: Graph = nx.DiGraph(**_question(state, found), others=dict(others or {}), more=dict(more or {}))
    made.add_node(CLIENT, **client_vertex(state.scenario.via, None, None))
    for first, *also in names:
        nodes = [state.cluster.nodes[name] for name in (first, *also)]
        vertex = node_vertex(state, nodes[0], tuple(also))
        if planes := tuple(node.name for node in nodes if node.control_plane):
            vertex["control_planes"] = planes
        # A lane across zones is in none of them.
        if any(node.zone != vertex["zone"] for node in nodes):
            vertex["zone"] = None
        made.add_node(f"node/{first}", **vertex)
    split_by = _Lanes(names)
    for port in found:
        add_port(made, port, list(_entries(port, split_by)), port_name(port.outcome))
    return made


def port_name(outcome: PortOutcome) -> str:
    """Return what tells a service port from all others: ``default/web:80``, ``kube-system/dns:53-UDP``."""
    port = outcome.port
    # A Service may have one number for TCP and for UDP; nearly all ports are TCP, so that goes without saying.
    return f"{outcome.service.key}:{port.port}" + ("" if port.protocol == "TCP" else f"-{port.protocol}")


def _question(state: State, ports: Iterable[PortAtMoment]) -> Situation:
    scenario = state.scenario
    # Ports of one Service have the same note; a dict keeps the first of each, and their order.
    notes = dict.fromkeys(note for port in ports for note in policy_notes(port))
    return Situation(
        at=str(scenario.at),
        via=scenario.via,
        down=tuple(sorted((str(target) for target in scenario.down), key=natural)),
        drain=scenario.drain,
        notes=(*notes, *state.notes),
        assumptions=state.cluster.assumptions,
    )


class _Lanes:
    """Knows which lane a node is in, and how groups of entry points are spread over the lanes."""

    def __init__(self, lanes: Iterable[Sequence[str]]) -> None:
        self._first = {name: lane[0] for lane in lanes for name in lane}
        self.size = {lane[0]: len(lane) for lane in lanes}
        self._spread: dict[int, list[list[str]]] = {}

    def lane(self, node: str) -> str:
        return self._first[node]

    def parts(self, group: EntryPointGroup) -> Iterator[tuple[str, int]]:
        """Yield for each lane the first node of the group in it, and how many there are."""
        if group.count == 1:
            yield group.entry.node, 1
            return
        # All service ports share the same few groups of equal nodes, so each is cut into lanes once.
        known = self._spread.get(id(group.members))
        if known is None:
            known = self._spread[id(group.members)] = split(group.members.names, self._first.__getitem__)
        for names in known:
            away = sum(self.lane(name) == self.lane(names[0]) for name in group.without)
            if away < len(names):
                yield next(name for name in names if name not in group.without), len(names) - away


def _entries(port: PortAtMoment, lanes: _Lanes) -> Iterator[EntryGroup]:
    for group in port.outcome.groups:
        for node, count in lanes.parts(group):
            lane = lanes.lane(node)
            before = port.before.group_of(node)
            yield EntryGroup(
                entry=group.entry if node == group.entry.node else port.outcome.entries.at(node),
                alike=group,
                count=count,
                before=before.entry.answered if before else None,
                lane=lane,
                part=count / lanes.size[lane],
            )
