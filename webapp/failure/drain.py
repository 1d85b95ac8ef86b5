"""``kubectl drain`` of one or more nodes: what is evicted in which order, what budgets hold, whether it ever ends."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum

from webapp.cluster.model import FINISHED, Cluster, Node, Pod, PodKey, WorkloadRef
from webapp.cluster.pod_map import Run, first_of, pods_in, runs_of
from webapp.cluster.quick import changed
from webapp.cluster.remembered import latest_per_cluster
from webapp.cluster.scheduling.budgets import budget_status, coverage
from webapp.failure.disruption import EvictionResponse, after_eviction, eviction_response
from webapp.failure.drain_filters import Filtered, Treatment, errors, filtered, warnings
from webapp.failure.replacement import Controllers, Leaving, grouped, pending_notes
from webapp.failure.scenario import Moment
from webapp.failure.state import NEW, PodFate, PodState
from webapp.manifests.objects import PodDisruptionBudgetObject, Taint
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


@dataclass(slots=True)
class _Budgets:
    """The budgets of some namespaces, with the pods that each covers at the moment."""

    covers: Sequence[tuple[PodDisruptionBudgetObject, Callable[[Pod], bool], dict[PodKey, Pod]]]
    replicas: Mapping[WorkloadRef, int]

    @classmethod
    def of(cls, cluster: Cluster, evictable: Iterable[Pod]) -> "_Budgets":
        """Return the budgets that cover one of the pods; others are never asked."""
        asked: dict[str, list[Pod]] = defaultdict(list)
        for pod in evictable:
            asked[pod.namespace].append(pod)
        everyone: dict[str, list[Run]] = {namespace: [] for namespace in asked}
        for run in runs_of(cluster.pods):
            if (namespace := first_of(run).namespace) in everyone:
                everyone[namespace].append(run)
        covers = []
        for budget in cluster.pod_disruption_budgets:
            namespace, covered = budget.metadata.effective_namespace, coverage(budget)
            # A cluster may have a budget for every workload; a drain asks those of the pods on its nodes.
            if any(map(covered, asked.get(namespace, ()))):
                runs = (run for run in everyone[namespace] if covered(first_of(run)))
                covers.append((budget, covered, {pod.key: pod for pod in pods_in(runs, cluster.pods)}))
        return cls(covers, cluster.workload_replicas)

    def answers(self, pods: Iterable[Pod]) -> list[tuple[Pod, EvictionResponse]]:
        """Return what the Eviction API says of pods that are evicted at once, in this order."""
        statuses = [budget_status(budget, list(its.values()), self.replicas) for budget, _, its in self.covers]
        said = []
        for pod in pods:
            mine = [i for i, (_, _, its) in enumerate(self.covers) if pod.key in its]
            response = eviction_response(pod, [(self.covers[i][0], statuses[i]) for i in mine])
            for i in mine:
                statuses[i] = after_eviction(statuses[i], response)
            said.append((pod, response))
        return said

    def update(self, gone: Collection[PodKey], new: Iterable[Pod]) -> None:
        """Count again once pods are gone and others have come."""
        for _, covered, its in self.covers:
            for key in gone:
                its.pop(key, None)
            its.update((pod.key, pod) for pod in new if covered(pod))


@dataclass(slots=True)
class _Process:
    """A drain under way."""

    cluster: Cluster
    controllers: Controllers
    budgets: _Budgets
    pods: dict[PodKey, PodState] = field(default_factory=dict)
    gone: set[PodKey] = field(default_factory=set)
    """Pods whose object is no more, also where another has its name by now."""
    missing: set[PodKey] = field(default_factory=set)
    """Those of them whose name no pod has."""
    pending: set[PodKey] = field(default_factory=set)
    ranks: dict[PodKey, int] = field(default_factory=dict)
    """The order in which pods were first changed."""
    last: "_LastNode | None" = None

    @classmethod
    def of(cls, cluster: Cluster, names: Sequence[str]) -> "_Process":
        nodes = {**cluster.nodes, **{name: cordoned(cluster.nodes[name]) for name in names}}
        there = (cluster.pods[key] for name in names for key in cluster.pods_on.get(name, ()))
        return cls(cluster, Controllers.of(cluster, nodes), _Budgets.of(cluster, there))

    def drain_node(self, name: str) -> NodeDrain:
        """Drain one node as far as it goes, and return how that went."""
        pods = sorted((self.cluster.pods[key] for key in self.cluster.pods_on.get(name, ())), key=_listing_order)
        treated = [(pod, self._filtered(pod)) for pod in pods]
        # kubectl looks at all pods of a node before it evicts the first.
        if refused := errors(treated):
            return NodeDrain(node=name, result=DrainResult.REFUSED, errors=refused)
        waiting = [pod for pod, response in treated if response.treatment is Treatment.EVICT]
        rounds, held = self._evict_all(waiting)
        return NodeDrain(node=name, result=_result(held), rounds=tuple(rounds), held=held, warnings=warnings(treated))

    @property
    def drained(self) -> DrainView:
        """The pods as they are now."""
        return DrainView(pods=dict(self.pods), gone=frozenset(self.missing))

    @property
    def evicting(self) -> DrainView:
        """The pods while the last node's first ones terminated."""
        last = self.last
        if last is None:
            return self.drained
        before = {key: state for key in self.pods if (state := last.pods.get(key, self.pods[key])) is not None}
        missing = frozenset(key for key in self.missing | last.missing.keys() if last.missing.get(key, True))
        return _while_starting(DrainView(pods=before, gone=missing), last.ended, last.moved)

    def _filtered(self, pod: Pod) -> Filtered:
        # A dump without a single DaemonSet simply leaves them out; it doesn't say that they are gone.
        known = self.cluster.workload_replicas
        exists = pod.owner in known or not any(ref.kind == "DaemonSet" for ref in known)
        return filtered(pod, daemonset_exists=exists)

    def _evict_all(self, waiting: Sequence[Pod]) -> tuple[list[tuple[PodKey, ...]], dict[PodKey, EvictionResponse]]:
        """Evict round after round until nothing moves any more; return the rounds and the pods that are held."""
        rounds: list[tuple[PodKey, ...]] = []
        held: dict[PodKey, EvictionResponse] = {}
        while waiting:
            answers = self.budgets.answers(waiting)
            evicted = [pod for pod, response in answers if response.allowed]
            held |= {pod.key: response for pod, response in answers if not response.allowed}
            # 429 is tried again every five seconds, 500 ends the drain of this pod.
            waiting = [pod for pod, response in answers if response.code == 429]
            if not evicted:
                break
            self._evict(evicted, first=not rounds)
            rounds.append(tuple(pod.key for pod in evicted))
        evicted_keys = {key for together in rounds for key in together}
        return rounds, {key: response for key, response in held.items() if key not in evicted_keys}

    def _evict(self, evicted: Sequence[Pod], *, first: bool) -> None:
        """Let the pods end and their controllers make others, which are ready where they fit."""
        ended = {pod.key: _ended(pod) for pod in evicted}
        self.controllers.remove(ended.keys())
        pending = [self.pods[key].pod for key in sorted(self.pending, key=self.ranks.__getitem__)]
        # What is still pending may fit in the room that this round leaves.
        moved = self.controllers.fill(
            self.controllers.owed(Leaving.of(pod) for pod in evicted if _comes_back(pod)), pending
        )
        if first or self.last is None:
            self.last = _LastNode(ended, moved)
        now = ended | {state.pod.key: state for state in moved}
        preempted = {state.pod.key for state in moved if state.fate is PodFate.PREEMPTED}
        self.gone |= ended.keys() | preempted
        for key, state in now.items():
            self._note(key, state, self.last)
        self.budgets.update(ended.keys() | preempted, [state.pod for state in moved if state.fate in NEW])

    def _note(self, key: PodKey, state: PodState, last: "_LastNode") -> None:
        """Note what a pod is now, and what it was before the last node's drain."""
        last.pods.setdefault(key, self.pods.get(key))
        last.missing.setdefault(key, key in self.missing)
        self.pods[key] = state
        self.ranks.setdefault(key, len(self.ranks))
        (self.pending.add if state.fate is PodFate.PENDING else self.pending.discard)(key)
        missing = key in self.gone and key not in self.controllers.pods
        (self.missing.add if missing else self.missing.discard)(key)


@dataclass(frozen=True, slots=True)
class _LastNode:
    """The first round of the last node that is reached; as views of each node's would take a copy of all pods."""

    ended: Mapping[PodKey, PodState]
    moved: Sequence[PodState]
    pods: dict[PodKey, PodState | None] = field(default_factory=dict)
    """What pods that changed since then were before; None for one that was not changed yet."""
    missing: dict[PodKey, bool] = field(default_factory=dict)
    """Whether they had neither object nor successor of their name."""


def _listing_order(pod: Pod) -> tuple[str, str]:
    """Return the order in which the API server lists pods, and so kubectl starts their evictions."""
    return pod.namespace, pod.name


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


def _while_starting(before: DrainView, ended: Mapping[PodKey, PodState], new: Iterable[PodState]) -> DrainView:
    """Return the view in which old pods still terminate, in order and serving, and new ones are not ready yet."""
    starting = {
        state.pod.key: replace(state, pod=replace(state.pod, ready=False, phase="Pending"))
        if state.fate is PodFate.MOVED
        else state
        for state in new
        if state.pod.key not in ended
    }
    return DrainView(pods={**before.pods, **ended, **starting}, gone=before.gone)


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
