"""On which nodes a DaemonSet runs its pods."""

from collections.abc import Iterable
from dataclasses import replace

from webapp.cluster.model import Node, Pod
from webapp.cluster.scheduling.selectors import required_nodes
from webapp.cluster.scheduling.taints import untolerated
from webapp.manifests.objects import PodSpec, Toleration

_NODE_TROUBLE = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
_NO_NETWORK = ("node.kubernetes.io/network-unavailable", "NoSchedule")


def is_daemon(pod: Pod) -> bool:
    """Return whether the pod is one that a DaemonSet has tied to its node: the scheduler only says if it fits there.

    A template that names a node sends its pods past the scheduler, a DaemonSet's too.
    """
    return pod.owner is not None and pod.owner.kind == "DaemonSet" and bool(pod.node) and not pod.spec.node_name


def daemon_spec(spec: PodSpec) -> PodSpec:
    """Return the spec of the DaemonSet's pods: the template's with the tolerations that the controller adds."""
    # AddOrUpdateDaemonPodTolerations (pkg/controller/daemon/util/daemonset_util.go).
    taints = (*_NODE_TROUBLE, _NO_NETWORK) if spec.host_network else _NODE_TROUBLE
    added = (Toleration(key=key, operator="Exists", effect=effect) for key, effect in taints)
    return replace(spec, tolerations=(*spec.tolerations, *added))


def daemonset_nodes(pod: Pod, nodes: Iterable[Node]) -> dict[str, tuple[bool, bool]]:
    """Return for each node whether a DaemonSet with this template should run there, and may go on running there."""
    # NodeShouldRunDaemonPod (pkg/controller/daemon/daemon_controller.go): node name, node selector and affinity decide
    # both; NoSchedule and NoExecute taints that aren't tolerated keep new pods away, only NoExecute ends running ones.
    # Neither cordoning (that taint is tolerated) nor resources count: where a pod doesn't fit it is created and stays
    # pending.
    spec = daemon_spec(pod.spec)
    required = required_nodes(spec)

    def decide(node: Node) -> tuple[bool, bool]:
        if spec.node_name not in (None, "", node.name) or not required.matches(node.name, node.labels):
            return False, False
        runs = not untolerated(spec.tolerations, node.taints)
        return runs, runs or not untolerated(spec.tolerations, node.taints, ("NoExecute",))

    return {node.name: decide(node) for node in nodes}
