"""What happens to the pods: lost, evicted, recreated, pending; and of the nodes that are drained."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from webapp.failure import PodFate, PodState
from webapp.failure.drain import DrainResult, NodeDrain
from webapp.failure.words import with_drain
from webapp.numbers import counted, some
from webapp.simulation.load import pod_loads, surviving_load
from webapp.views.page.answers import Answers, drain_of
from webapp.views.page.state import PageState
from webapp.views.page.wording import ANSWERS, NO_ANSWER, SOME_LOST, Standing

MAX_PODS = 40
MAX_NAMES = 12


@dataclass(frozen=True, slots=True)
class Fate:
    """One pod."""

    pod: str
    word: str
    standing: Standing
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
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
    """The same drain with this node one place earlier; empty for the first."""
    rounds: tuple[str, ...]
    """Which pods are evicted together, in order."""
    held: tuple[Held, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """What the card shows."""

    loads: tuple[tuple[str, str], ...]
    """By access path: the load of the busiest pod."""
    left: str
    drained: tuple[DrainedNode, ...]
    pods: tuple[Fate, ...]
    more: int
    """Pods beyond those listed."""
    others: tuple[tuple[str, int], ...]
    """Pods that are not behind the service in focus, by what happens to them."""


_WORDS = {
    PodFate.LOST: ("lost", NO_ANSWER),
    PodFate.EVICTED: ("evicted", SOME_LOST),
    PodFate.STUCK: ("stuck", NO_ANSWER),
    PodFate.GONE: ("gone", NO_ANSWER),
    PodFate.MOVED: ("recreated", ANSWERS),
    PodFate.PENDING: ("pending", NO_ANSWER),
    PodFate.FAILED: ("failed", NO_ANSWER),
    PodFate.PREEMPTED: ("preempted", NO_ANSWER),
}
_RESULTS = {
    DrainResult.DRAINED: ("drained", ANSWERS),
    DrainResult.REFUSED: ("aborted by kubectl", NO_ANSWER),
    DrainResult.FAILED: ("fails", NO_ANSWER),
    DrainResult.ENDLESS: ("never ends", NO_ANSWER),
    DrainResult.NOT_REACHED: ("not reached", SOME_LOST),
}


def fates(answers: Answers) -> Fates | None:
    """Return what happens to the pods at this moment; None while nothing is asked."""
    scenario = answers.look.scenario
    if not scenario.down and not scenario.drain:
        return None
    mine, others = _split(answers)
    return Fates(
        loads=tuple(_loads(answers)),
        left=_left(answers),
        drained=tuple(_drained(answers)),
        pods=tuple(map(_fate, mine[:MAX_PODS])),
        more=max(len(mine) - MAX_PODS, 0),
        others=tuple(_counted(others)),
    )


# --- load -------------------------------------------------------------------------------------------------------------


def _left(answers: Answers) -> str:
    """Return how many pods still take connections and answer, and what that makes of each one's load."""
    before, now = len(pod_loads(answers.before, "dns")), len(pod_loads(answers.now, "dns"))
    answer = "answers" if now == 1 else "answer"
    if not before or not now:
        return "No pod answers any more." if before else ""
    if now == before:
        return f"{counted(now, 'pod')} {answer}, as many as before."
    times = f"{before}/{now} = {before / now:.3g}\u00a0×"
    share = f"each takes {times} its load"
    return f"{now} of {counted(before, 'pod')} {answer}: once no connection goes to the others, {share}."


def _loads(answers: Answers) -> Iterator[tuple[str, str]]:
    for way, title in (("dns", "DNS"), ("lb", "load balancer")):
        load = surviving_load(answers.before, answers.now, way)
        if load is not None:
            yield title, f"{load.factor:.3g}\u00a0×"


# --- pods -------------------------------------------------------------------------------------------------------------


def _split(answers: Answers) -> tuple[list[PodState], list[PodState]]:
    """Return the changed pods of the service in focus, and all others."""
    behind = {endpoint.pod for endpoint in (*answers.before.endpoints, *answers.now.endpoints)}
    mine: list[PodState] = []
    others: list[PodState] = []
    for key, state in answers.state_now.pods.items():
        (mine if key in behind or state.replaces in behind else others).append(state)
    return mine, others


def _fate(state: PodState) -> Fate:
    word, standing = _WORDS[state.fate]
    return Fate(state.pod.key, word, standing, _where(state), state.reason)


def _where(state: PodState) -> str:
    here = state.pod.node
    if state.fate is PodFate.MOVED and state.from_node and here != state.from_node:
        return f"{state.from_node} → {here}"
    return here or "no node"


def _counted(states: Iterable[PodState]) -> Iterator[tuple[str, int]]:
    fates = [state.fate for state in states]
    return ((word, fates.count(fate)) for fate, (word, _) in _WORDS.items() if fate in fates)


# --- drains -----------------------------------------------------------------------------------------------------------


def _drained(answers: Answers) -> Iterator[DrainedNode]:
    look = answers.look
    if not look.scenario.drain:
        return
    for place, node in enumerate(drain_of(look).nodes):
        yield _drained_node(look, node, place)


def _drained_node(look: PageState, node: NodeDrain, place: int) -> DrainedNode:
    word, standing = _RESULTS[node.result]
    return DrainedNode(
        place=place + 1,
        name=node.node,
        word=word,
        standing=standing,
        earlier_url=_earlier(look, place),
        rounds=tuple(some(keys, MAX_NAMES) for keys in node.rounds),
        held=tuple(Held(pod, verdict.cause or verdict.message) for pod, verdict in node.held.items())[:MAX_PODS],
        errors=node.errors,
        warnings=node.warnings,
    )


def _earlier(look: PageState, place: int) -> str:
    if not place:
        return ""
    order = list(look.scenario.drain)
    order[place - 1], order[place] = order[place], order[place - 1]
    return replace(look, scenario=with_drain(look.scenario, tuple(order))).url()
