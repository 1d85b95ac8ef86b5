"""From manifests to the Cluster: accept services, make pods, place them, list endpoints."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import TypeVar

from webapp.cluster.admission import admit_others, admit_services, refused_objects
from webapp.cluster.endpoints import GivenEndpoints, PodIndex, endpoints_of, family, given_endpoints, index_pods
from webapp.cluster.model import Cluster, Node, Pod, PodKey, Service, ServiceKey, WorkloadRef
from webapp.cluster.nodes import MAX_ASSUMED_NODES, UNLIMITED, assumed_nodes, named_nodes, node_of
from webapp.cluster.options import ClusterOptions
from webapp.cluster.order import natural
from webapp.cluster.pods import (
    MAX_PODS,
    Owners,
    PodNames,
    daemon_pod,
    expandable,
    owners_of,
    pod_of,
    ref_of,
    replica_pods,
    replicas,
)
from webapp.cluster.scheduling import Schedule, daemonset_nodes
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    EndpointSliceObject,
    EndpointsObject,
    PodDisruptionBudgetObject,
    PodObject,
    WorkloadObject,
)
from webapp.manifests.problems import Problem, Severity

_Object = TypeVar("_Object", PodObject, WorkloadObject, EndpointsObject, EndpointSliceObject, PodDisruptionBudgetObject)


def build(manifests: Manifests, options: ClusterOptions | None = None) -> Cluster:
    """Return the cluster that the manifests describe, before any failure.

    The same manifests in another order give the same cluster. What was left open is in `assumptions`. What the API
    server refuses does not exist, but for services: they are kept, refused.
    """
    options = options or ClusterOptions()
    nodes = _nodes(manifests, options)
    admitted = admit_services(manifests.services, manifests.undecodable, options, _families(nodes))
    others = admit_others(manifests, options)
    manifests = _accepted(manifests, refused_objects(others) | manifests.undecodable.keys())
    pods, wanted = _pods(manifests, nodes, admitted.services)
    services = _with_endpoints(admitted.services, index_pods(pods), given_endpoints(manifests), nodes)
    assumptions = tuple(_assumptions(manifests, nodes, pods, services, options))
    return Cluster(
        nodes=nodes,
        pods=pods,
        services=services,
        workload_replicas=wanted,
        pod_replacement_policies={
            ref_of(w): w.spec.pod_replacement_policy for w in manifests.workloads if w.spec.pod_replacement_policy
        },
        bound_workloads=frozenset(
            ref_of(w) for w in manifests.workloads if w.spec.template and w.spec.template.spec.node_name
        ),
        pods_on=_pods_on(pods),
        services_of=_services_of(services),
        namespaces=manifests.namespaces,
        pod_disruption_budgets=manifests.pod_disruption_budgets,
        options=options,
        assumptions=tuple(problem.message for problem in assumptions),
        problems=(*manifests.problems, *admitted.problems, *others, *assumptions),
    )


def _accepted(manifests: Manifests, refused: Set[str]) -> Manifests:
    """Return the manifests without those pods, workloads, budgets and endpoints that the API server refuses.

    A pod with a status is in a cluster already: only its dump is not whole.
    """

    def kept(objects: Iterable[_Object]) -> tuple[_Object, ...]:
        return tuple(o for o in objects if f"{o.kind} {o.metadata.namespace}/{o.metadata.name}" not in refused)

    if not refused:
        return manifests
    return replace(
        manifests,
        pods=tuple(pod for pod in manifests.pods if (pod.status and pod.status.phase) or kept([pod])),
        workloads=kept(manifests.workloads),
        endpoints=kept(manifests.endpoints),
        endpoint_slices=kept(manifests.endpoint_slices),
        pod_disruption_budgets=kept(manifests.pod_disruption_budgets),
    )


def _families(nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Return the IP families of the cluster, its first one first; IPv4 where no address is known."""
    found = dict.fromkeys(family(address) for node in nodes.values() for address in node.internal_ips)
    return (*found, *(each for each in ("IPv4", "IPv6") if each not in found))


def _nodes(manifests: Manifests, options: ClusterOptions) -> dict[str, Node]:
    given = tuple(map(node_of, manifests.nodes)) or assumed_nodes(named_nodes(manifests), options)
    return {node.name: node for node in sorted(given, key=lambda n: natural(n.name))}


def _pods(
    manifests: Manifests, nodes: Mapping[str, Node], services: Sequence[Service]
) -> tuple[dict[PodKey, Pod], dict[WorkloadRef, int]]:
    """Return all pods, placed, and how many each workload wants."""
    owners = owners_of(manifests.workloads)
    given = sorted((pod_of(pod, owners) for pod in manifests.pods), key=lambda p: natural(p.key))
    made = _made_pods(manifests, owners, given, nodes)
    placed = [pod for pod in (*given, *made) if _settled(pod)]
    waiting = [pod for pod in (*given, *made) if not _settled(pod)]
    pods = {pod.key: pod for pod in (*placed, *_placed(waiting, placed, nodes, manifests, services))}
    wanted = {ref_of(w): replicas(w) for w in manifests.workloads if w.spec.template is not None}
    return dict(sorted(pods.items(), key=lambda item: natural(item[0]))), wanted


def _settled(pod: Pod) -> bool:
    """Return whether the scheduler has nothing to do with the pod: it has a node, or a dump says how it is."""
    return pod.node is not None or not pod.assumed


