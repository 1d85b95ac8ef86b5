"""What if: a pod on another node, all others where they are.

No manifest says so of a pod that a workload makes; it is as if the scheduler had chosen the other node for that one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from webapp.cluster.model import Node, Pod, PodKey
from webapp.cluster.pod_map import PodMap, Run
from webapp.cluster.quick import changed
from webapp.cluster.replicas import PlacedReplicas
from webapp.cluster.rescaling import selecting, without_slices
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import PodObject

Moves = tuple[tuple[PodKey, str], ...]
"""By pod the node that it is on instead."""


def with_moved_pods(manifests: Manifests, moves: Moves) -> Manifests:
    """Return the manifests with pods of a dump on other nodes, and without what the slices said of them."""
    nodes = dict(moves)
    moved = [pod for pod in manifests.pods if pod.metadata.key in nodes] if nodes else []
    if not moved:
        return manifests
    stale = selecting(manifests, [(pod.metadata.effective_namespace, pod.metadata.labels) for pod in moved])
    return replace(
        without_slices(manifests, frozenset(stale)),
        pods=tuple(_on(pod, nodes.get(pod.metadata.key)) for pod in manifests.pods),
    )


def _on(pod: PodObject, node: str | None) -> PodObject:
    if node is None:
        return pod
    # Its addresses were of the other node's range, and are kept: nothing that is computed depends on them.
    status = pod.status and replace(pod.status, host_ip=None, host_ips=())
    return replace(pod, spec=replace(pod.spec, node_name=node), status=status)


def with_moved(pods: PodMap, moves: Moves, nodes: Mapping[str, Node], manifests: Manifests) -> PodMap:
    """Return the pods of a cluster with some of those that no manifest gives on other nodes."""
    wanted = {key: name for key, name in moves if key in pods and name in nodes}
    for pod in manifests.pods if wanted else ():
        wanted.pop(pod.metadata.key, None)
    if not wanted:
        return pods
    single: list[Pod] = []
    together: list[PlacedReplicas] = []
    for run in pods.runs:
        for each in _moved(run, wanted, nodes):
            if isinstance(each, Pod):
                single.append(each)
            else:
                together.append(each)
    return PodMap(single, together)


def _moved(run: Run, wanted: Mapping[PodKey, str], nodes: Mapping[str, Node]) -> Iterator[Run]:
    if isinstance(run, PlacedReplicas):
        yield run.moved(wanted)
    elif run.key in wanted:
        name = wanted[run.key]
        yield changed(run, node=name, phase="Running", ready=nodes[name].ready, pending="", rejected="")
    else:
        yield run
