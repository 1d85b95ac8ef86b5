"""NetworkPolicies in front of the pods of a service port: which ones select them, and whom they admit.

nodefall does not simulate policies; what is known of them is said beside every share (Kubernetes, "Network Policies").
Policies see a connection after kube-proxy has changed it, so their ports are the pod's. Pods in their node's network
are exempt: for these the behaviour is undefined.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_network

from webapp.cluster.endpoints import target_port
from webapp.cluster.model import Cluster, Endpoint, Pod, PodKey, Service, ServiceKey, ServicePort
from webapp.cluster.remembered import once_per_cluster
from webapp.cluster.scheduling.selectors import Selector, selector_of
from webapp.manifests.objects import (
    IPBlock,
    Labels,
    NetworkPolicyIngressRule,
    NetworkPolicyObject,
    NetworkPolicyPort,
    PodSpec,
)
from webapp.numbers import some
from webapp.records import dataclass

_BITS = {"IPv4": 32, "IPv6": 128}


class AllowedClients(StrEnum):
    """Which addresses outside the cluster the policies of a pod admit to one of its ports."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


_ORDER = tuple(AllowedClients)


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What policies mean for the pods of one service port."""

    policies: tuple[str, ...]
    """The names of those that select the pods; of pods that differ, those that admit least count."""
    admitted: AllowedClients
    blocks: tuple[str, ...]
    """The ipBlocks that are admitted, where it is some."""
    number: int
    """The port of the pods."""
    pods: int
    """How many pods these are."""
    of: int
    """How many known pods the service port has."""


@dataclass(frozen=True, slots=True)
class _Policies:
    """The policies of type Ingress by namespace; those that ask for a label are found by it."""

    by_label: Mapping[tuple[str, str, str], Sequence[tuple[Selector, NetworkPolicyObject]]]
    others: Mapping[str, Sequence[tuple[Selector, NetworkPolicyObject]]]
    namespaces: frozenset[str]


def isolating(cluster: Cluster, namespace: str, labels: Labels) -> tuple[NetworkPolicyObject, ...]:
    """Return the policies that isolate pods of a namespace with such labels for ingress."""
    return _matching(_of_cluster(cluster), namespace, labels)


def admitted(
    policies: Iterable[NetworkPolicyObject], spec: PodSpec, number: int, protocol: str, families: Iterable[str]
) -> AllowedClients:
    """Return which outside addresses of the families the policies together admit to a pod's port.

    Peers by podSelector or namespaceSelector are pods; addresses are admitted by ``ipBlock``, and by a rule without
    ``from``.
    """
    rules = [r for p in policies for r in p.spec.ingress if _is_on_port(r, spec, number, protocol)]
    # A rule without `from` admits everybody (networking/v1 NetworkPolicyIngressRule).
    if any(not rule.from_ for rule in rules):
        return AllowedClients.ALL
    blocks = [peer.ip_block for rule in rules for peer in rule.from_ if peer.ip_block is not None]
    found = {_covered(blocks, family) for family in families}
    return found.pop() if len(found) == 1 else AllowedClients.SOME


def isolation(cluster: Cluster, service: Service, port: ServicePort) -> Isolation | None:
    """Return what policies mean for a service port's pods, where they are admitted least; None if none is selected."""
    return _isolation(_of_cluster(cluster), cluster.pods, service, port)


def policy_note(cluster: Cluster, service: Service, port: ServicePort) -> str:
    """Return one sentence on what may keep clients of a service port out; empty where no policy does."""
    found = isolation(cluster, service, port)
    if found is None or found.admitted is AllowedClients.ALL:
        return ""
    one = len(found.policies) == 1
    kind, selects, admits = ("NetworkPolicy", "selects", "admits") if one else ("NetworkPolicies", "select", "admit")
    count = "the pods" if found.pods == found.of else f"{found.pods} of {found.of} pods"
    whom = "no address outside the cluster" if found.admitted is AllowedClients.NONE else f"only {some(found.blocks)}"
    return (
        f"{kind} {some(found.policies)} {selects} {count} of {service.key} and {admits} {whom} to port "
        f"{found.number}: clients may be blocked, whatever share is shown."
    )


def may_block(
    policies: Iterable[NetworkPolicyObject], pods: Mapping[PodKey, Pod], services: Mapping[ServiceKey, Service]
) -> tuple[ServiceKey, ...]:
    """Return the services with a nodePort to whose pods some policy doesn't admit every outside address, in order."""
    index = _indexed(policies)

    def blocks(service: Service, port: ServicePort) -> bool:
        found = _isolation(index, pods, service, port) if port.node_port is not None else None
        return found is not None and found.admitted is not AllowedClients.ALL

    return tuple(key for key, service in services.items() if any(blocks(service, port) for port in service.ports))


