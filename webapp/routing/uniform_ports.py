"""Service ports whose endpoints all answer every node alike: what clients of one get, those of all of its sort get.

Most services of a large cluster have no pod on what fails. Nodes that are down take their own addresses from all of
them, but in the same way, so one evaluation of each sort is enough for thousands.
"""

from collections.abc import Hashable

from webapp.cluster.model import Cluster, Service
from webapp.cluster.remembered import once_per_cluster
from webapp.failure.state import State
from webapp.records import dataclass
from webapp.routing.plan import Plan
from webapp.routing.plans import plan_of

Names = frozenset[str | None]


@dataclass(frozen=True, slots=True)
class UniformPort:
    """A port without policy Local, hints and host networks, whose endpoints are all ready; it may have none."""

    sort: Hashable
    """All that its nodes' answers depend on while nothing happens to its endpoints, besides the nodes."""
    nodes: Names
    pods: Names

    def untouched(self, state: State) -> bool:
        """Return whether its endpoints all answer and none was marked unready."""
        pods, nodes = (state.dead_pods, state.unready_pods), (state.down_nodes, state.unready_nodes)
        return all(map(self.pods.isdisjoint, pods)) and all(map(self.nodes.isdisjoint, nodes))


def untouched_sort(state: State, service: Service, index: int, families: tuple[str, ...]) -> Hashable | None:
    """Return the sort of a port that the failure leaves alone; None for all others, which take an evaluation each.

    `families` are those by which its nodes are entered.
    """
    known, key = _known(state.cluster), (service.key, index)
    if key not in known:
        known[key] = _uniform(state, service, index, families)
    port = known[key]
    return port.sort if port and port.untouched(state) and key not in state.changed_endpoints else None


@once_per_cluster
def _known(_: Cluster) -> dict[tuple[str, int], UniformPort | None]:
    """Return where a cluster's uniform ports are kept, by service and index."""
    return {}


def _uniform(state: State, service: Service, index: int, families: tuple[str, ...]) -> UniformPort | None:
    port = service.ports[index]
    # With the endpoints as the cluster has them, all that is read of the plans is the same in every state.
    plans = [plan_of(state, service, port, port.endpoints, family) for family in families]
    if not all(map(_is_uniform, plans)):
        return None
    return UniformPort(
        sort=(service.proxied, tuple(bool(plan.endpoints) for plan in plans)),
        nodes=frozenset(node for endpoint in port.endpoints for node in (endpoint.node, endpoint.home)) - {None},
        pods=frozenset(endpoint.pod for endpoint in port.endpoints) - {None},
    )


def _is_uniform(plan: Plan) -> bool:
    return not (plan.local or plan.host_network) and all(
        endpoint.ready and not endpoint.node_hints and not endpoint.zone_hints for endpoint in plan.endpoints
    )
