"""All pods of a cluster: the given ones, those that workloads would have, and where they run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from webapp.cluster.adoption import NONE, adoption
from webapp.cluster.model import Node, Pod, PodKey, Service
from webapp.cluster.nodes import open_to_new_pods
from webapp.cluster.order import natural
from webapp.cluster.pods import PodNames, daemon_pod, expandable, owners_of, pod_of, ref_of, replica_pods
from webapp.cluster.scheduling import Placement, Schedule, daemonset_nodes
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import WorkloadObject


def placed_pods(
    manifests: Manifests,
    nodes: Mapping[str, Node],
    services: Sequence[Service],
    made_up: Iterable[WorkloadObject] = (),
) -> dict[PodKey, Pod]:
    """Return all pods in natural order, each with its node, or with the reason why it has none.

    Pods with a node, and pods of a dump, stay as they are given; then DaemonSets get theirs, then kube-scheduler
    places the rest, the pods of made-up workloads last: they take no room from those that were given.
    """
    owners = owners_of(manifests.workloads)
    given = sorted((pod_of(pod, owners) for pod in manifests.pods), key=lambda pod: natural(pod.key))
    names = PodNames({pod.key for pod in given})
    workloads = expandable(manifests, owners, frozenset(pod.owner for pod in given if pod.owner))
    orphans = adoption(given, workloads)
    places = {node.name: node for node in open_to_new_pods(nodes.values())}
    daemons = [pod for w in workloads if w.kind == "DaemonSet" for pod in _daemon_pods(w, places, names)]
    has = orphans.adopted.get
    replicas = [p for w in workloads if w.kind != "DaemonSet" for p in replica_pods(w, names, has(ref_of(w), NONE))]
    settled = [pod for pod in (*orphans.pods, *replicas) if _settled(pod)]
    waiting = [pod for pod in (*orphans.pods, *replicas) if not _settled(pod)]
    schedule = Schedule(places.values(), settled, manifests.namespaces, services)
    pods = [*settled, *_placed(daemons, waiting, schedule)]
    assumed = [pod for workload in made_up for pod in replica_pods(workload, names)]
    pods += _bound(assumed, schedule.place_many(assumed) if assumed else ())
    seen = (_as_marked(pod, nodes) for pod in pods)
    return dict(sorted(((pod.key, pod) for pod in seen), key=lambda item: natural(item[0])))


def _as_marked(pod: Pod, nodes: Mapping[str, Node]) -> Pod:
    """Return the pod not ready where nodefall made it on a node that is not Ready; a dump says so itself.

    The node lifecycle controller turns Ready to False on all pods of such a node (MarkPodsNotReady).
    """
    lost = pod.assumed and pod.node is not None and pod.node in nodes and not nodes[pod.node].ready
    return replace(pod, ready=False) if lost else pod


def _settled(pod: Pod) -> bool:
    """Return whether the scheduler has nothing to do with the pod: it has a node, or a dump says how it is."""
    return pod.node is not None or not pod.assumed


def _daemon_pods(workload: WorkloadObject, nodes: Mapping[str, Node], names: PodNames) -> Iterator[Pod]:
    """Yield one pod for each node that the DaemonSet controller chooses."""
    if workload.spec.template is None:
        return
    namespace, name = workload.metadata.namespace or "default", workload.metadata.name
    decided = daemonset_nodes(Pod(namespace=namespace, name=name, spec=workload.spec.template.spec), nodes.values())
    for node in nodes.values():
        if decided[node.name][0]:
            yield daemon_pod(workload, node, names)


def _placed(daemons: Sequence[Pod], waiting: Sequence[Pod], schedule: Schedule) -> Iterator[Pod]:
    """Yield the pods where the scheduler puts them; a DaemonSet's pod that doesn't fit on its node is pending, too."""
    yield from _bound(daemons, schedule.place_daemons(daemons) if daemons else ())
    yield from _bound(waiting, schedule.place_many(waiting) if waiting else ())


def _bound(pods: Sequence[Pod], placements: Iterable[Placement]) -> Iterator[Pod]:
    for pod, at in zip(pods, placements, strict=True):
        phase = "Running" if at.node else "Pending"
        yield replace(pod, node=at.node, phase=phase, ready=at.node is not None, pending=at.message)
