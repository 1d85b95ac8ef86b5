"""Nodes: those that were uploaded, those that only pods and endpoints name, or the ones assumed in their stead."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from ipaddress import ip_address

from webapp.cluster.model import FINISHED, Mentions, Node
from webapp.cluster.options import ClusterOptions
from webapp.cluster.scheduling.taints import NOT_READY, UNREACHABLE
from webapp.cluster.validation.addresses import parsed_ip
from webapp.cluster.validation.names import dns_subdomain_faults
from webapp.limits import WORDS
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import NodeObject, PodObject, PodSpec, PodStatus, Taint
from webapp.manifests.well_known_labels import HOSTNAME, OLD_REGION, OLD_ZONE, REGION, ZONE
from webapp.numbers import some

CONTROL_PLANE_LABELS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
# Stands in for the allocatable of a given Node whose manifest says nothing of its capacity.
UNLIMITED = {"cpu": "1000000", "memory": "1Pi", "ephemeral-storage": "1Pi", "pods": "110"}
# What every kubelet on Linux sets (Kubernetes, "Well-Known Labels, Annotations and Taints").
_KUBELET = {
    f"{prefix}kubernetes.io/{key}": value
    for prefix in ("", "beta.")
    for key, value in (("os", "linux"), ("arch", "amd64"))
}
_IPS = ("InternalIP", "ExternalIP")
_NAMES = ("Hostname", "InternalDNS", "ExternalDNS")


def node_of(given: NodeObject) -> Node:
    """Return the node of a Node object.

    The region is the well-known label, else its beta predecessor, as is the zone.
    """
    labels, status = given.metadata.labels, given.status
    # The API server takes any text here; kube-proxy skips what it can't parse (component-helpers, GetNodeHostIPs).
    ips = tuple(a for a in status.addresses if a.type in _IPS and parsed_ip(a.address) is not None)
    by_type = {kind: tuple(a.address for a in ips if a.type == kind) for kind in _IPS}
    ready = next((c.status for c in status.conditions if c.type == "Ready"), "True")
    taints = _with_lifecycle_taints(given.spec.taints, ready)
    roles = {taint.key for taint in taints} | labels.keys()
    return Node(
        name=given.metadata.name,
        labels=labels,
        zone=zone_of(labels),
        region=labels.get(REGION) or labels.get(OLD_REGION) or None,
        internal_ips=by_type["InternalIP"],
        external_ips=by_type["ExternalIP"],
        host_names=tuple(a.address for a in status.addresses if a.type in _NAMES),
        taints=taints,
        unschedulable=bool(given.spec.unschedulable),
        ready=ready == "True",
        allocatable=status.allocatable or status.capacity or UNLIMITED,
        control_plane=any(role in roles for role in CONTROL_PLANE_LABELS),
    )


def zone_of(labels: Mapping[str, str]) -> str | None:
    """Return the zone: the well-known label, else its beta predecessor (Kubernetes' "Well-Known Labels" reference)."""
    return labels.get(ZONE) or labels.get(OLD_ZONE) or None


def _with_lifecycle_taints(taints: tuple[Taint, ...], ready: str) -> tuple[Taint, ...]:
    """Return the taints with those of a node whose Ready condition is not True, if it has none of them yet."""
    # not-ready while it is False, unreachable while it is Unknown, each to keep new pods away and to evict
    # (node_lifecycle_controller.go, taintMap).
    if ready == "True" or any(taint.key in (NOT_READY, UNREACHABLE) for taint in taints):
        return taints
    key = NOT_READY if ready == "False" else UNREACHABLE
    return (*taints, Taint(key=key, effect="NoSchedule"), Taint(key=key, effect="NoExecute"))


def not_ready_remark(nodes: Iterable[Node]) -> str:
    """Return the sentence on the given nodes that were not Ready when they were written down; empty without any."""
    # Nothing is simulated of it: a node's Ready condition is what the control plane believes. But the usual reason is a
    # node that is off or cut off, and then it answers nobody (Kubernetes, "Nodes": heartbeats).
    names = [node.name for node in nodes if not node.ready]
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]} is NotReady in this dump: it most likely answers no client."
    return f"{some(names)} are NotReady in this dump: they most likely answer no client."


