"""The small picture of a sample: its first thing to try, read from the same graph as the large diagram."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from webapp.cluster.model import Cluster
from webapp.failure import Moment, Scenario, state_at, words
from webapp.routing import Result, outcome
from webapp.topology import cluster_graph, port_name
from webapp.topology.attributes import Graph, NodeState, VertexKind
from webapp.topology.reading import of_kind
from webapp.views.page.cache import keep_latest
from webapp.views.page.state import is_exposed
from webapp.views.page.topologies import topologies

MAX_LANES = 4
MAX_SERVICES = 3
MAX_PODS = 3


@dataclass(frozen=True, slots=True)
class ThumbnailLane:
    """One node: its entry point, and the pods of the services drawn."""

    y: int
    height: int
    down: bool
    entry: str | None
    """The result of the entry point; None where there is none."""
    onward: bool
    """It hands connections on to some pod."""
    pods: tuple[tuple[int, str], ...]
    """Place and result of each."""

    @property
    def middle(self) -> int:
        """Where its line runs."""
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """All that the small picture shows."""

    lanes: tuple[ThumbnailLane, ...]
    local: bool
    """Policy Local: the bar is cut into pieces, one a node."""
    bars: tuple[int, ...]
    """Where the services stand, one bar each."""


@keep_latest(64, key=lambda topology_id, query: (topology_id, query))
def thumbnail(topology_id: str, query: str) -> Thumbnail:
    """Return the small picture of a topology under a query, drawn once per process."""
    topology = topologies().open(topology_id)
    if topology is None:
        return Thumbnail((), local=False, bars=())
    cluster = topologies().cluster(topology, words.PAGE)
    return thumbnail_of(cluster, words.decode(parse_qsl(query), cluster))


def thumbnail_of(cluster: Cluster, scenario: Scenario) -> Thumbnail:
    """Return the small picture of one state: the service of the Scenario, and others if all fit side by side."""
    state, before = state_at(cluster, scenario), state_at(cluster, replace(scenario, at=Moment.BEFORE))
    ports = [(outcome(state, key), outcome(before, key)) for key in _services(cluster, scenario)]
    made = cluster_graph(state, ports)
    services = [data for _, data in of_kind(made, VertexKind.SERVICE)]
    nodes = _nodes(made)
    height = min(24, (112 - 16) // max(len(nodes), 1) - 6)
    step = (112 - 16 - height) // max(len(nodes) - 1, 1)
    entry = f"entry/{port_name(ports[0][0])}/" if ports else ""
    return Thumbnail(
        lanes=tuple(_lane(made, name, entry, 8 + step * at, height) for at, name in enumerate(nodes)),
        local=bool(services) and services[0]["policy"] == "Local",
        bars=tuple(112 + 18 * at - 9 * (len(ports) - 1) for at in range(len(ports))),
    )


def _services(cluster: Cluster, scenario: Scenario) -> list[str]:
    exposed = [key for key, service in cluster.services.items() if is_exposed(service)]
    if scenario.service is not None and scenario.service in exposed:
        exposed.remove(scenario.service)
        exposed.insert(0, scenario.service)
    # Of more than fit side by side only the one that the sample is about.
    return exposed[:MAX_SERVICES] if len(exposed) <= MAX_SERVICES else exposed[:1]


def _nodes(made: Graph) -> list[str]:
    """Return the nodes to draw, in the cluster's order: some down, some up, those with pods first."""
    nodes = {data["label"]: data["state"] for _, data in of_kind(made, VertexKind.NODE)}
    busy = {data["node"] for _, data in of_kind(made, VertexKind.ENDPOINT)}
    down = [name for name, state in nodes.items() if state is NodeState.DOWN]
    up = [name for name, state in nodes.items() if state is not NodeState.DOWN]
    some = sorted(down, key=lambda name: name not in busy)[: max(MAX_LANES // 2, MAX_LANES - len(up))]
    some += sorted(up, key=lambda name: name not in busy)[: MAX_LANES - len(some)]
    return [name for name in nodes if name in some]


def _lane(made: Graph, name: str, entry: str, y: int, height: int) -> ThumbnailLane:
    result = made.nodes[entry + name]["result"] if entry + name in made else None
    pods = [data for _, data in of_kind(made, VertexKind.ENDPOINT) if data["node"] == name][:MAX_PODS]
    return ThumbnailLane(
        y=y,
        height=height,
        down=made.nodes[f"node/{name}"]["state"] is NodeState.DOWN,
        entry=result,
        onward=result in (Result.ANSWERED, Result.DEGRADED),
        pods=tuple(
            (174 - 16 * (len(pods) - 1) + 16 * at, "answered" if pod["live"] else "timeout")
            for at, pod in enumerate(pods)
        ),
    )
