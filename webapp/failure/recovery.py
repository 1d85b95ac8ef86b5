"""Recovery from a crash: which pods Kubernetes evicts from lost nodes, and what it makes in their place."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from math import inf

from webapp.cluster.model import FINISHED, Cluster, Node, Pod, PodKey
from webapp.cluster.order import natural
from webapp.cluster.pod_map import first_of, in_order, run_of
from webapp.cluster.quick import changed
from webapp.cluster.replicas import PlacedReplicas
from webapp.failure.changed_pods import ChangedPods
from webapp.failure.eviction import evict_after, evictions, out_of_service, tolerations_of
from webapp.failure.nodelifecycle import (
    Lifecycle,
    lifecycle,
    lost_node,
    not_ready_before,
    zone_key,
)
from webapp.failure.replacement import Controllers, Leaving, Reaction, pending_notes, reaction_to
from webapp.failure.state import NEW, PodFate, PodState, PodStates, with_fate
from webapp.numbers import some
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a crash has come to once all evictions are over and what is re-created has its place."""

    pods: Mapping[PodKey, PodState]
    """The pods that are changed, and those that are new. Where a pod of the same name came back (a StatefulSet's) the
    key stands for the new one."""
    gone: frozenset[PodKey] = frozenset()
    """Pods whose object is no more: they are no endpoints. The others that were evicted stay Terminating."""
    notes: tuple[str, ...] = ()


