"""Taint eviction: after how many seconds a pod is deleted because of its node's NoExecute taints.

Which taints a node gets, and when, is :mod:`webapp.failure.nodelifecycle`; what replaces the pod is
:mod:`webapp.failure.recovery`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from webapp.cluster.model import FINISHED, Cluster, Node, Pod, PodKey
from webapp.cluster.pod_map import first_of, run_of
from webapp.cluster.scheduling.taints import NOT_READY, UNREACHABLE, pod_tolerations, tolerates
from webapp.failure.nodelifecycle import Lifecycle, lost_node
from webapp.manifests.objects import Taint, Toleration

NO_EXECUTE = "NoExecute"
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


def evict_after(taints: Iterable[Taint], tolerations: Sequence[Toleration]) -> int | None:
    """Return the seconds from the taints to the pod's deletion: 0 at once, None never.

    Each NoExecute taint must be tolerated, else the pod goes at once; of the tolerations used (the first that matches
    each taint) the least tolerationSeconds counts, and none at all means forever. Without such a taint nothing
    happens, and what was under way is cancelled (pkg/controller/tainteviction/taint_eviction.go).
    """
    used: list[Toleration] = []
    for taint in taints:
        if taint.effect != NO_EXECUTE:
            continue
        match = next((toleration for toleration in tolerations if tolerates(toleration, taint)), None)
        # The taint manager doesn't wait for the other taints: one that is not tolerated is enough.
        if match is None:
            return 0
        used.append(match)
    # Zero and negative seconds both mean at once (core/v1 Toleration).
    limits = (max(t.toleration_seconds, 0) for t in used if t.toleration_seconds is not None)
    return min(limits, default=None)


def tolerations_of(pod: Pod) -> tuple[Toleration, ...]:
    """Return the tolerations with which the pod really runs.

    The DaemonSet controller lets its pods tolerate not-ready and unreachable forever (pkg/controller/daemon/util), the
    kubelet lets static pods tolerate every NoExecute taint (pkg/kubelet/config/common.go); all others get 300 seconds
    where they say nothing.
    """
    given = pod.spec.tolerations
    # The kubelet adds this toleration when it reads the pod from its disk.
    if pod.static:
        return (Toleration(operator="Exists", effect=NO_EXECUTE), *given)
    if pod.owner is not None and pod.owner.kind == "DaemonSet":
        return (*map(_forever, (NOT_READY, UNREACHABLE)), *given)
    return pod_tolerations(pod.spec)


def evictions(cluster: Cluster, lifecycle: Lifecycle, before: Collection[str] = ()) -> Mapping[PodKey, float | None]:
    """Return for each unfinished pod of the lost nodes the seconds from detection to its deletion, None for never.

    Nodes that were not Ready `before` keep the taints that they have; their pods go at the latest after that time.

    Taints that the manifests give the node (out-of-service, say) don't wait for the controller's turn, nor do the
    zone's brakes hold them.
    """
    found: dict[PodKey, float | None] = {}
    # Thousands of replicas on nodes with the same taints have the same answer; only the nodes' turns differ.
    by_taints: dict[tuple[Taint, ...], dict[object, int | None]] = defaultdict(dict)
    for name, tainted_after in lifecycle.tainted_after.items():
        node = cluster.nodes[name]
        # Taints that an administrator or a cloud sets are there from the start; only the controller's own come one by
        # one.
        given = tuple(taint for taint in node.taints if taint.key not in (NOT_READY, UNREACHABLE))
        evicting = any(taint.effect == NO_EXECUTE for taint in given)
        turns = [(0.0, given, by_taints[given])] if evicting else []
        if tainted_after is not None:
            tainted = (node if name in before else lost_node(node)).taints
            turns.append((tainted_after, tainted, by_taints[tainted]))
        for key in cluster.pods_on.get(name, ()):
            pod = first_of(run_of(cluster.pods, key))
            if pod.phase not in FINISHED:
                after = [(turn, _evict_after(pod, taints, known)) for turn, taints, known in turns]
                found[key] = min([turn + seconds for turn, seconds in after if seconds is not None], default=None)
    return found


def _evict_after(pod: Pod, taints: tuple[Taint, ...], known: dict[object, int | None]) -> int | None:
    """Return the same as :func:`evict_after`, once for all pods that tolerate the same."""
    tolerating = id(pod.spec), pod.static, pod.owner.kind if pod.owner else ""
    if tolerating not in known:
        known[tolerating] = evict_after(taints, tolerations_of(pod))
    return known[tolerating]


def out_of_service(node: Node | None) -> bool:
    """Return whether PodGC force-deletes what terminates on the node once it is not ready.

    Any effect and value will do (gcTerminating, pkg/controller/podgc/gc_controller.go; KEP-2268).
    """
    return node is not None and any(taint.key == OUT_OF_SERVICE for taint in node.taints)


def _forever(key: str) -> Toleration:
    return Toleration(key=key, operator="Exists", effect=NO_EXECUTE)