def named_nodes(manifests: Manifests, given: Container[str] = ()) -> tuple[Node, ...]:
    """Return the nodes that pods, workloads and endpoints name beside the given ones, each assumed.

    Their addresses are the ``hostIP`` and ``hostIPs`` of the pods there; of their labels only the kubelet's are known.
    """
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for (what, name), count in Counter(_mentions(manifests)).items():
        if name not in given and name and not dns_subdomain_faults(name):
            counts[name][what] = count
    addresses = _host_ips(pod for pod in manifests.pods if pod.spec.node_name in counts) if counts else {}
    return tuple(
        _assumed(name, addresses=addresses.get(name, ()), mentions=Mentions(**counts[name])) for name in counts
    )


def most_nodes(manifests: Manifests) -> int:
    """Return how many nodes are given or named: as many as there will be, but for those that are made up.

    A name that no node can have counts as well.
    """
    return len({node.metadata.name for node in manifests.nodes} | {name for _, name in _mentions(manifests)})


def counted_nodes(options: ClusterOptions) -> tuple[Node, ...]:
    """Return the nodes assumed where nothing names any: the user's names, then node-1, node-2 ...

    They have no zone, no address and no role, but the labels that every kubelet sets, and take any pod (up to the
    kubelet's 110).
    """
    names = dict.fromkeys(options.node_names[: WORDS.assumed_nodes])
    wanted = min(max(options.assume_nodes, len(names), 1), WORDS.assumed_nodes)
    number = 0
    while len(names) < wanted:
        number += 1
        names.setdefault(f"node-{number}")
    return tuple(map(_assumed, names))


def are_counted(nodes: Iterable[Node]) -> bool:
    """Return whether the number of nodes is nodefall's choice: none was given, and nothing names one."""
    return all(node.assumed and node.mentions is None for node in nodes)


def open_to_new_pods(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes that the scheduler and the DaemonSet controller may choose from.

    Both go by Node objects. Where some were given, nothing is known of the labels, the taints and the room of a node
    that only pods name; so the pods there stay, but no new one comes.
    """
    listed = list(nodes)
    if all(node.assumed for node in listed):
        return listed
    # One that the reader adds is there for new pods.
    return [node for node in listed if not node.assumed or node.mentions is None]


def added_nodes(names: Iterable[str]) -> tuple[Node, ...]:
    """Return nodes that the reader adds to those of the upload: assumed, without an address."""
    return tuple(map(_assumed, names))


def _mentions(manifests: Manifests) -> Iterator[tuple[str, str | None]]:
    """Yield what may name a node, each with the name."""
    yield from (("pods", pod.spec.node_name) for pod in manifests.pods)
    yield from (("workloads", work.spec.template.spec.node_name) for work in manifests.workloads if work.spec.template)
    yield from (("endpoints", e.node_name) for part in manifests.endpoint_slices for e in part.endpoints)
    for endpoints in manifests.endpoints:
        for subset in endpoints.subsets:
            yield from (("endpoints", e.node_name) for e in (*subset.addresses, *subset.not_ready_addresses))


def _host_ips(pods: Iterable[PodObject]) -> dict[str, tuple[str, ...]]:
    """Return each node's addresses as its pods tell them, one of each family.

    Those of pods that have finished count last: the node may have been recreated with another address since.
    """
    known: dict[str, set[tuple[bool, tuple[str, ...]]]] = defaultdict(set)
    for pod in pods:
        if pod.status is not None and pod.spec.node_name:
            finished = pod.status.phase in FINISHED
            known[pod.spec.node_name].add((finished, tuple(_ips_of_its_node(pod.spec, pod.status))))
    return {name: _first_of_each_family(ip for _, ips in sorted(known[name]) for ip in ips) for name in known}


def _ips_of_its_node(spec: PodSpec, status: PodStatus) -> Iterator[str]:
    """Yield the addresses of the pod's node, its primary one first; a hostNetwork pod's own are its node's."""
    if status.host_ip:
        yield status.host_ip
    for each in (*status.host_ips, *(status.pod_ips if spec.host_network else ())):
        yield each.ip


def _first_of_each_family(addresses: Iterable[str]) -> tuple[str, ...]:
    found: dict[int, str] = {}
    for address in addresses:
        try:
            found.setdefault(ip_address(address).version, address)
        except ValueError:
            continue
    return tuple(found.values())


def _assumed(name: str, *, addresses: tuple[str, ...] = (), mentions: Mentions | None = None) -> Node:
    labels = {HOSTNAME: name} | _KUBELET
    return Node(name=name, labels=labels, internal_ips=addresses, assumed=True, mentions=mentions)
