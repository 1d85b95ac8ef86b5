"""Rules about where the pods behind an entry point run, and how many there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from webapp.cluster.autoscaling import ReplicaBounds
from webapp.cluster.edits import spread_spec
from webapp.cluster.model import Endpoint, Pod
from webapp.cluster.pods import ref_of
from webapp.cluster.scheduling.ports import host_ports
from webapp.cluster.scheduling.taints import NOT_READY, UNREACHABLE, pod_tolerations
from webapp.failure.eviction import NO_EXECUTE, evict_after
from webapp.findings.facts import Backend, Carrier, Facts, Selected
from webapp.findings.finding import Hit, Subject
from webapp.findings.usable import usable
from webapp.manifests.objects import PodSpec, Taint, Toleration, WorkloadObject
from webapp.numbers import some

_DEFAULT_SECONDS = 300
_MOST_TRIED = 50
"""Patches that are worked out for a note: of several notes of one kind a single patch is shown."""
_REPLICATED = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController", "DeploymentConfig", "Rollout")
_HOSTNAME = "kubernetes.io/hostname"
_ZONE = "topology.kubernetes.io/zone"
_OUTAGE_TAINTS = (UNREACHABLE, NOT_READY)


def one_replica(facts: Facts) -> Iterator[Hit]:
    """Yield what stands behind an entry point with a single pod, unless more of them are wanted.

    When another pod is created follows from the rules of the node lifecycle controller, the pod's tolerations and
    its controller.
    """
    for backend in facts.backends:
        subject, pod = backend.carrier.subject, backend.pods[0]
        services = [s for s in backend.services if len(s.endpoints) < 2 and s.carriers == (backend.carrier,)]
        if len(backend.pods) > 1 or not services or not _may_be_more(pod) or _wanted(facts, subject) > 1:
            continue
        names = ", ".join(s.service.key for s in services)
        yield Hit(
            subject=subject,
            path="spec.replicas" if isinstance(subject, WorkloadObject) else "kind",
            message=f"Only one pod is behind {names}. {_when_replaced(facts, backend.pods)}",
            hint=_second(facts, subject, pod),
            # No edit of the file: only its author knows whether the program works with a second one beside it.
            remedy={"spec": {"replicas": 2}} if _may_have_two(facts, subject, pod) else None,
        )


def all_on_one_node(facts: Facts) -> Iterator[Hit]:
    """Yield workloads behind services whose pods all share one node although there are others."""
    nodes = {name: name for name in facts.cluster.nodes}
    yield from _together(facts, nodes, "on node", _HOSTNAME)


def all_in_one_zone(facts: Facts) -> Iterator[Hit]:
    """Yield workloads behind services whose pods are on several nodes but in one zone, although there are others.

    A node without the label is in no zone, not in one that it shares with others like it.
    """
    zones = {name: node.zone for name, node in facts.cluster.nodes.items() if node.zone}
    yield from _together(facts, zones, "in zone", _ZONE, least_nodes=2)


def nothing_spreads(facts: Facts) -> Iterator[Hit]:
    """Yield workloads of several pods that nothing keeps from sharing one node.

    The default constraints are ScheduleAnyway: a preference (Kubernetes, "Pod Topology Spread Constraints"). Two pods
    with one host port never share a node.
    """
    loose = (its for its in _replicated(facts) if len(its[0].pods) > 1 and not _is_kept_apart(its[0].carrier))
    for number, (backend, workload) in enumerate(loose):
        yield Hit(
            subject=workload,
            path=backend.carrier.spec_path,
            message=f"Nothing keeps its {len(backend.pods)} pods from sharing one node.",
            hint="Add a topology spread constraint over nodes.",
            remedy=_spreading(facts, backend, _HOSTNAME) if number < _MOST_TRIED else None,
        )


def local_without_pods(facts: Facts) -> Iterator[Hit]:
    """Yield NodePort services of policy Local with nodes that have no usable pod: those drop what arrives.

    Node-local endpoints only, and no way to the others; without any endpoint at all the nodes refuse instead
    (Kubernetes, "Virtual IPs and Service Proxies"). A LoadBalancer asks each node's healthCheckNodePort, so there it is
    no fault.
    """
    for selected in facts.exposed:
        service = selected.service
        if service.type != "NodePort" or service.external_traffic_policy != "Local":
            continue
        if selected.assumed_pods:
            continue  # where the real ones would run nobody knows
        silent = max((_silent(facts, port.endpoints) for _, port in selected.node_ports), key=len)
        if silent:
            assumed = " assumed" if all(node.assumed for node in facts.cluster.nodes.values()) else ""
            yield Hit(
                subject=selected.given,
                path="spec.externalTrafficPolicy",
                message=f"Policy Local: {len(silent)} of {len(facts.cluster.nodes)}{assumed} nodes "
                f"({some(silent)}) {'has' if len(silent) == 1 else 'have'} no ready pod: kube-proxy drops packets.",
                hint="Run the pods as a DaemonSet, send clients to nodes with pods only, or use policy Cluster.",
                remedy={"spec": {"externalTrafficPolicy": "Cluster"}},
            )


def stays_on_a_dead_node(facts: Facts) -> Iterator[Hit]:
    """Yield workloads whose tolerations hold their pods on a lost node for longer than the usual five minutes.

    DefaultTolerationSeconds adds 300 s; a toleration without tolerationSeconds is forever (Kubernetes, "Taints and
    Tolerations"). A lost node is tainted unreachable, one whose kubelet says so itself not-ready.
    """
    for backend, workload in _replicated(facts):
        spec = backend.carrier.spec
        held = {taint: how_long for taint in _OUTAGE_TAINTS if (how_long := _held(spec, taint))}
        if held:
            where = "on an unreachable node" if UNREACHABLE in held else "on a node whose kubelet reports NotReady"
            yield Hit(
                subject=workload,
                path=f"{backend.carrier.spec_path}.tolerations",
                message=f"Its pods stay {where} {next(iter(held.values()))}, and no others are created meanwhile.",
                hint="Remove the tolerations of unreachable and not-ready (the default is 300 s), or set less.",
                remedy=_in_spec(
                    backend.carrier, {"tolerations": [*map(_short, _OUTAGE_TAINTS), *_others(spec.tolerations)]}
                ),
            )


def stateful_set(facts: Facts) -> Iterator[Hit]:
    """Yield StatefulSets behind entry points: a pod of a dead node isn't replaced until somebody decides it is dead.

    Kubernetes, "Force Delete StatefulSet Pods".
    """
    for backend, workload in _replicated(facts):
        if workload.kind == "StatefulSet":
            yield Hit(
                subject=workload,
                path="kind",
                message=f"{backend.names}: pods of a crashed node are not recreated by themselves.",
                hint="Plan for it: delete the Node, or taint it node.kubernetes.io/out-of-service once it is off.",
            )


# --- one pod


def _may_be_more(pod: Pod) -> bool:
    """Return whether it is a matter of number: of a DaemonSet's or a static pod, and of a Job's, it is not."""
    kind = pod.owner.kind if pod.owner else ""
    return not pod.static and kind not in ("DaemonSet", "Job", "CronJob", "Node")


def _wanted(facts: Facts, subject: Subject) -> int:
    """Return how many pods the workload, or an autoscaler of it, wants at least."""
    if not isinstance(subject, WorkloadObject):
        return 1
    bounds = _bounds(facts, subject)
    return max(facts.cluster.workload_replicas.get(ref_of(subject), 0), bounds.least if bounds and bounds.agree else 0)


def _bounds(facts: Facts, subject: Subject) -> ReplicaBounds | None:
    return facts.replica_bounds.get(ref_of(subject)) if isinstance(subject, WorkloadObject) else None


def _when_replaced(facts: Facts, pods: Sequence[Pod]) -> str:
    """Return when another pod is created once the node of these is lost, in one sentence."""
    seconds = [found for pod in pods if (found := facts.replacements.seconds(pod)) is not None]
    pod, single = pods[0], len(pods) == 1
    if pod.node is None:
        return "It has no node at the moment."
    if seconds:
        where = ", for the same node" if pod.owner in facts.cluster.bound_workloads else ""
        which = "the pod" if single else "the first pod"
        return f"When the node goes down, {which} is recreated after about {min(seconds):.0f} s{where}."
    if not pod.controlled:
        return "It is a bare Pod: when its node goes down, nothing recreates it."
    until = ""
    if pod.owner and pod.owner.kind == "StatefulSet":
        until = " until the node is back, is deleted or gets the out-of-service taint"
    return f"When the node goes down, {'the pod is not' if single else 'no pod is'} recreated{until}."


def _second(facts: Facts, subject: Subject, pod: Pod) -> str:
    """Return what a second pod needs."""
    if not pod.controlled:
        return "Make it the template of a Deployment with at least two replicas, if the application supports it."
    if any(volume.persistent_volume_claim for volume in pod.spec.volumes):
        return (
            "Its PersistentVolumeClaim is shared by all pods of the template: unless its access mode is ReadWriteMany, "
            "a second pod on another node can't mount it. Use such storage, or an application that replicates its data."
        )
    if isinstance(subject, WorkloadObject) and subject.spec.strategy and subject.spec.strategy.type == "Recreate":
        return "Its strategy is Recreate, so two replicas may not be able to run at once: if they are, change it first."
    if isinstance(subject, WorkloadObject) and subject.kind == "StatefulSet":
        return "Run at least two if the application replicates its data: each pod of a StatefulSet has its own volumes."
    more = _autoscaled(facts, subject)
    if not facts.trial.another_fits(pod):
        return f"Run at least two, if the application supports it; at the moment a second pod fits on no node.{more}"
    return f"Run at least two on different nodes, if the application supports it.{more}"


def _autoscaled(facts: Facts, subject: Subject) -> str:
    """Return what an autoscaler has to do with the number of pods."""
    if bounds := _bounds(facts, subject):
        return f" {bounds.names} decides how many there are: set minReplicas to at least 2."
    if facts.manifests.horizontal_pod_autoscalers:
        return ""
    return " A HorizontalPodAutoscaler with minReplicas of two or more also counts; there is none in this upload."


def _may_have_two(facts: Facts, subject: Subject, pod: Pod) -> bool:
    """Return whether a second replica does no harm: it fits, and needs no volume of the first."""
    if not isinstance(subject, WorkloadObject) or subject.kind == "StatefulSet" or subject.kind not in _REPLICATED:
        return False
    if _bounds(facts, subject):
        return False  # its autoscaler would take the second one away
    claimed = any(volume.persistent_volume_claim for volume in pod.spec.volumes)
    at_once = subject.spec.strategy is None or subject.spec.strategy.type != "Recreate"
    return not claimed and at_once and facts.trial.another_fits(pod)


# --- together


def _replicated(facts: Facts) -> Iterator[tuple[Backend, WorkloadObject]]:
    for backend in facts.backends:
        if isinstance(backend.carrier.subject, WorkloadObject) and backend.carrier.subject.kind in _REPLICATED:
            yield backend, backend.carrier.subject


def _is_kept_apart(carrier: Carrier) -> bool:
    spread = any(
        (c.when_unsatisfiable or "DoNotSchedule") == "DoNotSchedule" for c in carrier.spec.topology_spread_constraints
    )
    affinity = carrier.spec.affinity
    apart = affinity.pod_anti_affinity.required if affinity and affinity.pod_anti_affinity else ()
    return spread or bool(apart) or bool(host_ports(carrier.spec))


def _silent(facts: Facts, endpoints: Sequence[Endpoint]) -> list[str]:
    """Return the nodes without a usable endpoint of their own, where there is any; each node falls back for itself."""
    by_node: dict[str | None, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints:
        by_node[endpoint.node].append(endpoint)
    if not usable(endpoints):
        return []
    return [name for name in facts.cluster.nodes if not usable(by_node[name])]


def _together(facts: Facts, domains: Mapping[str, str], where: str, key: str, *, least_nodes: int = 1) -> Iterator[Hit]:
    """Yield workloads of several pods behind services whose pods are all in one of several domains, given by node.

    A pod that waits for a node isn't counted: it is nowhere yet. Endpoints that are no known pods count as elsewhere.
    """

    def domain(nodes: Iterable[str | None]) -> str | None:
        found = {domains.get(node or "") for node in nodes}
        return found.pop() if len(found) == 1 else None

    def place(selected: Selected) -> str | None:
        return domain([*(p.node for p in selected.pods if p.node), *(e.node for e in selected.endpoints.values())])

    for backend, workload in _replicated(facts) if len(set(domains.values())) > 1 else ():
        placed = [pod for pod in backend.pods if pod.node]
        shared = domain(pod.node for pod in placed)
        services = [s for s in backend.services if shared is not None and place(s) == shared]
        behind = {pod.key: pod.node for s in services for pod in s.pods if pod.node}
        if sum(pod.key in behind for pod in placed) > 1 and len(set(behind.values())) >= least_nodes:
            names = ", ".join(s.service.key for s in services)
            yield Hit(
                subject=workload,
                path=backend.carrier.spec_path,
                message=f"All {len(behind)} pods behind {names} are {where} {shared}."
                + (f" {_when_replaced(facts, placed)}" if key == _HOSTNAME else ""),
                hint="Add a topology spread constraint, then restart the workload: running pods aren't moved.",
                remedy=_spreading(facts, backend, key, (key, _HOSTNAME)),
            )


def _spreading(facts: Facts, backend: Backend, key: str, pins: Collection[str] = ()) -> dict[str, object] | None:
    """Return the patch that spreads the pods, if all of them find a node with it and none shares a volume.

    It takes away the `pins` from the template's nodeSelector, those that keep all pods in one domain.
    """
    spec, placed = backend.carrier.spec, [pod for pod in backend.pods if pod.node]
    if any(volume.persistent_volume_claim for volume in spec.volumes):
        return None
    freed = replace(spec, node_selector={k: v for k, v in spec.node_selector.items() if k not in pins})
    if not facts.trial.fit(placed, spread_spec(freed, backend.carrier.labels, key)):
        return None
    return spread_patch(backend.carrier, key, [label for label in spec.node_selector if label in pins])


def spread_patch(carrier: Carrier, key: str, pins: Collection[str] = ()) -> dict[str, object]:
    """Return what spreads a carrier's pods over the domains of a topology key, as a patch without its head.

    It says what :func:`webapp.cluster.edits.spread_spec` does, and takes labels away from the nodeSelector.
    """
    constraint = {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": dict(carrier.labels)},
        "nodeTaintsPolicy": "Honor",
    }
    content: dict[str, object] = {"topologySpreadConstraints": [constraint]}
    if carrier.spec.node_name:
        content["nodeName"] = None
    if pins:
        content["nodeSelector"] = dict.fromkeys(pins)
    return _in_spec(carrier, content)


def _in_spec(carrier: Carrier, content: dict[str, object]) -> dict[str, object]:
    return {"spec": {"template": {"spec": content}}} if carrier.spec_path != "spec" else {"spec": content}


# --- tolerations


def _held(spec: PodSpec, taint: str) -> str:
    """Return for how long a pod stays on a node with the taint; empty for no longer than by default."""
    seconds = evict_after((Taint(key=taint, effect=NO_EXECUTE),), pod_tolerations(spec))
    if seconds is None:
        return "forever"
    return f"for {seconds} s" if seconds > _DEFAULT_SECONDS else ""


def _others(tolerations: tuple[Toleration, ...]) -> list[dict[str, object]]:
    """Return the tolerations of other taints as they are; those of all taints stay, behind the two that come first."""
    fields = {"key": "key", "operator": "operator", "value": "value", "effect": "effect"}
    fields["toleration_seconds"] = "tolerationSeconds"
    kept = (t for t in tolerations if t.key not in _OUTAGE_TAINTS or t.effect not in (None, "", NO_EXECUTE))
    named = ({name: getattr(t, field) for field, name in fields.items()} for t in kept)
    return [{name: value for name, value in each.items() if value is not None} for each in named]


def _short(taint: str) -> dict[str, object]:
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
