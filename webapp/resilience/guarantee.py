"""What the manifests promise: survival in the worst placement that the scheduler's hard rules allow."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from webapp.cluster.model import FINISHED, Cluster, Endpoint, Pod
from webapp.cluster.pod_map import pods_in, run_of, runs_of
from webapp.cluster.replicas import PlacedReplicas
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.terms import hard_constraints, pod_terms
from webapp.failure.scenario import Moment
from webapp.manifests.well_known_labels import HOSTNAME
from webapp.records import dataclass
from webapp.resilience.entry_nodes import Names
from webapp.resilience.losses import Domain, What, losses_of
from webapp.resilience.placement_search import Budget, BudgetSpentError, PlacementSearch, room
from webapp.resilience.reach import NOTHING, Reach, home_of, is_sticky
from webapp.resilience.trial_scheduler import EqualPods, TrialScheduler, equal_pods, equal_replicas, is_movable

MAX_QUESTIONS = 3_000_000
"""How many times a node is asked about, over all service ports: some 5 microseconds each."""
QUESTIONS_EACH = (2_000, 100_000)
"""The least and the most that one service port gets of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Whether a service port survives any one failure of a kind, wherever the scheduler may put its pods."""

    holds: bool
    exact: bool = True
    """False: the search was given up, or nothing says how the pods are placed; `holds` is False to be safe."""
    culprit: str | None = None
    """A node or zone whose loss it may not survive."""
    as_placed: bool = False
    """It doesn't survive that loss even now."""


@dataclass(frozen=True, slots=True)
class _Pods:
    """The pods behind a service port."""

    sorts: tuple[EqualPods, ...]
    """Those that the scheduler might as well have put elsewhere."""
    fixed: Names
    """Homes of endpoints that stay where they are."""
    elsewhere: bool
    """An endpoint runs on none of the cluster's nodes."""
    known: bool = True
    """False where an endpoint's pod wasn't uploaded."""


