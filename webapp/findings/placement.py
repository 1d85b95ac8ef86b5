"""Rules about where the pods behind an entry point run, and how many there are."""

from collections.abc import Iterable, Iterator, Mapping

from webapp.cluster.model import Pod
from webapp.findings.facts import Backend, Carrier, Facts
from webapp.findings.finding import Hit
from webapp.manifests.objects import Toleration, WorkloadObject

_DEFAULT_SECONDS = 300
_REPLICATED = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController", "DeploymentConfig", "Rollout")
_HOSTNAME = "kubernetes.io/hostname"
_ZONE = "topology.kubernetes.io/zone"
_OUTAGE_TAINTS = ("node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready")


def one_replica(facts: Facts) -> Iterator[Hit]:
    """Yield workloads with one pod behind an entry point, unless an autoscaler keeps more."""
    for backend, workload in _replicated(facts):
        if len(backend.pods) == 1 and len(_alike(backend)) == 1 and _least(facts, workload) < 2:
            yield Hit(
                subject=workload,
                path="spec.replicas",
                message=f"One pod alone answers for {backend.names}.",
                hint="Run at least two, and keep them on different nodes, if the program bears that.",
                # No edit of the file: only its author knows whether the program bears a second one beside it.
                remedy={"spec": {"replicas": 2}} if workload.kind != "StatefulSet" else None,
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

    Its default constraints are ScheduleAnyway: a preference (Kubernetes, "Pod Topology Spread Constraints").
    """
    for backend, workload in _replicated(facts):
        if len(backend.pods) > 1 and not _is_kept_apart(backend.carrier):
            yield Hit(
                subject=workload,
                path=backend.carrier.spec_path,
                message=f"Nothing keeps its {len(backend.pods)} pods from sharing one node.",
                hint="Add a topology spread constraint over nodes.",
                remedy=spread_patch(backend.carrier, _HOSTNAME),
            )


def local_without_pods(facts: Facts) -> Iterator[Hit]:
    """Yield NodePort services of policy Local with nodes that have no ready pod: those drop what arrives.

    Node-local endpoints only, and no way to the others (Kubernetes, "Virtual IPs and Service Proxies"). A LoadBalancer
    asks each node's healthCheckNodePort, so there it is no fault.
    """
    for selected in facts.exposed:
        service = selected.service
        if service.type != "NodePort" or service.external_traffic_policy != "Local" or not selected.has_endpoints:
            continue
        if selected.assumed_pods:
            continue  # where the real ones would run nobody knows
        serving = {e.node for port in service.ports for e in port.endpoints if e.ready}
        silent = [name for name in facts.cluster.nodes if name not in serving]
        if silent:
            assumed = " assumed" if next(iter(facts.cluster.nodes.values())).assumed else ""
            yield Hit(
                subject=selected.given,
                path="spec.externalTrafficPolicy",
                message=f"Policy Local: {len(silent)} of {len(facts.cluster.nodes)}{assumed} nodes "
                f"({_some(silent)}) have no ready pod and drop what arrives there.",
                hint="Run the pods as a DaemonSet, send clients to nodes with pods only, or use policy Cluster.",
                remedy={"spec": {"externalTrafficPolicy": "Cluster"}},
            )


def stays_on_a_dead_node(facts: Facts) -> Iterator[Hit]:
    """Yield workloads whose tolerations hold their pods on a lost node for longer than the usual five minutes.

    DefaultTolerationSeconds adds 300 s; a toleration without tolerationSeconds is for ever (Kubernetes, "Taints and
    Tolerations").
    """
    for backend, workload in _replicated(facts):
        tolerations = backend.carrier.spec.tolerations
        if slow := [t for t in tolerations if _outlasts(t)]:
            seconds = [t.toleration_seconds for t in slow if t.toleration_seconds is not None]
            how_long = "for ever" if len(seconds) < len(slow) else f"for {max(seconds)} s"
            yield Hit(
                subject=workload,
                path=f"{backend.carrier.spec_path}.tolerations",
                message=f"Its pods stay on a lost node {how_long}, and no others are made meanwhile.",
                hint="Leave the tolerations of unreachable and not-ready to the default of 300 s, or say less.",
                remedy=_in_spec(
                    backend.carrier, {"tolerations": [*_others(tolerations), *map(_short, _OUTAGE_TAINTS)]}
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
                message=f"{backend.names}: a pod on a crashed node stays Terminating, and no other is made.",
                hint="Plan for it: delete the Node, or taint it node.kubernetes.io/out-of-service once it is off.",
            )


def _replicated(facts: Facts) -> Iterator[tuple[Backend, WorkloadObject]]:
    for backend in facts.backends:
        if isinstance(backend.carrier.subject, WorkloadObject) and backend.carrier.subject.kind in _REPLICATED:
            yield backend, backend.carrier.subject


def _alike(backend: Backend) -> set[Carrier]:
    """Return all that stands behind the same services."""
    return {carrier for selected in backend.services for carrier in selected.carriers}


def _least(facts: Facts, workload: WorkloadObject) -> int:
    """Return how many pods an autoscaler keeps at least; 0 without one."""
    targets = (
        hpa.spec.min_replicas or 1
        for hpa in facts.manifests.horizontal_pod_autoscalers
        if hpa.metadata.namespace == workload.metadata.namespace
        and (hpa.spec.scale_target_ref.kind, hpa.spec.scale_target_ref.name) == (workload.kind, workload.metadata.name)
    )
    return max(targets, default=0)


def _is_kept_apart(carrier: Carrier) -> bool:
    spread = any(
        (c.when_unsatisfiable or "DoNotSchedule") == "DoNotSchedule" for c in carrier.spec.topology_spread_constraints
    )
    affinity = carrier.spec.affinity
    apart = affinity.pod_anti_affinity.required if affinity and affinity.pod_anti_affinity else ()
    return spread or bool(apart)


def _together(facts: Facts, domains: Mapping[str, str], where: str, key: str, *, least_nodes: int = 1) -> Iterator[Hit]:
    """Yield workloads of several pods behind services whose pods are all in one of several domains, given by node.

    A pod that waits for a node isn't counted: it is nowhere yet.
    """

    def domain(pods: Iterable[Pod]) -> str | None:
        found = {domains.get(pod.node) for pod in pods if pod.node}
        return found.pop() if len(found) == 1 else None

    for backend, workload in _replicated(facts) if len(set(domains.values())) > 1 else ():
        shared = domain(backend.pods)
        services = [s for s in backend.services if shared is not None and domain(s.pods) == shared]
        placed = {pod.key: pod.node for s in services for pod in s.pods if pod.node}
        if sum(pod.key in placed for pod in backend.pods) > 1 and len(set(placed.values())) >= least_nodes:
            names = ", ".join(s.service.key for s in services)
            yield Hit(
                subject=workload,
                path=backend.carrier.spec_path,
                message=f"All {len(placed)} pods behind {names} are {where} {shared}.",
                hint="Add a topology spread constraint, then restart the workload: running pods aren't moved.",
                remedy=_in_spec(
                    backend.carrier, {**_constraint(backend.carrier, key), **_unpinned(backend.carrier, key)}
                ),
            )


def _unpinned(carrier: Carrier, key: str) -> dict[str, object]:
    """Return what takes away the template's own choice of a node, or of a domain of the key."""
    pins: dict[str, object] = {}
    if carrier.spec.node_name:
        pins["nodeName"] = None
    if chosen := [each for each in (key, _HOSTNAME) if each in carrier.spec.node_selector]:
        pins["nodeSelector"] = dict.fromkeys(chosen)
    return pins


def spread_patch(carrier: Carrier, key: str) -> dict[str, object]:
    """Return what spreads a carrier's pods over the domains of a topology key, as a patch without its head."""
    return _in_spec(carrier, _constraint(carrier, key))


def _constraint(carrier: Carrier, key: str) -> dict[str, object]:
    constraint = {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": dict(carrier.labels)},
    }
    return {"topologySpreadConstraints": [constraint]}


def _in_spec(carrier: Carrier, content: dict[str, object]) -> dict[str, object]:
    return {"spec": {"template": {"spec": content}}} if carrier.spec_path != "spec" else {"spec": content}


def _outlasts(toleration: Toleration) -> bool:
    concerns = toleration.effect in (None, "", "NoExecute") and toleration.key in (*_OUTAGE_TAINTS, None, "")
    seconds = toleration.toleration_seconds
    return concerns and (seconds is None or seconds > _DEFAULT_SECONDS)


def _others(tolerations: tuple[Toleration, ...]) -> list[dict[str, object]]:
    kept = (t for t in tolerations if not _outlasts(t) and t.key not in _OUTAGE_TAINTS)
    named = ((("key", t.key), ("operator", t.operator), ("value", t.value), ("effect", t.effect)) for t in kept)
    return [{key: value for key, value in fields if value} for fields in named]


def _short(taint: str) -> dict[str, object]:
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}


def _some(names: list[str], shown: int = 3) -> str:
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")
