"""What would show that a prediction is wrong, beside the shares: times, drains and pods that are not as expected."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from webapp.cluster.model import Cluster
from webapp.failure import Moment, PodFate, Scenario, State
from webapp.failure.clock import Clock
from webapp.failure.drain import DrainResult, drain
from webapp.failure.state import count_fates, with_fate
from webapp.numbers import counted, some

_DRAINS: Mapping[DrainResult, str] = MappingProxyType(
    {
        DrainResult.DRAINED: "The drain of {} does not end, or ends with an error.",
        DrainResult.REFUSED: "The drain of {} evicts a pod: kubectl is expected to refuse it.",
        DrainResult.FAILED: "The drain of {} ends without an error of the Eviction API.",
        DrainResult.ENDLESS: "The drain of {} ends: PodDisruptionBudgets are expected to block it forever.",
        DrainResult.NOT_REACHED: "A pod is evicted from {}: the drain of a node before it is expected never to end.",
    }
)


def refutations(
    cluster: Cluster, scenario: Scenario, its: Clock, last: State, *, whole: bool, tabled: bool
) -> Iterator[str]:
    """Yield what must not happen if the simulation is right; `last` is the last state that was worked out.

    `whole`: nothing comes after that; `tabled`: some service ports are expected to lose connections.
    """
    yield f"A service port {'that is not in the table ' if tabled else ''}loses a connection."
    for step in its.steps:
        # A step without an end has no time that it could miss, and the first is what somebody does.
        if step.seconds_to:
            yield f"Not within {step.when}: {step.event}"
    if scenario.down and Moment.DETECTED not in its.seconds_at:
        yield "A node turns NotReady, or a pod turns not ready, because of it: nothing is expected to be detected."
    if scenario.drain:
        nodes = drain(cluster, scenario.drain).nodes
        for result, said in _DRAINS.items():
            if names := [node.node for node in nodes if node.result is result]:
                yield said.format(some(names))
    if whole:
        yield from _pods(last)


def _pods(last: State) -> Iterator[str]:
    counts = count_fates(last.pods)
    if counts[PodFate.MOVED]:
        yield f"More or fewer than {counted(counts[PodFate.MOVED], 'pod')} are recreated and run."
    if pending := with_fate(last.pods, {PodFate.PENDING}):
        names = some([state.pod.key for state in pending])
        yield f"More or fewer than {counted(len(pending), 'recreated pod')} stay Pending: {names}."
    elif counts[PodFate.MOVED]:
        yield "A recreated pod stays Pending."