class Guarantor:
    """Works out promises; keeps the scheduler's view of the cluster for all of them."""

    def __init__(self, cluster: Cluster, ports: int = 1) -> None:
        """`ports` is how many service ports will be asked about."""
        self._cluster = cluster
        self._scheduler: TrialScheduler | None = None
        self._last: tuple[Reach, _Pods] | None = None
        self._last_cycle: tuple[Reach, SchedulingCycle] | None = None
        least, most = QUESTIONS_EACH
        self._budget = min(max(MAX_QUESTIONS // max(ports, 1), least), most)
        self._pending: dict[str, list[Pod]] = defaultdict(list)
        """By namespace: they may find a node in another placement."""
        pending = (run for run in runs_of(cluster.pods) if isinstance(run, Pod) or None in run.places)
        for pod in pods_in(pending, cluster.pods):
            if pod.node is None and pod.phase not in FINISHED and not pod.spec.scheduling_gates:
                self._pending[pod.namespace].append(pod)

    def promise(self, reach: Reach, what: What, via: str = "lb") -> Promise:
        """Return whether the service port survives any one loss in every placement that may come about.

        Its pods are placed again, in any order, where the filters of kube-scheduler's default profile allow at that
        step ("Scheduler Configuration"); scores count for nothing. All other pods stay where they are. Pods of
        DaemonSets, static pods and those bound to a node stay, too. A pod that finds no node adds no endpoint.
        """
        # What fails now needs no search; most bad verdicts end here.
        if (reach.answer(NOTHING, Moment.DETECTED).by(via)) < 1:
            return Promise(holds=False, as_placed=True)
        losses = losses_of(reach, what)
        for domain, answered in losses:
            if answered.by(via) < 1:
                return Promise(holds=False, culprit=domain.name, as_placed=True)
        pods = self._behind(reach)
        if not pods.known:
            return Promise(holds=False, exact=False)
        if not pods.sorts:
            return Promise(holds=True)
        # Those that the search asks about first; endpoints that are on no known node leave none of them.
        asked = tuple(domain for domain, _ in losses)
        homes = (_single(reach, name) for name in reach.homes)
        first = next(iter(asked if what == "zone" else homes), None)
        if first is not None and self._plainly_within(reach, pods, first):
            return Promise(holds=False, culprit=first.name, exact=not _steered(reach, first.nodes))
        return self._worst(reach, pods, what, asked, via)

    def _behind(self, reach: Reach) -> _Pods:
        # A verdict asks for nodes and for zones, one after the other.
        if self._last is None or self._last[0] is not reach:
            self._last = reach, self._pods_behind(reach)
        return self._last[1]

    def _pods_behind(self, reach: Reach) -> _Pods:
        selector = reach.service.selector.items()
        # They have no node now, but in another placement they may be the ones that do.
        pending = self._pending.get(reach.service.namespace, ()) if selector else ()
        waiting = {p.key: p for p in pending if selector <= p.labels.items() and is_movable(self._cluster, p)}
        if not waiting and (run := self._only_run(reach)):
            return _Pods((equal_replicas(run),), NOTHING, elsewhere=False)
        movable: dict[str, Pod] = {}
        fixed: set[str | None] = set()
        for endpoint in _used(reach):
            pod = self._cluster.pods.get(endpoint.pod or "")
            if pod is not None and endpoint.managed and is_movable(self._cluster, pod):
                movable[pod.key] = pod
            # A controller that was not uploaded may put its pods anywhere.
            elif pod is None and endpoint.managed:
                return _Pods((), NOTHING, elsewhere=False, known=False)
            else:
                fixed.add(home_of(reach.nodes, endpoint))
        homes = frozenset(home for home in fixed if home is not None)
        return _Pods(equal_pods((movable | waiting).values()), homes, elsewhere=None in fixed)

    def _only_run(self, reach: Reach) -> PlacedReplicas | None:
        """Return the movable replicas of which all are endpoints, and that are all endpoints, if that is so."""
        used = _used(reach)
        first = used[0].pod if used else None
        if first is None or first not in self._cluster.pods:
            return None
        run = run_of(self._cluster.pods, first)
        if not isinstance(run, PlacedReplicas) or not is_movable(self._cluster, run.pod):
            return None
        return run if all(e.managed for e in used) and run.keys == [e.pod for e in used] else None

    def _plainly_within(self, reach: Reach, pods: _Pods, domain: Domain) -> bool:
        """Return whether it is plain that all pods may end up on these nodes, even beside those that are there now.

        A short cut for services without any rule about other pods: only room counts for them, and taking the pods off
        their nodes could but make more of it. False: that has to be searched.
        """
        if len(pods.sorts) > 1 or not pods.fixed <= domain.nodes or pods.elsewhere:
            return False
        if not reach.local and (_any_will_do(reach) or reach.nodes.blinds(domain.nodes)):
            return False
        (sort,) = pods.sorts
        cycle = self._cycle(reach, sort)
        if cycle.filtering:
            return False
        left = sum(node not in domain.nodes for node in sort.nodes)
        for name in domain.nodes:
            node_info = self._trial().snapshot.by_name[name]
            if not cycle.filter(node_info):
                left -= room(node_info, cycle.template.pod_resources, left)
            if not left:
                return True
        return False

    def _cycle(self, reach: Reach, sort: EqualPods) -> SchedulingCycle:
        """Return how the pods see the nodes while they are all where they are."""
        if self._last_cycle is None or self._last_cycle[0] is not reach:
            self._last_cycle = reach, self._trial().cycle(sort.pod)
        return self._last_cycle[1]

    def _trial(self) -> TrialScheduler:
        self._scheduler = self._scheduler or TrialScheduler(self._cluster)
        return self._scheduler

    def _worst(self, reach: Reach, pods: _Pods, what: What, asked: Sequence[Domain], via: str) -> Promise:
        scheduler, sorts, used = self._trial(), pods.sorts, reach.nodes.used(via)
        with scheduler.without(pod for sort in sorts for pod in sort.pods):
            search = PlacementSearch(scheduler, sorts, Budget(self._budget))
            try:
                # Anti-affinity per node is what most charts write; it needs no search.
                if what == "node" and not _any_will_do(reach) and _kept_apart(reach, search, sorts):
                    return Promise(holds=True)
                for domain in asked if what == "zone" else _nodes(reach, search, used, pods.fixed):
                    if _may_fail(reach, search, pods, domain.nodes, via):
                        return Promise(holds=False, culprit=domain.name, exact=not _steered(reach, domain.nodes))
            # An unknown answer counts as no: a guarantee that might not hold is none.
            except BudgetSpentError:
                return Promise(holds=False, exact=False)
        return Promise(holds=True)


def _single(reach: Reach, name: str) -> Domain:
    return Domain(name, reach.nodes.alone(name))


def _used(reach: Reach) -> Sequence[Endpoint]:
    ready = [e for e in reach.port.endpoints if e.ready]
    return ready or [e for e in reach.port.endpoints if e.serving and e.terminating]


def _nodes(reach: Reach, search: PlacementSearch, used: Names, fixed: Names) -> Iterator[Domain]:
    """Yield one node of each kind, those first that have such pods now."""
    seen: set[object] = set()
    for name in chain(reach.homes, reach.nodes.cluster.nodes):
        lost = reach.nodes.alone(name)
        sort = (search.kind(name), name in used, name in fixed, reach.nodes.blinds(lost))
        if sort not in seen:
            seen.add(sort)
            yield Domain(name, lost)


def _any_will_do(reach: Reach) -> bool:
    """Return whether one dead endpoint is enough to lose connections for good: it stays listed."""
    return not reach.local and any(is_sticky(reach.nodes, reach.service, e) for e in _used(reach))


def _steered(reach: Reach, lost: Names) -> bool:
    """Return whether hints might keep connections away from dead endpoints; that is not looked into."""
    hints = reach.hinted or reach.service.traffic_distribution or reach.service.topology_mode
    return bool(hints) and (_any_will_do(reach) or reach.nodes.blinds(lost))


def _may_fail(reach: Reach, search: PlacementSearch, pods: _Pods, lost: Names, via: str) -> bool:
    """Return whether some placement makes the service port lose connections for good with these nodes.

    Usually that takes all endpoints among them; under policy Local those on other nodes that nobody enters by don't
    count. Where dead endpoints stay listed, or nothing is left to detect it, one is enough.
    """
    # One dead endpoint that stays listed keeps failing its share of connections.
    if not reach.local and (_any_will_do(reach) or reach.nodes.blinds(lost)):
        return bool(pods.fixed & lost) or search.may_touch(lost)
    if reach.local:
        return not (pods.fixed & reach.nodes.used(via)) - lost and search.may_end_within(lost | reach.nodes.unused(via))
    return not pods.elsewhere and pods.fixed <= lost and search.may_end_within(lost)


def _kept_apart(reach: Reach, search: PlacementSearch, sorts: Sequence[EqualPods]) -> bool:
    """Return whether it is plain that no node gets all the pods: a short cut for the commonest rule in large clusters.

    Two or more pods that keep each other off their node and have no other rule about pods, and two of the nodes where
    they are now would take them: then the second always finds another node than the first.
    """
    if len(sorts) != 1 or len(sorts[0].pods) < 2 or reach.local or len(reach.nodes.control_plane) == 1:
        return False
    pod = sorts[0].pod
    terms = pod_terms(pod)
    if hard_constraints(pod) or terms.affinity or {term.key for term in terms.anti} != {HOSTNAME}:
        return False
    apart = any(term.selector.matches(pod.labels) and pod.namespace in term.namespaces for term in terms.anti)
    cycle = search.scheduler.cycle(pod)
    states = [search.scheduler.snapshot.by_name[name] for name in reach.homes]
    labelled = [state for state in states if HOSTNAME in state.node.labels and not cycle.filter(state)]
    return apart and len({state.node.labels[HOSTNAME] for state in labelled}) > 1
