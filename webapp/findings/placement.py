"""Rules about where the pods behind an entry point run."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from webapp.cluster.model import Endpoint, Pod
from webapp.cluster.pod_map import pods_in
from webapp.cluster.rescaling import spread_spec
from webapp.cluster.scheduling.ports import host_ports
from webapp.findings.facts import Backend, Carrier, Facts, Selection
from webapp.findings.finding import Hit
from webapp.findings.replicas import when_replaced
from webapp.findings.rule import rule
from webapp.findings.usable import usable
from webapp.manifests.problems import Severity
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.numbers import some

_MOST_TRIED = 50
"""Patches that are worked out for a note: of several notes of one kind a single patch is shown."""


@rule(
    "NP221",
    Severity.WARNING,
    "All pods on one node",
    why="When that node goes down, all connections fail until other pods are ready.",
    fix="Add a topology spread constraint over `kubernetes.io/hostname`, then restart the workload. A patch is "
    "offered where all pods find a node with it.",
)
def all_on_one_node(facts: Facts) -> Iterator[Hit]:
    """Yield workloads behind services whose pods all share one node although there are others."""
    nodes = {name: name for name in facts.cluster.nodes}
    yield from _together(facts, nodes, "on node", HOSTNAME)


@rule(
    "NP222",
    Severity.WARNING,
    "All pods in one zone",
    why="When that zone goes down, all connections fail until other pods are ready.",
    fix="Add a topology spread constraint over `topology.kubernetes.io/zone`, then restart the workload.",
)
def all_in_one_zone(facts: Facts) -> Iterator[Hit]:
    """Yield workloads behind services whose pods are on several nodes but in one zone, although there are others."""
    # A node without the label is in no zone, not in one that it shares with others like it.
    zones = {name: node.zone for name, node in facts.cluster.nodes.items() if node.zone}
    yield from _together(facts, zones, "in zone", ZONE, least_nodes=2)


@rule(
    "NP223",
    Severity.INFO,
    "Nothing spreads the pods",
    why="kube-scheduler prefers to spread them, but may place all on one node, whose failure then stops all.",
    fix="Add a topology spread constraint with `whenUnsatisfiable: DoNotSchedule`, or required anti-affinity.",
    source='Kubernetes, "Pod Topology Spread Constraints", default constraints',
    together="Nothing keeps the pods of {count} workloads from sharing one node: {names}.",
)
def nothing_spreads(facts: Facts) -> Iterator[Hit]:
    """Yield workloads of several pods that nothing keeps from sharing one node."""
    # The scheduler's own default constraints are ScheduleAnyway, a preference: they keep nothing apart.
    loose = (its for its in facts.replicated if len(its[0].pods) > 1 and not _is_kept_apart(its[0].carrier))
    for number, (backend, workload) in enumerate(loose):
        yield Hit(
            subject=workload,
            path=backend.carrier.spec_path,
            message=f"Nothing keeps its {len(backend.pods)} pods from sharing one node.",
            hint="Add a topology spread constraint over nodes.",
            remedy=_spreading(facts, backend, HOSTNAME) if number < _MOST_TRIED else None,
        )


@rule(
    "NP224",
    Severity.WARNING,
    "Policy Local and nodes without pods",
    why="kube-proxy on such a node drops the packets, so clients time out.",
    fix="Run the pods as a DaemonSet, send clients to nodes with pods only (a load balancer that checks the "
    "`healthCheckNodePort`), or use policy Cluster. Not reported for LoadBalancer services, whose load balancer "
    "checks it.",
    source='Kubernetes, "Virtual IPs and Service Proxies", traffic policies',
)
def local_without_pods(facts: Facts) -> Iterator[Hit]:
    """Yield NodePort services of policy Local with nodes that have no usable pod: those drop what arrives."""
    for selected in facts.exposed:
        service = selected.service
        # A LoadBalancer asks each node's healthCheckNodePort, so there it is no fault.
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


def _is_kept_apart(carrier: Carrier) -> bool:
    spread = any(
        (c.when_unsatisfiable or "DoNotSchedule") == "DoNotSchedule" for c in carrier.spec.topology_spread_constraints
    )
    affinity = carrier.spec.affinity
    apart = affinity.pod_anti_affinity.required if affinity and affinity.pod_anti_affinity else ()
    # Two pods with one host port never share a node.
    return spread or bool(apart) or bool(host_ports(carrier.spec))


def _silent(facts: Facts, endpoints: Sequence[Endpoint]) -> list[str]:
    """Return the nodes without a usable endpoint of their own, where there is any; each node falls back for itself."""
    by_node: dict[str | None, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints:
        by_node[endpoint.node].append(endpoint)
    # Without any usable endpoint the nodes refuse instead of dropping, which is NP212's.
    if not usable(endpoints):
        return []
    return [name for name in facts.cluster.nodes if not usable(by_node[name])]


def _together(facts: Facts, domains: Mapping[str, str], where: str, key: str, *, least_nodes: int = 1) -> Iterator[Hit]:
    """Yield workloads of several pods behind services whose pods are all in one of several domains, given by node."""

    def domain(nodes: Iterable[str | None]) -> str | None:
        found = {domains.get(node or "") for node in nodes}
        return found.pop() if len(found) == 1 else None

    def place(selected: Selection) -> str | None:
        return domain([*(p.node for p in selected.pods if p.node), *(e.node for e in selected.endpoints.values())])

    for backend, workload in facts.replicated if len(set(domains.values())) > 1 else ():
        # A pod that waits for a node is nowhere yet. Endpoints that are no known pods count as elsewhere.
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
                + (f" {when_replaced(facts, placed)}" if key == HOSTNAME else ""),
                hint="Add a topology spread constraint, then restart the workload: running pods aren't moved.",
                remedy=_spreading(facts, backend, key, (key, HOSTNAME)),
            )


def _spreading(facts: Facts, backend: Backend, key: str, pins: Collection[str] = ()) -> dict[str, object] | None:
    """Return the patch that spreads the pods, if all of them find a node with it and none shares a volume.

    It takes away the `pins` from the template's nodeSelector, those that keep all pods in one domain.
    """
    spec, placed = backend.carrier.spec, [pod for pod in backend.pods if pod.node]
    # A claim that all pods share may bind them to one node or zone, wherever the constraint wants them.
    if any(volume.persistent_volume_claim for volume in spec.volumes):
        return None
    freed = replace(spec, node_selector={k: v for k, v in spec.node_selector.items() if k not in pins})
    as_now = key == HOSTNAME and freed == spec and _may_stay(facts, backend.carrier, placed)
    if not as_now and not facts.trial.fit(placed, spread_spec(freed, backend.carrier.labels, key)):
        return None
    return spread_patch(backend.carrier, key, [label for label in spec.node_selector if label in pins])


def _may_stay(facts: Facts, carrier: Carrier, placed: Sequence[Pod]) -> bool:
    """Return whether pods that have a node each would find as many again if no two of them could share one."""
    # The scheduler, asked again, has at least the nodes of now to choose from, and takes one more with each pod: it
    # needn't be asked, which takes a look at 150,000 pods. Pods that are the same to it stand for each other; what
    # depends on other pods, or on nodes that have changed since a real scheduler chose them, it has to decide.
    spec, affinity = carrier.spec, carrier.spec.affinity
    depends = affinity is not None and (affinity.pod_affinity or affinity.pod_anti_affinity)
    if depends or spec.node_name or spec.topology_spread_constraints or host_ports(spec):
        return False
    like = pods_in(facts.pods_carrying(carrier.namespace, carrier.labels), facts.cluster.pods)
    known = (facts.cluster.nodes.get(pod.node or "") for pod in placed if pod.assumed)
    hosts = {node.labels[HOSTNAME] for node in known if node is not None and HOSTNAME in node.labels}
    return len(hosts) == len(placed) == sum(1 for _ in like)


def spread_patch(carrier: Carrier, key: str, pins: Collection[str] = ()) -> dict[str, object]:
    """Return what spreads a carrier's pods over the domains of a topology key, as a patch without its head.

    It says what :func:`webapp.cluster.rescaling.spread_spec` does, and takes labels away from the nodeSelector.
    """
    # With Honor, nodes whose taints the pods don't tolerate are no domain that has to get its share (KEP-3094).
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
    return carrier.patch(content)
