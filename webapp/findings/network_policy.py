"""Rules about NetworkPolicies in front of the pods that clients connect to."""

from collections.abc import Iterable, Iterator, Sequence

from webapp.cluster.endpoints import target_port
from webapp.cluster.model import ServicePort
from webapp.cluster.network_policies import AllowedClients, admitted, isolating
from webapp.findings.facts import Backend, Carrier, Facts, Selection
from webapp.findings.finding import Hit
from webapp.findings.rule import rule
from webapp.manifests.objects import NetworkPolicyObject
from webapp.manifests.problems import Severity


@rule(
    "NP260",
    Severity.INFO,
    "Exposed pod without a NetworkPolicy",
    why="Where no policy selects a pod, an attacker in any other pod of the cluster reaches all its ports.",
    fix="Allow what clients need, and nothing else. The remedy opens the service's own ports to everybody.",
    source='Kubernetes, "Network Policies"',
    together="No NetworkPolicy selects the pods of {count} workloads ({names}): none in this upload does. Unless the "
    "cluster has some, all their ports are open to all pods.",
)
def no_policy(facts: Facts) -> Iterator[Hit]:
    """Yield workloads behind entry points that no policy isolates: every pod of the cluster reaches them."""
    # Policies of a network plugin (CiliumNetworkPolicy and the like) aren't read, so they may well isolate the pods.
    if any("NetworkPolicy" in kind for kind in facts.manifests.not_used):
        return
    for backend in facts.backends:
        carrier = backend.carrier
        # Policies don't apply to pods in their node's network (Kubernetes, "Network Policies", host network).
        if carrier.spec.host_network or _isolating(facts, carrier):
            continue
        if facts.manifests.network_policies:
            none = f"No NetworkPolicy in this upload selects the pods behind {backend.names}"
        else:
            none = f"No NetworkPolicy selects the pods behind {backend.names}: there is none in this upload"
        yield Hit(
            subject=carrier.subject,
            path="metadata.name",
            message=f"{none}. Unless the cluster has one that does, all their ports are open to all pods.",
            hint="Allow what clients need, and nothing else.",
            remedy=_opening(carrier, (port for service in facts.selecting(carrier) for port in service.ports)),
        )


@rule(
    "NP261",
    Severity.WARNING,
    "NetworkPolicy that blocks clients",
    why="Network plugins that enforce policies may drop connections to the nodePort.",
    fix="Add a rule with `ipBlock`, or one without `from`, for this port. With policy Cluster the pods see the "
    "node's address instead of the client's, and whether plugins let nodes in differs.",
    source='Kubernetes, "Network Policies"',
)
def admits_nobody_from_outside(facts: Facts) -> Iterator[Hit]:
    """Yield exposed ports whose pods are isolated by policies that let no address outside the cluster in.

    Pods in their node's network are exempt: see :mod:`webapp.cluster.network_policies`.
    """
    for backend in facts.backends:
        carrier, policies = backend.carrier, _isolating(facts, backend.carrier)
        if not policies or carrier.spec.host_network:
            continue
        closed = list(_closed(backend, policies))
        names = ", ".join(policy.metadata.name for policy in policies)
        by = f"NetworkPolicy {names}, which admits" if len(policies) == 1 else f"NetworkPolicies {names}, which admit"
        for selected, index, port in closed:
            yield Hit(
                subject=selected.given,
                path=f"spec.ports[{index}]",
                message=f"The pods of {carrier.name} are isolated by {by} no address outside the cluster to port "
                f"{port.target_port}.",
                hint="Add a rule with ipBlock, or one without `from`, for this port.",
                remedy=_opening(carrier, (port for _, _, port in closed)),
            )


def _isolating(facts: Facts, carrier: Carrier) -> Sequence[NetworkPolicyObject]:
    return isolating(facts.cluster, carrier.namespace, carrier.labels)


def _closed(backend: Backend, policies: Sequence[NetworkPolicyObject]) -> Iterator[tuple[Selection, int, ServicePort]]:
    spec = backend.carrier.spec
    for selected in backend.services:
        for index, port in selected.node_ports:
            number = target_port(spec, port.target_port, port.protocol)
            families = selected.service.ip_families
            if number and admitted(policies, spec, number, port.protocol, families) is AllowedClients.NONE:
                yield selected, index, port


def _opening(carrier: Carrier, service_ports: Iterable[ServicePort]) -> dict[str, object] | None:
    """Return a policy that lets everybody connect to these ports of the pods; None if the pods have none of them."""
    # It isolates the pods, so a port that isn't in it is closed: of all services, not only those exposed.
    numbers = ((target_port(carrier.spec, p.target_port, p.protocol), p.protocol) for p in service_ports)
    ports = [{"port": number, "protocol": protocol} for number, protocol in dict.fromkeys(numbers) if number]
    if not ports:
        return None
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"{carrier.subject.metadata.name}-from-outside", "namespace": carrier.namespace},
        "spec": {
            "podSelector": {"matchLabels": dict(carrier.labels)},
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": ports}],
        },
    }