def rescheduled(
    cluster: Cluster,
    lost_nodes: Collection[str],
    *,
    dead_pods: Collection[PodKey] = (),
    unready_pods: Collection[PodKey] = (),
    returned_nodes: Collection[str] = (),
    control_plane_up: bool = True,
) -> Recovery:
    """Return what happens to the pods on lost nodes, and to pods that died or were deleted on living ones.

    `unready_pods` hang, and nothing recreates them: a StatefulSet waits for them all the same.
    `lost_nodes` are those the control plane can't see, crashed or cut off; `returned_nodes` were lost and are back
    after their pods were moved. Pods are evicted by their tolerations, node after node by the zone's rate; then each
    controller does what it does (Kubernetes, Nodes; Taints and Tolerations; Force Delete StatefulSet Pods).
    Complexity: the pods of the lost nodes, and one pass over all pods for the scheduler.
    """
    away = frozenset(lost_nodes) | frozenset(returned_nodes)
    before = not_ready_before(cluster.nodes, away)
    life = lifecycle(cluster.nodes, away | before, cluster.options.minor_version, control_plane_up=control_plane_up)
    if life.expected is None:
        return Recovery(pods={}, notes=life.notes)
    crash = _Crash(cluster, life, evictions(cluster, life, before))
    fates = crash.fates()
    # What stays on a node that was NotReady before is no consequence of this failure.
    evicted = {key: fate for key, fate in fates.items() if fate is not PodFate.LOST or crash.node_of[key] not in before}
    deleted = [pod for key in sorted(dead_pods, key=natural) if (pod := _deletable(cluster, key, away))]
    crashed = PodStates(evicted, {}, crash.state)
    pods, gone = _resettled(crash, crashed, deleted, unready_pods, frozenset(lost_nodes), frozenset(returned_nodes))
    return Recovery(
        pods=pods,
        gone=gone,
        notes=(
            *life.notes,
            *_evicted_meanwhile({node for key in evicted if (node := crash.node_of[key]) in before}),
            *_return_notes(returned_nodes),
            *pending_notes(pods),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Crash:
    """The pods on lost nodes, and what happens to each; its state is made when somebody asks for it."""

    cluster: Cluster
    life: Lifecycle
    after: Mapping[PodKey, float | None]
    """Seconds from detection to the deletion of each, None for never."""
    node_of: Mapping[PodKey, str] = field(init=False)

    def __post_init__(self) -> None:
        """Find the node of each."""
        on = self.cluster.pods_on
        where = {key: name for name in self.life.tainted_after for key in on.get(name, ()) if key in self.after}
        object.__setattr__(self, "node_of", where)

    def fates(self) -> dict[PodKey, PodFate]:
        """Return what happens to each, in the order in which they are evicted: first by time, then by name."""
        after, known = self.after, dict[tuple[int, bool, bool], PodFate]()
        forced = {name for name in self.life.tainted_after if out_of_service(self.cluster.nodes.get(name))}
        found: dict[PodKey, PodFate] = {}
        for key in sorted(in_order(self.cluster.pods, after), key=lambda key: _turn(after[key])):
            pod = first_of(run_of(self.cluster.pods, key))
            # The pods of 10,000 workloads on one node share nothing else that decides.
            what = id(pod), after[key] is None, self.node_of[key] in forced
            if what not in known:
                known[what] = self._fate(pod, after[key], forced=what[2])[0]
            found[key] = known[what]
        return found

    def state(self, key: PodKey) -> PodState:
        """Return what happens to one of them."""
        pod, node = self.cluster.pods[key], self.cluster.nodes.get(self.node_of[key])
        fate, reason = self._fate(pod, self.after[key], forced=out_of_service(node))
        unready = changed(pod, ready=False, terminating=pod.terminating or fate is not PodFate.LOST)
        return PodState(pod=unready, fate=fate, from_node=pod.node, reason=reason)

    def _fate(self, pod: Pod, after: float | None, *, forced: bool) -> tuple[PodFate, str]:
        return _fate(pod, reaction_to(pod, self.cluster.pod_replacement_policies), after, self.life, forced=forced)


class Replacements:
    """When the controllers of a cluster replace a pod whose node alone is lost; asked for many pods."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._planes = frozenset(name for name, node in cluster.nodes.items() if node.control_plane)
        self._lives: dict[object, tuple[int | None, float | None]] = {}

    def seconds(self, pod: Pod) -> float | None:
        """Return the seconds from the loss of the pod's node to when another is made; None for never by itself."""
        node = self._cluster.nodes.get(pod.node or "")
        if node is None or reaction_to(pod, self._cluster.pod_replacement_policies) is not Reaction.REPLACES:
            return None
        expected, tainted = self._life(node)
        after = evict_after(lost_node(node).taints, tolerations_of(pod))
        return None if expected is None or tainted is None or after is None else expected + tainted + after

    def _life(self, node: Node) -> tuple[int | None, float | None]:
        """Return when the loss of a node is detected, and when its taint follows: the same for all of one zone."""
        alone = self._planes == {node.name}
        # Nothing else of a node enters the life cycle, so 5,000 nodes need a handful of answers.
        key = (zone_key(node), node.ready, alone)
        if key not in self._lives:
            nodes, minor = self._cluster.nodes, self._cluster.options.minor_version
            life = lifecycle(nodes, {node.name}, minor, control_plane_up=not alone)
            self._lives[key] = life.expected, life.tainted_after[node.name]
        return self._lives[key]


def _turn(after: float | None) -> float:
    """Return the sort key of evictions: first those that come first."""
    return inf if after is None else after


def _fate(pod: Pod, reaction: Reaction, after: float | None, life: Lifecycle, *, forced: bool) -> tuple[PodFate, str]:
    if not pod.terminating and (pod.static or after is None):
        return PodFate.LOST, _kept(pod, reaction, life)
    what = "It was being deleted already" if pod.terminating else f"Marked for deletion {after:g} s after detection"
    # PodGC deletes without asking the kubelet, which is why the taint is for nodes that are surely off (KEP-2268).
    if forced:
        return _forced(f"{what}; {pod.node} is tainted out-of-service, so PodGC force deletes it.", pod, reaction)
    if pod.terminating:
        return PodFate.STUCK, f"{what}; only the kubelet of {pod.node} can finish that."
    return _marked(f"{after:g} s after detection", pod, reaction)


def _marked(when: str, pod: Pod, reaction: Reaction) -> tuple[PodFate, str]:
    """Return what happens to a pod that is marked for deletion while its kubelet cannot finish that."""
    match reaction:
        case Reaction.STAYS:
            return PodFate.STUCK, f"Marked for deletion {when}: it does not tolerate a taint of its node. {_NO_DAEMON}"
        case Reaction.WAITS:
            return PodFate.STUCK, (
                f"Marked for deletion {when}; {_named(pod)} creates no other until this one is gone: until the node is "
                "back, its Node object is deleted, the pod is force deleted, or the node is tainted out-of-service."
            )
        case Reaction.NOTHING:
            return PodFate.GONE, f"Deleted {when}; it has no controller, so nothing creates another."
    return PodFate.EVICTED, f"Evicted {when}; {_named(pod)} creates another, this one stays Terminating."


_NO_DAEMON = "The DaemonSet creates no other for a node with such a taint."


def _forced(what: str, pod: Pod, reaction: Reaction) -> tuple[PodFate, str]:
    """Return what happens once the object of a pod is gone that terminated on a node tainted out-of-service."""
    if reaction is Reaction.STAYS:
        return PodFate.GONE, f"{what} {_NO_DAEMON}"
    if reaction is Reaction.NOTHING:
        return PodFate.GONE, f"{what} It has no controller, so nothing creates another."
    if pod.terminating and reaction is Reaction.REPLACES:
        return PodFate.GONE, f"{what} {_named(pod)} has already created another."
    return PodFate.EVICTED, f"{what} {_named(pod)} creates another."


def _kept(pod: Pod, reaction: Reaction, life: Lifecycle) -> str:
    if reaction is Reaction.STAYS:
        whose = "A static pod" if pod.static else "A DaemonSet's pod"
        return f"{whose} stays bound to its node and comes back with it."
    if life.tainted_after.get(pod.node or "") is None:
        return "No pod is evicted from its node: too many nodes are not ready at once."
    return "It tolerates node.kubernetes.io/unreachable without a time limit, so it stays."


def _named(pod: Pod) -> str:
    return f"{pod.owner.kind} {pod.owner.name}" if pod.owner else "its controller"


def _deletable(cluster: Cluster, key: PodKey, away: Collection[str]) -> Pod | None:
    """Return a pod that died on a living node; what is on a lost one shares the node's fate."""
    pod = cluster.pods.get(key)
    return None if pod is None or pod.node in away or pod.phase in FINISHED else pod


def _resettled(
    crash: _Crash,
    crashed: PodStates,
    deleted: Sequence[Pod],
    unready: Collection[PodKey],
    lost: Collection[str],
    returned: Collection[str],
) -> tuple[PodStates, frozenset[PodKey]]:
    """Return all pods that are changed or new, and those whose objects are gone."""
    cluster = crash.cluster
    states = crashed.updated(map(_deleted, deleted))
    gone = {pod.key for pod in deleted} | set(_force_deleted(crash, crashed))
    evicted = [
        Leaving(key, crash.node_of[key], first_of(run_of(cluster.pods, key)))
        for key, fate in crashed.fates.items()
        if fate is PodFate.EVICTED
    ]
    # A deleted pod is replaced at once, an evicted one only after its toleration: in this order they ask for room.
    dead = (Leaving.of(pod) for pod in deleted if states.fates[pod.key] is PodFate.EVICTED)
    leaving = [*dead, *evicted]
    if leaving or returned:
        controllers = Controllers.of(
            cluster, _seen(cluster, (*lost, *returned)), _changed_pods(cluster, crash, crashed, unready)
        )
        # The others stay Terminating on the lost node, and kube-scheduler still counts what they request there.
        controllers.remove(gone)
        states = states.updated(controllers.fill(controllers.owed(leaving)))
        if returned:
            there = [key for key in crashed if crash.node_of[key] in returned and key not in gone]
            states, finished = _after_return(cluster, controllers, states, _seen(cluster, lost), there)
            gone |= finished
        # Victims of preemption run on living nodes, so their kubelets end them.
        gone |= {key for key, fate in states.fates.items() if fate is PodFate.PREEMPTED}
    return states, frozenset(key for key in gone if states.fates[key] not in NEW)


def _changed_pods(cluster: Cluster, crash: _Crash, crashed: PodStates, unready: Collection[PodKey]) -> ChangedPods:
    """Return the pods once those on lost nodes have crashed and the unready hang."""
    pods = {key: replace(cluster.pods[key], ready=False) for key in unready if key in cluster.pods}
    together: dict[tuple[PlacedReplicas, bool], list[PodKey]] = defaultdict(list)
    for key, fate in crashed.fates.items():
        run = run_of(cluster.pods, key)
        if isinstance(run, PlacedReplicas):
            pods.pop(key, None)
            together[run, fate is not PodFate.LOST].append(key)
        else:
            pods[key] = crashed[key].pod
    away = frozenset(crash.life.tainted_after)
    replicas: dict[PodKey, PlacedReplicas] = {}
    for (run, terminating), keys in together.items():
        replicas |= dict.fromkeys(keys, replace(run.only(set(keys)), not_ready=away, terminating=terminating))
    return ChangedPods(cluster.pods, pods, replicas=replicas)


def _force_deleted(crash: _Crash, crashed: PodStates) -> Iterator[PodKey]:
    """Yield the pods that terminate on nodes which are tainted out-of-service."""
    for name in crash.life.tainted_after:
        if out_of_service(crash.cluster.nodes.get(name)):
            there = crash.cluster.pods_on.get(name, ())
            yield from (key for key in there if key in crashed and crashed[key].pod.terminating)


def _after_return(
    cluster: Cluster, controllers: Controllers, states: PodStates, nodes: Mapping[str, Node], there: Collection[PodKey]
) -> tuple[PodStates, set[PodKey]]:
    """Return the states once the kubelets of the returned nodes have finished what was marked for deletion.

    Of the pods `there`, what was not marked is ready again. What waited for an end is recreated, what was pending may
    fit now. Nothing else moves: running pods are never rebalanced (Kubernetes, Pod Topology Spread Constraints, Known
    limitations).
    """
    finished = {key for key in there if states[key].pod.terminating}
    # A StatefulSet creates its pod again only now that the old one is really gone.
    waited = [
        Leaving.of(cluster.pods[key]) for key in there if states.fates[key] is PodFate.STUCK and _waits(cluster, key)
    ]
    back = {key for key in there if key not in finished}
    later = controllers.moved_to(nodes, back)
    later.remove(finished)
    new = later.fill(waited, [state.pod for state in with_fate(states, {PodFate.PENDING})])
    return states.updated(new, without=back), finished


def _waits(cluster: Cluster, key: PodKey) -> bool:
    return reaction_to(cluster.pods[key], cluster.pod_replacement_policies) is Reaction.WAITS


def _seen(cluster: Cluster, lost: Iterable[str]) -> dict[str, Node]:
    """Return the nodes as the API server shows them, the lost ones tainted."""
    return {**cluster.nodes, **{name: lost_node(cluster.nodes[name]) for name in lost}}


def _deleted(pod: Pod) -> PodState:
    """Return what happens to a pod whose object is deleted on a living node."""
    if pod.static or pod.controlled:
        fate, reason = PodFate.EVICTED, f"Deleted; {_named(pod)} creates another."
    else:
        fate, reason = PodFate.GONE, "Deleted; it has no controller, so nothing creates another."
    return PodState(pod=replace(pod, ready=False, terminating=True), fate=fate, from_node=pod.node, reason=reason)


def _evicted_meanwhile(nodes: Collection[str]) -> Iterator[str]:
    """Yield a sentence on pods that leave nodes which the Scenario doesn't take down."""
    if nodes:
        names = sorted(nodes, key=natural)
        yield f"{some(names)} {'was' if len(names) == 1 else 'were'} NotReady before: pods there are evicted meanwhile."


def _return_notes(returned: Iterable[str]) -> Iterator[str]:
    for name in sorted(returned, key=natural):
        yield f"{name} is back: what was evicted from it is gone permanently, and no running pod moves back by itself."
