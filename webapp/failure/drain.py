"""``kubectl drain`` of one or more nodes: what is evicted in which order, what budgets hold, whether it ever ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum

from webapp.cluster.model import FINISHED, Cluster, Node, Pod, PodKey
from webapp.cluster.pod_map import first_of, run_of
from webapp.cluster.quick import changed
from webapp.cluster.remembered import latest_per_cluster
from webapp.failure.disruption import EvictionResponse
from webapp.failure.drain_budgets import Budgets
from webapp.failure.drain_filters import Filtered, Treatment, errors, filtered, warnings
from webapp.failure.replacement import Controllers, Leaving, grouped, pending_notes
from webapp.failure.scenario import Moment
from webapp.failure.state import NEW, PodFate, PodState, PodStates
from webapp.manifests.objects import Taint
from webapp.numbers import some
from webapp.records import dataclass

RETRY_SECONDS = 5
"""How long kubectl waits after a refusal (pkg/cmd/drain); by default it never gives up."""
UNSCHEDULABLE = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")


class DrainResult(StrEnum):
    """How the drain of a node ends."""

    DRAINED = "drained"
    REFUSED = "refused"
    """kubectl finds pods that it must not delete, and evicts none."""
    FAILED = "failed"
    """The Eviction API answers with an error for good."""
    ENDLESS = "never ends"
    """PodDisruptionBudgets block the eviction of pods forever."""
    NOT_REACHED = "not reached"
    """The drain of a node before it never ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDrain:
    """The drain of one node."""

    node: str
    result: DrainResult
    rounds: tuple[tuple[PodKey, ...], ...] = ()
    """Which pods are evicted together, one round after another; in between, new pods turn ready."""
    held: Mapping[PodKey, EvictionResponse] = field(default_factory=dict)
    """Pods that stay, and what the Eviction API says of each."""
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainView:
    """The pods at one moment of a drain, as far as it changes them."""

    pods: Mapping[PodKey, PodState] = field(default_factory=dict)
    gone: frozenset[PodKey] = frozenset()
    """Pods whose object is no more: they are no endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """What draining some nodes results in."""

    nodes: tuple[NodeDrain, ...]
    evicting: DrainView
    """While the last node that is reached is being drained: its first pods terminate, their successors only start."""
    drained: DrainView
    """When all is over that ever ends."""
    notes: tuple[str, ...] = ()

    def at(self, moment: Moment) -> DrainView:
        """Return the pods at a moment; cordoning alone changes none."""
        views = {Moment.EVICTING: self.evicting, Moment.DRAINED: self.drained}
        return views.get(moment, DrainView())


@latest_per_cluster
def drain(cluster: Cluster, names: tuple[str, ...]) -> Drain:
    """Return what ``kubectl drain --ignore-daemonsets NAMES`` does.

    All nodes are cordoned first, then drained in order. Pods are evicted together, and those refused by a budget are
    tried again every five seconds without end; meanwhile controllers make others, which turn ready where they fit. A
    node with pods that must not be deleted is left cordoned, and the next one is drained (kubectl pkg/cmd/drain,
    pkg/drain; Kubernetes, API-initiated Eviction).
    """
    process = _Process.of(cluster, names)
    done: list[NodeDrain] = []
    stuck = False
    for name in names:
        done.append(NodeDrain(node=name, result=DrainResult.NOT_REACHED) if stuck else process.drain_node(name))
        # kubectl drains one node after another and never gives up, so those after it are cordoned only.
        stuck = stuck or done[-1].result is DrainResult.ENDLESS
    drained = process.drained
    notes = [note for it in done for note in _notes(it)]
    notes += pending_notes(drained.pods)
    return Drain(nodes=tuple(done), evicting=process.evicting, drained=drained, notes=tuple(notes))


def cordoned(node: Node) -> Node:
    """Return the node as ``kubectl cordon`` leaves it: unschedulable, and tainted so by the node controller."""
    # A node that was cordoned before the dump has the taint already.
    kept = tuple(taint for taint in node.taints if taint.key != UNSCHEDULABLE.key)
    return replace(node, unschedulable=True, taints=(*kept, UNSCHEDULABLE))


@dataclass(frozen=True, slots=True)
class _Round:
    """What happens to pods that are evicted together, and to those that come in their place."""

    ended: Mapping[PodKey, PodFate]
    moved: Mapping[PodKey, PodState]
    fates: Mapping[PodKey, PodFate]
    """Of all of them, where a new one has the name of an old one that of the new."""
    missing: frozenset[PodKey]
    """Those of them that are gone, and whose name no other pod has."""

    @property
    def starting(self) -> "_Round":
        """The same while old pods still terminate, in order and serving, and new ones are not ready yet."""
        new = {
            key: replace(state, pod=replace(state.pod, ready=False, phase="Pending"))
            if state.fate is PodFate.MOVED
            else state
            for key, state in self.moved.items()
            if key not in self.ended
        }
        return _Round(self.ended, new, {**self.fates, **self.ended}, frozenset())


@dataclass(slots=True)
class _Outcome:
    """What rounds have come to."""

    fates: dict[PodKey, PodFate] = field(default_factory=dict)
    """Of all pods that were changed, in the order in which they first were."""
    new: dict[PodKey, PodState] = field(default_factory=dict)
    missing: set[PodKey] = field(default_factory=set)
    """Pods whose object is gone, and whose name no other has."""

    def add(self, rounds: Iterable[_Round]) -> None:
        """Go on with some rounds."""
        for each in rounds:
            self.fates |= each.fates
            for key in each.ended:
                self.new.pop(key, None)
            self.new |= each.moved
            self.missing.difference_update(each.fates)
            self.missing |= each.missing

    def and_then(self, rounds: Iterable[_Round]) -> "_Outcome":
        """Return what they come to with some more rounds."""
        after = _Outcome({**self.fates}, {**self.new}, {*self.missing})
        after.add(rounds)
        return after

    def states(self, pods: Mapping[PodKey, Pod]) -> PodStates:
        """Return the states of all pods that were changed, those of `pods` made when somebody looks at them."""
        # What is remembered of a cluster may hold its pods, but not the cluster.
        return PodStates(self.fates, self.new, lambda key: _ended(pods[key]))


@dataclass(slots=True)
class _Process:
    """A drain under way."""

    cluster: Cluster
    controllers: Controllers
    budgets: Budgets
    last: str | None = None
    """The last node from which pods are evicted."""
    before: _Outcome = field(default_factory=_Outcome)
    """What the nodes before the last one that is reached have come to."""
    rounds: list[_Round] = field(default_factory=list)
    """Those of that last one."""
    gone: set[PodKey] = field(default_factory=set)
    """Pods whose object is no more, also where another has its name by now."""
    pending: dict[PodKey, Pod] = field(default_factory=dict)
    full: dict[PodKey, Pod] = field(default_factory=dict)
    """Those of the pending that only wait for room on nodes which are not drained."""
    preempted: bool = False
    turns: dict[PodKey, int] = field(default_factory=dict)
    """The order in which pods were first changed."""

    @classmethod
    def of(cls, cluster: Cluster, names: Sequence[str]) -> "_Process":
        nodes = {**cluster.nodes, **{name: cordoned(cluster.nodes[name]) for name in names}}
        there = (key for name in names for key in cluster.pods_on.get(name, ()))
        process = cls(cluster, Controllers.of(cluster, nodes), Budgets.asked(cluster, there))
        process.last = next((name for name in reversed(names) if process._waiting(process._treated(name))), None)
        return process

    def drain_node(self, name: str) -> NodeDrain:
        """Drain one node as far as it goes, and return how that went."""
        treated = self._treated(name)
        # kubectl looks at all pods of a node before it evicts the first.
        if refused := errors((pod, response) for _, pod, response in treated):
            return NodeDrain(node=name, result=DrainResult.REFUSED, errors=refused)
        rounds, held = self._evict_all(self._waiting(treated), is_last=name == self.last)
        warned = warnings((pod, response) for _, pod, response in treated)
        return NodeDrain(node=name, result=_result(held), rounds=tuple(rounds), held=held, warnings=warned)

    def _treated(self, name: str) -> list[tuple[PodKey, Pod, Filtered]]:
        """Return the pods on a node, and what drain does with each."""
        pods = {key: self.cluster.pods[key] for key in self.cluster.pods_on.get(name, ())}
        return [(key, pods[key], self._filtered(pods[key])) for key in sorted(pods, key=_listing_order)]

    def _waiting(self, treated: Sequence[tuple[PodKey, Pod, Filtered]]) -> dict[PodKey, Pod]:
        """Return those that are evicted, none where drain finds one that it must not delete."""
        treatments = {response.treatment for _, _, response in treated}
        every = () if Treatment.ERROR in treatments else treated
        return {key: pod for key, pod, response in every if response.treatment is Treatment.EVICT}

    @property
    def drained(self) -> DrainView:
        """The pods as they are now."""
        after = self.before.and_then(self.rounds)
        return DrainView(pods=after.states(self.cluster.pods), gone=frozenset(after.missing))

    @property
    def evicting(self) -> DrainView:
        """The pods while the last node's first ones terminated."""
        starting = self.before.and_then(each.starting for each in self.rounds[:1])
        return DrainView(pods=starting.states(self.cluster.pods), gone=frozenset(self.before.missing))

    def _filtered(self, pod: Pod) -> Filtered:
        # A dump without a single DaemonSet simply leaves them out; it doesn't say that they are gone.
        if pod.owner is None or pod.owner.kind != "DaemonSet":
            return filtered(pod)
        known = self.cluster.workload_replicas
        exists = pod.owner in known or not any(ref.kind == "DaemonSet" for ref in known)
        return filtered(pod, daemonset_exists=exists)

    def _evict_all(
        self, waiting: Mapping[PodKey, Pod], *, is_last: bool
    ) -> tuple[list[tuple[PodKey, ...]], dict[PodKey, EvictionResponse]]:
        """Evict round after round until nothing moves any more; return the rounds and the pods that are held."""
        rounds: list[tuple[PodKey, ...]] = []
        held: dict[PodKey, EvictionResponse] = {}
        while waiting:
            answers = self.budgets.answers(waiting)
            evicted = {key: waiting[key] for key, response in answers.items() if response.allowed}
            held |= {key: response for key, response in answers.items() if not response.allowed}
            # 429 is tried again every five seconds, 500 ends the drain of this pod.
            waiting = {key: waiting[key] for key, response in answers.items() if response.code == 429}
            if not evicted:
                break
            if not rounds:
                self.before.add(self.rounds)
                self.rounds.clear()
            self.rounds.append(self._evict(evicted, is_last=is_last))
            rounds.append(tuple(evicted))
        evicted_keys = {key for together in rounds for key in together}
        return rounds, {key: response for key, response in held.items() if key not in evicted_keys}

    def _evict(self, evicted: Mapping[PodKey, Pod], *, is_last: bool) -> _Round:
        """Let the pods end and their controllers make others, which are ready where they fit."""
        ended = {key: PodFate.EVICTED if _comes_back(pod) else PodFate.GONE for key, pod in evicted.items()}
        self.controllers.remove(evicted.keys())
        left = [
            Leaving(key, pod.node, first_of(run_of(self.cluster.pods, key)))
            for key, pod in evicted.items()
            if ended[key] is PodFate.EVICTED
        ]
        owed = self.controllers.owed(left)
        states = self.controllers.fill(owed, self._again(owed, is_last=is_last))
        moved = {state.pod.key: state for state in states}
        fates = ended | {key: state.fate for key, state in moved.items()}
        gone = ended.keys() | {state.pod.key for state in states if state.fate is PodFate.PREEMPTED}
        self.gone |= gone
        for key in fates:
            self.turns.setdefault(key, len(self.turns))
            self.pending.pop(key, None)
            self.full.pop(key, None)
        self.preempted = self.preempted or any(state.fate is PodFate.PREEMPTED for state in states)
        for key, state in moved.items():
            if state.fate is PodFate.PENDING:
                waiting = self.full if self.controllers.waits_for_room(key, state.pod) else self.pending
                waiting[key] = state.pod
        self.budgets.update(gone, [state.pod for state in states if state.fate in NEW])
        missing = frozenset(key for key in fates if key in self.gone and key not in self.controllers.pods)
        return _Round(ended, moved, fates, missing)

    def _again(self, owed: Iterable[Leaving], *, is_last: bool) -> list[Pod]:
        """Return the pods that fit nowhere yet and are tried again, in the order in which they were first changed.

        What the round leaves may help those that wait for others to go. The rest wait for room, and there is more of it
        on cordoned nodes only, unless pods are preempted; the last time they are tried is when their reason is told.
        """
        again = self.pending
        if self.full and (is_last or self._may_make_room([*(each.pod for each in owed), *again.values()])):
            again = {**again, **self.full}
        return [again[key] for key in sorted(again, key=self.turns.__getitem__)]

    def _may_make_room(self, coming: Iterable[Pod]) -> bool:
        """Return whether a round may end with more room on nodes that are not drained, or be the last of all."""
        # Budgets alone decide whether it is the last. The pod that came for one that was preempted may have its name,
        # and goes where it is once that is evicted.
        return bool(self.budgets.covered) or self.preempted or any(map(self.controllers.may_preempt, coming))


