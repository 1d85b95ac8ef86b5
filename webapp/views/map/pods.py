"""The map's card of Pods: which are lost, evicted, recreated or pending, and how the drains of nodes go."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from webapp.failure import PodFate, PodState
from webapp.failure.drain import DrainResult, NodeDrain
from webapp.failure.state import NEW, count_fates, with_fate
from webapp.failure.words import with_drain
from webapp.numbers import counted, some
from webapp.simulation.load import pod_loads, surviving_load
from webapp.views.page.simulation import PortSimulation, drain_of
from webapp.views.page.state import PageState
from webapp.views.page.wording import DEGRADED, HEALTHY, UNAVAILABLE, Standing

MAX_PODS = 40
MAX_NAMES = 12
MOST_REORDERED = 50
"""So many drained nodes can be put in another order."""


@dataclass(frozen=True, slots=True)
class PodChange:
    """One pod."""

    pod: str
    word: str
    standing: Standing
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class BlockedPod:
    """A pod that the drain can't remove."""

    pod: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainedNode:
    """One node of the drain."""

    place: int
    name: str
    word: str
    standing: Standing
    earlier_url: str
    """The same drain with this node one place earlier; empty for the first, and where there are very many."""
    rounds: tuple[str, ...]
    """Which pods are evicted together, in order."""
    held: tuple[BlockedPod, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PodChanges:
    """What the card shows."""

    loads: tuple[tuple[str, str], ...]
    """By access path: the load of the busiest pod."""
    left: str
    drained: tuple[DrainedNode, ...]
    pods: tuple[PodChange, ...]
    more: int
    """Pods beyond those listed."""
    others: tuple[tuple[str, int], ...]
    """Pods that are not behind the service in focus, by what happens to them."""


_WORDS = {
    PodFate.LOST: ("lost", UNAVAILABLE),
    PodFate.EVICTED: ("evicted", DEGRADED),
    PodFate.STUCK: ("stuck", UNAVAILABLE),
    PodFate.GONE: ("gone", UNAVAILABLE),
    PodFate.MOVED: ("recreated", HEALTHY),
    PodFate.PENDING: ("pending", UNAVAILABLE),
    PodFate.FAILED: ("failed", UNAVAILABLE),
    PodFate.PREEMPTED: ("preempted", UNAVAILABLE),
}
_RESULTS = {
    DrainResult.DRAINED: ("drained", HEALTHY),
    DrainResult.REFUSED: ("aborted by kubectl", UNAVAILABLE),
    DrainResult.FAILED: ("fails", UNAVAILABLE),
    DrainResult.ENDLESS: ("never ends", UNAVAILABLE),
    DrainResult.NOT_REACHED: ("not reached", DEGRADED),
}


def pod_changes(simulation: PortSimulation) -> PodChanges | None:
    """Return what happens to the pods at this moment; None while nothing is asked."""
    if not simulation.page.has_failure:
        return None
    mine, others = _split(simulation)
    return PodChanges(
        loads=tuple(_loads(simulation)),
        left=_left(simulation),
        drained=tuple(_drained(simulation)),
        pods=tuple(map(_pod_change, mine[:MAX_PODS])),
        more=max(len(mine) - MAX_PODS, 0),
        others=tuple(_counted(others)),
    )


# --- load -------------------------------------------------------------------------------------------------------------


def _left(simulation: PortSimulation) -> str:
    """Return how many pods still take connections and answer, and what that makes of each one's load."""
    before, now = len(pod_loads(simulation.before, "dns")), len(pod_loads(simulation.now, "dns"))
    answer = "answers" if now == 1 else "answer"
    if not before or not now:
        return "No pod answers any more." if before else ""
    if now == before:
        return f"{counted(now, 'pod')} {answer}, as many as before."
    # kube-proxy selects at random, so the load of the others is spread evenly.
    times = f"{before}/{now} = {before / now:.3g}\u00a0×"
    share = f"each takes {times} its load"
    return f"{now} of {counted(before, 'pod')} {answer}: once no connection goes to the others, {share}."


def _loads(simulation: PortSimulation) -> Iterator[tuple[str, str]]:
    for way, title in (("dns", "DNS"), ("lb", "load balancer")):
        load = surviving_load(simulation.before, simulation.now, way)
        if load is not None:
            yield title, f"{load.factor:.3g}\u00a0×"


# --- pods -------------------------------------------------------------------------------------------------------------


def _split(simulation: PortSimulation) -> tuple[list[PodState], Counter[PodFate]]:
    """Return the changed pods of the service in focus, and what happens to how many others."""
    behind = {endpoint.pod for endpoint in (*simulation.before.endpoints, *simulation.now.endpoints)} - {None}
    pods = simulation.state_now.pods
    # A replacement that is Pending is no endpoint, but it stands for one that was.
    replacing = {state.pod.key for state in with_fate(pods, NEW) if state.replaces in behind}
    mine = [pods[key] for key in pods if key in behind or key in replacing]
    return mine, count_fates(pods) - Counter(state.fate for state in mine)


def _pod_change(state: PodState) -> PodChange:
    word, standing = _WORDS[state.fate]
    return PodChange(state.pod.key, word, standing, _where(state), state.reason)


def _where(state: PodState) -> str:
    here = state.pod.node
    if state.fate is PodFate.MOVED and state.from_node and here != state.from_node:
        return f"{state.from_node} → {here}"
    return here or "no node"


def _counted(fates: Counter[PodFate]) -> Iterator[tuple[str, int]]:
    return ((word, fates[fate]) for fate, (word, _) in _WORDS.items() if fates[fate])


# --- drains -----------------------------------------------------------------------------------------------------------


def _drained(simulation: PortSimulation) -> Iterator[DrainedNode]:
    page = simulation.page
    if not page.scenario.drain:
        return
    for place, node in enumerate(drain_of(page).nodes):
        yield _drained_node(page, node, place)


def _drained_node(page: PageState, node: NodeDrain, place: int) -> DrainedNode:
    word, standing = _RESULTS[node.result]
    return DrainedNode(
        place=place + 1,
        name=node.node,
        word=word,
        standing=standing,
        earlier_url=_earlier(page, place),
        rounds=tuple(some(keys, MAX_NAMES) for keys in node.rounds),
        held=tuple(BlockedPod(pod, verdict.cause or verdict.message) for pod, verdict in node.held.items())[:MAX_PODS],
        errors=node.errors,
        warnings=node.warnings,
    )


def _earlier(page: PageState, place: int) -> str:
    # Each address names all nodes: for those of a zone that would be most of a page that nobody orders step by step.
    if not place or len(page.scenario.drain) > MOST_REORDERED:
        return ""
    order = list(page.scenario.drain)
    order[place - 1], order[place] = order[place], order[place - 1]
    return replace(page, scenario=with_drain(page.scenario, tuple(order))).url()
