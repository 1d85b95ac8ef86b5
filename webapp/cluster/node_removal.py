"""What if: a node deleted, as by ``kubectl delete node``, its machine gone.

The pod garbage collector deletes the pods that were bound to it (pkg/controller/podgc/gc_controller.go, gcOrphaned);
what their controllers then make again, kube-scheduler places on the nodes that are left. A DaemonSet's pod and a bare
pod go with their node.
"""

from collections.abc import Iterator, Set
from dataclasses import replace

from webapp.cluster.model import FINISHED
from webapp.cluster.pods import controller_of
from webapp.cluster.rescaling import selecting, without_slices
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import PodObject

_GO_WITH_IT = ("DaemonSet", "Node")
"""Controllers that make no pod again elsewhere; the kubelet's static pods have their Node as owner."""


def with_nodes_deleted(manifests: Manifests, names: Set[str]) -> Manifests:
    """Return the manifests without these nodes, and with the pods of a dump as their controllers make them again."""
    if not names:
        return manifests
    nodes = tuple(node for node in manifests.nodes if node.metadata.name not in names)
    gone = [pod for pod in manifests.pods if pod.spec.node_name in names]
    if not gone:
        return replace(manifests, nodes=nodes)
    stale = selecting(manifests, [(pod.metadata.effective_namespace, pod.metadata.labels) for pod in gone])
    return replace(without_slices(manifests, frozenset(stale)), nodes=nodes, pods=tuple(_left(manifests.pods, names)))


def _left(pods: tuple[PodObject, ...], names: Set[str]) -> Iterator[PodObject]:
    for pod in pods:
        if pod.spec.node_name not in names:
            yield pod
        elif _is_made_again(pod):
            yield _again(pod)


def _again(pod: PodObject) -> PodObject:
    """Return another object of the same template, which the scheduler has yet to place."""
    # It goes through admission, and trimmed dumps lack what that asks for.
    owners = tuple(replace(its, api_version=its.api_version or "apps/v1") for its in pod.metadata.owner_references)
    meta = replace(pod.metadata, owner_references=owners, deletion_timestamp=None)
    return replace(pod, metadata=meta, spec=replace(pod.spec, node_name=None), status=None)


def _is_made_again(pod: PodObject) -> bool:
    owner = controller_of(pod.metadata)
    finished = pod.status is not None and pod.status.phase in FINISHED
    return owner is not None and owner.kind not in _GO_WITH_IT and not finished
