"""Why services lose connections on the map of a cluster: a sentence for each place where they end."""

from collections.abc import Iterator, Sequence

from webapp.diagram.cluster_bars import ServiceBar
from webapp.failure import Moment, State
from webapp.numbers import counted, nothing, percent
from webapp.topology.reading import Ending
from webapp.views.page.simulation import seconds_of
from webapp.views.page.state import PageState
from webapp.views.page.wording import moment_words


def lost_because(page: PageState, bars: Sequence[ServiceBar], state: State) -> Iterator[str]:
    """Yield what happens to the connections that are lost now, then what is special about this time."""
    most = {ending: max((bar.endings.get(ending, 0.0) for bar in bars), default=0.0) for ending in Ending}
    if not nothing(most[Ending.NODE_DOWN]):
        yield f"{percent(most[Ending.NODE_DOWN])} of new connections go to {_node_ips(state)}: nothing answers there."
    if not nothing(most[Ending.DEAD_ENDPOINT]):
        yield _dead_endpoints(page)
    if not nothing(most[Ending.REFUSED]):
        yield "A service that has no usable endpoint left refuses: kube-proxy rejects the connection."
    if not nothing(most[Ending.DROPPED]):
        yield "Policy Local: a node without a usable endpoint drops what comes in, and the client times out."
    yield from state.notes


def _node_ips(state: State) -> str:
    down = sorted(state.down_nodes)
    return f"{down[0]}’s IP" if len(down) == 1 else f"the IPs of {counted(len(down), 'node')} that are down"


def _dead_endpoints(page: PageState) -> str:
    lead = "Pods that are dead stay endpoints"
    rest = "kube-proxy goes on selecting them, and doesn’t retry."
    # Once detected only endpoints that no controller manages are still listed.
    if page.scenario.at is not Moment.FAILED or not page.scenario.down:
        return f"{lead}: {rest}"
    when = moment_words(Moment.DETECTED, seconds_of(page)).when
    return f"{lead}: {rest}" if when == "never" else f"{lead} until Kubernetes detects the failure, {when}: {rest}"