def _listing_order(key: PodKey) -> tuple[str, str, str]:
    """Return the order in which the API server lists pods, and so kubectl starts their evictions."""
    return key.partition("/")


def _comes_back(pod: Pod) -> bool:
    orphan = pod.owner is not None and pod.owner.kind == "DaemonSet"
    return pod.controlled and not orphan and pod.phase not in FINISHED


def _ended(pod: Pod) -> PodState:
    if _comes_back(pod):
        fate, reason = PodFate.EVICTED, "Evicted by the drain; its controller creates another."
    elif pod.phase in FINISHED:
        fate, reason = PodFate.GONE, "It had finished; the drain deletes it."
    else:
        fate, reason = PodFate.GONE, "Deleted by the drain; nothing creates another."
    return PodState(pod=changed(pod, terminating=True), fate=fate, from_node=pod.node, reason=reason)


def _result(held: Mapping[PodKey, EvictionResponse]) -> DrainResult:
    if any(response.code == 429 for response in held.values()):
        return DrainResult.ENDLESS
    return DrainResult.FAILED if held else DrainResult.DRAINED


def _notes(it: NodeDrain) -> Iterable[str]:
    yield from (f"{it.node} stays cordoned and nothing is evicted: {error}." for error in it.errors)
    yield from (f"{it.node}: {warning}." for warning in it.warnings)
    for reason, keys in grouped((_refusal(it.node, response), key) for key, response in it.held.items()):
        yield f"{reason} Blocked: {some(keys)}."
    if it.result is DrainResult.NOT_REACHED:
        yield f"{it.node} is cordoned, but its drain never starts: the one before it doesn't end."


def _refusal(node: str, response: EvictionResponse) -> str:
    if response.code != 429:
        return f"The drain of {node} fails. {response.message}"
    why = f" (its controller fails: {response.sync_error})" if response.sync_error else ""
    said = response.cause.removesuffix(".") + why
    return f"The drain of {node} never ends: kubectl tries again every {RETRY_SECONDS} s. {said}."