def _isolation(index: _Policies, pods: Mapping[PodKey, Pod], service: Service, port: ServicePort) -> Isolation | None:
    if service.namespace not in index.namespaces:
        return None
    behind = {e.pod: e for e in port.endpoints if e.pod is not None and e.pod in pods}
    groups = Counter(
        group for key, e in behind.items() if (group := _of_pod(index, pods[key], e, service, port)) is not None
    )
    if not groups:
        return None
    # Pods of one service may have different policies; what keeps most clients out is what users ask about.
    (whom, names, blocks, number), count = max(groups.items(), key=lambda group: (_ORDER.index(group[0][0]), group[1]))
    return Isolation(policies=names, admitted=whom, blocks=blocks, number=number, pods=count, of=len(behind))


def _of_pod(
    index: _Policies, pod: Pod, endpoint: Endpoint, service: Service, port: ServicePort
) -> tuple[AllowedClients, tuple[str, ...], tuple[str, ...], int] | None:
    """Return whom a pod's policies admit, their names, the ipBlocks admitted if it is some, and the pod's port."""
    # Most network plugins can't tell such a pod's traffic from its node's (Kubernetes, "Network Policies").
    if pod.spec.host_network:
        return None
    policies = _matching(index, pod.namespace, pod.labels)
    if not policies:
        return None
    whom = admitted(policies, pod.spec, endpoint.port, port.protocol, service.ip_families)
    names = tuple(sorted(policy.metadata.name for policy in policies))
    blocks = _admitted_blocks(policies, pod.spec, endpoint.port, port.protocol) if whom is AllowedClients.SOME else ()
    return whom, names, tuple(blocks), endpoint.port


@once_per_cluster
def _of_cluster(cluster: Cluster) -> _Policies:
    return _indexed(cluster.network_policies)


def _indexed(policies: Iterable[NetworkPolicyObject]) -> _Policies:
    by_label: dict[tuple[str, str, str], list[tuple[Selector, NetworkPolicyObject]]] = defaultdict(list)
    others: dict[str, list[tuple[Selector, NetworkPolicyObject]]] = defaultdict(list)
    namespaces = set()
    for policy in policies:
        if "Ingress" not in (policy.spec.policy_types or ("Ingress",)):
            continue
        namespace, given = policy.metadata.effective_namespace, policy.spec.pod_selector
        namespaces.add(namespace)
        selector = selector_of(given) if given is not None else Selector()
        pair = next(iter(given.match_labels.items()), None) if given is not None else None
        (by_label[(namespace, *pair)] if pair else others[namespace]).append((selector, policy))
    return _Policies(by_label, others, frozenset(namespaces))


def _matching(index: _Policies, namespace: str, labels: Labels) -> tuple[NetworkPolicyObject, ...]:
    near = [each for key, value in labels.items() for each in index.by_label.get((namespace, key, value), ())]
    candidates = (*index.others.get(namespace, ()), *near)
    return tuple(policy for selector, policy in candidates if selector.matches(labels))


def _is_on_port(rule: NetworkPolicyIngressRule, spec: PodSpec, number: int, protocol: str) -> bool:
    return not rule.ports or any(_covers(allowed, spec, number, protocol) for allowed in rule.ports)


def _covers(allowed: NetworkPolicyPort, spec: PodSpec, number: int, protocol: str) -> bool:
    if (allowed.protocol or "TCP") != protocol:
        return False
    if allowed.port is None:
        return True
    if isinstance(allowed.port, str):
        return target_port(spec, allowed.port, protocol) == number
    return allowed.port <= number <= (allowed.end_port or allowed.port)


def _admitted_blocks(
    policies: Iterable[NetworkPolicyObject], spec: PodSpec, number: int, protocol: str
) -> dict[str, None]:
    rules = (r for p in policies for r in p.spec.ingress if _is_on_port(r, spec, number, protocol))
    blocks = (peer.ip_block for rule in rules for peer in rule.from_ if peer.ip_block is not None)
    return dict.fromkeys(f"{b.cidr} (but not {some(b.except_)})" if b.except_ else b.cidr for b in blocks)


def _covered(blocks: Iterable[IPBlock], family: str) -> AllowedClients:
    """Return how much of a family's addresses the blocks cover."""
    ranges = sorted(found for block in blocks for found in _ranges(block, family))
    end = 0
    for first, last in ranges:
        if first > end:
            return AllowedClients.SOME
        end = max(end, last + 1)
    if not ranges:
        return AllowedClients.NONE
    return AllowedClients.ALL if end == 1 << _BITS[family] else AllowedClients.SOME


def _ranges(block: IPBlock, family: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last address of each stretch that a block leaves of its cidr; nothing of another family."""
    base = _network(block.cidr, family)
    if base is None:
        return
    start, last = base
    for first, end in sorted(filter(None, (_network(each, family) for each in block.except_))):
        if first > start:
            yield start, first - 1
        start = max(start, end + 1)
    if start <= last:
        yield start, last


def _network(cidr: str, family: str) -> tuple[int, int] | None:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return None
    if network.max_prefixlen != _BITS[family]:
        return None
    return int(network.network_address), int(network.broadcast_address)
