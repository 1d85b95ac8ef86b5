"""Nodes: those that were uploaded, or the ones assumed in their stead."""

from collections.abc import Iterable, Iterator

from webapp.cluster.model import Node
from webapp.cluster.options import ClusterOptions
from webapp.cluster.order import natural
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import NodeObject

ZONE_LABEL = "topology.kubernetes.io/zone"
REGION_LABEL = "topology.kubernetes.io/region"
_OLD_ZONE_LABEL = "failure-domain.beta.kubernetes.io/zone"
_OLD_REGION_LABEL = "failure-domain.beta.kubernetes.io/region"
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
UNLIMITED = {"cpu": "1000000", "memory": "1Pi", "ephemeral-storage": "1Pi", "pods": "110"}
"""Stands in for the allocatable of a given Node whose manifest says nothing of its capacity."""
_KUBELET = {
    f"{prefix}kubernetes.io/{key}": value
    for prefix in ("", "beta.")
    for key, value in (("os", "linux"), ("arch", "amd64"))
}
"""What every kubelet on Linux sets (Kubernetes, "Well-Known Labels, Annotations and Taints")."""
MAX_ASSUMED_NODES = 5000
"""What Kubernetes supports (SIG Scalability thresholds); more would only be a slip of the keyboard."""


def node_of(given: NodeObject) -> Node:
    """Return the node of a Node object.

    The zone is the well-known label, else its beta predecessor (Kubernetes' "Well-Known Labels" reference).
    """
    labels, status = given.metadata.labels, given.status
    by_type = {
        kind: tuple(a.address for a in status.addresses if a.type == kind) for kind in ("InternalIP", "ExternalIP")
    }
    ready = next((c.status for c in status.conditions if c.type == "Ready"), "True")
    roles = {taint.key for taint in given.spec.taints} | labels.keys()
    return Node(
        name=given.metadata.name,
        labels=labels,
        zone=labels.get(ZONE_LABEL) or labels.get(_OLD_ZONE_LABEL) or None,
        region=labels.get(REGION_LABEL) or labels.get(_OLD_REGION_LABEL) or None,
        internal_ips=by_type["InternalIP"],
        external_ips=by_type["ExternalIP"],
        taints=given.spec.taints,
        unschedulable=bool(given.spec.unschedulable),
        ready=ready == "True",
        allocatable=status.allocatable or status.capacity or UNLIMITED,
        control_plane=any(role in roles for role in _CONTROL_PLANE),
    )


def named_nodes(manifests: Manifests) -> tuple[str, ...]:
    """Return the node names that pods, workloads and endpoints mention, in natural order."""
    return tuple(sorted(set(filter(None, _mentions(manifests))), key=natural))


def _mentions(manifests: Manifests) -> Iterator[str | None]:
    yield from (pod.spec.node_name for pod in manifests.pods)
    yield from (work.spec.template.spec.node_name for work in manifests.workloads if work.spec.template)
    yield from (endpoint.node_name for part in manifests.endpoint_slices for endpoint in part.endpoints)
    for endpoints in manifests.endpoints:
        for subset in endpoints.subsets:
            yield from (address.node_name for address in (*subset.addresses, *subset.not_ready_addresses))


def assumed_nodes(named: Iterable[str], options: ClusterOptions) -> tuple[Node, ...]:
    """Return the nodes assumed where no Node was uploaded: the names met, then the user's, then node-1, node-2 ...

    They have no zone, no address and no role, but the labels that every kubelet sets, and take any pod (up to the
    kubelet's 110).
    """
    names = dict.fromkeys((*named, *options.node_names))
    wanted = min(max(options.assume_nodes, len(options.node_names), 1), MAX_ASSUMED_NODES)
    number = 0
    while len(names) < wanted:
        number += 1
        names.setdefault(f"node-{number}")
    return tuple(Node(name=name, labels={"kubernetes.io/hostname": name} | _KUBELET, assumed=True) for name in names)