def _made_pods(manifests: Manifests, owners: Owners, given: Sequence[Pod], nodes: Mapping[str, Node]) -> list[Pod]:
    names = PodNames({pod.key for pod in given})
    owned = frozenset(pod.owner for pod in given if pod.owner)
    workloads = expandable(manifests, owners, owned)
    daemons = (pod for w in workloads if w.kind == "DaemonSet" for pod in _daemon_pods(w, nodes, names))
    replicated = (pod for w in workloads if w.kind != "DaemonSet" for pod in replica_pods(w, names))
    return [*daemons, *replicated]


def _daemon_pods(workload: WorkloadObject, nodes: Mapping[str, Node], names: PodNames) -> Iterable[Pod]:
    if workload.spec.template is None:
        return ()
    probe = Pod(
        namespace=workload.metadata.namespace or "default",
        name=workload.metadata.name,
        spec=workload.spec.template.spec,
    )
    decided = daemonset_nodes(probe, nodes.values())
    return [daemon_pod(workload, node, names) for node in nodes.values() if decided[node.name][0]]


def _placed(
    waiting: Sequence[Pod],
    placed: Sequence[Pod],
    nodes: Mapping[str, Node],
    manifests: Manifests,
    services: Sequence[Service],
) -> Iterable[Pod]:
    if not waiting:
        return ()
    schedule = Schedule(nodes.values(), placed, manifests.namespaces, services)
    placements = schedule.place_many(waiting)
    return [
        replace(pod, node=at.node, phase="Running" if at.node else "Pending", ready=bool(at.node), pending=at.message)
        for pod, at in zip(waiting, placements, strict=True)
    ]


def _with_endpoints(
    services: Sequence[Service], index: PodIndex, given: GivenEndpoints, nodes: Mapping[str, Node]
) -> dict[ServiceKey, Service]:
    def filled(service: Service) -> Service:
        if not service.accepted or service.type == "ExternalName":
            return service
        ports = (replace(p, endpoints=endpoints_of(service, p, index, given, nodes)) for p in service.ports)
        return replace(service, ports=tuple(ports))

    return {service.key: filled(service) for service in sorted(services, key=lambda s: natural(s.key))}


def _pods_on(pods: Mapping[PodKey, Pod]) -> dict[str, tuple[PodKey, ...]]:
    found: dict[str, list[PodKey]] = defaultdict(list)
    for key, pod in pods.items():
        if pod.node is not None:
            found[pod.node].append(key)
    return {node: tuple(keys) for node, keys in found.items()}


def _services_of(services: Mapping[ServiceKey, Service]) -> dict[PodKey, tuple[ServiceKey, ...]]:
    found: dict[PodKey, dict[ServiceKey, None]] = defaultdict(dict)
    for key, service in services.items():
        for port in service.ports:
            for endpoint in port.endpoints:
                if endpoint.pod is not None:
                    found[endpoint.pod][key] = None
    return {pod: tuple(keys) for pod, keys in found.items()}


def _assumptions(
    manifests: Manifests,
    nodes: Mapping[str, Node],
    pods: Mapping[PodKey, Pod],
    services: Mapping[ServiceKey, Service],
    options: ClusterOptions,
) -> Iterable[Problem]:
    """Yield what was assumed, one problem of severity info each (NP3xx)."""
    if not manifests.nodes:
        yield _assumed(
            "NP301",
            f"No Node objects: {len(nodes)} {_plural(len(nodes), 'node was', 'nodes were')} assumed "
            f"({_some(tuple(nodes))}).",
            "Set their number and names, or add the output of `kubectl get nodes -o yaml`.",
        )
    if max(options.assume_nodes, len(options.node_names)) > MAX_ASSUMED_NODES:
        yield _assumed("NP307", f"At most {MAX_ASSUMED_NODES} nodes are assumed.", "Ask for fewer nodes.")
    silent = [node.name for node in nodes.values() if node.allocatable is UNLIMITED]
    if silent:
        yield _assumed(
            "NP302",
            f"{_some(silent)}: nothing says how much fits there; enough cpu and memory for 110 pods were assumed.",
            "Give status.allocatable, as `kubectl get nodes -o yaml` shows it.",
        )
    made = [pod for pod in pods.values() if pod.assumed and pod.owner and pod.node]
    if made:
        yield _assumed(
            "NP303",
            f"{len(made)} {_plural(len(made), 'pod was', 'pods were')} made from the workloads' templates and placed "
            "by kube-scheduler's rules; they are taken to be running and ready.",
            "Add the output of `kubectl get pods -A -o yaml` to see where they really run.",
        )
    pending = [pod.key for pod in pods.values() if pod.assumed and not pod.node]
    if pending:
        yield _assumed(
            "NP304",
            f"{len(pending)} {_plural(len(pending), 'pod fits', 'pods fit')} on no node ({_some(pending)}): "
            f"{pods[pending[0]].pending}",
            "A pending pod has no address and gets no traffic: make room, or change its placement rules.",
        )
    assigned = [key for key, service in services.items() if any(p.node_port_assigned for p in service.ports)]
    if assigned:
        yield _assumed(
            "NP305",
            f"{_some(assigned)}: the nodePort was chosen by nodefall; a cluster picks another at random.",
            "Write spec.ports[].nodePort to fix the number.",
        )
    finished = [w.metadata.name for w in manifests.workloads if w.kind in ("Job", "CronJob")]
    if finished:
        yield _assumed(
            "NP306",
            f"{_some(finished)}: pods of Jobs and CronJobs are taken to have finished, so they get no traffic.",
        )
    if len(pods) >= MAX_PODS:
        yield _assumed("NP308", f"At most {MAX_PODS} pods are made; the rest was left out.", "Ask for fewer replicas.")


def _assumed(code: str, message: str, hint: str = "") -> Problem:
    return Problem(id=code, severity=Severity.INFO, message=message, hint=hint)


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _some(names: Sequence[str], shown: int = 3) -> str:
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")
