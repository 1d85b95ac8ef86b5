"""Rules about NetworkPolicies in front of the pods that clients come to."""

from collections.abc import Iterator

from webapp.cluster.endpoints import target_port
from webapp.cluster.model import ServicePort
from webapp.cluster.scheduling.selectors import selector_of
from webapp.findings.facts import Carrier, Facts
from webapp.findings.finding import Hit
from webapp.manifests.objects import NetworkPolicyIngressRule, NetworkPolicyObject, NetworkPolicyPort


def no_policy(facts: Facts) -> Iterator[Hit]:
    """Yield workloads behind entry points that no policy isolates: every pod of the cluster reaches them, too.

    A pod is isolated for ingress only if some policy selects it (Kubernetes, "Network Policies").
    """
    for backend in facts.backends:
        if backend.carrier.spec.host_network or isolating(facts, backend.carrier):
            continue
        ports = [
            {"port": number, "protocol": port.protocol}
            for selected in backend.services
            for _, port in selected.node_ports
            if (number := target_port(backend.carrier.spec, port.target_port, port.protocol)) is not None
        ]
        yield Hit(
            subject=backend.carrier.subject,
            path="metadata.name",
            message=f"No NetworkPolicy selects the pods behind {backend.names}: all their ports are open to all pods.",
            hint="Allow what clients need, and nothing else.",
            remedy=_opening(backend.carrier, ports) if ports else None,
        )


def admits_nobody_from_outside(facts: Facts) -> Iterator[Hit]:
    """Yield exposed ports whose pods are isolated by policies that let no address outside the cluster in.

    Peers by podSelector or namespaceSelector are pods; clients come from addresses, which only ``ipBlock`` or a rule
    without ``from`` admits (Kubernetes, "Network Policies"). Pods in their node's network are exempt.
    """
    for backend in facts.backends:
        policies = isolating(facts, backend.carrier)
        if not policies or backend.carrier.spec.host_network:
            continue
        for selected in backend.services:
            for index, port in selected.node_ports:
                if not any(admits(policy, backend.carrier, port) for policy in policies):
                    names = ", ".join(policy.metadata.name for policy in policies)
                    yield Hit(
                        subject=selected.given,
                        path=f"spec.ports[{index}]",
                        message=f"The pods of {backend.carrier.name} are isolated by NetworkPolicy {names}, which "
                        f"admits no address outside the cluster to port {port.target_port}.",
                        hint="Add a rule with ipBlock, or one without `from`, for this port.",
                        remedy=_opening(backend.carrier, [{"port": port.target_port, "protocol": port.protocol}]),
                    )


def isolating(facts: Facts, carrier: Carrier) -> list[NetworkPolicyObject]:
    """Return the policies of type Ingress that select the carrier's pods."""
    return [
        policy
        for policy in facts.manifests.network_policies
        if (policy.metadata.namespace or "default") == carrier.namespace
        and "Ingress" in (policy.spec.policy_types or ("Ingress",))
        and (policy.spec.pod_selector is None or selector_of(policy.spec.pod_selector).matches(carrier.labels))
    ]


def admits(policy: NetworkPolicyObject, carrier: Carrier, port: ServicePort) -> bool:
    """Return whether a rule of the policy lets some address from outside come to the port."""
    return any(_from_outside(rule) and _on_port(rule, carrier, port) for rule in policy.spec.ingress)


def _from_outside(rule: NetworkPolicyIngressRule) -> bool:
    return not rule.from_ or any(peer.ip_block is not None for peer in rule.from_)


def _on_port(rule: NetworkPolicyIngressRule, carrier: Carrier, port: ServicePort) -> bool:
    number = target_port(carrier.spec, port.target_port, port.protocol)
    return not rule.ports or any(_covers(allowed, carrier, port, number) for allowed in rule.ports)


def _covers(allowed: NetworkPolicyPort, carrier: Carrier, port: ServicePort, number: int | None) -> bool:
    """Return whether the rule's port is the pod's: policies see the connection after kube-proxy has changed it."""
    if (allowed.protocol or "TCP") != port.protocol:
        return False
    if allowed.port is None or number is None:
        return True
    if isinstance(allowed.port, str):
        return target_port(carrier.spec, allowed.port, port.protocol) == number
    return allowed.port <= number <= (allowed.end_port or allowed.port)


def _opening(carrier: Carrier, ports: list[dict[str, object]]) -> dict[str, object]:
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
