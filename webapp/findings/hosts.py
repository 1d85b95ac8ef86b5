"""Rules about ports that pods open on their own node."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from webapp.cluster.model import FINISHED, Pod
from webapp.cluster.scheduling.ports import host_ports, ports_conflict
from webapp.findings.facts import Carrier, Facts
from webapp.findings.finding import Hit
from webapp.findings.rule import rule
from webapp.manifests.problems import Severity

_FULL = "free ports"
"""What the scheduler says of a node whose host ports are taken."""


@rule(
    "NP240",
    Severity.ERROR,
    "Host port used twice",
    why="Only one of the pods can run on a node; the other stays Pending or fails.",
    fix="Give one of them another port, or other nodes. Without Nodes in the upload, only DaemonSets are compared.",
    source="kubernetes/kubernetes pkg/scheduler/framework/plugins/nodeports",
)
def host_port_clash(facts: Facts) -> Iterator[Hit]:
    """Yield workloads whose host ports another pod holds wherever they may run."""
    # The scheduler leaves such a pod Pending; one that names its node is rejected by the kubelet there (NodePorts),
    # which makes it Failed: the clash is why, so it still counts.
    opening = [
        pod
        for carrier in facts.carriers
        if host_ports(carrier.spec)
        for pod in facts.pods_of(carrier)
        if pod.phase not in FINISHED or pod.rejected
    ]
    told: set[frozenset[Carrier]] = set()
    for holder, pod in _clashes(facts, opening):
        one, other = facts.carrier_of(holder), facts.carrier_of(pod)
        # Replicas of one workload that don't fit wait for more nodes: that is NP214's.
        if one and other and one is not other and frozenset((one, other)) not in told:
            told.add(frozenset((one, other)))
            shared = {p.port for p in host_ports(other.spec) if ports_conflict((p,), host_ports(one.spec))}
            yield Hit(
                subject=other.subject,
                path=other.spec_path,
                message=f"Its host port {', '.join(map(str, sorted(shared)))} is also that of {one.name}, "
                "on the same nodes.",
                hint="Give one of them another port, or other nodes.",
            )


@rule(
    "NP241",
    Severity.WARNING,
    "Host port that is also a nodePort",
    why="On that node one of the two gets the other's connections.",
    fix="Keep host ports out of the node port range.",
)
def host_port_in_the_node_port_range(facts: Facts) -> Iterator[Hit]:
    """Yield pods whose host port is some service's nodePort: one of them gets what is meant for the other."""
    # A number that nodefall assigned itself would be another one in a cluster.
    ports = ((s, p) for s in facts.numbered for _, p in s.node_ports if not p.node_port_assigned)
    taken = {(p.node_port, p.protocol): s.service.key for s, p in ports}
    for carrier in facts.carriers if taken else ():
        for port in host_ports(carrier.spec):
            if owner := taken.get((port.port, port.protocol)):
                yield Hit(
                    subject=carrier.subject,
                    path=carrier.spec_path,
                    message=f"Its host port {port.port} is also the nodePort of {owner}.",
                    hint="Keep host ports out of the node port range.",
                )


def _clashes(facts: Facts, opening: Sequence[Pod]) -> Iterator[tuple[Pod, Pod]]:
    """Yield pairs of pods that want the same port: on one node, or one that waits for what the other holds."""
    by_port: dict[tuple[str, int], list[Pod]] = defaultdict(list)
    for pod in opening:
        for port in host_ports(pod.spec):
            by_port[port.protocol, port.port].append(pod)
    for rivals in by_port.values():
        placed = [pod for pod in rivals if pod.node]
        by_right = sorted(placed, key=lambda pod: bool(pod.rejected))
        holders = {pod.node: pod for pod in reversed(by_right)}
        waiting = [pod for pod in rivals if not pod.node and _FULL in pod.pending and _is_certain(facts, pod)]
        pairs = [*((holders[pod.node], pod) for pod in placed), *((a, b) for b in waiting for a in holders.values())]
        yield from ((a, b) for a, b in pairs if ports_conflict(host_ports(a.spec), host_ports(b.spec)))


def _is_certain(facts: Facts, pod: Pod) -> bool:
    # How many nodes there are is a guess where none was given; a DaemonSet wants each of them, however many.
    return bool(facts.manifests.nodes) or (pod.owner is not None and pod.owner.kind == "DaemonSet")
