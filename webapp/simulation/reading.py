"""How a failure is read, on a page as in a document: which times are told unasked, whose IP stands for one node's."""

from webapp.failure.scenario import Moment
from webapp.failure.state import State

# The scheduler reads all that is placed before it places one more: 150,000 pods take about four seconds.
MANY_PLACED = 20_000
# Scheduling this many pods on 5,000 nodes takes about a second; more are placed only when that moment is opened.
MANY_PODS = 500
_PLACED = (Moment.RESCHEDULED, Moment.EVICTING, Moment.DRAINED)


def one_node_ip(state: State) -> str:
    """Return the access path of a client that knows one address: the one asked for, else the first node that is up."""
    if state.scenario.via.startswith("node/"):
        return state.scenario.via
    nodes, down = state.cluster.nodes, state.down_nodes
    return f"node/{next((name for name in nodes if name not in down), next(iter(nodes), ''))}"


def pods_leaving(failed: State) -> int:
    """Return how many pods are on the nodes that fail or are drained; `failed` is the state just after the failure."""
    # A zone stands for its nodes, which the state resolves.
    scenario, on = failed.scenario, failed.cluster.pods_on
    return sum(len(on.get(name, ())) for name in (failed.down_nodes if scenario.down else scenario.drain))


def is_quick(moment: Moment, leaving: int, placed: int = 0) -> bool:
    """Return whether a time may be worked out beside others: recreating very many pods takes seconds.

    `placed` are all pods, for who waits for no file but for a click.
    """
    return moment not in _PLACED or (leaving <= MANY_PODS and placed <= MANY_PLACED)
