"""The small picture of a sample: its first thing to try, drawn from the same outcome as the large diagram."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from webapp.cluster.model import Cluster
from webapp.failure import Scenario, state_at, words
from webapp.failure.state import State
from webapp.routing import PortOutcome, Result, outcome
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
    scenario = words.decode(parse_qsl(query), cluster)
    state = state_at(cluster, scenario)
    outcomes = [outcome(state, key) for key in _services(cluster, scenario)]
    nodes = _nodes(state, outcomes)
    height = min(24, (112 - 16) // max(len(nodes), 1) - 6)
    step = (112 - 16 - height) // max(len(nodes) - 1, 1)
    return Thumbnail(
        lanes=tuple(_lane(state, outcomes, name, 8 + step * at, height) for at, name in enumerate(nodes)),
        local=bool(outcomes) and outcomes[0].service.external_traffic_policy == "Local",
        bars=tuple(112 + 18 * at - 9 * (len(outcomes) - 1) for at in range(len(outcomes))),
    )


def _services(cluster: Cluster, scenario: Scenario) -> list[str]:
    exposed = [key for key, service in cluster.services.items() if is_exposed(service)]
    if scenario.service is not None and scenario.service in exposed:
        exposed.remove(scenario.service)
        exposed.insert(0, scenario.service)
    return exposed[:MAX_SERVICES] if len(exposed) <= MAX_SERVICES else exposed[:1]


def _nodes(state: State, outcomes: Sequence[PortOutcome]) -> list[str]:
    """Return the nodes to draw, in the cluster's order: some down, some up, those with pods first."""
    nodes = list(state.cluster.nodes)
    busy = {e.home for found in outcomes for e in found.endpoints}
    down = [name for name in nodes if name in state.down_nodes]
    up = [name for name in nodes if name not in state.down_nodes]
    some = sorted(down, key=lambda name: name not in busy)[: max(MAX_LANES // 2, MAX_LANES - len(up))]
    some += sorted(up, key=lambda name: name not in busy)[: MAX_LANES - len(some)]
    return [name for name in nodes if name in some]


def _lane(state: State, outcomes: Sequence[PortOutcome], name: str, y: int, height: int) -> ThumbnailLane:
    first = outcomes[0] if outcomes else None
    entry = next((e for e in first.entries if e.node == name), None) if first else None
    found = [(o, e) for o in outcomes for e in o.endpoints if e.home == name][:MAX_PODS]
    return ThumbnailLane(
        y=y,
        height=height,
        down=name in state.down_nodes,
        entry=entry.result.value if entry else None,
        onward=entry is not None and entry.result in (Result.ANSWERED, Result.DEGRADED),
        pods=tuple(
            (174 - 16 * (len(found) - 1) + 16 * at, "answered" if endpoint.key in result.live else "timeout")
            for at, (result, endpoint) in enumerate(found)
        ),
    )
